"""What the calendar reads: a handful of set-based selects of columns for a whole page, never one per row."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.calendar.grid import Window
from webapp.db import db
from webapp.fleet.models import Activity, Partner, Vehicle, VehicleUse
from webapp.fleet.names import short_vin, vehicle_name
from webapp.fms.models import Operation
from webapp.loans.models import Assignment, LoanNote
from webapp.loans.queries import IS_UNDER_WAY
from webapp.loans.states import Status


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """A vehicle as its row shows it. `id` is ours; `vehicle_id` FMS's. How much it was lent: `fleet.VehicleUse`."""

    id: int
    company_id: int
    vin: str
    vehicle_id: int | None
    make: str
    model: str
    color: str
    office: str
    expected_turn_in_date: date | None
    is_gone: bool
    loans_in_year: int | None = None
    usual_loans: int | None = None
    last_day: date | None = None

    @property
    def name(self) -> str:
        """`Audi A3 Premium Plus`; the last eight of the VIN where the feed names neither."""
        return _named(self.make, self.model) or short_vin(self.vin)


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """A partner as a row shows it. Someone listed under two offices comes twice."""

    company_id: int
    person_id: int
    name: str
    office: str
    affiliation: str


@dataclass(frozen=True, slots=True)
class LoanFacts:
    """A loan of ours as its bar shows it. `operation` is the state of its open operation, `note` the newest note, if
    there is one.
    """

    id: int
    company_id: int
    fleet_vehicle_id: int
    person_id: int
    partner_name: str
    office: str
    start_day: date
    end_day: date
    status: str
    fms_request_id: int | None
    activity_id: int | None
    chain_id: str | None
    version: int
    vin: str
    make: str
    model: str
    operation: str | None = None
    operation_kind: str | None = None
    flag: str = ""
    note: str | None = None
    turn_in: date | None = None

    @property
    def vehicle_name(self) -> str:
        """As `VehicleFacts.name`."""
        return _named(self.make, self.model) or short_vin(self.vin)


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """A row of FMS's own calendar. `fleet_vehicle_id` None: its VIN is outside the vehicles feed."""

    company_id: int
    activity_id: int
    vin: str
    person_id: int | None
    activity_type: str
    start_day: date
    end_day: date
    to: str
    region: str
    fleet_vehicle_id: int | None
    make: str | None
    model: str | None
    office: str | None = None
    turn_in: date | None = None

    @property
    def vehicle_name(self) -> str:
        """As `VehicleFacts.name`."""
        return _named(self.make or "", self.model or "") or short_vin(self.vin)


# One model stands in many rows and bars.
_named = lru_cache(maxsize=4096)(vehicle_name)

VEHICLE_COLUMNS = (
    Vehicle.id,
    Vehicle.company_id,
    Vehicle.vin,
    Vehicle.vehicle_id,
    Vehicle.make,
    Vehicle.model,
    Vehicle.color,
    Vehicle.office,
    Vehicle.expected_turn_in_date,
    Vehicle.gone_at.is_not(None),
    VehicleUse.loans,
    VehicleUse.usual,
    VehicleUse.last_day,
)
USE_OF_VEHICLE = and_(VehicleUse.company_id == Vehicle.company_id, VehicleUse.vin == Vehicle.vin)
LOAN_COLUMNS = (
    Assignment.id,
    Assignment.company_id,
    Assignment.fleet_vehicle_id,
    Assignment.person_id,
    Assignment.partner_name,
    Assignment.office,
    Assignment.start_day,
    Assignment.end_day,
    Assignment.status,
    Assignment.fms_request_id,
    Assignment.activity_id,
    Assignment.chain_id,
    Assignment.version,
    Vehicle.vin,
    Vehicle.make,
    Vehicle.model,
)
ACTIVITY_COLUMNS = (
    Activity.company_id,
    Activity.activity_id,
    Activity.vin,
    Activity.person_id,
    Activity.activity_type,
    Activity.start_day,
    Activity.end_day,
    Activity.to,
    Activity.region,
    Vehicle.id,
    Vehicle.make,
    Vehicle.model,
    Vehicle.office,
    Vehicle.expected_turn_in_date,
)
NEWEST_NOTE = (
    select(LoanNote.text)
    .where(LoanNote.assignment_id == Assignment.id, LoanNote.removed_at.is_(None))
    .order_by(LoanNote.id.desc())
    .limit(1)
    .correlate(Assignment)
    .scalar_subquery()
)
VEHICLE_OF_ACTIVITY = and_(Vehicle.company_id == Activity.company_id, Vehicle.vin == Activity.vin)


def vehicles(actor: Actor, office: str = "") -> list[VehicleFacts]:
    """The vehicles FMS has now, in scope, at `office` if one is named."""
    condition = and_(_at(actor, Vehicle.company_id, Vehicle.office, office), Vehicle.gone_at.is_(None))
    return [VehicleFacts(*row) for row in _rows(_vehicle_columns().where(condition))]


def vehicles_with_ids(actor: Actor, ids: Collection[int]) -> list[VehicleFacts]:
    """Those vehicles of the company, wherever they are now and whether or not FMS still has them."""
    if not ids:
        return []
    condition = and_(in_company(actor, Vehicle.company_id), Vehicle.id.in_(ids))
    return [VehicleFacts(*row) for row in _rows(_vehicle_columns().where(condition))]


def partners(actor: Actor, office: str = "") -> list[PartnerFacts]:
    """The partners FMS has now, in scope, at `office` if one is named; one row per office of a person."""
    columns = (Partner.company_id, Partner.person_id, Partner.name, Partner.office, Partner.affiliation)
    condition = and_(_at(actor, Partner.company_id, Partner.office, office), Partner.gone_at.is_(None))
    return [PartnerFacts(*row) for row in _rows(select(*columns).where(condition))]


def loans(
    actor: Actor,
    window: Window,
    *,
    office: str = "",
    people_of_office: bool = False,
    with_cancelled: bool = False,
    vehicle_ids: Collection[int] | None = None,
    person_ids: Collection[int] | None = None,
) -> list[LoanFacts]:
    """Loans in scope that the window touches, each with the state of its open operation.

    A loan is at the office it was planned for and at the one its vehicle is at now. `people_of_office` adds
    those of the office's partners at other offices in scope; `vehicle_ids` and `person_ids` keep only theirs.
    """
    conditions = [
        in_company(actor, Assignment.company_id),
        Assignment.end_day >= window.first,
        Assignment.start_day <= window.last,
        or_(
            in_scope(actor, Assignment.company_id, Assignment.office),
            in_scope(actor, Vehicle.company_id, Vehicle.office),
        ),
    ]
    if office:
        vehicles_there = _at_office(actor, office, Vehicle.id)
        of_office = [Assignment.office == office, Assignment.fleet_vehicle_id.in_(vehicles_there)]
        if people_of_office:
            of_office.append(Assignment.person_id.in_(_people_at(actor, office)))
        conditions.append(or_(*of_office))
    if not with_cancelled:
        conditions.append(Assignment.status != Status.CANCELLED)
    if vehicle_ids is not None:
        conditions.append(Assignment.fleet_vehicle_id.in_(vehicle_ids))
    if person_ids is not None:
        conditions.append(Assignment.person_id.in_(person_ids))
    rows = _rows(
        select(
            *LOAN_COLUMNS, Operation.state, Operation.kind, Assignment.flag, NEWEST_NOTE, Vehicle.expected_turn_in_date
        )
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .outerjoin(Operation, IS_UNDER_WAY)
        .where(*conditions)
    )
    return [LoanFacts(*row) for row in rows]


def activities(
    actor: Actor,
    window: Window,
    *,
    office: str = "",
    people_of_office: bool = False,
    vehicle_ids: Collection[int] | None = None,
    person_ids: Collection[int] | None = None,
) -> list[ActivityFacts]:
    """FMS's own rows that the window touches: of vehicles in scope and, without `office`, of VINs outside the
    vehicles feed. `people_of_office`, `vehicle_ids`, `person_ids` as for `loans`.
    """
    of_scope = or_(Vehicle.id.is_(None), in_scope(actor, Vehicle.company_id, Vehicle.office))
    conditions = [
        in_company(actor, Activity.company_id),
        Activity.gone_at.is_(None),
        Activity.end_day >= window.first,
        Activity.start_day <= window.last,
        of_scope,
    ]
    if office:
        vins_there = _at_office(actor, office, Vehicle.vin)
        of_office = [and_(Activity.vin.in_(vins_there), Vehicle.office == office)]
        if people_of_office:
            of_office.append(Activity.person_id.in_(_people_at(actor, office)))
        conditions.append(or_(*of_office))
    if vehicle_ids is not None:
        conditions.append(Vehicle.id.in_(vehicle_ids))
    if person_ids is not None:
        conditions.append(Activity.person_id.in_(person_ids))
    rows = _rows(select(*ACTIVITY_COLUMNS).outerjoin(Vehicle, VEHICLE_OF_ACTIVITY).where(*conditions))
    return [ActivityFacts(*row) for row in rows]


def _vehicle_columns() -> Select[*tuple[Any, ...]]:
    return select(*VEHICLE_COLUMNS).outerjoin(VehicleUse, USE_OF_VEHICLE)


def _rows(statement: Executable) -> Iterable[Any]:
    return db.session.execute(statement)


def _at_office(actor: Actor, office: str, key: InstrumentedAttribute[Any]) -> Select[Any]:
    """Vehicles of an office, by keys that loans and activities have an index of: what is read grows with it."""
    # A query of its own within another over vehicles. Not by an alias kept for all threads: those that met at its
    # first use left it half made, and for as long as the process lived its columns were those of every vehicle.
    return select(key).where(in_company(actor, Vehicle.company_id), Vehicle.office == office).correlate(None)


def _people_at(actor: Actor, office: str) -> "ColumnElement[int]":
    ours = in_company(actor, Partner.company_id)
    return select(Partner.person_id).where(ours, Partner.office == office, Partner.gone_at.is_(None)).scalar_subquery()


def _at(
    actor: Actor, company: InstrumentedAttribute[int], place: InstrumentedAttribute[str], office: str
) -> ColumnElement[bool]:
    scope = in_scope(actor, company, place)
    return and_(scope, place == office) if office else scope
