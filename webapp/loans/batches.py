"""Bulk runs: up to 100 loans requested, unrequested, deleted, moved or brought back, a few at a time, each reported.

A run is rows in the database before the first call, so it outlives the tab that began it and the process that
worked on it: a run whose process is gone is taken up again, and a row is only ever started once.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import actor_of
from webapp.audit.acting import Doer, acting, current, for_person
from webapp.db import close_reading, db, writing
from webapp.errors import NotFound, Refusal
from webapp.fms.client import fms
from webapp.fms.models import Operation
from webapp.fms.models import State as OperationState
from webapp.loans import requests, runs, undoing
from webapp.loans.bringing import Aim, bring
from webapp.loans.loan import is_under_way
from webapp.loans.models import Assignment, Batch, BatchKind, BatchRow, LoanEvent, RowState
from webapp.loans.outcomes import report_to_batch
from webapp.loans.queries import labels_of
from webapp.loans.requests import How, Result
from webapp.loans.rules import noted
from webapp.loans.runs import BRINGING, RowToBe
from webapp.loans.runs import MOST as MOST
from webapp.loans.states import Status
from webapp.loans.undo_words import days_moved

ROW_STATES = {How.DONE: RowState.SUCCEEDED, How.UNCERTAIN: RowState.UNCERTAIN, How.FAILED: RowState.FAILED}
log = structlog.get_logger(__name__)


class Broken(Refusal):
    """Something of ours broke while a row was worked on."""

    code = "internal"


def create(
    actor: Actor, kind: BatchKind, assignment_ids: Sequence[int], *, versions: Mapping[int, int] | None = None
) -> str:
    """Write a run with a row for each loan, none started. Raises `InvalidInput` for none or more than 100.

    `versions` are those of the loans as the person was shown them: one that changed since is left, and its row says so.
    Moves and undoings are written by `moving` and `undoing`, which know where each loan is to end.
    """
    actor.require(Permission.PLAN_LOANS)
    if kind in BRINGING:
        raise ValueError(f"a run of {kind} says where its loans are to end")
    ids = runs.require_some(assignment_ids)
    labels, shown = labels_of(actor, ids), versions or {}
    rows = [RowToBe(one, labels.get(one, f"Loan {one}"), version=shown.get(one)) for one in ids]
    with writing() as session:
        return runs.write(session, actor, kind, rows)


def start(
    actor: Actor, kind: BatchKind, assignment_ids: Sequence[int], *, versions: Mapping[int, int] | None = None
) -> str:
    """Write a run as `create` does and work on it in the background. Its id; it goes on when nobody watches."""
    batch_id = create(actor, kind, assignment_ids, versions=versions)
    begin(batch_id)
    return batch_id


def begin(batch_id: str) -> None:
    """Work in the background on a run that is written; it goes on when nobody watches."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    doer = current()

    def work() -> None:
        with app.app_context(), acting(doer):
            run(batch_id)

    # A daemon: when the process is asked to stop, the run is taken up by the next one, not waited for.
    threading.Thread(target=work, name=f"batch-{batch_id[:8]}", daemon=True).start()


def run_alone(batch_id: str) -> None:
    """Work on a run of one loan here and now, as a single click would: it waits for no other run."""
    batch = db.session.get_one(Batch, batch_id)
    actor, job = actor_of(batch.user_id), _job_of(batch)
    close_reading()
    _work_on(job, actor)
    _finish(batch_id)


def run(batch_id: str) -> None:
    """Work on a run until no row waits: a few threads, each with its own session, so none waits for another."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    batch = db.session.get_one(Batch, batch_id)
    actor, job = actor_of(batch.user_id), _job_of(batch)
    close_reading()
    workers = app.extensions["settings"].fms_concurrency
    # Whoever takes up another's run does so for who began it.
    doer = for_person(actor) if actor else current()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="bulk") as pool:
        for future in [pool.submit(_work, app, job, actor, doer) for _ in range(workers)]:
            future.result()
    _finish(batch_id)


def _finish(batch_id: str) -> None:
    with writing() as session:
        unfinished = select(BatchRow.id).where(
            BatchRow.batch_id == batch_id, BatchRow.state.in_([RowState.WAITING, RowState.RUNNING])
        )
        if session.scalar(unfinished.limit(1)) is None:
            session.execute(update(Batch).where(Batch.id == batch_id).values(finished_at=clock.now()))


def resume() -> None:
    """Take up the runs whose process is gone: rows that were being worked on are settled by the ledger first."""
    stale = clock.now() - timedelta(seconds=fms().longest_seconds * 2)
    ids = list(db.session.scalars(select(Batch.id).where(Batch.finished_at.is_(None), Batch.beat_at < stale)))
    close_reading()
    for batch_id in ids:
        with writing() as session:
            taken = session.scalar(
                update(Batch)
                .where(Batch.id == batch_id, Batch.beat_at < stale, Batch.finished_at.is_(None))
                .values(beat_at=clock.now())
                .returning(Batch.kind)
            )
            if taken is None:
                continue
            _settle_interrupted_rows(session, batch_id, taken)
        log.info("bulk run taken up again", batch_id=batch_id)
        run(batch_id)


def dismiss(actor: Actor, batch_id: str) -> None:
    """Put away the report of one's own run; the ledger keeps everything."""
    with writing() as session:
        mine = (Batch.id == batch_id, Batch.user_id == actor.user_id)
        session.execute(update(Batch).where(*mine).values(dismissed_at=clock.now()))


@dataclass(frozen=True)
class _Job:
    """What the threads of a run need to know of it; `remark` stands in the history of its loans."""

    batch_id: str
    kind: BatchKind
    remark: str


def _job_of(batch: Batch) -> _Job:
    kind = BatchKind(batch.kind)
    moved = f"moved {days_moved(batch.days)} with others" if batch.days else ""
    remark = {BatchKind.MOVE: moved, BatchKind.UNDO: "undone", BatchKind.REDO: "done again"}.get(kind, "")
    return _Job(batch.id, kind, remark)


def _work(app: Flask, job: _Job, actor: Actor | None, doer: Doer) -> None:
    workers = app.extensions["settings"].fms_concurrency
    # All runs of this process share these: FMS sees no more calls at once when two people press the button.
    slots: threading.Semaphore = app.extensions.setdefault("bulk_slots", threading.Semaphore(workers))
    with app.app_context(), acting(doer):
        is_left = True
        while is_left:
            with slots:
                is_left = _work_on(job, actor)


def _work_on(job: _Job, actor: Actor | None) -> bool:
    """Do the next row, if there is one to begin."""
    claimed = _claim(job)
    if claimed is not None:
        row_id, aim = claimed
        _finish_row(job.batch_id, row_id, aim.assignment_id, *_try(actor, job.kind, aim))
    return claimed is not None


def _claim(job: _Job) -> tuple[int, Aim] | None:
    """The next waiting row, now ours alone; one whose queue is still being worked on is left to who works on that."""
    with writing() as session:
        _beat(session, job.batch_id)
        before = aliased(BatchRow)
        waits = exists().where(
            before.batch_id == BatchRow.batch_id,
            before.queue == BatchRow.queue,
            before.position < BatchRow.position,
            before.state.in_([RowState.WAITING, RowState.RUNNING]),
        )
        row = session.scalar(
            select(BatchRow)
            .where(BatchRow.batch_id == job.batch_id, BatchRow.state == RowState.WAITING, ~waits)
            .order_by(BatchRow.position)
            .limit(1)
        )
        if row is None:
            return None
        row.state = RowState.RUNNING
        return row.id, Aim(row.assignment_id, row.wanted, row.version, job.batch_id, job.remark)


def _beat(session: Session, batch_id: str) -> None:
    """Say that the run is being worked on. Its row comes first, so that who changes its rows does so in turn."""
    session.execute(update(Batch).where(Batch.id == batch_id).values(beat_at=clock.now()))


def _try(actor: Actor | None, kind: BatchKind, aim: Aim) -> tuple[Result | None, Refusal | None]:
    if actor is None:
        return None, NotFound("Whoever started this run may not sign in any more.")
    act = {
        BatchKind.REQUEST: requests.request,
        BatchKind.UNREQUEST: requests.unrequest,
        BatchKind.DELETE: requests.delete,
    }
    try:
        if kind in BRINGING:
            return bring(actor, aim), None
        return act[kind](actor, aim.assignment_id, version=aim.version, batch_id=aim.step_id), None
    except Refusal as refusal:
        return None, refusal
    except Exception:
        # One broken row must not stop the others; what it sent is in the ledger, and recovery settles it.
        log.exception("row of a bulk run broke", batch_id=aim.step_id, assignment_id=aim.assignment_id)
        return None, Broken("Something broke on our side; see the loan's history.")


def _finish_row(batch_id: str, row_id: int, assignment_id: int, result: Result | None, refusal: Refusal | None) -> None:
    with writing() as session:
        _beat(session, batch_id)
        values = _done(result) if result is not None else _refused(session, assignment_id, refusal)
        # A row that recovery has settled meanwhile is not made uncertain again.
        mine = (BatchRow.id == row_id, BatchRow.state.in_([RowState.RUNNING, RowState.UNCERTAIN]))
        row = session.scalar(select(BatchRow).where(*mine))
        if row is not None:
            for name, value in values.items():
                setattr(row, name, value)
            if row.state == RowState.UNCERTAIN and not is_under_way(session, assignment_id):
                # Recovery was quicker than we were with the row, and found none in doubt to tell of it.
                _settle_late(session, batch_id, row)
            else:
                undoing.settle(session, session.get_one(Batch, batch_id), row)


def _done(result: Result) -> dict[str, Any]:
    is_done = result.how is How.DONE
    return {
        "state": ROW_STATES[result.how],
        "code": result.code,
        "text": noted(result.warnings, after="") if is_done else result.message,
        "fms_request_id": result.fms_request_id,
        "created_in_fms": is_done and result.new_status == Status.REQUESTED,
        "deleted_from_fms": is_done and result.fms_action == "delete",
    }


def _refused(session: Session, assignment_id: int, refusal: Refusal | None) -> dict[str, Any]:
    assert refusal is not None
    # What broke on our side may have been sent; recovery then tells this row how it ended.
    is_in_doubt = isinstance(refusal, Broken) and is_under_way(session, assignment_id)
    state = RowState.UNCERTAIN if is_in_doubt else RowState.FAILED
    return {"state": state, "code": refusal.code, "text": refusal.sentence}


def _settle_interrupted_rows(session: Session, batch_id: str, kind: str) -> None:
    """A row that was running has an operation in the ledger, or nothing was sent for it and it waits again."""
    rows = session.scalars(
        select(BatchRow).where(BatchRow.batch_id == batch_id, BatchRow.state == RowState.RUNNING)
    ).all()
    for row in rows:
        if kind in BRINGING:
            _settle_brought(session, batch_id, row)
            continue
        operation = _last_operation(session, batch_id, row)
        if operation is not None:
            report_to_batch(session, operation)
        elif kind == BatchKind.DELETE and _was_deleted(session, row.assignment_id):
            row.state = RowState.SUCCEEDED
        else:
            row.state = RowState.WAITING


def _settle_brought(session: Session, batch_id: str, row: BatchRow) -> None:
    """A row of several steps goes on where it stopped, unless FMS refused a step; what is under way is waited for."""
    last = _last_operation(session, batch_id, row)
    if last is None or last.state == OperationState.SUCCEEDED:
        row.state = RowState.WAITING
    elif last.state == OperationState.UNCERTAIN:
        row.state, row.code, row.text = RowState.UNCERTAIN, last.code, last.error
    elif last.state != OperationState.SENDING:
        row.state, row.code, row.text = RowState.FAILED, last.code, last.error
        undoing.settle(session, session.get_one(Batch, batch_id), row)


def _settle_late(session: Session, batch_id: str, row: BatchRow) -> None:
    session.flush()
    last = _last_operation(session, batch_id, row)
    if last is not None:
        report_to_batch(session, last)


def _last_operation(session: Session, batch_id: str, row: BatchRow) -> Operation | None:
    return session.scalar(
        select(Operation)
        .where(Operation.batch_id == batch_id, Operation.assignment_id == row.assignment_id)
        .order_by(Operation.id.desc())
        .limit(1)
    )


def _was_deleted(session: Session, assignment_id: int) -> bool:
    """Whether a loan that has a history is gone: a green one leaves no operation behind."""
    history = select(LoanEvent.id).where(LoanEvent.assignment_id == assignment_id).limit(1)
    return session.get(Assignment, assignment_id) is None and session.scalar(history) is not None
