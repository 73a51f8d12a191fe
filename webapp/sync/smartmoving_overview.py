"""What the sync page shows of SmartMoving's runs: the last good one, the one that goes on, and those before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select

from webapp.accounts.models import Company, User
from webapp.accounts.queries import company_named
from webapp.clock import now
from webapp.db import db
from webapp.smartmoving.models import SmartMovingCall
from webapp.smartmoving.report import Report
from webapp.sync.configured import by_day_of, has_key
from webapp.sync.due import Age, told_jobs_age
from webapp.sync.models import RunKind, RunStatus, SyncRun

HISTORY = 30
# A run that could not read single jobs brought the others.
GOOD = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)


@dataclass(frozen=True)
class JobsRun:
    """A run. `calls` are those of the ledger, so also those of a run that died; `by`: empty is the system itself.

    `progress` is `{done, total, text}` while it goes on.
    """

    id: int
    trigger: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    error: str
    by: str
    calls: int
    report: Report
    progress: Mapping[str, Any]

    @property
    def is_running(self) -> bool:
        """Whether the record says that it is going on."""
        return self.status == RunStatus.RUNNING


@dataclass(frozen=True)
class JobsOverview:
    """Runs newest first. `last_good_at`: what the board shows is as of then."""

    runs: Sequence[JobsRun]
    last_good_at: datetime | None

    @property
    def running(self) -> JobsRun | None:
        """The run that is going on, if any: it is always the newest."""
        return self.runs[0] if self.runs and self.runs[0].is_running else None

    @property
    def latest(self) -> JobsRun | None:
        """The last run that ended."""
        return next((run for run in self.runs if not run.is_running), None)


def jobs_overview(company_id: int, *, history: int = HISTORY) -> JobsOverview:
    """Everything at once, in three queries whatever there is."""
    rows = db.session.execute(
        select(SyncRun, User.name)
        .outerjoin(User, User.id == SyncRun.user_id)
        .where(SyncRun.company_id == company_id, SyncRun.kind == RunKind.SMARTMOVING)
        .order_by(SyncRun.started_at.desc(), SyncRun.id.desc())
        .limit(history)
    ).all()
    calls = _calls([found.id for found, _ in rows])
    runs = [_run(found, name or "", calls.get(found.id, 0)) for found, name in rows]
    return JobsOverview(runs, last_good_run_at(company_id))


def last_good_run_at(company_id: int) -> datetime | None:
    """When the last good run began to look: nothing on the board is older than that. None: there was none."""
    return db.session.scalar(_last_good(company_id))


def jobs_age(company_id: int) -> Age | None:
    """How old the company's jobs are, judged by working time, in one query; None: it is not set up."""
    settings = current_app.extensions["settings"]
    if not has_key(settings):
        return None
    name, last_good_at = db.session.execute(
        select(Company.name, _last_good(company_id).scalar_subquery()).where(Company.id == company_id)
    ).one()
    return told_jobs_age(last_good_at, now(), by_day_of(settings)) if name == settings.company_name else None


def is_set_up_for(company_id: int) -> bool:
    """Whether the key that the environment holds is this company's: it is the settings' company's."""
    settings = current_app.extensions["settings"]
    return has_key(settings) and company_named(settings.company_name) == company_id


def _last_good(company_id: int) -> Select[datetime]:
    of_company = (SyncRun.company_id == company_id, SyncRun.kind == RunKind.SMARTMOVING, SyncRun.status.in_(GOOD))
    return select(SyncRun.started_at).where(*of_company).order_by(SyncRun.started_at.desc()).limit(1)


def _calls(run_ids: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(SmartMovingCall.run_id, func.count())
        .where(SmartMovingCall.run_id.in_(run_ids))
        .group_by(SmartMovingCall.run_id)
    ).all()
    return {run_id: count for run_id, count in rows if run_id is not None}


def _run(found: SyncRun, by: str, calls: int) -> JobsRun:
    kept = found.report or {}
    return JobsRun(
        id=found.id,
        trigger=found.trigger,
        status=found.status,
        started_at=found.started_at,
        finished_at=found.finished_at,
        error=found.error,
        by=by,
        calls=calls,
        report=Report.from_json(kept),
        progress=kept.get("progress", {}),
    )
