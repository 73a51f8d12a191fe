"""Reading saved chains: one line for each, filtered and paged, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from enum import StrEnum
from math import ceil
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Permission
from webapp.chains.saved.chain import SavedChain, chains_of
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.models import Vehicle
from webapp.loans.history import SYSTEM
from webapp.loans.models import Assignment, Batch, BatchRow
from webapp.loans.queries import loan_columns, loans_from
from webapp.loans.states import Status
from webapp.names import folded, last_first

PAGE = "/chains/saved"
PER_PAGE = 25
# An old report is not looked for.
RUNS_LOOKED_AT = 20


class When(StrEnum):
    """Which chains by their last loan: one that is still to come back, none any more, all."""

    COMING = "coming"
    PAST = "past"
    ALL = "all"


@dataclass(frozen=True)
class ChainFilters:
    """Which saved chains to list. Empty strings and None filter nothing.

    `partner` and `vehicle` are words as people type them: of a name; of make, model or VIN. `maker` is a user id.
    """

    office: str = ""
    partner: str = ""
    vehicle: str = ""
    maker: int | None = None
    when: When = When.COMING
    page: int = 1

    def address(self, page: int = 1) -> str:
        """The address of this view's page `page`; what is as usual is left out."""
        values = {
            "office": self.office,
            "partner": self.partner,
            "vehicle": self.vehicle,
            "maker": self.maker or "",
            "when": "" if self.when is When.COMING else self.when.value,
            "page": page if page > 1 else "",
        }
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{PAGE}?{query}" if query else PAGE

    @property
    def is_narrowed(self) -> bool:
        """Whether chains of the chosen time may be missing."""
        return bool(self.office or self.partner or self.vehicle or self.maker)


@dataclass(frozen=True)
class ChainLine:
    """A saved chain in a list: by whom its first loan was saved, and on which day at its office."""

    chain: SavedChain
    maker: str
    made_on: date


@dataclass(frozen=True)
class ChainList:
    """One page of saved chains, the one saved last first. `makers` are (user id, name), by name."""

    filters: ChainFilters
    lines: tuple[ChainLine, ...]
    total: int
    pages: int
    makers: tuple[tuple[int, str], ...] = field(default=())


def saved_chains(actor: Actor, filters: ChainFilters, today: date) -> ChainList:
    """The saved chains in the actor's scope; a loan that FMS cancelled counts for nothing. Raises `Forbidden`."""
    actor.require(Permission.VIEW_LOANS)
    session: Session = db.session()
    wanted = _wanted(session, actor, filters, today)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, ceil(total / PER_PAGE))
    page = min(filters.page, pages)
    ids = list(
        session.scalars(wanted.order_by(func.max(Assignment.id).desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    )
    chains, made = _chains(session, actor, ids), _made(session, actor, ids)
    lines = tuple(ChainLine(chains[chain_id], *made[chain_id]) for chain_id in ids if chain_id in chains)
    shown = ChainFilters(**{**vars(filters), "page": page})
    return ChainList(shown, lines, total, pages, _makers(session, actor))


def maker_of(actor: Actor, chain_id: str) -> tuple[str, date]:
    """Who saved a chain, and on which day at its office. Raises `NotFound` where no loan of it is in scope."""
    made = _made(db.session(), actor, [chain_id])
    if chain_id not in made:
        raise NotFound("There is no such chain, or you may not see it.")
    return made[chain_id]


def latest_run(actor: Actor, chain_id: str, assignment_ids: Sequence[int]) -> str | None:
    """One's newest bulk run over these loans of a chain and over no others; None where it has been put away."""
    mine = (
        select(Batch.id, Batch.created_at, Batch.dismissed_at)
        .where(Batch.user_id == actor.user_id)
        .order_by(Batch.created_at.desc())
        .limit(RUNS_LOOKED_AT)
        .subquery()
    )
    rows = select(BatchRow.id).where(BatchRow.batch_id == mine.c.id)
    elsewhere = rows.join(Assignment, Assignment.id == BatchRow.assignment_id).where(
        or_(Assignment.chain_id.is_(None), Assignment.chain_id != chain_id)
    )
    newest = db.session.execute(
        select(mine.c.id, mine.c.dismissed_at)
        .where(exists(rows.where(BatchRow.assignment_id.in_(assignment_ids))), ~exists(elsewhere))
        .order_by(mine.c.created_at.desc())
        .limit(1)
    ).first()
    return newest.id if newest is not None and newest.dismissed_at is None else None


def _wanted(session: Session, actor: Actor, filters: ChainFilters, today: date) -> Select[str | None]:
    chained = (Assignment.chain_id.is_not(None), Assignment.status != Status.CANCELLED, _scope(actor))
    wanted = select(Assignment.chain_id).where(*chained).group_by(Assignment.chain_id)
    if filters.when is not When.ALL:
        last = func.max(Assignment.end_day)
        wanted = wanted.having(last >= today if filters.when is When.COMING else last < today)
    if filters.office:
        wanted = wanted.where(Assignment.office == filters.office)
    for condition in _conditions(session, actor, filters):
        # Of any loan of the chain, not of every one.
        wanted = wanted.where(Assignment.chain_id.in_(select(Assignment.chain_id).where(*chained, condition)))
    return wanted


def _conditions(session: Session, actor: Actor, filters: ChainFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.maker is not None:
        conditions.append(Assignment.created_by == filters.maker)
    if filters.partner:
        conditions.append(Assignment.partner_name.in_(_partners(session, actor, filters.partner)))
    if filters.vehicle:
        conditions.append(Assignment.fleet_vehicle_id.in_(_vehicles(session, actor, filters.vehicle)))
    return conditions


def _partners(session: Session, actor: Actor, words: str) -> list[str]:
    """Names of partners of saved chains that hold all of these words, whatever the accents."""
    names = session.scalars(
        select(Assignment.partner_name).where(Assignment.chain_id.is_not(None), _scope(actor)).distinct()
    )
    return [name for name in names if _holds(f"{name} {last_first(name)}", words)]


def _vehicles(session: Session, actor: Actor, words: str) -> list[int]:
    """Our ids of vehicles of saved chains whose make, model or VIN hold all of these words."""
    rows = session.execute(
        select(Vehicle.id, Vehicle.make, Vehicle.model, Vehicle.vin)
        .join(Assignment, Assignment.fleet_vehicle_id == Vehicle.id)
        .where(Assignment.chain_id.is_not(None), _scope(actor))
        .distinct()
    )
    return [row.id for row in rows if _holds(f"{row.make} {row.model} {row.vin}", words)]


def _holds(text: str, words: str) -> bool:
    return all(word in folded(text) for word in folded(words).split())


def _chains(session: Session, actor: Actor, ids: list[str | None]) -> dict[str, SavedChain]:
    listed = Assignment.chain_id.in_(ids), Assignment.status != Status.CANCELLED, _scope(actor)
    return chains_of(loans_from(session, loan_columns().where(*listed)))


def _made(session: Session, actor: Actor, ids: Sequence[str | None]) -> dict[str | None, tuple[str, date]]:
    """By whom, and on which day there, the first loan of each chain was saved."""
    first = select(func.min(Assignment.id)).where(Assignment.chain_id.in_(ids), _scope(actor))
    here = (Location.company_id == Assignment.company_id) & (Location.name == Assignment.office)
    rows = session.execute(
        select(Assignment.chain_id, User.name, Assignment.created_at, Location.timezone)
        .outerjoin(User, User.id == Assignment.created_by)
        .outerjoin(Location, here)
        .where(Assignment.id.in_(first.group_by(Assignment.chain_id)))
    )
    default: tzinfo = current_app.extensions["settings"].zone
    return {
        row.chain_id: (
            row.name or SYSTEM,
            row.created_at.astimezone(ZoneInfo(row.timezone) if row.timezone else default).date(),
        )
        for row in rows
    }


def _makers(session: Session, actor: Actor) -> tuple[tuple[int, str], ...]:
    rows = session.execute(
        select(User.id, User.name)
        .where(
            User.id.in_(select(Assignment.created_by).where(Assignment.chain_id.is_not(None), _scope(actor)).distinct())
        )
        .order_by(User.name, User.id)
    )
    return tuple((row.id, row.name) for row in rows)


def _scope(actor: Actor) -> ColumnElement[bool]:
    return in_scope(actor, Assignment.company_id, Assignment.office)
