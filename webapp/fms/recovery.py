"""Recovery: what a crash or a silent FMS left open is settled by evidence, never by hope.

Runs at start-up, every `FMS_RECOVERY_SECONDS`, and by command. Several processes may run it at once: every
step is conditional on what the ledger says at that moment.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import func, or_, select, true

from webapp import clock
from webapp.db import close_reading, db, writing
from webapp.fms.client import LATEST_CALL_SECONDS, fms
from webapp.fms.exchange import Ended, finish
from webapp.fms.ledger import ORPHAN
from webapp.fms.models import Kind, Operation, State
from webapp.fms.outcomes import ABSENT, Fate, Outcome
from webapp.fms.schemas import Found

# A request that was given up is looked for so long, and closely while it is new.
LATE = timedelta(days=7)
WATCH = timedelta(hours=1)
FRESH = timedelta(days=1)
INTERRUPTED = "We were interrupted before FMS answered. We are checking."
log = structlog.get_logger(__name__)


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
    _look_for_creates(report, only)
    _repeat_deletes(report, only)
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
                operation.sent_at = operation.created_at + timedelta(seconds=LATEST_CALL_SECONDS)
                operation.state, operation.code, operation.error = State.UNCERTAIN, Fate.UNKNOWN, INTERRUPTED


def _repeat_deletes(report: Report, only: int | None) -> None:
    for operation_id, request_id, subject in _uncertain(Kind.DELETE, only):
        # The ones before it may have taken long, and a person may have settled this one meanwhile.
        if not _uncertain(Kind.DELETE, operation_id):
            continue
        # Once: the next run is soon, and a silent FMS would keep all the others waiting.
        outcome = fms().delete(request_id, most_tries=1)
        if outcome.fate is Fate.NOT_SENT:
            return
        # An earlier try may have removed it, so only an answer about the request itself says how it stands;
        # and a request without a loan must go, whatever FMS says today.
        if outcome.fate is Fate.ACCEPTED or (outcome.says_it_is_there and not subject.startswith(ORPHAN)):
            _settle(report, operation_id, outcome)


def _look_for_creates(report: Report, only: int | None) -> None:
    if not _uncertain(Kind.CREATE, only) and (only is not None or not _is_watching()):
        return
    began = clock.now()
    found = fms().look_up()
    report.can_look_up = found is not None
    if found is None:
        return
    alive = [request for request in found if request.reference and not request.is_dead]
    dead = {request.reference: request for request in found if request.reference and request.is_dead}
    is_believable = _shows_ours({request.request_id for request in found})
    for operation_id, reference, settled_at in _unanswered(only):
        if reference in {request.reference for request in alive}:
            continue
        if reference in dead:
            _settle(report, operation_id, _closed_by_fms(dead[reference]))
        elif began >= settled_at and is_believable:
            _settle(report, operation_id, Outcome(Fate.ABSENT, ABSENT))
    for operation_id, request in _not_known_yet(alive, only):
        _settle(report, operation_id, _adopted(request))


def _settle(report: Report, operation_id: int, outcome: Outcome) -> None:
    """Write what was found out; one operation that cannot be written does not keep the others waiting."""
    try:
        report.settled.append(finish(operation_id, outcome))
    except Exception:
        log.exception("an operation could not be settled", operation_id=operation_id)


def _is_watching() -> bool:
    """Whether a request that was given up may still turn up: FMS, or a process of ours, may have slept.

    Looked for on every run within the hour, later once an hour and when a process starts.
    """
    given_up = db.session.scalar(
        select(func.max(Operation.finished_at)).where(
            Operation.kind == Kind.CREATE,
            Operation.state == State.FAILED,
            Operation.code.in_([Fate.ABSENT, Fate.BY_HAND]),
            Operation.fms_request_id.is_(None),
            Operation.created_at > clock.now() - LATE,
        )
    )
    close_reading()
    an_hour_ago, looked_at = clock.now() - WATCH, fms().looked_at
    return given_up is not None and (given_up > an_hour_ago or looked_at is None or looked_at < an_hour_ago)


def _shows_ours(numbers: set[int]) -> bool:
    """Whether a list has any request that FMS confirmed to us today: one that has none is not the whole list."""
    gone = select(Operation.fms_request_id).where(
        Operation.kind == Kind.DELETE, Operation.state == State.SUCCEEDED, Operation.fms_request_id.is_not(None)
    )
    ours = db.session.scalars(
        select(Operation.fms_request_id).where(
            Operation.kind == Kind.CREATE,
            Operation.state == State.SUCCEEDED,
            Operation.code == Fate.ACCEPTED,
            Operation.created_at > clock.now() - FRESH,
            Operation.fms_request_id.not_in(gone),
        )
    ).all()
    close_reading()
    return not ours or not numbers.isdisjoint(ours)


def _unanswered(only: int | None) -> list[tuple[int, str, datetime]]:
    """Uncertain creates: id, reference, and from when on a look-up that lacks it says that it is absent."""
    settle = timedelta(seconds=current_app.extensions["settings"].fms_settle_seconds)
    columns = select(Operation.id, Operation.reference, Operation.sent_at)
    statement = columns.where(Operation.state == State.UNCERTAIN, Operation.kind == Kind.CREATE)
    if only is not None:
        statement = statement.where(Operation.id == only)
    rows = db.session.execute(statement.order_by(Operation.id)).all()
    close_reading()
    return [(operation_id, reference, sent_at + settle) for operation_id, reference, sent_at in rows]


def _not_known_yet(alive: list[Found], only: int | None) -> list[tuple[int, Found]]:
    """Live requests of ours whose number their create does not have: the answer was lost, came too late, or
    somebody between us and FMS sent the create twice."""
    rows = db.session.execute(
        select(Operation.id, Operation.reference, Operation.fms_request_id).where(
            Operation.kind == Kind.CREATE,
            Operation.state.in_([State.UNCERTAIN, State.SUCCEEDED, State.FAILED]),
            or_(Operation.state == State.UNCERTAIN, Operation.created_at > clock.now() - LATE),
            Operation.id == only if only is not None else true(),
        )
    ).all()
    close_reading()
    known = {reference: (operation_id, number) for operation_id, reference, number in rows}
    return [
        (known[request.reference][0], request)
        for request in sorted(alive, key=lambda request: request.request_id)
        if request.reference in known and known[request.reference][1] != request.request_id
    ]


def _closed_by_fms(request: Found) -> Outcome:
    why = f": {request.reason}" if request.reason else "."
    return Outcome(Fate.REFUSED, f"FMS {request.status} request #{request.request_id}{why}")


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
