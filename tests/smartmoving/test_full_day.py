"""A day of the 66-branch company at the default schedule, over real HTTP: at most 500 calls, and a true board."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.databases import SqliteCopies, plain_settings
from tests.sandbox_process import TODAY, SandboxProcess
from tests.smartmoving.conftest import settings_of_movers
from tests.smartmoving.desk import Desk
from webapp import create_app
from webapp.db import db
from webapp.smartmoving.plan import DAILY_TARGET

SWEEPS = 65
# What the first day has instead: enough to know what a desk knows that was there yesterday.
FIRST_DAY = (0, 24, 62)
# 06:00 at the desk, in Los Angeles.
BEGIN = time(14)


@pytest.fixture
def big_desk(sqlite_copies: SqliteCopies, tmp_path: Path) -> Iterator[Desk]:
    """A desk of the whole company; SQLite alone, as only calls are counted."""
    with SandboxProcess(tmp_path, scale="full", smartmoving_per_minute=0) as sandbox:
        app: Flask = create_app(plain_settings(database_url=sqlite_copies.new(tmp_path), **settings_of_movers(sandbox)))
        yield Desk(app, sandbox, TODAY)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_a_day_of_the_big_company_takes_at_most_500_calls(big_desk: Desk) -> None:
    """A first day in short, on which all is new, and a whole second one after a night of changes."""
    for offset in range(2):
        day = TODAY + timedelta(days=offset)
        if offset:
            big_desk.sandbox.pass_day()
        calls = 0
        for number in range(SWEEPS):
            big_desk.moment = datetime.combine(day, BEGIN, UTC) + timedelta(minutes=15 * number)
            if offset or number in FIRST_DAY:
                report = big_desk.sync()
                assert report.is_good
                calls += report.calls
        assert calls == len(big_desk.sandbox.smartmoving_calls())
        assert calls <= DAILY_TARGET
        big_desk.sandbox.forget_smartmoving_calls()
        big_desk.moment = datetime.combine(day, BEGIN, UTC)
        assert big_desk.board().keys() == big_desk.truth().keys()
