"""Reading loans: one with all that its card shows, names for lists, how far a bulk run is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.models import Vehicle
from webapp.fleet.names import full_name, vehicle_name
from webapp.fms.ledger import states_of
from webapp.fms.models import OPEN, Operation, State
from webapp.loans.deeds import OFFERED
from webapp.loans.loan import label_from
from webapp.loans.models import Assignment, Batch, BatchRow, Deed, LoanEvent, RowState
from webapp.loans.periods import Period
from webapp.loans.reconciled import Flag
from webapp.loans.shapes import AssignmentJson
from webapp.loans.states import LOAN, FmsState, Status

# Joins a loan with what is being asked of FMS for it, if anything: at most one operation is open.
IS_UNDER_WAY = and_(
    Operation.assignment_id == Assignment.id,
    Operation.subject == LOAN,
    # Written out, so that the index over open operations, which are few, is used.
    Operation.state.in_(sorted(OPEN)),
)


@dataclass(frozen=True)
class Loan:
    """A loan as pages and JSON show it. `fms_state` is derived from the ledger."""

    id: int
    company_id: int
    vin: str
    vehicle_row_id: int
    vehicle_id: int | None
    vehicle_name: str
    make: str
    model: str
    color: str
    expected_turn_in_date: date | None
    person_id: int
    partner_name: str
    office: str
    start_day: date
    end_day: date
    status: Status
    green_status: Status
    fms_state: FmsState
    fms_request_id: int | None
    activity_id: int | None
    chain_id: str | None
    version: int
    reason: str
    flag: Flag

    def as_json(self) -> AssignmentJson:
        """The assignment of interface.md."""
        return {
            "assignment_id": self.id,
            "vin": self.vin,
            "person_id": self.person_id,
            "office": self.office,
            "start_day": self.start_day.isoformat(),
            "end_day": self.end_day.isoformat(),
            "make": self.make,
            "model": self.model,
            "partner_name": self.partner_name,
            "status": self.status,
            "fms_request_id": self.fms_request_id,
            "fms_state": self.fms_state,
            "activity_id": self.activity_id,
            "chain_id": self.chain_id,
            "version": self.version,
        }


@dataclass(frozen=True)
class HistoryEntry:
    """One sentence of a loan's history, with who and when."""

    happened_at: datetime
    actor_name: str
    text: str


def fms_state(status: str, open_state: State | None) -> FmsState:
    """What FMS knows of a loan: an open operation decides, then the colour."""
    if open_state is not None:
        return FmsState.SENDING if open_state == State.SENDING else FmsState.UNCERTAIN
    return FmsState.ACCEPTED if status in {Status.REQUESTED, Status.ACTIVE} else FmsState.NONE


def loan_columns() -> Select[*tuple[Any, ...]]:
    """The columns that `loans_from` reads, for queries that add conditions of their own."""
    return select(
        Assignment.id,
        Assignment.company_id,
        Assignment.fleet_vehicle_id,
        Assignment.person_id,
        Assignment.partner_name,
        Assignment.office,
        Assignment.start_day,
        Assignment.end_day,
        Assignment.status,
        Assignment.green_status,
        Assignment.fms_request_id,
        Assignment.activity_id,
        Assignment.chain_id,
        Assignment.version,
        Assignment.reason,
        Assignment.flag,
        Vehicle.vin,
        Vehicle.vehicle_id,
        Vehicle.make,
        Vehicle.model,
        Vehicle.color,
        Vehicle.expected_turn_in_date,
    ).join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)


def loans_from(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Loan]:
    """The loans of a query built on `loan_columns`, in two queries whatever their number."""
    rows = session.execute(statement).all()
    states = states_of(session, LOAN, [row.id for row in rows]) if rows else {}
    return [_loan(row, states.get(row.id)) for row in rows]


def loan(actor: Actor, assignment_id: int) -> Loan:
    """One loan that the actor may see: of an office in scope, or on a vehicle that stands there. `NotFound` else."""
    found = loans(actor, [assignment_id])
    if not found:
        raise NotFound("This loan does not exist any more, or you may not see it.")
    return found[0]


def loans(actor: Actor, assignment_ids: Iterable[int]) -> list[Loan]:
    """Those of these loans that exist and that the actor may see."""
    return loans_from(db.session(), loan_columns().where(Assignment.id.in_(list(assignment_ids)), _visible(actor)))


def exists_anywhere(assignment_id: int) -> bool:
    """Whether there is such a loan, seen or not."""
    return db.session.scalar(select(Assignment.id).where(Assignment.id == assignment_id)) is not None


def loans_of_chain(actor: Actor, chain_id: str) -> list[Loan]:
    """The loans of a saved chain that the actor may see, by start; none where there is no such chain."""
    # PostgreSQL would not even compare a name that holds one.
    if "\x00" in chain_id:
        return []
    of_chain = loan_columns().where(Assignment.chain_id == chain_id, _visible(actor))
    return loans_from(db.session(), of_chain.order_by(Assignment.start_day, Assignment.id))


def history(actor: Actor, assignment_id: int) -> list[HistoryEntry]:
    """What happened to a loan, newest first, with what was asked of FMS and refused. Raises `NotFound`."""
    loan(actor, assignment_id)
    events = [
        HistoryEntry(event.happened_at, event.actor_name, event.text)
        for event in db.session.scalars(
            select(LoanEvent).where(LoanEvent.assignment_id == assignment_id).order_by(LoanEvent.id.desc())
        )
    ]
    refused = db.session.execute(
        select(Operation.created_at, Operation.requested_by, Operation.error).where(
            Operation.subject == LOAN, Operation.assignment_id == assignment_id, Operation.state == State.REFUSED
        )
    )
    events += [HistoryEntry(at, by, f"Not sent to FMS: {error}") for at, by, error in refused]
    return sorted(events, key=lambda entry: entry.happened_at, reverse=True)


def open_operation(actor: Actor, assignment_id: int) -> int | None:
    """The ledger's id of what is being sent or is uncertain for this loan, if anything."""
    loan(actor, assignment_id)
    return db.session.scalar(
        select(Operation.id).where(
            Operation.subject == LOAN,
            Operation.assignment_id == assignment_id,
            Operation.state.in_(sorted(OPEN)),
        )
    )


def labels_of(actor: Actor, assignment_ids: Iterable[int]) -> dict[int, str]:
    """How people call these loans; those out of scope are missing."""
    scope = in_scope(actor, Assignment.company_id, Assignment.office)
    rows = db.session.execute(loan_columns().where(Assignment.id.in_(list(assignment_ids)), scope))
    return {row.id: _label(row) for row in rows}


@dataclass(frozen=True)
class BatchProgress:
    """How far a bulk run is. `uncertain` rows count as neither succeeded nor failed.

    `days` is by how many it moves loans, `undoes` the step that it undoes; `can_undo`: what it did is not undone yet.
    """

    id: str
    kind: str
    created_at: datetime
    is_finished: bool
    rows: tuple[BatchRow, ...]
    days: int | None = None
    undoes: str | None = None
    can_undo: bool = False

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def counts(self) -> Counter[str]:
        """Rows by state."""
        return Counter(row.state for row in self.rows)

    @property
    def done(self) -> int:
        """Rows that have ended, however."""
        return self.total - self.counts[RowState.WAITING] - self.counts[RowState.RUNNING]


def batch(actor: Actor, batch_id: str) -> BatchProgress:
    """A bulk run of one's own. Raises `NotFound`."""
    row = db.session.scalar(
        select(Batch).where(Batch.id == batch_id, Batch.user_id == actor.user_id, in_company(actor, Batch.company_id))
    )
    if row is None:
        raise NotFound("There is no such run of yours.")
    rows = db.session.scalars(select(BatchRow).where(BatchRow.batch_id == batch_id).order_by(BatchRow.position))
    is_finished = row.finished_at is not None
    return BatchProgress(
        row.id,
        row.kind,
        row.created_at,
        is_finished,
        tuple(rows),
        days=row.days,
        undoes=row.undoes,
        can_undo=is_finished and _can_undo(row.id),
    )


def _can_undo(step_id: str) -> bool:
    offered = (Deed.step_id == step_id, Deed.undone_at.is_(None), Deed.done_at > clock.now() - OFFERED)
    return db.session.scalar(select(Deed.id).where(*offered).limit(1)) is not None


def latest_batch_id(actor: Actor) -> str | None:
    """The newest run of one's own that has not been put away."""
    return db.session.scalar(
        select(Batch.id)
        .where(Batch.user_id == actor.user_id, Batch.dismissed_at.is_(None))
        .order_by(Batch.created_at.desc())
        .limit(1)
    )


def _visible(actor: Actor) -> ColumnElement[bool]:
    return or_(
        in_scope(actor, Assignment.company_id, Assignment.office), in_scope(actor, Vehicle.company_id, Vehicle.office)
    )


def _label(row: Row[Any]) -> str:
    name = full_name(row.make, row.model, row.vin)
    return label_from(name, row.partner_name, Period(row.start_day, row.end_day))


def _loan(row: Row[Any], open_state: State | None) -> Loan:
    return Loan(
        id=row.id,
        company_id=row.company_id,
        vin=row.vin,
        vehicle_row_id=row.fleet_vehicle_id,
        vehicle_id=row.vehicle_id,
        vehicle_name=vehicle_name(row.make, row.model),
        make=row.make,
        model=row.model,
        color=row.color,
        expected_turn_in_date=row.expected_turn_in_date,
        person_id=row.person_id,
        partner_name=row.partner_name,
        office=row.office,
        start_day=row.start_day,
        end_day=row.end_day,
        status=Status(row.status),
        green_status=Status(row.green_status),
        fms_state=fms_state(row.status, open_state),
        fms_request_id=row.fms_request_id,
        activity_id=row.activity_id,
        chain_id=row.chain_id,
        version=row.version,
        reason=row.reason,
        flag=Flag(row.flag),
    )
