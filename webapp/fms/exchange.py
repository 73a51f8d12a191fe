"""The exchange with FMS: call, then write the outcome to the ledger and to its subject in one transaction.

This room does not know what a loan is. Each kind of subject registers a room that is told what an outcome
means for it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import Flask, current_app
from sqlalchemy.orm import Session

from webapp import clock
from webapp.db import close_reading, db, writing
from webapp.fms import ledger
from webapp.fms.client import PATIENCE_SECONDS, fms
from webapp.fms.models import Kind, Operation, State
from webapp.fms.outcomes import UNREACHABLE, Fate, Outcome


class SubjectRoom(Protocol):
    """What a room must do for operations on its subjects, inside the transaction that writes the outcome."""

    def apply(self, session: Session, operation: Operation) -> None:
        """Bring the subject in line with `operation`, which has just been closed or become uncertain."""

    def can_take(self, session: Session, operation: Operation) -> bool:
        """Whether the subject still stands as `operation` supposes, so that what FMS says of it now, however
        late, can be applied."""


@dataclass(frozen=True)
class Ended:
    """How an operation stands after a call or a settlement."""

    operation_id: int
    kind: Kind
    state: State
    code: str
    sentence: str
    fms_request_id: int | None


def register_subject(app: Flask, kind: str, room: SubjectRoom) -> None:
    """Have `room` told of outcomes for subjects of `kind`."""
    app.extensions.setdefault("fms_subjects", {})[kind] = room


def carry_out(operation_id: int) -> Ended:
    """Call FMS for an operation that is `sending`, and write what came of it.

    Nothing is sent when somebody else has settled it meanwhile, or when this process slept past the
    deadline: then recovery may already have told people that it is safe to ask again.
    """
    operation = db.session.get_one(Operation, operation_id)
    kind, request, request_id = Kind(operation.kind), operation.request, operation.fms_request_id
    if operation.state != State.SENDING:
        return _ended(operation)
    latest_start = operation.created_at.timestamp() + PATIENCE_SECONDS
    close_reading()
    if clock.now().timestamp() > latest_start:
        return finish(operation_id, Outcome(Fate.NOT_SENT, UNREACHABLE))
    if kind is Kind.CREATE:
        assert request is not None
        outcome, sent_at = fms().create(request)
        return finish(operation_id, outcome, sent_at=sent_at)
    assert request_id is not None
    return finish(operation_id, fms().delete(request_id))


def finish(operation_id: int, outcome: Outcome, *, sent_at: datetime | None = None) -> Ended:
    """Write `outcome` to the operation and its subject together; a late one never undoes a better-known one."""
    with writing() as session:
        operation = session.get_one(Operation, operation_id, with_for_update=True)
        if sent_at is not None:
            operation.sent_at = sent_at
        if operation.kind == Kind.CREATE and outcome.fate is Fate.ACCEPTED:
            _accept(session, operation, outcome)
        elif operation.is_open:
            if outcome.fate is Fate.CONFIRMED and outcome.request_id is not None:
                ledger.refuse_taken(session, operation, outcome.request_id)
            _close(session, operation, outcome)
        elif operation.state == State.FAILED and outcome.fate is Fate.ACCEPTED and _can_take(session, operation):
            # A removal that had been given up was carried out after all.
            _close(session, operation, outcome)
        return _ended(operation)


def _accept(session: Session, operation: Operation, outcome: Outcome) -> None:
    """FMS holds a request of this operation: its subject takes it, or it is removed again."""
    number = outcome.request_id
    assert number is not None
    if operation.fms_request_id == number and not operation.is_open:
        return
    for other in ledger.mistaken_claims(session, operation, number):
        if _can_take(session, other):
            other.fms_request_id = None
            _close(session, other, Outcome(Fate.BY_HAND, f"Request #{number} has turned out to be another loan's."))
    if _can_take(session, operation):
        _close(session, operation, outcome)
        return
    # The number is kept, so that this request cannot be found, and removed or taken, a second time.
    if operation.is_open:
        ledger.close(operation, outcome)
    elif operation.fms_request_id is None:
        operation.fms_request_id, operation.error = number, ledger.LATE
    ledger.open_orphan(session, operation, number)


def _close(session: Session, operation: Operation, outcome: Outcome) -> None:
    ledger.close(operation, outcome)
    room = _rooms().get(operation.subject)
    if room is not None:
        room.apply(session, operation)


def _can_take(session: Session, operation: Operation) -> bool:
    room = _rooms().get(operation.subject)
    return room.can_take(session, operation) if room is not None else operation.is_open


def _rooms() -> dict[str, SubjectRoom]:
    rooms: dict[str, SubjectRoom] = current_app.extensions.get("fms_subjects", {})
    return rooms


def _ended(operation: Operation) -> Ended:
    """How the operation stands now, which is not always what the last answer said."""
    sentence = operation.error
    if operation.state == State.SUCCEEDED:
        is_create = operation.kind == Kind.CREATE
        number = f" (#{operation.fms_request_id})" if operation.fms_request_id else ""
        sentence = f"Requested in FMS{number}" if is_create else "Removed from FMS"
    return Ended(
        operation.id,
        Kind(operation.kind),
        State(operation.state),
        operation.code,
        sentence,
        operation.fms_request_id,
    )
