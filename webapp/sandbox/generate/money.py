"""Invents what each fleet of each office spent in each quarter, and what it had been given."""

from collections.abc import Iterator
from datetime import date
from random import Random

from webapp.sandbox.generate.catalogue import budget_fleet
from webapp.sandbox.generate.scale import Scale
from webapp.sandbox.generate.vehicles import Vehicle

Row = tuple[object, ...]

# FMS keeps these apart although they are one budget: the importer has to add them up.
OFFICES_WITH_SEPARATE_LEXUS = ("New York", "Miami", "Denver")


def spend_and_budget(scale: Scale, today: date, vehicles: list[Vehicle], random: Random) -> tuple[list[Row], list[Row]]:
    """Spend rows (fleet, office, year, quarter, cents), newest quarter first and exactly as many as the scale
    says, and budget rows (office, fleet, year, quarter, cents) for the same quarters and two to come."""
    pairs = sorted({(vehicle.office, vehicle.make) for vehicle in vehicles})
    sizes = dict.fromkeys(pairs, 0)
    for vehicle in vehicles:
        sizes[vehicle.office, vehicle.make] += 1
    allowances = {(office, budget_fleet(make)): 0 for office, make in pairs}
    for (office, make), size in sizes.items():
        allowances[office, budget_fleet(make)] += size * random.randrange(210_000, 420_000, 5_000)
    spending = _spending(scale, today, sorted(allowances.items()), random)
    quarters = sorted({(row[2], row[3]) for row in spending} | set(_coming(today)))
    budgets: list[Row] = [
        (office, fleet, year, quarter, _round(cents))
        for (office, fleet), cents in sorted(allowances.items())
        for year, quarter in quarters
        if random.random() < 0.96
    ]
    return spending, budgets


def _spending(scale: Scale, today: date, allowances: list[tuple[tuple[str, str], int]], random: Random) -> list[Row]:
    rows: list[Row] = []
    elapsed = ((today - date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)).days + 1) / 91
    for age, (year, quarter) in enumerate(_quarters_back(today)):
        for (office, fleet), allowance in allowances:
            usual = allowance * random.uniform(0.55, 1.15) * (elapsed if age == 0 else 1)
            for name, share in _accounts(office, fleet):
                rows.append((name, office, year, quarter, round(usual * share)))
                if len(rows) == scale.spending:
                    return rows
    raise AssertionError("the quarters never end")


def _accounts(office: str, fleet: str) -> tuple[tuple[str, float], ...]:
    if fleet == "TOYOTA/LEXUS" and office in OFFICES_WITH_SEPARATE_LEXUS:
        return ("TOYOTA", 0.6), ("LEXUS", 0.4)
    return ((fleet, 1.0),)


def _quarters_back(today: date) -> Iterator[tuple[int, int]]:
    number = today.year * 4 + (today.month - 1) // 3
    while True:
        yield number // 4, number % 4 + 1
        number -= 1


def _coming(today: date) -> list[tuple[int, int]]:
    number = today.year * 4 + (today.month - 1) // 3
    return [(later // 4, later % 4 + 1) for later in (number + 1, number + 2)]


def _round(cents: int) -> int:
    return cents // 10_000 * 10_000
