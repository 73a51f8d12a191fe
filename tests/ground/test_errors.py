"""Refusals and crashes: each answered in the form that was asked for, and none says too much."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.accounts.access import public
from webapp.errors import Forbidden, InvalidInput, NotFound, Refusal, Unauthenticated

SECRET = "what only the log may say"


def crash() -> str:
    raise RuntimeError(SECRET)


def refuse() -> str:
    raise Refusal(
        "The vehicle is <lent> already.",
        code="conflict",
        link=("See the loan", "/calendar?loan=7"),
        details={"loan": 7},
    )


@pytest.fixture
def client(sqlite_app: Flask) -> FlaskClient:
    """A client of the application with two more routes, each as a page and as JSON."""
    views: dict[str, Callable[[], str]] = {"crash": crash, "refuse": refuse}
    for name, view in views.items():
        for prefix in ("", "/api"):
            sqlite_app.add_url_rule(f"{prefix}/{name}", f"{prefix}{name}", public(view))
    return sqlite_app.test_client()


def test_json_gets_a_problem(client: FlaskClient) -> None:
    """Title, status, detail, code and whatever else helps a program, as RFC 9457 has it."""
    response = client.get("/api/refuse")
    assert (response.status_code, response.mimetype) == (409, "application/problem+json")
    assert response.json == {
        "title": "Conflict",
        "status": 409,
        "detail": "The vehicle is <lent> already.",
        "code": "conflict",
        "loan": 7,
    }


def test_a_page_gets_the_sentence_and_the_link(client: FlaskClient) -> None:
    """A person reads what is in the way and can go there; what data say is never taken for markup."""
    response = client.get("/refuse")
    assert (response.status_code, response.mimetype) == (409, "text/html")
    assert "<html" in response.text
    assert "The vehicle is &lt;lent&gt; already." in response.text
    assert '<a href="/calendar?loan=7">See the loan</a>' in response.text


def test_a_fragment_gets_a_fragment(client: FlaskClient) -> None:
    """HTMX swaps a message, not a page inside a page."""
    response = client.get("/refuse", headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert "<html" not in response.text
    assert "The vehicle is &lt;lent&gt; already." in response.text


@pytest.mark.parametrize("path", ["/crash", "/api/crash"])
def test_a_crash_tells_its_number_and_no_more(client: FlaskClient, path: str) -> None:
    """No stack trace and no exception text leaves the server; the request's id finds them in the log."""
    response = client.get(path)
    assert response.status_code == 500
    assert SECRET not in response.text
    assert "Traceback" not in response.text
    assert response.headers["X-Request-ID"] in response.text


@pytest.mark.parametrize("path", ["/no-such-page", "/api/no-such-page"])
def test_an_unknown_address_is_not_found(client: FlaskClient, path: str) -> None:
    """In the form that the address belongs to."""
    response = client.get(path)
    assert response.status_code == 404
    assert (response.mimetype == "application/problem+json") == path.startswith("/api/")


def test_a_wrong_method_says_which_there_are(client: FlaskClient) -> None:
    """405 names the methods that the address takes."""
    response = client.delete("/api/refuse")
    assert (response.status_code, response.json and response.json["code"]) == (405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (Refusal("No."), 409, "refused"),
        (Refusal("No.", status=502, code="fms"), 502, "fms"),
        (NotFound(), 404, "not_found"),
        (Forbidden(), 403, "forbidden"),
        (Unauthenticated(), 401, "unauthenticated"),
        (InvalidInput("No.", fields={"day": "is over"}), 422, "invalid"),
    ],
)
def test_each_refusal_has_its_status_and_word(refusal: Refusal, status: int, code: str) -> None:
    """Programs tell refusals apart by a stable word."""
    assert (refusal.status, refusal.code) == (status, code)
    assert refusal.sentence.endswith(".")


def test_refusals_do_not_share_their_details() -> None:
    """What one refusal says is not said by the next."""
    Refusal("No.").details["loan"] = 7
    assert Refusal("No.").details == {}
