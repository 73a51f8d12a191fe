"""Private addresses under which other calendars read loans: made, listed, revoked, and followed when they are read.

An address opens what its owner may see at that moment. It opens nothing any more once it is revoked, once its owner
is shut out, must choose a new password or has a role without loans, or once its subject is out of their reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import tokens
from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import User
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import actor_of, offices
from webapp.accounts.signed_in import asks_second_factor_of
from webapp.calendar.models import CalendarLink, LinkKind
from webapp.db import LARGEST, db, writing
from webapp.errors import Forbidden, NotFound, Refusal
from webapp.fleet.models import Partner, Vehicle
from webapp.fleet.names import full_name, normal_vin

# Of one person, at a time.
MOST_LINKS = 50
# Reading is noted at most that often: calendars ask many times a day, and each note is a write.
NOTED_EVERY = timedelta(minutes=10)
log = structlog.get_logger(__name__)


class TooManyLinks(Refusal):
    """The person has as many as one may have."""

    code = "too_many_links"

    def __init__(self) -> None:
        super().__init__(f"You have {MOST_LINKS} calendar links, and more than that nobody has. Revoke one first.")


@dataclass(frozen=True)
class Subject:
    """What a link is of: `key` is the office's name, the VIN or FMS's person id. `vehicle_row_id` is ours."""

    kind: LinkKind
    company_id: int
    key: str
    title: str
    vehicle_row_id: int | None = None


@dataclass(frozen=True)
class Link:
    """One of a person's own links. `is_open` False: its subject is out of their reach now."""

    id: int
    kind: LinkKind
    title: str
    made_at: datetime
    last_read_at: datetime | None
    is_open: bool


@dataclass(frozen=True)
class Feed:
    """What an address opens: for whom, and of what."""

    link_id: int
    owner: Actor
    subject: Subject
    made_at: datetime
    last_read_at: datetime | None


def subject_of(actor: Actor, kind: LinkKind, key: str) -> Subject:
    """What a link of that kind would be of. Raises `NotFound` for what the person may not see."""
    found: Subject | None = None
    if kind is LinkKind.OFFICE and key in offices(actor):
        found = Subject(kind, actor.company_id, key, key)
    elif kind is LinkKind.VEHICLE:
        found = _vehicle(actor, key)
    elif kind is LinkKind.PARTNER:
        found = _partner(actor, key)
    if found is None:
        raise NotFound(f"There is no such {kind} that you may see.")
    return found


def make_link(actor: Actor, kind: LinkKind, key: str) -> tuple[Subject, str]:
    """A new address of one's own; the token in it is told once. Raises `Forbidden`, `NotFound`, `TooManyLinks`."""
    actor.require(Permission.VIEW_LOANS)
    if actor.user_id is None:
        raise Forbidden
    token = tokens.new_session_token()
    with writing() as session:
        subject = subject_of(actor, kind, key)
        # Two at once count one after the other.
        session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
        if _count(session, actor.user_id) >= MOST_LINKS:
            raise TooManyLinks
        session.add(
            CalendarLink(
                company_id=subject.company_id,
                user_id=actor.user_id,
                kind=kind,
                subject=subject.key,
                title=subject.title[:200],
                token_hash=tokens.fingerprint(token),
                created_at=clock.now(),
            )
        )
    log.info("calendar link made", user_id=actor.user_id, kind=str(kind))
    return subject, token


def links_of(actor: Actor) -> list[Link]:
    """One's own links that are not revoked, newest first."""
    rows = db.session.scalars(
        select(CalendarLink)
        .where(CalendarLink.user_id == actor.user_id, CalendarLink.revoked_at.is_(None))
        .order_by(CalendarLink.id.desc())
    ).all()
    within_reach = _within_reach(actor, rows)
    return [
        Link(row.id, LinkKind(row.kind), row.title, row.created_at, row.last_read_at, row.id in within_reach)
        for row in rows
    ]


def revoke(actor: Actor, link_id: int) -> str:
    """Close one of one's own links for good; its title. Raises `NotFound`, also where it is revoked already."""
    with writing() as session:
        row = session.scalar(
            select(CalendarLink).where(
                CalendarLink.id == link_id, CalendarLink.user_id == actor.user_id, CalendarLink.revoked_at.is_(None)
            )
        )
        if row is None:
            raise NotFound("You have no such link, or it is revoked already.")
        row.revoked_at = clock.now()
        return row.title


def revoke_all(actor: Actor) -> int:
    """Close all of one's own links for good; how many there were."""
    with writing() as session:
        open_ones = CalendarLink.user_id == actor.user_id, CalendarLink.revoked_at.is_(None)
        ids = list(session.scalars(select(CalendarLink.id).where(*open_ones)))
        session.execute(update(CalendarLink).where(CalendarLink.id.in_(ids)).values(revoked_at=clock.now()))
        return len(ids)


def feed_at(token: str) -> Feed | None:
    """What the address with that token opens now; None for every reason for which it opens nothing."""
    found = db.session.execute(
        select(CalendarLink, User.second_factor_since)
        .join(User, User.id == CalendarLink.user_id)
        .where(
            CalendarLink.token_hash == tokens.fingerprint(token),
            CalendarLink.revoked_at.is_(None),
            User.is_active,
            User.must_change_password.is_(False),
        )
    ).one_or_none()
    if found is None:
        return None
    row, second_factor_since = found
    owner = actor_of(row.user_id)
    if owner is None or not owner.may(Permission.VIEW_LOANS):
        return None
    if second_factor_since is None and asks_second_factor_of(owner.role):
        return None
    subject = _seen(owner, row)
    return Feed(row.id, owner, subject, row.created_at, row.last_read_at) if subject else None


def was_read(feed: Feed) -> None:
    """Note that an address was read, unless that was noted a short while ago."""
    now = clock.now()
    if feed.last_read_at is not None and now - feed.last_read_at < NOTED_EVERY:
        return
    with writing() as session:
        session.execute(
            update(CalendarLink)
            .where(
                CalendarLink.id == feed.link_id,
                or_(CalendarLink.last_read_at.is_(None), CalendarLink.last_read_at <= now - NOTED_EVERY),
            )
            .values(last_read_at=now)
        )


def _count(session: Session, user_id: int) -> int:
    mine = select(func.count()).where(CalendarLink.user_id == user_id, CalendarLink.revoked_at.is_(None))
    return session.scalar(mine) or 0


def _seen(actor: Actor, row: CalendarLink) -> Subject | None:
    """The link's subject as it is now, if its owner reaches it; under the title it was made with."""
    kind = LinkKind(row.kind)
    if kind is LinkKind.OFFICE:
        is_seen = actor.reaches(row.company_id, row.subject)
        return Subject(kind, row.company_id, row.subject, row.title) if is_seen else None
    find = _vehicle if kind is LinkKind.VEHICLE else _partner
    return find(actor, row.subject, row.company_id)


def _within_reach(actor: Actor, rows: Sequence[CalendarLink]) -> set[int]:
    """The ids of those links that `_seen` would open, in two queries whatever their number."""
    vins = [row.subject for row in rows if row.kind == LinkKind.VEHICLE]
    people = [int(row.subject) for row in rows if row.kind == LinkKind.PARTNER]
    vehicles = select(Vehicle.company_id, Vehicle.vin).where(
        in_scope(actor, Vehicle.company_id, Vehicle.office), Vehicle.vin.in_(vins)
    )
    partners = select(Partner.company_id, Partner.person_id).where(
        in_scope(actor, Partner.company_id, Partner.office), Partner.person_id.in_(people)
    )
    seen = {(LinkKind.VEHICLE, number, vin) for number, vin in db.session.execute(vehicles)}
    seen |= {(LinkKind.PARTNER, number, str(person)) for number, person in db.session.execute(partners)}
    return {
        row.id
        for row in rows
        if (LinkKind(row.kind), row.company_id, row.subject) in seen
        or (row.kind == LinkKind.OFFICE and actor.reaches(row.company_id, row.subject))
    }


def _vehicle(actor: Actor, vin: str, company_id: int | None = None) -> Subject | None:
    # Also one that FMS has dropped: its loans stay explainable.
    row = db.session.execute(
        select(Vehicle.id, Vehicle.company_id, Vehicle.vin, Vehicle.make, Vehicle.model)
        .where(
            in_scope(actor, Vehicle.company_id, Vehicle.office),
            Vehicle.vin == normal_vin(vin.replace("\x00", "")),
            Vehicle.company_id == (actor.company_id if company_id is None else company_id),
        )
        .order_by(Vehicle.id)
    ).first()
    if row is None:
        return None
    title = full_name(row.make, row.model, row.vin)
    return Subject(LinkKind.VEHICLE, row.company_id, row.vin, title, row.id)


def _partner(actor: Actor, key: str, company_id: int | None = None) -> Subject | None:
    if not (key.isascii() and key.isdigit() and len(key) <= 10 and int(key) <= LARGEST):
        return None
    row = db.session.execute(
        select(Partner.company_id, Partner.person_id, Partner.name)
        .where(
            in_scope(actor, Partner.company_id, Partner.office),
            Partner.person_id == int(key),
            Partner.company_id == (actor.company_id if company_id is None else company_id),
        )
        .order_by(Partner.gone_at.is_not(None), Partner.id)
    ).first()
    if row is None:
        return None
    return Subject(LinkKind.PARTNER, row.company_id, str(row.person_id), row.name or f"Person {row.person_id}")
