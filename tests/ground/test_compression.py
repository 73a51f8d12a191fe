"""Answers packed for browsers that take it: the same text, in sizes that tell nothing of a secret in it."""

import gzip

import pytest
from flask import Flask, Response, request

from webapp.compression import packed

TEXT = "Räder und Wagen " * 200


@pytest.fixture
def app_with_pages(sqlite_app: Flask) -> Flask:
    """The application, whose answer to every address is as the address says."""

    def answer() -> Response | None:
        if request.path == "/long":
            return Response(TEXT, mimetype="text/html")
        if request.path == "/short":
            return Response("short", mimetype="text/html")
        if request.path == "/picture":
            return Response(b"\0" * 5000, mimetype="image/png")
        if request.path == "/tagged":
            return Response(TEXT, mimetype="text/html", headers={"ETag": '"1"'})
        return None

    sqlite_app.before_request_funcs.setdefault(None, []).insert(0, answer)
    return sqlite_app


def test_a_page_is_packed_for_who_takes_it(app_with_pages: Flask) -> None:
    """Unpacked it is the page; caches keep both apart."""
    answer = app_with_pages.test_client().get("/long", headers={"Accept-Encoding": "br, gzip"})
    assert (answer.headers["Content-Encoding"], "Accept-Encoding" in answer.headers["Vary"]) == ("gzip", True)
    assert gzip.decompress(answer.data).decode() == TEXT
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(TEXT) / 3


@pytest.mark.parametrize(
    ("path", "encodings"),
    [("/long", ""), ("/long", "gzip;q=0"), ("/short", "gzip"), ("/picture", "gzip"), ("/tagged", "gzip")],
)
def test_whatever_else_is_sent_as_it_is(app_with_pages: Flask, path: str, encodings: str) -> None:
    """To who does not take it; what is short, no text, or tagged by its bytes."""
    answer = app_with_pages.test_client().get(path, headers={"Accept-Encoding": encodings})
    assert "Content-Encoding" not in answer.headers


def test_the_size_of_the_same_page_differs() -> None:
    """So that a letter more or less in it cannot be told."""
    assert len({len(packed(TEXT.encode())) for _ in range(60)}) > 10
