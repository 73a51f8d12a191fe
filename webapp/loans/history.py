"""What happened to a loan, written beside every change and never changed."""

from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.loans.models import LoanEvent

SYSTEM = "Motorpool"
# Who decided what its calendar and its look-up tell us.
FMS = "FMS"


def note(session: Session, assignment_id: int, actor: Actor | None, text: str, *, by: str = SYSTEM) -> None:
    """Add one sentence to the loan's history; `actor` None: `by`, which is no person, did it."""
    session.add(
        LoanEvent(
            assignment_id=assignment_id,
            happened_at=clock.now(),
            user_id=actor.user_id if actor else None,
            actor_name=actor.name if actor else by,
            # What no database keeps and nobody can read: NUL and halves of characters.
            text=text.replace("\x00", "").encode(errors="replace").decode(),
        )
    )
