"""Migrations while the version before serves: they only add, they give way, and of several one does the work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import flask_migrate
import psycopg
import pytest
from flask import Flask
from sqlalchemy import Inspector, inspect, make_url
from sqlalchemy.engine.interfaces import ReflectedColumn

from webapp.db import MIGRATING, db
from webapp.watch.health import revisions

# The tables that the version now in service was made for. A release later what nobody uses any more may go.
IN_SERVICE = "0011"
# Changed all the same: "table.column", and why the version in service bears it.
BORNE: dict[str, str] = {}

Tables = dict[str, dict[str, ReflectedColumn]]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def tables(app: Flask) -> Tables:
    """Every table's columns by name."""
    with app.app_context():
        found: Inspector = inspect(db.engine)
        return {
            name: {column["name"]: column for column in found.get_columns(name)} for name in found.get_table_names()
        }


def unique_keys(app: Flask, names: Tables) -> dict[str, set[tuple[str | None, ...]]]:
    with app.app_context():
        found: Inspector = inspect(db.engine)
        return {
            name: {
                *(tuple(index["column_names"]) for index in found.get_indexes(name) if index["unique"]),
                *(tuple(key["column_names"]) for key in found.get_unique_constraints(name)),
            }
            for name in names
        }


def migrate(app: Flask, revision: str = "head") -> None:
    with app.app_context():
        (flask_migrate.upgrade if revision == "head" else flask_migrate.downgrade)(revision=revision)
        db.session.remove()
        db.engine.dispose()


def test_the_version_in_service_bears_what_is_new(app: Flask) -> None:
    """It finds every table and column as it was, need not fill any that it does not know, and meets no new refusal."""
    migrate(app, IN_SERVICE)
    before = tables(app)
    keys = unique_keys(app, before)
    migrate(app)
    now = tables(app)
    for table, columns in before.items():
        for name, column in columns.items():
            assert table in now, f"{table} is gone"
            assert name in now[table], f"{table}.{name} is gone"
            same = repr(column["type"]) == repr(now[table][name]["type"])
            same = same and column["nullable"] <= now[table][name]["nullable"]
            assert same or f"{table}.{name}" in BORNE, f"{table}.{name} has changed"
        for name in now[table].keys() - columns.keys():
            column = now[table][name]
            is_filled = column["nullable"] or column["default"] is not None
            assert is_filled or f"{table}.{name}" in BORNE, f"who does not know {table}.{name} cannot write its row"
    assert {name: found - keys[name] for name, found in unique_keys(app, before).items() if found - keys[name]} == {}


@pytest.fixture
def elsewhere(database_url: str) -> Iterator[Callable[[], psycopg.Connection]]:
    """`elsewhere()`: a connection of somebody else's."""
    opened: list[psycopg.Connection] = []
    url = make_url(database_url).set(drivername="postgresql").render_as_string(False)

    def connect() -> psycopg.Connection:
        opened.append(psycopg.connect(url))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@contextmanager
def migrating(app: Flask) -> Iterator[threading.Thread]:
    """Somebody else migrates meanwhile; it is done when the block ends, which has to make way."""
    thread = threading.Thread(target=migrate, args=[app])
    thread.start()
    yield thread
    thread.join(60)
    assert not thread.is_alive()


def wait_for(connection: psycopg.Connection, waiting: int) -> None:
    """Until so many wait for a lock."""
    connection.autocommit = True
    while connection.execute(WAITING).fetchone() != (waiting,):
        pass


def test_a_migration_gives_way(postgres_app: Flask, elsewhere: Callable[[], psycopg.Connection]) -> None:
    """While a reader has a table that it needs, others get to that table all the same; then it is done."""
    migrate(postgres_app, "0012")
    reader, writer, watcher = elsewhere(), elsewhere(), elsewhere()
    reader.execute("SELECT * FROM users")
    with migrating(postgres_app):
        wait_for(watcher, 1)
        # Behind the migration, which stands in front for a second, not for as long as the reader likes.
        writer.execute("UPDATE users SET name = name")
        writer.commit()
        reader.rollback()
    assert "second_factor_secret" in tables(postgres_app)["users"]


def test_of_several_that_start_one_migrates(postgres_app: Flask, elsewhere: Callable[[], psycopg.Connection]) -> None:
    """Who comes second waits for the first, however long that takes, and finds it done."""
    migrate(postgres_app, "0012")
    first, watcher = elsewhere(), elsewhere()
    first.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATING])
    with migrating(postgres_app):
        wait_for(watcher, 1)
        first.execute("UPDATE alembic_version SET version_num = %s", [revisions()[0]])
        first.commit()
    assert "second_factor_secret" not in tables(postgres_app)["users"], "it was done twice"
