"""Rows of the ledger: opened before FMS is called, closed with its outcome, inside the caller's transaction."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Company
from webapp.db import LARGEST, writing
from webapp.errors import InvalidInput, Refusal
from webapp.fms.client import fms
from webapp.fms.models import OPEN, Kind, Operation, State
from webapp.fms.outcomes import FAILED, SUCCEEDED, Fate, Outcome

# What no loan of ours can take is its own subject: two of one loan must not get into each other's way.
ORPHAN = "orphan "
LATE = "FMS confirmed this request after it had been given up. We remove it again."
REFERENCE_PREFIX = "MP-"


class InProgress(Refusal):
    """Something is already under way for this subject; nothing else may be asked until it is settled."""

    code = "in_progress"


@dataclass(frozen=True)
class Subject:
    """What an operation is for: a kind of subject, its id, where it belongs, and how people call it."""

    kind: str
    assignment_id: int
    company_id: int
    office: str
    label: str


def refuse_if_open(session: Session, subject_kind: str, assignment_id: int) -> None:
    """Raise `InProgress` where an operation on this subject is being sent or is not confirmed."""
    state = session.scalar(
        select(Operation.state).where(
            Operation.subject == subject_kind,
            Operation.assignment_id == assignment_id,
            Operation.state.in_(OPEN),
        )
    )
    if state == State.SENDING:
        raise InProgress("This loan is being sent to FMS right now. Wait for its answer.", code="sending")
    if state == State.UNCERTAIN:
        raise InProgress("FMS has not confirmed the last action on this loan yet. We are checking.", code="uncertain")


def open_create(
    session: Session,
    subject: Subject,
    actor: Actor,
    *,
    requestor_id: int,
    body: dict[str, Any],
    reference: str,
    purpose: str = "",
    batch_id: str | None = None,
) -> Operation:
    """A create about to be sent; `purpose` as for deletes. Raises `InProgress` when another was quicker."""
    values = {"requestor_id": requestor_id, "request": body, "purpose": purpose}
    return _open(session, subject, actor, Kind.CREATE, reference, batch_id, **values)


def open_delete(
    session: Session,
    subject: Subject,
    actor: Actor,
    *,
    fms_request_id: int,
    purpose: str,
    batch_id: str | None = None,
) -> Operation:
    """A delete about to be sent; `purpose` is handed back with its outcome. Raises `InProgress`."""
    return _open(
        session,
        subject,
        actor,
        Kind.DELETE,
        new_reference(),
        batch_id,
        fms_request_id=fms_request_id,
        purpose=purpose,
    )


def open_orphan(session: Session, create: Operation, fms_request_id: int) -> None:
    """The removal of a request that FMS holds and no loan of ours can take: recovery repeats it until done.

    One that is under way, or that a person has ended, is not begun again.
    """
    subject, now = f"{ORPHAN}{fms_request_id}", clock.now()
    known = select(Operation.id).where(Operation.subject == subject, Operation.state.in_([*OPEN, State.FAILED]))
    if session.scalar(known.limit(1)) is not None:
        return
    orphan = Operation(
        reference=new_reference(),
        company_id=create.company_id,
        office=create.office,
        kind=Kind.DELETE,
        state=State.UNCERTAIN,
        subject=subject,
        assignment_id=create.assignment_id,
        label=create.label,
        fms_request_id=fms_request_id,
        user_id=create.user_id,
        requested_by=create.requested_by,
        error=LATE,
        code="late",
        created_at=now,
        sent_at=now,
        deadline_at=now,
    )
    session.add(orphan)


def refuse_taken(session: Session, operation: Operation, fms_request_id: int) -> None:
    """Raise `InvalidInput` where another operation has this number; nobody can take it until the transaction ends."""
    # Two people may enter one number for two loans at once; the company's row is where they meet.
    session.execute(select(Company.id).where(Company.id == operation.company_id).with_for_update(key_share=True))
    taken = session.scalar(
        select(Operation.label)
        .where(
            Operation.company_id == operation.company_id,
            Operation.kind == Kind.CREATE,
            Operation.fms_request_id == fms_request_id,
            Operation.id != operation.id,
        )
        .limit(1)
    )
    if taken is not None:
        sentence = f"Request #{fms_request_id} already belongs to {taken}."
        raise InvalidInput(sentence, fields={"number": sentence}, code="number_taken")


def mistaken_claims(session: Session, operation: Operation, fms_request_id: int) -> list[Operation]:
    """Operations for which a person named a number that FMS has now said to be that of `operation`."""
    return list(
        session.scalars(
            select(Operation)
            .where(
                Operation.company_id == operation.company_id,
                Operation.kind == Kind.CREATE,
                Operation.fms_request_id == fms_request_id,
                Operation.id != operation.id,
                Operation.code == Fate.CONFIRMED,
            )
            .with_for_update()
        )
    )


def record_refusal(
    subject: Subject,
    actor: Actor,
    kind: Kind,
    refusal: Refusal,
    *,
    requestor_id: int | None,
    batch_id: str | None,
) -> None:
    """Keep an attempt that was refused before anything was sent, in a transaction of its own."""
    with writing() as session:
        row = _row(subject, actor, kind, new_reference(), batch_id, requestor_id=requestor_id)
        row.state = State.REFUSED
        row.error, row.code = refusal.sentence, refusal.code
        row.finished_at = row.created_at
        row.milliseconds = 0
        session.add(row)


def close(operation: Operation, outcome: Outcome) -> None:
    """Write what became of it. An outcome that leaves it unknown keeps it open, as uncertain."""
    operation.http_status = outcome.http_status
    operation.answer = outcome.answer
    operation.code = outcome.fate
    succeeded = outcome.fate in SUCCEEDED
    operation.error = "" if succeeded else outcome.sentence
    if succeeded or outcome.fate in FAILED:
        operation.state = State.SUCCEEDED if succeeded else State.FAILED
        operation.finished_at = clock.now()
        took = operation.finished_at - operation.created_at
        # One that stayed uncertain for a month would break the column, and so could never be settled.
        operation.milliseconds = min(int(took.total_seconds() * 1000), LARGEST)
    else:
        operation.state = State.UNCERTAIN
    if outcome.request_id is not None:
        operation.fms_request_id = outcome.request_id


def new_reference() -> str:
    """A name for one operation that FMS carries in its notes; never used twice."""
    return REFERENCE_PREFIX + secrets.token_hex(8)


def is_open(session: Session, subject_kind: str, assignment_id: int) -> bool:
    """Whether an operation on this subject is being sent or not confirmed."""
    return bool(states_of(session, subject_kind, [assignment_id]))


def states_of(session: Session, subject_kind: str, assignment_ids: Iterable[int]) -> dict[int, State]:
    """The open operations of these subjects: id → `SENDING` or `UNCERTAIN`."""
    rows = session.execute(
        select(Operation.assignment_id, Operation.state).where(
            Operation.subject == subject_kind,
            Operation.state.in_(OPEN),
            Operation.assignment_id.in_(list(assignment_ids)),
        )
    )
    return {assignment_id: State(state) for assignment_id, state in rows}


def _open(
    session: Session,
    subject: Subject,
    actor: Actor,
    kind: Kind,
    reference: str,
    batch_id: str | None,
    **values: Any,
) -> Operation:
    refuse_if_open(session, subject.kind, subject.assignment_id)
    row = _row(subject, actor, kind, reference, batch_id, **values)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise InProgress("This loan is being sent to FMS right now. Wait for its answer.", code="sending") from error
    return row


def _row(subject: Subject, actor: Actor, kind: Kind, reference: str, batch_id: str | None, **values: Any) -> Operation:
    now = clock.now()
    return Operation(
        reference=reference,
        company_id=subject.company_id,
        office=subject.office,
        kind=kind,
        state=State.SENDING,
        subject=subject.kind,
        assignment_id=subject.assignment_id,
        label=subject.label,
        user_id=actor.user_id,
        requested_by=actor.name,
        batch_id=batch_id,
        created_at=now,
        sent_at=now,
        deadline_at=now + timedelta(seconds=fms().longest_seconds),
        **values,
    )
