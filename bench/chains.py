"""Chains: the best one alone, without reading or drawing, at full scale and at ten times the scale."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

from bench.desk import Desk
from bench.measure import Figure
from webapp.chains.solving.objective import partner_objective
from webapp.chains.solving.partner_chain import best_partner_chain
from webapp.chains.solving.slots import Calendar, Slot, thread
from webapp.chains.solving.values import Budgets, Chain, PartnerOffer, VehicleOffer, budget_key
from webapp.chains.solving.vehicle_chain import best_vehicle_chain

START = date(2026, 12, 7)
OFFICE = (33.75, -84.39)
RANKS = ("A+", "A", "A", "B", "B", "C", "D")
RUNS = 20
FLOOR = "one pass over the same offers"


def figures(desk: Desk) -> Iterator[Figure]:
    """Milliseconds of the middle instance of twenty, the slowest in the note."""
    del desk
    for vehicles, aim in ((230, "well under 60 ms"), (2300, "inside 2 s")):
        yield _partner(f"partner chain of 10, {vehicles} vehicles", vehicles, aim, with_budgets=False)
        yield _partner(f"the same, budgets that bind, {vehicles}", vehicles, aim, with_budgets=True)
    for partners, aim in ((592, "well under 60 ms"), (5920, "inside 2 s")):
        yield _vehicle(f"vehicle chain of 6, {partners} partners", partners, aim)


def _partner(name: str, vehicles: int, aim: str, *, with_budgets: bool) -> Figure:
    made = [_vehicles(Random(seed), vehicles, 10) for seed in range(RUNS)]
    slots = thread(Calendar(START), START, 7, 10).slots
    asked: list[Budgets | None] = [_budgets(Random(seed), slots, offers) for seed, offers in enumerate(made)]

    def chain(run: int) -> Chain[VehicleOffer]:
        return best_partner_chain(slots, made[run], budgets=asked[run] if with_budgets else None)

    def floor(run: int) -> object:
        return partner_objective([len(one.free_in) for one in made[run]], [one.make for one in made[run]])

    return _figure(name, aim, chain, floor)


def _vehicle(name: str, partners: int, aim: str) -> Figure:
    made = [_partners(Random(seed), partners, 6) for seed in range(RUNS)]
    slots = thread(Calendar(START), START, 7, 6).slots

    def chain(run: int) -> Chain[PartnerOffer]:
        return best_vehicle_chain(slots, made[run], office=OFFICE)

    def floor(run: int) -> object:
        return sorted(made[run], key=lambda one: (len(one.free_in), one.person_id))

    return _figure(name, aim, chain, floor)


def _figure(
    name: str,
    aim: str,
    chain: Callable[[int], Chain[VehicleOffer] | Chain[PartnerOffer]],
    floor: Callable[[int], object],
) -> Figure:
    chain(0)
    times, floors, unproven, cp_sat = [], [], 0, 0
    for run in range(RUNS):
        began = time.perf_counter()
        found = chain(run)
        times.append((time.perf_counter() - began) * 1000)
        unproven += found.status == "feasible"
        cp_sat += found.work.needed_cp_sat
        began = time.perf_counter()
        floor(run)
        floors.append((time.perf_counter() - began) * 1000)
    note = f"slowest {max(times):.0f} ms, {unproven} unproven, {cp_sat} asked CP-SAT"
    middle = RUNS // 2
    return Figure(name, round(sorted(times)[middle], 1), "ms", round(sorted(floors)[middle], 2), FLOOR, aim, note)


def _vehicles(random: Random, count: int, slots: int) -> list[VehicleOffer]:
    """Of 25 makes with two to six models each, 15 approved; a vehicle is free in about six slots of ten."""
    makes = [f"Make {number}" for number in range(25)]
    models = {make: [f"Model {number}" for number in range(random.randint(2, 6))] for make in makes}
    ranks = {make: random.choice(RANKS) for make in random.sample(makes, 15)}
    rates = {make: random.randint(0, 1000) for make in makes}
    costs = {make: random.choice([30_000, 40_000, 50_000, 61_300]) for make in makes}
    offers = []
    for number in range(count):
        make = random.choice(makes)
        if make in ranks:
            free = frozenset(index for index in range(1, slots + 1) if random.random() < 0.6)
            model = random.choice(models[make])
            is_home, idle_days = random.random() < 0.8, random.randint(0, 120)
            vin, cost = f"VIN{number:05}", costs[make]
            offers.append(
                VehicleOffer(vin, make, model, ranks[make], free, is_home, rates[make], idle_days, cost, make)
            )
    return offers


def _budgets(random: Random, slots: tuple[Slot, ...], offers: list[VehicleOffer]) -> Budgets:
    fleets = sorted({offer.fleet for offer in offers})
    keys = sorted(
        {budget_key(fleet, slot.period.start_day) for fleet in fleets for slot in slots},
        key=lambda key: (key.fleet, key.year, key.quarter),
    )
    return {key: random.choice([0, 90_000, 150_000, 1_000_000]) for key in keys}


def _partners(random: Random, count: int, slots: int) -> list[PartnerOffer]:
    """Around one office, about four at each place, most within 40 miles."""
    places = [(OFFICE[0] + random.gauss(0, 0.3), OFFICE[1] + random.gauss(0, 0.3)) for _ in range(max(1, count // 4))]
    return [
        PartnerOffer(
            number,
            f"Partner {number}",
            random.choice(RANKS),
            frozenset(index for index in range(1, slots + 1) if random.random() < 0.8),
            random.choice(places),
            random.randint(0, 1000),
            random.randint(0, 400),
        )
        for number in range(count)
    ]
