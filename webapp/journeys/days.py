"""Which day it is where a job is: today in Honolulu is not today in Halifax."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select

from webapp import clock
from webapp.accounts.actor import Actor, in_company
from webapp.accounts.models import Location
from webapp.db import db
from webapp.journeys.cards import Day
from webapp.journeys.models import TruckJourney

AHEAD = {"today": 0, "tomorrow": 1}


@dataclass(frozen=True)
class Days:
    """The condition for journeys of the days that were asked for, and every date that can be among them."""

    condition: ColumnElement[bool]
    dates: frozenset[date]


def zone(timezone: str | None) -> tzinfo:
    """The zone of that name, or the one of the settings where a location has none."""
    default: tzinfo = current_app.extensions["settings"].zone
    return ZoneInfo(timezone) if timezone else default


def day_at(timezone: str | None, day: Day) -> date:
    """The date that `day` is at a location in that zone."""
    return day if isinstance(day, date) else clock.today(zone(timezone)) + timedelta(days=AHEAD[day])


def days_of(actor: Actor, days: Iterable[Day]) -> Days:
    """`today` and `tomorrow` are each location's own; a date is that date everywhere."""
    conditions: list[ColumnElement[bool]] = []
    dates: set[date] = set()
    for day in days:
        if isinstance(day, date):
            conditions.append(TruckJourney.scheduled_date == day)
            dates.add(day)
            continue
        by_date = _zones_by_date(actor, AHEAD[day])
        conditions += [_in_zones(each, zones, is_only=len(by_date) == 1) for each, zones in by_date.items()]
        dates |= set(by_date)
    return Days(or_(*conditions), frozenset(dates))


def _zones_by_date(actor: Actor, ahead: int) -> dict[date, list[str | None]]:
    names = db.session.scalars(select(Location.timezone).where(in_company(actor, Location.company_id)).distinct())
    found: dict[date, list[str | None]] = defaultdict(list)
    for name in names:
        found[clock.today(zone(name)) + timedelta(days=ahead)].append(name)
    return found or {clock.today(zone(None)) + timedelta(days=ahead): []}


def _in_zones(day: date, zones: list[str | None], *, is_only: bool) -> ColumnElement[bool]:
    on_day = TruckJourney.scheduled_date == day
    if is_only:
        return on_day
    named = Location.timezone.in_([name for name in zones if name is not None])
    return and_(on_day, or_(named, Location.timezone.is_(None)) if None in zones else named)
