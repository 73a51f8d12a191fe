"""What happened to a loan, written beside every change and never changed."""

from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.queries import zone_of
from webapp.loans.models import Assignment, LoanEvent

SYSTEM = "Motorpool"
# Who decided what its calendar and its look-up tell us.
FMS = "FMS"
MOST_TOLD = 5


def note(session: Session, assignment_id: int, actor: Actor | None, text: str, *, by: str = SYSTEM) -> None:
    """Add one sentence to the loan's history; `actor` None: `by`, which is no person, did it.

    Called after `touch`: what a page drawn before did not know yet is told by the version that it had.
    """
    loan = session.get(Assignment, assignment_id)
    session.add(
        LoanEvent(
            assignment_id=assignment_id,
            happened_at=clock.now(),
            user_id=actor.user_id if actor else None,
            actor_name=actor.name if actor else by,
            # What no database keeps and nobody can read: NUL and halves of characters.
            text=text.replace("\x00", "").encode(errors="replace").decode(),
            version=loan.version if loan is not None else None,
            company_id=loan.company_id if loan is not None else None,
            office=loan.office if loan is not None else None,
        )
    )


def told_since(session: Session, loan: Assignment, version: int) -> tuple[str, ...]:
    """What happened to the loan after it had `version`, oldest first: who, when at its office, what; the last five."""
    rows = session.execute(
        select(LoanEvent.actor_name, LoanEvent.happened_at, LoanEvent.text)
        .where(LoanEvent.assignment_id == loan.id, LoanEvent.version > version)
        .order_by(LoanEvent.id.desc())
        .limit(MOST_TOLD)
    ).all()
    zone = zone_of(loan.company_id, loan.office)
    return tuple(f"{row.actor_name}, {_time(row.happened_at, zone)}: {row.text}" for row in reversed(rows))


def _time(instant: datetime, zone: tzinfo) -> str:
    local = instant.astimezone(zone)
    return local.strftime("%H:%M %Z" if local.date() == clock.today(zone) else "%m-%d-%y %H:%M %Z")
