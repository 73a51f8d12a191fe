"""Says who and what the numbers in entries stand for: people, trucks, offices, vehicles, as they are called now."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Table, select

from webapp.audit.models import AuditEntry
from webapp.audit.watched import all_watched, columns_of, label_of
from webapp.db import db

# The table that a number names, and the number.
Reference = tuple[str, int]


def referred(thing: str, field: str) -> Table | None:
    """The table whose rows the numbers in this field of such a thing name; None where they are plain values."""
    for known in all_watched():
        if known.thing == thing and field in known.told:
            for key in known.table.c[field].foreign_keys:
                if label_of(key.column.table):
                    return key.column.table
    return None


def names_of(entries: Iterable[AuditEntry]) -> Mapping[Reference, str]:
    """How everything that these entries refer to is called; one question for each table."""
    wanted: dict[Table, set[int]] = {}
    for entry in entries:
        for table, number in _references(entry):
            wanted.setdefault(table, set()).add(number)
    return {key: name for table, numbers in wanted.items() for key, name in _called(table, numbers)}


def _called(table: Table, numbers: set[int]) -> Iterator[tuple[Reference, str]]:
    label = label_of(table)
    columns = [table.c.id, *(table.c[name] for name in columns_of(label))]
    for row in db.session.execute(select(*columns).where(table.c.id.in_(sorted(numbers)))).mappings():
        yield (table.name, row["id"]), label.format_map(row)


def _references(entry: AuditEntry) -> Iterator[tuple[Table, int]]:
    for values in (entry.before, entry.after):
        for field, value in (values or {}).items():
            table = referred(entry.subject, field)
            if table is not None and _is_number(value):
                yield table, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
