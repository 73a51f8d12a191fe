"""What a person may look at here: offices by scope, vehicles by where they stand, partners by where they are listed."""

from sqlalchemy import bindparam, select

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.db import db
from webapp.errors import NotFound

OFFICES = select(Location.name).where(Location.company_id == bindparam("company_id"), Location.is_office)


def require_office(actor: Actor, office: str) -> None:
    """Raise `NotFound` unless `office` is one of the actor's company and in their scope."""
    # Compared here, not in the database: whatever was sent as a name, the question stays the same.
    known = set(db.session.scalars(OFFICES, {"company_id": actor.company_id}))
    if office not in known or not actor.reaches(actor.company_id, office):
        raise NotFound(f"There is no office {office[:60]} that you may see.")
