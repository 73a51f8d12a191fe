"""Bearer tokens: how programs get and use them."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.rows import PASSWORD, People
from tests.servers import csrf_token, sign_in
from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission, Role

MORNING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a JSON route that changes something."""

    @requires(Permission.PLAN_LOANS)
    def whoami() -> dict[str, str]:
        return {"name": current_actor().name}

    app.add_url_rule("/api/t/whoami", "whoami", whoami, methods=["GET", "POST"])
    return app


def bearer(client: FlaskClient, email: str) -> dict[str, str]:
    answer = client.post("/api/auth/token", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.json
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def test_an_email_and_a_password_give_a_token_for_a_quarter_of_an_hour(
    app: Flask, client: FlaskClient, people: People
) -> None:
    """The answer and the claims are as published, and no cookie comes with it."""
    person = people()
    answer = client.post("/api/auth/token", json={"email": person.email, "password": PASSWORD})
    assert answer.json
    assert set(answer.json) == {"access_token", "token_type", "expires_in"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    key = app.config["SECRET_KEY"]
    claims = jwt.decode(answer.json["access_token"], key, algorithms=["HS256"], audience="motorpool")
    assert claims["sub"] == str(person.user_id)
    assert claims["exp"] - claims["iat"] == 900
    assert claims["jti"]


def test_a_bearer_needs_no_forgery_token_and_ignores_cookies(app: Flask, client: FlaskClient, people: People) -> None:
    """The token's person acts, whoever is signed in by cookie."""
    cookie, token = people(name="Cookie Person"), people(name="Token Person")
    headers = bearer(app.test_client(), token.email)
    sign_in(client, cookie)
    client.set_cookie("remember_token", "left by a neighbour")
    assert client.post("/api/t/whoami", headers=headers).json == {"name": "Token Person"}
    assert client.get("/api/t/whoami").json == {"name": "Cookie Person"}
    wrong = {"Authorization": "Bearer nonsense"}
    assert client.get("/api/t/whoami", headers=wrong).status_code == 401
    assert client.post("/api/t/whoami", headers=wrong).status_code == 401


def test_the_role_holds_for_bearers(client: FlaskClient, people: People) -> None:
    """A token gives no more than its person may."""
    headers = bearer(client, people(Role.AUDITOR).email)
    assert client.get("/api/t/whoami", headers=headers).status_code == 403


def test_a_token_ends_after_fifteen_minutes(client: FlaskClient, people: People) -> None:
    """At 899 seconds it works, at 900 it does not."""
    person = people()
    with time_machine.travel(MORNING, tick=False) as clock:
        headers = bearer(client, person.email)
        clock.shift(899)
        assert client.get("/api/t/whoami", headers=headers).status_code == 200
        clock.shift(1)
        assert client.get("/api/t/whoami", headers=headers).status_code == 401


FORGED = [
    ("another key", {}, "x" * 40, "HS256"),
    ("no signature", {}, "", "none"),
    ("another audience", {"aud": "elsewhere"}, None, "HS256"),
    ("another issuer", {"iss": "elsewhere"}, None, "HS256"),
    ("another algorithm", {}, None, "HS384"),
    ("another person", {"sub": "999"}, None, "HS256"),
    ("no number", {"sub": "admin"}, None, "HS256"),
    ("no sign-in of ours", {"jti": "x"}, None, "HS256"),
]


@pytest.mark.parametrize(("fault", "changed", "key", "algorithm"), FORGED, ids=[case[0] for case in FORGED])
def test_a_forged_token_opens_nothing(
    app: Flask,
    client: FlaskClient,
    people: People,
    fault: str,
    changed: dict[str, str],
    key: str | None,
    algorithm: str,
) -> None:
    """Signature, audience, person and sign-in all have to fit; unchanged, the same claims do."""
    ours = app.config["SECRET_KEY"]
    token = bearer(client, people().email)["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, ours, algorithms=["HS256"], audience="motorpool")
    again = jwt.encode(claims, ours, algorithm="HS256")
    assert client.get("/api/t/whoami", headers={"Authorization": f"Bearer {again}"}).status_code == 200
    forged = jwt.encode({**claims, **changed}, ours if key is None else key, algorithm=algorithm)
    assert client.get("/api/t/whoami", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_wrong_credentials_are_401_and_look_the_same(client: FlaskClient, people: People) -> None:
    """Wrong password, unknown e-mail and a deactivated person: one answer."""
    known, gone = people(), people(is_active=False)
    answers = [
        client.post("/api/auth/token", json={"email": email, "password": password})
        for email, password in (
            (known.email, "wrong password"),
            ("nobody@example.com", PASSWORD),
            (gone.email, PASSWORD),
            ("nobody@example.com\0", "wrong password"),
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].mimetype == "application/problem+json"
    assert answers[0].json
    assert answers[0].json["code"] == "wrong_credentials"


def test_the_throttle_holds_for_tokens_too(client: FlaskClient, people: People) -> None:
    """Tries through the form and through JSON are counted together; 429 says how long."""
    person = people()
    with time_machine.travel(MORNING, tick=False):
        for _ in range(4):
            client.post("/api/auth/token", json={"email": person.email, "password": "wrong password"})
        form = {"email": person.email, "password": "wrong", "csrf_token": csrf_token(client, "/login")}
        assert client.post("/login", data=form).status_code == 422
        answer = client.post("/api/auth/token", json={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert answer.json
    assert (answer.json["code"], answer.json["retry_after"]) == ("too_many_tries", 60)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.com"},
        {"email": 1, "password": "x"},
        {"email": "", "password": ""},
        {"email": "a", "password": "\ud800"},
    ],
)
def test_what_is_no_pair_of_credentials_is_422(client: FlaskClient, body: dict[str, object]) -> None:
    """The faulty fields are named."""
    answer = client.post("/api/auth/token", json=body)
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["fields"]


def test_signing_out_ends_only_that_sign_in(app: Flask, client: FlaskClient, people: People) -> None:
    """A cookie's end does not take the person's token, which stands on its own sign-in."""
    person = people()
    headers = bearer(app.test_client(), person.email)
    sign_in(client, person)
    page = client.get("/account").text
    assert "JSON interface" in page
    client.post("/logout", data={"csrf_token": csrf_token(client)})
    assert client.get("/api/t/whoami", headers=headers).status_code == 200


def test_the_account_page_forgets_tokens_that_have_ended(client: FlaskClient, people: People) -> None:
    """After a quarter of an hour a token is no longer listed as a sign-in."""
    person = people()
    with time_machine.travel(MORNING, tick=False) as clock:
        bearer(client, person.email)
        sign_in(client, person)
        clock.shift(timedelta(minutes=16))
        assert "JSON interface" not in client.get("/account").text
