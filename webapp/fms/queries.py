"""Reading the ledger: filtered, page by page, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, TextClause, func, select
from sqlalchemy.orm import defer

from webapp.accounts.actor import Actor, in_scope
from webapp.db import db
from webapp.fms.models import IS_OPEN, OPEN, Kind, Operation, State
from webapp.fms.shapes import OperationJson

PER_PAGE = 50
MOST_PER_PAGE = 200


@dataclass(frozen=True)
class LedgerFilter:
    """What to show of the ledger; None or empty: everything. Days are inclusive, in the configured zone."""

    state: State | None = None
    assignment_id: int | None = None
    person: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class LedgerPage:
    """One page of the ledger, newest first."""

    operations: list[Operation]
    number: int
    per_page: int
    total: int

    @property
    def last_number(self) -> int:
        """The number of the last page; an empty ledger has one."""
        return max(1, -(-self.total // self.per_page))


def ledger_page(actor: Actor, wanted: LedgerFilter, number: int = 1, per_page: int = PER_PAGE) -> LedgerPage:
    """A page of what the actor may see of the ledger; `number` from 1, at most 200 `per_page`."""
    conditions = _conditions(actor, wanted)
    total = db.session.scalar(select(func.count(Operation.id)).where(*conditions)) or 0
    per_page = min(per_page, MOST_PER_PAGE)
    # What travelled to FMS and back is long, and no list shows it.
    statement = select(Operation).options(defer(Operation.request), defer(Operation.answer)).where(*conditions)
    newest_first = statement.order_by(Operation.id.desc())
    rows = db.session.scalars(newest_first.offset((number - 1) * per_page).limit(per_page)).all()
    return LedgerPage(list(rows), number, per_page, total)


def all_operations(actor: Actor, wanted: LedgerFilter) -> Iterator[Operation]:
    """Everything that matches, read in portions, for exports."""
    statement = select(Operation).options(defer(Operation.request)).where(*_conditions(actor, wanted))
    yield from db.session.scalars(statement.order_by(Operation.id.desc()).execution_options(yield_per=500))


def people_in_ledger(actor: Actor) -> list[str]:
    """The names under which something was asked of FMS, for the filter."""
    scope = in_scope(actor, Operation.company_id, Operation.office)
    return list(
        db.session.scalars(select(Operation.requested_by).where(scope).distinct().order_by(Operation.requested_by))
    )


def uncertain_count(actor: Actor) -> int:
    """How many operations in the actor's scope FMS has not confirmed."""
    scope = in_scope(actor, Operation.company_id, Operation.office)
    found = select(func.count(Operation.id)).where(*_of_state(State.UNCERTAIN), scope)
    return db.session.scalar(found) or 0


def label_of(operation_id: int) -> str:
    """What an operation was for, as people call it; empty where there is none."""
    return db.session.scalar(select(Operation.label).where(Operation.id == operation_id)) or ""


def as_json(operation: Operation) -> OperationJson:
    """The operation of interface.md."""
    return {
        "id": operation.id,
        "kind": Kind(operation.kind),
        "state": State(operation.state),
        "assignment_id": operation.assignment_id,
        "fms_request_id": operation.fms_request_id,
        "reference": operation.reference,
        "requested_by": operation.requested_by,
        "requestor_id": operation.requestor_id,
        "error": operation.error or None,
        "created_at": operation.created_at.isoformat(),
        "finished_at": operation.finished_at.isoformat() if operation.finished_at else None,
        "batch_id": operation.batch_id,
    }


def _conditions(actor: Actor, wanted: LedgerFilter) -> list[ColumnElement[bool] | TextClause]:
    conditions: list[ColumnElement[bool] | TextClause] = [in_scope(actor, Operation.company_id, Operation.office)]
    if wanted.state is not None:
        conditions += _of_state(wanted.state)
    if wanted.assignment_id is not None:
        conditions.append(Operation.assignment_id == wanted.assignment_id)
    if wanted.person:
        conditions.append(Operation.requested_by == wanted.person)
    if wanted.first_day is not None:
        conditions.append(Operation.created_at >= _midnight(wanted.first_day))
    if wanted.last_day is not None:
        conditions.append(Operation.created_at < _midnight(wanted.last_day + timedelta(days=1)))
    return conditions


def _of_state(state: State) -> list[ColumnElement[bool] | TextClause]:
    # Said in the index's own words too, or SQLite does not see that the few open operations are all it needs.
    return [Operation.state == state, *([IS_OPEN] if state in OPEN else [])]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, current_app.extensions["settings"].zone)
