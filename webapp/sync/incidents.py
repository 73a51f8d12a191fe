"""What is wrong with a company's data, from when until when: found by comparing the run table with what is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company
from webapp.clock import now
from webapp.dates import shown
from webapp.db import close_reading, db, writing
from webapp.feeds.service import expected_feeds
from webapp.sync.due import STALE_AFTER
from webapp.sync.models import FeedResult, FeedStatus, Incident, NoticeKind, RunStatus, SyncRun
from webapp.sync.notices import order
from webapp.sync.queries import FEEDS_KIND, last_good_at
from webapp.sync.smartmoving_alerts import jobs_wrong

# A death that nobody heard of for longer is history.
LOOK_BACK = timedelta(days=7)
ENDED = (RunStatus.SUCCEEDED, RunStatus.PARTIAL, RunStatus.FAILED)
STALE = "stale"


@dataclass(frozen=True)
class Findings:
    """What is wrong now, as subject and sentence; `passed` was wrong and is over, and may never have been told."""

    wrong: dict[str, str]
    passed: dict[str, str]


def assess_all() -> int:
    """Open and close incidents of every company that has runs; how many changed. Any number may do it at once."""
    companies = db.session.scalars(select(SyncRun.company_id).distinct()).all()
    close_reading()
    return sum(assess(company_id) for company_id in companies)


def assess(company_id: int) -> int:
    """Open incidents for what has gone wrong, close those that are over, order messages about both."""
    if not _changes(company_id, _findings(company_id)):
        close_reading()
        return 0
    with writing() as session:
        # One at a time, so that an incident is told once; whoever comes second finds nothing left to do.
        session.scalars(select(Company.id).where(Company.id == company_id).with_for_update(key_share=True)).one()
        findings = _findings(company_id)
        changes = _changes(company_id, findings)
        _open(session, company_id, findings)
        _close(session, company_id, findings.wrong.keys())
        return changes


def open_incidents(company_id: int) -> list[Incident]:
    """What is wrong with the company's data, oldest first."""
    query = select(Incident).where(Incident.company_id == company_id, Incident.ended_at.is_(None))
    return list(db.session.scalars(query.order_by(Incident.began_at, Incident.id)))


def _changes(company_id: int, findings: Findings) -> int:
    is_open = {incident.subject for incident in open_incidents(company_id)}
    return len(is_open ^ findings.wrong.keys()) + len(_untold(company_id, findings.passed))


def _open(session: Session, company_id: int, findings: Findings) -> None:
    is_open = {incident.subject for incident in open_incidents(company_id)}
    begun = {subject: sentence for subject, sentence in findings.wrong.items() if subject not in is_open}
    begun |= _untold(company_id, findings.passed)
    for subject, sentence in begun.items():
        incident = Incident(company_id=company_id, subject=subject, sentence=sentence, began_at=now())
        session.add(incident)
        session.flush()
        order(session, incident, NoticeKind.BEGAN)


def _close(session: Session, company_id: int, wrong: Iterable[str]) -> None:
    still = set(wrong)
    for incident in open_incidents(company_id):
        if incident.subject not in still:
            incident.ended_at = now()
            order(session, incident, NoticeKind.ENDED)
    session.flush()


def _untold(company_id: int, passed: dict[str, str]) -> dict[str, str]:
    if not passed:
        return {}
    told = select(Incident.subject).where(Incident.company_id == company_id, Incident.subject.in_(passed))
    known = set(db.session.scalars(told))
    return {subject: sentence for subject, sentence in passed.items() if subject not in known}


def _findings(company_id: int) -> Findings:
    died, passed = _dead_runs(company_id)
    wrong = {**_bad_feeds(company_id), **_staleness(company_id), **died, **jobs_wrong(company_id)}
    return Findings(wrong=wrong, passed=passed)


def _bad_feeds(company_id: int) -> dict[str, str]:
    titles = {feed.name: feed.title for feed in expected_feeds(current_app.extensions["settings"])}
    latest = (
        select(func.max(FeedResult.id))
        .join(SyncRun, SyncRun.id == FeedResult.run_id)
        .where(SyncRun.company_id == company_id, SyncRun.kind == FEEDS_KIND)
        .group_by(FeedResult.name)
    )
    bad = select(FeedResult.name, FeedResult.status, FeedResult.error).where(
        FeedResult.id.in_(latest),
        FeedResult.name.in_(titles),
        FeedResult.status.in_((FeedStatus.REFUSED, FeedStatus.FAILED)),
    )
    return {
        f"feed:{name}": f"The {titles[name]} report {'was refused' if status == 'refused' else 'failed'}: {error}"
        for name, status, error in db.session.execute(bad)
    }


def _staleness(company_id: int) -> dict[str, str]:
    settings = current_app.extensions["settings"]
    good_at = last_good_at(company_id, [feed.name for feed in expected_feeds(settings)])
    if good_at is None or now() - good_at <= STALE_AFTER:
        return {}
    hours = STALE_AFTER // timedelta(hours=1)
    return {STALE: f"The FMS data are older than {hours} hours: the last good import was on {_told(good_at)}."}


def _dead_runs(company_id: int) -> tuple[dict[str, str], dict[str, str]]:
    """Runs whose process died: those after which none has ended yet, and those that a later one made good."""
    of_company = (SyncRun.company_id == company_id, SyncRun.kind == FEEDS_KIND)
    ended = db.session.scalar(select(func.max(SyncRun.id)).where(*of_company, SyncRun.status.in_(ENDED))) or 0
    rows = db.session.execute(
        select(SyncRun.id, SyncRun.started_at).where(
            *of_company, SyncRun.status == RunStatus.ABANDONED, SyncRun.started_at > now() - LOOK_BACK
        )
    )
    found = {run_id: f"The run of {_told(at)} broke off: its process ended before it did." for run_id, at in rows}
    died = {f"run:{run_id}": sentence for run_id, sentence in found.items() if run_id > ended}
    passed = {f"run:{run_id}": sentence for run_id, sentence in found.items() if run_id < ended}
    return died, passed


def _told(moment: datetime) -> str:
    local = moment.astimezone(current_app.extensions["settings"].zone)
    return f"{shown(local.date())} at {local:%H:%M} {local.tzname()}"
