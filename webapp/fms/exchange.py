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

    def adopt_late(self, session: Session, operation: Operation, fms_request_id: int) -> bool:
        """Take a request that FMS confirmed after it had been given up; False where that is impossible now."""


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
        return _ended(operation, operation.error)
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
        if operation.is_open:
            ledger.close(operation, outcome)
            _tell(session, operation)
        elif outcome.fate is Fate.ACCEPTED and operation.kind == Kind.CREATE:
            _accept_late(session, operation, outcome)
        return _ended(operation, outcome.sentence)


def _accept_late(session: Session, operation: Operation, outcome: Outcome) -> None:
    """FMS holds a request of an operation that was already closed: the loan takes it, or it is removed again."""
    number = outcome.request_id
    assert number is not None
    if operation.state == State.SUCCEEDED and operation.fms_request_id == number:
        return
    room = _rooms().get(operation.subject)
    if operation.state == State.FAILED and room is not None and room.adopt_late(session, operation, number):
        ledger.close(operation, outcome)
        return
    if operation.state == State.FAILED:
        # So that the request cannot be found, and removed, a second time.
        operation.fms_request_id = number
    ledger.open_orphan(session, operation, number)


def _tell(session: Session, operation: Operation) -> None:
    room = _rooms().get(operation.subject)
    if room is not None:
        room.apply(session, operation)


def _rooms() -> dict[str, SubjectRoom]:
    rooms: dict[str, SubjectRoom] = current_app.extensions.get("fms_subjects", {})
    return rooms


def _ended(operation: Operation, sentence: str) -> Ended:
    return Ended(
        operation.id,
        Kind(operation.kind),
        State(operation.state),
        operation.code,
        sentence,
        operation.fms_request_id,
    )
