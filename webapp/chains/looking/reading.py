"""Reading what a chain is built from, in as many queries for a thousand rows as for one: the office, the partner or
the vehicle whose chain it is, and the calendar that its slots thread through.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.chains.asking import Ask, Kind
from webapp.chains.solving.objective import MOST_IDLE_DAYS
from webapp.chains.solving.slots import Calendar
from webapp.db import LARGEST, db
from webapp.errors import NotFound
from webapp.fleet.distances import Point
from webapp.fleet.models import Partner, PublicationRate, Vehicle
from webapp.loans.availability import Occupation
from webapp.loans.facts import holidays_of, limits_of, vehicle_of
from webapp.loans.occupations import loans_of_partner, occupations_of_vehicle
from webapp.loans.periods import quarter_of
from webapp.loans.rules.facts import OfficeFacts, PartnerLoan
from webapp.loans.spending import accounts_of

PER_MILLE = 1000
EVERYBODY = 0
# Statements are built once: here that takes longer than the database needs to answer.
OFFICES = select(Location.name, Location.timezone, Location.latitude, Location.longitude).where(
    Location.company_id == bindparam("company_id"), Location.is_office
)
PARTNER = (
    select(Partner.name, Partner.office, Partner.default_loan_region)
    .where(
        Partner.company_id == bindparam("company_id"),
        Partner.person_id == bindparam("person_id"),
        Partner.gone_at.is_(None),
    )
    .order_by(Partner.office)
)
RATES = select(PublicationRate.person_id, PublicationRate.make, PublicationRate.known, PublicationRate.published).where(
    PublicationRate.company_id == bindparam("company_id"), PublicationRate.known > 0
)
RATES_OF_PARTNER = RATES.where(PublicationRate.person_id.in_((bindparam("person_id"), EVERYBODY)))
RATES_OF_MAKE = RATES.where(PublicationRate.make == bindparam("make"))


@dataclass(frozen=True)
class Office:
    """An office in the actor's scope: its day, its holidays from then on, and where it is."""

    name: str
    today: date
    holidays: dict[date, str]
    point: Point | None


@dataclass(frozen=True)
class Listing:
    """A partner as one of the offices lists them."""

    name: str
    office: str
    default_loan_region: str


def office_of(actor: Actor, name: str, since: date | None = None) -> Office:
    """The office, with its holidays from today (or from `since`, if that is before) on. Raises `NotFound`."""
    session: Session = db.session()
    # Compared here, not in the database: whatever was sent as a name, the question stays the same.
    rows = {row.name: row for row in session.execute(OFFICES, {"company_id": actor.company_id})}
    row = rows.get(name)
    if row is None or not actor.reaches(actor.company_id, name):
        raise NotFound(f"There is no office {name[:120]} that you may plan for.")
    today = clock.today(ZoneInfo(row.timezone) if row.timezone else current_app.extensions["settings"].zone)
    first = today if since is None else min(today, since)
    point = None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude)
    return Office(name, today, holidays_of(session, actor.company_id, name, first), point)


def office_facts(actor: Actor, office: Office, first: date, fleet: str | None = None) -> OfficeFacts:
    """The office as the rules see it, with its accounts (of all fleets, or of one) from the quarter of `first` on."""
    session: Session = db.session()
    accounts = accounts_of(session, actor.company_id, office.name, quarter_of(first), fleet=fleet)
    return OfficeFacts(office.name, office.today, office.holidays, limits_of(session, actor.company_id), accounts)


def first_start(ask: Ask) -> date:
    """The day before which no loan of this ask starts."""
    return min([ask.start, *(period.start_day for period in ask.pinned_days.values())])


def listing_of(actor: Actor, ask: Ask) -> Listing:
    """The partner of a partner chain: as listed at the chain's office, else at the first that the actor may see.

    Raises `NotFound` for whom FMS does not list there.
    """
    found = listed_still(actor, ask)
    if found is None:
        raise NotFound("There is no such partner, or you may not see them.")
    return found


def listed_still(actor: Actor, ask: Ask) -> Listing | None:
    """The same; None where FMS does not list the partner any more, or not where the actor may see."""
    person_id = ask.person_id if ask.person_id is not None and abs(ask.person_id) <= LARGEST else 0
    which = {"company_id": actor.company_id, "person_id": person_id}
    rows = [row for row in db.session.execute(PARTNER, which) if actor.reaches(actor.company_id, row.office)]
    if not rows:
        return None
    row = next((row for row in rows if row.office == ask.office), rows[0])
    return Listing(row.name, row.office, row.default_loan_region)


def chain_vehicle(actor: Actor, ask: Ask) -> Vehicle:
    """The vehicle of a vehicle chain. Raises `NotFound` where it is unknown, or stands at an office out of scope."""
    vehicle = vehicle_still(actor, ask)
    if vehicle is None:
        raise NotFound("There is no such vehicle, or you may not see it.")
    return vehicle


def vehicle_still(actor: Actor, ask: Ask) -> Vehicle | None:
    """The same; None where FMS does not list the vehicle any more, or not where the actor may see."""
    vehicle = vehicle_of(db.session(), actor.company_id, ask.vin or "")
    return vehicle if vehicle is not None and actor.reaches(vehicle.company_id, vehicle.office) else None


def calendar_of(actor: Actor, ask: Ask, *, is_begun: bool = False) -> Calendar:
    """What the slots of this ask thread through. Raises `NotFound`.

    `is_begun`: whoever's chain it is may have left FMS's list since; then nothing is booked.
    """
    office = office_of(actor, ask.office)
    session: Session = db.session()
    if ask.kind is Kind.VEHICLE:
        vehicle = vehicle_still(actor, ask) if is_begun else chain_vehicle(actor, ask)
        return calendar(ask, office, occupations_of_vehicle(session, vehicle, office.today) if vehicle else ())
    listing = listed_still(actor, ask) if is_begun else listing_of(actor, ask)
    loans = loans_of_partner(session, actor.company_id, ask.person_id or 0) if listing else ()
    return calendar(ask, office, busy(loans))


def calendar(ask: Ask, office: Office, occupations: Iterable[Occupation]) -> Calendar:
    """Only a partner can be booked twice on purpose, a vehicle cannot."""
    may_overlap = ask.allow_double_booking and ask.kind is Kind.PARTNER
    return Calendar(office.today, tuple(occupations), office.holidays, may_overlap)


def busy(loans: Iterable[PartnerLoan]) -> tuple[Occupation, ...]:
    """What a partner has: all loans that are not over."""
    return tuple(loan.occupation for loan in loans if not loan.is_over)


def rate(known: int, published: int) -> int:
    """A publication rate, per mille."""
    return PER_MILLE * published // known


def idle_days(start: date, ends: Iterable[date | None]) -> int:
    """Days from the latest of `ends`, those of loans that began before `start`; where there is none, very many."""
    latest = max((day for day in ends if day is not None), default=None)
    return MOST_IDLE_DAYS if latest is None else max(0, min((start - latest).days, MOST_IDLE_DAYS))
