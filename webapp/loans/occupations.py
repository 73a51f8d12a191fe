"""Reading who has what and when: of a vehicle, and of a partner at any date; our loans and FMS's rows as one list."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from webapp.fleet.makes import model_key
from webapp.fleet.models import Activity, LoanHistory, Vehicle
from webapp.fleet.names import full_name, short_vin
from webapp.loans.availability import Occupation
from webapp.loans.models import Assignment
from webapp.loans.rules.facts import PartnerLoan
from webapp.loans.states import BLOCKING, Status

# Statements are built once: here that takes longer than the database needs to answer.
OUR_LOANS = select(
    Assignment.id,
    Assignment.start_day,
    Assignment.end_day,
    Assignment.person_id,
    Assignment.partner_name,
    Assignment.activity_id,
    Assignment.status,
    Vehicle.vin,
    Vehicle.make,
    Vehicle.model,
).join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
LOANS_OF_VEHICLE = OUR_LOANS.where(
    Assignment.fleet_vehicle_id == bindparam("fleet_vehicle_id"),
    Assignment.status.in_(BLOCKING),
    Assignment.end_day > bindparam("since"),
)
LOANS_OF_PARTNER = OUR_LOANS.where(
    Assignment.company_id == bindparam("company_id"),
    Assignment.person_id == bindparam("person_id"),
    Assignment.status != Status.CANCELLED,
)
ACTIVITIES = (
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
    .where(Activity.company_id == bindparam("company_id"), Activity.gone_at.is_(None))
)
# One that ends on the day it begins occupies that day.
ACTIVITIES_OF_VEHICLE = ACTIVITIES.where(Activity.vin == bindparam("vin"), Activity.end_day >= bindparam("since"))
ACTIVITIES_OF_PARTNER = ACTIVITIES.where(Activity.person_id == bindparam("person_id"))
PAST_LOANS = select(
    LoanHistory.activity_id,
    LoanHistory.person_id,
    LoanHistory.vin,
    LoanHistory.name,
    LoanHistory.start_day,
    LoanHistory.end_day,
    LoanHistory.make,
    LoanHistory.model,
).where(LoanHistory.company_id == bindparam("company_id"), LoanHistory.gone_at.is_(None))
HISTORY_OF_PARTNER = PAST_LOANS.where(LoanHistory.person_id == bindparam("person_id"))
# What one of these reads of a loan, an activity or a past loan.
Found = Row[*tuple[Any, ...]]


def occupations_of_vehicle(
    session: Session, vehicle: Vehicle, since: date, but_not: Assignment | None = None
) -> tuple[Occupation, ...]:
    """What holds the vehicle on `since` or later. The loan `but_not`, and what FMS made of it, is left out."""
    loans = _but(but_not, session.execute(LOANS_OF_VEHICLE, {"fleet_vehicle_id": vehicle.id, "since": since}))
    which = {"company_id": vehicle.company_id, "vin": vehicle.vin, "since": since}
    told, own = {days_linked(row) for row in loans}, but_not.activity_id if but_not is not None else None
    activities = [
        row
        for row in session.execute(ACTIVITIES_OF_VEHICLE, which)
        if days_linked(row) not in told and (own is None or row.activity_id != own)
    ]
    return (*map(of_loan, loans), *map(of_row, activities))


def days_linked(row: Found) -> tuple[int | None, date, date]:
    """What a loan and the activity that FMS made of it have in common. Where FMS has other days by now (it was
    extended, and is not reconciled yet), the vehicle is held on both."""
    return row.activity_id, row.start_day, row.end_day


def loans_of_partner(
    session: Session, company_id: int, person_id: int, but_not: Assignment | None = None
) -> tuple[PartnerLoan, ...]:
    """Every loan of the partner that we know of, each once: ours, in FMS's calendar, in its history."""
    which = {"company_id": company_id, "person_id": person_id}
    loans = _but(but_not, session.execute(LOANS_OF_PARTNER, which))
    linked = _linked(loans, but_not)
    activities = _unlinked(linked, session.execute(ACTIVITIES_OF_PARTNER, which))
    linked |= {row.activity_id for row in activities}
    past = _unlinked(linked, session.execute(HISTORY_OF_PARTNER, which))
    return (
        *(partner_loan(row, of_loan(row), is_over=row.status == Status.COMPLETED) for row in loans),
        *(partner_loan(row, of_row(row)) for row in activities),
        *(partner_loan(row, of_past_loan(row), is_over=True) for row in past),
    )


def _but(but_not: Assignment | None, rows: Iterable[Found]) -> list[Found]:
    return [row for row in rows if but_not is None or row.id != but_not.id]


def _unlinked(linked: set[int | None], rows: Iterable[Found]) -> list[Found]:
    return [row for row in rows if row.activity_id not in linked]


def _linked(loans: Iterable[Found], but_not: Assignment | None) -> set[int | None]:
    """The activities that are loans of ours: a loan and what FMS made of it are one."""
    linked = {row.activity_id for row in loans}
    return linked | {but_not.activity_id} if but_not is not None else linked


def of_loan(row: Found) -> Occupation:
    """What a loan of ours occupies."""
    name = full_name(row.make, row.model, row.vin)
    return Occupation(row.start_day, row.end_day, row.partner_name, name, row.person_id, assignment_id=row.id)


def of_row(row: Found) -> Occupation:
    """What a row of FMS's calendar occupies; its holder is the partner, or the kind of activity."""
    holder = (row.to or row.activity_type) if row.person_id else row.activity_type
    name = full_name(row.make, row.model, row.vin) if row.make else short_vin(row.vin)
    return Occupation(row.start_day, row.end_day, holder, name, row.person_id, activity_id=row.activity_id)


def of_past_loan(row: Found) -> Occupation:
    """What a loan of FMS's history occupied."""
    name = full_name(row.make, row.model, row.vin)
    return Occupation(row.start_day, row.end_day, row.name, name, row.person_id, activity_id=row.activity_id)


def partner_loan(row: Found, occupation: Occupation, *, is_over: bool = False) -> PartnerLoan:
    """The same as a loan of the partner; without keys where the VIN is of no fleet we know."""
    key = model_key(row.make, row.model) if row.make else None
    return PartnerLoan(occupation, row.vin, key[0] if key else None, key, is_over)
