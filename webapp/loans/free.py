"""Who has something on given days: the vehicles that are held, and the partners who are busy, as sets."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_company
from webapp.fleet.models import Activity, LoanHistory, Vehicle
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, of_activity
from webapp.loans.states import BLOCKING, Status

# A company, and a VIN or FMS's number of a person in it.
Held = frozenset[tuple[int, Any]]


def held_vins(session: Session, actor: Actor, wanted: Period, only: Mapping[str, int] | None = None) -> Held:
    """Company and VIN of what is held on a day of `wanted`, by a loan of ours or by any row of FMS's calendar.

    `only` keeps those VINs, of vehicles with these ids of ours. What holds a vehicle is what
    `occupations.occupations_of_vehicle` says of one.
    """
    ours = (
        select(Assignment.company_id, Vehicle.vin, Assignment.start_day, Assignment.end_day)
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .where(in_company(actor, Assignment.company_id), Assignment.status.in_(BLOCKING))
    )
    in_fms = select(Activity.company_id, Activity.vin, Activity.start_day, Activity.end_day).where(
        in_company(actor, Activity.company_id), Activity.gone_at.is_(None)
    )
    if only is not None:
        ours = ours.where(Assignment.fleet_vehicle_id.in_(only.values()))
        in_fms = in_fms.where(Activity.vin.in_(only))
    return _on(session, wanted, ours, Assignment) | _on(session, wanted, in_fms, Activity)


def busy_people(session: Session, actor: Actor, wanted: Period, people: Collection[int] | None = None) -> Held:
    """Company and FMS's id of who has a vehicle on a day of `wanted`: by a loan of ours, in FMS's calendar or history.

    `people` keeps only those. What counts is what `occupations.loans_of_partner` lists of one.
    """
    ours = select(Assignment.company_id, Assignment.person_id, Assignment.start_day, Assignment.end_day).where(
        in_company(actor, Assignment.company_id), Assignment.status != Status.CANCELLED
    )
    found = _on(session, wanted, _of(ours, Assignment, people), Assignment)
    for table in (Activity, LoanHistory):
        in_fms = select(table.company_id, table.person_id, table.start_day, table.end_day).where(
            in_company(actor, table.company_id), table.gone_at.is_(None)
        )
        found |= _on(session, wanted, _of(in_fms, table, people), table)
    return found


# Company, VIN or person, first day, last day.
Dates = Select[*tuple[Any, ...]]
Dated = type[Assignment] | type[Activity] | type[LoanHistory]


def _of(statement: Dates, table: Dated, people: Collection[int] | None) -> Dates:
    return statement.where(table.person_id.is_not(None) if people is None else table.person_id.in_(people))


def _on(session: Session, wanted: Period, statement: Dates, table: Dated) -> Held:
    """Which of them share a day with `wanted`. The database reads a little more than that: periods decide."""
    rows = session.execute(statement.where(_near(table, wanted)))
    return frozenset(
        (company, who) for company, who, start_day, end_day in rows if of_activity(start_day, end_day).overlaps(wanted)
    )


def _near(table: Dated, wanted: Period) -> ColumnElement[bool]:
    return and_(table.start_day <= wanted.end_day, table.end_day >= wanted.start_day)
