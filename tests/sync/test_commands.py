"""`flask sync feeds` runs in the foreground, tells each report, joins what is going on, and survives kill -9."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from tests.sandbox_process import SandboxProcess
from tests.servers import ROOT, environment_of
from tests.sync.leases import let_leases_run_out
from webapp.db import close_reading
from webapp.settings import Settings
from webapp.sync import service
from webapp.sync.queries import runs

# Seconds; a busy machine takes long to start a process.
PATIENCE = 240


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look until it is so; fail when it never is."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def results() -> list[str]:
    """The feeds recorded in the latest run."""
    found = runs()
    close_reading()
    return [feed["name"] for feed in found[0]["feeds"]] if found else []


def test_progress_is_told_and_success_is_0(runner: FlaskCliRunner, sandbox: SandboxProcess) -> None:
    """One line for each report, then the verdict; a warning below its report."""
    sandbox.fault("report:partners", "extra_column")
    answer = runner.invoke(args=["sync", "feeds"])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0] == "vehicles          applied: 60 rows, 60 new, 0 changed, 0 gone, 0 as before, 0 bad"
    assert lines[2].strip().startswith("The report has 9 columns, 8 are known")
    assert lines[-1] == "Run 1 succeeded."
    again = runner.invoke(args=["sync", "feeds"])
    assert again.output.startswith("vehicles          unchanged: 60 rows")


def test_anything_less_than_success_is_not_0(runner: FlaskCliRunner, sandbox: SandboxProcess) -> None:
    """The reason is told, and a program can tell by the exit code."""
    sandbox.fault("report:vehicles", "html")
    answer = runner.invoke(args=["sync", "feeds"])
    assert answer.exit_code == 1
    assert "vehicles          refused: The report is a web page" in answer.output
    assert "Error: Run 1 partial. vehicles: The report is a web page" in answer.output


def test_the_guard_is_overridden_by_an_option(runner: FlaskCliRunner, sandbox: SandboxProcess) -> None:
    """`--override-guard` accepts a report that has shrunk."""
    runner.invoke(args=["sync", "feeds"])
    for options, code in (([], 1), (["--override-guard"], 0)):
        sandbox.fault("report:partners", "shrunk")
        assert runner.invoke(args=["sync", "feeds", *options]).exit_code == code


@pytest.mark.usefixtures("sandbox")
def test_an_unknown_company_is_told(runner: FlaskCliRunner) -> None:
    """A sentence, no traceback."""
    answer = runner.invoke(args=["sync", "feeds", "--company", "Nobody"])
    assert (answer.exit_code, answer.output) == (1, "Error: There is no company called Nobody.\n")


@pytest.mark.usefixtures("sandbox")
def test_a_run_elsewhere_is_joined(app: Flask, runner: FlaskCliRunner) -> None:
    """The command waits for the run that is going on and ends as that does; no second run begins."""
    with app.app_context():
        begun = service.begin("nightly")
    outputs: list[tuple[int, str]] = []

    def command() -> None:
        answer = runner.invoke(args=["sync", "feeds"])
        outputs.append((answer.exit_code, answer.output))

    thread = threading.Thread(target=command)
    thread.start()
    with app.app_context():
        service.finish(begun)
    thread.join()
    ((code, output),) = outputs
    assert code == 0
    assert output.endswith(f"Run {begun.run_id} succeeded.\n")
    with app.app_context():
        assert [found["status"] for found in runs()] == ["succeeded"]


def test_a_killed_run_harms_nobody(
    app: Flask, runner: FlaskCliRunner, settings_for: Callable[..., Settings], sandbox: SandboxProcess
) -> None:
    """kill -9 while a report is awaited: the run is abandoned, the next one succeeds and repeats nothing."""
    sandbox.fault("report:loan_history", "never")
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "sync", "feeds"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment_of(settings_for()), stdout=subprocess.DEVNULL)
    with app.app_context():
        try:
            # Not before it asked for the report that never comes, or the next run would be the one to wait for it.
            wait_until(lambda: len(results()) == 3 and not sandbox.state()["faults"])
        finally:
            process.kill()
            process.wait()
    let_leases_run_out(app)
    answer = runner.invoke(args=["sync", "feeds"])
    assert answer.exit_code == 0, answer.output
    assert "vehicles          unchanged" in answer.output
    assert "loan history      applied" in answer.output
    with app.app_context():
        assert [found["status"] for found in runs()] == ["succeeded", "abandoned"]
