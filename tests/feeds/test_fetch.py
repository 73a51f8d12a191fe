"""A report is fetched within limits, from allowed hosts alone, and what goes wrong is told without secrets."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.sandbox_process import SandboxProcess
from webapp.feeds.fetch import Fetched, FetchFailed, Hosts, Limits, fetch

AT_ONCE = Limits(connect_seconds=30, read_seconds=60, pauses=(0, 0))
SECRET = "token-in-the-address"


def report(sandbox: SandboxProcess, *, etag: str = "", limits: Limits = AT_ONCE, allowed: str = "") -> Fetched:
    """The partners report, fetched from the sandbox with a secret in its address."""
    url = f"{sandbox.url}/reports/partners.csv?key={SECRET}"
    return fetch(url, Hosts.of([url], allowed.split()), etag=etag, limits=limits)


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that treats each connection as `answer` does; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/report.csv"
        listener.shutdown(socket.SHUT_RDWR)


def failure(url: str, hosts: Hosts | None = None, limits: Limits = AT_ONCE) -> str:
    """The sentence with which a fetch fails."""
    with pytest.raises(FetchFailed) as caught:
        fetch(url, hosts or Hosts.of([url], ()), limits=limits)
    assert SECRET not in caught.value.sentence
    assert caught.value.__cause__ is None
    return caught.value.sentence


def test_a_report_comes_as_it_is(sandbox: SandboxProcess) -> None:
    """The bytes are FMS's, with the mark to ask again by."""
    fetched = report(sandbox)
    assert fetched.content == sandbox.report("partners").content
    assert fetched.etag


def test_an_unchanged_report_is_not_sent_again(sandbox: SandboxProcess) -> None:
    """With the ETag of last time the answer is that nothing changed."""
    etag = report(sandbox).etag
    assert report(sandbox, etag=etag) == Fetched(None, etag)
    assert report(sandbox, etag='"another"').content is not None


@pytest.mark.parametrize("fault", ["error", "reset", "cut"])
def test_what_may_pass_is_tried_three_times(sandbox: SandboxProcess, fault: str) -> None:
    """Two failures are overcome, the third is told."""
    sandbox.fault("report:partners", fault, times=2)
    assert report(sandbox).content == sandbox.report("partners").content
    sandbox.fault("report:partners", fault, times=3)
    with pytest.raises(FetchFailed) as caught:
        report(sandbox)
    assert caught.value.may_pass
    assert sandbox.state()["faults"] == []


def test_what_will_not_pass_is_tried_once(sandbox: SandboxProcess) -> None:
    """A report that is not there is not asked for again."""
    sandbox.fault("report:partners", "not_found", times=2)
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 answered 404 Not Found"):
        report(sandbox)
    assert sandbox.state()["faults"][0]["times"] == 1


def test_a_silent_server_is_given_up(sandbox: SandboxProcess) -> None:
    """After the read time-out the next try begins, and the last one is told."""
    sandbox.fault("report:partners", "never", times=3)
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 fell silent for 0\.2 seconds"):
        report(sandbox, limits=Limits(read_seconds=0.2, pauses=(0, 0)))


def test_a_huge_report_is_not_read_to_its_end(sandbox: SandboxProcess) -> None:
    """Beyond the limit nothing is kept, and nothing tried again."""
    sandbox.fault("report:partners", "huge", megabytes=3, times=2)
    with pytest.raises(FetchFailed, match=r"is larger than 1\.0 MB"):
        report(sandbox, limits=Limits(most_bytes=1_000_000, pauses=(0, 0)))
    assert len(sandbox.state()["faults"]) == 1


def test_a_small_packed_bomb_is_not_unpacked() -> None:
    """The limit counts what comes out of a compressed answer."""
    import gzip

    packed = gzip.compress(b"0" * 5_000_000)

    def answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        connection.sendall(head.encode() + packed)

    with server(answer) as url:
        assert "is larger than 1.0 MB" in failure(url, limits=Limits(most_bytes=1_000_000, pauses=()))


def test_a_dripping_server_is_given_up() -> None:
    """Byte after byte within the read time-out still ends at the total limit."""
    is_over = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not is_over.wait(0.05):
                connection.sendall(b"x")
        except OSError:
            pass

    with server(answer) as url:
        limits = Limits(read_seconds=5, total_seconds=0.3, pauses=(0, 0))
        assert failure(url, limits=limits) == "The report from 127.0.0.1 came too slowly."
        is_over.set()


def test_an_address_where_nobody_listens_is_told() -> None:
    """A refused connection is a sentence about the host."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://user:{SECRET}@127.0.0.1:{port}/reports?key={SECRET}"
    assert failure(url) == "127.0.0.1 could not be reached."


def test_a_name_that_does_not_exist_is_told() -> None:
    """So is a host that no name server knows."""
    assert failure(f"http://reports.invalid/{SECRET}") == "reports.invalid could not be reached."


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http:///x", "http://127.0.0.1:x/"])
def test_only_web_addresses_are_fetched(url: str) -> None:
    """No other scheme, no address without a host, no port that is none."""
    assert "may not be fetched" in failure(url, Hosts.of(["http://127.0.0.1/"], ["127.0.0.1"]))


def test_a_host_that_is_not_listed_is_not_called(sandbox: SandboxProcess) -> None:
    """FEED_ALLOWED_HOSTS holds for configured addresses too."""
    with pytest.raises(FetchFailed, match="FEED_ALLOWED_HOSTS does not list it"):
        report(sandbox, allowed="fms.example.com")
    assert report(sandbox, allowed="fms.example.com 127.0.0.1").content
    assert report(sandbox, allowed=f"127.0.0.1:{sandbox.port}").content


def test_a_redirect_to_another_host_is_not_followed(sandbox: SandboxProcess) -> None:
    """Where FMS sends us must be allowed as well."""
    sandbox.fault("report:partners", "redirect")
    with pytest.raises(FetchFailed, match=r"may not be fetched from 203\.0\.113\.7"):
        report(sandbox)


def test_a_redirect_within_the_host_is_followed(sandbox: SandboxProcess) -> None:
    """A report that moved is found where it is now."""
    sandbox.fault("report:partners", "redirect", text="/reports/vehicles.csv")
    assert report(sandbox).content == sandbox.report("vehicles").content


@pytest.mark.parametrize("host", ["localhost", "127.1"])
def test_a_redirect_never_leads_into_our_own_network(sandbox: SandboxProcess, host: str) -> None:
    """Even an allowed name is refused when it turns out to be a private address that nobody configured."""
    sandbox.fault("report:partners", "redirect", text=f"http://{host}:{sandbox.port}/reports/vehicles.csv")
    with pytest.raises(FetchFailed, match="leads to a private address"):
        report(sandbox, allowed=f"127.0.0.1 {host}")
    assert sandbox.state()["faults"] == []


def test_another_port_of_a_private_host_is_not_configured(sandbox: SandboxProcess) -> None:
    """What else runs on the machine of a private report server is none of a redirect's business."""
    is_called = threading.Event()

    def answer(connection: socket.socket) -> None:
        if connection.recv(65_536):
            is_called.set()

    with server(answer) as url:
        sandbox.fault("report:partners", "redirect", text=url)
        with pytest.raises(FetchFailed, match="leads to a private address"):
            report(sandbox)
        assert not is_called.is_set()


def test_redirects_end(sandbox: SandboxProcess) -> None:
    """A circle is left after five rounds."""
    sandbox.fault("report:partners", "redirect", text="/reports/partners.csv", times=None)
    with pytest.raises(FetchFailed, match="sends us on and on"):
        report(sandbox)
