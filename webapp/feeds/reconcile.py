"""Reconciles loans with FMS's calendar after a good activity feed: reads both, has it decided, has it written.

The colours that FMS decides come from here: blue, grey, and cancelled where FMS called a loan off.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import structlog
from flask import current_app
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.models import Location
from webapp.db import close_reading, db
from webapp.feeds.parse_schema import CURRENT_ACTIVITY, LOAN_HISTORY
from webapp.feeds.reconcile_match import Seen
from webapp.feeds.reconcile_steps import Calendar, Plan, Standing, decide, seeking
from webapp.feeds.service import Outcome
from webapp.fleet.models import Activity, LoanHistory, Vehicle
from webapp.fms.models import Kind, Operation, State
from webapp.loans import reconciling
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, of_activity
from webapp.loans.queries import IS_UNDER_WAY
from webapp.loans.reconciled import Flag
from webapp.loans.states import Status

log = structlog.get_logger(__name__)

# A loan that FMS called off may come back to its calendar: looked for so long after its end.
REMEMBERED = timedelta(days=60)


@dataclass(frozen=True)
class Reconciled:
    """What a reconciliation did: loans that changed, and uncertain requests that the calendar proved."""

    changed: int = 0
    proven: int = 0


def reconcile(
    company_id: int,
    *,
    is_history_known: bool = True,
    confirm: Callable[[Session], None] = lambda session: None,
) -> Reconciled:
    """Bring the company's loans in line with FMS's calendar as imported. Done twice, it changes nothing more.

    Call it after an activity feed that was applied or unchanged. `is_history_known`: whether the history feed was,
    too. `confirm` is called first in the writing transaction and raises where this runner may no longer write.
    """
    plan = _plan(company_id, is_history_known)
    for operation_id, activity in plan.proven.items():
        reconciling.prove(operation_id, activity.activity_id)
    if plan.proven:
        # Their loans are requested now, and are approved in the same go.
        return Reconciled(reconciling.write(_plan(company_id, is_history_known).steps, confirm), len(plan.proven))
    return Reconciled(reconciling.write(plan.steps, confirm))


def reconcile_after(company_id: int, outcomes: Iterable[Outcome], confirm: Callable[[Session], None]) -> Reconciled:
    """Reconcile after a run with these `outcomes`; nothing where its activity feed was not good."""
    good = {outcome.name for outcome in outcomes if outcome.is_good}
    if CURRENT_ACTIVITY.name not in good:
        return Reconciled()
    done = reconcile(company_id, is_history_known=LOAN_HISTORY.name in good, confirm=confirm)
    log.info("reconciled", company_id=company_id, changed=done.changed, proven=done.proven)
    return done


def _plan(company_id: int, is_history_known: bool) -> Plan:
    """What is to be done; FMS is asked why about loans that its calendar does not explain."""
    loans = _loans(company_id)
    activities = _activities(company_id) if loans else {}
    calendar = Calendar(activities, _history(company_id, loans, activities), is_history_known)
    close_reading()
    plan = decide(loans, calendar, dead={})
    if not plan.unexplained:
        return plan
    why = reconciling.refusals(Assignment.company_id == company_id)
    return decide(loans, calendar, why) if why else plan


def _loans(company_id: int) -> list[Standing]:
    """The loans that FMS knows of, or may know of."""
    days = _days(company_id)
    rows = db.session.execute(
        select(
            Assignment.id,
            Assignment.version,
            Assignment.status,
            Vehicle.vin,
            Assignment.person_id,
            Assignment.start_day,
            Assignment.end_day,
            Assignment.activity_id,
            Assignment.flag,
            Assignment.reason,
            Assignment.office,
            Operation.id.label("operation_id"),
            Operation.kind,
            Operation.state,
        )
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .outerjoin(Operation, IS_UNDER_WAY)
        .where(
            Assignment.company_id == company_id,
            or_(
                Assignment.status.in_([Status.REQUESTED, Status.ACTIVE]),
                Operation.kind == Kind.CREATE,
                and_(
                    Assignment.status == Status.CANCELLED,
                    Assignment.activity_id.is_not(None),
                    Assignment.end_day > days("") - REMEMBERED,
                ),
            ),
        )
        .order_by(Assignment.id)
    )
    return [
        Standing(
            row.id,
            row.version,
            Status(row.status),
            row.vin,
            row.person_id,
            Period(row.start_day, row.end_day),
            row.activity_id,
            Flag(row.flag),
            row.reason,
            days(row.office),
            unproven=row.operation_id if (row.kind, row.state) == (Kind.CREATE, State.UNCERTAIN) else None,
            is_busy=row.operation_id is not None and (row.kind, row.state) != (Kind.CREATE, State.UNCERTAIN),
        )
        for row in rows
    ]


def _days(company_id: int) -> Callable[[str], date]:
    """The day it is at each office of the company; elsewhere the day of the settings' zone."""
    default = clock.today(current_app.extensions["settings"].zone)
    rows = db.session.execute(
        select(Location.name, Location.timezone).where(
            Location.company_id == company_id, Location.timezone.is_not(None)
        )
    )
    days = {name: clock.today(ZoneInfo(zone)) for name, zone in rows if zone}
    return lambda office: days.get(office, default)


def _activities(company_id: int) -> dict[int, Seen]:
    """FMS's calendar, without what completed loans stand for."""
    rows = db.session.execute(
        select(Activity.activity_id, Activity.vin, Activity.person_id, Activity.start_day, Activity.end_day).where(
            Activity.company_id == company_id,
            Activity.gone_at.is_(None),
            Activity.activity_id.not_in(_done(company_id)),
        )
    )
    return {row[0]: Seen(row[0], row[1], row[2], of_activity(row[3], row[4])) for row in rows}


def _done(company_id: int) -> Select[int | None]:
    """The activities of loans that are over: nobody else's."""
    return select(Assignment.activity_id).where(
        Assignment.company_id == company_id,
        Assignment.status == Status.COMPLETED,
        Assignment.activity_id.is_not(None),
    )


def _history(company_id: int, loans: Iterable[Standing], activities: dict[int, Seen]) -> dict[int, Seen]:
    """Of FMS's history what loans may be that the calendar does not have; a row once told stays true."""
    loans = list(loans)
    seekers = seeking(loans, activities)
    lost = {loan.activity_id for loan in loans if loan.activity_id is not None} - activities.keys()
    if not seekers and not lost:
        return {}
    columns = select(
        LoanHistory.activity_id, LoanHistory.vin, LoanHistory.person_id, LoanHistory.start_day, LoanHistory.end_day
    ).where(LoanHistory.company_id == company_id, LoanHistory.activity_id.not_in(_done(company_id)))
    wanted = {(loan.vin, loan.person_id) for loan in seekers}
    first = min((loan.period.start_day for loan in seekers), default=date.max)
    found: dict[int, Seen] = {}
    rows = db.session.execute(columns.where(LoanHistory.end_day >= first)).all() if seekers else []
    rows = [row for row in rows if (row.vin, row.person_id) in wanted]
    if lost:
        rows += db.session.execute(columns.where(LoanHistory.activity_id.in_(lost))).all()
    for row in rows:
        if row.activity_id not in activities:
            period = of_activity(row.start_day, row.end_day)
            found[row.activity_id] = Seen(row.activity_id, row.vin, row.person_id, period, is_over=True)
    return found
