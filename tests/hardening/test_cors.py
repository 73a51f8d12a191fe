"""Other sites' scripts: kept out unless their exact origin is named, and then let to JSON alone, without cookies."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role

NAMED = "https://desk.example.com"
RUNS = "/api/sync/runs"
STRANGERS = [
    "https://desk.example.com.evil.example",
    "https://evil.example",
    "http://desk.example.com",
    "https://desk.example.com:8443",
    "https://DESK.example.com",
    "https://sub.desk.example.com",
    "null",
    "*",
    "",
]
named = pytest.mark.settings(cors_origins=(NAMED, "http://localhost:3000"))


@pytest.fixture
def client(sqlite_app: Flask) -> FlaskClient:
    """A browser; the engine cannot matter."""
    return sqlite_app.test_client()


def preflight(client: FlaskClient, path: str = RUNS, origin: str = NAMED, method: str = "POST") -> dict[str, str]:
    """The CORS headers with which a preflight is answered, and its status."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    answer = client.options(path, headers=asked)
    return {"status": str(answer.status_code)} | spoken(answer.headers)


def spoken(headers: object) -> dict[str, str]:
    return {name: value for name, value in dict(headers).items() if name.startswith("Access-Control-")}  # type: ignore[call-overload]


@pytest.mark.parametrize("path", [RUNS, "/login", "/api/no-such"])
def test_without_the_setting_nothing_is_said(client: FlaskClient, path: str) -> None:
    """A browser then refuses every other site, and caches need not tell origins apart."""
    answer = client.get(path, headers={"Origin": NAMED})
    assert spoken(answer.headers) == {}
    assert "Origin" not in answer.vary
    assert preflight(client, path).keys() == {"status"}


@named
def test_a_named_origin_asks_first_and_may(client: FlaskClient) -> None:
    """The preflight needs no sign-in, names what may follow, and allows no cookies."""
    assert preflight(client) == {
        "status": "204",
        "Access-Control-Allow-Origin": NAMED,
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-ID",
        "Access-Control-Expose-Headers": "X-Request-ID, Retry-After",
        "Access-Control-Max-Age": "600",
    }


@named
@pytest.mark.parametrize("path", [RUNS, "/api/auth/token", "/smartmoving/status", "/api/no-such"])
def test_its_scripts_read_also_what_is_refused(client: FlaskClient, path: str) -> None:
    """Otherwise a program could not tell a missing token from a broken network."""
    answer = client.get(path, headers={"Origin": NAMED})
    assert answer.headers["Access-Control-Allow-Origin"] == NAMED
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.vary


@named
def test_it_works_by_bearer_token(client: FlaskClient, people: People) -> None:
    """From the sign-in to an answer."""
    person = people(Role.SUPER_ADMIN)
    body = {"email": person.email, "password": person.password}
    token = client.post("/api/auth/token", json=body, headers={"Origin": NAMED}).get_json()["access_token"]
    answer = client.get(RUNS, headers={"Origin": NAMED, "Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, NAMED)


@named
@pytest.mark.parametrize("origin", STRANGERS)
def test_nobody_else_may(client: FlaskClient, origin: str) -> None:
    """Not a longer name, another scheme or port, a part of a name, or the origin of a sandboxed frame."""
    assert spoken(client.get(RUNS, headers={"Origin": origin}).headers) == {}
    assert preflight(client, origin=origin).keys() == {"status"}


@named
@pytest.mark.parametrize(
    "path", ["/login", "/calendar", "/account", "/embed/launch", "/static/css/base.css", "/metrics"]
)
def test_pages_are_not_for_scripts_of_others(client: FlaskClient, path: str) -> None:
    """They carry forgery tokens and are opened by cookies."""
    assert spoken(client.get(path, headers={"Origin": NAMED}).headers) == {}
    assert preflight(client, path).keys() == {"status"}


@named
def test_a_cookie_from_a_named_origin_writes_nothing(client: FlaskClient, people: People) -> None:
    """Even if it arrived: without our forgery token, which no other site can read, it is refused."""
    sign_in(client, people(Role.SUPER_ADMIN))
    assert csrf_token(client)
    answer = client.post("/api/sync/feeds", json={}, headers={"Origin": NAMED})
    assert answer.status_code == 400
