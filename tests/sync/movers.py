"""The sandbox's SmartMoving as tests of runs use it: settings, a moment, rows of runs as if they had been made."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Flask

from tests.sandbox_process import SandboxProcess
from webapp.db import close_reading, writing
from webapp.smartmoving.report import Report
from webapp.sync.models import RunKind, RunStatus, SyncRun
from webapp.sync.queries import runs

# The sandbox's day, at noon in Los Angeles.
NOON = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)
UNHURRIED = 100_000


def settings_of_movers(sandbox: SandboxProcess) -> dict[str, Any]:
    """Settings with which the application reads this sandbox's jobs without waiting."""
    return {
        "smartmoving_base_url": sandbox.smartmoving_url,
        "smartmoving_api_key": sandbox.smartmoving_key,
        "smartmoving_calls_per_minute": UNHURRIED,
    }


def add_look(
    company_id: int,
    at: datetime = NOON,
    *,
    status: RunStatus = RunStatus.SUCCEEDED,
    report: Report | None = None,
    **columns: Any,
) -> int:
    """A run of SmartMoving that began then and took ten seconds."""
    told = report or Report(is_complete=status in (RunStatus.SUCCEEDED, RunStatus.PARTIAL))
    values: dict[str, Any] = {
        "trigger": "scheduled",
        "finished_at": None if status in (RunStatus.RUNNING, RunStatus.ABANDONED) else at + timedelta(seconds=10),
        "report": told.as_json(),
        **columns,
    }
    with writing() as session:
        added = SyncRun(company_id=company_id, kind=RunKind.SMARTMOVING, status=status, started_at=at, **values)
        session.add(added)
        session.flush()
        return added.id


def looks(app: Flask) -> list[dict[str, Any]]:
    """Runs of SmartMoving as JSON, newest first; nothing stays open."""
    with app.app_context():
        found = runs(kind=RunKind.SMARTMOVING)
        close_reading()
        return cast(list[dict[str, Any]], found)


def working_hours() -> str:
    """A time zone in which it is about noon now, for processes that have clocks of their own."""
    ahead = 12 - datetime.now(UTC).hour
    # These names count the other way round.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
