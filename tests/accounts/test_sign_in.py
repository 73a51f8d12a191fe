"""Signing in and out through the pages, on both databases."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from tests.rows import PASSWORD, People, Person
from tests.servers import csrf_token, sign_in
from webapp import logs
from webapp.accounts import passwords, proving, service, sessions
from webapp.accounts import sign_in as signing
from webapp.accounts.actor import Actor
from webapp.accounts.models import SignInFailure, User, UserSession
from webapp.accounts.permissions import Role
from webapp.db import db, writing
from webapp.settings import Environment

MORNING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
OPERATOR = Actor(None, "Command line", Role.SUPER_ADMIN, 0)
WRONG = "This e-mail and password do not belong together."


def attempt(client: FlaskClient, email: str, password: str, **fields: str) -> TestResponse:
    form = {"email": email, "password": password, "csrf_token": csrf_token(client, "/login"), **fields}
    return client.post("/login", data=form)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_a_person_signs_in_sees_the_account_and_signs_out(client: FlaskClient, people: People) -> None:
    """The whole story: form, account page, sign out, and then the login page again."""
    person = people(Role.SCHEDULER, locations=["Atlanta", "Los Angeles"])
    assert client.get("/account").location == "/login?next=/account"
    answer = attempt(client, person.email.upper() + " ", PASSWORD)
    assert answer.status_code == 303
    page = client.get("/account").text
    for shown in (person.name, person.email, "Scheduler", "Atlanta, Los Angeles", "1949", "this one"):
        assert shown in page
    answer = client.post("/logout", data={"csrf_token": csrf_token(client)})
    assert answer.location == "/login"
    assert not is_signed_in(client)


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client: FlaskClient, people: People) -> None:
    """`next` survives the form."""
    person = people()
    page = client.get("/login?next=/account%3Fx%3D1").text
    assert 'name="next" value="/account?x=1"' in page
    assert attempt(client, person.email, PASSWORD, next="/account?x=1").location == "/account?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "\\/evil.example",
        "//[evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/login",
    ],
)
def test_nobody_is_sent_elsewhere(client: FlaskClient, people: People, elsewhere: str) -> None:
    """An address that is not ours in `next` is ignored, before and after signing in."""
    answer = attempt(client, people().email, PASSWORD, next=elsewhere)
    assert answer.location in ("/account", "/calendar")
    answer = client.get("/login", query_string={"next": elsewhere})
    assert answer.location in ("/account", "/calendar")


def test_unknown_deactivated_and_wrong_look_the_same(client: FlaskClient, people: People) -> None:
    """Nobody learns from the answer whether an e-mail belongs to somebody."""
    known, gone = people(), people(is_active=False)
    answers = [
        attempt(client, email, password)
        for email, password in (
            (known.email, "wrong password"),
            ("nobody@example.com", "wrong password"),
            (gone.email, PASSWORD),
        )
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    for answer in answers:
        assert WRONG in answer.text
        assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("email", ["", "\0", "a\0@example.com", "x" * 5000, "'; DROP TABLE users; --"])
def test_nonsense_is_just_wrong(client: FlaskClient, people: People, email: str) -> None:
    """Whatever is typed as an e-mail, the answer is a sentence and not a crash."""
    people()
    assert attempt(client, email, "wrong password").status_code == 422


def test_five_failures_lock_the_account_for_a_growing_while(client: FlaskClient, people: People) -> None:
    """The sixth try waits a minute even with the right password; after a further failure, two."""
    person = people()
    with time_machine.travel(MORNING, tick=False) as clock:
        for _ in range(5):
            assert attempt(client, person.email, "wrong password").status_code == 422
        locked = attempt(client, person.email, PASSWORD)
        assert locked.status_code == 429
        assert locked.headers["Retry-After"] == "60"
        assert "Too many tries. Wait a minute" in locked.text
        clock.shift(60)
        assert attempt(client, person.email, "wrong password").status_code == 422
        clock.shift(61)
        assert attempt(client, person.email, PASSWORD).status_code == 429
        clock.shift(60)
        assert attempt(client, person.email, PASSWORD).status_code == 303


def test_an_unknown_account_is_locked_like_a_known_one(client: FlaskClient, people: People) -> None:
    """The throttle says nothing about who exists either."""
    with time_machine.travel(MORNING, tick=False):
        for _ in range(5):
            assert attempt(client, "nobody@example.com", "wrong password").status_code == 422
        assert attempt(client, "nobody@example.com", PASSWORD).status_code == 429
        assert attempt(client, people().email, PASSWORD).status_code == 303


def test_success_clears_the_failures(client: FlaskClient, people: People) -> None:
    """Four slips, a success, four slips: never locked."""
    person = people()
    for _ in range(2):
        for _ in range(4):
            assert attempt(client, person.email, "wrong password").status_code == 422
        assert attempt(client, person.email, PASSWORD).status_code == 303
        client.post("/logout", data={"csrf_token": csrf_token(client)})


def test_fifty_failures_lock_the_address(app: Flask, client: FlaskClient, people: People) -> None:
    """An address that tried fifty accounts waits; another address does not."""
    person = people()
    with time_machine.travel(MORNING, tick=False):
        with app.app_context(), writing() as session:
            session.add_all(
                SignInFailure(email=f"nobody{n}@example.com", address="127.0.0.1", failed_at=MORNING) for n in range(50)
            )
        assert attempt(client, person.email, PASSWORD).status_code == 429
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
        assert attempt(elsewhere, person.email, PASSWORD).status_code == 303


def test_a_network_of_addresses_has_no_more_tries(app: Flask, people: People) -> None:
    """Fifty tries at as many accounts, each from another address of one IPv6 network: the next one waits."""
    person = people()
    with time_machine.travel(MORNING, tick=False), app.app_context():
        for number in range(50):
            proving.count_try(f"nobody{number}@example.com", f"2001:db8::{number:x}")
        with pytest.raises(proving.TooManyTries):
            proving.count_try(person.email, "2001:db8::ffff")
        proving.count_try(person.email, "2001:db8:0:1::1")


def test_twenty_tries_at_once_do_not_pass_the_throttle(app: Flask, people: People) -> None:
    """Of twenty simultaneous guesses at one account, five are looked at."""
    person = people()

    def guess(number: int) -> type[Exception] | None:
        with app.app_context():
            try:
                signing.sign_in(person.email, f"guess {number}", address="192.0.2.7", browser="")
            except (proving.WrongCredentials, proving.TooManyTries) as refusal:
                return type(refusal)
        return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(20)))
    assert outcomes.count(proving.WrongCredentials) == 5
    assert outcomes.count(proving.TooManyTries) == 15


def test_a_planted_cookie_does_not_become_the_signed_in_one(app: Flask, client: FlaskClient, people: People) -> None:
    """Signing in begins a new session: the token and the CSRF token of before are worth nothing."""
    person = people()
    before = csrf_token(client, "/login")
    planted = client.get_cookie("session")
    assert planted
    sign_in(client, person)
    attacker = app.test_client()
    attacker.set_cookie("session", planted.value)
    assert not is_signed_in(attacker)
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400


def test_a_sign_in_ends_after_twelve_idle_hours(client: FlaskClient, people: People) -> None:
    """Used every few hours it goes on; left for twelve hours it is over."""
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, people())
        for _ in range(3):
            clock.shift(timedelta(hours=11))
            assert is_signed_in(client)
        clock.shift(timedelta(hours=12))
        assert not is_signed_in(client)


def test_a_sign_in_ends_after_seven_days(client: FlaskClient, people: People) -> None:
    """However busy, a week is the end of it."""
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, people())
        for _ in range(16):
            clock.shift(timedelta(hours=10))
            assert is_signed_in(client)
        clock.shift(timedelta(hours=8))
        assert not is_signed_in(client)


def test_use_is_noted_once_in_five_minutes_and_not_for_polling(app: Flask, client: FlaskClient, people: People) -> None:
    """Reading pages does not write each time, and a page left open does not keep itself signed in."""

    def last_seen() -> datetime | None:
        with app.app_context():
            return db.session.scalar(select(UserSession.last_seen_at))

    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, people())
        clock.shift(timedelta(minutes=4))
        client.get("/account")
        assert last_seen() == MORNING
        clock.shift(timedelta(minutes=2))
        client.get("/account", headers={"HX-Request": "true"})
        assert last_seen() == MORNING
        client.get("/account")
        assert last_seen() == MORNING + timedelta(minutes=6)


def test_the_person_is_found_with_one_query(app: Flask, client: FlaskClient, people: People) -> None:
    """Session, user and locations come together, however many locations there are."""
    sign_in(client, people(locations=[f"Office {number}" for number in range(12)]))
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    client.get("/")
    assert sum("SELECT" in statement for statement in statements) == 1, statements


END_SIGN_INS: list[tuple[str, Callable[[Person], None]]] = [
    ("role", lambda person: service.set_role(OPERATOR, person.email, Role.AUDITOR)),
    ("password", lambda person: service.set_password(OPERATOR, person.email, "another password")),
    ("deactivation", lambda person: service.deactivate(OPERATOR, person.email)),
    ("everywhere", lambda person: sessions.end_all_sessions(person.user_id)),
]


@pytest.mark.parametrize(("reason", "change"), END_SIGN_INS, ids=[reason for reason, _ in END_SIGN_INS])
def test_sign_ins_and_tokens_end_at_once(
    app: Flask, client: FlaskClient, people: People, reason: str, change: Callable[[Person], None]
) -> None:
    """A new role, a new password, deactivation and "sign out everywhere" end cookies and bearer tokens."""
    person, bystander = people(), people()
    sign_in(client, person)
    token = client.post("/api/auth/token", json={"email": person.email, "password": PASSWORD}).json
    assert token
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    other = app.test_client()
    sign_in(other, bystander)
    assert is_signed_in(client)
    assert app.test_client().get("/account", headers=bearer).status_code == 200
    with app.app_context():
        change(person)
    assert not is_signed_in(client)
    assert app.test_client().get("/account", headers=bearer).status_code == 303
    assert is_signed_in(other)


def test_a_person_shut_out_by_hand_in_the_database_is_out(app: Flask, client: FlaskClient, people: People) -> None:
    """Every request looks at the user again."""
    person = people()
    sign_in(client, person)
    with app.app_context(), writing() as session:
        session.execute(update(User).where(User.id == person.user_id).values(is_active=False))
    assert not is_signed_in(client)


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(app: Flask, client: FlaskClient, people: People) -> None:
    """The next right password brings the hash up to date, and still fits."""
    person = people()
    with app.app_context(), writing() as session:
        old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
        assert passwords.is_outdated(old)
        session.execute(update(User).values(password_hash=old))
    sign_in(client, person)
    with app.app_context():
        renewed = db.session.scalars(select(User.password_hash)).one()
    assert not passwords.is_outdated(renewed)
    assert passwords.is_right(renewed, PASSWORD)


@pytest.mark.parametrize("change", [END_SIGN_INS[1][1], END_SIGN_INS[2][1]], ids=["password", "deactivation"])
def test_who_is_shut_out_while_the_password_is_checked_stays_out(
    app: Flask, people: People, monkeypatch: pytest.MonkeyPatch, change: Callable[[Person], None]
) -> None:
    """Hashing takes a while: what happens to the account meanwhile counts."""
    person, is_right = people(), passwords.is_right

    def slow(password_hash: str | None, password: str) -> bool:
        change(person)
        return is_right(password_hash, password)

    monkeypatch.setattr(passwords, "is_right", slow)
    with app.app_context():
        with pytest.raises(proving.WrongCredentials):
            signing.sign_in(person.email, PASSWORD, address="192.0.2.7", browser="")
        assert not db.session.scalars(select(UserSession)).all()


@pytest.mark.parametrize(("environment", "is_secure"), [("development", False), ("production", True)])
def test_the_cookie_is_kept_from_scripts_and_other_sites(
    make_app: Callable[..., Flask], environment: str, is_secure: bool
) -> None:
    """HttpOnly and SameSite always, Secure in production."""
    app = make_app(app_env=Environment(environment), secret_key="a key of thirty-two letters or more")
    client = app.test_client()
    sign_in(client, People(app)())
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.secure is is_secure


def test_the_frame_survives_signing_in_and_out(client: FlaskClient, people: People) -> None:
    """`?embedded=1` on the first page keeps the pages slim through login and logout."""
    assert client.get("/account?embedded=true").status_code == 303
    assert 'class="framed"' in client.get("/login").text
    sign_in(client, people())
    assert 'class="framed"' in client.get("/account").text
    client.post("/logout", data={"csrf_token": csrf_token(client)})
    assert 'class="framed"' in client.get("/login").text
    assert 'class="framed"' not in client.get("/login?embedded=0").text


@pytest.fixture
def every_log_line() -> Iterator[StringIO]:
    """All that is logged, down to debugging."""
    lines = StringIO()
    logs.configure("DEBUG")
    handler = logging.StreamHandler(lines)
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)
    logs.configure("ERROR")


def test_secrets_are_in_no_log_and_no_table(
    app: Flask, client: FlaskClient, people: People, every_log_line: StringIO
) -> None:
    """Neither password, token nor e-mail is logged; the database knows a token's fingerprint only."""
    person = people()
    attempt(client, person.email, "wrong password")
    sign_in(client, person)
    answer = client.post("/api/auth/token", json={"email": person.email, "password": PASSWORD}).json
    assert answer
    with client.session_transaction() as session:
        token = session["_user_id"]
    logged = every_log_line.getvalue()
    assert "signed_in" in logged
    for secret in (PASSWORD, "wrong password", token, answer["access_token"], person.email):
        assert secret not in logged
    with app.app_context():
        assert token not in db.session.scalars(select(UserSession.token_hash)).all()


def test_what_no_rule_looks_at_is_forgotten(app: Flask, client: FlaskClient, people: People) -> None:
    """The regular job deletes failures after a day and sign-ins after a week, and nothing younger."""

    def counts() -> tuple[int, int]:
        with app.app_context():
            signing.forget_old()
            return tuple(
                db.session.scalar(select(func.count()).select_from(model)) or 0
                for model in (SignInFailure, UserSession)
            )  # type: ignore[return-value]

    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, people())
        attempt(app.test_client(), "nobody@example.com", "wrong password")
        assert counts() == (1, 1)
        clock.shift(timedelta(days=1, seconds=1))
        assert counts() == (0, 1)
        clock.shift(timedelta(days=6))
        assert counts() == (0, 0)
