"""Reading the audit log: filtered, newest first, from one entry on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, or_, select, true

from webapp.accounts.actor import Actor, in_company
from webapp.accounts.models import User
from webapp.accounts.permissions import Permission
from webapp.audit.models import AuditEntry
from webapp.audit.watched import money_of
from webapp.db import db

PER_PAGE = 50
ACTIONS = ("added", "changed", "removed", "overridden", "restored")


@dataclass(frozen=True)
class LogFilter:
    """What to show of the log; None or empty: everything. Days are inclusive, in the configured zone."""

    thing: str = ""
    number: int | None = None
    user_id: int | None = None
    action: str = ""
    words: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Place:
    """Where a page begins: with what is older than the entry `before`, or ends: newer than `after`."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class LogPage:
    """One page of the log, newest first. `newer` and `older` are where the pages beside it are, if there are any."""

    entries: list[AuditEntry]
    newer: Place | None
    older: Place | None


def log_page(actor: Actor, wanted: LogFilter, place: Place) -> LogPage:
    """A page of what the actor may see of the log: their company's, money for those alone who see it."""
    statement = select(AuditEntry).where(*_conditions(actor, wanted)).limit(PER_PAGE + 1)
    if place.after is not None:
        rows = list(db.session.scalars(statement.where(AuditEntry.id > place.after).order_by(AuditEntry.id)))
        has_more, shown = len(rows) > PER_PAGE, rows[:PER_PAGE][::-1]
        newer = Place(after=shown[0].id) if has_more else None
        return LogPage(shown, newer, Place(before=shown[-1].id if shown else place.after + 1))
    if place.before is not None:
        statement = statement.where(AuditEntry.id < place.before)
    rows = list(db.session.scalars(statement.order_by(AuditEntry.id.desc())))
    has_more, shown = len(rows) > PER_PAGE, rows[:PER_PAGE]
    newer = None if place.before is None else Place(after=shown[0].id if shown else place.before - 1)
    return LogPage(shown, newer, Place(before=shown[-1].id) if has_more else None)


def all_entries(actor: Actor, wanted: LogFilter) -> Iterator[AuditEntry]:
    """Everything that matches, newest first, read in portions, for exports."""
    statement = select(AuditEntry).where(*_conditions(actor, wanted)).order_by(AuditEntry.id.desc())
    yield from db.session.scalars(statement.execution_options(yield_per=500))


def people_of(actor: Actor) -> list[tuple[int, str]]:
    """Number and name of everybody of the actor's company, for the filter."""
    statement = select(User.id, User.name).where(in_company(actor, User.company_id)).order_by(User.name, User.id)
    return [(number, name) for number, name in db.session.execute(statement)]


def hidden_from(actor: Actor, thing: str) -> frozenset[str]:
    """The fields of such a thing that the actor is not told: money, where they do not see it."""
    return frozenset() if actor.may(Permission.SEE_MONEY) else money_of(thing)


def _conditions(actor: Actor, wanted: LogFilter) -> list[ColumnElement[bool]]:
    mine = true() if actor.may(Permission.ALL_COMPANIES) else AuditEntry.company_id == actor.company_id
    conditions: list[ColumnElement[bool]] = [mine]
    if wanted.thing:
        conditions.append(AuditEntry.subject == wanted.thing)
    if wanted.number is not None:
        conditions.append(AuditEntry.subject_id == wanted.number)
    if wanted.user_id is not None:
        conditions.append(AuditEntry.user_id == wanted.user_id)
    if wanted.action:
        # "changed" is also "note changed".
        conditions.append(AuditEntry.action.endswith(wanted.action))
    if wanted.words:
        found = (each.icontains(wanted.words, autoescape=True) for each in (AuditEntry.label, AuditEntry.actor))
        conditions.append(or_(*found))
    if wanted.first_day is not None:
        conditions.append(AuditEntry.changed_at >= _midnight(wanted.first_day))
    if wanted.last_day is not None:
        conditions.append(AuditEntry.changed_at < _midnight(wanted.last_day + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, current_app.extensions["settings"].zone)
