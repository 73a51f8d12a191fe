"""When a journey occupies its people and trucks, and where two of them cannot be at once: the one definition."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from webapp.journeys.words import clock_time

DAY_MINUTES = 24 * 60
# Movers charge two hours at the least, so a job of unknown length is taken to need these.
LEAST_MINUTES = 120


class Span(NamedTuple):
    """Minutes of `day` from `start` up to, and without, `end`; never empty, never beyond the day."""

    day: date
    start: int
    end: int

    @property
    def is_whole_day(self) -> bool:
        """Whether nothing narrower is known."""
        return (self.start, self.end) == (0, DAY_MINUTES)

    def overlaps(self, other: "Span") -> bool:
        """Whether both hold a common minute. Touching ends do not."""
        return self.day == other.day and max(self.start, other.start) < min(self.end, other.end)

    def __str__(self) -> str:
        return "the whole day" if self.is_whole_day else f"{clock_time(self.start)} to {clock_time(self.end)}"


def busy(scheduled_date: date, arrival_start: int | None, arrival_end: int | None, minutes_needed: int | None) -> Span:
    """What a journey occupies of its day: from the earliest arrival to the end of the work after the latest.

    Minutes after midnight. Without an earliest arrival it is the whole day; without a latest, the earliest is
    exact. What would last beyond midnight ends there.
    """
    if arrival_start is None:
        return Span(scheduled_date, 0, DAY_MINUTES)
    start = min(max(arrival_start, 0), DAY_MINUTES - 1)
    latest = start if arrival_end is None else max(start, arrival_end)
    work = LEAST_MINUTES if minutes_needed is None else max(minutes_needed, 1)
    return Span(scheduled_date, start, min(latest + work, DAY_MINUTES))


class Kind(StrEnum):
    """What can be in two places at once only on paper."""

    PERSON = "person"
    TRUCK = "truck"


class Place(NamedTuple):
    """A journey as it holds people and trucks. `label` calls it; one out of the reader's sight has `is_shown` False."""

    journey_id: int
    span: Span
    label: str
    is_shown: bool = True


class Booking(NamedTuple):
    """A person or truck on one journey."""

    kind: Kind
    id: int
    name: str
    place: Place


@dataclass(frozen=True)
class Clash:
    """A person or truck of a journey that another journey holds at the same time.

    `other_id` and `label` are None and empty where the other journey is out of the reader's sight.
    """

    kind: Kind
    id: int
    name: str
    other_id: int | None
    label: str
    span: Span

    @property
    def text(self) -> str:
        """`Kim Diaz is also on 41002-1 Rowan, 08:00 to 12:00.`"""
        return f"{self.name} is also on {self.label or 'another journey'}, {self.span}."


def clashes(bookings: Iterable[Booking]) -> Mapping[int, tuple[Clash, ...]]:
    """For each journey that has any, its clashes: every one is told at both journeys.

    Journeys off the board hold nobody: leave their bookings out.
    """
    by_holder: dict[tuple[bool, int], list[Booking]] = defaultdict(list)
    for booking in bookings:
        by_holder[booking.kind is Kind.PERSON, booking.id].append(booking)
    found: dict[int, list[Clash]] = defaultdict(list)
    for held in by_holder.values():
        for one, other in combinations(held, 2):
            if one.place.journey_id != other.place.journey_id and one.place.span.overlaps(other.place.span):
                found[one.place.journey_id].append(_clash(one, other.place))
                found[other.place.journey_id].append(_clash(other, one.place))
    return {journey_id: tuple(sorted(each, key=_order)) for journey_id, each in found.items()}


def _clash(mine: Booking, other: Place) -> Clash:
    return Clash(
        kind=mine.kind,
        id=mine.id,
        name=mine.name,
        other_id=other.journey_id if other.is_shown else None,
        label=other.label if other.is_shown else "",
        span=other.span,
    )


def _order(clash: Clash) -> tuple[str, str, int, int]:
    return clash.kind, clash.name, clash.span.start, clash.other_id or 0
