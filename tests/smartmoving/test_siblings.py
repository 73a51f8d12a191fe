"""Jobs of one opportunity on different days, and jobs that change their opportunity: each on the board in its time."""

from datetime import date, timedelta

import pytest

from tests.smartmoving.desk import Desk
from webapp.journeys.models import SyncStatus, TruckJourney
from webapp.journeys.words import TENTATIVE
from webapp.smartmoving.plan import LOOK_AGAIN


def spread(desk: Desk, second: date, status: int = 4) -> tuple[str, str]:
    """A booked opportunity of two jobs, the first today and the other on `second`; the jobs' ids."""
    one = next(
        one
        for one in desk.sandbox.smartmoving_state(desk.day, desk.day + timedelta(days=1))["opportunities"]
        if one["status"] == 4 and len(one["jobs"]) > 1
    )
    first, other = (job["id"] for job in one["jobs"][:2])
    days = [{"id": first, "date": desk.day.isoformat()}, {"id": other, "date": second.isoformat()}]
    desk.sandbox.change_opportunity(one["id"], status=status, jobs=days)
    return first, other


def test_a_job_whose_sibling_came_days_before_comes_in_its_time(desk: Desk) -> None:
    """Packing today, moving in three days: nothing in the sweep changes, and yet the second job comes."""
    _, later = spread(desk, desk.day + timedelta(days=3))
    desk.sync()
    assert not desk.journeys(TruckJourney.job_id == later)
    for _ in range(3):
        desk.moment += timedelta(days=1)
        desk.sync()
        assert desk.board() == desk.truth()
    assert desk.journey(later).on_board
    assert desk.sync().details == 0


def test_a_sibling_that_could_not_be_read_in_its_time_is_read_by_the_next_run(desk: Desk) -> None:
    """The run was refused before its detail: it is there by the sweep's word, and does not stay so until a refresh."""
    _, later = spread(desk, desk.day + timedelta(days=2))
    desk.moment += timedelta(hours=10)
    desk.sync()
    desk.moment += timedelta(hours=14)
    desk.sandbox.fault("smartmoving:opportunity", "unauthorized", times=None)
    assert not desk.sync().is_complete
    assert desk.journey(later).sync_status == SyncStatus.PENDING
    desk.sandbox.clear()
    desk.sync(is_forced=True)
    assert desk.journey(later).sync_status == SyncStatus.SYNCED
    assert desk.board() == desk.truth()


@pytest.mark.parametrize("status", [0, 3])
def test_a_tentative_sibling_is_listed_in_its_time(desk: Desk, status: int) -> None:
    """Without a call: the sweep tells what there is to tell."""
    _, later = spread(desk, desk.day + timedelta(days=2), status)
    desk.sync()
    desk.moment += timedelta(days=1)
    desk.sync()
    assert desk.journey(later).off_reason == TENTATIVE
    assert desk.sync().updated == 0


def test_a_job_that_goes_over_to_another_opportunity_stays_on_the_board(desk: Desk) -> None:
    """Both opportunities have changed and come in one batch: the one that lost it does not take it off."""
    desk.sync()
    one, other = (desk.sandbox.add_customer(desk.day) for _ in range(2))
    desk.sync()
    jobs = [made["jobs"][0]["id"] for made in (one, other)]
    for taker in (other, one):
        held = {found["id"]: found for found in desk.sandbox.smartmoving_state()["opportunities"]}
        for giver in (one, other):
            for job in held.get(giver["id"], {"jobs": []})["jobs"]:
                moved = {"id": job["id"], "opportunity_id": taker["id"]}
                desk.sandbox.change_opportunity(giver["id"], jobs=[moved])
        desk.sync()
        assert desk.board() == desk.truth()
        assert {desk.journey(job).opportunity_id for job in jobs} == {taker["id"]}


def test_a_job_that_was_moved_here_is_still_cancelled(desk: Desk) -> None:
    """A dispatcher put it four days on; when the day comes, SmartMoving's cancellation of the old day is heard."""
    desk.sync()
    booked = desk.sandbox.add_customer(desk.day)
    job_id = booked["jobs"][0]["id"]
    desk.sync()
    later = desk.day + timedelta(days=4)
    entered = {"value": later.isoformat(), "by": "Dana", "user_id": None, "at": ""}
    desk.change(job_id, overrides={"scheduled_date": entered}, scheduled_date=later)
    desk.moment += timedelta(days=4)
    desk.sync()
    assert desk.journey(job_id).on_board
    assert desk.sync().details == 0
    desk.sandbox.change_opportunity(booked["id"], status=20)
    desk.moment += LOOK_AGAIN
    desk.sync()
    journey = desk.journey(job_id)
    assert (journey.on_board, journey.off_reason) == (False, "Cancelled in SmartMoving")
