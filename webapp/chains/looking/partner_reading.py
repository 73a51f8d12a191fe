"""Reading a vehicle chain's supply: every partner the person may see, what they had of its make, and the vehicle."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Row, bindparam, func, select

from webapp.accounts.actor import Actor
from webapp.chains.asking import Ask
from webapp.chains.looking.loan_reading import loans_of_make, loans_of_people, prefixes_of, spelt_like
from webapp.chains.looking.reading import (
    EVERYBODY,
    RATES_OF_MAKE,
    calendar,
    chain_vehicle,
    first_start,
    idle_days,
    office_facts,
    office_of,
    rate,
    vehicle_still,
)
from webapp.chains.looking.suggestion import Key
from webapp.chains.looking.supply import Car, Entry, Supply
from webapp.db import db
from webapp.fleet.distances import Point, between, miles_told
from webapp.fleet.makes import make_key
from webapp.fleet.models import Activity, ApprovedMake, LoanHistory, Partner, Vehicle
from webapp.loans.facts import BEST_FIRST, holds_of, unknown_partner, unknown_vehicle, vehicle_facts
from webapp.loans.models import Assignment
from webapp.loans.occupations import occupations_of_vehicle
from webapp.loans.periods import Period
from webapp.loans.rules.facts import DEFAULT_COOLDOWN, NO_COSTS, OfficeFacts, PartnerFacts, VehicleFacts
from webapp.loans.spending import costs_of
from webapp.loans.states import Status
from webapp.names import by_last_name

Listed = Row[*tuple[Any, ...]]
# When a person last had a loan that is over.
LAST_HAD = (
    select(func.max(LoanHistory.end_day))
    .where(
        LoanHistory.company_id == Partner.company_id,
        LoanHistory.person_id == Partner.person_id,
        LoanHistory.gone_at.is_(None),
    )
    .correlate(Partner)
    .scalar_subquery()
)
PARTNERS = (
    select(
        Partner.person_id,
        Partner.name,
        Partner.office,
        Partner.affiliation,
        Partner.latitude,
        Partner.longitude,
        LAST_HAD.label("last"),
    )
    .where(Partner.company_id == bindparam("company_id"), Partner.gone_at.is_(None))
    .order_by(Partner.office)
)
SOME_PARTNERS = PARTNERS.where(Partner.person_id.in_(bindparam("people", expanding=True)))
RANKS = select(ApprovedMake.person_id, ApprovedMake.make, ApprovedMake.rank).where(
    ApprovedMake.company_id == bindparam("company_id"), ApprovedMake.gone_at.is_(None), spelt_like(ApprovedMake.make)
)
# When loans that may not be over yet, and began before a day, end.
ENDS_OF_ACTIVITIES = (
    select(Activity.person_id, func.max(Activity.end_day).label("end"))
    .where(
        Activity.company_id == bindparam("company_id"),
        Activity.gone_at.is_(None),
        Activity.person_id.is_not(None),
        Activity.start_day < bindparam("day"),
    )
    .group_by(Activity.person_id)
)
ENDS_OF_LOANS = (
    select(Assignment.person_id, func.max(Assignment.end_day).label("end"))
    .where(
        Assignment.company_id == bindparam("company_id"),
        Assignment.status.not_in((Status.CANCELLED, Status.COMPLETED)),
        Assignment.start_day < bindparam("day"),
    )
    .group_by(Assignment.person_id)
)


def partners_for(
    actor: Actor,
    ask: Ask,
    picks: Collection[Key] = (),
    since: date | None = None,
    *,
    everybody_in: Period | None = None,
    during: Period | None = None,
    only_picks: bool = False,
) -> Supply:
    """The supply of a vehicle chain; `picks` are in it whether or not they are listed, or may be seen.

    `only_picks`: nobody else is, and every loan of theirs is read.
    `since` as for `vehicles_for`. `everybody_in`: the days of one loan about which every rule is to be asked, of
    everybody; None: what suggesting needs, which is less of those without an approval. `during`: the days about which
    every rule is to be asked of those with one.
    Raises `NotFound` for an office or a vehicle that is unknown or out of scope; with `only_picks` such a vehicle is
    unknown in every entry.
    """
    session = db.session()
    office = office_of(actor, ask.office, since)
    vehicle = (vehicle_still if only_picks else chain_vehicle)(actor, ask)
    first = office.today if since is None else min(office.today, since)
    facts, car = _vehicle(actor, ask, vehicle, first)
    listed = _listed(actor, ask, {key for key in picks if isinstance(key, int)}, only_picks=only_picks)
    ranks = _ranks(actor, facts.make_key)
    detailed = listed.keys() if everybody_in else {key for key in listed if key in ranks or key in picks}
    starts = first_start(ask) if since is None else since
    place = office_facts(actor, office, starts, facts.fleet)
    if only_picks or vehicle is None:
        loans = loans_of_people(session, actor.company_id, detailed)
    else:
        loans = loans_of_make(session, vehicle, detailed, matters_from(starts, place), everybody_in or during)
    # Thousands of rows, that nobody asks for where nothing is allocated to the vehicle's fleet.
    costs = costs_of(session, actor.company_id, detailed) if place.accounts or only_picks else {}
    rates = _rates(actor, facts.make_key)
    ends = {} if only_picks else _ends(actor, ask.start)
    ways = _ways(office.point, listed.values())
    found = []
    for person_id, row in listed.items():
        partner = PartnerFacts(
            name=row.name,
            ranks={facts.make_key: ranks[person_id]} if person_id in ranks else {},
            loans=loans.get(person_id, ()),
            costs=costs.get(person_id, NO_COSTS),
            is_placed=row.latitude is not None and row.longitude is not None,
            person_id=person_id,
        )
        found.append(
            Entry(
                key=person_id,
                name=row.name,
                detail=_detail(row, ways.get(person_id)),
                vehicle=facts,
                partner=partner,
                car=car,
                person_id=person_id,
                is_offered=actor.reaches(actor.company_id, row.office),
                publication_rate=rates.get(person_id, rates.get(EVERYBODY, 0)),
                idle_days=idle_days(ask.start, (row.last, ends.get(person_id))),
                point=(row.latitude, row.longitude) if partner.is_placed else None,
            )
        )
    found.sort(key=lambda entry: (by_last_name(entry.name), entry.person_id))
    entries: dict[Key, Entry] = {entry.key: entry for entry in found}
    for key in picks:
        if isinstance(key, int) and key not in entries:
            entries[key] = _unknown(key, facts, car)
    return Supply(
        ask,
        place,
        calendar(ask, office, facts.occupations),
        entries,
        office.point,
        current_app.extensions["settings"].max_hop_miles,
    )


def _vehicle(actor: Actor, ask: Ask, vehicle: Vehicle | None, first: date) -> tuple[VehicleFacts, Car]:
    """The vehicle as rules and cards see it, with what holds it from `first` on; None: nobody knows it any more."""
    if vehicle is None:
        return unknown_vehicle(ask.vin or ""), Car(None, ask.vin or "")
    session = db.session()
    occupations = occupations_of_vehicle(session, vehicle, first)
    held = holds_of(session, [vehicle], actor.user_id).get(vehicle.id, ())
    car = Car(vehicle.id, vehicle.vin, vehicle.vehicle_id, vehicle.make, vehicle.model, vehicle.color)
    return vehicle_facts(vehicle, occupations, held), car


def matters_from(first: date, office: OfficeFacts) -> date:
    """The day from which on loans of the make matter to one that starts on `first` or later.

    What ended before is neither cooling down any more, nor one of the loans of the year; only the VIN matters ever.
    """
    cooldowns = [limits.cooldown_days or 0 for limits in office.limits.values()]
    return min(date(first.year, 1, 1), first - timedelta(days=max([DEFAULT_COOLDOWN, *cooldowns])))


def with_all_loans(actor: Actor, supply: Supply, people: Collection[Key]) -> Supply:
    """The same, with every loan of these people and what theirs cost, so that every rule can be asked about them."""
    ids = [key for key in people if isinstance(key, int)]
    loans = loans_of_people(db.session(), actor.company_id, ids)
    costs = costs_of(db.session(), actor.company_id, ids)
    entries = dict(supply.entries)
    for person_id in ids:
        entry = entries[person_id]
        if entry.is_known:
            partner = replace(entry.partner, loans=loans.get(person_id, ()), costs=costs[person_id])
            entries[person_id] = replace(entry, partner=partner)
    return replace(supply, entries=entries)


def _listed(actor: Actor, ask: Ask, picks: Collection[int], *, only_picks: bool) -> dict[int, Listed]:
    """Everybody whom the actor may see, and `picks`: as listed at the chain's office, else at the first in scope."""
    best: dict[int, tuple[tuple[bool, bool], Listed]] = {}
    some = {"company_id": actor.company_id, "people": list(picks)}
    rows = db.session.execute(SOME_PARTNERS, some) if only_picks else db.session.execute(PARTNERS, some)
    for row in rows:
        is_seen = actor.reaches(actor.company_id, row.office)
        order = (not is_seen, row.office != ask.office)
        known = best.get(row.person_id)
        if (is_seen or row.person_id in picks) and (known is None or order < known[0]):
            best[row.person_id] = order, row
    return {person_id: row for person_id, (_, row) in best.items()}


def _ranks(actor: Actor, key: str) -> dict[int, str]:
    """The rank of each person who is listed for the make: the best under any spelling."""
    found: dict[int, str] = {}
    which = {"company_id": actor.company_id, "prefixes": prefixes_of(key)}
    for person_id, make, rank in db.session.execute(RANKS, which):
        if make_key(make) == key:
            found[person_id] = min(found.get(person_id, rank), rank, key=_place)
    return found


def _place(rank: str) -> int:
    return BEST_FIRST.index(rank) if rank in BEST_FIRST else len(BEST_FIRST)


def _rates(actor: Actor, key: str) -> Mapping[int, int]:
    """Publication rates of the make by person."""
    rows = db.session.execute(RATES_OF_MAKE, {"company_id": actor.company_id, "make": key})
    return {row.person_id: rate(row.known, row.published) for row in rows}


def _ends(actor: Actor, day: date) -> dict[int, date]:
    """When loans that began before `day`, and may not be over, end; the latest of each person."""
    which = {"company_id": actor.company_id, "day": day}
    found: dict[int, date] = {}
    for statement in (ENDS_OF_ACTIVITIES, ENDS_OF_LOANS):
        for row in db.session.execute(statement, which):
            person_id, end = row.person_id, row.end
            found[person_id] = max(found.get(person_id, end), end)
    return found


def _ways(office: Point | None, rows: Iterable[Listed]) -> Mapping[int, int]:
    """Tenths of a mile from the office to whoever's place is known."""
    placed = [row for row in rows if row.latitude is not None and row.longitude is not None]
    if office is None or not placed:
        return {}
    tenths = between([office], [(row.latitude, row.longitude) for row in placed])[0].tolist()
    return {row.person_id: int(tenth) for row, tenth in zip(placed, tenths, strict=True)}


def _detail(row: Listed, tenths: int | None) -> str:
    way = "" if tenths is None else miles_told(tenths)
    return " · ".join(part for part in (row.affiliation, row.office, way) if part)


def _unknown(person_id: int, vehicle: VehicleFacts, car: Car) -> Entry:
    """Somebody picked whom FMS does not list (any more)."""
    return Entry(person_id, str(person_id), "", vehicle, unknown_partner(person_id), car, person_id, is_offered=False)
