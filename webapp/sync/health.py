"""How the runs of a sync went, day by day: whole, in part, not at all, and how long they took."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import func, select

from webapp.db import db
from webapp.sync.models import RunKind, RunStatus, SyncRun

WHOLE, PART = (RunStatus.SUCCEEDED,), (RunStatus.PARTIAL,)


@dataclass
class DayOfRuns:
    """The runs that began on one day. `seconds` are those of the runs that ended."""

    good: int = 0
    partial: int = 0
    failed: int = 0
    seconds: float = 0
    ended: int = 0

    @property
    def mean_seconds(self) -> float | None:
        """How long a run took on average; None where none ended."""
        return self.seconds / self.ended if self.ended else None


def runs_by_day(company_id: int, kind: RunKind, first: date, last: date, zone: tzinfo) -> dict[date, DayOfRuns]:
    """Every day from `first` to `last`, as `zone` has it, with its runs; what runs now is left out."""
    begins = datetime.combine(first, time(), zone)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    rows = db.session.execute(
        select(SyncRun.status, SyncRun.started_at, SyncRun.finished_at).where(
            SyncRun.company_id == company_id,
            SyncRun.kind == kind,
            SyncRun.started_at >= begins,
            SyncRun.started_at < ends,
            SyncRun.status != RunStatus.RUNNING,
        )
    )
    found: dict[date, DayOfRuns] = defaultdict(DayOfRuns)
    for status, started_at, finished_at in rows:
        day = found[started_at.astimezone(zone).date()]
        day.good += status in WHOLE
        day.partial += status in PART
        day.failed += status not in WHOLE + PART
        if finished_at is not None:
            day.seconds += (finished_at - started_at).total_seconds()
            day.ended += 1
    return {day: found[day] for day in (first + timedelta(days=each) for each in range((last - first).days + 1))}


def last_good_run(company_id: int, kind: RunKind) -> datetime | None:
    """When the last run that succeeded ended; None: none ever did."""
    return db.session.scalar(
        select(func.max(SyncRun.finished_at)).where(
            SyncRun.company_id == company_id, SyncRun.kind == kind, SyncRun.status == RunStatus.SUCCEEDED
        )
    )
