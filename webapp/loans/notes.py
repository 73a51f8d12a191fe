"""Notes on a loan: what a person wants everybody to know of it. Never changed; taken back by whoever wrote it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import db, writing
from webapp.errors import Forbidden, InvalidInput, NotFound
from webapp.loans.loan import loan_for
from webapp.loans.models import LoanNote

MOST = 2000
# What a bar can say of its newest note.
BRIEF = 160


@dataclass(frozen=True)
class Note:
    """A note as it is read. `is_own`: the reader wrote it and may take it back."""

    id: int
    written_at: datetime
    writer: str
    text: str
    is_own: bool


def add(actor: Actor, assignment_id: int, text: str) -> None:
    """Write a note on a loan that the actor may plan. Raises `InvalidInput`, `NotFound`, `Forbidden`."""
    actor.require(Permission.PLAN_LOANS)
    said = _readable(text)
    if not said:
        raise InvalidInput("Write something first.", fields={"text": "Write something first."})
    if len(said) > MOST:
        sentence = f"A note has at most {MOST:,} characters; this one has {len(said):,}."
        raise InvalidInput(sentence, fields={"text": sentence})
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        session.add(
            LoanNote(
                company_id=loan.company_id,
                assignment_id=loan.id,
                user_id=actor.user_id,
                actor_name=actor.name,
                text=said,
                written_at=clock.now(),
            )
        )


def take_back(actor: Actor, assignment_id: int, note_id: int) -> None:
    """Take one's own note off the loan; the history keeps that there was one. Raises `NotFound`, `Forbidden`."""
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        note = session.get(LoanNote, note_id, with_for_update=True)
        if note is None or note.assignment_id != loan.id or note.removed_at is not None:
            raise NotFound("This note is not there any more.")
        if note.user_id != actor.user_id:
            raise Forbidden("Only whoever wrote a note can take it back.")
        note.removed_at = clock.now()


def of_loan(actor: Actor, assignment_id: int) -> tuple[Note, ...]:
    """The notes that stand on a loan which the actor has been shown, newest first."""
    session: Session = db.session()
    rows = session.scalars(
        select(LoanNote)
        .where(LoanNote.assignment_id == assignment_id, LoanNote.removed_at.is_(None))
        .order_by(LoanNote.id.desc())
    )
    is_writer = actor.may(Permission.PLAN_LOANS)
    return tuple(
        Note(row.id, row.written_at, row.actor_name, row.text, is_writer and row.user_id == actor.user_id)
        for row in rows
    )


def brief(text: str) -> str:
    """A note in the middle of a sentence: one line, and not all of a long one."""
    line = " ".join(text.split())
    return line if len(line) <= BRIEF else f"{line[: BRIEF - 1].rstrip()}…"


def _readable(text: str) -> str:
    # What no database keeps and nobody can read: NUL and halves of characters.
    return text.replace("\x00", "").replace("\r\n", "\n").encode(errors="replace").decode().strip()
