"""The one HTTP client under every system we call: timeouts, pooled connections, retries where they are safe.

It tells apart what matters to a caller that must not send twice: a call that never left, a call whose fate is
unknown, and an answer.
"""

import json
import random
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from webapp.outgoing import AddressRefused, GuardedAdapter

MAX_ANSWER_BYTES = 2_000_000
HANDSHAKE_FAULTS = {
    "CERTIFICATE_VERIFY_FAILED",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "TLSV1_UNRECOGNIZED_NAME",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_VERSION_NUMBER",
}


class CallFailed(Exception):
    """No answer arrived. `was_sent` is False only where the request certainly never left this machine."""

    def __init__(self, *, was_sent: bool, is_timeout: bool, reason: str) -> None:
        super().__init__(reason)
        self.was_sent = was_sent
        self.is_timeout = is_timeout
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """What the other side answered. `is_whole` is False where the body broke off or ran past its limits."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool

    def text(self, limit: int = 2000) -> str:
        """The body as text, cut to `limit` characters. NUL is dropped: PostgreSQL cannot keep it."""
        return self.body.decode("utf-8", "replace").replace("\x00", "")[:limit]

    def json(self) -> Any:
        """The body as JSON. Raises `ValueError` when it is not, or not whole."""
        if not self.is_whole:
            raise ValueError("the answer broke off")
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("the answer is nested too deeply") from None

    def retry_after(self) -> float | None:
        """Seconds that the other side asks us to wait, if it says so in seconds."""
        value = self.headers.get("Retry-After", "").strip()
        return float(value) if value.isascii() and value.isdigit() else None


class RestClient:
    """Calls one host. Safe to share between threads; `headers` may hold secrets and are never shown.

    `most_bytes` is how long an answer may be, unpacked; a longer one is cut and not whole. `may_be_private`: the host
    may lie in our own network (`Settings.may_be_private`); otherwise such a peer is never sent anything.
    As a context manager it closes its pooled connections in the end.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        connect_timeout: float,
        read_timeout: float,
        pool_size: int = 8,
        most_bytes: int = MAX_ANSWER_BYTES,
        may_be_private: bool = False,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._most_bytes = most_bytes
        self._headers = dict(headers)
        self._timeout = (connect_timeout, read_timeout)
        self._session = requests.Session()
        # Proxies and .netrc of the machine must not redirect or re-authenticate these calls.
        self._session.trust_env = False
        adapter = GuardedAdapter(
            may_be_private=may_be_private, pool_connections=2, pool_maxsize=pool_size, max_retries=0
        )
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def call(self, method: str, path: str, *, body: Any = None, query: Mapping[str, str] | None = None) -> Answer:
        """Call once, follow no redirect. Raises `CallFailed`."""
        try:
            with self._session.request(
                method,
                f"{self.base_url}{path}",
                json=body,
                params=query,
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                content, is_whole = _read(response, time.monotonic() + self._timeout[1], self._most_bytes)
                return Answer(response.status_code, response.headers, content, is_whole)
        except AddressRefused as refused:
            raise CallFailed(was_sent=False, is_timeout=False, reason=str(refused)) from None
        except requests.RequestException as error:
            raise _explained(error) from error

    def call_repeatable(
        self,
        method: str,
        path: str,
        *,
        tries: int = 3,
        within: float = 20,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call something that is safe to repeat: again after 5xx, time-outs and broken connections.

        At most `tries` calls, none begun later than `within` seconds after the first. Raises `CallFailed`.
        """
        began = time.monotonic()
        for pause in (*_pauses(tries), None):
            is_last = pause is None or time.monotonic() - began + pause > within
            try:
                answer = self.call(method, path, query=query)
            except CallFailed:
                if is_last:
                    raise
            else:
                if answer.status < 500 or is_last:
                    return answer
            time.sleep(pause or 0)
        raise AssertionError("the last try returns or raises")


def _pauses(tries: int) -> Iterator[float]:
    for number in range(tries - 1):
        yield 0.3 * 2**number * random.uniform(0.75, 1.25)


def _read(response: requests.Response, deadline: float, most_bytes: int) -> tuple[bytes, bool]:
    """The body, and whether all of it came: a status whose body breaks off is still a status."""
    content = bytearray()
    try:
        # read1 returns what has come; iter_content would wait for a full block while a sick server drips.
        while chunk := response.raw.read1(65_536, decode_content=True):
            content += chunk
            if len(content) > most_bytes or time.monotonic() > deadline:
                return bytes(content), False
    except (HTTPError, OSError):
        return bytes(content), False
    return bytes(content), True


def _explained(error: requests.RequestException) -> CallFailed:
    causes = list(_causes(error))
    never_left = any(
        isinstance(cause, NewConnectionError | NameResolutionError | ConnectTimeoutError)
        or (isinstance(cause, ssl.SSLError) and cause.reason in HANDSHAKE_FAULTS)
        for cause in causes
    ) or isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema)
    is_timeout = isinstance(error, requests.Timeout)
    return CallFailed(was_sent=not never_left, is_timeout=is_timeout, reason=type(error).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        # Not `__context__`: that is also whatever the caller was dealing with when it called.
        waiting.append(current.__cause__)
        waiting += [
            part for part in (getattr(current, "reason", None), *current.args) if isinstance(part, BaseException)
        ]
