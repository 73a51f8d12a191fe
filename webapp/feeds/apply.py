"""Applies a report to its table as a difference: what is new, what changed, what vanished. Nothing is deleted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import Location
from webapp.accounts.service import ensure_office
from webapp.feeds.guard import shifted_columns, shifted_sentence
from webapp.feeds.parse import Key, Parsed, Row, is_spared
from webapp.feeds.parse_schema import Feed
from webapp.feeds.tables import TARGETS, Target
from webapp.loans import changes

# Rows that are written or read at a time, all in one transaction.
SLICE = 1_000


@dataclass(frozen=True)
class Applied:
    """How many rows an import wrote. `updated` counts those that came back; `unchanged` cost nothing."""

    inserted: int = 0
    updated: int = 0
    gone: int = 0
    unchanged: int = 0


class ReportShifted(Exception):
    """Beside what is stored the report's columns turn out to have shifted; the text is for a person."""


class _Stored(NamedTuple):
    id: int
    key: Key
    is_here: bool
    row: Row
    shared: object


def apply(session: Session, company_id: int, parsed: Parsed, moment: datetime) -> Applied:
    """Make the company's rows say what the report says; vanished ones are marked with `moment`.

    Call it inside `writing()`, for a report that `guard.judge` found good. A row that the report holds but
    that cannot be read counts as neither vanished nor changed. Raises `ReportShifted`, and has written nothing.
    """
    target, feed = TARGETS[parsed.feed.name], parsed.feed
    _refuse_shifted(session, target, company_id, parsed)
    new = dict(parsed.rows)
    changed: list[tuple[int, Row]] = []
    missing: list[_Stored] = []
    for known in _stored(session, target, company_id, feed):
        row = new.pop(known.key, None)
        if row is None:
            missing.append(known)
        elif known.row != row or not known.is_here:
            changed.append((known.id, row))
    vanished = _vanished(missing, parsed.spared())
    _insert(session, target, company_id, feed.fields, list(new.values()))
    _update(session, target, feed.fields, changed)
    gone = _mark_gone(session, target, parsed, vanished, moment)
    if target.names_offices:
        _ensure_offices(session, company_id, parsed)
    if new or changed or gone:
        changes.tell_all(session, company_id)
    return Applied(len(new), len(changed), gone, len(parsed.rows) - len(new) - len(changed))


def _refuse_shifted(session: Session, target: Target, company_id: int, parsed: Parsed) -> None:
    if not parsed.extra_columns:
        return
    stored = {known.key: known.row for known in _stored(session, target, company_id, parsed.feed)}
    if shifted := shifted_columns(parsed, stored):
        raise ReportShifted(shifted_sentence(shifted))


def _stored(session: Session, target: Target, company_id: int, feed: Feed) -> Iterator[_Stored]:
    """The company's rows as they come from the database: never all of a long table's at once."""
    columns = target.table.c
    shared = [columns[target.shared_with]] if target.shared_with else []
    fields = [columns[name] for name in feed.fields]
    found = session.connection().execute(
        select(columns.id, columns.gone_at, *fields, *shared).where(columns.company_id == company_id),
        execution_options={"yield_per": SLICE},
    )
    places, end = feed.key_places, 2 + len(fields)
    for record in found:
        row = tuple(record[2:end])
        key = tuple([row[place] for place in places])
        yield _Stored(record[0], key, record[1] is None, row, record[end] if shared else None)


def _vanished(missing: list[_Stored], spared: Iterable[Key]) -> list[_Stored]:
    whole = {key for key in spared if None not in key}
    partial = [key for key in spared if None in key]
    return [
        known
        for known in missing
        if known.is_here and known.key not in whole and not (partial and is_spared(known.key, partial))
    ]


def _insert(session: Session, target: Target, company_id: int, fields: tuple[str, ...], rows: list[Row]) -> None:
    statement, connection = insert(target.table), session.connection()
    for part in _slices(rows):
        values = [{"company_id": company_id, **dict(zip(fields, row, strict=True))} for row in part]
        connection.execute(statement, values)


def _update(session: Session, target: Target, fields: tuple[str, ...], changed: list[tuple[int, Row]]) -> None:
    statement = (
        update(target.table)
        .where(target.table.c.id == bindparam("row_id"))
        .values({"gone_at": None, **{name: bindparam(f"new_{name}") for name in fields}})
    )
    names, connection = [f"new_{name}" for name in fields], session.connection()
    for part in _slices(changed):
        values = [{"row_id": row_id, **dict(zip(names, row, strict=True))} for row_id, row in part]
        connection.execute(statement, values)


def _slices(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """What one statement is given at a time: the values of all rows together would need more room than the rows."""
    for first in range(0, len(rows), SLICE):
        yield rows[first : first + SLICE]


def _mark_gone(session: Session, target: Target, parsed: Parsed, vanished: list[_Stored], moment: datetime) -> int:
    """Mark vanished rows; one that somebody else fills too stays and is only emptied of the report's values."""
    table, feed = target.table, parsed.feed
    whole = [{"row_id": known.id} for known in vanished if known.shared is None]
    if whole:
        marking = update(table).where(table.c.id == bindparam("row_id")).values(gone_at=moment)
        session.connection().execute(marking, whole)
    own = [place for place, name in enumerate(feed.fields) if name not in feed.key]
    halves = [
        {"row_id": known.id}
        for known in vanished
        if known.shared is not None and any(known.row[place] is not None for place in own)
    ]
    if halves:
        empty = {feed.fields[place]: None for place in own}
        emptying = update(table).where(table.c.id == bindparam("row_id")).values(empty)
        session.connection().execute(emptying, halves)
    return len(whole) + len(halves)


def _ensure_offices(session: Session, company_id: int, parsed: Parsed) -> None:
    place = parsed.feed.fields.index("office")
    named = {str(row[place]) for row in parsed.rows.values()}
    known = session.scalars(select(Location.name).where(Location.company_id == company_id, Location.is_office))
    for name in sorted(named - set(known)):
        ensure_office(session, company_id, name)
