"""Reads the run history: what came last, how old the data are, which runs there were."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import selectinload

from webapp.accounts.models import Company
from webapp.clock import now
from webapp.db import db
from webapp.feeds.parse import BadRow
from webapp.feeds.service import LastGood, expected_feeds
from webapp.smartmoving.report import Report
from webapp.sync.due import Age, told_age
from webapp.sync.models import FeedResult, FeedStatus, RunKind, RunStatus, SyncRun
from webapp.sync.shapes import FeedJson, JobsJson, RunJson

GOOD = (FeedStatus.APPLIED, FeedStatus.UNCHANGED)
FEEDS_KIND = RunKind.FEEDS
RUNS_SHOWN = 50
JOB_COUNTS = ("processed", "created", "updated", "unchanged", "removed", "failed")


def last_good(company_id: int) -> dict[str, LastGood]:
    """What each feed's last good import said, by the feed's name."""
    latest = (
        select(func.max(FeedResult.id))
        .join(SyncRun, SyncRun.id == FeedResult.run_id)
        .where(SyncRun.company_id == company_id, FeedResult.status.in_(GOOD))
        .group_by(FeedResult.name)
    )
    results = db.session.scalars(select(FeedResult).where(FeedResult.id.in_(latest)))
    return {result.name: _as_last_good(result) for result in results}


def last_good_at(company_id: int | None, names: Iterable[str]) -> datetime | None:
    """Since when all of these feeds are good: the oldest of their last good imports; None: one never was.

    `company_id` None is the settings' company.
    """
    settings = current_app.extensions["settings"]
    whose = {"company_name": settings.company_name} if company_id is None else {"company_id": company_id}
    row = db.session.execute(_latest_times(tuple(names), company_id is None), whose).one()
    # One column for each feed and status, the statuses of a feed side by side.
    feeds = [row[start : start + len(GOOD)] for start in range(0, len(row), len(GOOD))]
    latest = [max((found for found in feed if found), default=None) for feed in feeds]
    times = [found for found in latest if found]
    return min(times) if len(times) == len(latest) else None


@lru_cache(maxsize=8)
def _latest_times(names: tuple[str, ...], is_by_name: bool) -> Select[*tuple[Any, ...]]:
    """One look into the index for each feed and status: the header asks this on every page, for years."""
    company: Any = bindparam("company_id")
    if is_by_name:
        company = select(Company.id).where(Company.name == bindparam("company_name")).scalar_subquery()
    return select(
        *(
            select(FeedResult.finished_at)
            .join(SyncRun, SyncRun.id == FeedResult.run_id)
            .where(SyncRun.company_id == company, FeedResult.name == name, FeedResult.status == status)
            .order_by(FeedResult.finished_at.desc())
            .limit(1)
            .scalar_subquery()
            for name in names
            for status in GOOD
        )
    )


def data_age(company_id: int | None = None) -> Age:
    """How old the company's data are (default: the settings' company), judged by its oldest report."""
    settings = current_app.extensions["settings"]
    names = [feed.name for feed in expected_feeds(settings)]
    return told_age(last_good_at(company_id, names), now(), settings.zone)


def runs(
    company_ids: Sequence[int] | None = None, *, kind: str | None = None, limit: int = RUNS_SHOWN
) -> list[RunJson]:
    """Runs, newest first, in the shape of `GET /api/sync/runs`; of all companies, or of `company_ids`."""
    query = select(SyncRun).options(selectinload(SyncRun.feeds)).order_by(SyncRun.id.desc()).limit(limit)
    if company_ids is not None:
        query = query.where(SyncRun.company_id.in_(company_ids))
    if kind is not None:
        query = query.where(SyncRun.kind == kind)
    return [_as_json(run) for run in db.session.scalars(query)]


def run(run_id: int) -> SyncRun:
    """One run with its feeds, as it is in the database now. Raises `NoResultFound`."""
    query = select(SyncRun).options(selectinload(SyncRun.feeds)).where(SyncRun.id == run_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def run_as_json(run_id: int) -> RunJson:
    """One run in the shape of `GET /api/sync/runs`. Raises `NoResultFound`."""
    return _as_json(run(run_id))


def is_running(company_id: int, kind: RunKind = FEEDS_KIND) -> bool:
    """Whether the record says that such a run of the company is going on (its process may have died)."""
    # It is the newest, as whoever begins one marks those before it.
    newest = _newest_first(company_id, kind).with_only_columns(SyncRun.status).limit(1)
    return db.session.scalar(newest) == RunStatus.RUNNING


def latest_attempts(company_id: int, kind: RunKind = FEEDS_KIND) -> tuple[datetime | None, datetime | None]:
    """When the last run of this kind began that counts as an attempt, and when the last that succeeded began.

    One that just died does not count, so that it is made up for at once; a second death in a row does: a report
    that kills whoever reads it must not be read again and again.
    """
    newest = _newest_first(company_id, kind)
    last_two = db.session.execute(newest.limit(2)).all()
    lived = db.session.execute(newest.where(SyncRun.status != RunStatus.ABANDONED).limit(1)).first()
    succeeded = db.session.execute(newest.where(SyncRun.status == RunStatus.SUCCEEDED).limit(1)).first()
    if len(last_two) == 2 and all(status == RunStatus.ABANDONED for _, status in last_two):
        lived = last_two[0]
    return lived.started_at if lived else None, succeeded.started_at if succeeded else None


def _newest_first(company_id: int, kind: RunKind) -> Select[datetime, str]:
    """Runs by the index, so that years of them cost no more than the first."""
    of_company = (SyncRun.company_id == company_id, SyncRun.kind == kind)
    columns = select(SyncRun.started_at, SyncRun.status).where(*of_company)
    return columns.order_by(SyncRun.started_at.desc(), SyncRun.id.desc())


def _as_last_good(result: FeedResult) -> LastGood:
    return LastGood(
        fetched=result.fetched,
        valid=result.valid,
        bad=result.bad,
        bad_rows=tuple(BadRow(row["line"], row["reason"], row["text"]) for row in result.bad_rows),
        warnings=tuple(result.warnings),
        etag=result.etag,
        content_hash=result.content_hash,
    )


def _as_json(found: SyncRun) -> RunJson:
    report = Report.from_json(found.report or {})
    return {
        "id": found.id,
        "kind": RunKind(found.kind),
        "trigger": found.trigger,
        "status": RunStatus(found.status),
        "started_at": found.started_at.isoformat(),
        "finished_at": found.finished_at.isoformat() if found.finished_at else None,
        "seconds": _seconds(found.started_at, found.finished_at) if found.finished_at else None,
        "calls": report.calls,
        "error": found.error,
        "feeds": [_feed_as_json(result) for result in found.feeds],
        "jobs": _jobs_as_json(report),
    }


def _jobs_as_json(report: Report) -> JobsJson:
    return {
        "processed": report.processed,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "failed": report.failed,
    }


def _feed_as_json(result: FeedResult) -> FeedJson:
    return {
        "name": result.name,
        "status": FeedStatus(result.status),
        "fetched": result.fetched,
        "valid": result.valid,
        "bad": result.bad,
        "inserted": result.inserted,
        "updated": result.updated,
        "gone": result.gone,
        "unchanged": result.unchanged,
        "seconds": _seconds(result.started_at, result.finished_at),
        "error": result.error,
    }


def _seconds(started_at: datetime, finished_at: datetime) -> float:
    return round((finished_at - started_at).total_seconds(), 3)
