"""Invents the vehicles: what they are, where they stand, and how long they stay in the fleet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from webapp.sandbox.generate.catalogue import COLORS, MAKES, Make
from webapp.sandbox.generate.scale import Scale

VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789"
FIRST_VEHICLE_ID = 84_017

NOTES = (
    "Winter tires fitted, summer set in office",
    "Second key in the key safe",
    'Ask for the "launch" floor mats',
    "Do not wash in a tunnel\nHand wash only",
    'Charge cable, 40 A\nAdapter in the frunk, "blue bag"',
    "Windshield chip, passenger's side",
    "Café racer décor kit",
    "Toll tag on the mirror; return with a full tank",
)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle of the fleet; `vehicle_id` is FMS's own number and missing on a few."""

    vin: str
    vehicle_id: int | None
    year: int
    make: str
    model: str
    short_name: str
    office: str
    fleet: str
    registration_exp: date | None
    insurance_exp: date | None
    mileage: int
    in_service_day: date
    turn_in_day: date | None
    notes: str
    color: str


class Vins:
    """Gives out VINs that are unique, also in their last eight characters."""

    def __init__(self, random: Random, known: Iterable[str] = ()) -> None:
        self._random = random
        self._used = {vin[-8:] for vin in known}

    def new(self, make: Make, year: int) -> str:
        """A VIN of 17 characters without I, O and Q; the check digit means nothing."""
        middle = "".join(self._random.choices(VIN_LETTERS, k=6))
        while True:
            tail = (
                YEAR_CODES[(year - 2010) % 30]
                + self._random.choice("ABDFGHJKLMNPRSTU0123")
                + f"{self._random.randrange(1_200, 899_999):06d}"
            )
            if tail not in self._used:
                self._used.add(tail)
                return make.prefix + middle + tail


def invent_vehicles(scale: Scale, today: date, random: Random) -> list[Vehicle]:
    """The fleet of every office, shuffled as a report would list it."""
    vins = Vins(random)
    fleet = [
        _invent(office, make, today, vins, random)
        for office, count in scale.offices.items()
        for make in random.choices(*_makes_of(office, count, random), k=count)
    ]
    fleet.sort(key=lambda vehicle: (vehicle.in_service_day, vehicle.vin))
    return _number(fleet, scale, random)


def _makes_of(office: str, count: int, random: Random) -> tuple[list[Make], list[int]]:
    """A small office has a few makes only: (makes, weights)."""
    kept = min(len(MAKES), 5 + count // 6)
    makes = sorted(MAKES, key=lambda make: random.random() / make.weight)[:kept]
    return makes, [make.weight for make in makes]


def _invent(office: str, make: Make, today: date, vins: Vins, random: Random) -> Vehicle:
    model, short_name = random.choice(make.models)
    in_service = _in_service_day(today, random)
    year = in_service.year + (1 if in_service.month >= 7 else 0)
    age = max(0, (today - in_service).days)
    return Vehicle(
        vin=vins.new(make, year),
        vehicle_id=None,
        year=year,
        make=make.name,
        model=model,
        short_name=short_name,
        office=office,
        fleet=make.fleet,
        registration_exp=_month(today + timedelta(random.randint(-20, 700))) if random.random() < 0.95 else None,
        insurance_exp=_month(today + timedelta(random.randint(10, 360))) if random.random() < 0.97 else None,
        mileage=random.randint(8, 180) + age * random.randint(14, 42),
        in_service_day=in_service,
        turn_in_day=_turn_in_day(today, in_service, random),
        notes=random.choice(NOTES) if random.random() < 0.25 else "",
        color=random.choice(COLORS),
    )


def _in_service_day(today: date, random: Random) -> date:
    kind = random.random()
    if kind < 0.04:
        return today + timedelta(random.randint(2, 40))
    if kind < 0.10:
        return today - timedelta(random.randint(400, 760))
    return today - timedelta(random.randint(6, 400))


def _turn_in_day(today: date, in_service: date, random: Random) -> date | None:
    if random.random() < 0.04:
        return None
    expected = in_service + timedelta(random.randint(300, 480))
    if expected >= today or random.random() < 0.35:
        return max(expected, today - timedelta(random.randint(3, 75)))
    return today + timedelta(random.randint(10, 200))


def _month(day: date) -> date:
    return day.replace(day=1)


def _number(fleet: list[Vehicle], scale: Scale, random: Random) -> list[Vehicle]:
    """Give FMS ids in the order of entering service, except to a few, then shuffle."""
    nameless = set(random.sample(range(len(fleet)), scale.share(6)))
    number, numbered = FIRST_VEHICLE_ID, []
    for index, vehicle in enumerate(fleet):
        number += random.randint(1, 11)
        fields = {name: getattr(vehicle, name) for name in Vehicle.__slots__}
        fields["vehicle_id"] = None if index in nameless else number
        numbered.append(Vehicle(**fields))
    random.shuffle(numbered)
    return numbered
