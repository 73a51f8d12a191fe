"""Who could have a vehicle next: everybody who fits in one loan of it, as suggesting decides it, the best first."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import bindparam, select

from webapp.accounts.actor import Actor
from webapp.chains.asking import Ask, Kind
from webapp.chains.looking import cards, fitting
from webapp.chains.looking.partner_reading import with_all_loans
from webapp.chains.looking.suggesting import look_into, too_dear
from webapp.chains.looking.suggestion import Candidate, NextPartner, NextPartners
from webapp.chains.solving.objective import MOST_IDLE_DAYS
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.models import PreferredWeekday
from webapp.fleet.names import full_name
from webapp.loans.facts import vehicle_of
from webapp.loans.periods import Period, with_weekday_end

# Statements are built once: here that takes longer than the database needs to answer.
WEEKDAYS = select(PreferredWeekday.person_id, PreferredWeekday.weekday).where(
    PreferredWeekday.company_id == bindparam("company_id"),
    PreferredWeekday.office == bindparam("office"),
    PreferredWeekday.person_id.in_(bindparam("people", expanding=True)),
)


def next_partners(actor: Actor, vin: str, wanted: Period) -> NextPartners:
    """Who could have the vehicle for as long as `wanted` from its start on, or from the first day that would do.

    Raises `NotFound` for a vehicle that is unknown or out of scope, `InvalidInput` for days that nobody may ask for.
    """
    vehicle = vehicle_of(db.session(), actor.company_id, vin)
    if vehicle is None or not actor.reaches(vehicle.company_id, vehicle.office):
        raise NotFound("There is no such vehicle, or you may not see it.")
    name = full_name(vehicle.make, vehicle.model, vehicle.vin)
    ask = Ask(Kind.VEHICLE, vehicle.office, wanted.start_day, vin=vehicle.vin, days=wanted.days, count=1)
    # As a rule these are the days that will be threaded.
    booked = with_weekday_end(wanted)
    look = look_into(actor, ask, during=booked)
    over = fitting.keys_of(too_dear(look))
    fit = [one.entry for one in look.fits if one.free_in and one.entry.key not in over]
    slots, supply = look.threaded.slots, look.supply
    if slots and slots[0].period != booked:
        supply = with_all_loans(actor, supply, [entry.key for entry in fit])
    ranked = cards.ranked(supply, slots[0], [supply.entries[entry.key] for entry in fit]) if slots else ()
    weekdays = _weekdays(actor, vehicle.office, [entry.person_id for entry in fit])
    possible = (_next(ask, one, supply.entries[one.key].idle_days, weekdays.get(int(one.key))) for one in ranked)
    return NextPartners(
        ask, name, look.threaded, tuple(possible), len(look.left_out) + len(over), len(look.supply.looked_at)
    )


def _next(ask: Ask, one: Candidate, idle_days: int, weekday: int | None) -> NextPartner:
    last_end = None if idle_days >= MOST_IDLE_DAYS else ask.start - timedelta(days=idle_days)
    return NextPartner(one, last_end, has_one=not idle_days, weekday=weekday)


def _weekdays(actor: Actor, office: str, people: Collection[int]) -> dict[int, int]:
    which = {"company_id": actor.company_id, "office": office, "people": list(people)}
    return {row.person_id: row.weekday for row in db.session.execute(WEEKDAYS, which)}
