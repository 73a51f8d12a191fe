"""An importer killed anywhere leaves each report's table old or new, nothing between; the next run makes it new."""

import random
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tests.feeds.importer import DONE, KILLED, Importer
from tests.feeds.served import ReportServer, State, read_state, report, state_of
from tests.rows import Fleet
from tests.sync.leases import let_leases_run_out
from webapp.db import db
from webapp.feeds.parse_schema import FEEDS
from webapp.loans.models import Assignment
from webapp.settings import Settings
from webapp.sync.models import RunStatus, SyncRun

NAMES = [feed.name for feed in FEEDS]
# For each unit and engine.
KILLS = 7


@pytest.fixture(scope="module")
def importer() -> Iterator[Importer]:
    """A process that is warm, for children that are killed."""
    with Importer() as running:
        yield running


class Days:
    """One desk, whose reports say something else every day."""

    def __init__(self, app: Flask, company_id: int, server: ReportServer, importer: Importer) -> None:
        self._app, self._company_id, self._server, self._importer = app, company_id, server, importer
        self._settings: Settings = app.extensions["settings"].model_copy(update=server.settings)
        self.day = 0
        self.states: dict[str, State] = {}

    def next(self) -> tuple[dict[str, State], dict[str, State]]:
        """Another day begins: what the tables hold, and what its reports say."""
        contents = {feed.name: report(feed, self.day) for feed in FEEDS}
        self._server.serve(contents)
        self.day += 1
        old, self.states = self.states, {feed.name: state_of(feed, contents[feed.name]) for feed in FEEDS}
        return old, self.states

    def run(self, unit: str = "", point: int = 0) -> tuple[int, int]:
        """Run the feeds, killed at `point` if that is not 0; how it ended, and how many things it counted."""
        return self._importer.run(self._settings, unit, point)

    def tables(self) -> dict[str, State]:
        """What the tables hold now."""
        with self._app.app_context():
            connection = db.session.connection()
            return {feed.name: read_state(connection, feed, self._company_id) for feed in FEEDS}

    def loans(self) -> list[tuple[object, ...]]:
        """Every loan of ours, whole."""
        with self._app.app_context():
            return [tuple(row) for row in db.session.execute(select(Assignment.__table__))]

    def runs(self) -> list[str]:
        """How the runs stand, the latest last."""
        with self._app.app_context():
            return list(db.session.scalars(select(SyncRun.status).order_by(SyncRun.id)))


@pytest.mark.parametrize("unit", ["call", "statement"])
def test_killed_anywhere_and_run_again(app: Flask, fleet: Fleet, importer: Importer, unit: str) -> None:
    """Each report is all old or all new, in the order of an import; the next run succeeds and all is new."""
    loan = fleet.add_loan(fleet.add_vehicle(), fleet.add_partner())
    with ReportServer() as server:
        days = Days(app, loan.company_id, server, importer)
        days.next()
        assert days.run() == (DONE, 0)
        loans = days.loans()
        days.next()
        how, counted = days.run(unit)
        assert how == DONE
        for seed in range(KILLS):
            point = 1 + random.Random(f"{unit} {seed}").randrange(counted)
            old, new = days.next()
            while days.run(unit, point)[0] != KILLED:
                # How many calls a run takes is also up to how long it waits: this one had ended before.
                point -= 1 + counted // 20
                assert point > 0
                old, new = days.next()
            told = f"killed at {unit} {point} of {counted}"
            found = days.tables()
            applied = [name for name in NAMES if found[name] == new[name]]
            assert found == old | {name: new[name] for name in applied}, told
            assert applied == NAMES[: len(applied)], told
            let_leases_run_out(app)
            assert days.run() == (DONE, 0), told
            assert days.tables() == new, told
            assert days.runs()[-1] == RunStatus.SUCCEEDED, told
            assert RunStatus.RUNNING not in days.runs(), told
            assert days.loans() == loans, told
