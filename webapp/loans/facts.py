"""Gathering what the rules look at, for one loan, in a handful of queries."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.queries import zone_of
from webapp.fleet import names
from webapp.fleet.makes import make_key, model_key
from webapp.fleet.models import ApprovedMake, Holiday, Partner, Rule, Vehicle
from webapp.fleet.names import is_vin, normal_vin
from webapp.loans import holds
from webapp.loans.availability import Occupation
from webapp.loans.models import Assignment
from webapp.loans.occupations import loans_of_partner, occupations_of_vehicle
from webapp.loans.periods import Period, quarter_of
from webapp.loans.rules.facts import (
    NO_COSTS,
    PENDING,
    Facts,
    Hold,
    Limits,
    OfficeFacts,
    PartnerFacts,
    VehicleFacts,
)
from webapp.loans.spending import accounts_of, costs_of, fleet_of
from webapp.loans.turns import take_turns

BEST_FIRST = ("A+", "A", "B", "C", "D", PENDING)
# Statements are built once: here that takes longer than the database needs to answer.
RANKS_OF = select(ApprovedMake.make, ApprovedMake.rank).where(
    ApprovedMake.company_id == bindparam("company_id"),
    ApprovedMake.person_id == bindparam("person_id"),
    ApprovedMake.gone_at.is_(None),
)
LIMITS = (
    select(Rule.make, Rule.rank, Rule.cooldown_days, Rule.loan_cap_per_year)
    .where(Rule.company_id == bindparam("company_id"), Rule.rank == func.coalesce(bindparam("rank"), Rule.rank))
    .order_by(Rule.make)
)
HOLIDAYS = select(Holiday.day, Holiday.name).where(
    Holiday.company_id == bindparam("company_id"),
    Holiday.office == bindparam("office"),
    Holiday.day >= bindparam("since"),
)


def full_name(vehicle: Vehicle) -> str:
    """`Audi A3 Premium Plus …SA051916`."""
    return names.full_name(vehicle.make, vehicle.model, vehicle.vin)


def vehicle_of(session: Session, company_id: int, vin: str, *, lock: bool = False) -> Vehicle | None:
    """The vehicle with this VIN, still in FMS's list. `lock`: until the transaction ends, nobody else plans it."""
    return vehicles_of(session, company_id, [vin], lock=lock).get(normal_vin(vin))


def vehicles_of(session: Session, company_id: int, vins: Iterable[str], *, lock: bool = False) -> dict[str, Vehicle]:
    """Those of these vehicles that are in FMS's list, by VIN. `lock`: as for one, without anybody waiting in a ring."""
    normal = {vin for vin in map(normal_vin, vins) if is_vin(vin)}
    if not normal:
        return {}
    found = session.scalars(
        select(Vehicle).where(Vehicle.company_id == company_id, Vehicle.vin.in_(normal), Vehicle.gone_at.is_(None))
    ).all()
    if lock:
        take_turns(session, [vehicle.id for vehicle in found])
    return {vehicle.vin: vehicle for vehicle in found}


def partner_of(session: Session, company_id: int, person_id: int, office: str) -> Partner | None:
    """The partner as listed at `office`, else as listed at another one (a person may be under two)."""
    rows = session.scalars(
        select(Partner)
        .where(Partner.company_id == company_id, Partner.person_id == person_id, Partner.gone_at.is_(None))
        .order_by(Partner.office)
    ).all()
    return next((row for row in rows if row.office == office), rows[0] if rows else None)


def gather(
    session: Session,
    *,
    company_id: int,
    office: str,
    vin: str,
    vehicle: Vehicle | None,
    person_id: int,
    partner: Partner | None,
    wanted: Period,
    assignment: Assignment | None = None,
    measures_hops: bool = False,
    viewer: int | None = None,
) -> Facts:
    """The facts about `wanted`. `assignment` is the loan that is checked, if any; it is not in its own way.

    `measures_hops`: whether distances are asked for, so that a partner without coordinates is worth a word.
    `viewer` is the id of the person who is to be told what others are planning; None: nobody is.
    """
    today = clock.today(zone_of(company_id, office))
    if vehicle is None or partner is None:
        # There is nothing more to say than that.
        return Facts(
            wanted,
            OfficeFacts(office, today),
            vehicle_facts(vehicle) if vehicle else unknown_vehicle(vin),
            PartnerFacts(partner.name) if partner else unknown_partner(person_id),
        )
    ranks = ranks_of(session, company_id, person_id)
    since, fleet = wanted.start_day, fleet_of(vehicle.fleet, vehicle.make)
    accounts = accounts_of(session, company_id, office, quarter_of(since), fleet=fleet, but_not=assignment)
    return Facts(
        wanted=wanted,
        office=OfficeFacts(
            name=office,
            today=today,
            holidays=holidays_of(session, company_id, office, since),
            limits=limits_of(session, company_id, rank=ranks.get(make_key(vehicle.make), "")),
            accounts=accounts,
        ),
        vehicle=vehicle_facts(
            vehicle,
            occupations_of_vehicle(session, vehicle, since, assignment),
            holds_of(session, [vehicle], viewer).get(vehicle.id, ()),
        ),
        partner=PartnerFacts(
            name=partner.name,
            ranks=ranks,
            loans=loans_of_partner(session, company_id, person_id, assignment),
            # Nobody asks what it costs where nothing is allocated.
            costs=costs_of(session, company_id, [person_id])[person_id] if accounts else NO_COSTS,
            is_placed=not measures_hops or partner.latitude is not None,
            person_id=person_id,
        ),
        keeps_start=assignment is not None and assignment.start_day == since,
    )


def gather_of_vehicle(
    session: Session,
    vehicle: Vehicle | None,
    *,
    vin: str,
    company_id: int,
    office: str,
    wanted: Period,
    viewer: int | None = None,
) -> Facts:
    """The facts about the vehicle and the days, before anybody is chosen; `viewer` as for `gather`."""
    today, nobody = clock.today(zone_of(company_id, office)), unknown_partner(0)
    if vehicle is None:
        return Facts(wanted, OfficeFacts(office, today), unknown_vehicle(vin), nobody)
    since = wanted.start_day
    of_office = OfficeFacts(office, today, holidays=holidays_of(session, company_id, office, since))
    occupations = occupations_of_vehicle(session, vehicle, since)
    held = vehicle_facts(vehicle, occupations, holds_of(session, [vehicle], viewer).get(vehicle.id, ()))
    return Facts(wanted, of_office, held, nobody)


def unknown_vehicle(vin: str) -> VehicleFacts:
    """What there is to say of a VIN that FMS does not list."""
    return VehicleFacts(normal_vin(vin), is_known=False)


def unknown_partner(person_id: int) -> PartnerFacts:
    """What there is to say of a person whom FMS does not list."""
    return PartnerFacts(str(person_id), is_known=False)


def holds_of(session: Session, vehicles: Collection[Vehicle], viewer: int | None) -> Mapping[int, tuple[Hold, ...]]:
    """What people other than the viewer are planning with, by row id; nobody looks: nothing is told."""
    if viewer is None or not vehicles:
        return {}
    company_id = next(iter(vehicles)).company_id
    return holds.of_vehicles(session, company_id, [vehicle.id for vehicle in vehicles], but_not=viewer)


def vehicle_facts(
    vehicle: Vehicle, occupations: tuple[Occupation, ...] = (), held: tuple[Hold, ...] = ()
) -> VehicleFacts:
    """A vehicle as the rules see it."""
    return VehicleFacts(
        name=full_name(vehicle),
        vin=vehicle.vin,
        vehicle_id=vehicle.vehicle_id,
        make=vehicle.make,
        make_key=make_key(vehicle.make),
        model_key=model_key(vehicle.make, vehicle.model),
        fleet=fleet_of(vehicle.fleet, vehicle.make),
        in_service_date=vehicle.in_service_date,
        expected_turn_in_date=vehicle.expected_turn_in_date,
        occupations=occupations,
        holds=held,
    )


def ranks_of(session: Session, company_id: int, person_id: int) -> dict[str, str]:
    """The partner's rank by make key: the best under any spelling, for FMS's reports do not agree on one."""
    rows = session.execute(RANKS_OF, {"company_id": company_id, "person_id": person_id})
    return best_ranks((make, rank) for make, rank in rows)


def best_ranks(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The best rank by make key, of makes as FMS spells them and ranks."""
    ranks: dict[str, str] = {}
    for make, rank in rows:
        key = make_key(make)
        known = ranks.get(key)
        ranks[key] = rank if known is None else min(known, rank, key=_place)
    return ranks


def _place(rank: str) -> int:
    return BEST_FIRST.index(rank) if rank in BEST_FIRST else len(BEST_FIRST)


def limits_of(session: Session, company_id: int, *, rank: str | None = None) -> dict[tuple[str, str], Limits]:
    """What operations laid down, by make key and rank; `rank` None: for every rank."""
    rows = session.execute(LIMITS, {"company_id": company_id, "rank": rank})
    return {(make_key(make), of): Limits(days, cap) for make, of, days, cap in rows}


def holidays_of(session: Session, company_id: int, office: str, since: date) -> dict[date, str]:
    """The office's holidays from `since` on, by day."""
    rows = session.execute(HOLIDAYS, {"company_id": company_id, "office": office, "since": since})
    return {row.day: row.name for row in rows}
