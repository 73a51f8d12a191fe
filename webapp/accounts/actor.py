"""Who is acting: the signed-in person as a value, with what the permission table gives them and where."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.errors import Forbidden


@dataclass(frozen=True)
class Actor:
    """A person, or the system itself (`user_id` None), at the moment of acting.

    `locations` are the names of the person's own offices and branches; who may see all locations of the
    company is not limited by them.
    """

    user_id: int | None
    name: str
    role: Role
    company_id: int
    fms_user_id: int | None = None
    locations: frozenset[str] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Whether the permission table gives this role `permission`."""
        return permission in TABLE[self.role]

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the table gives `permission`."""
        if not self.may(permission):
            raise Forbidden

    def reaches(self, company_id: int, location: str | None) -> bool:
        """Whether something of `company_id` at `location` (None: at no location of ours) is in scope."""
        if company_id != self.company_id and not self.may(Permission.ALL_COMPANIES):
            return False
        return location is None or self.may(Permission.ALL_LOCATIONS) or location in self.locations


def in_company(actor: Actor, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that keeps a query to the actor's company, or to none in particular."""
    return true() if actor.may(Permission.ALL_COMPANIES) else column == actor.company_id


def in_scope(
    actor: Actor, company: InstrumentedAttribute[int], location: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """The condition that keeps a query to what the actor may see: `Actor.reaches`, for the database."""
    if actor.may(Permission.ALL_LOCATIONS):
        return in_company(actor, company)
    return and_(in_company(actor, company), location.in_(sorted(actor.locations)))
