"""Days pass at SmartMoving; after each sweep the board is what it holds, and what was done here stays."""

from datetime import timedelta

import pytest

from tests.smartmoving.desk import Desk
from webapp.journeys.models import TruckJourney
from webapp.smartmoving.outcomes import GONE, TAKEN_OUT
from webapp.smartmoving.plan import REFRESH_LATER

DAYS = 6


@pytest.mark.parametrize("seed", [11, 12])
def test_after_each_days_sweep_the_board_is_the_truth(desk: Desk, seed: int) -> None:
    """Rescheduled, cancelled, reopened, renamed, moved to another branch: nothing is lost, doubled or misplaced."""
    desk.sync()
    happened: set[str] = set()
    for _ in range(DAYS):
        desk.moment += timedelta(days=1)
        happened |= {name for name, ids in desk.sandbox.pass_day(seed).items() if ids}
        seed += 100
        made = len(desk.calls())
        report = desk.sync()
        assert (report.errors, report.failures, report.is_complete, report.put_off) == ((), (), True, 0)
        assert desk.board() == desk.truth(), happened
        calls = desk.calls()[made:]
        assert calls.count("opportunity") == report.details
        assert calls.count("customers") == 1
        assert len(calls) == report.calls <= report.details + 1 + 3
    assert {"branch renamed", "branch opened"} <= happened
    assert len(happened) > 6


def test_changes_of_one_day_show_at_the_next_sweep(desk: Desk) -> None:
    """A cancelled job goes off with its reason, comes back when reopened; a moved one moves, also out of sight and
    back; one deleted goes off; a job taken out of its opportunity goes off.
    """
    desk.sync()
    sandbox = desk.sandbox
    made = [sandbox.add_customer(desk.day + timedelta(days=1)) for _ in range(4)]
    cancelled, moved, deleted, shorter = made
    job = {one["id"]: one["jobs"][0]["id"] for one in made}
    assert desk.sync().created == 4

    sandbox.change_opportunity(cancelled["id"], status=20)
    far = (desk.day + timedelta(days=40)).isoformat()
    sandbox.change_opportunity(moved["id"], jobs=[{"id": job[moved["id"]], "date": far}])
    sandbox.delete_opportunity(deleted["id"])
    sandbox.delete_job(job[shorter["id"]])
    report = desk.sync()
    assert desk.board() == desk.truth()
    assert (report.removed, report.errors) == (3, ())
    assert desk.journey(job[cancelled["id"]]).off_reason == "Cancelled in SmartMoving"
    assert desk.journey(job[deleted["id"]]).off_reason == GONE
    assert desk.journey(job[shorter["id"]]).off_reason == TAKEN_OUT
    there = desk.journey(job[moved["id"]])
    assert (there.on_board, there.scheduled_date.isoformat()) == (True, far)

    sandbox.change_opportunity(cancelled["id"], status=4)
    near = desk.day.isoformat()
    sandbox.change_opportunity(moved["id"], jobs=[{"id": job[moved["id"]], "date": near}])
    sandbox.restore_opportunity(deleted["id"])
    sandbox.restore_job(job[shorter["id"]])
    report = desk.sync()
    assert desk.board() == desk.truth()
    assert all(desk.journey(one).on_board for one in job.values())
    assert desk.journey(job[moved["id"]]).change_note.startswith("SmartMoving moved it from ")


def test_what_was_changed_here_stays(desk: Desk) -> None:
    """Overrides, stage, notes and problem outlive reschedules, cancellation and return."""
    desk.sync()
    booked = desk.sandbox.add_customer(desk.day)
    job_id = booked["jobs"][0]["id"]
    desk.sync()
    overrides = {
        "customer_phone": {"value": "(555) 555-0199", "by": "Dana", "user_id": None, "at": ""},
        "arrival_start": {"value": 600, "by": "Dana", "user_id": None, "at": ""},
    }
    desk.change(
        job_id, overrides=overrides, customer_phone="(555) 555-0199", arrival_start=600, stage="ONSITE", notes="Dog."
    )

    def is_as_left(journey: TruckJourney) -> bool:
        kept = (journey.customer_phone, journey.arrival_start, journey.stage, journey.notes, journey.overrides)
        return kept == ("(555) 555-0199", 600, "ONSITE", "Dog.", overrides)

    window = {"start": 13.0, "end": 15.5, "description": None}
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    for change in (
        {"jobs": [{"id": job_id, "window": window, "date": tomorrow}]},
        {"status": 20},
        {"status": 4},
        {"status": 10},
    ):
        desk.sandbox.change_opportunity(booked["id"], **change)
        desk.sync()
        assert is_as_left(desk.journey(job_id)), change
    desk.sandbox.delete_opportunity(booked["id"])
    desk.sync()
    assert is_as_left(desk.journey(job_id))
    assert not desk.journey(job_id).on_board
    desk.sandbox.restore_opportunity(booked["id"])
    desk.sync()
    journey = desk.journey(job_id)
    assert is_as_left(journey)
    assert journey.on_board
    assert (journey.source["arrival_start"], journey.source["arrival_end"], journey.arrival_end) == (780, 930, 930)
    assert journey.scheduled_date.isoformat() == tomorrow


def test_what_a_sweep_cannot_show_is_read_again_in_time(desk: Desk) -> None:
    """Another arrival window, address, branch: the refresh brings it, without any change in the sweep."""
    desk.sync()
    booked = desk.sandbox.add_customer(desk.day + timedelta(days=1))
    desk.sync()
    job_id = booked["jobs"][0]["id"]
    window = {"start": 14.25, "end": 16.0, "description": "later"}
    desk.sandbox.change_opportunity(booked["id"], jobs=[{"id": job_id, "window": window}])
    desk.sync()
    assert desk.journey(job_id).arrival_start != 855
    desk.moment += REFRESH_LATER
    desk.sync()
    assert desk.journey(job_id).arrival_start == 855
