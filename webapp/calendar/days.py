"""The board as a list by day: what goes out, what comes back, and what is out when the window begins. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from webapp.calendar.bars import Bar
from webapp.calendar.board_rows import Row
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
    """A day on which something happens; `earlier` is what has been out since before the window."""

    day: date
    is_today: bool
    entries: tuple[Entry, ...]
    earlier: tuple[Entry, ...]


SINCE = "since before"
VERBS = (SINCE, "comes back", "one day", "goes out")


def by_day(filters: Filters, rows: Iterable[Row]) -> tuple[tuple[Day, ...], tuple[Day, ...]]:
    """The days of the window on which something happens: those that are past, and today's and those to come.

    Today's is there even when nothing happens. Where today is not in the window, no day counts as past.
    """
    days: dict[date, list[Entry]] = {day: [] for day in filters.window}
    for row in rows:
        for bar in row.bars:
            for day, verb in _moments(filters, bar):
                if day in days:
                    days[day].append(Entry(verb, row.title, row.details, bar))
    listed = [
        _day(day, sorted(entries, key=_order), filters)
        for day, entries in days.items()
        if entries or day == filters.today
    ]
    now = filters.today if filters.today in days else filters.window.first
    return tuple(day for day in listed if day.day < now), tuple(day for day in listed if day.day >= now)


def _day(day: date, entries: list[Entry], filters: Filters) -> Day:
    return Day(
        day,
        day == filters.today,
        tuple(entry for entry in entries if entry.verb != SINCE),
        tuple(entry for entry in entries if entry.verb == SINCE),
    )


def _moments(filters: Filters, bar: Bar) -> list[tuple[date, str]]:
    if bar.start_day == bar.end_day:
        return [(bar.start_day, "one day")]
    first = [(bar.start_day, "goes out")]
    if bar.start_day < filters.window.first < bar.end_day:
        first = [(filters.window.first, SINCE)]
    return [*first, (bar.end_day, "comes back")]


def _order(entry: Entry) -> tuple[int, str, str]:
    return VERBS.index(entry.verb), entry.title, entry.bar.address
