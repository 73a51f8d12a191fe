"""What other rooms ask about companies, offices and people."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import or_, select

from webapp import clock
from webapp.accounts import tokens
from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.accounts.models import Company, Location, User, UserSession, user_locations
from webapp.accounts.permissions import Permission, Role
from webapp.accounts.sign_in import API_CLIENT
from webapp.accounts.signed_in import ABSOLUTE, IDLE, actor_from
from webapp.db import db


@dataclass(frozen=True)
class Person:
    """A person as lists and the account page show them. `locations` sorted by name."""

    id: int
    email: str
    name: str
    role: Role
    company: str
    fms_user_id: int | None
    is_active: bool
    must_change_password: bool
    locations: tuple[str, ...]


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
    return actor_from(user, frozenset(_locations_of([user_id]).get(user_id, ()))) if user else None


def people(actor: Actor) -> list[Person]:
    """Everybody the actor may manage, by e-mail. Raises `Forbidden`."""
    actor.require(Permission.MANAGE_USERS)
    rows = db.session.execute(
        select(User, Company.name).join(Company).where(in_company(actor, User.company_id)).order_by(User.email)
    ).all()
    named = _locations_of([user.id for user, _ in rows])
    return [_person(user, company, named.get(user.id, ())) for user, company in rows]


def person(user_id: int) -> Person:
    """One person, who exists."""
    user, company = db.session.execute(select(User, Company.name).join(Company).where(User.id == user_id)).one()
    return _person(user, company, _locations_of([user_id]).get(user_id, ()))


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


def _person(user: User, company: str, locations: tuple[str, ...]) -> Person:
    return Person(
        id=user.id,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        company=company,
        fms_user_id=user.fms_user_id,
        is_active=user.is_active,
        must_change_password=user.must_change_password,
        locations=locations,
    )


def _locations_of(user_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    rows = db.session.execute(
        select(user_locations.c.user_id, Location.name)
        .join(Location, Location.id == user_locations.c.location_id)
        .where(user_locations.c.user_id.in_(user_ids))
        .order_by(Location.name)
    )
    for user_id, name in rows:
        found[user_id] = (*found.get(user_id, ()), name)
    return found
