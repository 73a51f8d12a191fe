"""Soft holds: which vehicles somebody is planning with just now. They bind nobody; others are told of them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, bindparam, delete, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User
from webapp.fleet.models import Vehicle
from webapp.loans.models import SoftHold
from webapp.loans.periods import Period
from webapp.loans.rules.facts import Hold

MINUTES = 15
# The ids of plans in forms begin so, those of drafts never: with a form nobody gives up somebody's draft.
FORM = "form"
# Statements are built once: here that takes longer than the database needs to answer. Whatever the fleet, there are
# only as many holds as people are planning with now, so they are chosen by company and sorted out here.
STANDING = (
    select(
        SoftHold.fleet_vehicle_id,
        SoftHold.start_day,
        SoftHold.end_day,
        SoftHold.user_id,
        SoftHold.until,
        Location.timezone,
    )
    .join(Vehicle, Vehicle.id == SoftHold.fleet_vehicle_id)
    .outerjoin(Location, (Location.company_id == Vehicle.company_id) & (Location.name == Vehicle.office))
    .where(SoftHold.company_id == bindparam("company_id"), SoftHold.until > bindparam("now"))
    .order_by(SoftHold.until, SoftHold.id)
)

PLANNED_NOW = (
    select(
        SoftHold.id,
        SoftHold.company_id,
        SoftHold.fleet_vehicle_id,
        SoftHold.person_id,
        SoftHold.start_day,
        SoftHold.end_day,
        SoftHold.user_id,
        User.name,
        SoftHold.until,
        Location.timezone,
        Vehicle.vin,
        Vehicle.make,
        Vehicle.model,
        Vehicle.office,
    )
    .join(User, User.id == SoftHold.user_id)
    .join(Vehicle, Vehicle.id == SoftHold.fleet_vehicle_id)
    .outerjoin(Location, (Location.company_id == Vehicle.company_id) & (Location.name == Vehicle.office))
    .where(SoftHold.company_id == bindparam("company_id"), SoftHold.until > bindparam("now"))
    .order_by(SoftHold.start_day, SoftHold.id)
)


class Wish(NamedTuple):
    """What a plan holds: a vehicle, by its row id, on these days; for a partner, where that is chosen already."""

    fleet_vehicle_id: int
    period: Period
    person_id: int | None = None


class Standing(NamedTuple):
    """A hold as calendars show it. `time` is when it runs out, in the zone of the vehicle's office: `14:32 PST`."""

    id: int
    company_id: int
    fleet_vehicle_id: int
    person_id: int | None
    start_day: date
    end_day: date
    user_id: int
    user_name: str
    until: datetime
    time: str
    vin: str
    make: str
    model: str
    office: str


def standing(session: Session, actor: Actor) -> list[Standing]:
    """All that is being planned with just now at the offices in the actor's scope, the actor's own as well."""
    rows = session.execute(PLANNED_NOW, {"company_id": actor.company_id, "now": clock.now()})
    return [
        Standing._make((*row[:9], _time(row.until, row.timezone), *row[10:]))
        for row in rows
        if actor.reaches(row.company_id, row.office)
    ]


def hold(session: Session, actor: Actor, plan_id: str, wanted: Sequence[Wish]) -> datetime:
    """Make this plan's holds these and tell until when they stand.

    Call it inside `writing()`, after whatever else the use case locks. What has run out in the company goes too.
    """
    assert actor.user_id is not None
    now = clock.now()
    until = now + timedelta(minutes=MINUTES)
    _delete(session, SoftHold.plan_id == plan_id, SoftHold.user_id == actor.user_id)
    session.add_all(
        SoftHold(
            company_id=actor.company_id,
            fleet_vehicle_id=fleet_vehicle_id,
            start_day=period.start_day,
            end_day=period.end_day,
            person_id=person_id,
            user_id=actor.user_id,
            plan_id=plan_id,
            until=until,
        )
        for fleet_vehicle_id, period, person_id in wanted
    )
    _delete(session, SoftHold.company_id == actor.company_id, SoftHold.until <= now)
    return until


def release(session: Session, plan_id: str) -> None:
    """Give up all that this plan holds. Call it inside `writing()`."""
    _delete(session, SoftHold.plan_id == plan_id)


def hold_for_form(session: Session, actor: Actor, form_id: str, wish: Wish) -> None:
    """Hold what the form `form_id`, 32 hexadecimal digits that its page thought of, plans with. Call it as `hold`."""
    hold(session, actor, f"{FORM}{form_id}", [wish])


def release_form(session: Session, actor: Actor, form_id: str) -> None:
    """Give up what the actor's form holds. Call it inside `writing()`."""
    # What PostgreSQL would not even compare is nobody's.
    if form_id.isalnum():
        _delete(session, SoftHold.plan_id == f"{FORM}{form_id}", SoftHold.user_id == actor.user_id)


def of_vehicles(
    session: Session, company_id: int, fleet_vehicle_ids: Collection[int], *, but_not: int | None
) -> dict[int, tuple[Hold, ...]]:
    """What other people than the user `but_not` hold of these vehicles now, by row id; the last to run out comes last.

    A vehicle that nobody holds is missing. Times are told in the zone of the vehicle's office.
    """
    found: dict[int, tuple[Hold, ...]] = {}
    wanted = frozenset(fleet_vehicle_ids)
    for row in session.execute(STANDING, {"company_id": company_id, "now": clock.now()}):
        if row.fleet_vehicle_id in wanted and row.user_id != but_not:
            one = Hold(row.start_day, row.end_day, _time(row.until, row.timezone))
            found[row.fleet_vehicle_id] = (*found.get(row.fleet_vehicle_id, ()), one)
    return found


def _delete(session: Session, *conditions: ColumnElement[bool]) -> None:
    # What another transaction is just deleting is as good as gone: waiting for it could only end in a deadlock.
    ids = select(SoftHold.id).where(*conditions).with_for_update(skip_locked=True)
    session.execute(delete(SoftHold).where(SoftHold.id.in_(ids)), execution_options={"synchronize_session": False})


def _time(until: datetime, zone: str | None) -> str:
    local = until.astimezone(ZoneInfo(zone) if zone else current_app.extensions["settings"].zone)
    return f"{local:%H:%M} {local.tzname()}"
