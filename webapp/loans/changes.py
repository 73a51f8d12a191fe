"""What changed on calendars, written in the transaction of the change itself, so that open pages can follow.

No writer has to think of it: what a session writes of loans, operations, holds and notes is noticed here. Ids are
in the order of commits: they are given at the very end of a transaction, to one at a time, so whoever has read up
to an id has missed nothing below it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Delete, Update, bindparam, delete, event, func, insert, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import db, writing
from webapp.fms.models import Operation
from webapp.loans.models import Assignment, LoanChange, LoanNote, SoftHold
from webapp.loans.states import LOAN

KEPT = timedelta(hours=1)
# A transaction that touches more, as a reconciliation may, is told as one that changed anything.
MOST_TOUCHES = 200
PENDING = "calendar_changes"
# Apart from the turns of vehicles, which are 1; this one is last in every transaction, and its holder only commits.
TURN = select(func.pg_advisory_xact_lock(2, 0))
# Of the table rather than of entities: open pages ask this all day long.
ROWS = LoanChange.__table__.c
AFTER = (
    select(ROWS.id, ROWS.company_id, ROWS.assignment_id, ROWS.fleet_vehicle_id, ROWS.person_id, ROWS.changed_at)
    .where(ROWS.id > bindparam("since"))
    .order_by(ROWS.id)
    .limit(bindparam("most"))
)
AFTER_OF_COMPANY = AFTER.where(ROWS.company_id == bindparam("company_id"))
FIRST, LAST = select(func.min(LoanChange.id)), select(func.max(LoanChange.id))
WATCHED = (Assignment, Operation, SoftHold, LoanNote)
# What of an operation a bar or a card shows.
SHOWN_OF_OPERATION = ("state", "code", "fms_request_id")


class Touch(NamedTuple):
    """The rows that show a change: a vehicle's and a partner's. Neither: any row may have changed."""

    company_id: int
    assignment_id: int | None = None
    fleet_vehicle_id: int | None = None
    person_id: int | None = None


class Change(NamedTuple):
    """A change as it was written; `id` tells which came first."""

    id: int
    company_id: int
    assignment_id: int | None
    fleet_vehicle_id: int | None
    person_id: int | None
    changed_at: datetime

    @property
    def is_of_anything(self) -> bool:
        """Whether any row may have changed."""
        return self.fleet_vehicle_id is None and self.person_id is None


@dataclass
class _Pending:
    """What a transaction has touched so far; the rows of `loans` are looked up when it ends."""

    touches: dict[Touch, None] = field(default_factory=dict)
    loans: set[int] = field(default_factory=set)


def tell_all(session: Session, company_id: int) -> None:
    """Have every open calendar of the company drawn again: what was written by statement may show in any row."""
    _pending(session).touches[Touch(company_id)] = None


def after(actor: Actor, since: int, most: int) -> Sequence[Change]:
    """What changed for the actor's company after the change `since`, oldest first, at most `most` of them."""
    which = {"since": since, "most": most}
    connection = db.session.connection()
    if actor.may(Permission.ALL_COMPANIES):
        found = connection.execute(AFTER, which)
    else:
        found = connection.execute(AFTER_OF_COMPANY, {**which, "company_id": actor.company_id})
    return [Change._make(row) for row in found]


def is_forgotten(since: int) -> bool:
    """Whether changes after `since` may have been thrown away."""
    first = db.session.scalar(FIRST)
    return first is not None and since < first - 1


def latest() -> int:
    """The id of the newest change, 0 before the first: read before what is drawn, it loses nothing."""
    return db.session.scalar(LAST) or 0


def forget_old() -> None:
    """Throw away what is older than an hour. Repeatable."""
    cut = clock.now() - KEPT
    with writing() as session:
        # The newest of them stays: by it one knows that what was before is gone.
        newest = select(func.max(LoanChange.id)).where(LoanChange.changed_at < cut).scalar_subquery()
        session.execute(
            delete(LoanChange).where(LoanChange.id < newest), execution_options={"synchronize_session": False}
        )


def _pending(session: Session) -> _Pending:
    found: _Pending = session.info.setdefault(PENDING, _Pending())
    return found


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, _context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, WATCHED) or not (row in session.deleted or session.is_modified(row)):
            continue
        pending = _pending(session)
        if isinstance(row, Assignment):
            pending.touches.update(dict.fromkeys(_of_loan(row)))
        elif isinstance(row, SoftHold):
            pending.touches[Touch(row.company_id, None, row.fleet_vehicle_id, row.person_id)] = None
        elif not isinstance(row, Operation) or _is_shown(row):
            pending.loans.add(row.assignment_id)


def _of_loan(loan: Assignment) -> Iterable[Touch]:
    """The rows it stands in and those it stood in before."""
    attributes = inspect(loan).attrs
    vehicles = {each for each in attributes.fleet_vehicle_id.history.sum() if each is not None}
    people = {each for each in attributes.person_id.history.sum() if each is not None}
    if not (vehicles and people):
        return [Touch(loan.company_id, loan.id)]
    return [Touch(loan.company_id, loan.id, vehicle, person) for vehicle in vehicles for person in people]


def _is_shown(operation: Operation) -> bool:
    attributes = inspect(operation).attrs
    return operation.subject == LOAN and any(attributes[name].history.has_changes() for name in SHOWN_OF_OPERATION)


@event.listens_for(db.session, "do_orm_execute")
def _notice_statement(state: ORMExecuteState) -> None:
    """What a statement changes or deletes without loading it is looked at first."""
    if not (state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    model = state.bind_mapper.class_
    if model not in WATCHED:
        return
    assert isinstance(state.statement, Update | Delete)
    pending = _pending(state.session)
    criteria = () if state.statement.whereclause is None else (state.statement.whereclause,)
    if model is SoftHold:
        columns: Any = (SoftHold.company_id, SoftHold.fleet_vehicle_id, SoftHold.person_id)
        for company_id, vehicle_id, person_id in state.session.execute(select(*columns).where(*criteria)):
            pending.touches[Touch(company_id, None, vehicle_id, person_id)] = None
    elif model is Assignment:
        columns = (Assignment.company_id, Assignment.id, Assignment.fleet_vehicle_id, Assignment.person_id)
        for row in state.session.execute(select(*columns).where(*criteria)):
            pending.touches[Touch(*row)] = None
            # And where it stands then.
            pending.loans.add(row.id)
    else:
        of_loan = (Operation.subject == LOAN,) if model is Operation else ()
        pending.loans.update(state.session.scalars(select(model.assignment_id).where(*criteria, *of_loan)))


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    pending: _Pending | None = session.info.pop(PENDING, None)
    if pending is None:
        return
    touches = {**pending.touches, **dict.fromkeys(_where(session, pending))}
    if not touches:
        return
    if len(touches) > MOST_TOUCHES:
        touches = dict.fromkeys(Touch(touch.company_id) for touch in touches)
    now = clock.now()
    if session.get_bind().dialect.name != "sqlite":
        session.execute(TURN)
    session.execute(insert(LoanChange), [{**touch._asdict(), "changed_at": now} for touch in touches])


def _where(session: Session, pending: _Pending) -> list[Touch]:
    """The rows of loans of which something else was written; those that are deleted were told of as such."""
    columns = (Assignment.company_id, Assignment.id, Assignment.fleet_vehicle_id, Assignment.person_id)
    if not pending.loans:
        return []
    found = session.execute(select(*columns).where(Assignment.id.in_(sorted(pending.loans))).order_by(Assignment.id))
    return [Touch(*row) for row in found]


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(PENDING, None)
