"""Connections to PostgreSQL: named, limited, and replaced when they are cut."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.rows import People
from tests.servers import sign_in
from webapp.db import PAUSE_SECONDS, STATEMENT_SECONDS, db

CUT_THE_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'motorpool' AND pid <> pg_backend_pid()"
)


def test_postgresql_ends_what_hangs(postgres_app: Flask) -> None:
    """A statement or an open transaction of a process that hangs holds nobody up for good."""
    with postgres_app.app_context():
        found = [
            db.session.scalar(text(f"SHOW {name}"))
            for name in ("statement_timeout", "idle_in_transaction_session_timeout", "application_name")
        ]
        db.session.rollback()
    assert found == [f"{STATEMENT_SECONDS // 60}min", f"{PAUSE_SECONDS // 60}min", "motorpool"]


def test_whoever_asks_after_a_cut_is_answered(
    postgres_app: Flask, client: FlaskClient, people: People, database_url: str
) -> None:
    """The server restarted or a firewall forgot us: connections that lay idle are found dead and made anew."""
    sign_in(client, people())
    assert client.get("/calendar").status_code == 200
    cut = create_engine(database_url)
    with cut.connect() as connection:
        assert connection.scalar(CUT_THE_OTHERS) >= 1
    cut.dispose()
    assert client.get("/calendar").status_code == 200
