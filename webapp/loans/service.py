"""Planning, moving and removing loans: the only writer of `scheduled_assignments`, one transaction each.

What goes to FMS is in `requests`; both check with the same rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import writing
from webapp.errors import InvalidInput
from webapp.fms.ledger import refuse_if_open
from webapp.loans.checks import Change as Change
from webapp.loans.checks import allowed, facts_of, require_office, require_reach, wished
from webapp.loans.checks import check as check
from webapp.loans.checks import check_change as check_change
from webapp.loans.checks import why_not as why_not
from webapp.loans.errors import BrokenRule
from webapp.loans.history import note
from webapp.loans.loan import label, label_of, loan_for, refuse_stale, refuse_unless_green, touch
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.rules import Assessment, Finding, Severity
from webapp.loans.states import GREEN, LOAN, Status

T = TypeVar("T")
WORDS = {Status.MANUAL: "picked by hand", Status.PLANNED: "planned"}


@dataclass(frozen=True)
class Planned:
    """A loan that was written, and what the rules had to say about it without forbidding it."""

    assignment_id: int
    warnings: tuple[Finding, ...]


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
) -> Planned:
    """Plan a loan. Raises `BrokenRule` (409 held, 422 otherwise), `NotFound` for an office out of scope."""
    actor.require(Permission.PLAN_LOANS)
    _require_a_green(status)
    wanted = with_weekday_end(Period(start_day, end_day))

    def write(session: Session) -> Planned:
        require_office(session, actor, office)
        facts, vehicle, partner_name = facts_of(session, actor.company_id, office, vin, person_id, wanted)
        require_reach(actor, vehicle)
        warnings = allowed(facts)
        assert vehicle is not None
        now = clock.now()
        loan = Assignment(
            company_id=actor.company_id,
            fleet_vehicle_id=vehicle.id,
            person_id=person_id,
            partner_name=partner_name,
            office=office,
            start_day=wanted.start_day,
            end_day=wanted.end_day,
            status=status,
            green_status=status,
            chain_id=chain_id,
            created_by=actor.user_id,
            created_at=now,
            updated_at=now,
        )
        session.add(loan)
        session.flush()
        said = f"Planned {label(vehicle, partner_name, wanted)}.{_overruled(warnings, remark)}"
        note(session, loan.id, actor, said)
        return Planned(loan.id, warnings)

    return _guarded(
        write,
        lambda: check(actor, vin=vin, person_id=person_id, office=office, start_day=start_day, end_day=end_day),
    )


def change(actor: Actor, assignment_id: int, wish: Change, *, remark: str = "") -> Planned:
    """Change a green loan. Raises `StateForbids` for every other one, `Stale`, `BrokenRule`, `NotFound`."""
    actor.require(Permission.PLAN_LOANS)

    def write(session: Session) -> Planned:
        loan = loan_for(session, actor, assignment_id)
        refuse_stale(loan, wish.version)
        refuse_if_open(session, LOAN, loan.id)
        refuse_unless_green(loan)
        facts, vehicle, partner_name = wished(session, loan, wish)
        require_reach(actor, vehicle, but_not=loan.fleet_vehicle_id)
        warnings = allowed(facts)
        assert vehicle is not None
        loan.fleet_vehicle_id = vehicle.id
        loan.person_id = wish.person_id or loan.person_id
        loan.partner_name = partner_name
        loan.start_day, loan.end_day = facts.wanted.start_day, facts.wanted.end_day
        touch(loan)
        said = f"Changed to {label(vehicle, partner_name, facts.wanted)}.{_overruled(warnings, remark)}"
        note(session, loan.id, actor, said)
        return Planned(loan.id, warnings)

    return _guarded(write, lambda: check_change(actor, assignment_id, wish))


def recolour(actor: Actor, assignment_id: int, status: Status) -> None:
    """Move a loan between the two greens. Raises `StateForbids`, `NotFound`."""
    actor.require(Permission.PLAN_LOANS)
    _require_a_green(status)
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        refuse_if_open(session, LOAN, loan.id)
        refuse_unless_green(loan)
        if loan.status != status:
            loan.status = loan.green_status = status
            touch(loan)
            note(session, loan.id, actor, f"Marked as {WORDS[status]}.")


def remove_green(actor: Actor, assignment_id: int, *, version: int | None = None) -> None:
    """Delete a loan that FMS knows nothing of. Raises `StateForbids`, `Stale`, `NotFound`."""
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        refuse_stale(loan, version)
        refuse_if_open(session, LOAN, loan.id)
        refuse_unless_green(loan)
        note(session, loan.id, actor, f"Deleted {label_of(session, loan)}.")
        session.delete(loan)


def _require_a_green(status: Status) -> None:
    """Nobody but FMS's own answer makes a loan magenta or blue."""
    if status not in GREEN:
        sentence = "A loan can be planned, or picked by hand."
        raise InvalidInput(sentence, fields={"status": sentence})


def _overruled(warnings: tuple[Finding, ...], remark: str) -> str:
    said = f" Noted: {' '.join(finding.text for finding in warnings)}" if warnings else ""
    return said + (f" Note: {remark}" if remark else "")


def _guarded(write: Callable[[Session], T], explain: Callable[[], Assessment]) -> T:
    """Run `write` in its transaction; where the database's own guard was quicker than our check, say who holds it."""
    try:
        with writing() as session:
            return write(session)
    except DBAPIError as error:
        if "vehicle_double_booked" not in str(error.orig):
            raise
    text = "Somebody else has just planned this vehicle for these days."
    raise BrokenRule(explain().hard or [Finding("held", text, Severity.HARD, field="vin")])
