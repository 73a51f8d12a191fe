"""Time as loans see it: half-open periods of days, and what overlaps.

The one definition of overlap. A loan occupies [start_day, end_day): a vehicle may come back and go out again on
the same day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

SATURDAY = 5


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start_day` up to, and without, `end_day`."""

    start_day: date
    end_day: date

    @property
    def days(self) -> int:
        """Its length in days; not positive where the end is not after the start."""
        return (self.end_day - self.start_day).days

    def overlaps(self, other: "Period") -> bool:
        """Whether both occupy a common day. Touching ends do not, nor does a period without days."""
        return max(self.start_day, other.start_day) < min(self.end_day, other.end_day)


def of_activity(start_day: date, end_day: date) -> Period:
    """What an activity of FMS occupies: one that begins and ends on one day occupies that day."""
    return Period(start_day, end_day if end_day > start_day else start_day + timedelta(days=1))


def free_between(taken: Iterable[Period], since: date, until: date) -> tuple[Period, ...]:
    """The days from `since` up to, and without, `until` that none of `taken` occupies, as periods, earliest first."""
    free, day = [], since
    for period in sorted(taken):
        if period.start_day > day:
            free.append(Period(day, min(period.start_day, until)))
        day = max(day, period.end_day)
    free.append(Period(day, until))
    return tuple(period for period in free if period.days > 0)


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= SATURDAY


def next_weekday(day: date) -> date:
    """`day` itself from Monday to Friday, else the Monday after."""
    return day + timedelta(days=7 - day.weekday()) if is_weekend(day) else day


def with_weekday_end(period: Period) -> Period:
    """The period as it is booked: an end on Saturday or Sunday moves to Monday."""
    return Period(period.start_day, next_weekday(period.end_day))


def days_after(day: date, days: int) -> date:
    """`day` and so many days; where the calendar ends (FMS writes 12/31/9999 for `never`), its last day."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


class Quarter(NamedTuple):
    """Three months of a year, for which money is allocated; `number` from 1 to 4."""

    year: int
    number: int

    @property
    def first_day(self) -> date:
        """The day on which it begins."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def next(self) -> "Quarter":
        """The one after it."""
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    def __str__(self) -> str:
        return f"Q{self.number} {self.year}"


def quarter_of(day: date) -> Quarter:
    """The quarter in which `day` lies."""
    return Quarter(day.year, (day.month + 2) // 3)
