"""What the sync page shows of a company: each report's last good import and last attempt, and the runs before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.db import db
from webapp.sync.models import FeedResult, RunStatus, SyncRun
from webapp.sync.queries import FEEDS_KIND, GOOD

HISTORY = 30
# The rows that were bad are read only when somebody asks for them.
RESULT_COLUMNS = (
    *(FeedResult.id, FeedResult.run_id, FeedResult.name, FeedResult.status, FeedResult.fetched, FeedResult.valid),
    *(FeedResult.bad, FeedResult.inserted, FeedResult.updated, FeedResult.gone, FeedResult.unchanged),
    *(FeedResult.started_at, FeedResult.finished_at, FeedResult.error, FeedResult.warnings),
)


@dataclass(frozen=True)
class Result:
    """What one report brought in one run, without its bad rows; counts are rows."""

    id: int
    run_id: int
    name: str
    status: str
    fetched: int
    valid: int
    bad: int
    inserted: int
    updated: int
    gone: int
    unchanged: int
    started_at: datetime
    finished_at: datetime
    error: str
    warnings: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Whether the tables said what the report said."""
        return self.status in GOOD

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class Run:
    """A run and its results by the report's name. `by` is who started it; empty: the system itself."""

    id: int
    trigger: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    error: str
    by: str
    results: Mapping[str, Result]

    @property
    def is_running(self) -> bool:
        """Whether the record says that it is going on."""
        return self.status == RunStatus.RUNNING


@dataclass(frozen=True)
class Overview:
    """Runs newest first; `good` and `latest` are results by the report's name."""

    runs: Sequence[Run]
    good: Mapping[str, Result]
    latest: Mapping[str, Result]

    @property
    def running(self) -> Run | None:
        """The run that is going on, if any: it is always the newest."""
        return self.runs[0] if self.runs and self.runs[0].is_running else None


def overview(company_id: int, *, history: int = HISTORY) -> Overview:
    """Everything at once, in three queries whatever there is."""
    runs = db.session.execute(
        select(SyncRun, User.name)
        .outerjoin(User, User.id == SyncRun.user_id)
        .where(SyncRun.company_id == company_id, SyncRun.kind == FEEDS_KIND)
        .order_by(SyncRun.started_at.desc(), SyncRun.id.desc())
        .limit(history)
    ).all()
    shown = [found.id for found, _ in runs]
    of_company = select(FeedResult.name).join(SyncRun, SyncRun.id == FeedResult.run_id)
    of_company = of_company.where(SyncRun.company_id == company_id, SyncRun.kind == FEEDS_KIND)
    newest = func.max(FeedResult.id)
    marks = db.session.execute(
        of_company.add_columns(newest, newest.filter(FeedResult.status.in_(GOOD))).group_by(FeedResult.name)
    ).all()
    wanted = {number for _, latest, good in marks for number in (latest, good) if number}
    rows = db.session.execute(
        select(*RESULT_COLUMNS).where(FeedResult.run_id.in_(shown) | FeedResult.id.in_(wanted)).order_by(FeedResult.id)
    )
    results = {row.id: Result(**row._mapping) for row in rows}
    by_run: dict[int, dict[str, Result]] = {}
    for result in results.values():
        by_run.setdefault(result.run_id, {})[result.name] = result
    return Overview(
        runs=[_run(found, name, by_run.get(found.id, {})) for found, name in runs],
        latest={name: results[latest] for name, latest, _ in marks},
        good={name: results[good] for name, _, good in marks if good},
    )


def bad_rows(company_id: int, run_id: int, name: str) -> list[dict[str, Any]] | None:
    """The bad rows of a report in a run (the first hundred), {line, reason, text}; None: there is no such result."""
    return db.session.scalar(
        select(FeedResult.bad_rows)
        .join(SyncRun, SyncRun.id == FeedResult.run_id)
        .where(SyncRun.company_id == company_id, FeedResult.run_id == run_id, FeedResult.name == name)
    )


def _run(found: SyncRun, by: str | None, results: Mapping[str, Result]) -> Run:
    return Run(
        found.id,
        found.trigger,
        found.status,
        found.started_at,
        found.finished_at,
        found.error,
        by or "",
        results,
    )
