"""Invents the life of the fleet: three years of loans that are over, and what runs or is coming.

Vehicles go out a week at a time, mostly back to back, to partners approved for their make.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from webapp.sandbox.generate.approvals import Approval
from webapp.sandbox.generate.catalogue import MAKES
from webapp.sandbox.generate.diary import Diary, next_working_day
from webapp.sandbox.generate.people import Partner
from webapp.sandbox.generate.pick import PartnerPicker
from webapp.sandbox.generate.scale import Scale
from webapp.sandbox.generate.vehicles import Vehicle, Vins

FIRST_ACTIVITY_ID = 231_006
LOAN = "Media Loan"
HISTORY_DAYS = 3 * 365


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that takes a vehicle from `start_day` to `end_day`; `person_id` only where somebody has it."""

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


def plan_activities(
    scale: Scale,
    today: date,
    vehicles: list[Vehicle],
    partners: list[Partner],
    approvals: list[Approval],
    random: Random,
) -> list[Activity]:
    """Exactly `scale.history` loans that ended before today and `scale.activities` that end today or later."""
    planner = _Planner(today, vehicles, PartnerPicker(partners, approvals, random), random)
    planner.look_back(scale.history)
    planner.look_ahead(scale)
    return planner.numbered()


class _Planner:
    def __init__(self, today: date, vehicles: list[Vehicle], picker: PartnerPicker, random: Random) -> None:
        self.today, self.vehicles, self.picker, self.random = today, vehicles, picker, random
        self.diary = Diary()
        self.past: list[Activity] = []
        self.coming: list[Activity] = []
        self._vins = Vins(random, (vehicle.vin for vehicle in vehicles))

    # -- what is over -------------------------------------------------------------------------------------------

    def look_back(self, count: int) -> None:
        """Loans of today's vehicles since they came, then of vehicles that have left, until there are enough."""
        for vehicle in self.vehicles:
            self._walk(vehicle, vehicle.in_service_day, self.today)
        self.past = self._thin(self.past, count * 7 // 10)
        while len(self.past) < count:
            gone = self.today - timedelta(self.random.randint(30, HISTORY_DAYS - 200))
            came = max(gone - timedelta(self.random.randint(200, 420)), self.today - timedelta(HISTORY_DAYS))
            vehicle = replace(self._retire(), in_service_day=came)
            self._walk(vehicle, came, gone)
        del self.past[count:]
        for loan in self.past:
            self.diary.take(loan.vin, loan.start_day, loan.end_day)

    def _walk(self, vehicle: Vehicle, came: date, until: date) -> None:
        idleness = self.random.choice((0.1, 0.2, 0.3, 0.45, 0.9))
        start = came + timedelta(self.random.randint(2, 14))
        while True:
            start, days = next_working_day(start), self._days()
            if start + timedelta(days) >= until:
                return
            self.past.append(self._loan(vehicle, start, days))
            start += timedelta(days)
            if self.random.random() < idleness:
                start += timedelta(self.random.randint(2, 30))

    def _thin(self, loans: list[Activity], count: int) -> list[Activity]:
        """At most so many; the last two months stay whole, so that the calendar before today is not pale."""
        recent = [loan for loan in loans if loan.end_day >= self.today - timedelta(60)]
        older = [loan for loan in loans if loan.end_day < self.today - timedelta(60)]
        self.random.shuffle(older)
        return recent + older[: max(0, count - len(recent))]

    def _retire(self) -> Vehicle:
        """A vehicle like one of today's, under a VIN that no longer is in the vehicles report."""
        alike = self.random.choice(self.vehicles)
        make = next(make for make in MAKES if make.name == alike.make)
        year = alike.year - self.random.randint(1, 3)
        return replace(alike, vin=self._vins.new(make, year), year=year, vehicle_id=None)

    # -- what runs or is coming ---------------------------------------------------------------------------------

    def look_ahead(self, scale: Scale) -> None:
        """Holds, services, events and long loans first; loans a week at a time around them fill up the count."""
        self._long_loans(scale.share(30))
        self._turn_ins(scale.share(45))
        self._events(scale.share(5), scale.share(25))
        self._blocks("Special", scale.share(16), (3, 12), (-3, 45))
        self._blocks("Hold", scale.share(62), (1, 10), (-6, 30))
        self._blocks("Service", scale.share(54), (0, 4), (-1, 30))
        self._strangers(scale.share(12))
        self._weeks(scale.activities - len(self.coming) - scale.share(6))
        self._overlaps(scale.activities - len(self.coming))

    def _long_loans(self, count: int) -> None:
        for index, vehicle in enumerate(self._some(count, in_service=True)):
            start = next_working_day(
                self._after_last(vehicle, self.today - timedelta(self.random.randint(0, 25)))
            )
            days = 365 if index % 3 else self.random.choice((28, 56, 90))
            if index % 6 == 5:
                self._block(vehicle, "Hold", start, start + timedelta(365))
            else:
                self._add(
                    replace(self._loan(vehicle, start, days), activity_type="Long Term Loan", clips=None)
                )

    def _turn_ins(self, count: int) -> None:
        leaving = [
            vehicle
            for vehicle in self.vehicles
            if vehicle.turn_in_day and vehicle.turn_in_day <= self.today + timedelta(21)
        ]
        self.random.shuffle(leaving)
        # Half of those that are due go; the other half is booked on past its turn-in, as FMS does.
        for vehicle in leaving[: min(count, len(leaving) // 2 + 1)]:
            start = self.diary.free_from(vehicle.vin, self.today + timedelta(self.random.randint(-2, 12)), 14)
            self._block(vehicle, "Hold For Turn In", start, start + timedelta(self.random.randint(5, 21)))

    def _events(self, count: int, share: int) -> None:
        for number in range(count):
            office = self.random.choice(self.vehicles).office
            start = next_working_day(self.today + timedelta(self.random.randint(-1, 50)))
            end = start + timedelta(self.random.randint(0, 4))
            title = ("Track day", "Ride and drive", "Auto show", "Photo shoot", "Regional preview")[
                number % 5
            ]
            for vehicle in self._some(max(1, share // count), in_service=True, office=office):
                if self.diary.is_free(vehicle.vin, start, end):
                    self._block(vehicle, "Event", start, end, f"{title}, {office}")

    def _blocks(self, kind: str, count: int, days: tuple[int, int], around: tuple[int, int]) -> None:
        for vehicle in self._some(count, in_service=True):
            length = self.random.randint(*days)
            start = self.diary.free_from(
                vehicle.vin, self.today + timedelta(self.random.randint(*around)), length
            )
            end = start + timedelta(length)
            if end >= self.today:
                self._block(vehicle, kind, start, end)

    def _strangers(self, count: int) -> None:
        """Vehicles that run although the vehicles report does not know them."""
        for _ in range(count):
            start = next_working_day(self.today + timedelta(self.random.randint(-6, 20)))
            self._add(self._loan(self._retire(), start, 8))

    def _weeks(self, count: int) -> None:
        """Layer after layer: who is out today, who goes out next, and so on with fewer each time."""
        order = list(self.vehicles)
        self.random.shuffle(order)
        chances = iter((0.56, 0.52, 0.46, 0.42, 0.40, 0.38))
        first, goal = True, len(self.coming) + count
        while True:
            chance = next(chances, 0.35)
            for vehicle in order:
                if len(self.coming) == goal:
                    return
                if self.random.random() < chance:
                    self._week(vehicle, is_running=first)
            first = False

    def _week(self, vehicle: Vehicle, *, is_running: bool) -> None:
        days = self._days()
        last = self.diary.last_end(vehicle.vin)
        if is_running:
            wished = self.today - timedelta(self.random.randint(0, min(days, 6)))
            start = last if last and wished < last <= self.today else wished
        else:
            rest = 0 if self.random.random() < 0.6 else self.random.randint(1, 9)
            start = self._after_last(vehicle, self.today + timedelta(self.random.randint(0, 10)), rest)
        start = max(start, vehicle.in_service_day)
        start = self.diary.free_from(vehicle.vin, start, days)
        if start + timedelta(days) >= self.today:
            self._add(self._loan(vehicle, start, days))

    def _overlaps(self, count: int) -> None:
        """A handful that FMS let through although the vehicle is taken."""
        for taken in self.random.sample([loan for loan in self.coming if loan.activity_type == LOAN], count):
            vehicle = next((known for known in self.vehicles if known.vin == taken.vin), None)
            start = next_working_day(taken.end_day - timedelta(2))
            self._add(
                self._loan(vehicle, start, 7)
                if vehicle
                else replace(taken, start_day=start, end_day=start + timedelta(7))
            )

    # -- single rows --------------------------------------------------------------------------------------------

    def _after_last(self, vehicle: Vehicle, otherwise: date, rest: int = 0) -> date:
        last = self.diary.last_end(vehicle.vin)
        if last is None or last < self.today - timedelta(2):
            return otherwise
        return last + timedelta(rest)

    def _some(self, count: int, *, in_service: bool, office: str | None = None) -> list[Vehicle]:
        known = [
            vehicle
            for vehicle in self.vehicles
            if (not in_service or vehicle.in_service_day <= self.today) and office in (None, vehicle.office)
        ]
        return self.random.sample(known, min(count, len(known)))

    def _days(self) -> int:
        return self.random.choices((7, 3, 4, 5, 10, 14), (80, 4, 4, 4, 4, 4))[0]

    def _loan(self, vehicle: Vehicle, start: date, days: int) -> Activity:
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

    def _clips(self, end: date) -> int | None:
        if end >= self.today or self.random.random() < 0.28:
            return None
        return self.random.choices((0, 1, 2, 3, 5, 12), (34, 34, 16, 9, 5, 2))[0]

    def _block(self, vehicle: Vehicle, kind: str, start: date, end: date, addressee: str = "") -> None:
        self._add(
            Activity(
                0,
                vehicle.vin,
                None,
                kind,
                start,
                end,
                addressee or f"{vehicle.office} office",
                "",
                vehicle.office,
                vehicle.make,
                vehicle.model,
                vehicle.year,
                vehicle.short_name,
                vehicle.office,
                None,
            )
        )

    def _add(self, activity: Activity) -> None:
        self.diary.take(activity.vin, activity.start_day, activity.end_day)
        self.coming.append(activity)

    def numbered(self) -> list[Activity]:
        """All activities with ids that rise with time, as FMS gave them."""
        ordered = sorted(
            self.past + self.coming,
            key=lambda activity: (activity.start_day, activity.vin, activity.end_day, activity.activity_type),
        )
        number, numbered = FIRST_ACTIVITY_ID, []
        for activity in ordered:
            number += self.random.randint(1, 5)
            numbered.append(replace(activity, activity_id=number))
        return numbered
