"""The client against servers that misbehave below HTTP, and lists that move while they are read."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from tests.databases import plain_settings
from webapp.fms.client import FmsClient, _all_of
from webapp.fms.outcomes import Fate
from webapp.fms.schemas import Found, LookUpPage
from webapp.rest import Answer, CallFailed, RestClient

TOKEN = "a-token-for-tests"
Talk = Callable[[socket.socket], None]


@contextmanager
def server(*talks: Talk) -> Iterator[str]:
    """A server that has each connection in turn talked to by one of `talks`, and is gone with the last; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for number, talk in enumerate(talks, start=1):
                connection, _ = listener.accept()
                if number == len(talks):
                    listener.close()
                with connection:
                    connection.recv(65_536)
                    talk(connection)

        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield url
        thread.join(timeout=10)
        assert not thread.is_alive(), "fewer calls than expected"


def says(text: str) -> Talk:
    """Send this and close."""
    return lambda connection: connection.sendall(text.encode("latin-1"))


def answers(status: str, body: str = "", *headers: str) -> Talk:
    """Answer so and close."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", body]
    return says("\r\n".join(lines))


@contextmanager
def client_of(app: Flask, *talks: Talk) -> Iterator[FmsClient]:
    """A client of a server that talks so."""
    with server(*talks) as url, app.app_context():
        yield FmsClient(plain_settings(fms_staging_url=url, fms_staging_token=TOKEN, fms_read_timeout=2))


@pytest.mark.parametrize(
    ("talk", "fate"),
    [
        (answers("201 Created", '{"request": {"id": 4372}}'), Fate.ACCEPTED),
        (answers("301 Moved", "", "Location: http://127.0.0.1:9/"), Fate.UNKNOWN),
        (answers("429 Too Many", "", "Retry-After: \xb2"), Fate.BUSY),
        (answers("429 Too Many", "", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"), Fate.BUSY),
        (answers("429 Too Many", "", "Retry-After: " + "9" * 400), Fate.BUSY),
        (says(""), Fate.UNKNOWN),
        (says("220 smtp.example.com ESMTP\r\n"), Fate.UNKNOWN),
        (says("HTTP/1.1 201 Created\r\nContent-Le"), Fate.UNKNOWN),
        (says("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Fate.UNKNOWN),
        (says("HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), Fate.UNKNOWN),
    ],
)
def test_a_create_always_has_a_fate(sqlite_app: Flask, talk: Talk, fate: Fate) -> None:
    """Whatever comes over the wire, a create is answered by a fate, never by an exception, and is sent once."""
    with client_of(sqlite_app, talk) as client:
        outcome, _ = client.create({"request": {}})
    assert outcome.fate is fate


def test_a_removal_in_doubt_stays_in_doubt(sqlite_app: Flask) -> None:
    """After a try that may have arrived, only an answer about the request itself decides."""
    lost, page = says(""), answers("200 OK", "<h1>Maintenance</h1>")
    stories: list[tuple[list[Talk], Fate]] = [
        ([lost, answers("404 Not Found")], Fate.ACCEPTED),
        ([lost, answers("401 Unauthorized")], Fate.UNKNOWN),
        ([lost, answers("403 Forbidden")], Fate.UNKNOWN),
        ([lost, answers("429 Too Many")], Fate.UNKNOWN),
        ([lost, answers("422 No", '{"errors": ["Approved"]}')], Fate.REFUSED),
        ([lost, page, page], Fate.UNKNOWN),
        ([answers("500 Oops"), answers("204 No Content")], Fate.ACCEPTED),
        ([answers("401 Unauthorized")], Fate.UNAUTHORIZED),
        ([answers("429 Too Many", "", "Retry-After: 0"), answers("204 No Content")], Fate.ACCEPTED),
    ]
    for talks, fate in stories:
        with client_of(sqlite_app, *talks) as client:
            assert client.delete(4372).fate is fate


def test_a_server_that_dies_between_two_tries(sqlite_app: Flask) -> None:
    """'Nothing was sent' is not said of a removal whose first try was lost and whose second found nobody."""
    with client_of(sqlite_app, says("")) as client:
        assert client.delete(4372).fate is Fate.UNKNOWN


def test_nobody_there(sqlite_app: Flask) -> None:
    """A closed port, a name that does not exist and no configuration at all: certainly nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with sqlite_app.app_context():
        for address in (url, "http://fms.invalid", ""):
            client = FmsClient(plain_settings(fms_staging_url=address))
            assert client.create({})[0].fate is Fate.NOT_SENT
            assert client.delete(4372).fate is Fate.NOT_SENT
            assert client.look_up() is None


def test_somebody_elses_failure_is_not_ours() -> None:
    """A lost answer is in doubt, also when the caller was just dealing with an address that nobody answered."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"

    def call(url: str) -> None:
        RestClient(url, headers={}, connect_timeout=2, read_timeout=2, may_be_private=True).call("POST", "/")

    def call_both(second: str) -> None:
        try:
            call(nobody)
        except CallFailed:
            call(second)

    with server(says("")) as url, pytest.raises(CallFailed) as lost:
        call_both(url)
    assert lost.value.was_sent


@pytest.mark.parametrize(
    ("body", "is_whole", "kept"),
    [
        (f"Token {TOKEN}.", True, "Token [hidden]."),
        (TOKEN * 2, True, "[hidden]" * 2),
        (f"Token {TOKEN[:9]}", False, "Token "),
        (f"Token {TOKEN[:9]}", True, f"Token {TOKEN[:9]}"),
        ("a-to", False, ""),
        ("a-t", False, "a-t"),
    ],
)
def test_no_part_of_the_token_is_kept(sqlite_app: Flask, body: str, is_whole: bool, kept: str) -> None:
    """The token is taken out before anything is cut, and its beginning where the answer broke off in it."""
    client = FmsClient(plain_settings(fms_staging_url="http://fms.invalid", fms_staging_token=TOKEN))
    assert client._without_token(Answer(400, {}, body.encode(), is_whole)).text() == kept


def page(*numbers: int, of: int = 1, total: int | None = None) -> LookUpPage:
    """A page of a look-up with requests of these numbers."""
    return LookUpPage(tuple(Found(number, "", "open", "") for number in numbers), of, True, total)


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        ([page(1, 2)], [1, 2]),
        ([page()], []),
        ([page(4, 3, of=2, total=4), page(2, 1, of=2, total=4)], [1, 2, 3, 4]),
        # One was added while we read: it is seen twice at the border, and nothing is missed.
        ([page(4, 3, of=2), page(3, 2, of=2)], [2, 3, 4]),
        # One went away while we read: another slipped past the border between the pages.
        ([page(4, 3, of=2, total=4), page(1, of=2, total=3)], None),
        ([page(4, 3, of=2, total=4), page(1, of=2, total=4)], None),
        ([page(4, 3, of=2), page(2, of=1)], None),
        ([page(4, 3, of=2)], None),
        ([page(2, 1, total=30)], None),
    ],
)
def test_lists_that_move_while_they_are_read(pages: list[LookUpPage], numbers: list[int] | None) -> None:
    """A list is complete only if all its pages came, agree on how many there are, and add up."""
    found = _all_of(pages, max(len(pages), pages[0].page_count))
    assert (None if found is None else sorted(one.request_id for one in found)) == numbers


def test_more_pages_than_we_understand(sqlite_app: Flask) -> None:
    """A link to a next page that the body says nothing of: not the whole list."""
    body = '[{"id": 7, "requestorNotes": "", "status": "open"}]'
    with client_of(sqlite_app, answers("200 OK", body)) as client:
        assert client.look_up() is not None
        assert client.looked_at is not None
    with client_of(sqlite_app, answers("200 OK", body, 'Link: <http://x/?page=2>; rel="next"')) as client:
        assert client.look_up() is None
    with client_of(sqlite_app, answers("200 OK", '{"requests": [], "meta": {"totalPages": 51}}')) as client:
        assert client.look_up() is None
