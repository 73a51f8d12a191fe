"""Planning, moving and removing loans: the only writer of `scheduled_assignments`, one transaction each.

What goes to FMS is in `requests`; both check with the same rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor, in_company
from webapp.accounts.permissions import Permission
from webapp.dates import shown
from webapp.db import db, is_writing, writing
from webapp.errors import NotFound
from webapp.fleet.models import Partner, Vehicle
from webapp.fms.ledger import is_open, refuse_if_open
from webapp.loans.errors import BrokenRule, Stale, StateForbids
from webapp.loans.facts import full_name, gather, partner_of, vehicle_of
from webapp.loans.history import note
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.rules import Facts, Finding, findings
from webapp.loans.states import GREEN, LOAN, Status

T = TypeVar("T")


@dataclass(frozen=True)
class Planned:
    """A loan that was written, and what the rules had to say about it without forbidding it."""

    assignment_id: int
    warnings: tuple[Finding, ...]


@dataclass(frozen=True)
class Change:
    """What a person wants of a loan; None: as it is. `version` is that of the page they looked at."""

    version: int | None = None
    start_day: date | None = None
    end_day: date | None = None
    vin: str | None = None
    person_id: int | None = None


def check(
    actor: Actor,
    *,
    vin: str,
    person_id: int,
    office: str,
    start_day: date,
    end_day: date,
    assignment_id: int | None = None,
) -> tuple[Finding, ...]:
    """All findings about a loan before it is made or, with `assignment_id`, before that one is changed."""
    session: Session = db.session()
    loan = loan_for(session, actor, assignment_id) if assignment_id is not None else None
    company_id = loan.company_id if loan else actor.company_id
    _require_office(actor, company_id, office)
    wanted = with_weekday_end(Period(start_day, end_day))
    facts, _vehicle, _name = _facts(session, company_id, office, vin, person_id, wanted, loan)
    return findings(facts)


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
    _require_office(actor, actor.company_id, office)
    wanted = with_weekday_end(Period(start_day, end_day))

    def write(session: Session) -> Planned:
        facts, vehicle, partner_name = _facts(session, actor.company_id, office, vin, person_id, wanted, None)
        warnings = _allowed(facts)
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
        note(
            session,
            loan.id,
            actor,
            f"Planned {_what(vehicle, partner_name, wanted)}.{_overruled(warnings, remark)}",
        )
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
        _require_green(loan)
        facts, vehicle, partner_name = wished(session, loan, wish)
        warnings = _allowed(facts)
        assert vehicle is not None
        loan.fleet_vehicle_id = vehicle.id
        loan.person_id = wish.person_id or loan.person_id
        loan.partner_name = partner_name
        loan.start_day, loan.end_day = facts.wanted.start_day, facts.wanted.end_day
        touch(loan)
        what = _what(vehicle, partner_name, facts.wanted)
        note(session, loan.id, actor, f"Changed to {what}.{_overruled(warnings, remark)}")
        return Planned(loan.id, warnings)

    return _guarded(write, lambda: check_change(actor, assignment_id, wish))


def check_change(actor: Actor, assignment_id: int, wish: Change) -> tuple[Finding, ...]:
    """The findings about a change, without making it."""
    session: Session = db.session()
    loan = loan_for(session, actor, assignment_id)
    facts, _vehicle, _name = wished(session, loan, wish)
    return findings(facts)


def recolour(actor: Actor, assignment_id: int, status: Status) -> None:
    """Move a loan between the two greens. Raises `StateForbids`, `NotFound`."""
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        refuse_if_open(session, LOAN, loan.id)
        _require_green(loan)
        if loan.status != status:
            loan.status = loan.green_status = status
            touch(loan)
            note(
                session,
                loan.id,
                actor,
                f"Marked as {'picked by hand' if status == Status.MANUAL else 'planned'}.",
            )


def remove_green(actor: Actor, assignment_id: int, *, version: int | None = None) -> None:
    """Delete a loan that FMS knows nothing of. Raises `StateForbids`, `Stale`, `NotFound`."""
    actor.require(Permission.PLAN_LOANS)
    with writing() as session:
        loan = loan_for(session, actor, assignment_id)
        refuse_stale(loan, version)
        refuse_if_open(session, LOAN, loan.id)
        _require_green(loan)
        note(session, loan.id, actor, f"Deleted {label_of(session, loan)}.")
        session.delete(loan)


def loan_for(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """The loan; in a writing transaction, locked until that ends. Raises `NotFound` where it is out of scope."""
    statement = select(Assignment).where(Assignment.id == assignment_id, in_company(actor, Assignment.company_id))
    if is_writing(session):
        statement = statement.with_for_update().execution_options(populate_existing=True)
    loan = session.scalar(statement)
    if loan is None or not actor.reaches(loan.company_id, loan.office):
        raise NotFound("This loan does not exist any more, or you may not see it.")
    return loan


def refuse_stale(loan: Assignment, version: int | None) -> None:
    """Raise `Stale` where the person looked at an older picture of the loan."""
    if version is not None and version != loan.version:
        raise Stale("Somebody has changed this loan meanwhile. Here it is as it stands now; look again.")


def wished(session: Session, loan: Assignment, wish: Change) -> tuple[Facts, Vehicle | None, str]:
    """The facts about the loan as it would be, its vehicle and its partner's name."""
    vin = wish.vin or session.get_one(Vehicle, loan.fleet_vehicle_id).vin
    wanted = with_weekday_end(Period(wish.start_day or loan.start_day, wish.end_day or loan.end_day))
    person_id = wish.person_id or loan.person_id
    return _facts(session, loan.company_id, loan.office, vin, person_id, wanted, loan)


def partner_for(session: Session, loan: Assignment) -> Partner:
    """The partner of a loan that the rules have just found to be known."""
    partner = partner_of(session, loan.company_id, loan.person_id, loan.office)
    assert partner is not None
    return partner


def is_under_way(session: Session, assignment_id: int) -> bool:
    """Whether something asked of FMS for this loan is still without an outcome."""
    return is_open(session, LOAN, assignment_id)


def touch(loan: Assignment) -> None:
    """Note that the loan changed, so that older pictures of it are noticed."""
    loan.version += 1
    loan.updated_at = clock.now()


def label_of(session: Session, loan: Assignment) -> str:
    """`Audi A3 …SA051916 for Coastline Auto, 11-26-26 to 12-03-26`."""
    vehicle = session.get_one(Vehicle, loan.fleet_vehicle_id)
    return _what(vehicle, loan.partner_name, Period(loan.start_day, loan.end_day))


def _what(vehicle: Vehicle, partner_name: str, period: Period) -> str:
    return f"{full_name(vehicle)} for {partner_name}, {shown(period.start_day)} to {shown(period.end_day)}"


def _facts(
    session: Session,
    company_id: int,
    office: str,
    vin: str,
    person_id: int,
    wanted: Period,
    loan: Assignment | None,
) -> tuple[Facts, Vehicle | None, str]:
    vehicle = vehicle_of(session, company_id, vin, lock=is_writing(session))
    partner = partner_of(session, company_id, person_id, office)
    facts = gather(
        session,
        company_id=company_id,
        office=office,
        vin=vin,
        vehicle=vehicle,
        person_id=person_id,
        partner=partner,
        wanted=wanted,
        assignment=loan,
    )
    return facts, vehicle, partner.name if partner else ""


def _allowed(facts: Facts) -> tuple[Finding, ...]:
    """The findings that only inform. Raises `BrokenRule` with those that bind."""
    every = findings(facts)
    hard = [finding for finding in every if finding.is_hard]
    if hard:
        raise BrokenRule(hard)
    return every


def _overruled(warnings: tuple[Finding, ...], remark: str) -> str:
    said = f" Knowing: {' '.join(finding.text for finding in warnings)}" if warnings else ""
    return said + (f" Note: {remark}" if remark else "")


def _require_office(actor: Actor, company_id: int, office: str) -> None:
    if not office or not actor.reaches(company_id, office):
        raise NotFound(f"There is no office {office} that you may plan for." if office else "Say for which office.")


def _require_green(loan: Assignment) -> None:
    if loan.status in GREEN:
        return
    sentences = {
        Status.REQUESTED: "FMS holds a request for this loan. Unrequest it first, then change it and request it again.",
        Status.ACTIVE: "FMS has approved this loan. It can only be changed in FMS.",
        Status.COMPLETED: "This loan is over.",
        Status.CANCELLED: "FMS has cancelled this loan.",
    }
    raise StateForbids(sentences[Status(loan.status)], code=loan.status)


def _guarded(write: Callable[[Session], T], explain: Callable[[], tuple[Finding, ...]]) -> T:
    """Run `write` in its transaction; where the database's own guard was quicker than our check, say who holds it."""
    try:
        with writing() as session:
            return write(session)
    except DBAPIError as error:
        if "vehicle_double_booked" not in str(error.orig):
            raise
    raise BrokenRule(
        [finding for finding in explain() if finding.is_hard]
        or [Finding("held", "Somebody else has just planned this vehicle for these days.", is_hard=True)]
    )
