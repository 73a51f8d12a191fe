"""Reading where vehicles were, are and will be: our loans, FMS's calendar and its history, each stay once.

For one partner or one vehicle, and only for the days that are asked for.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, bindparam
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.calendar.looks import Look, look_of_activity, look_of_loan
from webapp.calendar.panels.stays import Stay
from webapp.db import db
from webapp.fleet.models import Activity, LoanHistory, Vehicle
from webapp.fms.models import Operation
from webapp.loans import occupations
from webapp.loans.models import Assignment
from webapp.loans.occupations import OUR_LOANS, PAST_LOANS
from webapp.loans.queries import IS_UNDER_WAY
from webapp.loans.states import Status

EVER = (date(1, 1, 1), date(9999, 12, 31))
Days = tuple[date, date]
Found = Row[*tuple[Any, ...]]

# Statements are built once: here that takes longer than the database needs to answer.
LOANS = (
    OUR_LOANS.add_columns(
        Assignment.company_id,
        Assignment.office,
        Assignment.fms_request_id,
        Assignment.chain_id,
        Vehicle.color,
        Vehicle.office.label("vehicle_office"),
        Operation.state,
    )
    .outerjoin(Operation, IS_UNDER_WAY)
    .where(
        Assignment.company_id == bindparam("company_id"),
        Assignment.status != Status.CANCELLED,
        Assignment.end_day >= bindparam("since"),
        Assignment.start_day <= bindparam("until"),
    )
)
ACTIVITIES = occupations.ACTIVITIES.add_columns(Vehicle.color, Vehicle.office.label("vehicle_office")).where(
    Activity.end_day >= bindparam("since"), Activity.start_day <= bindparam("until")
)
HISTORY = (
    PAST_LOANS.add_columns(LoanHistory.clips_received, Vehicle.color)
    .outerjoin(Vehicle, and_(Vehicle.company_id == LoanHistory.company_id, Vehicle.vin == LoanHistory.vin))
    .where(LoanHistory.end_day >= bindparam("since"), LoanHistory.start_day <= bindparam("until"))
)
OF_PARTNER = (
    LOANS.where(Assignment.person_id == bindparam("person_id")),
    ACTIVITIES.where(Activity.person_id == bindparam("person_id")),
    HISTORY.where(LoanHistory.person_id == bindparam("person_id")),
)
OF_VEHICLE = (
    LOANS.where(Vehicle.vin == bindparam("vin"), Vehicle.company_id == bindparam("company_id")),
    ACTIVITIES.where(Activity.vin == bindparam("vin")),
    HISTORY.where(LoanHistory.vin == bindparam("vin")),
)


def of_partner(actor: Actor, person_id: int, today: date, days: Days = EVER) -> tuple[Stay, ...]:
    """Every stay with the partner that touches `days` (both included), by start: three queries."""
    return _read(actor, OF_PARTNER, {"person_id": person_id}, today, days)


def of_vehicle(actor: Actor, vin: str, today: date, days: Days = EVER) -> tuple[Stay, ...]:
    """Every stay of the vehicle, somebody's or nobody's, that touches `days`, by start: three queries."""
    return _read(actor, OF_VEHICLE, {"vin": vin}, today, days)


def _read(actor: Actor, statements: Any, whose: dict[str, object], today: date, days: Days) -> tuple[Stay, ...]:
    session: Session = db.session()
    which = {"company_id": actor.company_id, "since": days[0], "until": days[1], **whose}
    loans, activities, past = (session.execute(statement, which).all() for statement in statements)
    stays = _each_once(actor, loans, activities, past, today)
    return tuple(sorted(stays, key=lambda one: (one.start_day, one.end_day, one.vin, one.loan_id or 0, one.address)))


def _each_once(
    actor: Actor, loans: Iterable[Found], activities: Iterable[Found], past: Iterable[Found], today: date
) -> list[Stay]:
    """A loan, what FMS made of it and what its history keeps of that are one; what was published is kept.

    Where FMS has given an activity another vehicle or partner than our loan has, both are shown.
    """
    ended = {row.activity_id: row for row in past}
    ours = {(row.activity_id, row.vin, row.person_id) for row in loans if row.activity_id is not None}
    theirs = [row for row in activities if (row.activity_id, row.vin, row.person_id) not in ours]
    told = {number for number, _, _ in ours} | {row.activity_id for row in theirs}
    return [
        *(_of_loan(actor, row, ended.get(row.activity_id)) for row in loans),
        *(_of_activity(actor, row, ended.get(row.activity_id), today) for row in theirs),
        *(_of_history(row) for row in past if row.activity_id not in told),
    ]


def _of_loan(actor: Actor, row: Found, ended: Found | None) -> Stay:
    is_seen = actor.reaches(row.company_id, row.office) or actor.reaches(row.company_id, row.vehicle_office)
    return Stay(
        row.start_day,
        row.end_day,
        row.vin,
        row.make,
        row.model,
        row.color,
        row.person_id,
        row.partner_name,
        look_of_loan(row.status, row.state),
        clips=ended.clips_received if ended else None,
        loan_id=row.id,
        fms_request_id=row.fms_request_id,
        chain_id=row.chain_id,
        address=f"/calendar/loans/{row.id}" if is_seen else "",
    )


def _of_activity(actor: Actor, row: Found, ended: Found | None, today: date) -> Stay:
    is_seen = actor.reaches(actor.company_id, row.vehicle_office)
    return Stay(
        row.start_day,
        row.end_day,
        row.vin,
        row.make or "",
        row.model or "",
        row.color or "",
        row.person_id,
        row.to if row.person_id is not None else "",
        look_of_activity(row.person_id, row.end_day, today),
        kind=row.activity_type,
        clips=ended.clips_received if ended else None,
        address=f"/calendar/activities/{row.activity_id}" if is_seen else "",
    )


def _of_history(row: Found) -> Stay:
    return Stay(
        row.start_day,
        row.end_day,
        row.vin,
        row.make,
        row.model,
        row.color or "",
        row.person_id,
        row.name,
        Look.OVER,
        clips=row.clips_received,
    )
