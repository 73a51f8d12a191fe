"""A table made to say what a computation or a spreadsheet says: only rows that differ are written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.pending import is_watched, tell

Key = tuple[Any, ...]
Values = tuple[Any, ...]


@dataclass(frozen=True)
class Shape:
    """Which columns of a table name a row and which it holds."""

    table: Table
    key: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A row that says something else now."""

    row_id: int
    key: Key
    old: Values
    new: Values


@dataclass(frozen=True)
class Difference:
    """What would have to be written so that a table says what is wanted. `removed` are ids, keys and values."""

    added: tuple[tuple[Key, Values], ...]
    changed: tuple[Change, ...]
    removed: tuple[tuple[int, Key, Values], ...]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self.added or self.changed or self.removed)


def difference(
    session: Session,
    shape: Shape,
    company_id: int,
    wanted: Mapping[Key, Values],
    *,
    keeps_others: bool = False,
    within: Iterable[ColumnElement[bool]] = (),
) -> Difference:
    """What stands between the company's rows (those `within` a condition) and `wanted`.

    Rows that are not wanted are removed unless `keeps_others`. Added and changed come in the order of `wanted`.
    """
    stored = _stored(session, shape, company_id, within)
    added, changed, unchanged = [], [], 0
    for key, new in wanted.items():
        known = stored.pop(key, None)
        if known is None:
            added.append((key, new))
        elif known[1] != new:
            changed.append(Change(known[0], key, known[1], new))
        else:
            unchanged += 1
    removed = () if keeps_others else tuple((row_id, key, old) for key, (row_id, old) in stored.items())
    return Difference(tuple(added), tuple(changed), removed, unchanged)


def write(session: Session, shape: Shape, company_id: int, found: Difference) -> None:
    """Write a difference; to be called inside the `writing()` that it was found in."""
    table, connection = shape.table, session.connection()
    if found.removed:
        statement = delete(table).where(table.c.id == bindparam("row_id"))
        connection.execute(statement, [{"row_id": row_id} for row_id, _, _ in found.removed])
    if found.changed:
        names = [f"new_{name}" for name in shape.values]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in shape.values}
        connection.execute(
            update(table).where(table.c.id == bindparam("row_id")).values(values),
            [{"row_id": change.row_id, **dict(zip(names, change.new, strict=True))} for change in found.changed],
        )
    if found.added:
        fields = (*shape.key, *shape.values)
        rows = [dict(zip(fields, (*key, *new), strict=True), company_id=company_id) for key, new in found.added]
        if is_watched(table):
            _insert_told(session, table, rows)
        else:
            connection.execute(insert(table), rows)
    if is_watched(table):
        _tell_of_others(session, shape, company_id, found)


def _insert_told(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows and have the audit log tell of each, by its number."""
    numbered = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    for row_id, row in zip(session.connection().execute(numbered, rows).scalars(), rows, strict=True):
        tell(session, table, None, {"id": row_id, **row})


def _tell_of_others(session: Session, shape: Shape, company_id: int, found: Difference) -> None:
    """Have the audit log tell of what was changed and removed: this is written beside the session."""
    fields = (*shape.key, *shape.values)

    def whole(row_id: int, key: Key, values: Values) -> dict[str, Any]:
        return {"id": row_id, "company_id": company_id, **dict(zip(fields, (*key, *values), strict=True))}

    for row_id, key, old in found.removed:
        tell(session, shape.table, whole(row_id, key, old), None)
    for one in found.changed:
        tell(session, shape.table, whole(one.row_id, one.key, one.old), whole(one.row_id, one.key, one.new))


def _stored(
    session: Session, shape: Shape, company_id: int, within: Iterable[ColumnElement[bool]]
) -> dict[Key, tuple[int, Values]]:
    columns, width = shape.table.c, 1 + len(shape.key)
    found = session.connection().execute(
        select(columns.id, *(columns[name] for name in (*shape.key, *shape.values)))
        .where(columns.company_id == company_id, *within)
        .order_by(*(columns[name] for name in shape.key))
    )
    return {tuple(row[1:width]): (row[0], tuple(row[width:])) for row in found}
