"""Gathering what the rules look at, for one loan, in a handful of queries."""

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.queries import zone_of
from webapp.fleet import names
from webapp.fleet.makes import make_key
from webapp.fleet.models import Activity, ApprovedMake, Holiday, Partner, Vehicle
from webapp.fleet.names import is_vin, normal_vin, short_vin
from webapp.loans.availability import Occupation
from webapp.loans.models import Assignment
from webapp.loans.periods import Period
from webapp.loans.rules import PENDING, Facts
from webapp.loans.states import BLOCKING

RANKS = ("A+", "A", "B", "C", "D")


def full_name(vehicle: Vehicle) -> str:
    """`Audi A3 Premium Plus …SA051916`."""
    return names.full_name(vehicle.make, vehicle.model, vehicle.vin)


def vehicle_of(session: Session, company_id: int, vin: str, *, lock: bool = False) -> Vehicle | None:
    """The vehicle with this VIN, still in FMS's list. `lock`: until the transaction ends, nobody else plans it."""
    normal = normal_vin(vin)
    if not is_vin(normal):
        return None
    statement = select(Vehicle).where(
        Vehicle.company_id == company_id, Vehicle.vin == normal, Vehicle.gone_at.is_(None)
    )
    if lock:
        statement = statement.with_for_update()
    return session.scalar(statement)


def partner_of(session: Session, company_id: int, person_id: int, office: str) -> Partner | None:
    """The partner as listed at `office`, else as listed at another one (a person may be under two)."""
    rows = session.scalars(
        select(Partner)
        .where(Partner.company_id == company_id, Partner.person_id == person_id, Partner.gone_at.is_(None))
        .order_by(Partner.office)
    ).all()
    return next((row for row in rows if row.office == office), rows[0] if rows else None)


def gather(
    session: Session,
    *,
    company_id: int,
    office: str,
    vin: str,
    vehicle: Vehicle | None,
    person_id: int,
    partner: Partner | None,
    wanted: Period,
    assignment: Assignment | None = None,
) -> Facts:
    """The facts about `wanted`. Only what overlaps it is read. `assignment` is the loan that is checked, if any."""
    mine = assignment.id if assignment else None
    return Facts(
        wanted=wanted,
        today=clock.today(zone_of(company_id, office)),
        vehicle_name=full_name(vehicle) if vehicle else normal_vin(vin),
        vehicle_id=vehicle.vehicle_id if vehicle else None,
        is_vehicle_known=vehicle is not None,
        is_partner_known=partner is not None,
        partner_name=partner.name if partner else str(person_id),
        make=vehicle.make if vehicle else "",
        rank=_rank(session, company_id, person_id, vehicle.make) if vehicle else None,
        in_service_date=vehicle.in_service_date if vehicle else None,
        expected_turn_in_date=vehicle.expected_turn_in_date if vehicle else None,
        vehicle_occupations=_of_vehicle(session, vehicle, wanted, assignment) if vehicle else (),
        partner_occupations=_of_partner(session, company_id, person_id, wanted, assignment),
        holidays=_holidays(session, company_id, office, wanted),
        assignment_id=mine,
        keeps_start=assignment is not None and assignment.start_day == wanted.start_day,
    )


def _rank(session: Session, company_id: int, person_id: int, make: str) -> str | None:
    """The best rank under any spelling of the make: FMS's reports do not agree on one."""
    rows = session.execute(
        select(ApprovedMake.make, ApprovedMake.rank).where(
            ApprovedMake.company_id == company_id,
            ApprovedMake.person_id == person_id,
            ApprovedMake.gone_at.is_(None),
        )
    )
    ranks = {row.rank for row in rows if make_key(row.make) == make_key(make)}
    return next((rank for rank in RANKS if rank in ranks), PENDING if ranks else None)


def _of_vehicle(
    session: Session, vehicle: Vehicle, wanted: Period, assignment: Assignment | None
) -> tuple[Occupation, ...]:
    loans = _loans(session, wanted, Assignment.fleet_vehicle_id == vehicle.id)
    activities = _activities(session, vehicle.company_id, wanted, Activity.vin == vehicle.vin)
    return _merged(loans, activities, assignment)


def _of_partner(
    session: Session, company_id: int, person_id: int, wanted: Period, assignment: Assignment | None
) -> tuple[Occupation, ...]:
    loans = _loans(session, wanted, Assignment.person_id == person_id, Assignment.company_id == company_id)
    activities = _activities(session, company_id, wanted, Activity.person_id == person_id)
    return _merged(loans, activities, assignment)


def _merged(
    loans: list[tuple[Occupation, int | None]], activities: list[Occupation], assignment: Assignment | None
) -> tuple[Occupation, ...]:
    """A loan and the activity FMS made of it are one occupation, and nothing is in its own way."""
    linked = {activity_id for _, activity_id in loans}
    if assignment is not None:
        linked.add(assignment.activity_id)
    kept = [activity for activity in activities if activity.activity_id not in linked]
    return (*(loan for loan, _ in loans), *kept)


def _loans(session: Session, wanted: Period, *conditions: ColumnElement[bool]) -> list[tuple[Occupation, int | None]]:
    rows = session.execute(
        select(
            Assignment.id,
            Assignment.start_day,
            Assignment.end_day,
            Assignment.person_id,
            Assignment.partner_name,
            Assignment.activity_id,
            Vehicle.make,
            Vehicle.model,
            Vehicle.vin,
        )
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .where(
            *conditions,
            Assignment.status.in_(BLOCKING),
            Assignment.start_day < wanted.end_day,
            Assignment.end_day > wanted.start_day,
        )
    )
    return [
        (
            Occupation(
                row.start_day,
                row.end_day,
                row.partner_name,
                names.full_name(row.make, row.model, row.vin),
                row.person_id,
                assignment_id=row.id,
            ),
            row.activity_id,
        )
        for row in rows
    ]


def _activities(
    session: Session, company_id: int, wanted: Period, *conditions: ColumnElement[bool]
) -> list[Occupation]:
    rows = session.execute(
        select(
            Activity.activity_id,
            Activity.person_id,
            Activity.vin,
            Activity.to,
            Activity.activity_type,
            Activity.start_day,
            Activity.end_day,
            Vehicle.make,
            Vehicle.model,
        )
        .outerjoin(Vehicle, (Vehicle.company_id == Activity.company_id) & (Vehicle.vin == Activity.vin))
        .where(
            *conditions,
            Activity.company_id == company_id,
            Activity.gone_at.is_(None),
            Activity.start_day < wanted.end_day,
            # One that ends on the day it begins occupies that day, so the exact test is `Period.overlaps`.
            Activity.end_day >= wanted.start_day,
        )
    )
    found = [
        Occupation(
            row.start_day,
            row.end_day,
            (row.to or row.activity_type) if row.person_id else row.activity_type,
            names.full_name(row.make, row.model, row.vin) if row.make else short_vin(row.vin),
            row.person_id,
            activity_id=row.activity_id,
        )
        for row in rows
    ]
    return [occupation for occupation in found if occupation.period.overlaps(wanted)]


def _holidays(session: Session, company_id: int, office: str, wanted: Period) -> tuple[tuple[date, str], ...]:
    rows = session.execute(
        select(Holiday.day, Holiday.name)
        .where(
            Holiday.company_id == company_id,
            Holiday.office == office,
            Holiday.day.in_([wanted.start_day, wanted.end_day]),
        )
        .order_by(Holiday.day)
    )
    return tuple((day, name) for day, name in rows)
