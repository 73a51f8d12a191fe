"""What other rooms ask about companies, offices and people."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import tokens
from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.accounts.models import Company, Location, User, UserSession, user_locations
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.accounts.sign_in import API_CLIENT
from webapp.accounts.signed_in import ABSOLUTE, IDLE, actor_from
from webapp.db import db

# When the person was last here; sign-ins are kept for a week.
_LAST_SEEN = (
    select(func.max(UserSession.last_seen_at)).where(UserSession.user_id == User.id).correlate(User).scalar_subquery()
)


@dataclass(frozen=True)
class Person:
    """A person as lists and the account page show them. `locations` sorted by name.

    `mark` tells whether somebody has changed them since; `last_seen_at` is None for who never signed in of late.
    """

    id: int
    company_id: int
    email: str
    name: str
    role: Role
    company: str
    fms_user_id: int | None
    is_active: bool
    must_change_password: bool
    locations: tuple[str, ...]
    mark: str
    has_second_factor: bool = False
    last_seen_at: datetime | None = None

    @property
    def may_plan(self) -> bool:
        """Whether the role plans loans, and so needs to be known to FMS."""
        return Permission.PLAN_LOANS in TABLE[self.role]

    @property
    def sees_all_locations(self) -> bool:
        """Whether the role sees every location of the company, whatever `locations` say."""
        return Permission.ALL_LOCATIONS in TABLE[self.role]


@dataclass(frozen=True)
class OpenSession:
    """A live sign-in of a person."""

    id: int
    browser: str
    address: str
    started_at: datetime
    last_seen_at: datetime


def offices(actor: Actor) -> list[str]:
    """Names of the offices in the actor's scope, sorted; empty for a person without locations."""
    return list(
        db.session.scalars(
            select(Location.name)
            .where(Location.is_office, in_scope(actor, Location.company_id, Location.name))
            .distinct()
            .order_by(Location.name)
        )
    )


def zone_of(company_id: int, office: str) -> tzinfo:
    """The zone in which a day begins at `office`: its own, or the one of the settings."""
    name = db.session.scalar(
        select(Location.timezone).where(Location.company_id == company_id, Location.name == office)
    )
    default: tzinfo = current_app.extensions["settings"].zone
    return ZoneInfo(name) if name else default


def company_named(name: str) -> int | None:
    """The id of the company called `name`, or None."""
    return db.session.scalar(select(Company.id).where(Company.name == name))


def actor_of(user_id: int) -> Actor | None:
    """The person as an actor, for work done in their name later; None when unknown or deactivated."""
    user = db.session.scalar(select(User).where(User.id == user_id, User.is_active))
    return actor_from(user, frozenset(_locations_of(db.session(), [user_id]).get(user_id, ()))) if user else None


def people(actor: Actor) -> list[Person]:
    """Everybody of whom the actor may know, by e-mail. Raises `Forbidden`."""
    actor.require(Permission.MANAGE_USERS)
    rows = db.session.execute(
        select(User, Company.name, _LAST_SEEN)
        .join(Company, Company.id == User.company_id)
        .where(in_company(actor, User.company_id))
        .order_by(User.email)
    ).all()
    named = _locations_of(db.session(), [user.id for user, *_ in rows])
    return [_person(user, company, named.get(user.id, ()), seen) for user, company, seen in rows]


def companies(actor: Actor) -> list[tuple[int, str]]:
    """Id and name of the companies whose people the actor manages, by name; never empty. Raises `Forbidden`."""
    actor.require(Permission.MANAGE_USERS)
    rows = db.session.execute(
        select(Company.id, Company.name).where(in_company(actor, Company.id)).order_by(Company.name)
    )
    return [(number, name) for number, name in rows]


def location_names(company_id: int) -> list[str]:
    """The names of all offices and branches of a company, sorted."""
    return list(
        db.session.scalars(select(Location.name).where(Location.company_id == company_id).order_by(Location.name))
    )


def person(user_id: int) -> Person:
    """One person, who exists."""
    user, company, seen = db.session.execute(
        select(User, Company.name, _LAST_SEEN).join(Company, Company.id == User.company_id).where(User.id == user_id)
    ).one()
    return _person(user, company, _locations_of(db.session(), [user_id]).get(user_id, ()), seen)


def mark_of(session: Session, user: User) -> str:
    """What changes whenever somebody manages the person: see `Person.mark`."""
    return _mark(user, _locations_of(session, [user.id]).get(user.id, ()))


def open_sessions(user_id: int) -> list[OpenSession]:
    """The person's live sign-ins, last used first; bearer tokens while they are good."""
    now = clock.now()
    columns = (
        UserSession.id,
        UserSession.browser,
        UserSession.address,
        UserSession.started_at,
        UserSession.last_seen_at,
    )
    rows = db.session.execute(
        select(*columns)
        .where(
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.last_seen_at > now - IDLE,
            UserSession.started_at > now - ABSOLUTE,
            or_(UserSession.browser != API_CLIENT, UserSession.started_at > now - tokens.LIFETIME),
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    )
    return [OpenSession(*row) for row in rows]


def _mark(user: User, locations: tuple[str, ...]) -> str:
    # With the password: a page that is sent a second time gives nobody another temporary one.
    state = repr((user.name, user.role, user.fms_user_id, user.is_active, user.password_hash, locations))
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def _person(user: User, company: str, locations: tuple[str, ...], last_seen_at: datetime | None) -> Person:
    return Person(
        id=user.id,
        company_id=user.company_id,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        company=company,
        fms_user_id=user.fms_user_id,
        is_active=user.is_active,
        must_change_password=user.must_change_password,
        locations=locations,
        mark=_mark(user, locations),
        has_second_factor=user.second_factor_since is not None,
        last_seen_at=last_seen_at,
    )


def _locations_of(session: Session, user_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    rows = session.execute(
        select(user_locations.c.user_id, Location.name)
        .join(Location, Location.id == user_locations.c.location_id)
        .where(user_locations.c.user_id.in_(user_ids))
        .order_by(Location.name)
    )
    for user_id, name in rows:
        found[user_id] = (*found.get(user_id, ()), name)
    return found
