"""Writes what FMS's calendar and its look-up make of loans: the colours that FMS alone decides.

Which step a loan takes is decided elsewhere (feeds/reconcile); here it is written with its entry in the loan's
history, by a company's feeds run or by whoever asks FMS between two runs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.db import close_reading, db, writing
from webapp.fms.client import fms
from webapp.fms.exchange import finish
from webapp.fms.ledger import states_of
from webapp.fms.models import Kind, Operation
from webapp.fms.outcomes import Fate, Outcome
from webapp.fms.schemas import Found
from webapp.loans.history import FMS, note
from webapp.loans.loan import touch
from webapp.loans.models import Assignment
from webapp.loans.periods import Period
from webapp.loans.reconciled import Step, called_off
from webapp.loans.states import LOAN, Status

# FMS is asked for refusals between two runs of the feeds this often.
REFUSALS_SECONDS = 300
# As many numbers as a statement carries with ease on both engines.
PORTION = 500


def write(steps: Iterable[Step], confirm: Callable[[Session], None] = lambda session: None) -> int:
    """Take `steps` in one transaction; how many were taken.

    A loan that changed since its step was decided, or for which something is under way in FMS now, is left to
    the next run. `confirm` is called first and raises where this runner may no longer write.
    """
    steps = list(steps)
    if not steps:
        return 0
    close_reading()
    with writing() as session:
        confirm(session)
        by_id = {step.loan_id: step for step in steps}
        ids = sorted(by_id)
        return sum(_write(session, by_id, ids[at : at + PORTION]) for at in range(0, len(ids), PORTION))


def _write(session: Session, steps: Mapping[int, Step], ids: list[int]) -> int:
    # Locked before the ledger is read: whoever asks something of FMS for a loan locks it first, too.
    loans = session.scalars(
        select(Assignment)
        .where(Assignment.id.in_(ids))
        .order_by(Assignment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    under_way = states_of(session, LOAN, ids)
    taken = 0
    for loan in loans:
        step = steps[loan.id]
        if loan.version != step.version or loan.id in under_way:
            continue
        loan.status, loan.activity_id = step.status, step.activity_id
        loan.start_day, loan.end_day = step.period.start_day, step.period.end_day
        loan.flag, loan.reason = step.flag, step.reason
        touch(loan)
        note(session, loan.id, None, step.text, by=FMS)
        taken += 1
    return taken


def prove(operation_id: int, activity_id: int) -> None:
    """Settle an uncertain create: its loan is in FMS's calendar, so the request had arrived.

    The number of the request stays unknown until a look-up or a late answer tells it.
    """
    close_reading()
    finish(operation_id, Outcome(Fate.APPROVED, "FMS approved it", answer=f"Activity {activity_id} of FMS's calendar."))


def refusals(*conditions: ColumnElement[bool]) -> dict[int, str]:
    """Why FMS refused or cancelled the requests of those requested and active loans that `conditions` choose.

    By the loan's id; empty where FMS's look-up does not answer in full. Calls FMS, outside any transaction, and
    only if there is a loan to ask for.
    """
    asked = _numbers(*conditions)
    close_reading()
    if not asked or not fms().is_configured:
        return {}
    found = fms().look_up()
    dead = {request.request_id: request for request in found or () if request.is_dead}
    return {
        loan_id: _why(dead[number])
        for loan_id, number, references in asked
        if number in dead and dead[number].reference in ("", *references)
    }


def hear_refusals() -> int:
    """Cancel the requested loans that FMS refused or cancelled; how many. Bears being run by several at once."""
    # Before FMS is asked: a loan that is requested anew meanwhile must not be cancelled for its old request.
    rows = db.session.execute(
        select(
            Assignment.id, Assignment.version, Assignment.start_day, Assignment.end_day, Assignment.activity_id
        ).where(Assignment.status == Status.REQUESTED)
    ).all()
    why = refusals(Assignment.status == Status.REQUESTED) if rows else {}
    close_reading()
    return write(
        called_off(row.id, row.version, Period(row.start_day, row.end_day), row.activity_id, why[row.id])
        for row in rows
        if row.id in why
    )


def _numbers(*conditions: ColumnElement[bool]) -> list[tuple[int, int, Collection[str]]]:
    """Loan, the number of its request, and the references under which we asked for that number.

    A number that a person entered can be wrong: then FMS shows another loan's reference beside it.
    """
    rows = db.session.execute(
        select(Assignment.id, Assignment.fms_request_id, Operation.reference)
        .outerjoin(
            Operation,
            (Operation.assignment_id == Assignment.id)
            & (Operation.subject == LOAN)
            & (Operation.kind == Kind.CREATE)
            & (Operation.fms_request_id == Assignment.fms_request_id),
        )
        .where(
            Assignment.fms_request_id.is_not(None),
            Assignment.status.in_([Status.REQUESTED, Status.ACTIVE]),
            *conditions,
        )
    ).all()
    references: dict[tuple[int, int], set[str]] = {}
    for loan_id, number, reference in rows:
        assert number is not None
        references.setdefault((loan_id, number), set()).update([reference] if reference else [])
    return [(loan_id, number, known) for (loan_id, number), known in references.items()]


def _why(request: Found) -> str:
    said = "refused" if request.status.lower() in {"refused", "rejected", "denied"} else "cancelled"
    why = f": {request.reason}" if request.reason else ""
    return f"FMS {said} request #{request.request_id}{why.rstrip('.')}."
