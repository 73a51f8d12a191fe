"""Makes the entries of a transaction: who, from where, which thing, before and after; written by one statement."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state

from webapp import clock
from webapp.audit.acting import Doer, current
from webapp.audit.change import Change, differing
from webapp.audit.models import AuditEntry
from webapp.audit.pending import Note, Pending
from webapp.audit.watched import Watched, table_of, watched

VERBS = {(True, False): "added", (False, True): "removed", (False, False): "changed"}
Row = dict[str, Any]
# What is known of things whose rows were not themselves written, by table and number.
Parents = Mapping[tuple[str, Any], Mapping[str, Any]]
TABLE = table_of(AuditEntry)


def write(session: Session, found: Pending) -> None:
    """Write an entry for each change that is one, and for each note."""
    told = [
        (change, before, after)
        for change in found.changes.values()
        if change.is_told
        for before, after in [differing(change)]
        if before or after or change.before is None or change.after is None
    ]
    if not told and not found.notes:
        return
    doer, at = current(), clock.now()
    parents = _parents(session, [change for change, _, _ in told])
    rows = [_row(change, before, after, doer, parents) for change, before, after in told]
    rows += [_of_note(note, doer) for note in found.notes]
    session.connection().execute(insert(TABLE), [{**row, "changed_at": at} for row in rows])


def _row(change: Change, before: Row | None, after: Row | None, doer: Doer, parents: Parents) -> Row:
    known = change.watched
    number = change.row.get(known.id_column) if known.id_column else None
    names = _names(known, change.row, parents)
    verb = VERBS[before is None, after is None]
    label = _label(known, names)
    company_id = change.row.get("company_id", names.get("company_id", doer.company_id))
    who = _who(doer)
    if known.is_own_doing and doer.user_id is None and doer.request_id:
        who |= {"user_id": number, "actor": label[:120], "role": names.get("role", "")}
    return {
        **who,
        "company_id": company_id,
        "subject": known.thing,
        "subject_id": number,
        "label": label,
        "action": f"{known.part} {verb}".strip(),
        "before": before,
        "after": after,
    }


def _of_note(note: Note, doer: Doer) -> Row:
    return {
        **_who(doer),
        "company_id": note.company_id,
        "subject": note.thing,
        "subject_id": note.subject_id,
        "label": note.label[:200],
        "action": note.action,
        "before": dict(note.before) if note.before is not None else None,
        "after": dict(note.after) if note.after is not None else None,
    }


def _who(doer: Doer) -> Row:
    return {
        "user_id": doer.user_id,
        "actor": doer.name[:120],
        "role": str(doer.role),
        "origin": doer.origin.value,
        "address": doer.address[:45],
        "request_id": doer.request_id[:64],
    }


def _label(known: Watched, names: Mapping[str, Any]) -> str:
    missing = any(names.get(name) is None for name in known.names_label)
    return "" if missing else " ".join(known.label.format_map(names).split())[:200]


def _names(known: Watched, row: Mapping[str, Any], parents: Parents) -> Mapping[str, Any]:
    """The columns that name a change: its own, or those of the thing it is part of."""
    holder, number = _holder(known, row)
    own = {} if known.parent is not None else row
    return {**parents.get((holder.name, number), {}), **own}


def _holder(known: Watched, row: Mapping[str, Any]) -> tuple[Table, Any]:
    assert known.id_column is not None or known.parent is None
    return (known.parent, row.get(known.id_column or "")) if known.parent is not None else (known.table, row.get("id"))


def _parents(session: Session, changes: Iterable[Change]) -> Parents:
    """What names the things whose own rows do not say: looked for in the session, then asked for, all at once."""
    found: dict[tuple[str, Any], Mapping[str, Any]] = {}
    wanted: dict[str, tuple[Table, set[Any]]] = {}
    for change in changes:
        known = change.watched
        needed = {*known.names_label, *(() if known.has_company else ("company_id",))}
        if known.parent is None and all(name in change.row for name in needed):
            continue
        table, number = _holder(known, change.row)
        if number is not None and (table.name, number) not in found:
            wanted.setdefault(table.name, (table, set()))[1].add(number)
    for table, numbers in wanted.values():
        for row in _read(session, table, numbers):
            found[table.name, row["id"]] = row
    return found


def _read(session: Session, table: Table, numbers: set[Any]) -> Iterable[Mapping[str, Any]]:
    known = watched(table.name)
    assert known is not None
    names = {"id", "company_id", *known.names_label, *(("role",) if "role" in table.c else ())}
    loaded = _loaded(session, table, names, numbers)
    missing = numbers - {row["id"] for row in loaded}
    if not missing:
        return loaded
    columns = [table.c[name] for name in sorted(names)]
    rows = session.connection().execute(select(*columns).where(table.c.id.in_(sorted(missing))).order_by(table.c.id))
    return [*loaded, *(dict(row) for row in rows.mappings())]


def _loaded(session: Session, table: Table, names: set[str], numbers: set[Any]) -> list[Mapping[str, Any]]:
    """Those that the session still holds, whole enough to be named."""
    return [
        {name: values[name] for name in names}
        for values in (instance_dict(each) for each in session.identity_map.values() if _is_of(each, table))
        if values.get("id") in numbers and all(name in values for name in names)
    ]


def _is_of(row: object, table: Table) -> bool:
    return instance_state(row).mapper.local_table is table
