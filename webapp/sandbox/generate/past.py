"""Invents three years of loans that are over."""

from dataclasses import replace
from datetime import date, timedelta

from webapp.sandbox.generate.activities import Activity, Book
from webapp.sandbox.generate.diary import next_working_day
from webapp.sandbox.generate.vehicles import Vehicle

HISTORY_DAYS = 3 * 365
RECENT_DAYS = 60


class PastLoans:
    """Loans of today's vehicles since they came, and of vehicles that have left since."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.past: list[Activity] = []

    def invent(self, count: int) -> list[Activity]:
        """Exactly so many loans, all ended before today."""
        for vehicle in self.book.vehicles:
            self._walk(vehicle, vehicle.in_service_day, self.book.today)
        self.past = self._thin(self.past, count * 7 // 10)
        while len(self.past) < count:
            gone = self.book.today - timedelta(self.book.random.randint(30, HISTORY_DAYS - 200))
            came = max(
                gone - timedelta(self.book.random.randint(200, 420)),
                self.book.today - timedelta(HISTORY_DAYS),
            )
            vehicle = replace(self.book.retire(), in_service_day=came)
            self._walk(vehicle, came, gone)
        del self.past[count:]
        for loan in self.past:
            self.book.diary.take(loan.vin, loan.start_day, loan.end_day)
        return self.past

    def _walk(self, vehicle: Vehicle, came: date, until: date) -> None:
        idleness = self.book.random.choice((0.1, 0.2, 0.3, 0.45, 0.9))
        start = came + timedelta(self.book.random.randint(2, 14))
        while True:
            start, days = next_working_day(start), self.book.days()
            if start + timedelta(days) >= until:
                return
            self.past.append(self.book.loan(vehicle, start, days))
            start += timedelta(days)
            if self.book.random.random() < idleness:
                start += timedelta(self.book.random.randint(2, 30))

    def _thin(self, loans: list[Activity], count: int) -> list[Activity]:
        """At most so many; the last two months stay whole, so that the calendar before today is not pale."""
        recent = [loan for loan in loans if loan.end_day >= self.book.today - timedelta(RECENT_DAYS)]
        older = [loan for loan in loans if loan.end_day < self.book.today - timedelta(RECENT_DAYS)]
        self.book.random.shuffle(older)
        return recent + older[: max(0, count - len(recent))]
