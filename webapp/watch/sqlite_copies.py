"""Copies of an SQLite database: made while others write, taken back while nobody does."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from webapp.settings import PROJECT
from webapp.watch.copies import BROKEN, NOT_EMPTY, RUNNING, SESSIONS, CopyRefused, new_file, refuse_unfit, tables


def back_up(engine: Engine, path: Path) -> None:
    """Copy the database of `engine` to `path`, as it is between two writes. Raises `CopyRefused`.

    In one step, under one reading transaction: in WAL mode no writer waits for it, and none gets into it.
    """
    with new_file(path) as written, _opened(_file_of(engine)) as original, _opened(written) as made:
        original.backup(made)
        # The mark of the original's: a copy is one file, without others beside it.
        made.execute("PRAGMA journal_mode=DELETE")
        _check(made)


def restore(engine: Engine, path: Path, *, may_replace: bool) -> str:
    """Make the database of `engine` what `path` holds, wholly or not at all; the version of its tables.

    Raises `CopyRefused` for a copy that is broken, foreign or of a newer version, while anybody uses the database,
    and where it has data and `may_replace` is false.
    """
    target = _file_of(engine)
    staged = target.with_name(f".{target.name}.restoring")
    staged.unlink(missing_ok=True)
    # It holds what the copy holds, which is for our eyes only.
    staged.touch(mode=0o600)
    try:
        with _opened(path, "ro") as copy, closing(sqlite3.connect(staged)) as checked:
            copy.backup(checked)
            checked.execute("PRAGMA journal_mode=DELETE")
            _check(checked)
            revision = _revision(checked)
            refuse_unfit(revision)
            checked.execute(f"DELETE FROM {SESSIONS}")
            checked.commit()
            with _alone(target) as connection:
                if not may_replace and _has_rows(connection):
                    raise CopyRefused(NOT_EMPTY)
                checked.backup(connection)
    except sqlite3.DatabaseError as error:
        raise CopyRefused(f"{path} cannot be restored: {error}.") from error
    finally:
        staged.unlink(missing_ok=True)
    return str(revision)


def _file_of(engine: Engine) -> Path:
    name = engine.url.database
    if not name or name == ":memory:":
        raise CopyRefused("A database in memory has no copies.")
    return PROJECT / name


@contextmanager
def _opened(path: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """A connection to a file that exists."""
    if not path.is_file():
        raise CopyRefused(f"There is no file {path}.")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True)) as connection:
        yield connection


@contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that nobody else has one beside: in WAL mode whoever is connected holds a lock all the time."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            _lock(connection)
            yield connection
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
                # The copy was checked. Nothing tells whether somebody still has this one open.
                raise CopyRefused(BROKEN.format(path=path)) from error
            raise


def _lock(connection: sqlite3.Connection) -> None:
    try:
        [mode] = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        if mode != "delete":
            raise CopyRefused(RUNNING)
        # The lock stays with us until we close.
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise CopyRefused(RUNNING) from error


def _check(connection: sqlite3.Connection) -> None:
    """Raise `CopyRefused` where pages, indexes or references between rows are broken."""
    [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise CopyRefused(f"The copy is damaged: {found}.")
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise CopyRefused(f"The copy is damaged: a row of {broken[0]} points to none of {broken[2]}.")


def _revision(connection: sqlite3.Connection) -> str | None:
    if "alembic_version" not in _names(connection):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _has_rows(connection: sqlite3.Connection) -> bool:
    return any(
        connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
        for name in sorted(_names(connection).intersection(tables()))
    )


def _names(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
