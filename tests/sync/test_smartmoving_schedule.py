"""SmartMoving is looked at by day while a process serves: on time, once for all processes, made up once, taken over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from time_machine import Traveller

from tests.conftest import REPORTS
from tests.sandbox_process import SandboxProcess
from tests.servers import GunicornServer
from tests.sync.leases import let_leases_run_out
from tests.sync.movers import NOON, looks, settings_of_movers, working_hours
from tests.sync.test_commands import wait_until
from webapp.clock import now
from webapp.db import close_reading, writing
from webapp.smartmoving.models import SmartMovingState
from webapp.sync import running, scheduler, smartmoving_runs
from webapp.sync.lease import is_held
from webapp.sync.models import RunKind
from webapp.sync.plans import Plan, smartmoving_plan

SWITCHED_ON = pytest.mark.settings(sync_enabled=True)


def plan_of(app: Flask) -> Plan:
    return smartmoving_plan(app.extensions["settings"])


def triggers(app: Flask) -> list[str]:
    return [found["trigger"] for found in looks(app)]


@SWITCHED_ON
def test_on_time_the_first_process_looks_and_the_others_do_not(movers_app: Flask, noon: Traveller) -> None:
    """Every process comes at the due moment; whoever is second finds this look and goes; a quarter later again."""
    plan = plan_of(movers_app)
    with movers_app.app_context():
        scheduler._run_if_due(movers_app, plan)
        noon.shift(timedelta(seconds=1))
        scheduler._run_if_due(movers_app, plan)
        assert triggers(movers_app) == ["scheduled"]
        noon.shift(timedelta(minutes=14, seconds=58))
        scheduler._run_if_due(movers_app, plan)
        assert triggers(movers_app) == ["scheduled"]
        noon.shift(timedelta(seconds=1))
        scheduler._run_if_due(movers_app, plan)
        assert triggers(movers_app) == ["scheduled"] * 2


@SWITCHED_ON
def test_what_was_missed_is_made_up_once_in_working_hours(movers_app: Flask, noon: Traveller) -> None:
    """A process that starts at noon after days looks once; one that starts at night does not."""
    plan = plan_of(movers_app)
    with movers_app.app_context():
        noon.shift(timedelta(hours=11))
        scheduler._look_after(movers_app, plan)
        assert triggers(movers_app) == []
        noon.move_to(NOON)
        for _ in range(2):
            scheduler._look_after(movers_app, plan)
        assert triggers(movers_app) == ["catch-up"]


@SWITCHED_ON
def test_nothing_is_looked_at_while_it_is_held(movers_app: Flask, noon: Traveller) -> None:
    """Until the hold ends; then at the next due moment."""
    plan = plan_of(movers_app)
    with movers_app.app_context():
        smartmoving_runs.run_smartmoving("command")
        with writing() as session:
            session.get_one(SmartMovingState, 1).hold_until = now() + timedelta(hours=1)
        noon.shift(timedelta(minutes=45))
        scheduler._run_if_due(movers_app, plan)
        scheduler._look_after(movers_app, plan)
        assert triggers(movers_app) == ["command"]
        noon.shift(timedelta(minutes=15))
        scheduler._run_if_due(movers_app, plan)
        assert triggers(movers_app) == ["scheduled", "command"]


@pytest.mark.parametrize(
    ("changes", "is_on"),
    [
        ({"sync_enabled": True}, True),
        ({"sync_enabled": False}, False),
        ({"sync_enabled": True, "smartmoving_api_key": ""}, False),
    ],
)
def test_it_is_on_when_switched_on_and_with_a_key(
    make_app: Callable[..., Flask], sandbox: SandboxProcess, changes: dict[str, object], is_on: bool
) -> None:
    """A desk without movers asks nobody."""
    assert plan_of(make_app(**{**settings_of_movers(sandbox), **changes})).is_on == is_on


@pytest.mark.settings(sync_enabled=True, smartmoving_sync_minutes=20, sync_timezone="America/Halifax")
def test_the_trigger_fires_when_it_is_due(movers_app: Flask, noon: Traveller) -> None:
    """Every SMARTMOVING_SYNC_MINUTES by the clocks of SYNC_TIMEZONE; after the evening's last look the next morning."""
    trigger = plan_of(movers_app).trigger
    assert trigger.get_next_fire_time(None, now()) == NOON + timedelta(minutes=20)
    assert trigger.get_next_fire_time(None, NOON + timedelta(hours=6)) == NOON + timedelta(hours=14)


def test_a_host_that_is_killed_in_a_look_is_replaced_once(
    postgres_app: Flask, sandbox: SandboxProcess, gunicorn_server: Callable[..., GunicornServer]
) -> None:
    """SIGKILL in the middle: the run is marked, one of the two other hosts looks, the second finds it done."""
    sandbox.fault("smartmoving:customers", "never")
    by_day = {"sync_enabled": True, "sync_timezone": working_hours(), "smartmoving_sync_minutes": 1440}
    # Of the feeds nothing is wanted here.
    no_feeds = {f"fms_{name}_csv_url": "" for name in REPORTS}
    settings = {**settings_of_movers(sandbox), **by_day, **no_feeds}
    holder = gunicorn_server(**settings)
    wait_until(lambda: [found["status"] for found in looks(postgres_app)] == ["running"])
    wait_until(lambda: not sandbox.state()["faults"])
    for _ in range(2):
        gunicorn_server(**settings)
    holder.kill()
    let_leases_run_out(postgres_app)
    expected = [("catch-up", "succeeded"), ("catch-up", "abandoned")]
    wait_until(lambda: [(found["trigger"], found["status"]) for found in looks(postgres_app)] == expected)
    with postgres_app.app_context():
        wait_until(lambda: not is_held(running.lease_name(RunKind.SMARTMOVING, 1)))
        close_reading()
    assert [(found["trigger"], found["status"]) for found in looks(postgres_app)] == expected
