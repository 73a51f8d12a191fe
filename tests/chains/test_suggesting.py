"""What is suggested is the best chain there is, by every rule, read from a real database; on both engines.

The expected chain is found the slow way: every rule asked loan by loan as for a single one, every chain tried.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.calendar.conftest import november as november
from tests.chains.brute import (
    LAST,
    NOBODY,
    Vehicles,
    best_partners,
    best_vehicles,
    every_partner_chain,
    every_vehicle_chain,
)
from tests.chains.worlds import HOME, START, World, build
from webapp.accounts.models import Location
from webapp.chains.asking import Ask, Kind
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Suggestion
from webapp.chains.solving.objective import Wishes
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.values import BudgetKey, PartnerOffer, Status, VehicleOffer
from webapp.db import close_reading, db
from webapp.fleet.makes import make_key, model_key
from webapp.fleet.models import Activity, LoanHistory, Partner, PublicationRate, Vehicle
from webapp.loans import service
from webapp.loans.facts import limits_of, ranks_of
from webapp.loans.models import Assignment
from webapp.loans.occupations import loans_of_partner
from webapp.loans.periods import quarter_of
from webapp.loans.rules.money import cost_of_loan
from webapp.loans.spending import accounts_of, costs_of, fleet_of
from webapp.loans.states import BLOCKING
from webapp.loans.states import Status as LoanStatus

pytestmark = pytest.mark.usefixtures("november")


class Oracle:
    """One world, looked at row by row."""

    def __init__(self, world: World) -> None:
        self.world, self.company_id = world, world.actor.company_id
        self.vehicles = {one.vin: one for one in world.vehicles}
        self.budgets = {
            BudgetKey(fleet, *quarter): int(account.available * 100)
            for (fleet, quarter), account in accounts_of(db.session(), self.company_id, HOME, quarter_of(START)).items()
            if account.available is not None
        }

    def free_in(self, vin: str, person_id: int, slots: Sequence[Slot]) -> frozenset[int]:
        """The slots in which nothing but money is in the way."""
        return frozenset(
            slot.index
            for slot in slots
            if all(
                finding.code == "over_budget" or not finding.is_binding
                for finding in service.why_not(
                    self.world.actor,
                    vin=vin,
                    person_id=person_id,
                    start_day=slot.period.start_day,
                    end_day=slot.period.end_day,
                ).findings
            )
        )

    def vehicle_offer(self, vin: str, person_id: int, slots: Sequence[Slot]) -> VehicleOffer:
        """The vehicle as the solver should get it."""
        vehicle = self.vehicles[vin]
        make, model = model_key(vehicle.make, vehicle.model)
        listed = self._listing(person_id)
        return VehicleOffer(
            vin=vin,
            make=make,
            model=model,
            rank=ranks_of(db.session(), self.company_id, person_id).get(make),
            free_in=self.free_in(vin, person_id, slots),
            is_home=vehicle.office in (listed.office, listed.default_loan_region),
            publication_rate=self._rate(person_id, make),
            idle_days=self._idle(Vehicle, vin),
            cost=self._cents(person_id, make),
            fleet=fleet_of(vehicle.fleet, vehicle.make),
        )

    def partner_offer(self, vin: str, person_id: int, slots: Sequence[Slot]) -> PartnerOffer:
        """The partner as the solver should get them."""
        make, listed = make_key(self.vehicles[vin].make), self._listing(person_id)
        point = (listed.latitude, listed.longitude)
        return PartnerOffer(
            person_id=person_id,
            name=listed.name,
            rank=ranks_of(db.session(), self.company_id, person_id).get(make),
            free_in=self.free_in(vin, person_id, slots),
            point=None if point[0] is None or point[1] is None else (point[0], point[1]),
            publication_rate=self._rate(person_id, make),
            idle_days=self._idle(Partner, person_id),
            cost=self._cents(person_id, make),
        )

    def keeps_caps(self, person_id: int, slots: Sequence[Slot], chain: Vehicles) -> bool:
        """Whether the chain has no more loans of a make in a year than operations laid down."""
        limits = limits_of(db.session(), self.company_id)
        ranks = ranks_of(db.session(), self.company_id, person_id)
        starts = Counter(
            (loan.make_key, loan.occupation.start_day.year)
            for loan in loans_of_partner(db.session(), self.company_id, person_id)
        )
        made = Counter(
            (offer.make, slot.period.start_day.year) for slot, offer in zip(slots, chain, strict=True) if offer
        )
        for (make, year), count in made.items():
            limit = limits.get((make, ranks.get(make, "")))
            if limit and limit.loans_a_year is not None and starts[make, year] + count > limit.loans_a_year:
                return False
        return True

    def office_point(self) -> tuple[float, float] | None:
        """Where the office is."""
        here = (Location.company_id == self.company_id, Location.name == HOME)
        row = db.session.execute(select(Location.latitude, Location.longitude).where(*here)).one()
        return None if row.latitude is None else (row.latitude, row.longitude)

    def _listing(self, person_id: int) -> Partner:
        mine = [one for one in self.world.partners if one.person_id == person_id and one.gone_at is None]
        return next((one for one in mine if one.office == HOME), mine[0])

    def _rate(self, person_id: int, make: str) -> int:
        for person in (person_id, 0):
            which = (PublicationRate.person_id == person, PublicationRate.make == make, PublicationRate.known > 0)
            row = db.session.scalar(
                select(PublicationRate).where(PublicationRate.company_id == self.company_id, *which)
            )
            if row is not None:
                return 1000 * row.published // row.known
        return 0

    def _idle(self, kind: type[Vehicle] | type[Partner], key: object) -> int:
        """Days since the end of the latest loan that began before the chain."""
        ends: list[date] = []
        for row in db.session.scalars(select(LoanHistory).where(LoanHistory.company_id == self.company_id)):
            if row.gone_at is None and (row.vin == key if kind is Vehicle else row.person_id == key) and row.person_id:
                ends.append(row.end_day)
        for activity in db.session.scalars(select(Activity).where(Activity.company_id == self.company_id)):
            is_its = activity.vin == key if kind is Vehicle else activity.person_id == key
            if activity.gone_at is None and is_its and activity.person_id and activity.start_day < START:
                ends.append(activity.end_day)
        for loan in db.session.scalars(select(Assignment).where(Assignment.company_id == self.company_id)):
            vins = {one.id: one.vin for one in self.world.vehicles}
            is_its = vins[loan.fleet_vehicle_id] == key if kind is Vehicle else loan.person_id == key
            if LoanStatus(loan.status) in BLOCKING and is_its and loan.start_day < START:
                ends.append(loan.end_day)
        return min(999, max(0, (START - max(ends)).days)) if ends else 999

    def _cents(self, person_id: int, make: str) -> int:
        costs = costs_of(db.session(), self.company_id, [person_id])[person_id]
        return int(cost_of_loan(costs, make) * 100)


def slots_in_order(found: Suggestion) -> Sequence[Slot]:
    """The slots by days."""
    return sorted(found.threaded.slots, key=lambda slot: slot.period)


def test_the_best_chain_of_vehicles(app: Flask) -> None:
    """Filled slots, objective, and the same vehicles in the same slots, ties and yearly caps included."""
    seen: Counter[str] = Counter()
    with app.app_context():
        for seed in range(100, 116):
            respects = seed % 4 != 3
            world = build(seed, vehicles=10, people=3, is_crowded=seed % 2 == 0)
            oracle = Oracle(world)
            for person_id in world.known_people[:2]:
                ask = Ask(Kind.PARTNER, HOME, START, person_id, count=3, respect_budgets=respects)
                found = suggesting.suggest(world.actor, ask)
                slots = slots_in_order(found)
                offers = [oracle.vehicle_offer(vin, person_id, slots) for vin in world.home_vins]

                def chains() -> Iterator[Vehicles]:
                    budgets = oracle.budgets if respects else None  # noqa: B023
                    for chain in every_partner_chain(slots, offers, {}, budgets):  # noqa: B023
                        if oracle.keeps_caps(person_id, slots, chain):  # noqa: B023
                            yield chain

                sums, vins = best_vehicles(chains(), Wishes())
                picked = {one.slot.index: one.vin for one in found.placed}
                assert tuple(picked.get(slot.index, LAST) for slot in slots) == vins, (seed, person_id)
                assert (len(found.placed), found.objective) == sums[:2]
                assert not [each for one in found.placed for each in one.findings if each.is_binding], (seed, person_id)
                seen[found.status] += 1
            close_reading()
    assert min(seen[Status.OPTIMAL], seen[Status.PARTIAL]) > 2


def test_the_best_chain_of_partners(app: Flask) -> None:
    """The same for a vehicle: hops from the office, quality, money."""
    seen: Counter[str] = Counter()
    with app.app_context():
        for seed in range(200, 216):
            world = build(seed, vehicles=5, people=8, is_crowded=seed % 2 == 0)
            oracle = Oracle(world)
            for vin in world.home_vins[:2]:
                found = suggesting.suggest(world.actor, Ask(Kind.VEHICLE, HOME, START, vin=vin, count=3))
                slots = slots_in_order(found)
                fleet = fleet_of(oracle.vehicles[vin].fleet, oracle.vehicles[vin].make)
                every = [oracle.partner_offer(vin, person_id, slots) for person_id in world.known_people]
                placed = [one for one in every if one.point is not None]
                office = oracle.office_point()
                chains = every_vehicle_chain(slots, placed, office, 50, {}, oracle.budgets, fleet)
                sums, people = best_partners(chains, office)
                picked = {one.slot.index: one.person_id for one in found.placed}
                assert tuple(picked.get(slot.index, NOBODY) for slot in slots) == people, (seed, vin)
                assert (len(found.placed), round(found.objective * 1000)) == sums[:2]
                nowhere = {one.person_id for one in every if one.point is None and one.free_in}
                assert {person_id for person_id, _ in found.unplaced} == nowhere
                assert not [each for one in found.placed for each in one.findings if each.is_binding]
                seen[found.status] += 1
            close_reading()
    assert seen[Status.OPTIMAL] + seen[Status.PARTIAL] > 5
