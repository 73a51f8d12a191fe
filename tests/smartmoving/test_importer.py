"""Journeys against the sandbox's SmartMoving: the board is what SmartMoving holds for the window, by few calls."""

from datetime import timedelta

import pytest

from tests.smartmoving.desk import Desk, rows_written
from webapp.journeys.models import TruckJourney
from webapp.journeys.words import TENTATIVE
from webapp.smartmoving import service
from webapp.smartmoving.outcomes import NOT_LISTED


def test_the_first_sync_fills_the_board(desk: Desk) -> None:
    """After one sync the board holds what SmartMoving holds: nothing lost, doubled, dated wrong, in a wrong branch."""
    report = desk.sync()
    assert (report.errors, report.is_complete) == ((), True)
    assert len(desk.truth()) > 15
    assert desk.board() == desk.truth()


def test_an_unchanged_second_sync_makes_sweep_calls_and_writes_no_row(desk: Desk) -> None:
    """With nothing new at SmartMoving, only the sweep is read, and not one row is written."""
    desk.sync()
    made = len(desk.calls())
    with rows_written(desk.app) as written:
        report = desk.sync()
    assert set(desk.calls()[made:]) == {"customers"}
    assert written == []
    assert (report.created, report.updated, report.removed, report.failed) == (0, 0, 0, 0)
    assert report.is_complete


def test_a_job_without_a_number_and_one_without_money(desk: Desk) -> None:
    """A missing number is shown as the job's id, missing money as unknown; nought stays nought."""
    unnamed, unpriced, free = (desk.sandbox.add_customer(desk.day) for _ in range(3))
    desk.sandbox.change_opportunity(unnamed["id"], jobs=[{"id": unnamed["jobs"][0]["id"], "number": None}])
    desk.sandbox.change_opportunity(unpriced["id"], estimated_total=None)
    desk.sandbox.change_opportunity(free["id"], estimated_total="0.00")
    assert desk.sync().is_good
    job_id = unnamed["jobs"][0]["id"]
    assert (desk.journey(job_id).external_id, desk.journey(job_id).job_number) == (f"sm_job_{job_id}", "")
    assert desk.journey(unpriced["jobs"][0]["id"]).estimated_value is None
    assert desk.journey(free["jobs"][0]["id"]).estimated_value == 0
    assert desk.board() == desk.truth()


def test_leads_are_there_for_who_asks(desk: Desk) -> None:
    """Off the board as tentative; booked, they are on it; gone from the list, they are not offered any more."""
    first, second = (desk.sandbox.add_customer(desk.day, status=3) for _ in range(2))
    desk.sync()
    jobs = [one["jobs"][0]["id"] for one in (first, second)]
    assert [desk.journey(job).off_reason for job in jobs] == [TENTATIVE] * 2
    desk.sandbox.change_opportunity(first["id"], status=4)
    desk.sandbox.delete_opportunity(second["id"])
    report = desk.sync()
    assert desk.board() == desk.truth()
    assert [(desk.journey(job).on_board, desk.journey(job).off_reason) for job in jobs] == [
        (True, ""),
        (False, NOT_LISTED),
    ]
    assert report.removed == 0
    desk.sandbox.restore_opportunity(second["id"])
    desk.sync()
    assert desk.journey(jobs[1]).off_reason == TENTATIVE


def test_lost_quotes_are_never_journeys(desk: Desk) -> None:
    """A third of all customers is lost: no row is made of them, and no call."""
    desk.sync()
    lost = desk.sandbox.add_customer(desk.day, status=30)
    made = len(desk.calls())
    report = desk.sync()
    assert desk.calls()[made:] == ["customers"]
    assert report.created == 0
    assert desk.journeys(TruckJourney.opportunity_id == lost["id"]) == []


def test_siblings_months_away_stay_where_they_are(desk: Desk) -> None:
    """The sweep brings all of a customer's opportunities: those of other days cost no call and make no journey."""
    desk.sync()
    days = {desk.day, desk.day + timedelta(days=1)}
    assert {journey.scheduled_date for journey in desk.journeys()} == days
    asked = {call["path"].split("?")[0].rsplit("/", 1)[1] for call in desk.sandbox.smartmoving_calls("opportunity")}
    there = {one["id"] for one in desk.sandbox.smartmoving_state()["opportunities"]}
    assert asked <= there
    assert len(asked) == len(desk.sandbox.smartmoving_calls("opportunity"))


def test_done_work_is_said_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Completed at SmartMoving shows by the sweep's word when no call is left for it; the stage stays."""
    desk.sync()
    one = desk.sandbox.add_customer(desk.day)
    desk.sync()
    job_id = one["jobs"][0]["id"]
    desk.sandbox.change_opportunity(one["id"], status=10)
    monkeypatch.setattr("webapp.smartmoving.plan.MOST_OPTIONAL", 0)
    report = desk.sync()
    assert (report.details, report.put_off) == (0, 1)
    journey = desk.journey(job_id)
    assert (journey.source_status, journey.on_board, journey.stage) == (10, True, "MORNING_PREP")
    desk.sandbox.change_opportunity(one["id"], status=4)
    desk.sync()
    assert desk.journey(job_id).source_status == 4


def test_progress_is_told(desk: Desk) -> None:
    """Page by page and detail by detail, with how many there are."""
    told: list[tuple[int, int | None, str]] = []
    with desk.inside():
        service.sync(desk.company_id, 1, lambda session: None, progress=lambda *one: told.append(one))
    assert told[0] == (1, 1, "Sweep, page 1 of 1")
    done, total, text = told[-1]
    assert (done, text) == (total, f"Detail {total} of {total}")
