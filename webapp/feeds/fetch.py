"""Fetches a report over HTTP: only from allowed hosts, within limits, and not again when it has not changed.

What goes wrong is told in sentences that name the host and nothing else of an address: the rest may be secret.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from webapp.outgoing import AddressRefused, GuardedAdapter

MOST_REDIRECTS = 5
LONGEST_ETAG = 180
PORTS = {"http": 80, "https": 443}
NO_PORT = -1


@dataclass(frozen=True)
class Limits:
    """How long and how much: seconds and bytes. `pauses` lie between the tries, one fewer than those."""

    connect_seconds: float = 10
    read_seconds: float = 300
    total_seconds: float = 900
    most_bytes: int = 64_000_000
    pauses: tuple[float, ...] = (1.0, 4.0)


LIMITS = Limits()


@dataclass(frozen=True)
class Hosts:
    """Where reports may come from.

    `names` are allowed host names; `own` the (host, port) pairs of those configured addresses that may be private:
    an operator wrote them down, a redirect is only somebody's claim.
    """

    names: frozenset[str]
    own: frozenset[tuple[str, int]]

    @classmethod
    def of(
        cls, urls: Iterable[str], allowed: Iterable[str], may_be_private: Callable[[str], bool] = lambda url: True
    ) -> "Hosts":
        """The hosts that `allowed` lists (`FEED_ALLOWED_HOSTS`), or those of the configured `urls`.

        `may_be_private` says which of these may lie in our own network (`Settings.may_be_private`).
        """
        given = [url for url in urls if url]
        own = frozenset(_host_and_port(urlsplit(url)) for url in given if may_be_private(url))
        names = frozenset(map(str.lower, allowed)) or frozenset(_host_and_port(urlsplit(url))[0] for url in given)
        return cls(names, own)

    def allow(self, parts: SplitResult) -> bool:
        """Whether a report may be fetched from this address's host."""
        host, port = _host_and_port(parts)
        is_listed = host in self.names or f"{host}:{port}" in self.names
        return parts.scheme in PORTS and port != NO_PORT and is_listed

    def may_be_private(self, parts: SplitResult) -> bool:
        """Whether this very host and port are configured as such."""
        return _host_and_port(parts) in self.own


@dataclass(frozen=True)
class Fetched:
    """What came: the bytes, or None where the report is as it was when it carried `etag`."""

    content: bytes | None
    etag: str = ""


class FetchFailed(Exception):
    """The report could not be had; the sentence is for a person. `may_pass`: another try may help."""

    def __init__(self, sentence: str, *, may_pass: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.may_pass = may_pass


def fetch(url: str, hosts: Hosts, *, etag: str = "", limits: Limits = LIMITS) -> Fetched:
    """Fetch `url`, trying again after 5xx and network errors. Raises `FetchFailed`.

    `etag` is what the last good import carried: the same report is then not sent again.
    """
    deadline = time.monotonic() + limits.total_seconds
    for pause in (*limits.pauses, None):
        try:
            return _follow(url, hosts, etag, limits, deadline)
        except FetchFailed as failure:
            if pause is None or not failure.may_pass or time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def _follow(url: str, hosts: Hosts, etag: str, limits: Limits, deadline: float) -> Fetched:
    for _ in range(MOST_REDIRECTS + 1):
        parts = _checked(url, hosts)
        try:
            with _session(may_be_private=hosts.may_be_private(parts)) as session:
                found = _get(session, url, etag, limits, deadline)
        except AddressRefused:
            raise FetchFailed(f"{parts.hostname} leads to a private address that may not be called.") from None
        except (requests.RequestException, HTTPError) as error:
            raise _explained(error, parts, limits) from None
        if isinstance(found, Fetched):
            return found
        url = _next_address(url, found)
    raise FetchFailed(f"{parts.hostname} sends us on and on ({MOST_REDIRECTS} redirects).")


def _checked(url: str, hosts: Hosts) -> SplitResult:
    parts = urlsplit(url)
    if not hosts.allow(parts):
        name = parts.hostname or "an address without a host"
        raise FetchFailed(f"Reports may not be fetched from {name}: FEED_ALLOWED_HOSTS does not list it.")
    return parts


def _get(session: requests.Session, url: str, etag: str, limits: Limits, deadline: float) -> Fetched | str:
    """The report, or the address of a redirect."""
    headers = {"Accept": "text/csv, text/plain, */*;q=0.5", "Accept-Encoding": "gzip"}
    if etag:
        headers["If-None-Match"] = etag
    with session.get(
        url,
        headers=headers,
        timeout=(limits.connect_seconds, limits.read_seconds),
        allow_redirects=False,
        stream=True,
    ) as response:
        if response.status_code == HTTPStatus.NOT_MODIFIED and etag:
            return Fetched(None, etag)
        if response.is_redirect:
            return response.headers["Location"]
        if response.status_code != HTTPStatus.OK:
            raise _bad_status(response.status_code, urlsplit(url))
        content = _read(response, urlsplit(url), limits, deadline)
        found = response.headers.get("ETag", "")
        return Fetched(content, found if len(found) <= LONGEST_ETAG else "")


def _read(response: requests.Response, parts: SplitResult, limits: Limits, deadline: float) -> bytes:
    content = bytearray()
    # read1 comes back with whatever has arrived: a server that drips must not hold us beyond the deadline.
    while chunk := response.raw.read1(65_536, decode_content=True):
        content += chunk
        if len(content) > limits.most_bytes:
            raise FetchFailed(
                f"The report from {parts.hostname} is larger than {limits.most_bytes / 1_000_000:,.1f} MB."
            )
        if time.monotonic() > deadline:
            raise FetchFailed(f"The report from {parts.hostname} came too slowly.")
    return bytes(content)


def _next_address(url: str, location: str) -> str:
    address = urljoin(url, location)
    if urlsplit(url).scheme == "https" and urlsplit(address).scheme != "https":
        raise FetchFailed(f"{urlsplit(url).hostname} redirects to an address without encryption.")
    return address


def _bad_status(status: int, parts: SplitResult) -> FetchFailed:
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    return FetchFailed(
        f"{parts.hostname} answered {phrase}.",
        may_pass=status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS,
    )


def _explained(error: Exception, parts: SplitResult, limits: Limits) -> FetchFailed:
    host = parts.hostname
    if isinstance(error, requests.ConnectTimeout):
        return FetchFailed(f"{host} did not answer within {limits.connect_seconds:g} seconds.", may_pass=True)
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return FetchFailed(f"{host} fell silent for {limits.read_seconds:g} seconds.", may_pass=True)
    if isinstance(error, requests.exceptions.SSLError):
        return FetchFailed(f"The encrypted connection to {host} could not be trusted.", may_pass=True)
    if isinstance(error, HTTPError):
        return FetchFailed(f"The report from {host} broke off.", may_pass=True)
    if isinstance(error, requests.ConnectionError):
        return FetchFailed(f"{host} could not be reached.", may_pass=True)
    return FetchFailed(f"The address of the report on {host} cannot be used.")


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    try:
        port = parts.port
    except ValueError:
        port = NO_PORT
    return (parts.hostname or "").lower(), port or PORTS.get(parts.scheme, 0)


def _session(*, may_be_private: bool) -> requests.Session:
    session = requests.Session()
    # The machine's proxies and .netrc must neither redirect nor authenticate these calls.
    session.trust_env = False
    adapter = GuardedAdapter(may_be_private=may_be_private)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
