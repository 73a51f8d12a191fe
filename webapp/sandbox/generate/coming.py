"""Invents what runs today or is coming: loans, holds, services, events, and what is odd about them."""

from dataclasses import replace
from datetime import date, timedelta

from webapp.sandbox.generate.activities import LOAN, Activity, Book
from webapp.sandbox.generate.diary import next_working_day
from webapp.sandbox.generate.scale import Scale
from webapp.sandbox.generate.vehicles import Vehicle


class ComingActivities:
    """Activities that end today or later, planned around the loans that are over."""

    def __init__(self, book: Book) -> None:
        self.book, self.random, self.today = book, book.random, book.today
        self.coming: list[Activity] = []

    def invent(self, scale: Scale) -> list[Activity]:
        """Exactly so many: what blocks a vehicle first, then weekly loans around it."""
        self._long_loans(scale.share(30))
        self._turn_ins(scale.share(45))
        self._events(scale.share(5), scale.share(25))
        self._blocks("Special", scale.share(16), (3, 12), (-3, 45))
        self._blocks("Hold", scale.share(62), (1, 10), (-6, 30))
        self._blocks("Service", scale.share(54), (0, 4), (-1, 30))
        self._strangers(scale.share(12))
        self._weeks(scale.activities - len(self.coming) - scale.share(6))
        self._overlaps(scale.activities - len(self.coming))
        return self.coming

    def _long_loans(self, count: int) -> None:
        for index, vehicle in enumerate(self.book.some(count, in_service=True)):
            days = 365 if index % 3 else self.random.choice((28, 56, 90))
            wished = max(vehicle.in_service_day, self.today - timedelta(self.random.randint(0, 25)))
            start = self.book.diary.free_from(vehicle.vin, wished, days)
            if index % 6 == 5:
                self._block(vehicle, "Hold", start, start + timedelta(365))
            else:
                self._add(replace(self.book.loan(vehicle, start, days), activity_type="Long Term Loan", clips=None))

    def _turn_ins(self, count: int) -> None:
        leaving = [
            vehicle
            for vehicle in self.book.vehicles
            if vehicle.turn_in_day and vehicle.turn_in_day <= self.today + timedelta(21)
        ]
        self.random.shuffle(leaving)
        # Half of those that are due go; the other half is booked on past its turn-in, as FMS does.
        for vehicle in leaving[: min(count, len(leaving) // 2 + 1)]:
            start = self.book.diary.free_from(vehicle.vin, self.today + timedelta(self.random.randint(-2, 12)), 14)
            self._block(vehicle, "Hold For Turn In", start, start + timedelta(self.random.randint(5, 21)))

    def _events(self, count: int, share: int) -> None:
        for number in range(count):
            office = self.random.choice(self.book.vehicles).office
            start = next_working_day(self.today + timedelta(self.random.randint(-1, 50)))
            end = start + timedelta(self.random.randint(0, 4))
            title = ("Track day", "Ride and drive", "Auto show", "Photo shoot", "Regional preview")[number % 5]
            for vehicle in self.book.some(max(1, share // count), in_service=True, office=office):
                if self.book.diary.is_free(vehicle.vin, start, end):
                    self._block(vehicle, "Event", start, end, f"{title}, {office}")

    def _blocks(self, kind: str, count: int, days: tuple[int, int], around: tuple[int, int]) -> None:
        for vehicle in self.book.some(count, in_service=True):
            length = self.random.randint(*days)
            start = self.book.diary.free_from(vehicle.vin, self.today + timedelta(self.random.randint(*around)), length)
            end = start + timedelta(length)
            if end >= self.today:
                self._block(vehicle, kind, start, end)

    def _strangers(self, count: int) -> None:
        """Vehicles that run although the vehicles report does not know them."""
        for _ in range(count):
            start = next_working_day(self.today + timedelta(self.random.randint(-6, 20)))
            self._add(self.book.loan(self.book.retire(), start, 8))

    def _weeks(self, count: int) -> None:
        """Layer after layer: who is out today, who goes out next, and so on with fewer each time."""
        order = list(self.book.vehicles)
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
        days = self.book.days()
        last = self.book.diary.last_end(vehicle.vin)
        if is_running:
            wished = self.today - timedelta(self.random.randint(0, min(days, 6)))
            start = last if last and wished < last <= self.today else wished
        else:
            rest = 0 if self.random.random() < 0.6 else self.random.randint(1, 9)
            start = self.book.after_last(vehicle, self.today + timedelta(self.random.randint(0, 10)), rest)
        start = max(start, vehicle.in_service_day)
        start = self.book.diary.free_from(vehicle.vin, start, days)
        if start + timedelta(days) >= self.today:
            self._add(self.book.loan(vehicle, start, days))

    def _overlaps(self, count: int) -> None:
        """A handful that FMS let through although the vehicle is taken."""
        for taken in self.random.sample([loan for loan in self.coming if loan.activity_type == LOAN], count):
            vehicle = next((known for known in self.book.vehicles if known.vin == taken.vin), None)
            start = next_working_day(taken.end_day - timedelta(2))
            self._add(
                self.book.loan(vehicle, start, 7)
                if vehicle
                else replace(taken, start_day=start, end_day=start + timedelta(7))
            )

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
        self.book.diary.take(activity.vin, activity.start_day, activity.end_day)
        self.coming.append(activity)
