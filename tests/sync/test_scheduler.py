"""Jobs are done while a process serves: at once and regularly, by one process at a time; the feeds every night."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from tests.sandbox_process import SandboxProcess
from tests.servers import GunicornServer
from tests.sync.leases import let_leases_run_out
from tests.sync.test_commands import wait_until
from webapp import jobs
from webapp.clock import now
from webapp.db import close_reading, db
from webapp.sync import scheduler, service
from webapp.sync.configured import nightly_of
from webapp.sync.models import Lease
from webapp.sync.plans import feeds_plan
from webapp.sync.queries import runs

PATIENCE = 30


@pytest.fixture
def started(make_app: Callable[..., Flask]) -> Iterator[Callable[..., Flask]]:
    """`started(*jobs, **settings)`: an application of its own whose scheduler runs these jobs alone."""
    apps: list[Flask] = []

    def begin(*wanted: jobs.Job, **overrides: object) -> Flask:
        app = make_app(**overrides)
        app.extensions["jobs"] = list(wanted)
        apps.append(app)
        scheduler.start(app)
        return app

    yield begin
    for app in apps:
        _end(app.extensions.pop(scheduler.SCHEDULER))


def test_no_thread_begins_by_itself(app: Flask) -> None:
    """Commands and tests build applications too: only `start` starts."""
    assert scheduler.SCHEDULER not in app.extensions
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("APScheduler")]


def test_a_job_is_done_at_once_and_again(started: Callable[..., Flask]) -> None:
    """Inside an application context, at start-up and then every so many seconds."""
    done: list[str] = []
    twice = threading.Event()

    def work() -> None:
        done.append(current_app.name)
        if len(done) == 2:
            twice.set()

    started(jobs.Job("count", 0.2, work))
    assert twice.wait(PATIENCE)
    assert set(done) == {"webapp"}


def test_a_job_that_fails_is_tried_again(started: Callable[..., Flask]) -> None:
    """A fault is logged; neither the job nor the scheduler stops."""
    tries: list[int] = []
    again = threading.Event()

    def work() -> None:
        tries.append(1)
        if len(tries) == 2:
            again.set()
        raise ZeroDivisionError

    started(jobs.Job("fails", 0.2, work))
    assert again.wait(PATIENCE)


def test_two_processes_do_a_job_one_at_a_time(started: Callable[..., Flask]) -> None:
    """Two schedulers over one database never work on the same job at once."""
    inside, most, rounds = [0], [0], threading.Semaphore(0)
    lock = threading.Lock()

    def work() -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        # Long enough for the other one to come in, if it could.
        threading.Event().wait(0.1)
        with lock:
            inside[0] -= 1
        rounds.release()

    job = jobs.Job("alone", 0.1, work)
    started(job)
    started(job)
    for _ in range(4):
        assert rounds.acquire(timeout=PATIENCE)
    assert most[0] == 1


def test_starting_twice_starts_once(started: Callable[..., Flask]) -> None:
    """A second call gives the same scheduler."""
    app = started()
    assert scheduler.start(app) is app.extensions[scheduler.SCHEDULER]


def test_a_dead_run_is_marked_at_start_even_without_nightly_runs(app: Flask, started: Callable[..., Flask]) -> None:
    """SYNC_ENABLED switches the nightly run, not the honesty about the last one."""
    with app.app_context():
        service.begin("nightly")
    let_leases_run_out(app)
    started(sync_enabled=False)
    with app.app_context():
        wait_until(lambda: _statuses() == ["abandoned"])


@pytest.mark.usefixtures("sandbox")
def test_a_missed_run_is_caught_up(app: Flask, started: Callable[..., Flask]) -> None:
    """An application that starts without data of last night fetches them; the next one to start does not."""
    started(sync_enabled=True)
    with app.app_context():
        wait_until(lambda: _statuses() == ["succeeded"])
        assert runs()[0]["trigger"] == "catch-up"
        close_reading()
        scheduler._look_after(app, feeds_plan(app.extensions["settings"]))
        assert _statuses() == ["succeeded"]


@pytest.mark.usefixtures("sandbox")
def test_nothing_is_caught_up_when_switched_off(app: Flask) -> None:
    """Neither with SYNC_ENABLED off nor without addresses."""
    with app.app_context():
        scheduler._look_after(app, feeds_plan(app.extensions["settings"]))
        assert _statuses() == []


def test_without_addresses_there_is_no_nightly_run(started: Callable[..., Flask]) -> None:
    """A desk without reports does not fail every night."""
    app = started(sync_enabled=True)
    assert app.extensions[scheduler.SCHEDULER].get_job("nightly") is None


@pytest.mark.usefixtures("sandbox")
def test_the_nightly_run_is_due_by_the_settings(started: Callable[..., Flask], app: Flask) -> None:
    """At SYNC_HOUR:SYNC_MINUTE in SYNC_TIMEZONE."""
    with app.app_context():
        service.run_feeds("command")
    due = started(sync_enabled=True, sync_hour=3, sync_minute=17, sync_timezone="Europe/Berlin")
    at = due.extensions[scheduler.SCHEDULER].get_job("nightly").next_run_time
    assert (at.hour, at.minute, str(at.tzinfo)) == (3, 17, "Europe/Berlin")


@pytest.mark.usefixtures("sandbox")
def test_at_night_the_first_process_runs_and_the_others_do_not(app: Flask) -> None:
    """Every process comes at the due moment; whoever is second finds this night's run and goes."""
    with app.app_context():
        plan = feeds_plan(app.extensions["settings"])
        due = nightly_of(app.extensions["settings"]).next_due(now())
        with time_machine.travel(due + timedelta(seconds=1)):
            scheduler._run_if_due(app, plan)
            scheduler._run_if_due(app, plan)
            assert [found["trigger"] for found in runs()] == ["nightly"]
            close_reading()
        with time_machine.travel(due + timedelta(days=1, seconds=1)):
            scheduler._run_if_due(app, plan)
            assert len(runs()) == 2


@pytest.mark.usefixtures("sandbox")
def test_a_run_that_may_be_alive_is_looked_at_again(app: Flask, started: Callable[..., Flask]) -> None:
    """A process that starts right after another was killed waits for the lease, and then catches up."""
    with app.app_context():
        service.begin("nightly")
    running = started(sync_enabled=True).extensions[scheduler.SCHEDULER]
    wait_until(lambda: running.get_job("nightly again") is not None)
    let_leases_run_out(app)
    running.modify_job("nightly again", next_run_time=datetime.now(UTC))
    with app.app_context():
        wait_until(lambda: _statuses() == ["succeeded", "abandoned"])


def test_gunicorn_starts_the_jobs_in_its_workers(
    app: Flask, sandbox: SandboxProcess, gunicorn_server: Callable[..., GunicornServer]
) -> None:
    """Two workers catch up with one run, and do the rooms' jobs under leases."""
    gunicorn_server(workers=2, sync_enabled=True)
    with app.app_context():
        wait_until(lambda: _statuses() == ["succeeded"])
        wait_until(lambda: _fence("job:fms-recovery") >= 1)


def _end(running: BackgroundScheduler) -> None:
    # APScheduler stumbles when it is stopped while it hands out its first job.
    wait_until(lambda: not [job for job in running.get_jobs() if job.id.endswith(" at start")])
    running.shutdown(wait=True)


def _fence(name: str) -> int:
    found = db.session.get(Lease, name)
    db.session.rollback()
    return found.fence if found else 0


def _statuses() -> list[str]:
    found = [str(found["status"]) for found in runs()]
    close_reading()
    return found
