"""Reading a partner chain's supply: every vehicle of the office, what has it, and the partner with all their loans."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import bindparam, func, or_, select

from webapp.accounts.actor import Actor
from webapp.chains.asking import Ask
from webapp.chains.looking.loan_reading import occupations_at
from webapp.chains.looking.reading import (
    EVERYBODY,
    RATES_OF_PARTNER,
    Listing,
    busy,
    calendar,
    first_start,
    idle_days,
    listed_still,
    listing_of,
    office_facts,
    office_of,
    rate,
)
from webapp.chains.looking.suggestion import Key
from webapp.chains.looking.supply import Car, Entry, Supply
from webapp.chains.solving.objective import is_home
from webapp.db import db
from webapp.fleet.makes import make_key
from webapp.fleet.models import Activity, LoanHistory, Vehicle
from webapp.fleet.names import is_vin, normal_vin, short_vin, vehicle_name
from webapp.loans.facts import holds_of, ranks_of, unknown_partner, unknown_vehicle, vehicle_facts
from webapp.loans.models import Assignment
from webapp.loans.occupations import loans_of_partner
from webapp.loans.rules.facts import PartnerFacts
from webapp.loans.spending import costs_of
from webapp.loans.states import BLOCKING

# When the latest of its loans that are over, and of ours that began before a day, ends.
LAST_OUT = [
    statement.correlate(Vehicle).scalar_subquery()
    for statement in (
        select(func.max(LoanHistory.end_day)).where(
            LoanHistory.company_id == Vehicle.company_id,
            LoanHistory.vin == Vehicle.vin,
            LoanHistory.gone_at.is_(None),
            LoanHistory.person_id.is_not(None),
        ),
        select(func.max(Assignment.end_day)).where(
            Assignment.fleet_vehicle_id == Vehicle.id,
            Assignment.status.in_(BLOCKING),
            Assignment.start_day < bindparam("start"),
        ),
    )
]
# The same of FMS's calendar, which a loan may leave for its history days after it ended. Asked once for all vehicles:
# asked for each, SQLite would go through the whole calendar every time, latest end first.
ENDS = (
    select(Activity.vin, func.max(Activity.end_day).label("end"))
    .where(
        Activity.company_id == bindparam("company_id"),
        Activity.gone_at.is_(None),
        Activity.person_id.is_not(None),
        Activity.start_day < bindparam("start"),
    )
    .group_by(Activity.vin)
)
VEHICLES = select(Vehicle, *LAST_OUT).where(
    Vehicle.company_id == bindparam("company_id"),
    Vehicle.gone_at.is_(None),
    or_(Vehicle.office == bindparam("office"), Vehicle.vin.in_(bindparam("vins", expanding=True))),
)


def vehicles_for(
    actor: Actor, ask: Ask, picks: Collection[Key] = (), since: date | None = None, *, only_picks: bool = False
) -> Supply:
    """The supply of a partner chain; `picks` are in it wherever they are now, known or not;
    `only_picks`: nothing else is.

    `since`: the first day that is asked about, None: that of the ask. Raises `NotFound` for an office or a
    partner that is unknown or out of scope; with `only_picks` such a partner is unknown in every entry.
    """
    session = db.session()
    office = office_of(actor, ask.office, since)
    listing, person_id = (listed_still if only_picks else listing_of)(actor, ask), ask.person_id or 0
    first = office.today if since is None else min(office.today, since)
    partner = _partner(actor, listing, person_id)
    vins = {normal_vin(str(key)): key for key in picks}
    known = [vin for vin in vins if is_vin(vin)]
    # No office is called nothing.
    where = "" if only_picks else office.name
    which = {"company_id": actor.company_id, "office": where, "vins": known, "start": ask.start}
    rows = [
        (vehicle, ends)
        for vehicle, *ends in session.execute(VEHICLES, which)
        if actor.reaches(vehicle.company_id, vehicle.office)
    ]
    calendar_ends = {row.vin: row.end for row in session.execute(ENDS, which)}
    held = occupations_at(session, actor.company_id, where, known, first)
    planned = holds_of(session, [vehicle for vehicle, _ in rows], actor.user_id)
    rates = _rates(actor, person_id)
    homes = {listing.office, listing.default_loan_region} if listing else set()
    found = []
    for vehicle, ends in rows:
        occupations = held.get(vehicle.vin, ())
        facts = vehicle_facts(vehicle, occupations, planned.get(vehicle.id, ()))
        found.append(
            Entry(
                key=vehicle.vin,
                name=vehicle_name(vehicle.make, vehicle.model) or short_vin(vehicle.vin),
                detail=" · ".join(part for part in (vehicle.color, short_vin(vehicle.vin)) if part),
                vehicle=facts,
                partner=partner,
                car=Car(vehicle.id, vehicle.vin, vehicle.vehicle_id, vehicle.make, vehicle.model, vehicle.color),
                person_id=person_id,
                is_offered=vehicle.office == office.name,
                is_home=is_home(vehicle.office, homes),
                publication_rate=rates.get(facts.make_key, 0),
                idle_days=idle_days(ask.start, (*ends, calendar_ends.get(vehicle.vin))),
            )
        )
    found.sort(key=lambda entry: (entry.name.casefold(), entry.car.vin))
    entries: dict[Key, Entry] = {entry.key: entry for entry in found}
    for vin in vins.keys() - entries.keys():
        entries[vin] = _unknown(vin, partner, person_id)
    place = office_facts(actor, office, first_start(ask) if since is None else since)
    return Supply(ask, place, calendar(ask, office, busy(partner.loans)), entries)


def _partner(actor: Actor, listing: Listing | None, person_id: int) -> PartnerFacts:
    if listing is None:
        return unknown_partner(person_id)
    session = db.session()
    return PartnerFacts(
        name=listing.name,
        ranks=ranks_of(session, actor.company_id, person_id),
        loans=loans_of_partner(session, actor.company_id, person_id),
        costs=costs_of(session, actor.company_id, [person_id])[person_id],
        person_id=person_id,
    )


def _rates(actor: Actor, person_id: int) -> Mapping[str, int]:
    """Publication rates by make key: the partner's own, else everybody's."""
    rows = db.session.execute(RATES_OF_PARTNER, {"company_id": actor.company_id, "person_id": person_id})
    everybody_first = sorted(rows, key=lambda row: row.person_id != EVERYBODY)
    return {make_key(row.make): rate(row.known, row.published) for row in everybody_first if row.make}


def _unknown(vin: str, partner: PartnerFacts, person_id: int) -> Entry:
    """What somebody picked and FMS does not list (any more), or where this person may not look."""
    return Entry(vin, short_vin(vin), "", unknown_vehicle(vin), partner, Car(None, vin), person_id, is_offered=False)
