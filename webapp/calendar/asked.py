"""Which view an address asks for, made good for who asks: their office, makes that are there, the bar it names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, or_, select

from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.accounts.permissions import Permission
from webapp.calendar import filter_reading, queries
from webapp.calendar.board_rows import partner_key, vehicle_key
from webapp.calendar.filters import PAGE, Filters, Rows, name_in, read_filters
from webapp.calendar.grid import default_window
from webapp.calendar.looks import Look
from webapp.calendar.reading import today_at
from webapp.db import LARGEST, db
from webapp.errors import NotFound
from webapp.fleet.makes import make_key
from webapp.fleet.models import Activity, Partner, Vehicle
from webapp.loans.models import Assignment
from webapp.loans.states import Status


@dataclass(frozen=True)
class Target:
    """What an address wants shown. `card` is the address of the bar's card, `row` the key of a row; one is empty.

    `offices` are those whose boards have it (none: only that of all offices), `rows` the kinds that do. A row is
    shown on any day; a bar from `start_day` to `end_day`.
    """

    offices: frozenset[str]
    rows: tuple[Rows, ...]
    card: str = ""
    row: str = ""
    start_day: date | None = None
    end_day: date | None = None
    is_cancelled: bool = False


def usual_office(actor: Actor) -> str:
    """The office that the plain address means: that of a person who has one, and no other may look into."""
    if actor.may(Permission.ALL_LOCATIONS) or len(actor.locations) != 1:
        return ""
    return next(iter(actor.locations))


def asked_view(actor: Actor, values: Mapping[str, str]) -> Filters:
    """The view that `values` ask for. Raises `NotFound` for an office that the person may not see.

    A make that the office does not have is dropped with a word, as after choosing another office.
    """
    usual = usual_office(actor)
    office = name_in(values.get("office", usual))
    if office and not actor.reaches(actor.company_id, office):
        raise NotFound(f"There is no office {office[:60]} that you may see.")
    return _with_known_make(actor, read_filters(values, today_at(actor, office), usual))


def target(actor: Actor, values: Mapping[str, str]) -> Target | None:
    """What the address wants shown: `loan`, `activity_id`, `vin` or `person_id`; None for nothing in scope."""
    for name, find in (("loan", _loan), ("activity_id", _activity), ("person_id", _partner)):
        number = values.get(name, "")
        if number.isascii() and number.isdigit() and len(number) <= 12 and int(number) <= LARGEST:
            return find(actor, int(number))
    vin = name_in(values.get("vin", ""))
    return _vehicle(actor, vin[:17]) if vin else None


def opened(values: Mapping[str, str]) -> str:
    """The address of the card that `values` ask to have opened; empty for none."""
    for name, path in (("loan", "loans"), ("activity_id", "activities")):
        number = values.get(name, "")
        if number.isascii() and number.isdigit():
            return f"{PAGE}/{path}/{number}"
    return ""


def showing(view: Filters, wanted: Target) -> Filters:
    """The view in which `wanted` stands: other days, office or kind of rows only where it must be."""
    if view.office and view.office not in wanted.offices:
        view = replace(view, office=min(wanted.offices, default=""))
    if view.rows not in wanted.rows:
        view = replace(view, rows=wanted.rows[0])
    if wanted.is_cancelled:
        view = replace(view.without_filters(), status=Look.CANCELLED)
    if wanted.start_day and wanted.end_day and not view.window.touches(wanted.start_day, wanted.end_day):
        view = replace(view, window=default_window(wanted.start_day, view.window.days))
    return view


def _with_known_make(actor: Actor, view: Filters) -> Filters:
    if not view.make:
        return view
    known = {make_key(make): make for make in filter_reading.makes(actor, view.office)}
    make = known.get(make_key(view.make), "")
    if make:
        return replace(view, make=make)
    where = f"{view.office} has" if view.office else "Your offices have"
    return replace(view, make="").warned(f"{where} no {view.make[:40]} now; all makes are shown.")


def _loan(actor: Actor, number: int) -> Target | None:
    office, company = Assignment.office, Assignment.company_id
    in_either = or_(in_scope(actor, company, office), in_scope(actor, Vehicle.company_id, Vehicle.office))
    row = _one(
        select(Vehicle.office, office, Assignment.start_day, Assignment.end_day, Assignment.status)
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .where(Assignment.id == number, in_company(actor, company), in_either)
    )
    if row is None:
        return None
    at_vehicle, planned_for, start_day, end_day, status = row
    return Target(
        _reached(actor, at_vehicle, planned_for),
        (Rows.VEHICLES, Rows.PARTNERS),
        card=f"{PAGE}/loans/{number}",
        start_day=start_day,
        end_day=end_day,
        is_cancelled=status == Status.CANCELLED,
    )


def _activity(actor: Actor, number: int) -> Target | None:
    row = _one(
        select(Vehicle.office, Activity.person_id, Activity.start_day, Activity.end_day)
        .outerjoin(Vehicle, queries.VEHICLE_OF_ACTIVITY)
        .where(
            in_company(actor, Activity.company_id),
            Activity.activity_id == number,
            Activity.gone_at.is_(None),
            or_(Vehicle.id.is_(None), in_scope(actor, Vehicle.company_id, Vehicle.office)),
        )
        .order_by(Activity.id)
    )
    if row is None:
        return None
    office, person_id, start_day, end_day = row
    return Target(
        _reached(actor, office) if office else frozenset(),
        (Rows.VEHICLES,) if person_id is None else (Rows.VEHICLES, Rows.PARTNERS),
        card=f"{PAGE}/activities/{number}",
        start_day=start_day,
        end_day=end_day,
    )


def _vehicle(actor: Actor, vin: str) -> Target | None:
    here = and_(in_scope(actor, Vehicle.company_id, Vehicle.office), Vehicle.gone_at.is_(None))
    row = _one(select(Vehicle.id, Vehicle.office).where(here, Vehicle.vin == vin).order_by(Vehicle.id))
    return Target(_reached(actor, row[1]), (Rows.VEHICLES,), row=vehicle_key(row[0])) if row else None


def _partner(actor: Actor, person_id: int) -> Target | None:
    here = and_(in_scope(actor, Partner.company_id, Partner.office), Partner.gone_at.is_(None))
    named = select(Partner.company_id, Partner.office).where(here, Partner.person_id == person_id)
    rows = db.session.execute(named.order_by(Partner.id)).all()
    if not rows:
        return None
    return Target(_reached(actor, *(row[1] for row in rows)), (Rows.PARTNERS,), row=partner_key(rows[0][0], person_id))


def _reached(actor: Actor, *offices: str) -> frozenset[str]:
    return frozenset(office for office in offices if actor.reaches(actor.company_id, office))


def _one(statement: Select[*tuple[Any, ...]]) -> Any:
    return db.session.execute(statement.limit(1)).first()
