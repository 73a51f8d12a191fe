"""Recovery: what a crash or a silent FMS left open is settled by evidence, never by hope.

Runs at start-up, every `FMS_RECOVERY_SECONDS`, and by command. Several processes may run it at once: every
step is conditional on what the ledger says at that moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from webapp import clock
from webapp.db import close_reading, db, writing
from webapp.fms.client import PATIENCE_SECONDS, fms
from webapp.fms.exchange import Ended, finish
from webapp.fms.ledger import ORPHAN
from webapp.fms.models import Kind, Operation, State
from webapp.fms.outcomes import ABSENT, Fate, Outcome
from webapp.fms.schemas import Found

LATE_DAYS = 7
INTERRUPTED = "We were interrupted before FMS answered. We are checking."


@dataclass
class Report:
    """What a run of recovery did: the operations it settled, and how many are still uncertain and why."""

    settled: list[Ended] = field(default_factory=list)
    waiting: int = 0
    can_look_up: bool | None = None


def recover(only: int | None = None) -> Report:
    """Settle what can be settled, or just the operation `only`."""
    _mark_interrupted()
    report = Report()
    _repeat_deletes(report, only)
    _look_for_creates(report, only)
    report.waiting = len(_uncertain(None, only))
    close_reading()
    return report


def _mark_interrupted() -> None:
    """Operations whose process is gone become uncertain. Their call may have begun as late as it was allowed."""
    late = select(Operation.id).where(Operation.state == State.SENDING, Operation.deadline_at < clock.now())
    ids = list(db.session.scalars(late))
    close_reading()
    for operation_id in ids:
        with writing() as session:
            operation = session.get_one(Operation, operation_id, with_for_update=True)
            if operation.state == State.SENDING:
                operation.sent_at = operation.created_at + timedelta(seconds=PATIENCE_SECONDS)
                operation.state, operation.code, operation.error = State.UNCERTAIN, Fate.UNKNOWN, INTERRUPTED


def _repeat_deletes(report: Report, only: int | None) -> None:
    for operation_id, request_id, subject in _uncertain(Kind.DELETE, only):
        outcome = fms().delete(request_id)
        if outcome.fate is Fate.NOT_SENT:
            return
        # An earlier try may have removed it, so only an answer about the request itself says how it stands;
        # and a request without a loan must go, whatever FMS says today.
        if outcome.fate is Fate.ACCEPTED or (outcome.fate is Fate.REFUSED and subject != ORPHAN):
            report.settled.append(finish(operation_id, outcome))


def _look_for_creates(report: Report, only: int | None) -> None:
    if not _uncertain(Kind.CREATE, only):
        return
    close_reading()
    began = clock.now()
    found = fms().look_up()
    report.can_look_up = found is not None
    if found is None:
        return
    by_reference = {request.reference: request for request in found if request.reference}
    for operation_id, _request_id, _subject in _uncertain(Kind.CREATE, only):
        ended = _settle_create(operation_id, by_reference, began)
        if ended is not None:
            report.settled.append(ended)
    for operation_id, request in _given_up_but_there(by_reference):
        report.settled.append(finish(operation_id, _adopted(request)))


def _settle_create(operation_id: int, by_reference: dict[str, Found], began: datetime) -> Ended | None:
    operation = db.session.get_one(Operation, operation_id)
    request = by_reference.get(operation.reference)
    settled_at = operation.sent_at + timedelta(seconds=current_app.extensions["settings"].fms_settle_seconds)
    is_settled = began >= settled_at
    close_reading()
    if request is not None and request.is_dead:
        why = f": {request.reason}" if request.reason else "."
        return finish(operation_id, Outcome(Fate.REFUSED, f"FMS {request.status} request #{request.request_id}{why}"))
    if request is not None:
        return finish(operation_id, _adopted(request))
    if is_settled:
        return finish(operation_id, Outcome(Fate.ABSENT, ABSENT))
    return None


def _given_up_but_there(by_reference: dict[str, Found]) -> Iterable[tuple[int, Found]]:
    """Creates we had closed as absent that FMS shows after all, alive and not yet dealt with."""
    since = clock.now() - timedelta(days=LATE_DAYS)
    rows = db.session.execute(
        select(Operation.id, Operation.reference).where(
            Operation.kind == Kind.CREATE,
            Operation.state == State.FAILED,
            Operation.code.in_([Fate.ABSENT, Fate.BY_HAND]),
            Operation.fms_request_id.is_(None),
            Operation.created_at > since,
        )
    ).all()
    close_reading()
    for operation_id, reference in rows:
        request = by_reference.get(reference)
        if request is not None and not request.is_dead:
            yield operation_id, request


def _adopted(request: Found) -> Outcome:
    return Outcome(Fate.ACCEPTED, f"Requested in FMS (#{request.request_id})", request.request_id)


def _uncertain(kind: Kind | None, only: int | None) -> list[tuple[int, int, str]]:
    """Ids of uncertain operations, oldest first, with the request each is about (0: not known) and its subject."""
    columns = select(Operation.id, Operation.fms_request_id, Operation.subject)
    statement = columns.where(Operation.state == State.UNCERTAIN)
    if kind is not None:
        statement = statement.where(Operation.kind == kind)
    if only is not None:
        statement = statement.where(Operation.id == only)
    rows = db.session.execute(statement.order_by(Operation.id)).all()
    close_reading()
    return [(operation_id, request_id or 0, subject) for operation_id, request_id, subject in rows]
