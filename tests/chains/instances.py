"""Random small chains: few makes and ranks and many equal numbers, so that ties and conflicts are the rule."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from webapp.chains.solving import objective
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.values import BudgetKey, PartnerOffer, VehicleOffer, budget_key
from webapp.loans.periods import Period

# Two weeks before the quarter ends, so that chains cross into the next one, and into the next year.
START = date(2026, 12, 14)
RANKS = ("A+", "A+", "A", "B", "D", None)


def slots_of(count: int, start: date = START) -> tuple[Slot, ...]:
    """Slots of a week each."""
    first = [start + timedelta(weeks=number) for number in range(count)]
    return tuple(Slot(number + 1, Period(day, day + timedelta(weeks=1))) for number, day in enumerate(first))


@dataclass
class PartnerInstance:
    """Everything `best_partner_chain` takes."""

    slots: tuple[Slot, ...]
    offers: list[VehicleOffer]
    wishes: objective.Wishes = field(default_factory=objective.Wishes)
    pinned: dict[int, VehicleOffer] = field(default_factory=dict)
    budgets: dict[BudgetKey, int] | None = None


def partner_instance(random: Random, slots: int = 4, vehicles: int = 8) -> PartnerInstance:
    """Up to so many slots and vehicles; pins, wishes and budgets in about every third."""
    count = random.randint(1, slots)
    makes = ["Audi", "Lexus", "Toyota", "Kia"][: random.randint(1, 4)]
    ranks = {make: random.choice(RANKS[:-1]) for make in makes}
    rates = {make: random.choice([0, 300, 300, 725]) for make in makes}
    offers = []
    for number in range(random.randint(0, vehicles)):
        make = random.choice(makes)
        free = frozenset(index for index in range(1, count + 1) if random.random() < random.choice([0.3, 0.8]))
        offers.append(
            VehicleOffer(
                vin=f"VIN{random.randrange(10_000):05}{number}",
                make=make,
                model=random.choice(["One", "Two", "Three"]),
                rank=ranks[make],
                free_in=free,
                is_home=random.random() < 0.7,
                publication_rate=rates[make],
                idle_days=random.choice([0, 7, 7, 40]),
                cost=random.choice([0, 30_000, 40_000, 40_000, 45_000]),
                fleet=make,
            )
        )
    slots_ = slots_of(count)
    instance = PartnerInstance(slots_, offers)
    if random.random() < 0.35 and offers:
        models = frozenset((one.make, one.model) for one in random.sample(offers, min(2, len(offers))))
        instance.wishes = objective.Wishes(models=models, is_strict=random.random() < 0.3)
    if random.random() < 0.3 and offers:
        pins = random.sample(offers, min(len(offers), random.randint(1, 2), count))
        indexes = random.sample(range(1, count + 1), len(pins))
        instance.pinned = dict(zip(indexes, pins, strict=True))
    if random.random() < 0.5:
        keys = {budget_key(make, slot.period.start_day) for make in makes for slot in slots_}
        some = sorted(keys, key=lambda key: (key.fleet, key.year, key.quarter))
        instance.budgets = {
            key: random.choice([-5_000, 0, 40_000, 70_000, 85_000, 200_000]) for key in some if random.random() < 0.8
        }
    return instance


@dataclass
class VehicleInstance:
    """Everything `best_vehicle_chain` takes."""

    slots: tuple[Slot, ...]
    offers: list[PartnerOffer]
    office: tuple[float, float] | None
    max_hop_miles: int = 50
    pinned: dict[int, PartnerOffer] = field(default_factory=dict)
    budgets: dict[BudgetKey, int] | None = None


def vehicle_instance(random: Random, slots: int = 4, partners: int = 7) -> VehicleInstance:
    """Up to so many slots and partners around an office, several at one place, some nowhere, some too far."""
    count = random.randint(1, slots)
    towns = [(33.7 + random.uniform(-0.9, 0.9), -84.4 + random.uniform(-0.9, 0.9)) for _ in range(3)]
    offers = []
    for number in range(random.randint(0, partners)):
        free = frozenset(index for index in range(1, count + 1) if random.random() < random.choice([0.3, 0.9]))
        offers.append(
            PartnerOffer(
                person_id=random.randrange(1000) * 10 + number,
                name=f"Partner {number}",
                rank=random.choice(RANKS),
                free_in=free,
                point=None if random.random() < 0.15 else random.choice(towns),
                publication_rate=random.choice([0, 300, 300, 725]),
                idle_days=random.choice([0, 7, 7, 40]),
                cost=random.choice([0, 30_000, 40_000, 45_000]),
            )
        )
    slots_ = slots_of(count)
    office = None if random.random() < 0.1 else (33.75, -84.39)
    instance = VehicleInstance(slots_, offers, office, random.choice([20, 50, 50]))
    if random.random() < 0.3 and offers:
        pins = random.sample(offers, min(len(offers), random.randint(1, 2), count))
        indexes = random.sample(range(1, count + 1), len(pins))
        instance.pinned = dict(zip(indexes, pins, strict=True))
    if random.random() < 0.5:
        keys = {budget_key("Audi", slot.period.start_day) for slot in slots_}
        some = sorted(keys, key=lambda key: (key.fleet, key.year, key.quarter))
        instance.budgets = {key: random.choice([0, 40_000, 70_000, 85_000, 200_000]) for key in some}
    return instance
