"""A sync killed anywhere leaves no half batch, and the next run completes the board."""

import json
import random
import signal
import subprocess
import sys

import pytest
from sqlalchemy import select

from tests.promise.troupe import values_of
from tests.servers import ROOT
from tests.smartmoving.desk import Desk
from webapp.db import db
from webapp.journeys.models import JourneyEvent, TruckJourney
from webapp.smartmoving.models import SmartMovingOpportunity

KILLS = 2


def run(desk: Desk, point: int) -> tuple[int, int]:
    """A sync in a process of its own, killed at that point if it is not 0: how it ended, and what it counted."""
    settings = json.dumps(values_of(desk.app.extensions["settings"]))
    arguments = [settings, str(desk.company_id), desk.moment.isoformat(), str(point)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.smartmoving.killed_sync", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, int(done.stdout or 0)


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_anywhere_and_run_again(desk: Desk, seed: int) -> None:
    """Every journey that is there is whole, with its history and its memory; a run later the board is the truth."""
    point = 20 + random.Random(f"kill {seed}").randrange(180)
    how, _ = run(desk, point)
    assert how == -signal.SIGKILL, point
    truth = desk.truth()
    board = desk.board()
    assert {job: board[job] for job in board} == {job: truth[job] for job in board}
    with desk.app.app_context():
        remembered = set(db.session.scalars(select(SmartMovingOpportunity.opportunity_id)))
        journeys = db.session.execute(select(TruckJourney.id, TruckJourney.opportunity_id)).all()
        with_history = set(db.session.scalars(select(JourneyEvent.journey_id)))
    assert {row.opportunity_id for row in journeys} <= remembered
    assert {row.id for row in journeys} == with_history
    assert run(desk, 0)[0] == 0
    assert desk.board() == desk.truth()
