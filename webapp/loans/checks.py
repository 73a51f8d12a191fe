"""What the rules say of a loan as somebody wishes it, before or while it is written."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import db, is_writing
from webapp.errors import NotFound
from webapp.fleet.models import Partner, Vehicle
from webapp.loans.errors import BrokenRule
from webapp.loans.facts import gather, gather_of_vehicle, partner_of, vehicle_of
from webapp.loans.loan import loan_for, refuse_stale
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, with_weekday_end
from webapp.loans.rules import Assessment, Facts, Finding, assess, assess_vehicle
from webapp.loans.states import Status


@dataclass(frozen=True)
class Change:
    """What a person wants of a loan; None: as it is. `version` is that of the page they looked at.

    `green`: which of the two greens it is to be from then on. `is_return`: the vehicle is the one that it had
    before the person's own deed, and may be so again wherever that stands by now.
    """

    version: int | None = None
    start_day: date | None = None
    end_day: date | None = None
    vin: str | None = None
    person_id: int | None = None
    green: Status | None = None
    is_return: bool = False


def check(actor: Actor, *, vin: str, person_id: int, office: str, start_day: date, end_day: date) -> Assessment:
    """What the rules say of a loan before it is made. Raises `NotFound` for an office out of scope."""
    session: Session = db.session()
    require_office(session, actor, office)
    wanted = with_weekday_end(Period(start_day, end_day))
    facts, vehicle, _name = facts_of(session, actor.company_id, office, vin, person_id, wanted, viewer=actor.user_id)
    require_reach(actor, vehicle)
    return assess(facts)


def check_vehicle(actor: Actor, *, vin: str, office: str, start_day: date, end_day: date) -> tuple[Finding, ...]:
    """What the rules say of the vehicle on these days, whoever it is lent to. Raises `NotFound` as `check` does."""
    session: Session = db.session()
    require_office(session, actor, office)
    wanted = with_weekday_end(Period(start_day, end_day))
    vehicle = vehicle_of(session, actor.company_id, vin)
    require_reach(actor, vehicle)
    facts = gather_of_vehicle(
        session,
        vehicle,
        vin=vin,
        company_id=actor.company_id,
        office=office,
        wanted=wanted,
        viewer=actor.user_id,
    )
    return assess_vehicle(facts)


def check_change(actor: Actor, assignment_id: int, wish: Change) -> Assessment:
    """What the rules say of a change, without making it. Raises `NotFound`, `Stale`."""
    session: Session = db.session()
    loan = loan_for(session, actor, assignment_id)
    refuse_stale(loan, wish.version)
    facts, vehicle, _name = wished(session, loan, wish, viewer=actor.user_id)
    require_reach_of(actor, loan, wish, vehicle)
    return assess(facts)


def why_not(actor: Actor, *, vin: str, person_id: int, start_day: date, end_day: date) -> Assessment:
    """Whether we would suggest this vehicle to this partner, lent by the vehicle's own office; every reason if not.

    Raises `Forbidden`, and `NotFound` for a vehicle that stands at an office out of scope.
    """
    actor.require(Permission.VIEW_LOANS)
    session: Session = db.session()
    vehicle = vehicle_of(session, actor.company_id, vin)
    if vehicle is not None and not actor.reaches(vehicle.company_id, vehicle.office):
        raise NotFound("There is no such vehicle, or you may not see it.")
    office = vehicle.office if vehicle else ""
    facts = gather(
        session,
        company_id=actor.company_id,
        office=office,
        vin=vin,
        vehicle=vehicle,
        person_id=person_id,
        partner=partner_of(session, actor.company_id, person_id, office),
        wanted=with_weekday_end(Period(start_day, end_day)),
        measures_hops=True,
        viewer=actor.user_id,
    )
    return assess(facts)


def wished(
    session: Session, loan: Assignment, wish: Change, *, viewer: int | None = None
) -> tuple[Facts, Vehicle | None, str]:
    """The facts about the loan as it would be, its vehicle and its partner's name; `viewer` as for `gather`."""
    vin = wish.vin or session.get_one(Vehicle, loan.fleet_vehicle_id).vin
    wanted = with_weekday_end(Period(wish.start_day or loan.start_day, wish.end_day or loan.end_day))
    person_id = wish.person_id or loan.person_id
    return facts_of(session, loan.company_id, loan.office, vin, person_id, wanted, loan, viewer=viewer)


def facts_of(
    session: Session,
    company_id: int,
    office: str,
    vin: str,
    person_id: int,
    wanted: Period,
    loan: Assignment | None = None,
    *,
    viewer: int | None = None,
) -> tuple[Facts, Vehicle | None, str]:
    """The facts about `wanted`, its vehicle and its partner's name. While writing, the vehicle is locked first."""
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
        viewer=viewer,
    )
    return facts, vehicle, partner.name if partner else ""


def allowed(facts: Facts) -> tuple[Finding, ...]:
    """The findings that only inform. Raises `BrokenRule` with those that bind."""
    assessment = assess(facts)
    if assessment.hard:
        raise BrokenRule(assessment.hard)
    return assessment.findings


def partner_for(session: Session, loan: Assignment) -> Partner:
    """The partner of a loan that the rules have just found to be known."""
    partner = partner_of(session, loan.company_id, loan.person_id, loan.office)
    assert partner is not None
    return partner


def require_reach(actor: Actor, vehicle: Vehicle | None) -> None:
    """Raise `NotFound` where the vehicle stands at an office out of scope. Whether there is one, the rules say."""
    # Where it stands, and what it is, is of an office that this person may not see.
    if vehicle is not None and not actor.reaches(vehicle.company_id, vehicle.office):
        raise NotFound("This vehicle stands at an office where you may not plan.")


def require_reach_of(actor: Actor, loan: Assignment, wish: Change, vehicle: Vehicle | None) -> None:
    """Raise `NotFound` where a change brings a vehicle out of scope; that which the loan has it may keep."""
    if vehicle is not None and vehicle.id != loan.fleet_vehicle_id and not wish.is_return:
        require_reach(actor, vehicle)


def require_office(session: Session, actor: Actor, office: str, company_id: int | None = None) -> None:
    """Raise `NotFound` unless `office` is one of the company, the actor's own if none is named, and in their scope."""
    if not office:
        raise NotFound("Say for which office.")
    company_id = actor.company_id if company_id is None else company_id
    # Compared here, not in the database: whatever was sent as a name, the question stays the same.
    offices = session.scalars(select(Location.name).where(Location.company_id == company_id, Location.is_office))
    if office not in set(offices) or not actor.reaches(company_id, office):
        raise NotFound(f"There is no office {office[:120]} that you may plan for.")
