"""Bringing a loan to a state that was written down before: moved, or as it was before something was done to it.

By whatever that takes, through FMS where needed, in the services that a single click calls. Begun again after a
crash, it goes on where it stopped: the deeds of its step say how far it came.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_company
from webapp.accounts.permissions import Permission
from webapp.db import close_reading, db
from webapp.errors import NotFound, Refusal
from webapp.loans import deeds, requests, service
from webapp.loans.checks import Change
from webapp.loans.deeds import State
from webapp.loans.errors import BrokenRule, Stale, StateForbids
from webapp.loans.loan import WHY_NOT, refuse_stale
from webapp.loans.models import Assignment, DeedKind
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.requests import How, Result
from webapp.loans.restoring import restore
from webapp.loans.rules import Finding
from webapp.loans.states import GREEN, Status

GONE = "This loan does not exist any more, or you may not see it."
FAR = {
    DeedKind.PLANNED: "It is planned again, and not requested.",
    DeedKind.CHANGED: "It is changed, and not requested.",
    DeedKind.UNREQUESTED: "The request is taken back.",
}
BACK = "This loan has been planned again meanwhile."


@dataclass(frozen=True)
class Aim:
    """Where a loan is to end: at `wanted`, None: nowhere; from its `version`, None: from not being there.

    What is done for it belongs to the step `step_id`; `remark` stands in the loan's history.
    """

    assignment_id: int
    wanted: State | None
    version: int | None
    step_id: str
    remark: str = ""


@dataclass(frozen=True)
class _Standing:
    """A loan as it was read: its version and status, and what differs from what is wanted of it."""

    version: int
    status: Status
    green: Status
    differs: bool


def bring(actor: Actor, aim: Aim) -> Result:
    """Bring the loan there. Raises a `Refusal`: `Stale` or `NotFound` where somebody else changed it since."""
    actor.require(Permission.PLAN_LOANS)
    standing = _standing(actor, aim)
    if aim.wanted is None:
        if standing is None:
            return Result(aim.assignment_id, How.DONE, "Deleted.", is_deleted=True)
        return requests.delete(actor, aim.assignment_id, version=standing.version, batch_id=aim.step_id)
    taken_back: Result | None = None
    if standing is None:
        warnings = restore(actor, aim.assignment_id, aim.wanted, remark=aim.remark, step_id=aim.step_id).warnings
    else:
        taken_back = _taken_back(actor, aim, standing)
        if taken_back is not None and taken_back.how is not How.DONE:
            return taken_back
        try:
            warnings = _changed(actor, aim)
        except Refusal as refusal:
            # Who lost a request meanwhile is told so; where nothing was done, the refusal says it all.
            if taken_back is None:
                raise
            return Result(aim.assignment_id, How.FAILED, f"{_how_far(aim)} {refusal.sentence}", code=refusal.code)
    return _requested(actor, aim, warnings, taken_back)


def is_there(session: Session, assignment_id: int, wanted: State | None) -> bool:
    """Whether the loan stands as it is wanted."""
    loan = session.get(Assignment, assignment_id, populate_existing=True)
    if loan is None or wanted is None:
        return loan is None and wanted is None
    return not _differs(deeds.state_of(session, loan), wanted) and loan.status == wanted["status"]


def _standing(actor: Actor, aim: Aim) -> _Standing | None:
    session: Session = db.session()
    close_reading()
    statement = select(Assignment).where(Assignment.id == aim.assignment_id, in_company(actor, Assignment.company_id))
    loan = session.scalar(statement)
    done = deeds.of_step(session, aim.step_id, aim.assignment_id)
    version = done[-1].version if done else aim.version
    if loan is None:
        if version is not None or not (done or aim.wanted):
            raise NotFound(GONE)
        return None
    if not actor.reaches(loan.company_id, loan.office):
        raise NotFound(GONE)
    if version is None:
        raise Stale(BACK)
    refuse_stale(loan, version)
    if loan.status not in GREEN | {Status.REQUESTED}:
        raise StateForbids(WHY_NOT[Status(loan.status)], code=loan.status)
    differs = aim.wanted is not None and _differs(deeds.state_of(session, loan), aim.wanted)
    standing = _Standing(loan.version, Status(loan.status), Status(loan.green_status), differs)
    close_reading()
    return standing


def _differs(state: State, wanted: State) -> bool:
    return any(state[name] != wanted[name] for name in ("vin", "person_id")) or _days(state) != _days(wanted)


def _days(state: State) -> Period:
    return with_weekday_end(Period(date.fromisoformat(state["start_day"]), date.fromisoformat(state["end_day"])))


def _taken_back(actor: Actor, aim: Aim, standing: _Standing) -> Result | None:
    """The request taken back where FMS holds one that is not wanted any more; the change is asked for first."""
    assert aim.wanted is not None
    is_wanted = aim.wanted["status"] == Status.REQUESTED
    if standing.status != Status.REQUESTED or (is_wanted and not standing.differs):
        return None
    if standing.differs and is_wanted:
        requests.refuse_hopeless(actor, aim.assignment_id, _wish(aim.wanted, standing.version))
    elif standing.differs:
        found = service.check_change(actor, aim.assignment_id, _wish(aim.wanted, standing.version)).hard
        if found:
            raise BrokenRule(found)
    green = Status(aim.wanted["green_status"])
    return requests.unrequest(actor, aim.assignment_id, to=green, version=standing.version, batch_id=aim.step_id)


def _changed(actor: Actor, aim: Aim) -> tuple[Finding, ...]:
    assert aim.wanted is not None
    standing = _standing(actor, aim)
    if standing is None or standing.status not in GREEN:
        return ()
    green = Status(aim.wanted["green_status"])
    if standing.differs:
        wish = _wish(aim.wanted, standing.version)
        return service.change(actor, aim.assignment_id, wish, remark=aim.remark, step_id=aim.step_id).warnings
    if standing.status != green:
        service.recolour(actor, aim.assignment_id, green, step_id=aim.step_id)
    return ()


def _requested(actor: Actor, aim: Aim, warnings: tuple[Finding, ...], taken_back: Result | None) -> Result:
    assert aim.wanted is not None
    standing = _standing(actor, aim)
    assert standing is not None
    if aim.wanted["status"] != Status.REQUESTED or standing.status == Status.REQUESTED:
        action, now = taken_back.fms_action if taken_back else None, standing.status
        return Result(aim.assignment_id, How.DONE, "Done.", fms_action=action, new_status=now, warnings=warnings)
    try:
        asked = requests.request(actor, aim.assignment_id, version=standing.version, batch_id=aim.step_id)
    except Refusal as refusal:
        far = _how_far(aim)
        if not far:
            raise
        return Result(aim.assignment_id, How.FAILED, f"{far} {refusal.sentence}", code=refusal.code)
    said = f"{_how_far(aim)} {asked.message}".strip() if asked.how is How.FAILED else asked.message
    return Result(**{**vars(asked), "message": said, "warnings": warnings})


def _how_far(aim: Aim) -> str:
    """What was done before the request that failed."""
    kinds = {deed.kind for deed in deeds.of_step(db.session(), aim.step_id, aim.assignment_id)}
    close_reading()
    return next((sentence for kind, sentence in FAR.items() if kind in kinds), "")


def _wish(wanted: State, version: int) -> Change:
    return Change(
        version,
        start_day=date.fromisoformat(wanted["start_day"]),
        end_day=date.fromisoformat(wanted["end_day"]),
        vin=wanted["vin"],
        person_id=wanted["person_id"],
        green=Status(wanted["green_status"]),
        is_return=True,
    )
