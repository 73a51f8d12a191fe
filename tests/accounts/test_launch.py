"""The way in from FMS: which tokens open a sign-in, how often, for whom, and what everybody else is shown."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.accounts.factors import second_step, set_up
from tests.rows import People
from tests.servers import sign_in
from webapp.accounts import launch
from webapp.accounts.models import UsedLaunch, UserSession
from webapp.accounts.permissions import Role
from webapp.db import db

SECRET = "what FMS and Motorpool alone know in tests, and nobody else at all does"
OTHER = "what somebody else made up, and neither of the two has ever heard of"
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
SECONDS = timedelta(seconds=1)

pytestmark = pytest.mark.settings(embed_launch_secret=SECRET)


def token_for(email: str, *, secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A token as FMS signs it at `NOW`; a claim given as None is left out."""
    usual = {"sub": email, "fms_user_id": 1949, "iat": NOW, "exp": NOW + 60 * SECONDS, "jti": secrets.token_hex()}
    kept = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(kept, secret, algorithm=algorithm)


def open_with(client: FlaskClient, token: str | None) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    answer = client.get("/embed/launch", query_string={} if token is None else {"token": token})
    return answer.status_code, answer.headers.get("Location", ""), answer.text


@time_machine.travel(NOW, tick=False)
def test_fms_signs_a_person_in(client: FlaskClient, people: People) -> None:
    """They come to where their role works, in slim pages, whatever the case of their e-mail."""
    person = people(Role.SCHEDULER)
    assert open_with(client, token_for(person.email.upper()))[:2] == (303, "/calendar")
    page = client.get("/account").text
    assert person.email in page
    assert 'class="framed"' in page


@time_machine.travel(NOW, tick=False)
def test_fms_does_not_stand_in_for_a_second_factor(sqlite_app: Flask, client: FlaskClient, people: People) -> None:
    """Who has one is asked for a code in the frame, also when the frame is loaded again before it is given."""
    person, elsewhere = people(Role.SCHEDULER), sqlite_app.test_client()
    sign_in(elsewhere, person)
    factor = set_up(elsewhere, NOW)
    token = token_for(person.email)
    with time_machine.travel(NOW + 20 * SECONDS, tick=False):
        assert open_with(client, token)[:2] == (303, "/login/code")
    with time_machine.travel(NOW + 90 * SECONDS, tick=False):
        assert open_with(client, token)[:2] == (303, "/login/code")
        assert client.get("/account").status_code == 303
        assert 'class="framed"' in client.get("/login/code").text
        assert second_step(client, recovery=factor.codes[0]).location == "/calendar"
        assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"secret": OTHER}, "is not valid"),
        ({"secret": OTHER, "algorithm": "HS512"}, "is not valid"),
        ({"algorithm": "HS384"}, "is not valid"),
        ({"jti": None}, "is not valid"),
        ({"jti": ""}, "is not valid"),
        ({"exp": None}, "is not valid"),
        ({"iat": None}, "is not valid"),
        ({"sub": None}, "is not valid"),
        ({"exp": "soon"}, "is not valid"),
        ({"exp": 10**30}, "is not valid"),
        ({"fms_user_id": "x"}, "is not valid"),
        ({"exp": NOW + 61 * SECONDS}, "is not valid"),
        ({"iat": NOW + 11 * SECONDS, "exp": NOW + 60 * SECONDS}, "is not valid"),
        ({"iat": NOW - 71 * SECONDS, "exp": NOW - 11 * SECONDS}, "has run out"),
        ({"fms_user_id": 1950}, "another FMS user"),
        ({"sub": "stranger@example.com"}, "no active account"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_anything_else_gets_the_login_page_with_the_reason(
    sqlite_app: Flask, client: FlaskClient, people: People, claims: dict[str, Any], said: str
) -> None:
    """Foreign, unsigned in part, too long, run out, or for somebody else: nobody is signed in."""
    person = people(Role.SCHEDULER)
    status, _, page = open_with(client, token_for(person.email, **claims))
    assert status == 401
    assert said in page
    assert 'name="password"' in page
    assert client.get("/account").status_code == 303
    with sqlite_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UserSession)) == 0


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", jwt.encode({"sub": "x"}, "", algorithm="none"), "\x00" * 9])
def test_what_is_no_token_is_told_so(sqlite_app: Flask, client: FlaskClient, token: str | None) -> None:
    """The login page, never a broken one."""
    status, _, page = open_with(client, token)
    assert (status, 'name="password"' in page) == (401, True)


@time_machine.travel(NOW, tick=False)
def test_without_a_secret_nobody_is_signed_in(
    sqlite_app: Flask, make_app: Callable[..., Flask], people: People
) -> None:
    """Neither by a token signed with something nor by one signed with nothing."""
    client = make_app(embed_launch_secret="").test_client()
    for token in (token_for(people().email), jwt.encode({"sub": "x"}, "", algorithm="none")):
        status, _, page = open_with(client, token)
        assert status == 401
        assert "is not set up here" in page


@time_machine.travel(NOW, tick=False)
def test_a_token_opens_once(app: Flask, people: People) -> None:
    """A second browser with the same token gets the login page; the first, loading its frame again, stays in."""
    person = people()
    token = token_for(person.email)
    first, second = app.test_client(), app.test_client()
    assert open_with(first, token)[0] == 303
    status, _, page = open_with(second, token)
    assert status == 401
    assert "has been used already" in page
    assert open_with(first, token)[:2] == (303, "/calendar")
    other = people()
    third = app.test_client()
    sign_in(third, other)
    assert open_with(third, token)[0] == 401


@time_machine.travel(NOW, tick=False)
def test_of_two_at_once_one_gets_in(app: Flask, people: People) -> None:
    """Two processes that read the token at the same moment: the database lets one use it up."""
    person = people()
    token, together = token_for(person.email), Barrier(2)

    def enter(_: int) -> bool:
        with app.app_context():
            together.wait()
            try:
                launch.launch(token, address="127.0.0.1", browser="")
            except launch.LaunchRefused:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == [False, True]


@time_machine.travel(NOW, tick=False)
def test_who_is_shut_out_stays_out(sqlite_app: Flask, client: FlaskClient, people: People) -> None:
    """A deactivated account is not opened by FMS either."""
    person = people(is_active=False)
    assert open_with(client, token_for(person.email))[0] == 401


@time_machine.travel(NOW, tick=False)
def test_another_persons_token_takes_over(app: Flask, people: People) -> None:
    """On a shared desk it is the one whom FMS names, not the one who was here before."""
    before, after = people(), people()
    client = app.test_client()
    sign_in(client, before)
    assert open_with(client, token_for(after.email))[0] == 303
    assert after.email in client.get("/account").text


def test_used_tokens_are_forgotten_when_they_have_run_out(app: Flask, people: People) -> None:
    """Not before: until then they could be used again."""
    person = people()
    with time_machine.travel(NOW, tick=False):
        token = token_for(person.email)
        assert open_with(app.test_client(), token)[0] == 303
    kept = []
    for seconds in (70, 71):
        with time_machine.travel(NOW + seconds * SECONDS, tick=False), app.app_context():
            launch.forget_used()
            kept.append(db.session.scalar(select(func.count()).select_from(UsedLaunch)))
    assert kept == [1, 0]
