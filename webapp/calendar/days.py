"""The board as a list by day: what goes out and comes back, what is out already, which rows have nothing. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from webapp.calendar.bars import Bar
from webapp.calendar.board_rows import Row
from webapp.calendar.day_line import Cell, DayLine
from webapp.calendar.filters import Filters
from webapp.calendar.looks import WORDS


@dataclass(frozen=True)
class Entry:
    """A bar on a day: `verb` is what happens to it then, `title` the row it stands in.

    A loan stands on two days; it can be chosen for a bulk run on the one where it is first to be seen.
    """

    verb: str
    title: str
    details: str
    bar: Bar
    can_choose: bool

    @property
    def word(self) -> str:
        """What its colour says."""
        return WORDS[self.bar.look]


@dataclass(frozen=True)
class Day:
    """A day on which something happens; `earlier` is what has been out since before the window.

    `cell` says how much is moved, `holiday` why nothing should be; `can_plan` whether a loan can begin then.
    """

    day: date
    is_today: bool
    entries: tuple[Entry, ...]
    earlier: tuple[Entry, ...]
    cell: Cell
    holiday: str
    can_plan: bool


SINCE = "since before"
VERBS = (SINCE, "comes back", "one day", "goes out")


def by_day(filters: Filters, rows: Iterable[Row], line: DayLine) -> tuple[tuple[Day, ...], tuple[Day, ...]]:
    """The days of the window on which something happens: those that are past, and today's and those to come.

    Today's is there even when nothing happens. Where today is not in the window, no day counts as past.
    """
    days: dict[date, list[Entry]] = {day: [] for day in filters.window}
    for row in rows:
        for bar in row.bars:
            moments = [(day, verb) for day, verb in _moments(filters, bar) if day in days]
            to_choose = next((moment for moment in moments if moment[1] != SINCE), moments[0] if moments else None)
            for moment in moments:
                can_choose = bar.is_selectable and moment == to_choose
                days[moment[0]].append(Entry(moment[1], row.title, row.details, bar, can_choose))
    around = {head.day: (cell, head.title) for head, cell in zip(line.heads, line.cells, strict=True)}
    listed = [
        _day(day, sorted(entries, key=_order), filters, *around[day])
        for day, entries in days.items()
        if entries or day == filters.today
    ]
    now = filters.today if filters.today in days else filters.window.first
    return tuple(day for day in listed if day.day < now), tuple(day for day in listed if day.day >= now)


def _day(day: date, entries: list[Entry], filters: Filters, cell: Cell, holiday: str) -> Day:
    return Day(
        day,
        day == filters.today,
        tuple(entry for entry in entries if entry.verb != SINCE),
        tuple(entry for entry in entries if entry.verb == SINCE),
        cell,
        holiday,
        day >= filters.today,
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
