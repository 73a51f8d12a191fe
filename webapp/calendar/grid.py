"""Where bars stand: a window of days, half-day columns, lanes for what overlaps. Pure.

A loan goes out and comes back around noon: its bar begins in the middle of its first day's cell and ends in the
middle of the day it comes back, so that two loans which hand over on one day meet and do not overlap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from webapp.loans.periods import Period, of_activity

DEFAULT_DAYS = 28
MOST_DAYS = 92


@dataclass(frozen=True)
class Window:
    """The days that are shown, `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a window ends on or after the day it begins")

    @property
    def days(self) -> int:
        """How many days are shown, at least one."""
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))

    def touches(self, start_day: date, end_day: date) -> bool:
        """Whether anything of [start_day, end_day) is to be seen, the morning it comes back included."""
        return start_day <= self.last and end_day >= self.first

    def moved(self, days: int) -> "Window":
        """The same number of days, `days` later (negative: earlier)."""
        return Window(self.first + timedelta(days=days), self.last + timedelta(days=days))

    def lasting(self, days: int) -> "Window":
        """`days` days, at least one, from the same first day."""
        return Window(self.first, self.first + timedelta(days=days - 1))


class Place(NamedTuple):
    """Where a bar stands: CSS grid lines of half days, 1 up to 2 x days + 1, and whether it goes on beyond."""

    begin: int
    until: int
    begins_before: bool
    ends_after: bool


def default_window(today: date, days: int = DEFAULT_DAYS) -> Window:
    """Four weeks from the Monday of this week."""
    monday = today - timedelta(days=today.weekday())
    return Window(monday, monday + timedelta(days=days - 1))


def place(window: Window, start_day: date, end_day: date) -> Place:
    """The place of what lasts from `start_day` to `end_day` and touches the window.

    What begins and ends on one day fills the rest of that day's cell, up to its edge.
    """
    begin = 2 * (start_day - window.first).days + 2
    until = 2 * (end_day - window.first).days + 2
    if end_day <= start_day:
        until = begin + 1
    last_line = 2 * window.days + 1
    return Place(max(begin, 1), min(until, last_line), begin < 1, until > last_line)


def lanes(periods: Sequence[tuple[date, date]]) -> list[int]:
    """The lane of each period, from 0, in the order given: overlapping ones never share a lane.

    The earliest takes the first lane that is free; the same periods always get the same lanes.
    """
    ends: list[date] = []
    taken = [0] * len(periods)
    if _is_a_chain(periods):
        return taken
    order = sorted(range(len(periods)), key=lambda index: (*periods[index], index))
    for index in order:
        occupied: Period = of_activity(*periods[index])
        lane = next(
            (number for number, end in enumerate(ends) if end <= occupied.start_day),
            len(ends),
        )
        if lane == len(ends):
            ends.append(occupied.end_day)
        ends[lane] = occupied.end_day
        taken[index] = lane
    return taken


def _is_a_chain(periods: Sequence[tuple[date, date]]) -> bool:
    """Whether each begins when the one before is over, as nearly all rows of a calendar do."""
    free_from = date.min
    for start_day, end_day in periods:
        if start_day < free_from or end_day <= start_day:
            return False
        free_from = end_day
    return True
