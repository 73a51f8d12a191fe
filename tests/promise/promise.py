"""The promise, checked: FMS's own table of requests and journal of calls against our loans and our ledger."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from tests.promise.desk import Desk
from webapp.fleet.models import Vehicle
from webapp.fms.models import OPEN, Kind, Operation
from webapp.fms.schemas import fms_date
from webapp.loans.models import Assignment
from webapp.loans.states import Status

ALIVE = {"open", "approved"}
Facts = tuple[int, int, str, str]


def assert_promise(desk: Desk, *, is_settled: bool = True, may_be_doubled: bool = False) -> None:
    """No FMS request of ours without its bar, no magenta bar without its request, no request twice.

    With `is_settled` nothing may be left sending or uncertain either; with `may_be_doubled` somebody else sent
    our creates once more.
    """
    held = {request["id"]: request for request in desk.sandbox.requests() if request["status"] in ALIVE}
    calls = desk.sandbox.calls("POST")
    with desk.reading() as session:
        operations = list(session.scalars(select(Operation).order_by(Operation.id)))
        bars: dict[int, Facts] = {}
        magenta = session.execute(
            select(Assignment, Vehicle.vehicle_id)
            .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
            .where(Assignment.status.in_([Status.REQUESTED, Status.ACTIVE]))
        ).all()
        numbers = [loan.fms_request_id for loan, _ in magenta]
        for loan, vehicle_id in magenta:
            bars[loan.fms_request_id] = _facts(vehicle_id, loan)
        greens = session.scalars(
            select(Assignment.id).where(
                Assignment.status.in_([Status.MANUAL, Status.PLANNED]), Assignment.fms_request_id.is_not(None)
            )
        ).all()
    story = _story(operations, desk.sandbox.calls())
    assert None not in numbers, f"a magenta bar without a number\n{story}"
    assert set(held) <= set(bars), f"FMS requests without their bar: {set(held) - set(bars)}\n{story}"
    assert set(bars) <= set(held), f"magenta bars without their request: {set(bars) - set(held)}\n{story}"
    assert len(numbers) == len(set(numbers)), f"two bars for one request: {numbers}\n{story}"
    for number, request in held.items():
        assert bars[number] == _said(request), f"#{number} says something else than its bar\n{story}"
    _assert_nothing_twice(operations, calls, held, story, may_be_doubled=may_be_doubled)
    assert not greens, f"green loans that still carry a number: {greens}\n{story}"
    if is_settled:
        assert [one.id for one in operations if one.state in OPEN] == [], f"still open\n{story}"


def _assert_nothing_twice(
    operations: list[Operation],
    calls: list[dict[str, Any]],
    held: dict[int, dict[str, Any]],
    story: str,
    *,
    may_be_doubled: bool,
) -> None:
    references = {one.reference: one for one in operations if one.kind == Kind.CREATE}
    applied = Counter(call["reference"] for call in calls if call["applied"])
    assert set(applied) <= set(references), f"FMS was asked for what the ledger does not know\n{story}"
    assert may_be_doubled or max(applied.values(), default=0) <= 1, (
        f"one operation, several requests: {applied}\n{story}"
    )
    loans = Counter(references[request["requestorNotes"]].assignment_id for request in held.values())
    assert max(loans.values(), default=0) <= 1, f"one loan, several live requests: {loans}\n{story}"


def _facts(vehicle_id: int, loan: Assignment) -> Facts:
    return vehicle_id, loan.person_id, fms_date(loan.start_day), fms_date(loan.end_day)


def _said(request: dict[str, Any]) -> Facts:
    vehicle = request["requestsVehicles"][0]["requestsVehicle"]
    return vehicle["vehicleId"], request["loaneeId"], request["startDate"], request["endDate"]


def _story(operations: list[Operation], calls: list[dict[str, Any]]) -> str:
    """What happened, for whoever reads a failure."""
    rows = [
        f"  #{one.id} {one.kind} {one.state} loan {one.assignment_id} ({one.subject}) request {one.fms_request_id} "
        f"{one.reference} {one.code}: {one.error}"
        for one in operations
    ]
    lines = [
        f"  {call['method']} {call['path']} {call['reference']} {call['fault']} applied={call['applied']} "
        f"{call['status']} {call['ending']}"
        for call in calls
    ]
    return "\n".join(["The ledger:", *rows, "FMS:", *lines])
