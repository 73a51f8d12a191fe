"""`/healthz` and `/readyz`: what they answer while all is well, and with what is wrong named."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.queries_counted import queries_of
from webapp import clock
from webapp.db import db, writing
from webapp.sync.lease import acquire
from webapp.sync.models import Lease
from webapp.watch import health


def checks(client: FlaskClient) -> tuple[int, dict[str, str]]:
    """The status, and what each check found."""
    answer = client.get("/readyz")
    assert answer.json
    return answer.status_code, answer.json["checks"]


def test_a_process_that_answers_is_alive(app: Flask, client: FlaskClient) -> None:
    """Without asking the database, so that a slow one gets nobody restarted."""
    with app.app_context(), queries_of() as asked:
        assert client.get("/healthz").json == {"status": "ok"}
    assert not asked


def test_ready_when_the_database_is_ours(app: Flask, client: FlaskClient) -> None:
    """And somebody has just done a job."""
    with app.app_context():
        acquire("job:recover", 30)
    assert checks(client) == (200, {"database": "ok", "migrations": "ok", "scheduler": "ok"})


@pytest.mark.parametrize(
    ("version", "status", "found"), [("0001", 503, "behind"), ("from the future", 200, "ok"), (None, 503, "behind")]
)
def test_tables_of_another_version(
    app: Flask, client: FlaskClient, version: str | None, status: int, found: str
) -> None:
    """Older tables than ours: not ready. Newer ones: a roll-out is under way, and we go on serving."""
    with app.app_context(), writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
        if version:
            session.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    answer, named = checks(client)
    assert (answer, named["migrations"]) == (status, found)


def test_no_tables_at_all(app: Flask, client: FlaskClient) -> None:
    """A database that nobody has prepared is said to be one."""
    with app.app_context(), writing() as session:
        session.execute(text("DROP TABLE alembic_version"))
    assert checks(client)[1]["migrations"] == "missing"


def test_a_database_that_is_gone(make_app: Callable[..., Flask]) -> None:
    """503 without a word of the error, which may name hosts and users."""
    nowhere = make_app(database_url="postgresql+psycopg://somebody:secret@127.0.0.1:1/none?connect_timeout=1")
    answer = nowhere.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json
    assert answer.json["checks"]["database"] == "unreachable"
    assert "secret" not in answer.text
    assert "somebody" not in answer.text


def test_jobs_that_nobody_does_are_late(sqlite_app: Flask, client: FlaskClient) -> None:
    """Requests are served all the same, so it is told and takes nobody out of service."""
    assert checks(client) == (200, {"database": "ok", "migrations": "ok", "scheduler": "late"})
    with sqlite_app.app_context(), writing() as session:
        long_ago = clock.now() - health.LATE_AFTER - timedelta(seconds=1)
        session.add(Lease(name="job:recover", holder="somebody", fence=1, expires_at=long_ago))
    assert checks(client)[1]["scheduler"] == "late"
    with sqlite_app.app_context():
        db.session.rollback()
