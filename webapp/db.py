"""The database: one declarative base, one way to write, the same promises on SQLite and PostgreSQL.

SQLite's driver opens transactions late, so two writers that check and then insert could both pass; here a
writing transaction takes the write lock before its first read (`BEGIN IMMEDIATE`).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, TypeDecorator, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from werkzeug.routing import IntegerConverter, Map

from webapp.settings import PROJECT

BUSY_SECONDS = 15
# By what name PostgreSQL lists our connections.
APPLICATION = "motorpool"
log = structlog.get_logger(__name__)
# The largest number that an integer column takes on both engines.
LARGEST = 2**31 - 1
# Whoever migrates a PostgreSQL database holds this advisory lock; a number that nobody else uses.
MIGRATING = 7_405_110
# What PostgreSQL holds against a process of ours that hangs: no statement, and no pause inside a transaction, is that
# long. FMS is never called, and nobody waited for, with a transaction open.
STATEMENT_SECONDS, PAUSE_SECONDS = 60, 120
CONNECT_SECONDS = 10


class Base(DeclarativeBase):
    """The base of every model. Constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(metadata=Base.metadata)
migrate = Migrate(directory=str(PROJECT / "webapp" / "migrations"), compare_type=True)


class Instant(TypeDecorator[datetime]):
    """An aware instant. SQLite keeps it without a zone, in UTC; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class RowNumber(IntegerConverter):
    """`<int:...>` in addresses: what the database's integers hold. Anything larger names nothing: 404."""

    # Few enough that Python reads them, and no digits of other scripts.
    regex = "[0-9]{1,12}"

    def __init__(
        self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = LARGEST, signed: bool = False
    ) -> None:
        super().__init__(map, fixed_digits, min, max, signed)


def register(app: Flask) -> None:
    """Give `app` its engine and migrations, and numbers in addresses that the engine can bear."""
    app.url_map.converters["int"] = RowNumber
    db.init_app(app)
    # Called before Flask-SQLAlchemy's own, which is registered above.
    app.teardown_appcontext(_let_go)
    migrate.init_app(app, db, render_as_batch=False)
    with app.app_context():
        _prepare(db.engine)


@contextmanager
def writing() -> Iterator[Session]:
    """One writing transaction: commits when the block ends, rolls back when it raises.

    A reading transaction that this session still has open is closed first, so that what the block reads is
    what is true now. Blocks do not nest: a use case is one transaction.
    """
    session: Session = db.session()
    if is_writing(session):
        raise RuntimeError("a writing transaction is already open; a use case has one")
    close_reading()
    session.info["writing"] = True
    try:
        session.connection(execution_options={"writes": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)


def is_writing(session: Session) -> bool:
    """Whether `session` is inside `writing()`: then rows that will be changed are worth locking."""
    return bool(session.info.get("writing"))


def close_reading() -> None:
    """End the reading transaction of this session, if any; what was loaded is read again when next used."""
    session: Session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside writing()")
    session.commit()


def count_rows(session: Session) -> None:
    """Have SQLite note how its rows are spread, so that it chooses indexes by that; PostgreSQL does so by itself.

    Without it SQLite took every activity of a company that ends from a day on, to show those of one office.
    """
    if is_sqlite():
        session.execute(text("ANALYZE"))


def refuse_open_transaction() -> None:
    """Raise where a transaction is open: called before anything that waits for somebody else's server."""
    session: Session = db.session()
    if session.in_transaction():
        raise RuntimeError("a transaction is open while another system is called")


def _let_go(_error: BaseException | None) -> None:
    """End the session. That its connection was lost meanwhile costs nobody the answer that is ready."""
    try:
        db.session.remove()
    except SQLAlchemyError as error:
        log.warning("connection_lost_at_the_end", exc_info=error)
        db.session.registry.clear()


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        event.listen(engine, "do_connect", _tune_postgres)
        return
    if engine.url.database and engine.url.database != ":memory:":
        (PROJECT / engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _tune_postgres(_dialect: Dialect, _record: Any, _arguments: Any, named: dict[str, Any]) -> None:
    """Say who we are and what we bear; what DATABASE_URL says itself stands."""
    named.setdefault("application_name", APPLICATION)
    named.setdefault("connect_timeout", CONNECT_SECONDS)
    limits = {"statement_timeout": STATEMENT_SECONDS, "idle_in_transaction_session_timeout": PAUSE_SECONDS}
    named.setdefault("options", " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items()))


def _tune_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # We begin transactions ourselves (below); the driver must not do it behind our back.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: the ledger's row must survive a power cut before FMS is called.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "foreign_keys=ON",
        # As many rows of an index as ANALYZE looks at: enough to choose by, and soon done.
        "analysis_limit=1000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_sqlite() -> bool:
    """Whether the running application keeps its data in SQLite."""
    return bool(current_app.extensions["settings"].uses_sqlite)
