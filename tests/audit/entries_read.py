"""The entries of the audit log as tests read them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import func, select

from webapp.audit.models import AuditEntry
from webapp.db import close_reading, db


class Told(NamedTuple):
    """What an entry says was done to which thing."""

    thing: str
    number: int | None
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@contextmanager
def entries() -> Iterator[list[AuditEntry]]:
    """The entries that are written inside the block, oldest first."""
    found: list[AuditEntry] = []
    close_reading()
    since = db.session.scalar(select(func.max(AuditEntry.id))) or 0
    close_reading()
    yield found
    close_reading()
    found.extend(db.session.scalars(select(AuditEntry).where(AuditEntry.id > since).order_by(AuditEntry.id)))
    for entry in found:
        db.session.expunge(entry)
    close_reading()


def told(found: list[AuditEntry]) -> list[Told]:
    return [Told(one.subject, one.subject_id, one.action, one.before, one.after) for one in found]


def folded(found: list[AuditEntry]) -> dict[str, Any] | None:
    """What a thing is after all that is told of it; None: gone, or never there."""
    row: dict[str, Any] | None = None
    for entry in found:
        row = None if entry.after is None else {**(row or {}), **entry.after}
    return None if row is None else {name: value for name, value in row.items() if value is not None}
