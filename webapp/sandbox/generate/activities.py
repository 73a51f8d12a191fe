"""The ledger in which the fleet's life is written while it is invented: who is taken when, and by what."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from webapp.sandbox.generate.catalogue import MAKES
from webapp.sandbox.generate.diary import Diary
from webapp.sandbox.generate.pick import PartnerPicker
from webapp.sandbox.generate.vehicles import Vehicle, Vins

LOAN = "Media Loan"


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that takes a vehicle for some days; `person_id` only where somebody has it."""

    activity_id: int
    vin: str
    person_id: int | None
    activity_type: str
    start_day: date
    end_day: date
    addressee: str
    address: str
    region: str
    make: str
    model: str
    year: int
    short_name: str
    office: str
    clips: int | None


class Book:
    """Makes single activities; knows the day, the vehicles, their diary and the partners."""

    def __init__(self, today: date, vehicles: list[Vehicle], picker: PartnerPicker, random: Random) -> None:
        self.today, self.vehicles, self.picker, self.random = today, vehicles, picker, random
        self.diary = Diary()
        self._vins = Vins(random, (vehicle.vin for vehicle in vehicles))

    def loan(self, vehicle: Vehicle, start: date, days: int) -> Activity:
        """A loan of so many days to a partner who suits the vehicle."""
        end = start + timedelta(days)
        partner = self.picker.pick(vehicle, start, end)
        return Activity(
            0,
            vehicle.vin,
            partner.person_id,
            LOAN,
            start,
            end,
            partner.affiliation or partner.name,
            partner.address,
            partner.default_loan_region or vehicle.office,
            vehicle.make,
            vehicle.model,
            vehicle.year,
            vehicle.short_name,
            vehicle.office,
            self._clips(end),
        )

    def days(self) -> int:
        """How long a loan lasts: a week, as a rule."""
        return self.random.choices((7, 3, 4, 5, 10, 14), (80, 4, 4, 4, 4, 4))[0]

    def retire(self) -> Vehicle:
        """A vehicle like one of today's, under a VIN that no longer is in the vehicles report."""
        alike = self.random.choice(self.vehicles)
        make = next(make for make in MAKES if make.name == alike.make)
        year = alike.year - self.random.randint(1, 3)
        return replace(alike, vin=self._vins.new(make, year), year=year, vehicle_id=None)

    def some(self, count: int, *, in_service: bool, office: str | None = None) -> list[Vehicle]:
        known = [
            vehicle
            for vehicle in self.vehicles
            if (not in_service or vehicle.in_service_day <= self.today) and office in (None, vehicle.office)
        ]
        return self.random.sample(known, min(count, len(known)))

    def after_last(self, vehicle: Vehicle, otherwise: date, rest: int = 0) -> date:
        last = self.diary.last_end(vehicle.vin)
        if last is None or last < self.today - timedelta(2):
            return otherwise
        return last + timedelta(rest)

    def _clips(self, end: date) -> int | None:
        if end >= self.today or self.random.random() < 0.28:
            return None
        return self.random.choices((0, 1, 2, 3, 5, 12), (34, 34, 16, 9, 5, 2))[0]
