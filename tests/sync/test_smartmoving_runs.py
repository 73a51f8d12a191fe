"""Runs of SmartMoving: one at a time, recorded with what they brought, begun by whoever may, never without a key."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from time_machine import Traveller

from tests.rows import People
from tests.sandbox_process import SandboxProcess
from tests.sync.leases import let_leases_run_out
from tests.sync.movers import looks
from webapp.accounts.permissions import Role
from webapp.clock import now
from webapp.db import close_reading, db
from webapp.errors import Forbidden
from webapp.journeys.models import TruckJourney
from webapp.smartmoving.models import SmartMovingCall
from webapp.smartmoving.report import Report
from webapp.smartmoving.service import NotConfigured
from webapp.sync import running, service, smartmoving_runs
from webapp.sync.models import RunKind, RunStatus, SyncRun
from webapp.sync.smartmoving_runs import verdict

pytestmark = pytest.mark.usefixtures("noon")
NOTHING = {"processed": 0, "created": 0, "updated": 0, "unchanged": 0, "removed": 0, "failed": 0}


def journeys() -> int:
    found = db.session.scalar(select(func.count()).select_from(TruckJourney)) or 0
    close_reading()
    return found


def test_a_run_is_recorded_with_what_it_brought(movers_app: Flask) -> None:
    """Kind, trigger, calls, counts, seconds; the second finds everything as it was, by the sweep alone."""
    with movers_app.app_context():
        smartmoving_runs.run_smartmoving("command")
        brought = journeys()
        smartmoving_runs.run_smartmoving("scheduled")
        calls = db.session.scalar(select(func.count()).select_from(SmartMovingCall))
        close_reading()
    second, first = looks(movers_app)
    assert brought > 0
    assert (first["kind"], first["trigger"], first["status"], first["error"]) == (
        "smartmoving",
        "command",
        "succeeded",
        "",
    )
    assert first["feeds"] == []
    assert first["jobs"] == NOTHING | {"processed": brought, "created": brought}
    assert second["jobs"] == NOTHING | {"processed": brought, "unchanged": brought}
    assert second["calls"] < 5 < first["calls"]
    assert first["calls"] + second["calls"] == calls
    assert first["seconds"] is not None


def test_the_whole_report_is_kept(movers_app: Flask) -> None:
    """Window, days, whether it was complete."""
    with movers_app.app_context():
        run_id = smartmoving_runs.run_smartmoving("command")
        report = Report.from_json(db.session.get_one(SyncRun, run_id).report or {})
    assert (report.is_complete, report.is_good) == (True, True)
    assert (str(report.first_day), str(report.last_day)) == ("2026-11-19", "2026-11-20")
    assert report.today.processed + report.tomorrow.processed == report.processed


def test_a_job_that_cannot_be_read_makes_the_run_partial(movers_app: Flask, movers: SandboxProcess) -> None:
    """The others are there; the record says how many failed, the report which and why."""
    movers.fault("smartmoving:opportunity", "broken")
    with movers_app.app_context():
        run_id = smartmoving_runs.run_smartmoving("command")
        report = Report.from_json(db.session.get_one(SyncRun, run_id).report or {})
    (found,) = looks(movers_app)
    assert (found["status"], found["jobs"]["failed"]) == ("partial", 1)
    assert "1 job could not be read." in found["error"]
    assert [bool(failure.reason) for failure in report.failures] == [True]
    assert found["jobs"]["created"] > 1


def test_a_sweep_that_fails_is_a_failed_run(movers_app: Flask, movers: SandboxProcess) -> None:
    """Nothing is taken for the truth, what was good stays, and the next run is fine."""
    with movers_app.app_context():
        smartmoving_runs.run_smartmoving("command")
        before = journeys()
        movers.fault("smartmoving:customers", "error", times=None)
        smartmoving_runs.run_smartmoving("scheduled")
        movers.clear()
        assert journeys() == before
        smartmoving_runs.run_smartmoving("scheduled")
    third, second, _ = looks(movers_app)
    assert (second["status"], third["status"]) == ("failed", "succeeded")
    assert second["error"]


@pytest.mark.settings(smartmoving_api_key="another-key")
def test_a_refused_key_stops_scheduled_runs_and_no_others(movers_app: Flask, noon: Traveller) -> None:
    """The run says what to do, the schedule waits, a person may try at once; the key is nowhere in the record."""
    with movers_app.app_context():
        run_id = smartmoving_runs.run_smartmoving("scheduled")
        record = repr(db.session.get_one(SyncRun, run_id).report)
        held = smartmoving_runs.held_until(1)
        close_reading()
        assert held is not None
        assert held > now()
        noon.shift(timedelta(minutes=1))
        smartmoving_runs.run_smartmoving("button")
    second, first = looks(movers_app)
    assert (first["status"], second["status"]) == ("failed", "failed")
    assert "SMARTMOVING_API_KEY" in first["error"]
    assert (first["calls"], second["calls"]) == (1, 1)
    assert "another-key" not in record + repr(first) + repr(second)


def test_without_a_key_nothing_begins(sqlite_app: Flask, people: People) -> None:
    """Who asks is told which setting is missing; the role is asked first."""
    with sqlite_app.app_context():
        with pytest.raises(NotConfigured, match="SMARTMOVING_API_KEY") as told:
            smartmoving_runs.begin("button", people(Role.SUPER_ADMIN).actor)
        assert told.value.status == 503
        with pytest.raises(Forbidden):
            smartmoving_runs.begin("button", people(Role.ADMIN).actor)
    assert looks(sqlite_app) == []


def test_many_that_start_at_once_share_one_run(movers_app: Flask) -> None:
    """Threads that begin together get one run's id; one of them does it, and a run of the feeds is not in its way."""
    together, begun = threading.Barrier(5), []
    with movers_app.app_context():
        feeds = service.begin("nightly")
        smartmoving_runs.run_smartmoving("command")

    def go() -> None:
        with movers_app.app_context():
            together.wait()
            begun.append(smartmoving_runs.begin("button"))

    threads = [threading.Thread(target=go) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.run_id for one in begun}) == 1
    (mine,) = [one for one in begun if one.lease]
    assert feeds.lease is not None
    with movers_app.app_context():
        smartmoving_runs.finish(mine)
    assert [found["status"] for found in looks(movers_app)] == ["succeeded", "succeeded"]


def test_a_run_in_the_background_is_watched_and_joined(movers_app: Flask, people: People) -> None:
    """Who starts it goes on at once; another that starts meanwhile joins; its end is seen from elsewhere."""
    admin = people(Role.SUPER_ADMIN).actor
    with movers_app.app_context():
        begun = smartmoving_runs.start("button", admin)
        assert running.follow(begun.run_id)
    (found,) = looks(movers_app)
    assert (found["status"], found["trigger"]) == ("succeeded", "button")


def test_how_far_a_run_is_can_be_read_elsewhere(movers_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its record says so while it goes on, in a sentence and as a share; at the end it holds the report."""
    monkeypatch.setattr(smartmoving_runs, "NOTE_SECONDS", 0)
    seen: list[Any] = []

    def look(done: int, total: int | None, text: str) -> None:
        def elsewhere() -> None:
            with movers_app.app_context():
                seen.append(db.session.scalar(select(SyncRun.report)))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert seen[-1] == {"progress": {"done": done, "total": total, "text": text}}

    with movers_app.app_context():
        begun = smartmoving_runs.begin("command")
        smartmoving_runs.finish(begun, progress=look)
        assert "progress" not in (db.session.get_one(SyncRun, begun.run_id).report or {})
    assert seen[0]["progress"]["text"].startswith("Sweep, page 1")
    assert seen[-1]["progress"]["done"] == seen[-1]["progress"]["total"] > 1


def test_a_runner_that_was_thought_dead_writes_nothing_more(movers_app: Flask) -> None:
    """When another has taken over, the slow one stops at its next write, and leaves the other's run alone."""
    taken: list[running.Begun] = []

    def lose(done: int, total: int | None, text: str) -> None:
        if not taken:
            let_leases_run_out(movers_app)
            taken.append(smartmoving_runs.begin("button"))

    with movers_app.app_context():
        slow = smartmoving_runs.begin("scheduled")
        smartmoving_runs.finish(slow, progress=lose)
        assert journeys() == 0
    assert [found["status"] for found in looks(movers_app)] == ["running", "abandoned"]
    with movers_app.app_context():
        smartmoving_runs.finish(taken[0])
        assert journeys() > 0
    assert [found["status"] for found in looks(movers_app)] == ["succeeded", "abandoned"]


def test_dead_runs_of_both_kinds_are_marked(movers_app: Flask) -> None:
    """A process that starts marks all whose lease has run out; a live one of the other kind stays."""
    with movers_app.app_context():
        service.begin("nightly")
        jobs = smartmoving_runs.begin("scheduled")
        let_leases_run_out(movers_app)
        assert running.abandon_dead_runs() == 2
        service.begin("nightly")
        assert running.abandon_dead_runs() == 0
        assert db.session.get_one(SyncRun, jobs.run_id).status == RunStatus.ABANDONED
        assert running.lease_name(RunKind.SMARTMOVING, 1) == "smartmoving:1"


def test_a_crash_ends_the_run_as_failed(movers_app: Flask) -> None:
    """What breaks the runner itself is recorded without its text, and the lease is free again."""

    def crash(done: int, total: int | None, text: str) -> None:
        raise ZeroDivisionError("with a secret")

    with movers_app.app_context():
        with pytest.raises(ZeroDivisionError):
            smartmoving_runs.run_smartmoving("command", progress=crash)
        assert smartmoving_runs.begin("command").lease is not None
    assert looks(movers_app)[1]["error"] == "The run broke off: ZeroDivisionError."


@pytest.mark.parametrize(
    ("report", "status", "error"),
    [
        (Report(is_complete=True), RunStatus.SUCCEEDED, ""),
        (Report(is_complete=True, failed=2), RunStatus.PARTIAL, "2 jobs could not be read."),
        (Report(is_complete=True, errors=("One.",)), RunStatus.PARTIAL, "One."),
        (Report(errors=("One.", "Two.", "Three.", "Four.")), RunStatus.FAILED, "One. Two. Three."),
        (Report(), RunStatus.FAILED, "The run did not get to its end."),
    ],
)
def test_the_verdict_says_how_it_ended(report: Report, status: RunStatus, error: str) -> None:
    """Complete or not decides between in part and not at all; a few sentences say why."""
    found = verdict(report)
    assert (found.status, found.error) == (status, error)
    assert found.report == report.as_json()
