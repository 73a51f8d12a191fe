"""Two hosts with schedulers of their own over one PostgreSQL: one run, and one takes over when the other dies."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.sandbox_process import SandboxProcess
from tests.servers import GunicornServer
from tests.sync.leases import let_leases_run_out
from tests.sync.test_commands import wait_until
from webapp.db import close_reading
from webapp.sync import running, service
from webapp.sync.lease import is_held
from webapp.sync.models import RunKind
from webapp.sync.queries import runs

pytestmark = pytest.mark.usefixtures("postgres_app")


def history() -> list[tuple[str, str, int]]:
    """(trigger, status, reports) of each run, newest first."""
    found = [(run["trigger"], str(run["status"]), len(run["feeds"])) for run in runs()]
    close_reading()
    return found


def test_a_host_that_is_killed_in_a_run_is_replaced_once(
    app: Flask, sandbox: SandboxProcess, gunicorn_server: Callable[..., GunicornServer]
) -> None:
    """SIGKILL in the middle: the run is marked, one of the two other hosts runs, the second finds it done."""
    sandbox.fault("report:loan_history", "never")
    holder = gunicorn_server(sync_enabled=True)
    with app.app_context():
        wait_until(lambda: history() == [("catch-up", "running", 3)] and not sandbox.state()["faults"])
        for _ in range(2):
            gunicorn_server(sync_enabled=True)
        holder.kill()
        let_leases_run_out(app)
        expected = [("catch-up", "succeeded", 6), ("catch-up", "abandoned", 3)]
        wait_until(lambda: history() == expected)
        # Both have looked by now, or look here: nothing more comes of it.
        wait_until(lambda: not is_held(running.lease_name(RunKind.FEEDS, 1)))
        close_reading()
        assert history() == expected


@pytest.mark.usefixtures("sandbox")
def test_whoever_comes_second_runs_nothing(app: Flask) -> None:
    """What was due when a host looked is asked again under the lease: the other's run is taken for the answer."""
    with app.app_context():
        first = service.run_feeds("nightly")
        assert service.run_feeds("nightly", is_due=lambda company_id: False) == first
        assert [status for _, status, _ in history()] == ["succeeded"]
        assert service.begin("button").lease is not None
