"""Reads what the drivers of an office can make in a day, its holidays, and who moves when."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import bindparam, select

from webapp.accounts.actor import Actor
from webapp.calendar.capacity import most_moves
from webapp.calendar.day_line import DayLine, day_line
from webapp.calendar.filters import Filters
from webapp.calendar.found import Found
from webapp.db import db
from webapp.fleet.models import OfficeCapacity
from webapp.loans.facts import holidays_of

CAPACITIES = select(OfficeCapacity.office, OfficeCapacity.drivers_per_day).where(
    OfficeCapacity.company_id == bindparam("company_id")
)


def read_day_line(actor: Actor, filters: Filters, found: Found) -> DayLine:
    """What stands above and below the board of a view that was drawn from `found`."""
    return day_line(filters, found, read_most_moves(actor), read_holidays(actor, filters.office, filters.window.first))


def read_most_moves(actor: Actor) -> dict[str, int]:
    """By office in scope whose drivers operations counted: how many moves they make in a day."""
    rows = db.session.execute(CAPACITIES, {"company_id": actor.company_id})
    return {office: most_moves(drivers) for office, drivers in rows if actor.reaches(actor.company_id, office)}


def read_holidays(actor: Actor, office: str, since: date) -> Mapping[date, str]:
    """Holidays of the office from `since` on; of all offices together none, for they differ."""
    return holidays_of(db.session(), actor.company_id, office, since) if office else {}
