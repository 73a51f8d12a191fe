"""Planning, moving and removing loans: the only writer of `scheduled_assignments`, one transaction each.

What goes to FMS is in `requests`; both check with the same rules.
"""

from datetime import date

from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import writing
from webapp.fms.ledger import refuse_if_open
from webapp.loans import deeds, holds
from webapp.loans.checks import Change as Change
from webapp.loans.checks import allowed, facts_of, require_office, require_reach, require_reach_of, wished
from webapp.loans.checks import check as check
from webapp.loans.checks import check_change as check_change
from webapp.loans.checks import check_vehicle as check_vehicle
from webapp.loans.checks import why_not as why_not
from webapp.loans.errors import BrokenRule
from webapp.loans.history import note
from webapp.loans.loan import label, label_of, loan_for, refuse_stale, refuse_unless_green, touch
from webapp.loans.models import DeedKind
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.planned import OUTRUN, guarded, overruled, require_a_green, store
from webapp.loans.planned import Planned as Planned
from webapp.loans.planning_chains import LoanWish as LoanWish
from webapp.loans.planning_chains import plan_all as plan_all
from webapp.loans.rules import Assessment
from webapp.loans.states import LOAN, Status

WORDS = {Status.MANUAL: "picked by hand", Status.PLANNED: "planned"}


def plan(
    actor: Actor,
    *,
    vin: str,
    person_id: int,
    office: str,
    start_day: date,
    end_day: date,
    status: Status = Status.MANUAL,
    remark: str = "",
    chain_id: str | None = None,
    form_id: str | None = None,
) -> Planned:
    """Plan a loan. Raises `BrokenRule` (409 held, 422 otherwise), `NotFound` for an office out of scope.

    What the form `form_id` held softly it gives up together with that.
    """
    actor.require(Permission.PLAN_LOANS)
    require_a_green(status)
    wanted = with_weekday_end(Period(start_day, end_day))

    def write(session: Session) -> Planned:
        require_office(session, actor, office)
        facts, vehicle, partner_name = facts_of(
            session, actor.company_id, office, vin, person_id, wanted, viewer=actor.user_id
        )
        require_reach(actor, vehicle)
        warnings = allowed(facts)
        assert vehicle is not None
        if form_id is not None:
            holds.release_form(session, actor, form_id)
        return store(
            session,
            actor,
            vehicle,
            person_id=person_id,
            partner_name=partner_name,
            office=office,
            booked=wanted,
            status=status,
            chain_id=chain_id,
            warnings=warnings,
            remark=remark,
        )

    def explain() -> BrokenRule:
        return _outrun(check(actor, vin=vin, person_id=person_id, office=office, start_day=start_day, end_day=end_day))

    return guarded(write, explain)


def change(actor: Actor, assignment_id: int, wish: Change, *, remark: str = "", step_id: str | None = None) -> Planned:
    """Change a green loan. Raises `StateForbids` for every other one, `Stale`, `BrokenRule`, `NotFound`.

    `step_id` is the step of which the deed is a part (`deeds`), where it is not one by itself; so everywhere here.
    """
    actor.require(Permission.PLAN_LOANS)
    if wish.green is not None:
        require_a_green(wish.green)

    def write(session: Session) -> Planned:
        loan = loan_for(session, actor, assignment_id)
        refuse_stale(loan, wish.version)
        refuse_if_open(session, LOAN, loan.id)
        refuse_unless_green(loan)
        facts, vehicle, partner_name = wished(session, loan, wish, viewer=actor.user_id)
        require_reach_of(actor, loan, wish, vehicle)
        warnings = allowed(facts)
        assert vehicle is not None
        before, was = deeds.state_of(session, loan), label_of(session, loan)
        loan.fleet_vehicle_id = vehicle.id
        loan.person_id = wish.person_id or loan.person_id
        loan.partner_name = partner_name
        loan.start_day, loan.end_day = facts.wanted.start_day, facts.wanted.end_day
        loan.status = loan.green_status = wish.green or loan.status
        # FMS refused it as it was.
        loan.reason = ""
        touch(loan)
        now = label(vehicle, partner_name, facts.wanted)
        before_that = f" It was {was}." if was != now else ""
        note(session, loan.id, actor, f"Changed to {now}.{before_that}{overruled(warnings, remark)}")
        deeds.write(session, DeedKind.CHANGED, loan, before, user_id=actor.user_id, step_id=step_id)
        return Planned(loan.id, warnings)

    return guarded(write, lambda: _outrun(check_change(actor, assignment_id, wish)))


def recolour(actor: Actor, assignment_id: int, status: Status, *, step_id: str | None = None) -> None:
    """Move a loan between the two greens. Raises `StateForbids`, `NotFound`."""
    actor.require(Permission.PLAN_LOANS)
    require_a_green(status)
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        refuse_if_open(session, LOAN, loan.id)
        refuse_unless_green(loan)
        if loan.status != status:
            before = deeds.state_of(session, loan)
            loan.status = loan.green_status = status
            touch(loan)
            note(session, loan.id, actor, f"Marked as {WORDS[status]}.")
            deeds.write(session, DeedKind.CHANGED, loan, before, user_id=actor.user_id, step_id=step_id)


def remove_green(actor: Actor, assignment_id: int, *, version: int | None = None, step_id: str | None = None) -> None:
    """Delete a loan that FMS knows nothing of. Raises `StateForbids`, `Stale`, `NotFound`."""
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        refuse_stale(loan, version)
        refuse_if_open(session, LOAN, loan.id)
        refuse_unless_green(loan)
        note(session, loan.id, actor, f"Deleted {label_of(session, loan)}.")
        before = deeds.state_of(session, loan)
        deeds.write(session, DeedKind.DELETED, loan, before, user_id=actor.user_id, step_id=step_id)
        session.delete(loan)


def _outrun(found: Assessment) -> BrokenRule:
    """The refusal where the database's own guard was quicker: it names the holder, unless they are gone again."""
    return BrokenRule(found.hard or [OUTRUN])
