"""The promise, checked: FMS's own table of requests and journal of calls against our loans and our ledger."""

from typing import Any

from sqlalchemy import select

from tests.promise.desk import Desk
from tests.promise.kept import alive, bar_of, doubles, ghosts, orphans
from webapp.fleet.models import Vehicle
from webapp.fms.models import OPEN, Kind, Operation
from webapp.loans.models import Assignment
from webapp.loans.states import Status


def assert_promise(desk: Desk, *, is_settled: bool = True, may_be_doubled: bool = False) -> None:
    """No FMS request of ours without its bar, no magenta bar without its request, no request twice.

    With `is_settled` nothing may be left sending or uncertain either; with `may_be_doubled` somebody else sent
    our creates once more.
    """
    held = alive(desk.sandbox.requests())
    calls = desk.sandbox.calls("POST")
    with desk.reading() as session:
        operations = list(session.scalars(select(Operation).order_by(Operation.id)))
        magenta = session.execute(
            select(Assignment, Vehicle.vehicle_id)
            .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
            .where(Assignment.status.in_([Status.REQUESTED, Status.ACTIVE]))
            .order_by(Assignment.id)
        ).all()
        bars = [bar_of(loan, vehicle_id) for loan, vehicle_id in magenta]
        greens = session.scalars(
            select(Assignment.id).where(
                Assignment.status.in_([Status.MANUAL, Status.PLANNED]), Assignment.fms_request_id.is_not(None)
            )
        ).all()
    loans = {one.reference: one.assignment_id for one in operations if one.kind == Kind.CREATE}
    # Whoever sent our creates once more did so under the same name.
    once = {call["reference"]: call for call in calls if call["applied"]}.values() if may_be_doubled else calls
    broken = [*orphans(held, bars), *ghosts(held, bars), *doubles(held, bars, loans, once)]
    story = _story(operations, desk.sandbox.calls())
    assert not broken, "\n".join([*broken, story])
    assert not greens, f"green loans that still carry a number: {greens}\n{story}"
    if is_settled:
        assert [one.id for one in operations if one.state in OPEN] == [], f"still open\n{story}"


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
