"""Bulk runs: up to 100 loans requested, unrequested or deleted, a few at a time, each row reported.

A run is rows in the database before the first call, so it outlives the tab that began it and the process that
worked on it: a run whose process is gone is taken up again, and a row is only ever started once.
"""

import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import actor_of
from webapp.db import close_reading, db, writing
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.fms.client import fms
from webapp.fms.models import Operation
from webapp.loans import requests
from webapp.loans.loan import is_under_way
from webapp.loans.models import Assignment, Batch, BatchKind, BatchRow, LoanEvent, RowState
from webapp.loans.outcomes import report_to_batch
from webapp.loans.queries import labels_of
from webapp.loans.requests import How, Result
from webapp.loans.states import Status

MOST = 100
ROW_STATES = {How.DONE: RowState.SUCCEEDED, How.UNCERTAIN: RowState.UNCERTAIN, How.FAILED: RowState.FAILED}
log = structlog.get_logger(__name__)


class Broken(Refusal):
    """Something of ours broke while a row was worked on."""

    code = "internal"


def create(actor: Actor, kind: BatchKind, assignment_ids: Sequence[int]) -> str:
    """Write a run with a row for each loan, none started. Raises `InvalidInput` for none or more than 100."""
    actor.require(Permission.PLAN_LOANS)
    assert actor.user_id is not None
    ids = list(dict.fromkeys(assignment_ids))
    if not ids:
        raise InvalidInput("Choose at least one loan.", fields={"assignment_ids": "none chosen"})
    if len(ids) > MOST:
        sentence = f"At most {MOST} loans go in one run; you chose {len(ids)}."
        raise InvalidInput(sentence, fields={"assignment_ids": sentence})
    labels = labels_of(actor, ids)
    batch_id, now = str(uuid.uuid4()), clock.now()
    with writing() as session:
        session.add(
            Batch(
                id=batch_id, company_id=actor.company_id, user_id=actor.user_id, kind=kind, created_at=now, beat_at=now
            )
        )
        session.add_all(
            BatchRow(
                batch_id=batch_id,
                position=position,
                assignment_id=assignment_id,
                label=labels.get(assignment_id, f"Loan {assignment_id}"),
                state=RowState.WAITING,
            )
            for position, assignment_id in enumerate(ids)
        )
    return batch_id


def start(actor: Actor, kind: BatchKind, assignment_ids: Sequence[int]) -> str:
    """Write a run and work on it in the background. Its id; the run goes on when nobody watches."""
    batch_id = create(actor, kind, assignment_ids)
    _in_background(batch_id)
    return batch_id


def run(batch_id: str) -> None:
    """Work on a run until no row waits: a few threads, each with its own session, so none waits for another."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    batch = db.session.get_one(Batch, batch_id)
    actor, kind = actor_of(batch.user_id), BatchKind(batch.kind)
    close_reading()
    workers = app.extensions["settings"].fms_concurrency
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="bulk") as pool:
        for future in [pool.submit(_work, app, batch_id, kind, actor) for _ in range(workers)]:
            future.result()
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


def _in_background(batch_id: str) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def work() -> None:
        with app.app_context():
            run(batch_id)

    # A daemon: when the process is asked to stop, the run is taken up by the next one, not waited for.
    threading.Thread(target=work, name=f"batch-{batch_id[:8]}", daemon=True).start()


def _work(app: Flask, batch_id: str, kind: BatchKind, actor: Actor | None) -> None:
    workers = app.extensions["settings"].fms_concurrency
    # All runs of this process share these: FMS sees no more calls at once when two people press the button.
    slots: threading.Semaphore = app.extensions.setdefault("bulk_slots", threading.Semaphore(workers))
    with app.app_context():
        while True:
            with slots:
                claimed = _claim(batch_id)
                if claimed is None:
                    return
                row_id, assignment_id = claimed
                _finish_row(batch_id, row_id, assignment_id, *_try(actor, kind, assignment_id, batch_id))


def _claim(batch_id: str) -> tuple[int, int] | None:
    """The next waiting row, now ours alone."""
    with writing() as session:
        _beat(session, batch_id)
        row = session.execute(
            select(BatchRow.id, BatchRow.assignment_id)
            .where(BatchRow.batch_id == batch_id, BatchRow.state == RowState.WAITING)
            .order_by(BatchRow.position)
            .limit(1)
        ).first()
        if row is None:
            return None
        session.execute(update(BatchRow).where(BatchRow.id == row.id).values(state=RowState.RUNNING))
        return row.id, row.assignment_id


def _beat(session: Session, batch_id: str) -> None:
    """Say that the run is being worked on. Its row comes first, so that who changes its rows does so in turn."""
    session.execute(update(Batch).where(Batch.id == batch_id).values(beat_at=clock.now()))


def _try(
    actor: Actor | None, kind: BatchKind, assignment_id: int, batch_id: str
) -> tuple[Result | None, Refusal | None]:
    if actor is None:
        return None, NotFound("Whoever started this run may not sign in any more.")
    act = {
        BatchKind.REQUEST: requests.request,
        BatchKind.UNREQUEST: requests.unrequest,
        BatchKind.DELETE: requests.delete,
    }
    try:
        return act[kind](actor, assignment_id, batch_id=batch_id), None
    except Refusal as refusal:
        return None, refusal
    except Exception:
        # One broken row must not stop the others; what it sent is in the ledger, and recovery settles it.
        log.exception("row of a bulk run broke", batch_id=batch_id, assignment_id=assignment_id)
        return None, Broken("Something broke on our side; see the loan's history.")


def _finish_row(batch_id: str, row_id: int, assignment_id: int, result: Result | None, refusal: Refusal | None) -> None:
    with writing() as session:
        _beat(session, batch_id)
        values = _done(result) if result is not None else _refused(session, assignment_id, refusal)
        # A row that recovery has settled meanwhile is not made uncertain again.
        mine = (BatchRow.id == row_id, BatchRow.state.in_([RowState.RUNNING, RowState.UNCERTAIN]))
        session.execute(update(BatchRow).where(*mine).values(**values))


def _done(result: Result) -> dict[str, Any]:
    is_done = result.how is How.DONE
    return {
        "state": ROW_STATES[result.how],
        "code": result.code,
        "text": "" if is_done else result.message,
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
        operation = session.scalar(
            select(Operation)
            .where(Operation.batch_id == batch_id, Operation.assignment_id == row.assignment_id)
            .order_by(Operation.id.desc())
            .limit(1)
        )
        if operation is not None:
            report_to_batch(session, operation)
        elif kind == BatchKind.DELETE and _was_deleted(session, row.assignment_id):
            row.state = RowState.SUCCEEDED
        else:
            row.state = RowState.WAITING


def _was_deleted(session: Session, assignment_id: int) -> bool:
    """Whether a loan that has a history is gone: a green one leaves no operation behind."""
    history = select(LoanEvent.id).where(LoanEvent.assignment_id == assignment_id).limit(1)
    return session.get(Assignment, assignment_id) is None and session.scalar(history) is not None
