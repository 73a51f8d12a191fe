"""Moving several loans by some days: what would come of each before anything is done, and the run that does it.

Loans that move later begin with the last one, loans that move earlier with the first, so that none of them runs
into another that is yet to move. The preview asks the rules about each in that order, in sight of those before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.permissions import Permission
from webapp.db import db, writing
from webapp.errors import InvalidInput, Refusal
from webapp.fms.ledger import refuse_if_open
from webapp.loans import deeds, requests, runs
from webapp.loans.checks import Change, wished
from webapp.loans.errors import BrokenRule, Missing, StateForbids
from webapp.loans.loan import WHY_NOT, label_of
from webapp.loans.models import Assignment, BatchKind
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.rules import Facts, assess
from webapp.loans.rules.together import where_moved
from webapp.loans.runs import RowToBe
from webapp.loans.states import GREEN, LOAN, Status

MOST_DAYS = 366
UNKNOWN = "This loan does not exist any more, or you may not see it."


@dataclass(frozen=True)
class Move:
    """What moving one loan would come to. `refusal`: why it would stay; `notes`: what there is to say otherwise.

    `now` and `then` are None for a loan that is not there.
    """

    assignment_id: int
    label: str
    version: int
    now: Period | None
    then: Period | None
    is_requested: bool
    refusal: str = ""
    link: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()


def preview(actor: Actor, assignment_ids: Sequence[int], days: int) -> tuple[Move, ...]:
    """What would come of each, in the order of the run; those that are not there last. Raises `InvalidInput`."""
    actor.require(Permission.PLAN_LOANS)
    ids = runs.require_some(assignment_ids)
    _require_days(days)
    session: Session = db.session()
    loans = _loans(session, actor, ids, days)
    moved: dict[int, Facts] = {}
    found = [_move(session, actor, loan, days, moved) for loan in loans]
    there = {loan.id for loan in loans}
    lost = [Move(one, f"Loan {one}", 0, None, None, False, UNKNOWN) for one in ids if one not in there]
    return (*found, *lost)


def create(
    actor: Actor,
    assignment_ids: Sequence[int],
    days: int,
    *,
    versions: Mapping[int, int] | None = None,
    replaces: bool = False,
) -> str:
    """Write the run, none of it started; its id. `versions` are those of the preview that the person looked at.

    Requested loans are in it only with `replaces`: they are taken back in FMS and requested again. Raises
    `InvalidInput`.
    """
    actor.require(Permission.PLAN_LOANS)
    ids = runs.require_some(assignment_ids)
    _require_days(days)
    with writing() as session:
        loans = [
            loan for loan in _loans(session, actor, ids, days) if replaces or Status(loan.status) != Status.REQUESTED
        ]
        rows = [_row(session, loan, days, (versions or {}).get(loan.id, loan.version)) for loan in loans]
        if not rows:
            raise InvalidInput("None of these loans is there to be moved.", fields={"assignment_ids": "none left"})
        return runs.write(session, actor, BatchKind.MOVE, rows, days=days)


def _require_days(days: int) -> None:
    if not 0 < abs(days) <= MOST_DAYS:
        sentence = f"Say by how many days, up to {MOST_DAYS}; negative: earlier."
        raise InvalidInput(sentence, fields={"days": sentence})


def _loans(session: Session, actor: Actor, ids: Sequence[int], days: int) -> list[Assignment]:
    """The loans in scope, in the order in which they get out of each other's way."""
    scope = in_scope(actor, Assignment.company_id, Assignment.office)
    loans = session.scalars(select(Assignment).where(Assignment.id.in_(ids), scope).order_by(Assignment.id)).all()
    return sorted(loans, key=lambda loan: loan.start_day, reverse=days > 0)


def _row(session: Session, loan: Assignment, days: int, version: int) -> RowToBe:
    then = _then(loan, days)
    state = deeds.state_of(session, loan)
    wanted = {**state, "start_day": then.start_day.isoformat(), "end_day": then.end_day.isoformat()}
    return RowToBe(loan.id, label_of(session, loan), wanted, version, queue=str(loan.fleet_vehicle_id))


def _then(loan: Assignment, days: int) -> Period:
    """Where it would stand: as long as it is, its end on a weekday."""
    return with_weekday_end(Period(_later(loan.start_day, days), _later(loan.end_day, days)))


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _move(session: Session, actor: Actor, loan: Assignment, days: int, moved: dict[int, Facts]) -> Move:
    then, is_requested = _then(loan, days), loan.status == Status.REQUESTED
    told: Refusal | None = None
    notes: tuple[str, ...] = ()
    try:
        facts = _facts(session, actor, loan, then, moved)
        notes = tuple(finding.text for finding in assess(facts).findings)
        moved[loan.id] = facts
    except Refusal as refusal:
        told = refusal
    return Move(
        loan.id,
        label_of(session, loan),
        loan.version,
        Period(loan.start_day, loan.end_day),
        then,
        is_requested,
        refusal=told.sentence if told else "",
        link=told.link if told else None,
        notes=notes,
    )


def _facts(session: Session, actor: Actor, loan: Assignment, then: Period, moved: Mapping[int, Facts]) -> Facts:
    """The facts about the loan where it would stand. Raises the `Refusal` with which the run would leave it."""
    refuse_if_open(session, LOAN, loan.id)
    if loan.status not in GREEN | {Status.REQUESTED}:
        raise StateForbids(WHY_NOT[Status(loan.status)], code=loan.status)
    if loan.status == Status.REQUESTED and loan.fms_request_id is None:
        raise Missing("We do not know this request's number in FMS.", code="no_fms_id")
    wish = Change(start_day=then.start_day, end_day=then.end_day)
    facts = where_moved(wished(session, loan, wish, viewer=actor.user_id)[0], moved)
    hard = assess(facts).hard
    if hard:
        raise BrokenRule(hard)
    if loan.status == Status.REQUESTED:
        requests.refuse_unaskable(actor, facts)
    return facts
