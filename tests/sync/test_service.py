"""Runs of the feeds: one at a time, recorded as they go, and each report stands or falls alone."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.rows import People
from tests.sandbox_process import SandboxProcess
from tests.sync.leases import let_leases_run_out
from webapp.accounts.permissions import Role
from webapp.accounts.queries import company_named
from webapp.db import close_reading, db
from webapp.errors import Forbidden, NotFound
from webapp.feeds.fetch import Limits
from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import Outcome
from webapp.fleet.models import Activity, LoanHistory, Partner, Vehicle
from webapp.sync import running, service
from webapp.sync.models import FeedStatus, RunStatus
from webapp.sync.queries import last_good, run, runs

AT_ONCE = Limits(connect_seconds=30, read_seconds=60, pauses=(0, 0))
NAMES = [feed.name for feed in FEEDS]


def finished(run_id: int) -> dict[str, Any]:
    """A run in its JSON shape."""
    (found,) = [found for found in runs() if found["id"] == run_id]
    close_reading()
    return cast(dict[str, Any], found)


def statuses(run_id: int) -> dict[str, str]:
    """How each feed of a run ended."""
    return {feed["name"]: feed["status"] for feed in finished(run_id)["feeds"]}


@pytest.mark.usefixtures("context", "sandbox")
def test_all_six_reports_are_imported_and_recorded() -> None:
    """A first run applies all in their order and says how many rows; the next finds them unchanged."""
    seen: list[str] = []
    first = service.run_feeds("command", progress=lambda outcome: seen.append(outcome.name))
    assert seen == NAMES
    found = finished(first)
    assert (found["kind"], found["trigger"], found["status"], found["error"]) == (
        "feeds",
        "command",
        "succeeded",
        "",
    )
    assert found["seconds"] > 0
    for feed, model in (("vehicles", Vehicle), ("partners", Partner), ("loan_history", LoanHistory)):
        (told,) = [told for told in found["feeds"] if told["name"] == feed]
        assert told["status"] == "applied"
        assert told["inserted"] == told["valid"] == db.session.scalar(select(func.count()).select_from(model))
    close_reading()
    assert set(statuses(service.run_feeds("command")).values()) == {"unchanged"}


@pytest.mark.usefixtures("context")
def test_one_bad_report_does_not_stop_the_others(sandbox: SandboxProcess) -> None:
    """A refused and a failed report leave four applied, a partial run that says why, and a good one next time."""
    sandbox.fault("report:vehicles", "html")
    sandbox.fault("report:loan_history", "not_found")
    run_id = service.run_feeds("nightly", limits=AT_ONCE)
    assert statuses(run_id) == dict.fromkeys(NAMES, "applied") | {
        "vehicles": "refused",
        "loan_history": "failed",
    }
    found = finished(run_id)
    assert found["status"] == "partial"
    assert "vehicles: The report is a web page" in found["error"]
    assert "loan_history: 127.0.0.1 answered 404 Not Found." in found["error"]
    assert finished(service.run_feeds("nightly"))["status"] == "succeeded"


@pytest.mark.usefixtures("context")
def test_a_run_without_any_good_report_failed(sandbox: SandboxProcess) -> None:
    """Nothing came, nothing changed, and what was good last is still known."""
    service.run_feeds("command")
    good = last_good(company_named("Motorpool") or 0)
    close_reading()
    sandbox.fault("report:any", "html", times=6)
    run_id = service.run_feeds("command")
    assert finished(run_id)["status"] == "failed"
    assert last_good(company_named("Motorpool") or 0) == good
    assert db.session.scalar(select(func.count()).where(Vehicle.gone_at.is_not(None))) == 0


@pytest.mark.usefixtures("context")
def test_the_guard_is_overridden_for_one_run(sandbox: SandboxProcess) -> None:
    """The same small report is refused, and applied when an operator says so."""
    service.run_feeds("command")
    for override, status in ((False, "refused"), (True, "applied")):
        sandbox.fault("report:partners", "shrunk")
        run_id = service.run_feeds("command", override_guard=override)
        assert statuses(run_id)["partners"] == status


@pytest.mark.usefixtures("context", "sandbox")
def test_bad_rows_of_the_last_good_run_are_kept(sandbox: SandboxProcess) -> None:
    """Line, reason and text are stored, and still told when the report comes unchanged."""
    sandbox.fault("report:partners", "bad_rows", percent=5, times=1)
    first = service.run_feeds("command")
    rows = run(first).feeds[1].bad_rows
    assert len(rows) == 2
    assert set(rows[0]) == {"line", "reason", "text"}
    close_reading()
    sandbox.fault("report:partners", "bad_rows", percent=5, times=1)
    second = run(service.run_feeds("command")).feeds[1]
    assert (second.status, second.bad, second.bad_rows) == (FeedStatus.UNCHANGED, 2, rows)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.settings(fms_budget_spending_csv_url="")
def test_a_report_without_an_address_is_left_out(sqlite_app: Flask) -> None:
    """A desk that never has a spend report succeeds every night, and does not wait for it."""
    with sqlite_app.app_context():
        run_id = service.run_feeds("nightly")
        assert finished(run_id)["status"] == "succeeded"
        assert statuses(run_id) == dict.fromkeys(NAMES[:-1], "applied")


def test_without_any_address_a_run_fails(sqlite_app: Flask) -> None:
    """Who asks for a run before anything is set up is told which settings are missing."""
    with sqlite_app.app_context():
        found = finished(service.run_feeds("command"))
        assert found["status"] == "failed"
        assert "set FMS_VEHICLES_CSV_URL" in found["error"]


@pytest.mark.usefixtures("sandbox")
def test_who_started_a_run_is_kept(app: Flask, people: People) -> None:
    """A person's run has the person; the system's own has nobody."""
    admin = people(Role.SUPER_ADMIN).actor
    with app.app_context():
        theirs, ours = service.run_feeds("button", admin), service.run_feeds("nightly")
        assert (run(theirs).user_id, run(ours).user_id) == (admin.user_id, None)


def test_only_who_may_run_syncs_runs_them(app: Flask, people: People) -> None:
    """The permission is asked where the run begins, whoever calls."""
    admin = people(Role.ADMIN).actor
    with app.app_context():
        with pytest.raises(Forbidden):
            service.begin("button", admin)
        assert runs() == []


@pytest.mark.usefixtures("context")
def test_a_company_named_by_hand_must_exist() -> None:
    """A slip of the pen makes no second company."""
    with pytest.raises(NotFound, match="There is no company called Motopool"):
        service.run_feeds("command", company="Motopool")


@pytest.mark.usefixtures("sandbox")
def test_many_that_start_at_once_share_one_run(app: Flask) -> None:
    """Threads that begin together get one run's id; one of them does it."""
    together, begun = threading.Barrier(5), []
    with app.app_context():
        service.begin("warm-up", company=None)
        running.abandon_dead_runs()
    let_leases_run_out(app)

    def go() -> None:
        with app.app_context():
            together.wait()
            begun.append(service.begin("button"))

    threads = [threading.Thread(target=go) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.run_id for one in begun}) == 1
    (mine,) = [one for one in begun if one.lease]
    with app.app_context():
        service.finish(mine)
        assert finished(mine.run_id)["status"] == "succeeded"


@pytest.mark.usefixtures("sandbox")
def test_a_run_in_the_background_shows_each_report_as_it_comes(app: Flask, people: People) -> None:
    """Who starts it goes on at once; another that starts meanwhile joins."""
    admin = people(Role.SUPER_ADMIN).actor
    with app.app_context():
        begun = service.start("button", admin)
        assert running.follow(begun.run_id)
        assert finished(begun.run_id)["status"] == "succeeded"


def test_results_are_there_before_the_run_ends(app: Flask, sandbox: SandboxProcess) -> None:
    """Each report's result can be read from elsewhere while the next one is still being fetched."""
    seen: list[tuple[str, list[str]]] = []

    def look(outcome: Outcome) -> None:
        def elsewhere() -> None:
            with app.app_context():
                (found,) = runs()
                seen.append((found["status"], [feed["name"] for feed in found["feeds"]]))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    with app.app_context():
        service.run_feeds("command", progress=look)
    assert seen == [("running", NAMES[: number + 1]) for number in range(len(NAMES))]


@pytest.mark.usefixtures("sandbox")
def test_a_run_that_was_killed_is_marked_and_the_next_one_is_fine(app: Flask) -> None:
    """After a death between two reports: abandoned, what was applied stays, and the next run does the rest."""

    class Killed(BaseException):
        """Stands for SIGKILL: nothing of ours runs after it."""

    started = datetime.now(UTC)
    with app.app_context():
        begun = service.begin("nightly")
        assert begun.lease is not None

        def die(outcome: Outcome) -> None:
            if outcome.name == "partners":
                raise Killed

        with pytest.raises(Killed):
            service._import_all(begun, running.confirming(begun.lease), False, die, AT_ONCE)
        db.session.remove()
        assert service.begin("nightly").lease is None
        with time_machine.travel(started + timedelta(seconds=running.LEASE_SECONDS + 5)):
            assert not running.follow(begun.run_id)
            second = service.run_feeds("nightly")
        first = finished(begun.run_id)
        assert (first["status"], first["finished_at"]) == ("abandoned", None)
        assert [feed["name"] for feed in first["feeds"]] == ["vehicles", "partners"]
        assert finished(second)["status"] == "succeeded"
        expected = dict.fromkeys(NAMES, "applied") | {"vehicles": "unchanged", "partners": "unchanged"}
        assert statuses(second) == expected


@pytest.mark.usefixtures("sandbox")
def test_a_runner_that_was_thought_dead_writes_nothing_more(app: Flask) -> None:
    """When another has taken over, the slow one stops before its next row, and leaves the other's run alone."""
    with app.app_context():
        slow = service.begin("nightly")
        taken: list[running.Begun] = []

        def lose(outcome: Outcome) -> None:
            if outcome.name == "partners":
                let_leases_run_out(app)
                taken.append(service.begin("button"))

        service.finish(slow, progress=lose)
        assert finished(slow.run_id)["status"] == "abandoned"
        assert [feed["name"] for feed in finished(slow.run_id)["feeds"]] == ["vehicles", "partners"]
        assert db.session.scalar(select(func.count()).select_from(LoanHistory)) == 0
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 0
        assert finished(taken[0].run_id)["status"] == "running"
        service.finish(taken[0])
        assert finished(taken[0].run_id)["status"] == "succeeded"


@pytest.mark.usefixtures("sandbox")
def test_dead_runs_are_marked_at_start(app: Flask) -> None:
    """A process that starts marks runs whose lease has run out, and no others."""
    with app.app_context():
        begun = service.begin("nightly")
        assert running.abandon_dead_runs() == 0
        let_leases_run_out(app)
        assert running.abandon_dead_runs() == 1
        assert run(begun.run_id).status == RunStatus.ABANDONED
        close_reading()
        assert service.begin("nightly").lease is not None


def test_companies_run_beside_each_other(app: Flask, people: People) -> None:
    """The lease is a company's own."""
    people(Role.SCHEDULER, company="Another")
    with app.app_context():
        assert service.begin("command").lease is not None
        assert service.begin("command", company="Another").lease is not None


def test_a_crash_ends_the_run_as_failed(app: Flask, sandbox: SandboxProcess) -> None:
    """What breaks the runner itself is recorded without its text, and the lease is free again."""

    def crash(outcome: Outcome) -> None:
        raise ZeroDivisionError("with a secret")

    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            service.run_feeds("command", progress=crash)
        (found,) = runs()
        close_reading()
        assert (found["status"], found["error"]) == ("failed", "The run broke off: ZeroDivisionError.")
        assert service.begin("command").lease is not None
