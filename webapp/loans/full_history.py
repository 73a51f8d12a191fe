"""Everything that is known of a loan's past: what was done, what FMS answered, what was noted; of deleted ones too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.errors import NotFound
from webapp.fms.models import Kind, Operation, State
from webapp.loans import queries
from webapp.loans.models import LoanEvent, LoanNote
from webapp.loans.states import LOAN

ASKED = {Kind.CREATE: "Asked FMS for the loan", Kind.DELETE: "Asked FMS to take the request back"}
NEVER = "There is no such loan, or you may not see it."


@dataclass(frozen=True)
class FmsAnswer:
    """What FMS made of something that was asked of it. `words` are FMS's own, or ours where it had none."""

    outcome: str
    http_status: int | None
    milliseconds: int | None
    sent_at: datetime | None
    fms_request_id: int | None
    reference: str
    words: str


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `kind`: done, fms or note."""

    happened_at: datetime
    who: str
    text: str
    kind: str
    fms: FmsAnswer | None = None


@dataclass(frozen=True)
class Past:
    """All of it, newest first, with where the loan is or was. `title`: how people call the loan."""

    company_id: int
    office: str
    title: str
    is_there: bool
    entries: tuple[Entry, ...]


def past_of(actor: Actor, assignment_id: int) -> Past:
    """The loan's past. Raises `NotFound` where the actor may not see the loan, or might not have while it was there."""
    session: Session = db.session()
    found = queries.loans(actor, [assignment_id])
    operations = list(session.scalars(select(Operation).where(*_of(assignment_id)).order_by(Operation.id)))
    events = list(
        session.scalars(select(LoanEvent).where(LoanEvent.assignment_id == assignment_id).order_by(LoanEvent.id))
    )
    notes = list(session.scalars(select(LoanNote).where(LoanNote.assignment_id == assignment_id).order_by(LoanNote.id)))
    entries = sorted(
        (*map(_done, events), *map(_asked, operations), *_noted(notes)),
        key=lambda entry: entry.happened_at,
        reverse=True,
    )
    if found:
        loan = found[0]
        return Past(
            loan.company_id, loan.office, queries.labels_of(actor, [loan.id]).get(loan.id, ""), True, tuple(entries)
        )
    company_id, office, title = _place(session, actor, assignment_id, events, operations)
    return Past(company_id, office, title, False, tuple(entries))


def count(assignment_id: int) -> int:
    """How many entries the past of a loan has that one has been shown."""
    session: Session = db.session()
    of_loan = (
        select(func.count()).select_from(LoanEvent).where(LoanEvent.assignment_id == assignment_id).scalar_subquery(),
        select(func.count()).select_from(Operation).where(*_of(assignment_id)).scalar_subquery(),
        select(func.count()).select_from(LoanNote).where(LoanNote.assignment_id == assignment_id).scalar_subquery(),
    )
    return int(session.scalar(select(of_loan[0] + of_loan[1] + of_loan[2])) or 0)


def _of(assignment_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Operation.subject == LOAN, Operation.assignment_id == assignment_id


def _place(
    session: Session,
    actor: Actor,
    assignment_id: int,
    events: list[LoanEvent],
    operations: list[Operation],
) -> tuple[int, str, str]:
    """Where a loan that is gone belonged, as its history or the ledger says; else who sees every office may look."""
    if not events and not operations:
        raise NotFound(NEVER)
    if queries.exists_anywhere(assignment_id):
        raise NotFound(NEVER)
    said = [(event.company_id, event.office) for event in reversed(events) if event.office]
    said += [(operation.company_id, operation.office) for operation in reversed(operations)]
    title = operations[-1].label if operations else _named(events)
    if said and said[0][0] is not None:
        company_id, office = said[0][0], said[0][1] or ""
        if not actor.reaches(company_id, office):
            raise NotFound(NEVER)
        return company_id, office, title
    writers = {event.user_id for event in events if event.user_id is not None}
    companies = set(session.scalars(select(User.company_id).where(User.id.in_(writers))))
    is_theirs = len(companies) == 1 and actor.reaches(next(iter(companies)), None)
    if not actor.may(Permission.ALL_LOCATIONS) or not (is_theirs or actor.may(Permission.ALL_COMPANIES)):
        raise NotFound(NEVER)
    return next(iter(companies), actor.company_id), "", title


def _named(events: list[LoanEvent]) -> str:
    """What its last sentence calls it."""
    return next((event.text.removeprefix("Deleted ").rstrip(".") for event in reversed(events)), "")


def _done(event: LoanEvent) -> Entry:
    return Entry(event.happened_at, event.actor_name, event.text, "done")


def _asked(operation: Operation) -> Entry:
    if operation.state == State.REFUSED:
        return Entry(operation.created_at, operation.requested_by, f"Not sent to FMS: {operation.error}", "fms")
    answer = FmsAnswer(
        outcome=operation.state,
        http_status=operation.http_status,
        milliseconds=operation.milliseconds,
        sent_at=operation.sent_at,
        fms_request_id=operation.fms_request_id,
        reference=operation.reference,
        words=operation.answer or operation.error,
    )
    return Entry(operation.created_at, operation.requested_by, f"{ASKED[Kind(operation.kind)]}.", "fms", answer)


def _noted(notes: Iterable[LoanNote]) -> Iterable[Entry]:
    for note in notes:
        if note.removed_at is None:
            yield Entry(note.written_at, note.actor_name, note.text, "note")
        else:
            yield Entry(note.written_at, note.actor_name, "A note, taken back since.", "note")
            yield Entry(note.removed_at, note.actor_name, "Took a note back.", "note")
