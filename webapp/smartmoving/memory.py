"""What we remember of opportunities between sweeps, and which journeys of ours a sweep must account for."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.accounts.models import Location
from webapp.db import db
from webapp.journeys.models import DataSource, TruckJourney
from webapp.journeys.words import TENTATIVE
from webapp.smartmoving.models import ServiceType, SmartMovingCall, SmartMovingOpportunity
from webapp.smartmoving.outcomes import JobOfOurs
from webapp.smartmoving.plan import Journey, Known

CHUNK = 400
CALLS_KEPT = timedelta(days=400)
OPPORTUNITIES_KEPT = timedelta(days=90)


def remembered(company_id: int, opportunity_ids: Collection[str]) -> dict[str, Known]:
    """What we remember of these opportunities, by id."""
    found: dict[str, Known] = {}
    table = SmartMovingOpportunity
    columns = (table.opportunity_id, table.status, table.fingerprint, table.detail_at, table.problem, table.last_day)
    for chunk in _chunks(opportunity_ids):
        rows = db.session.execute(
            select(*columns).where(table.company_id == company_id, table.opportunity_id.in_(chunk))
        )
        found |= {row[0]: Known(*row[1:]) for row in rows}
    return found


def remember(session: Session, company_id: int, known: Mapping[str, Known]) -> None:
    """Keep what a sweep and details told of opportunities, by id."""
    table = SmartMovingOpportunity
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)
    changes = {name: insert.excluded[name] for name in ("status", "fingerprint", "detail_at", "problem", "last_day")}
    rows = [
        {
            "company_id": company_id,
            "opportunity_id": opportunity_id,
            "status": one.status,
            "fingerprint": one.fingerprint,
            "detail_at": one.detail_at,
            "problem": one.problem,
            "last_day": one.last_day,
        }
        for opportunity_id, one in sorted(known.items())
    ]
    for chunk in (rows[start : start + CHUNK // 4] for start in range(0, len(rows), CHUNK // 4)):
        session.execute(
            insert.values(chunk).on_conflict_do_update(
                index_elements=[table.company_id, table.opportunity_id], set_=changes
            )
        )


def journeys_from(company_id: int, first: date, moment: datetime, default: tzinfo) -> list[Journey]:
    """SmartMoving's journeys that are on the board or tentative and whose day, here or at the source, is `first` or
    later. `default` is the zone of locations that have none.
    """
    of_company = and_(
        SmartMovingOpportunity.company_id == TruckJourney.company_id,
        SmartMovingOpportunity.opportunity_id == TruckJourney.opportunity_id,
    )
    rows: Any = db.session.execute(
        select(
            TruckJourney.job_id,
            TruckJourney.opportunity_id,
            TruckJourney.source["scheduled_date"].as_string(),
            TruckJourney.scheduled_date,
            TruckJourney.arrival_start,
            TruckJourney.arrival_end,
            TruckJourney.on_board,
            Location.timezone,
        )
        .join(Location, Location.id == TruckJourney.location_id)
        .outerjoin(SmartMovingOpportunity, of_company)
        .where(
            TruckJourney.company_id == company_id,
            TruckJourney.data_source == DataSource.SMARTMOVING,
            or_(TruckJourney.on_board, TruckJourney.off_reason == TENTATIVE),
            or_(TruckJourney.scheduled_date >= first, SmartMovingOpportunity.last_day >= first),
        )
        .order_by(TruckJourney.id)
    )
    return [_journey(*row, moment=moment, default=default) for row in rows]


def jobs_of(session: Session, company_id: int, opportunity_ids: Collection[str]) -> dict[str, list[JobOfOurs]]:
    """Every journey we ever made of these opportunities, by opportunity."""
    found: dict[str, list[JobOfOurs]] = {}
    rows = session.execute(
        select(
            TruckJourney.opportunity_id,
            TruckJourney.job_id,
            or_(TruckJourney.on_board, TruckJourney.off_reason == TENTATIVE),
        ).where(TruckJourney.company_id == company_id, TruckJourney.opportunity_id.in_(list(opportunity_ids)))
    )
    for opportunity_id, job_id, is_listed in rows:
        if opportunity_id and job_id:
            found.setdefault(opportunity_id, []).append(JobOfOurs(job_id, bool(is_listed)))
    return found


def own_types(company_id: int) -> dict[int, str]:
    """The company's names of its kinds of job."""
    rows = db.session.execute(select(ServiceType.number, ServiceType.name).where(ServiceType.company_id == company_id))
    return dict(rows.all())


def keep_types(session: Session, company_id: int, names: Mapping[int, str]) -> None:
    """Keep the company's names; one that is listed no longer stays, as jobs may still have it."""
    kept = {one.number: one for one in session.scalars(select(ServiceType).where(ServiceType.company_id == company_id))}
    for number, name in sorted(names.items()):
        if number not in kept:
            session.add(ServiceType(company_id=company_id, number=number, name=name))
        elif kept[number].name != name:
            kept[number].name = name
    session.flush()


def forget_old(session: Session, company_id: int, moment: datetime) -> None:
    """Delete calls older than thirteen months, and opportunities whose last day is long past."""
    calls, table = SmartMovingCall, SmartMovingOpportunity
    session.execute(delete(calls).where(calls.company_id == company_id, calls.called_at < moment - CALLS_KEPT))
    session.execute(
        delete(table).where(table.company_id == company_id, table.last_day < (moment - OPPORTUNITIES_KEPT).date())
    )


def _journey(
    job_id: str | None,
    opportunity_id: str | None,
    source_day: str | None,
    day: date,
    start: int | None,
    end: int | None,
    is_on_board: bool,
    timezone: str | None,
    *,
    moment: datetime,
    default: tzinfo,
) -> Journey:
    zone: tzinfo = ZoneInfo(timezone) if timezone else default
    midnight = datetime.combine(day, time(), zone)
    last = end if end is not None else start
    return Journey(
        job_id=job_id or "",
        opportunity_id=opportunity_id or "",
        day=date.fromisoformat(source_day) if source_day else day,
        starts_at=midnight + timedelta(minutes=start or 0),
        # Without a window the crew may come at any time of the day.
        over_at=midnight + timedelta(minutes=last if last is not None else 24 * 60),
        is_today=moment.astimezone(zone).date() == day,
        is_on_board=is_on_board,
        shown_day=day,
    )


def _chunks(ids: Collection[str]) -> list[list[str]]:
    listed: list[Any] = sorted(ids)
    return [listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK)]
