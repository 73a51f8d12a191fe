"""JSON of the calendar (interface.md): what a view shows; planning, changing, deleting by the same services."""

from datetime import date, timedelta

from flask import Blueprint, Response, jsonify
from pydantic import Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.filters import Filters, Rows
from webapp.calendar.found import Found, unlinked
from webapp.calendar.grid import DEFAULT_DAYS, Window, default_window
from webapp.calendar.queries import ActivityFacts, LoanFacts
from webapp.calendar.reading import read_found, today_at
from webapp.calendar.shapes import ActivityJson, CalendarJson, WrittenJson
from webapp.declared import declares
from webapp.errors import InvalidInput, NotFound
from webapp.fms.models import State
from webapp.jsonapi import Day, Input, RowId, read_body, read_query
from webapp.loans import queries, requests, service
from webapp.loans.api import answer
from webapp.loans.queries import fms_state
from webapp.loans.requests import How
from webapp.loans.rules import Finding
from webapp.loans.service import Change
from webapp.loans.shapes import AssignmentJson, DeletedJson, StatusChangedJson, UnfinishedJson
from webapp.loans.states import Status

api = Blueprint("calendar_api", __name__, url_prefix="/api/calendar")
MOST_DAYS = 400


class CalendarQuery(Input):
    """A view: as the page's address, from the Monday of this week for four weeks unless told otherwise."""

    # A name holds no NUL, and PostgreSQL would not even compare it with one.
    office: str = Field("", pattern=r"^[^\x00]*$")
    start: Day | None = None
    end: Day | None = None
    rows: Rows = Rows.VEHICLES


class NewAssignment(Input):
    """A loan to plan."""

    vin: str = Field(min_length=1, max_length=17)
    person_id: RowId
    office: str = Field(min_length=1, max_length=120)
    start_day: Day
    end_day: Day
    status: Status = Status.MANUAL


class ChangedAssignment(Input):
    """What to change of a loan; what is left out stays."""

    start_day: Day | None = None
    end_day: Day | None = None
    vin: str | None = Field(None, min_length=1, max_length=17)
    person_id: RowId | None = None
    version: RowId | None = None


class NewStatus(Input):
    """The status a loan is to have."""

    new_status: Status


@api.get("")
@requires(Permission.VIEW_LOANS)
@declares({200: CalendarJson}, query=CalendarQuery, refuses=(404,))
def calendar() -> Response:
    """Loans and FMS's own rows that touch the window; a loan and the activity it became come once, as the loan."""
    actor = current_actor()
    asked = read_query(CalendarQuery)
    if asked.office and not actor.reaches(actor.company_id, asked.office):
        raise NotFound("There is no such office, or you may not see it.")
    today = today_at(actor, asked.office)
    found = read_found(actor, Filters(_window(asked, today), today, rows=asked.rows, office=asked.office))
    shown = CalendarJson(
        assignments=[_assignment(loan) for loan in sorted(found.loans, key=_loan_order)],
        activities=[_activity(each) for each in sorted(_shown(found, asked.rows), key=_activity_order)],
    )
    return jsonify(shown)


@api.post("/assignments")
@requires(Permission.PLAN_LOANS)
@declares({201: WrittenJson}, body=NewAssignment, refuses=(404, 409))
def plan_assignment() -> tuple[Response, int]:
    """Plan a loan; what the rules say without forbidding it is in `warnings`."""
    actor, wanted = current_actor(), read_body(NewAssignment)
    planned = service.plan(
        actor,
        vin=wanted.vin,
        person_id=wanted.person_id,
        office=wanted.office,
        start_day=wanted.start_day,
        end_day=wanted.end_day,
        status=wanted.status,
    )
    return _written(actor, planned.assignment_id, planned.warnings), 201


@api.patch("/assignments/<int:assignment_id>")
@requires(Permission.PLAN_LOANS)
@declares({200: WrittenJson}, body=ChangedAssignment, refuses=(409,))
def change_assignment(assignment_id: int) -> Response:
    """Change a green loan."""
    actor, wanted = current_actor(), read_body(ChangedAssignment)
    wish = Change(
        version=wanted.version,
        start_day=wanted.start_day,
        end_day=wanted.end_day,
        vin=wanted.vin,
        person_id=wanted.person_id,
    )
    changed = service.change(actor, assignment_id, wish)
    return _written(actor, assignment_id, changed.warnings)


@api.delete("/assignments/<int:assignment_id>")
@requires(Permission.PLAN_LOANS)
@declares({200: DeletedJson, 202: UnfinishedJson, 502: UnfinishedJson}, refuses=(409, 422))
def delete_assignment(assignment_id: int) -> Response:
    """Delete a loan, with its request in FMS where there is one."""
    result = requests.delete(current_actor(), assignment_id)
    return answer(result, deleted_from_fms=result.how is How.DONE and result.fms_action is not None)


@api.patch("/change-assignment-status/<int:assignment_id>")
@requires(Permission.PLAN_LOANS)
@declares({200: StatusChangedJson, 202: UnfinishedJson, 502: UnfinishedJson}, query=NewStatus, refuses=(409,))
def change_assignment_status(assignment_id: int) -> Response:
    """Bring a loan to `requested`, `manual` or `planned`, by whatever FMS has to be asked for."""
    result = requests.set_status(current_actor(), assignment_id, read_query(NewStatus).new_status)
    return answer(
        result,
        old_status=result.old_status,
        new_status=result.new_status,
        fms_action=result.fms_action if result.how is not How.FAILED else None,
    )


def _window(asked: CalendarQuery, today: date) -> Window:
    if asked.start is None and asked.end is None:
        return default_window(today)
    first = asked.start or default_window(asked.end or today).first
    last = asked.end or first + timedelta(days=DEFAULT_DAYS - 1)
    if last < first:
        raise InvalidInput("The end is before the start.", fields={"end": "is before the start"})
    if (last - first).days >= MOST_DAYS:
        raise InvalidInput(f"At most {MOST_DAYS} days at once.", fields={"end": f"more than {MOST_DAYS} days"})
    return Window(first, last)


def _shown(found: Found, rows: Rows) -> list[ActivityFacts]:
    """The activities the page draws: in rows by partner, those that have one."""
    return [each for each in unlinked(found) if rows is Rows.VEHICLES or each.person_id is not None]


def _written(actor: Actor, assignment_id: int, warnings: tuple[Finding, ...]) -> Response:
    written = WrittenJson(
        assignment=queries.loan(actor, assignment_id).as_json(),
        warnings=[{"code": finding.code, "text": finding.text} for finding in warnings],
    )
    return jsonify(written)


def _assignment(loan: LoanFacts) -> AssignmentJson:
    return {
        "assignment_id": loan.id,
        "vin": loan.vin,
        "person_id": loan.person_id,
        "office": loan.office,
        "start_day": loan.start_day.isoformat(),
        "end_day": loan.end_day.isoformat(),
        "make": loan.make,
        "model": loan.model,
        "partner_name": loan.partner_name,
        "status": Status(loan.status),
        "fms_request_id": loan.fms_request_id,
        "fms_state": fms_state(loan.status, State(loan.operation) if loan.operation else None),
        "activity_id": loan.activity_id,
        "chain_id": loan.chain_id,
        "version": loan.version,
    }


def _activity(activity: ActivityFacts) -> ActivityJson:
    return {
        "activity_id": activity.activity_id,
        "vin": activity.vin,
        "vehicle_name": activity.vehicle_name,
        "person_id": activity.person_id,
        "partner_name": activity.to if activity.person_id is not None else None,
        "activity_type": activity.activity_type,
        "start_day": activity.start_day.isoformat(),
        "end_day": activity.end_day.isoformat(),
        "to": activity.to,
        "region": activity.region,
        "assignment_id": None,
    }


def _loan_order(loan: LoanFacts) -> tuple[date, int]:
    return loan.start_day, loan.id


def _activity_order(activity: ActivityFacts) -> tuple[date, int]:
    return activity.start_day, activity.activity_id
