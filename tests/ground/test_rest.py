"""The HTTP client against real sockets: what never left, what is unknown, and what was answered."""

import itertools
import socket
import time
from contextlib import suppress

import pytest

from tests.ground.wire import WireServer, answer, reset, say
from webapp import rest
from webapp.rest import CallFailed, RestClient


def client_of(url: str, *, connect: float = 2, read: float = 5) -> RestClient:
    return RestClient(
        url,
        headers={"Authorization": "Token shown-to-nobody"},
        connect_timeout=connect,
        read_timeout=read,
        may_be_private=True,
    )


def failure_of(client: RestClient) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        client.call("POST", "/requests", body={"a": 1})
    return caught.value


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def silent(connection: socket.socket) -> None:
    connection.recv(1)  # returns when the client gives up


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in itertools.repeat(None):
        connection.sendall(b"x")
        time.sleep(0.02)


def drip_in_chunks(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n")
    for _ in itertools.repeat(None):
        connection.sendall(b"x")
        time.sleep(0.02)


def test_a_refused_connection_was_never_sent() -> None:
    """Where nobody listens, nothing can have arrived."""
    failure = failure_of(client_of(f"http://127.0.0.1:{closed_port()}"))
    assert (failure.was_sent, failure.is_timeout) == (False, False)


def test_an_unknown_host_was_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address there is nobody to have received it."""

    def resolve(*_: object, **__: object) -> None:
        # What a resolver answers, without asking the network of this machine.
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert not failure_of(client_of("http://fms.invalid")).was_sent


def test_a_host_that_takes_no_connection_was_never_sent() -> None:
    """A time-out while connecting is told apart from one while waiting for the answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        crowd = [socket.socket() for _ in range(4)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(address)
        failure = failure_of(client_of(f"http://127.0.0.1:{address[1]}", connect=0.2))
        for one in crowd:
            one.close()
    assert (failure.was_sent, failure.is_timeout) == (False, True)


def test_a_failed_handshake_was_never_sent() -> None:
    """Who does not speak TLS has not read the request either."""
    with WireServer(say(answer())) as server:
        failure = failure_of(client_of(server.url.replace("http:", "https:")))
    assert not failure.was_sent


@pytest.mark.parametrize("ending", [reset, say(b"")], ids=["reset", "closed"])
def test_a_connection_that_breaks_after_sending_leaves_its_fate_unknown(ending: object) -> None:
    """The other side had the whole request: it may have acted on it."""
    with WireServer(ending) as server:  # type: ignore[arg-type]
        failure = failure_of(client_of(server.url))
    assert (failure.was_sent, failure.is_timeout) == (True, False)
    assert len(server.requests) == 1


def test_no_answer_in_time_leaves_its_fate_unknown() -> None:
    """Silence is not a refusal."""
    with WireServer(silent) as server:
        failure = failure_of(client_of(server.url, read=0.2))
    assert (failure.was_sent, failure.is_timeout) == (True, True)


def test_a_body_that_breaks_off_is_not_taken_for_whole() -> None:
    """The status has been heard; the body cannot be read as JSON."""
    with WireServer(say(b'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"id": 1}')) as server:
        heard = client_of(server.url).call("POST", "/requests", body={})
    assert (heard.status, heard.is_whole, heard.body) == (201, False, b'{"id": 1}')
    with pytest.raises(ValueError, match="broke off"):
        heard.json()


@pytest.mark.parametrize("dripping", [drip, drip_in_chunks])
def test_an_answer_that_only_drips_ends_at_the_limit(dripping: object) -> None:
    """A server that sends a byte now and then cannot hold us for longer than the time-out."""
    began = time.monotonic()
    with WireServer(dripping) as server:  # type: ignore[arg-type]
        heard = client_of(server.url, read=0.4).call("GET", "/requests")
        assert time.monotonic() - began < 2
    assert (heard.status, heard.is_whole) == (200, False)


def test_an_answer_without_end_is_cut() -> None:
    """No answer of a friendly system is that large, and memory is finite."""
    with WireServer(say(answer(body=b"x" * (rest.MAX_ANSWER_BYTES + 200_000)))) as server:
        heard = client_of(server.url).call("GET", "/requests")
    assert not heard.is_whole
    assert len(heard.body) <= rest.MAX_ANSWER_BYTES + 65_536


def test_a_whole_answer_is_read_whatever_its_encoding() -> None:
    """A plain and a chunked body both arrive complete."""
    chunked = (
        b'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n3\r\n 1}\r\n0\r\n\r\n'
    )
    with WireServer(say(answer(body=b'{"a": 1}')), say(chunked)) as server:
        client = client_of(server.url)
        answers = [client.call("GET", "/requests") for _ in range(2)]
    assert [one.json() for one in answers] == [{"a": 1}, {"a": 1}]
    assert all(one.is_whole for one in answers)


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    """The token and the request go to the configured host or nowhere."""
    with WireServer(say(answer("302 Found", b"", "Location: /elsewhere"))) as server:
        heard = client_of(server.url).call("POST", "/requests", body={})
    assert (heard.status, len(server.requests)) == (302, 1)


@pytest.mark.parametrize("fault", [say(answer("503 Busy")), reset], ids=["503", "reset"])
def test_a_call_is_never_repeated_by_itself(fault: object) -> None:
    """What must not happen twice is sent once, whatever comes back."""
    with WireServer(fault, say(answer())) as server, suppress(CallFailed):  # type: ignore[arg-type]
        client_of(server.url).call("POST", "/requests", body={})
    assert len(server.requests) == 1


def test_a_repeatable_call_is_tried_again_after_faults() -> None:
    """A server's own failure and a broken connection are worth another try."""
    with WireServer(say(answer("503 Busy")), reset, say(answer(body=b"[1]"))) as server:
        assert client_of(server.url).call_repeatable("GET", "/requests").json() == [1]
    assert len(server.requests) == 3


def test_a_repeatable_call_gives_up() -> None:
    """After the last try the failure is told as it is."""
    with WireServer(say(answer("503 Busy")), reset) as server:
        with pytest.raises(CallFailed):
            client_of(server.url).call_repeatable("GET", "/requests", tries=2)
        assert len(server.requests) == 2
        with pytest.raises(CallFailed):
            client_of(server.url).call_repeatable("GET", "/requests", tries=3, within=0)
        assert len(server.requests) == 3


def test_a_refusal_is_not_tried_again() -> None:
    """A 4xx stays one."""
    with WireServer(say(answer("404 Not Found"))) as server:
        assert client_of(server.url).call_repeatable("GET", "/requests").status == 404
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("", None)]
)
def test_the_wish_to_wait_is_heard_in_seconds(header: str, seconds: float | None) -> None:
    """Retry-After as a number of seconds is passed on; a date is left alone."""
    with WireServer(say(answer("429 Too Many Requests", b"", f"Retry-After: {header}"))) as server:
        assert client_of(server.url).call("GET", "/requests").retry_after() == seconds


def test_a_connection_closed_meanwhile_is_replaced() -> None:
    """A kept connection that the server has closed does not turn the next create into an unknown."""
    with WireServer(say(answer("200 OK", b"{}", "Connection: keep-alive"))) as server:
        client = client_of(server.url)
        client.call("GET", "/requests")
        assert server.closed.wait(5)
        assert client.call("POST", "/requests", body={}).status == 200


def test_the_machines_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens go to FMS and not through whatever the environment names."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    with WireServer(say(answer())) as server:
        assert client_of(server.url).call("GET", "/requests").status == 200
    assert b"Authorization: Token shown-to-nobody" in server.requests[0]


def test_a_failure_does_not_show_the_token() -> None:
    """The reason goes into logs and pages."""
    with WireServer(reset) as server:
        failure = failure_of(client_of(server.url))
    assert "shown-to-nobody" not in f"{failure} {failure!r} {failure.reason}"
