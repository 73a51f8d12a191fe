"""The board as a list by day: what goes out, what comes back, and what is out when the window begins. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from webapp.calendar.board import Bar, Row
from webapp.calendar.filters import Filters


@dataclass(frozen=True)
class Entry:
    """A bar on a day: `verb` is what happens to it then, `title` the row it stands in."""

    verb: str
    title: str
    details: str
    bar: Bar


@dataclass(frozen=True)
class Day:
    """A day on which something happens."""

    day: date
    is_today: bool
    entries: tuple[Entry, ...]


VERBS = ("since before", "comes back", "one day", "goes out")


def by_day(filters: Filters, rows: Iterable[Row]) -> tuple[Day, ...]:
    """The days of the window on which something happens; today's is there even when nothing does."""
    days: dict[date, list[Entry]] = {day: [] for day in filters.window}
    for row in rows:
        for bar in row.bars:
            for day, verb in _moments(filters, bar):
                if day in days:
                    days[day].append(Entry(verb, row.title, row.details, bar))
    return tuple(
        Day(day, day == filters.today, tuple(sorted(entries, key=_order)))
        for day, entries in days.items()
        if entries or day == filters.today
    )


def _moments(filters: Filters, bar: Bar) -> list[tuple[date, str]]:
    if bar.start_day == bar.end_day:
        return [(bar.start_day, "one day")]
    first = [(bar.start_day, "goes out")]
    if bar.start_day < filters.window.first < bar.end_day:
        first = [(filters.window.first, "since before")]
    return [*first, (bar.end_day, "comes back")]


def _order(entry: Entry) -> tuple[int, str, str]:
    return VERBS.index(entry.verb), entry.title, entry.bar.address
