"""How much each vehicle was lent, from what FMS knows of it: the loans of a year, what is usual, the last day out.

Pure; days are calendar days. What counts as idle or over-used is said where it is shown (calendar/uses.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from statistics import median_low
from typing import NamedTuple

from webapp.fleet.patterns import months_before

USE_MONTHS = 12


class Stay(NamedTuple):
    """A loan, a hold or a service of a vehicle. `is_loan`: somebody has it."""

    vin: str
    activity_id: int
    start_day: date
    end_day: date
    is_loan: bool


class Use(NamedTuple):
    """As `VehicleUse` keeps it."""

    loans: int
    usual: int
    last_day: date | None


def vehicle_uses(stays: Iterable[Stay], offices: Mapping[str, str], today: date) -> dict[str, Use]:
    """The use of each VIN in `offices` (the office by VIN) up to `today`.

    A loan counts once, though FMS lists it in two reports. What is usual at an office is the lower median of its
    vehicles that were lent at all in the twelve months.
    """
    since = months_before(today, USE_MONTHS)
    loans: defaultdict[str, set[int]] = defaultdict(set)
    last_days: dict[str, date] = {}
    for stay in stays:
        if stay.vin not in offices or stay.start_day > today:
            continue
        last_days[stay.vin] = max(last_days.get(stay.vin, date.min), min(stay.end_day, today))
        if stay.is_loan and stay.start_day > since:
            loans[stay.vin].add(stay.activity_id)
    usual = _usual({vin: len(found) for vin, found in loans.items()}, offices)
    return {
        vin: Use(len(loans.get(vin, ())), usual.get(office, 0), last_days.get(vin)) for vin, office in offices.items()
    }


def _usual(loans: Mapping[str, int], offices: Mapping[str, str]) -> dict[str, int]:
    counts: defaultdict[str, list[int]] = defaultdict(list)
    for vin, number in loans.items():
        counts[offices[vin]].append(number)
    return {office: median_low(numbers) for office, numbers in counts.items()}
