"""Undoing what one did: which steps can be undone, claiming one, and what becomes of the deeds when it is done.

A step is claimed by the run that undoes it, in one transaction, so it is undone once. The run brings every loan of
the step back to how it was before, and its own deeds can be undone in their turn: that is redoing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import db, writing
from webapp.errors import NotFound, Refusal
from webapp.fms.ledger import states_of
from webapp.fms.models import State as OperationState
from webapp.loans import deeds, runs
from webapp.loans.errors import Stale
from webapp.loans.history import told_since
from webapp.loans.models import Assignment, Batch, BatchKind, BatchRow, Deed, DeedKind, LoanEvent, RowState
from webapp.loans.runs import RowToBe
from webapp.loans.states import LOAN, Status
from webapp.loans.undo_words import meaning, title

MOST = 10
SENDING = "It is being sent to FMS right now. Wait for its answer."
UNCERTAIN = "FMS has not confirmed the last action on it yet. We are checking."


@dataclass(frozen=True)
class Step:
    """What a person did in one go. `meaning`: what undoing it does; `why_not`: why that is not possible, or empty."""

    step_id: str
    done_at: datetime
    title: str
    labels: tuple[str, ...]
    meaning: str
    is_undo: bool
    why_not: str


def steps(actor: Actor, most: int = MOST) -> tuple[Step, ...]:
    """What the person did last and has not undone, newest first; nothing of it older than 24 hours."""
    session: Session = db.session()
    newest = (
        select(Deed.step_id, func.max(Deed.id).label("last"))
        .where(Deed.user_id == actor.user_id, Deed.undone_at.is_(None), Deed.done_at > clock.now() - deeds.OFFERED)
        .group_by(Deed.step_id)
        .order_by(func.max(Deed.id).desc())
        .limit(most)
    )
    order = [row.step_id for row in session.execute(newest)]
    found = session.scalars(
        select(Deed).where(Deed.step_id.in_(order), Deed.undone_at.is_(None)).order_by(Deed.step_id, Deed.id)
    )
    done = {step_id: list(group) for step_id, group in groupby(found, key=lambda deed: deed.step_id)}
    standing = _standing(session, [deed.assignment_id for group in done.values() for deed in group])
    days = _days_of_moves(session, order)
    return tuple(_step(session, done[step_id], standing, days.get(step_id)) for step_id in order)


def newest(actor: Actor, *, is_undo: bool = False) -> Step | None:
    """The newest step that can be undone; with `is_undo` the newest undoing that can be taken back."""
    return next((step for step in steps(actor) if step.is_undo == is_undo and not step.why_not), None)


def loans_of(actor: Actor, step_id: str) -> list[int]:
    """The loans of a step of one's own that are not undone yet; none where it is undone, or not there."""
    mine = (Deed.step_id == step_id, Deed.user_id == actor.user_id, Deed.undone_at.is_(None))
    return sorted(set(db.session.scalars(select(Deed.assignment_id).where(*mine))))


def claim(actor: Actor, step_id: str) -> str:
    """Claim a step of one's own and write the run that undoes it; the run's id. A loan alone makes no report.

    Raises `NotFound`, and a `Refusal` where it is undone already, too old, still going on, or where all of its
    loans have been changed since.
    """
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        mine = (Deed.step_id == step_id, Deed.user_id == actor.user_id)
        done = list(session.scalars(select(Deed).where(*mine).order_by(Deed.id).with_for_update()))
        open_deeds = [deed for deed in done if deed.undone_at is None]
        _refuse_step(session, done, open_deeds)
        by_loan = _by_loan(open_deeds)
        standing = _standing(session, by_loan)
        why_not = _why_not(session, list(by_loan.values()), standing)
        if why_not:
            raise Stale(why_not)
        kind = BatchKind.REDO if done[0].is_undo else BatchKind.UNDO
        rows = [_row(group) for group in sorted(by_loan.values(), key=lambda group: -group[-1].id)]
        now = clock.now()
        batch_id = runs.write(session, actor, kind, rows, undoes=step_id, dismissed_at=now if len(rows) == 1 else None)
        for deed in open_deeds:
            deed.undone_at, deed.undone_by = now, batch_id
        return batch_id


def settle(session: Session, batch: Batch, row: BatchRow) -> None:
    """What the end of a row of an undoing means for the deeds: an older one may follow, or this may be tried again."""
    if batch.kind not in (BatchKind.UNDO, BatchKind.REDO):
        return
    of_loan = (Deed.undone_by == batch.id, Deed.assignment_id == row.assignment_id)
    undone = list(session.scalars(select(Deed).where(*of_loan).order_by(Deed.id)))
    done = deeds.of_step(session, batch.id, row.assignment_id)
    if row.state == RowState.FAILED and not done:
        for deed in undone:
            deed.undone_at = deed.undone_by = None
    elif row.state == RowState.SUCCEEDED and undone and undone[0].before is not None:
        # The loan stands as the deed before this one had left it: that one can be undone next.
        older = (Deed.assignment_id == row.assignment_id, Deed.undone_at.is_(None), Deed.id < undone[0].id)
        left = Deed.version == undone[0].before["version"]
        # Where there was nothing to do, as after a form that changed nothing, the loan has the version it had.
        now = done[-1].version if done else row.version
        session.execute(update(Deed).where(*older, left).values(version=now))


def _refuse_step(session: Session, done: Sequence[Deed], open_deeds: Sequence[Deed]) -> None:
    if not done:
        raise NotFound("There is no such step of yours, or it is too old to be undone.")
    if not open_deeds:
        raise Refusal("This has been undone already.", code="undone")
    if done[-1].done_at < clock.now() - deeds.OFFERED:
        raise Refusal("Only what was done in the last 24 hours can be undone.", code="too_old")
    run = session.get(Batch, done[0].step_id)
    if run is not None and run.finished_at is None:
        raise Refusal("This run still goes on. Undo it when it is done.", code="running")


def _by_loan(done: Sequence[Deed]) -> dict[int, list[Deed]]:
    by_loan: dict[int, list[Deed]] = {}
    for deed in done:
        by_loan.setdefault(deed.assignment_id, []).append(deed)
    return by_loan


def _row(group: Sequence[Deed]) -> RowToBe:
    """A loan, from how the last deed left it to how it was before the first."""
    before = group[0].before
    queue = str(before["fleet_vehicle_id"]) if before else None
    return RowToBe(group[0].assignment_id, group[-1].label, before, group[-1].version, queue)


@dataclass(frozen=True)
class _Standing:
    """How loans stand: the version of those that are there, and what FMS is being asked for them."""

    versions: Mapping[int, int]
    under_way: Mapping[int, OperationState]


def _standing(session: Session, assignment_ids: Sequence[int] | Mapping[int, object]) -> _Standing:
    ids = sorted(set(assignment_ids))
    rows = session.execute(select(Assignment.id, Assignment.version).where(Assignment.id.in_(ids)))
    return _Standing({row.id: row.version for row in rows}, states_of(session, LOAN, ids))


def _why_not(session: Session, groups: Sequence[Sequence[Deed]], standing: _Standing) -> str:
    """Why none of the loans can be brought back, in the words of the first; empty where one can.

    Only that one's history is asked for, however many there are.
    """
    if any(_stands(group[-1], standing) for group in groups):
        return ""
    last = groups[0][-1]
    state = standing.under_way.get(last.assignment_id)
    if state is not None:
        return SENDING if state == OperationState.SENDING else UNCERTAIN
    return f"{last.label} has been changed since. {_since(session, last)}".strip()


def _stands(last: Deed, standing: _Standing) -> bool:
    """Whether the loan stands as this deed left it, with nothing being asked of FMS."""
    number = last.assignment_id
    return number not in standing.under_way and standing.versions.get(number) == last.version


def _since(session: Session, last: Deed) -> str:
    loan = session.get(Assignment, last.assignment_id)
    if loan is not None and last.version is not None:
        return " ".join(told_since(session, loan, last.version))
    event = session.scalar(
        select(LoanEvent).where(LoanEvent.assignment_id == last.assignment_id).order_by(LoanEvent.id.desc()).limit(1)
    )
    return f"{event.actor_name}: {event.text}" if event else ""


def _step(session: Session, done: Sequence[Deed], standing: _Standing, days: int | None) -> Step:
    groups = list(_by_loan(done).values())
    labels = tuple(group[-1].label for group in groups)
    kinds = {DeedKind(deed.kind) for deed in done}
    return Step(
        step_id=done[0].step_id,
        done_at=done[-1].done_at,
        title=title(kinds, labels, days=days, is_undo=done[0].is_undo),
        labels=labels,
        meaning=meaning([_turn(group) for group in groups]),
        is_undo=done[0].is_undo,
        why_not=_why_not(session, groups, standing),
    )


def _turn(group: Sequence[Deed]) -> tuple[str, str, bool]:
    """How a loan stands after the step and stood before it (`gone`, `green`, `requested`), and whether it changed."""
    after = {DeedKind.DELETED: "gone", DeedKind.REQUESTED: "requested"}.get(DeedKind(group[-1].kind), "green")
    before = group[0].before
    was = "gone" if before is None else "requested" if before["status"] == Status.REQUESTED else "green"
    return after, was, any(deed.kind == DeedKind.CHANGED for deed in group)


def _days_of_moves(session: Session, step_ids: Sequence[str]) -> dict[str, int]:
    rows = session.execute(select(Batch.id, Batch.days).where(Batch.id.in_(step_ids), Batch.days.is_not(None)))
    return {row.id: row.days for row in rows if row.days is not None}
