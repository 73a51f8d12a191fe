"""What an outcome of FMS means for a loan: called in the transaction that writes it to the ledger."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.fms.models import Kind, Operation, State
from webapp.fms.outcomes import Fate
from webapp.fms.schemas import fms_date
from webapp.loans import deeds, undoing
from webapp.loans.bringing import is_there
from webapp.loans.history import note
from webapp.loans.loan import is_under_way, touch
from webapp.loans.models import Assignment, Batch, BatchRow, DeedKind, RowState
from webapp.loans.requests import REMOVE
from webapp.loans.runs import BRINGING
from webapp.loans.states import GREEN, Status

TOO_LATE = "FMS took the request back after this run had gone on: the loan is green, and nothing else was done to it."
ROW_STATES = {
    State.SENDING: RowState.RUNNING,
    State.REFUSED: RowState.FAILED,
    State.SUCCEEDED: RowState.SUCCEEDED,
    State.FAILED: RowState.FAILED,
    State.UNCERTAIN: RowState.UNCERTAIN,
}


class LoanOutcomes:
    """Colours loans by what FMS said. Magenta is written here and nowhere else."""

    def apply(self, session: Session, operation: Operation) -> None:
        """Bring the loan, its history and its row of a bulk run in line with `operation`."""
        loan = session.get(Assignment, operation.assignment_id, with_for_update=True, populate_existing=True)
        if loan is not None:
            (_created if operation.kind == Kind.CREATE else _removed)(session, loan, operation)
        report_to_batch(session, operation)

    def can_take(self, session: Session, operation: Operation) -> bool:
        """Whether the loan still stands as `operation` left it: there, not under way otherwise, saying the same."""
        loan = session.get(Assignment, operation.assignment_id, with_for_update=True, populate_existing=True)
        if loan is None or operation.is_open:
            return loan is not None
        if is_under_way(session, loan.id):
            return False
        if operation.kind == Kind.CREATE and operation.state == State.FAILED:
            return operation.fms_request_id is None and loan.status in GREEN and _says_the_same(loan, operation)
        if loan.fms_request_id != operation.fms_request_id:
            return False
        if operation.kind == Kind.DELETE:
            # Given up as not removed.
            return loan.status == Status.REQUESTED
        # Its number is only a person's word, or is not known; FMS may have approved it meanwhile.
        is_unsure = operation.code in {Fate.CONFIRMED, Fate.APPROVED}
        return is_unsure and loan.status in {Status.REQUESTED, Status.ACTIVE, Status.COMPLETED}


def _created(session: Session, loan: Assignment, operation: Operation) -> None:
    if operation.state == State.SUCCEEDED:
        _accept(session, loan, operation)
    elif operation.code == Fate.ACCEPTED_WITHOUT_ID:
        loan.status = Status.REQUESTED
        touch(loan)
        note(session, loan.id, None, operation.error)
    else:
        if operation.state == State.FAILED and loan.status == Status.REQUESTED:
            # It had been accepted without a number, or under a wrong one, and FMS turns out not to have it.
            loan.status, loan.fms_request_id = loan.green_status, None
            touch(loan)
        if operation.code == Fate.REFUSED and loan.status in GREEN:
            # Its card says why it stayed green, until it is changed or FMS takes it. That FMS was away is soon over.
            loan.reason = operation.error
        note(session, loan.id, None, f"Request by {operation.requested_by}: {operation.error}")


def _accept(session: Session, loan: Assignment, operation: Operation) -> None:
    fms_request_id = operation.fms_request_id
    # As it was when it was asked for: it may have been accepted before, without a number, which made a version.
    asked_for = loan.version - (loan.status == Status.REQUESTED)
    green = {"status": str(loan.green_status), "fms_request_id": None, "version": asked_for}
    before = {**deeds.state_of(session, loan), **green}
    # The activity feed may have been quicker, and FMS's approval is not undone by its acceptance.
    is_open = loan.status not in {Status.ACTIVE, Status.COMPLETED}
    if is_open:
        loan.status, loan.flag, loan.reason = Status.REQUESTED, "", ""
    loan.fms_request_id = fms_request_id
    touch(loan)
    if is_open and fms_request_id is not None:
        _keep_deed(session, DeedKind.REQUESTED, loan, before, operation)
    had_arrived = "FMS's calendar has this loan: the request that FMS had not confirmed did arrive."
    note(session, loan.id, None, f"Requested in FMS (#{fms_request_id})." if fms_request_id else had_arrived)


def _removed(session: Session, loan: Assignment, operation: Operation) -> None:
    if operation.state != State.SUCCEEDED:
        note(session, loan.id, None, f"Removal by {operation.requested_by}: {operation.error}")
        return
    removed = f"Request #{operation.fms_request_id} removed from FMS by {operation.requested_by}."
    before = deeds.state_of(session, loan)
    if operation.purpose == REMOVE:
        note(session, loan.id, None, removed)
        _keep_deed(session, DeedKind.DELETED, loan, before, operation)
        session.delete(loan)
        return
    loan.status = loan.green_status = operation.purpose
    loan.fms_request_id, loan.flag = None, ""
    touch(loan)
    note(session, loan.id, None, removed)
    _keep_deed(session, DeedKind.UNREQUESTED, loan, before, operation)


def _keep_deed(session: Session, kind: DeedKind, loan: Assignment, before: deeds.State, operation: Operation) -> None:
    """Whoever asked FMS did it, in the run or step for which they asked."""
    deeds.write(session, kind, loan, before, user_id=operation.user_id, step_id=operation.batch_id)


def _says_the_same(loan: Assignment, operation: Operation) -> bool:
    request = (operation.request or {}).get("request", {})
    return (
        request.get("loanee_id") == loan.person_id
        and request.get("start_date") == fms_date(loan.start_day)
        and request.get("end_date") == fms_date(loan.end_day)
        and operation.purpose == str(loan.fleet_vehicle_id)
    )


def report_to_batch(session: Session, operation: Operation) -> None:
    """Keep the row of a bulk run true when recovery or a person settles it long after the run."""
    # In turn with whoever is just ending the row: it is either in doubt already here, or sees there what we write.
    run = session.get(Batch, operation.batch_id, with_for_update=True) if operation.batch_id else None
    if run is None:
        return
    of_loan = (BatchRow.batch_id == run.id, BatchRow.assignment_id == operation.assignment_id)
    if run.kind in BRINGING:
        row = session.scalar(select(BatchRow).where(*of_loan, BatchRow.state == RowState.UNCERTAIN))
        if row is not None:
            _report_to_bringing(session, operation, run, row)
        return
    session.execute(
        update(BatchRow)
        .where(*of_loan)
        .values(
            state=ROW_STATES[State(operation.state)],
            code=operation.code if operation.state != State.SUCCEEDED else "",
            text=operation.error,
            fms_request_id=operation.fms_request_id,
            created_in_fms=operation.kind == Kind.CREATE and operation.state == State.SUCCEEDED,
            deleted_from_fms=operation.kind == Kind.DELETE and operation.state == State.SUCCEEDED,
        )
    )


def _report_to_bringing(session: Session, operation: Operation, run: Batch, row: BatchRow) -> None:
    """A row that was left in doubt: what it was to do in several steps has come to its end, or stopped on the way."""
    if operation.is_open:
        return
    session.flush()
    is_done = is_there(session, row.assignment_id, row.wanted)
    row.state = RowState.SUCCEEDED if is_done else RowState.FAILED
    row.code = "" if is_done else operation.code
    row.text = "" if is_done else operation.error or TOO_LATE
    row.fms_request_id = operation.fms_request_id if operation.kind == Kind.CREATE else None
    row.created_in_fms = is_done and operation.kind == Kind.CREATE
    row.deleted_from_fms = operation.kind == Kind.DELETE and operation.state == State.SUCCEEDED
    undoing.settle(session, run, row)
