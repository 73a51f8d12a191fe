"""What a transaction has changed so far, kept with its session until it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from webapp.audit.change import Change
from webapp.audit.watched import watched

PENDING = "audit_pending"
Key = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Note:
    """An entry about no row of a table: what a room says itself."""

    thing: str
    action: str
    label: str
    company_id: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    subject_id: int | None = None


@dataclass
class Pending:
    """Changes by the row they are of, in the order in which each began; and notes."""

    changes: dict[Key, Change] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """One more change, put together with those before of the same row."""
        known = self.changes.get(change.place)
        self.changes[change.place] = change if known is None else known.followed_by(change)


def pending(session: Session) -> Pending:
    """What this session's transaction has changed, to be added to."""
    found: Pending = session.info.setdefault(PENDING, Pending())
    return found


def taken(session: Session) -> Pending | None:
    """The same, if there is any, and it is forgotten."""
    found: Pending | None = session.info.pop(PENDING, None)
    return found


def forget(session: Session) -> None:
    """Nothing of it came to be."""
    session.info.pop(PENDING, None)


def note(session: Session, found: Note) -> None:
    """Have an entry written that is about no row: an override, the environment."""
    pending(session).notes.append(found)


def is_watched(table: Table) -> bool:
    """Whether changes of `table` are told."""
    return watched(table.name) is not None


def tell(session: Session, table: Table, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """Tell of a row that is written beside the session, by its connection; nothing where its table is not watched.

    Of a changed row both hold the columns that were written, with the key, and what its label is made of.
    """
    known = watched(table.name)
    if known is not None:
        row = {**(before or {}), **(after or {})}
        was, now = (dict(each) if each is not None else None for each in (before, after))
        pending(session).add(Change(known, row, was, now))
