"""The sandbox's own SQLite file: its tables, how it is filled once, and how it is read and written."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from webapp.sandbox.generate import Company
from webapp.sandbox.schema import FIRST_REQUEST_ID, FIRST_REQUESTED_VEHICLE_ID, SCHEMA, TABLES
from webapp.sandbox.smartmoving.schema import SMARTMOVING_SCHEMA, SMARTMOVING_TABLES


class Store:
    """Readers see a committed state; writers come one after another."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        # Grows with everything that a report may show; a report that was made at a version holds for it.
        self.version = 0
        # Kept open: SQLite empties its log when the last connection closes: milliseconds a call.
        self._writer = _connect(path)

    def is_filled(self) -> bool:
        """Whether a company was written completely (a fill that was killed leaves nothing)."""
        with self.reading() as db:
            return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'").fetchone())

    def has_movers(self) -> bool:
        """Whether SmartMoving's company was written completely."""
        with self.reading() as db:
            return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'smartmoving_about'").fetchone())

    def fill(self, company: Company) -> None:
        """Replace everything of FMS by this company, in one transaction."""
        with self.writing() as db:
            _replace(db, TABLES, SCHEMA, company.tables())
            db.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES ('requests', ?), ('requested_vehicles', ?)",
                (FIRST_REQUEST_ID - 1, FIRST_REQUESTED_VEHICLE_ID - 1),
            )

    def fill_movers(self, tables: Mapping[str, Sequence[Sequence[object]]]) -> None:
        """Replace everything of SmartMoving by these rows, in one transaction."""
        with self.writing(is_journal=True) as db:
            _replace(db, SMARTMOVING_TABLES, SMARTMOVING_SCHEMA, tables)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one committed state, however much is written until it is closed."""
        db = _connect(self.path)
        try:
            db.execute("BEGIN")
            yield db
        finally:
            db.close()

    @contextmanager
    def writing(self, *, is_journal: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction that is committed at the end, or undone by any exception.

        `is_journal`: it only takes down what happened, which no report shows.
        """
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")
            self.version += not is_journal


def _connect(path: Path) -> sqlite3.Connection:
    # check_same_thread: the lock hands the one writing connection from thread to thread.
    db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _replace(
    db: sqlite3.Connection,
    names: Sequence[str],
    schema: Sequence[str],
    tables: Mapping[str, Sequence[Sequence[object]]],
) -> None:
    for table in names:
        db.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in schema:
        db.execute(statement)
    for table, rows in tables.items():
        insert_all(db, table, rows)


def insert_all(db: sqlite3.Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Add rows that name every column of the table."""
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
