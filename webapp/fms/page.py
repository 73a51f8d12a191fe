"""The ledger as the page prints it: every operation in words, and what a person may say of an uncertain one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from webapp.fms.models import Kind, Operation, State

STATE_WORDS = {
    State.SENDING: "Sending",
    State.SUCCEEDED: "Done",
    State.FAILED: "Failed",
    State.UNCERTAIN: "Not confirmed",
    State.REFUSED: "Not sent",
}
KIND_WORDS = {Kind.CREATE: "Request", Kind.DELETE: "Removal"}


@dataclass(frozen=True)
class Settlement:
    """The ways to settle an operation. `number` is what was typed, `fault` what is wrong with it."""

    address: str
    reference: str
    asks_number: bool
    present: str
    absent: str
    number: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Line:
    """One operation. `state` is also the class of its badge; `settlement` None: nothing to say, or not for them.

    `name` and `days` are the two halves of `label`, which end it with its days.
    """

    id: int
    when: str
    zone: str
    kind: str
    state: str
    state_word: str
    label: str
    name: str
    days: str
    loan_address: str
    history_address: str
    by: str
    as_user: str
    number: str
    milliseconds: str
    reason: str
    settlement: Settlement | None


@dataclass(frozen=True)
class Fault:
    """What is wrong with the number given for one operation."""

    operation_id: int
    number: str
    sentence: str


def lines_of(
    operations: Iterable[Operation], zone: tzinfo, *, may_settle: bool, query: str, fault: Fault | None = None
) -> list[Line]:
    """The lines of a page; `query` is what its addresses carry so that filter and page survive."""
    return [
        _line(operation, zone, _settlement(operation, query, fault) if may_settle else None) for operation in operations
    ]


def _line(operation: Operation, zone: tzinfo, settlement: Settlement | None) -> Line:
    at = operation.created_at.astimezone(zone)
    state = State(operation.state)
    took = operation.milliseconds
    name, _, days = operation.label.rpartition(", ")
    return Line(
        id=operation.id,
        when=at.strftime("%m-%d-%y %H:%M:%S"),
        zone=at.strftime("%Z"),
        kind=KIND_WORDS[Kind(operation.kind)],
        state=state.value,
        state_word=STATE_WORDS[state],
        label=operation.label,
        name=name or operation.label,
        days=days if name else "",
        loan_address=f"/calendar?loan={operation.assignment_id}",
        history_address=f"/calendar/loans/{operation.assignment_id}/history",
        by=operation.requested_by,
        as_user=f"as FMS user {operation.requestor_id}" if operation.requestor_id else "",
        number=f"#{operation.fms_request_id}" if operation.fms_request_id else "",
        milliseconds=f"{took:,} ms" if took is not None and state is not State.REFUSED else "",
        reason=operation.error,
        settlement=settlement if state is State.UNCERTAIN else None,
    )


def _settlement(operation: Operation, query: str, fault: Fault | None) -> Settlement:
    is_create = operation.kind == Kind.CREATE
    mine = fault if fault is not None and fault.operation_id == operation.id else None
    return Settlement(
        address=f"/fms/operations/{operation.id}/settle{query}",
        reference=operation.reference if is_create else f"#{operation.fms_request_id}",
        asks_number=is_create,
        present="It is in FMS" if is_create else "It is still in FMS",
        absent="It is not in FMS",
        number=mine.number if mine else "",
        fault=mine.sentence if mine else "",
    )
