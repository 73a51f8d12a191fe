"""SmartMoving fails in every way it can: the board keeps what it knows, and the next run makes it right."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.smartmoving.desk import Desk, rows_written
from webapp.clock import now
from webapp.db import db
from webapp.feeds.service import ImportStopped
from webapp.journeys.models import SyncStatus, TruckJourney
from webapp.smartmoving import queries, service
from webapp.smartmoving.branches import UNASSIGNED_ID
from webapp.smartmoving.client import SmartMovingClient, Sweep
from webapp.smartmoving.plan import TRY_AGAIN

BOOKED = 4


def job_of(one: dict[str, Any]) -> str:
    """The id of an opportunity's first job."""
    return str(one["jobs"][0]["id"])


@pytest.mark.parametrize("fault", ["error", "html", "truncated", "cut", "reset"])
def test_a_detail_that_does_not_come_leaves_the_others(desk: Desk, fault: str) -> None:
    """A new job whose detail fails is on the board by the sweep's word, marked; the next run completes it."""
    desk.sync()
    broken, good = (desk.sandbox.add_customer(desk.day) for _ in range(2))
    desk.sandbox.fault("smartmoving:opportunity", fault, opportunity=broken["id"], times=3)
    report = desk.sync()
    assert (report.is_complete, report.failed, report.created) == (True, 1, 2)
    assert [failure.opportunity_id for failure in report.failures] == [broken["id"]]
    assert not report.is_good
    journey = desk.journey(job_of(broken))
    assert (journey.sync_status, journey.on_board, journey.job_number) == (
        SyncStatus.FAILED, True, broken["jobs"][0]["number"] or "",
    )  # fmt: skip
    assert journey.sync_error == report.failures[0].reason
    assert desk.board()[job_of(broken)]["branch_id"] == UNASSIGNED_ID
    assert desk.journey(job_of(good)).sync_status == SyncStatus.SYNCED
    report = desk.sync()
    assert (report.is_good, report.failed, report.details) == (True, 0, 1)
    assert desk.board() == desk.truth()
    assert desk.journey(job_of(broken)).sync_error == ""


def test_a_known_job_whose_detail_fails_keeps_what_is_known(desk: Desk) -> None:
    """It is marked FAILED with the reason, moves by the sweep's word, and nothing else of it is lost."""
    desk.sync()
    one = desk.sandbox.add_customer(desk.day)
    desk.sync()
    before = desk.journey(job_of(one))
    tomorrow = desk.day + timedelta(days=1)
    desk.sandbox.change_opportunity(one["id"], jobs=[{"id": job_of(one), "date": tomorrow.isoformat()}])
    desk.sandbox.fault("smartmoving:opportunity", "error", opportunity=one["id"], times=3)
    desk.sync()
    journey = desk.journey(job_of(one))
    assert (journey.sync_status, journey.scheduled_date) == (SyncStatus.FAILED, tomorrow)
    kept = ("location_id", "stops", "estimated_value", "arrival_start", "customer_name", "external_data")
    assert [getattr(journey, name) for name in kept] == [getattr(before, name) for name in kept]
    desk.sync()
    assert desk.board() == desk.truth()


def test_a_detail_that_never_comes_is_not_asked_for_all_day(desk: Desk) -> None:
    """Twice at once, and then once an hour."""
    desk.sync()
    one = desk.sandbox.add_customer(desk.day)
    desk.sandbox.fault("smartmoving:opportunity", "html", opportunity=one["id"], times=None)
    assert [desk.sync().details for _ in range(4)] == [1, 1, 0, 0]
    desk.moment += TRY_AGAIN
    assert [desk.sync().details for _ in range(2)] == [1, 0]


def test_a_broken_job_spares_the_rest_of_its_opportunity(desk: Desk) -> None:
    """A job whose fields are nonsense is told with its number; its sibling and the others are taken in."""
    state = desk.sandbox.smartmoving_state()
    one = next(
        one
        for one in state["opportunities"]
        if one["status"] == BOOKED and len([job for job in one["jobs"] if job["date"]]) > 1
    )
    desk.sandbox.fault("smartmoving:opportunity", "broken", opportunity=one["id"], times=1)
    report = desk.sync()
    last = one["jobs"][-1]
    assert [(failure.job_number, failure.reason) for failure in report.failures] == [
        (last["number"] or "", "The job's date cannot be read.")
    ]
    truth = desk.truth()
    assert desk.board().keys() == truth.keys()
    assert {job: row for job, row in desk.board().items() if job != last["id"]} == {
        job: row for job, row in truth.items() if job != last["id"]
    }
    desk.sync()
    assert desk.board() == truth


def test_a_sweep_with_broken_jobs_takes_nothing_off(desk: Desk) -> None:
    """Days that cannot be read in the sweep are read from the detail instead."""
    desk.sync()
    desk.sandbox.fault("smartmoving:customers", "broken")
    report = desk.sync()
    assert (report.removed, report.errors) == (0, ())
    assert desk.board() == desk.truth()
    desk.sync()
    assert desk.board() == desk.truth()


@pytest.mark.parametrize(
    ("target", "fault"),
    [("customers", "error"), ("customers", "shrunk"), ("customers", "html"), ("any", "never")],
)
def test_a_failed_sweep_takes_nothing_off(desk: Desk, target: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run has failed and says so; the board stays as it was."""
    monkeypatch.setattr("webapp.smartmoving.client.READ_SECONDS", 0.3)
    desk.sync()
    before = {journey.job_id: journey.on_board for journey in desk.journeys()}
    # Long enough for the branches to be read again.
    desk.moment += timedelta(hours=21)
    desk.sandbox.fault(f"smartmoving:{target}", fault, times=None)
    report = desk.sync()
    assert (report.is_complete, len(report.errors), report.removed) == (False, 1, 0)
    assert {journey.job_id: journey.on_board for journey in desk.journeys()} == before


@pytest.mark.parametrize("target", ["branches", "service-types"])
def test_names_that_do_not_come_keep_no_job_from_the_board(desk: Desk, target: str) -> None:
    """Yesterday's branches and kinds of job do as well, and it is said; without any, nothing would be right."""
    desk.sandbox.fault(f"smartmoving:{target}", "error", times=None)
    first = desk.sync()
    assert (first.is_complete, desk.board()) == (False, {})
    desk.sandbox.clear()
    desk.sync()
    desk.moment += timedelta(hours=21)
    desk.sandbox.add_customer(desk.day)
    desk.sandbox.fault(f"smartmoving:{target}", "error", times=None)
    report = desk.sync()
    assert (report.is_complete, report.errors) == (True, ())
    assert "could not be read again, those known before stay" in report.warnings[0]
    assert desk.board() == desk.truth()


def test_an_unknown_branch_that_cannot_be_looked_up_loses_no_detail(desk: Desk) -> None:
    """The details that came are written; the job of the new branch waits at Unassigned, and the reason is told."""
    desk.sync()
    ours = desk.sandbox.add_customer(desk.day)
    branch = desk.sandbox.add_branch(name="Quillhaven")
    theirs = desk.sandbox.add_customer(desk.day, branch_id=branch["id"])
    desk.sandbox.fault("smartmoving:branches", "error", times=None)
    report = desk.sync()
    assert (report.is_complete, report.created) == (True, 2)
    assert any("branches could not be read again" in warning for warning in report.warnings)
    assert desk.board()[job_of(theirs)]["branch_id"] == UNASSIGNED_ID
    assert desk.board()[job_of(ours)] == desk.truth()[job_of(ours)]


def test_an_empty_sweep_is_checked_job_by_job(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that says, complete in itself, that there is nobody: every job is looked up once and stays."""
    desk.sync()
    board = desk.board()
    with monkeypatch.context() as patch:
        patch.setattr(SmartMovingClient, "customers", lambda *_: Sweep((), 1, 1))
        first, second = desk.sync(), desk.sync()
    assert (first.is_complete, first.removed) == (True, 0)
    assert 0 < first.details <= len(board)
    assert (second.details, second.removed) == (0, 0)
    assert desk.board() == board
    assert desk.sync().errors == ()
    assert desk.board() == desk.truth()


@pytest.mark.parametrize(
    ("fault", "words", "hours"),
    [("unauthorized", "SMARTMOVING_API_KEY", 1), ("quota", "used up", 24)],
)
def test_a_refusal_stops_the_run_and_holds_the_next(desk: Desk, fault: str, words: str, hours: int) -> None:
    """Nothing more is asked; scheduled runs wait, a forced one does not, and a good one ends the wait."""
    desk.sync()
    one = desk.sandbox.add_customer(desk.day)
    desk.sandbox.fault("smartmoving:opportunity", fault)
    report = desk.sync()
    assert (report.is_complete, words in report.errors[0]) == (False, True)
    assert desk.journey(job_of(one)).sync_status == SyncStatus.PENDING
    made = len(desk.calls())
    held = desk.sync()
    assert (held.errors, held.is_complete, len(desk.calls())) == (report.errors, False, made)
    with desk.inside():
        standing = queries.standing(desk.company_id)
        assert standing.hold_until is not None
        assert abs((standing.hold_until - now()) - timedelta(hours=hours)) < timedelta(minutes=10)
        assert standing.hold_reason == report.errors[0]
    assert desk.sync(is_forced=True).is_good
    assert desk.board() == desk.truth()
    with desk.inside():
        assert queries.standing(desk.company_id).hold_until is None
    assert desk.sync().is_good


def test_the_monthly_cap_is_never_overrun(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve calls are left: twelve are made, new jobs that were not read are there by the sweep's word."""
    settings = desk.app.extensions["settings"]
    monkeypatch.setitem(desk.app.extensions, "settings", settings.model_copy(update={"smartmoving_monthly_calls": 12}))
    report = desk.sync()
    assert (report.calls, report.is_complete) == (12, False)
    assert "SMARTMOVING_MONTHLY_CALLS" in report.errors[0]
    assert desk.board().keys() == desk.truth().keys()
    assert len(desk.journeys(TruckJourney.sync_status == SyncStatus.PENDING, TruckJourney.on_board)) > 5
    desk.sync(is_forced=True)
    assert len(desk.sandbox.smartmoving_calls()) == len(desk.calls()) == 12
    monkeypatch.setitem(desk.app.extensions, "settings", settings)
    assert desk.sync(is_forced=True).is_good
    assert desk.board() == desk.truth()


def test_smartmoving_that_dies_between_is_left_alone(desk: Desk) -> None:
    """After eight details in a row that did not come nothing more is asked; the next run goes on."""
    desk.sandbox.fault("smartmoving:opportunity", "error", times=None)
    report = desk.sync()
    assert not report.is_complete
    assert "stopped answering" in report.errors[0]
    assert desk.board().keys() == desk.truth().keys()
    desk.sandbox.clear()
    assert desk.sync().is_complete
    assert desk.board() == desk.truth()


def test_gone_for_the_detail_alone(desk: Desk) -> None:
    """An opportunity that the sweep brings and the detail denies goes off, and comes back with its detail."""
    desk.sync()
    one = desk.sandbox.add_customer(desk.day)
    desk.sync()
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    desk.sandbox.change_opportunity(one["id"], jobs=[{"id": job_of(one), "date": tomorrow}])
    desk.sandbox.fault("smartmoving:opportunity", "not_found", opportunity=one["id"])
    report = desk.sync()
    assert not desk.journey(job_of(one)).on_board
    # The list still promises it: nobody may take that for a good run.
    assert (report.is_good, [failure.job_number for failure in report.failures]) == (
        False, [one["jobs"][0]["number"] or ""],
    )  # fmt: skip
    desk.sync()
    assert desk.board() == desk.truth()


def test_a_runner_that_was_replaced_writes_nothing(desk: Desk) -> None:
    """What `confirm` raises ends the run at once, in whichever transaction."""
    written = 0

    def confirm(session: Session) -> None:
        nonlocal written
        written += 1
        if written > 3:
            raise ImportStopped

    with pytest.raises(ImportStopped):
        desk.sync(confirm=confirm)
    with rows_written(desk.app) as statements, pytest.raises(ImportStopped):
        desk.sync(confirm=confirm)
    assert statements == []


def test_a_database_error_rolls_its_batch_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run says so, whole batches stay, and the next run does the rest."""
    from webapp.smartmoving import memory

    real, batches = memory.remember, 0

    def remember(session: Session, *rest: Any) -> None:
        nonlocal batches
        batches += 1
        if batches == 3:
            session.connection().exec_driver_sql("SELECT * FROM no_such_table")
        real(session, *rest)

    monkeypatch.setattr(memory, "remember", remember)
    monkeypatch.setattr("webapp.smartmoving.importer.BATCH", 5)
    report = desk.sync()
    assert (report.is_complete, report.errors) == (False, (service.NOT_WRITTEN,))
    kept = desk.journeys(TruckJourney.on_board)
    assert 0 < len(kept) < len(desk.truth())
    assert len(kept) == sum(journey.on_board for journey in desk.journeys())
    assert desk.sync().is_good
    assert desk.board() == desk.truth()


def test_without_a_key_nothing_runs_and_it_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key: a refusal with a sentence, no call, no row."""
    from pydantic import SecretStr

    empty = desk.app.extensions["settings"].model_copy(update={"smartmoving_api_key": SecretStr("")})
    monkeypatch.setitem(desk.app.extensions, "settings", empty)
    with pytest.raises(service.NotConfigured, match="SMARTMOVING_API_KEY"):
        desk.sync()
    with desk.inside(), pytest.raises(service.NotConfigured):
        service.probe(desk.company_id)
    assert desk.calls() == []
    with desk.inside():
        assert not queries.standing(desk.company_id).is_configured
        db.session.rollback()
