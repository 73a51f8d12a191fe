"""What is told of a vehicle: what it is, where it is now, what is next, who had it and published what.

`templates/calendar/panels/_vehicle.html` prints a `VehiclePanel` under the name `vehicle`; it may be included with
values at hand (`read_vehicle`) or fetched from `/calendar/vehicles/<vin>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sqlalchemy import bindparam, select

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.card import Link, links_to_fms
from webapp.calendar.panels.addresses import vehicle_panel
from webapp.calendar.panels.gaps import Around, Gap, around, gaps
from webapp.calendar.panels.stay_reading import Found, of_vehicle
from webapp.calendar.panels.stays import FIRST_SHOWN, Line, Sorted, by_time, lines_by_holder, year_of
from webapp.dates import shown, shown_with_weekday
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.models import Vehicle
from webapp.fleet.names import normal_vin, short_vin, vehicle_name
from webapp.loans.periods import free_between, of_activity

# Statements are built once: here that takes longer than the database needs to answer.
VEHICLE = select(
    Vehicle.vin,
    Vehicle.vehicle_id,
    Vehicle.year,
    Vehicle.make,
    Vehicle.model,
    Vehicle.color,
    Vehicle.office,
    Vehicle.fleet,
    Vehicle.current_mileage,
    Vehicle.in_service_date,
    Vehicle.expected_turn_in_date,
    Vehicle.registration_exp,
    Vehicle.insurance_exp,
    Vehicle.notes,
    Vehicle.gone_at,
).where(Vehicle.company_id == bindparam("company_id"), Vehicle.vin == bindparam("vin"))


@dataclass(frozen=True)
class Opening:
    """A gap with the ways to fill it: who could have the vehicle, the form and the builder filled in. Empty where no
    loan fits into it, and the last two for who may not plan.
    """

    gap: Gap
    next_partners: str
    plan: str
    chain: str


@dataclass(frozen=True)
class VehiclePanel:
    """What the panel prints, as text. `facts` are names and values; `warnings` what to look out for. `around` is
    about the day that was asked for, `openings` are the gaps of about two months.

    `past` are the last loans that are over, all of them where `all_address` is empty.
    """

    vin: str
    name: str
    short_vin: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    where: str
    next: str
    year: str
    notes: str
    now: tuple[Line, ...]
    coming: tuple[Line, ...]
    past: tuple[Line, ...]
    past_count: int
    all_address: str
    links: tuple[Link, ...]
    around: Around | None = None
    openings: tuple[Opening, ...] = ()


def read_vehicle(
    actor: Actor, vin: str, *, is_all: bool = False, day: date | None = None, is_whole: bool = False
) -> VehiclePanel:
    """What there is to know of the vehicle, also around a `day`; `is_whole`: with its gaps, and the ways to fill them.

    Raises `NotFound` where it stands at an office out of scope.
    """
    row = db.session.execute(VEHICLE, {"company_id": actor.company_id, "vin": normal_vin(vin)}).first()
    if row is None or not actor.reaches(actor.company_id, row.office):
        raise NotFound("There is no such vehicle, or you may not see it.")
    today = clock.today(zone_of(actor.company_id, row.office))
    every = of_vehicle(actor, row.vin, today)
    stays = by_time(every, today)
    lent = tuple(stay for stay in stays.past if stay.person_id is not None)
    past = lent if is_all else lent[:FIRST_SHOWN]
    return VehiclePanel(
        vin=row.vin,
        name=vehicle_name(row.make, row.model) or short_vin(row.vin),
        short_vin=short_vin(row.vin),
        facts=_facts(row),
        warnings=_warnings(row, today),
        where=where_now(stays, row.office),
        next=next_words(stays, today),
        year=year_of(lent, today),
        notes=row.notes,
        now=lines_by_holder(stays.now),
        coming=lines_by_holder(stays.coming),
        past=lines_by_holder(past, is_past=True),
        past_count=len(lent),
        all_address=f"{vehicle_panel(row.vin)}?all=1" if len(past) < len(lent) else "",
        links=links_to_fms(vehicle_id=row.vehicle_id),
        around=around(every, day, today) if day else None,
        openings=_openings(actor, row, gaps(every, today)) if is_whole else (),
    )


def where_now(stays: Sorted, office: str) -> str:
    """`With Coastline Auto until Thu 12-03-26`, `In FMS: Service until ...`, `At Los Angeles`."""
    if not stays.now:
        return f"At {office}"
    # On a day of handing over it is with whom it goes to.
    latest = max(stays.now, key=lambda stay: (stay.start_day, stay.end_day))
    until = f"until {shown_with_weekday(latest.end_day)}"
    return f"With {latest.partner} {until}" if latest.partner else f"In FMS: {latest.holder} {until}"


def next_words(stays: Sorted, today: date) -> str:
    """From when the vehicle is free and until when: `Free from Thu 12-03-26 until Mon 12-14-26 (Jo Vance)`."""
    ahead = [*stays.now, *stays.coming]
    free = free_between((of_activity(stay.start_day, stay.end_day) for stay in ahead), today, date.max)[0].start_day
    following = min((stay for stay in ahead if stay.start_day >= free), key=lambda stay: stay.start_day, default=None)
    since = "Free now" if free == today else f"Free from {shown_with_weekday(free)}"
    if following is None:
        return f"{since}, nothing is planned after."
    return f"{since} until {shown_with_weekday(following.start_day)} ({following.holder})."


def _openings(actor: Actor, row: Found, found: tuple[Gap, ...]) -> tuple[Opening, ...]:
    may_plan = actor.may(Permission.PLAN_LOANS) and row.gone_at is None
    openings = []
    for gap in found:
        start, end = gap.loan or ("", "")
        who = {"vin": row.vin, "office": row.office}
        openings.append(
            Opening(
                gap,
                _address("/chains/next-partners", {"vin": row.vin, "start": start, "end": end}) if start else "",
                _address("/calendar/plan", {**who, "start_day": start, "end_day": end}) if start and may_plan else "",
                _address("/chains", {**who, "start": start}) if start and may_plan else "",
            )
        )
    return tuple(openings)


def _address(page: str, values: Mapping[str, str]) -> str:
    return f"{page}?{urlencode(values)}"


def _facts(row: Found) -> tuple[tuple[str, str], ...]:
    values = (
        ("VIN", "vin"),
        ("Year", "year"),
        ("Color", "color"),
        ("Office", "office"),
        ("Fleet", "fleet"),
        ("Mileage", "current_mileage"),
        ("In service", "in_service_date"),
        ("Expected turn-in", "expected_turn_in_date"),
        ("Registration until", "registration_exp"),
        ("Insurance until", "insurance_exp"),
    )
    told = ((label, _text(name, getattr(row, name))) for label, name in values)
    return tuple((label, text) for label, text in told if text)


def _text(name: str, value: object) -> str:
    if isinstance(value, date):
        return shown(value)
    if name == "current_mileage" and isinstance(value, int):
        return f"{value:,} miles"
    return "" if value is None else str(value)


def _warnings(row: Found, today: date) -> tuple[str, ...]:
    turn_in, said = row.expected_turn_in_date, []
    if row.gone_at is not None:
        said.append("No longer in FMS's list.")
    if turn_in is not None and turn_in < today:
        said.append(f"Expected turn-in {shown(turn_in)} has passed. FMS still books past it.")
    if row.vehicle_id is None:
        said.append("FMS has given it no vehicle id: it can be planned, but not requested yet.")
    return tuple(said)
