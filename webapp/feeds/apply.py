"""Applies a report to its table as a difference: what is new, what changed, what vanished. Nothing is deleted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import Location
from webapp.accounts.service import ensure_office
from webapp.feeds.guard import shifted_columns, shifted_sentence
from webapp.feeds.parse import Key, Parsed, Row, is_spared
from webapp.feeds.tables import TARGETS, Target


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
    is_here: bool
    row: Row
    shared: object


def apply(session: Session, company_id: int, parsed: Parsed, moment: datetime) -> Applied:
    """Make the company's rows say what the report says; vanished ones are marked with `moment`.

    Call it inside `writing()`, for a report that `guard.judge` found good. A row that the report holds but
    that cannot be read counts as neither vanished nor changed. Raises `ReportShifted`, and has written nothing.
    """
    target, feed = TARGETS[parsed.feed.name], parsed.feed
    stored = _stored(session, target, company_id, parsed)
    if shifted := shifted_columns(parsed, {key: known.row for key, known in stored.items()}):
        raise ReportShifted(shifted_sentence(shifted))
    new: list[Row] = []
    changed: list[tuple[int, Row]] = []
    for key, row in parsed.rows.items():
        known = stored.pop(key, None)
        if known is None:
            new.append(row)
        elif known.row != row or not known.is_here:
            changed.append((known.id, row))
    vanished = _vanished(stored, parsed.spared())
    _insert(session, target, company_id, feed.fields, new)
    _update(session, target, feed.fields, changed)
    gone = _mark_gone(session, target, parsed, vanished, moment)
    if target.names_offices:
        _ensure_offices(session, company_id, parsed)
    return Applied(len(new), len(changed), gone, len(parsed.rows) - len(new) - len(changed))


def _stored(session: Session, target: Target, company_id: int, parsed: Parsed) -> dict[Key, _Stored]:
    columns, feed = target.table.c, parsed.feed
    shared = [columns[target.shared_with]] if target.shared_with else []
    fields = [columns[name] for name in feed.fields]
    found = session.connection().execute(
        select(columns.id, columns.gone_at, *fields, *shared).where(columns.company_id == company_id)
    )
    places, end = feed.key_places, 2 + len(fields)
    stored = {}
    for record in found:
        row = tuple(record[2:end])
        key = tuple([row[place] for place in places])
        stored[key] = _Stored(record[0], record[1] is None, row, record[end] if shared else None)
    return stored


def _vanished(stored: dict[Key, _Stored], spared: Iterable[Key]) -> list[_Stored]:
    whole = {key for key in spared if None not in key}
    partial = [key for key in spared if None in key]
    return [
        known
        for key, known in stored.items()
        if known.is_here and key not in whole and not (partial and is_spared(key, partial))
    ]


def _insert(session: Session, target: Target, company_id: int, fields: tuple[str, ...], rows: list[Row]) -> None:
    if not rows:
        return
    statement = insert(target.table)
    values = [{"company_id": company_id, **dict(zip(fields, row, strict=True))} for row in rows]
    session.connection().execute(statement, values)


def _update(session: Session, target: Target, fields: tuple[str, ...], changed: list[tuple[int, Row]]) -> None:
    if not changed:
        return
    statement = (
        update(target.table)
        .where(target.table.c.id == bindparam("row_id"))
        .values({"gone_at": None, **{name: bindparam(f"new_{name}") for name in fields}})
    )
    names = [f"new_{name}" for name in fields]
    values = [{"row_id": row_id, **dict(zip(names, row, strict=True))} for row_id, row in changed]
    session.connection().execute(statement, values)


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
