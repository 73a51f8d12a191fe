"""Readers that never stop see one whole report or another while imports alternate, and loans stay as they were."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests.feeds.served import ReportServer, State, read_state, report, state_of
from tests.rows import Fleet
from webapp.db import db
from webapp.feeds.parse_schema import FEEDS, Feed
from webapp.feeds.service import import_feed, source_of
from webapp.feeds.tables import TARGETS
from webapp.loans.models import Assignment

READERS = 3
ROUNDS = 4
PATIENCE = 60


class Readers:
    """Threads that read one table over and over, each with a connection of its own."""

    def __init__(self, app: Flask, feed: Feed, company_id: int, days: dict[State, str]) -> None:
        self._app, self._feed, self._company_id, self._days = app, feed, company_id, days
        self._counts = {len(state): day for state, day in days.items()}
        self.seen: Counter[str] = Counter()
        self.between: list[str] = []
        self._readings = [0] * READERS
        self._turned = threading.Condition()
        self._is_over = threading.Event()

    @contextmanager
    def hammering(self) -> Iterator[None]:
        """Read while the block runs."""
        threads = [threading.Thread(target=self._read_on, args=(number,)) for number in range(READERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()

    def wait_for_a_reading_of_each(self) -> None:
        """Until every reader has begun and ended a reading from now on."""
        with self._turned:
            # The one that is under way may have begun earlier.
            wanted = [readings + 2 for readings in self._readings]
            assert self._turned.wait_for(
                lambda: all(now >= then for now, then in zip(self._readings, wanted, strict=True)), PATIENCE
            ), "a reader is stuck"

    def _read_on(self, number: int) -> None:
        with self._app.app_context():
            while not self._is_over.is_set():
                found = self._read()
                with self._turned:
                    self.seen.update(found)
                    self._readings[number] += 1
                    self._turned.notify_all()

    def _read(self) -> list[str]:
        """The day of the rows, and the day of their number as the database counts it."""
        connection, table = db.session.connection(), TARGETS[self._feed.name].table
        rows = read_state(connection, self._feed, self._company_id)
        count = connection.scalar(
            select(func.count()).where(table.c.company_id == self._company_id, table.c.gone_at.is_(None))
        )
        db.session.rollback()
        day, counted = self._days.get(rows), self._counts.get(count or 0)
        if day is None or counted is None:
            self.between.append(f"{len(rows)} rows, {count} counted")
        return [day or "", counted or ""]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_readers_see_one_report_or_the_other(
    app: Flask, fleet: Fleet, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two statements of an import everybody reads the last state whole; after it, the new one whole."""
    # So that one report takes several statements of each kind, as a long one does.
    monkeypatch.setattr("webapp.feeds.apply.SLICE", 10)
    loan = fleet.add_loan(fleet.add_vehicle(), fleet.add_partner())
    contents = {"A": report(feed, 0, 30), "B": report(feed, 1, 40)}
    days = {state_of(feed, content): day for day, content in contents.items()}
    readers, importer, writes = Readers(app, feed, loan.company_id, days), threading.get_ident(), Counter[str]()

    def let_them_read(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        verb = statement.split()[0]
        if threading.get_ident() == importer and verb in ("INSERT", "UPDATE", "DELETE"):
            writes[verb] += 1
            readers.wait_for_a_reading_of_each()

    with ReportServer() as server, app.app_context():
        settings = app.extensions["settings"].model_copy(update=server.settings)

        def take(day: str) -> None:
            server.serve({feed.name: contents[day]})
            outcome = import_feed(feed, source_of(settings, feed), loan.company_id)
            assert outcome.status == "applied", outcome.error

        take("A")
        loans = _loans()
        event.listen(db.engine, "after_cursor_execute", let_them_read)
        with readers.hammering():
            for day in "BA" * (ROUNDS // 2):
                take(day)
                readers.wait_for_a_reading_of_each()
        event.remove(db.engine, "after_cursor_execute", let_them_read)
        assert readers.between == []
        assert min(readers.seen[day] for day in "AB") >= READERS * ROUNDS
        # New rows once, then changed and vanished ones each time: all of it under their eyes.
        assert writes["INSERT"] >= 2
        assert writes["UPDATE"] >= 2 * ROUNDS
        assert writes["DELETE"] == 0
        assert _loans() == loans


def _loans() -> list[tuple[Any, ...]]:
    rows = db.session.execute(select(Assignment.__table__))
    found = [tuple(row) for row in rows]
    db.session.rollback()
    assert found
    return found
