"""Notices what a session writes of watched tables, so that no writer has to think of it.

Rows are noticed as they are flushed, statements before they run; when the transaction ends, its entries are written
in it by one statement. A transaction that is rolled back leaves none.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from operator import attrgetter
from typing import Any

from sqlalchemy import Delete, Insert, Table, Update, and_, event, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, attributes
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from webapp.audit import entries
from webapp.audit.change import Change
from webapp.audit.pending import Pending, forget, pending, taken
from webapp.audit.watched import Watched, watched
from webapp.db import db


class Lock(Enum):
    """How a row is held that is looked at: as by a statement that updates it, that deletes it, or not at all."""

    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"


class NotToBeNoticed(RuntimeError):
    """A statement writes a watched table in a way whose effect cannot be told; a fault of the program."""


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, _context: object) -> None:
    for rows, describe in ((session.new, _added), (session.dirty, _changed), (session.deleted, _removed)):
        changes = []
        for row in rows:
            known = watched(row.__tablename__)
            change = describe(known, row) if known else None
            if change is not None:
                changes.append(change)
        # The session's own order is none.
        for change in sorted(changes, key=attrgetter("place")):
            pending(session).add(change)


def _added(known: Watched, row: Any) -> Change:
    values = _loaded(known, row)
    return Change(known, values, None, values)


def _changed(known: Watched, row: Any) -> Change | None:
    state = attributes.instance_state(row)
    before, after = {}, {}
    for name in known.told:
        if name not in state.committed_state:
            continue
        added, _, deleted = attributes.get_history(row, name, PASSIVE_NO_INITIALIZE)
        if added or deleted:
            after[name] = added[0] if added else None
            before.update({name: deleted[0]} if deleted else {})
    values = _loaded(known, row)
    # Of a row that was written without being read, not even whose part it is may be at hand.
    return Change(known, values, before, after, is_unread=known.id_column not in (None, *values)) if after else None


def _removed(known: Watched, row: Any) -> Change:
    values = _loaded(known, row)
    return Change(known, values, values, None)


def _loaded(known: Watched, row: Any) -> dict[str, Any]:
    """What is known of the row without asking the database."""
    values, identity = attributes.instance_dict(row), attributes.instance_state(row).identity or ()
    named = dict(zip((column.key for column in known.table.primary_key), identity, strict=False))
    return {**named, **{name: values[name] for name in known.columns if name in values}}


@event.listens_for(db.session, "do_orm_execute")
def _notice_statement(state: ORMExecuteState) -> None:
    """What a statement changes without loading it is looked at first."""
    if not (state.is_update or state.is_delete or state.is_insert):
        return
    statement = state.statement
    assert isinstance(statement, Update | Delete | Insert)
    known = watched(statement.table.name) if isinstance(statement.table, Table) else None
    if known is None:
        return
    if isinstance(statement, Insert):
        changes = _by_insert(state.session, known, statement, state.parameters)
    elif isinstance(statement, Update):
        changes = _by_update(state.session, known, statement, state.parameters)
    else:
        changes = _by_delete(state.session, known, statement, state.parameters)
    for change in changes:
        pending(state.session).add(change)


def _by_delete(session: Session, known: Watched, statement: Delete, parameters: Any) -> Iterable[Change]:
    if not known.tells_removal:
        return []
    rows = _standing(session, known, statement.whereclause, parameters, Lock.DELETE)
    return [Change(known, row, row, None) for row in rows]


def _by_update(session: Session, known: Watched, statement: Update, parameters: Any) -> Iterable[Change]:
    values, has_expressions = _literals(statement)
    written = {*values, *has_expressions, *(parameters if isinstance(parameters, Mapping) else ())}
    if isinstance(parameters, list | tuple) and parameters:
        raise NotToBeNoticed(f"{known.table.name} is written row by row in one statement")
    if not written & set(known.told):
        return []
    rows = _standing(session, known, statement.whereclause, parameters, Lock.UPDATE)
    if written - values.keys():
        return [Change(known, row, row, row, is_unread=True) for row in rows]
    return [Change(known, {**row, **values}, row, {**row, **values}) for row in rows]


def _by_insert(session: Session, known: Watched, statement: Insert, parameters: Any) -> Iterable[Change]:
    values, has_expressions = _literals(statement)
    given = [parameters] if isinstance(parameters, Mapping) else list(parameters or [{}])
    rows = [{**values, **each} for each in given]
    names = {column.key for column in known.table.primary_key}
    if has_expressions or statement._multi_values or any(not names <= row.keys() for row in rows):
        raise NotToBeNoticed(f"rows of {known.table.name} are inserted that do not say their own key")
    if statement._post_values_clause is None:
        return [Change(known, row, None, row) for row in rows]
    # On conflict it may be one that stands already.
    keys = [known.key_of(row) for row in rows]
    standing = {known.key_of(row): row for row in _of_keys(session, known, keys, Lock.UPDATE)}
    return [Change(known, row, standing.get(known.key_of(row)), row, is_unread=True) for row in rows]


def _literals(statement: Update | Insert) -> tuple[dict[str, Any], set[str]]:
    """The values that a statement sets, and the names of what it sets to anything but a plain value."""
    values, others = {}, set()
    for column, value in (statement._values or {}).items():
        name = column if isinstance(column, str) else column.key
        if isinstance(value, BindParameter) and not value.required:
            values[name] = value.effective_value
        else:
            others.add(name)
    return values, others


def _standing(
    session: Session, known: Watched, where: ColumnElement[bool] | None, parameters: Any, lock: Lock
) -> list[dict[str, Any]]:
    columns = known.table.c
    statement = select(*(columns[name] for name in known.columns)).order_by(*known.table.primary_key)
    if where is not None:
        statement = statement.where(where)
    if lock is not Lock.NONE:
        # Nobody changes them between our look and the statement, which is to take the same lock.
        statement = statement.with_for_update(of=known.table, key_share=lock is Lock.UPDATE)
    found = session.connection().execute(statement, parameters or None)
    return [dict(row) for row in found.mappings()]


def _of_keys(session: Session, known: Watched, keys: list[tuple[Any, ...]], lock: Lock) -> list[dict[str, Any]]:
    columns = tuple(known.table.primary_key)
    which = [and_(*(column == each for column, each in zip(columns, key, strict=True))) for key in keys]
    return _standing(session, known, or_(*which), None, lock) if which else []


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    # What is noticed of the last rows is noticed here: nobody flushes after us.
    session.flush()
    found = taken(session)
    if found is None:
        return
    _read_again(session, found)
    entries.write(session, found)


def _read_again(session: Session, found: Pending) -> None:
    unread = [change for change in found.changes.values() if change.is_unread]
    for name in dict.fromkeys(change.watched.table.name for change in unread):
        mine = [change for change in unread if change.watched.table.name == name]
        known = mine[0].watched
        # They are ours already.
        now = _of_keys(session, known, [known.key_of(change.row) for change in mine], Lock.NONE)
        rows = {known.key_of(row): row for row in now}
        for change in mine:
            change.after = rows.get(known.key_of(change.row))
            change.row = {**change.row, **(change.after or {})}


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    forget(session)
