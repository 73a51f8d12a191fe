"""The database goes away under our hands: people are told to come back, and we find it again by ourselves."""

import sqlite3
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.access import any_role
from webapp.accounts.models import Company
from webapp.db import db, writing
from webapp.outages import is_outage

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> {but}"
SENTENCE = "The database could not be reached just now."


def cut(backend: int | None) -> None:
    """Have the server end one of its connections."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])


def lose_connection() -> str:
    """As if the server had been restarted in the middle of a request."""
    cut(db.session.scalar(select(db.func.pg_backend_pid())))
    return str(db.session.scalar(text("SELECT 1")))


def read_then_lose() -> str:
    """The same just after the last look: the answer is ready."""
    cut(db.session.scalar(select(db.func.pg_backend_pid())))
    return "ready"


def break_rule() -> str:
    """A fault of ours, which leaves a transaction that has failed."""
    with writing() as session:
        session.add_all([Company(name="Twice"), Company(name="Twice")])
    return ""


def app_with(app: Flask, **views: Callable[[], str]) -> Flask:
    """The application with these views, as pages and as JSON."""
    for name, view in views.items():
        for prefix in ("", "/api"):
            app.add_url_rule(f"{prefix}/{name}", f"{prefix}{name}", any_role(view))
    return app


def test_a_connection_that_was_cut_while_idle_is_not_used(postgres_app: Flask, people: People) -> None:
    """A database that was restarted between two requests costs neither of them anything."""
    client = postgres_app.test_client()
    sign_in(client, people())
    assert client.get("/account").status_code == 200
    url = postgres_app.extensions["settings"].database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as other:
        assert other.execute(CUT.format(but="pg_backend_pid()")).fetchall()
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize("prefix", ["", "/api"])
def test_a_connection_lost_within_a_request(
    postgres_app: Flask, people: People, prefix: str, headers: dict[str, str]
) -> None:
    """The person is told that it may have been done and when to come back, in the form that was asked for."""
    client = app_with(postgres_app, lose=lose_connection).test_client()
    sign_in(client, people())
    answer = client.get(f"{prefix}/lose", headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert SENTENCE in answer.text
    assert ("<html" in answer.text) is (not prefix and not headers)
    assert client.get("/account").status_code == 200


def test_a_connection_lost_when_the_answer_is_ready(postgres_app: Flask, people: People) -> None:
    """What was read and drawn is answered, and the next request finds a connection that works."""
    client = app_with(postgres_app, last=read_then_lose).test_client()
    sign_in(client, people())
    for _ in range(2):
        answer = client.get("/last")
        assert (answer.status_code, answer.text) == (200, "ready")
    assert client.get("/account").status_code == 200


def test_nobody_waits_twice_for_a_database_that_is_gone(app: Flask, people: People, engine: str) -> None:
    """The page that says so is drawn without looking once more for who asks, which may take as long again."""
    client = app.test_client()
    sign_in(client, people())
    tries: list[str] = []

    def refuse(*_: object) -> None:
        tries.append("connect")
        raise {"sqlite": sqlite3.OperationalError, "postgres": psycopg.OperationalError}[engine]("unreachable")

    with app.app_context():
        event.listen(db.engine, "do_connect", refuse)
        db.engine.dispose()
    answer = client.get("/account")
    assert (answer.status_code, SENTENCE in answer.text, tries) == (503, True, ["connect"])
    # What is refused before anybody is looked for is answered as ever, by a page that would say who they are.
    for answer, status in ((client.get("/no-such-page"), 404), (client.post("/login"), 400)):
        assert (answer.status_code, "</html>" in answer.text) == (status, True)
    assert tries == ["connect"] * 3


def test_a_fault_of_ours_is_no_outage(app: Flask, people: People) -> None:
    """A statement that the database refuses is a 500, drawn as a page although its transaction has failed."""
    client = app_with(app, broken=break_rule).test_client()
    sign_in(client, people())
    answer = client.get("/broken")
    assert (answer.status_code, "Something broke on our side" in answer.text) == (500, True)
    assert "</html>" in answer.text


def test_what_is_an_outage() -> None:
    """No connection, none free in time, a file that others hold; but no statement that is wrong."""
    busy = Exception("database is locked")
    busy.sqlite_errorname = "SQLITE_BUSY"  # type: ignore[attr-defined]
    assert is_outage(NoneFree())
    assert is_outage(OperationalError(None, None, Exception("connection refused")))
    assert is_outage(OperationalError("SELECT 1", {}, Exception("gone"), connection_invalidated=True))
    assert is_outage(OperationalError("SELECT 1", {}, busy))
    assert not is_outage(OperationalError("SELECT 1", {}, Exception("deadlock detected")))
    assert not is_outage(IntegrityError("INSERT", {}, Exception("twice")))
