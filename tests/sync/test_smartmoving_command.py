"""`flask sync smartmoving` looks in the foreground, tells how far it is, joins what goes on, ends with a verdict."""

import threading

import pytest
from flask import Flask

from tests.sandbox_process import SandboxProcess
from tests.sync.movers import looks
from webapp.sync import smartmoving_runs

pytestmark = pytest.mark.usefixtures("noon")


def test_progress_is_told_and_success_is_0(movers_app: Flask) -> None:
    """Each page of the sweep, the details in steps, then what came; the same again brings nothing new."""
    answer = movers_app.test_cli_runner().invoke(args=["sync", "smartmoving"])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0].startswith("Sweep, page 1")
    assert any(line.startswith("Detail ") for line in lines)
    assert lines[-1].startswith("Run 1 succeeded. ")
    assert " new; " in lines[-1]
    again = movers_app.test_cli_runner().invoke(args=["sync", "smartmoving"])
    assert again.exit_code == 0
    assert ": nothing new; " in again.output


def test_anything_less_than_success_is_not_0(movers_app: Flask, movers: SandboxProcess) -> None:
    """A job that could not be read is named with the reason; a sweep that failed says why."""
    movers.fault("smartmoving:opportunity", "broken")
    partial = movers_app.test_cli_runner().invoke(args=["sync", "smartmoving"])
    assert partial.exit_code == 1
    assert "Error: Run 1 partial. 1 job could not be read." in partial.output
    movers.fault("smartmoving:customers", "error", times=None)
    failed = movers_app.test_cli_runner().invoke(args=["sync", "smartmoving"])
    assert failed.exit_code == 1
    assert "Error: Run 2 failed. " in failed.output


@pytest.mark.settings(smartmoving_api_key="another-key")
def test_a_refused_key_is_told_without_it(movers_app: Flask) -> None:
    """What to do, and not the key."""
    answer = movers_app.test_cli_runner().invoke(args=["sync", "smartmoving"])
    assert answer.exit_code == 1
    assert "SMARTMOVING_API_KEY" in answer.output
    assert "another-key" not in answer.output


def test_without_a_key_it_says_so(sqlite_app: Flask) -> None:
    """A sentence, no traceback, no run."""
    answer = sqlite_app.test_cli_runner().invoke(args=["sync", "smartmoving"])
    assert answer.exit_code == 1
    assert "SMARTMOVING_API_KEY" in answer.output
    assert looks(sqlite_app) == []


def test_a_run_elsewhere_is_joined(movers_app: Flask) -> None:
    """The command waits for the run that goes on and ends as that does; no second run begins."""
    with movers_app.app_context():
        begun = smartmoving_runs.begin("scheduled")
    outputs: list[tuple[int, str]] = []

    def command() -> None:
        answer = movers_app.test_cli_runner().invoke(args=["sync", "smartmoving"])
        outputs.append((answer.exit_code, answer.output))

    thread = threading.Thread(target=command)
    thread.start()
    with movers_app.app_context():
        smartmoving_runs.finish(begun)
    thread.join()
    ((code, output),) = outputs
    assert code == 0
    assert f"Run {begun.run_id} succeeded." in output
    assert [found["status"] for found in looks(movers_app)] == ["succeeded"]
