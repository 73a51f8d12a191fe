"""The timeline of a chain and of all that surrounds it: lanes, bars and a month of days. Pure.

`templates/chains/_timeline.html` prints a `Timeline` under the name `timeline`; it may be included with values at
hand (`timeline_reading.read_timeline`) or fetched from `/chains/timeline?draft=` or `?chain=`, with `&month=2026-12`.
Bars look as on the calendar, whose style sheet the page has.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.calendar.grid import Place, Window, lanes, place
from webapp.calendar.looks import Look
from webapp.dates import days_shown, shown_with_weekday

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
LETTERS = "MTWTFSS"


@dataclass(frozen=True)
class Stretch:
    """Something with days. `label` is short; `told` goes before the days where a person hears it, or points at it.

    `address` is where more of it is to be seen, empty: nowhere. `is_empty`: nothing fills it yet.
    """

    start_day: date
    end_day: date
    look: Look
    label: str
    told: str
    address: str = ""
    is_empty: bool = False


@dataclass(frozen=True)
class Track:
    """What shares a lane, before it is drawn. `number`: the chain's loan, from 1, that is the first of `stretches`."""

    title: str
    detail: str
    stretches: tuple[Stretch, ...]
    number: int | None = None


@dataclass(frozen=True)
class Bar:
    """A stretch in its place. `area` is where, as CSS says it; `classes` how it looks; `spoken` all there is to say."""

    label: str
    days: str
    spoken: str
    classes: str
    area: str
    address: str


@dataclass(frozen=True)
class Pointer:
    """What a lane has beyond the month: the days, and the month that shows them. `is_before`: to the left."""

    text: str
    month: str
    is_before: bool


@dataclass(frozen=True)
class Lane:
    """One row: what it is of, its bars by day, and where its loan is when that is not in this month."""

    title: str
    detail: str
    number: int | None
    bars: tuple[Bar, ...]
    pointer: Pointer | None = None


@dataclass(frozen=True)
class Day:
    """One column: `classes` tint it."""

    number: int
    letter: str
    classes: str


@dataclass(frozen=True)
class Month:
    """A month by its `key` (`2026-12`) and its name with the year; `days`: how many of them are shown.

    `head` is the name above its days, as far as there is room.
    """

    key: str
    name: str
    head: str = ""
    days: int = 0
    is_shown: bool = False


@dataclass(frozen=True)
class Timeline:
    """The month around which is drawn, its lanes, and the ways to other months.

    `address` is that of this timeline without a month. `others` counts the lanes that are not of the chain.
    """

    address: str
    month: Month
    before: Month
    after: Month
    months_of_chain: tuple[Month, ...]
    heads: tuple[Month, ...]
    days: tuple[Day, ...]
    lanes: tuple[Lane, ...]
    is_today_shown: bool

    @property
    def others(self) -> int:
        """How many lanes are not of the chain."""
        return sum(lane.number is None for lane in self.lanes)

    def at(self, month: Month | Pointer) -> str:
        """The address of this timeline in another month."""
        return f"{self.address}&month={month.key if isinstance(month, Month) else month.month}"


def window_of(month: date) -> Window:
    """The days that a month shows: whole weeks, so that a hand-over at its edge is seen."""
    first, last = month.replace(day=1), month.replace(day=monthrange(month.year, month.month)[1])
    return Window(first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday()))


def month_of(days: Sequence[tuple[date, date]], today: date) -> date:
    """The month to open at: of today while the chain is under way, else of its first day; without one, of today."""
    if not days:
        return today.replace(day=1)
    first, last = min(start for start, _ in days), max(end for _, end in days)
    return (today if first <= today <= last else first).replace(day=1)


def draw_timeline(tracks: Iterable[Track], month: date, today: date, address: str) -> Timeline:
    """The timeline of a month. Lanes of the chain are there in every month, others where they have something in it."""
    window = window_of(month)
    kept = [track for track in tracks if track.number is not None or _touching(track, window)]
    kept.sort(key=lambda track: (min(each.start_day for each in track.stretches), track.number or 0, track.title))
    shown_month = month.replace(day=1)
    loans = [track.stretches[0] for track in kept if track.number is not None]
    chain = sorted({_month(day) for loan in loans for day in (loan.start_day, loan.end_day)})
    return Timeline(
        address=address,
        month=_named(shown_month, shown_month),
        before=_named(_earlier(shown_month), shown_month),
        after=_named(_later(shown_month), shown_month),
        months_of_chain=tuple(_named(each, shown_month) for each in chain),
        heads=tuple(_heads(window)),
        days=tuple(_day(day, today) for day in window),
        lanes=tuple(_lane(track, window) for track in kept),
        is_today_shown=window.first <= today <= window.last,
    )


def days_told(start_day: date, end_day: date) -> str:
    """`Thu 11-26-26 to Thu 12-03-26`, `on Thu 11-26-26`."""
    if end_day <= start_day:
        return f"on {shown_with_weekday(start_day)}"
    return f"{shown_with_weekday(start_day)} to {shown_with_weekday(end_day)}"


def _touching(track: Track, window: Window) -> bool:
    return any(window.touches(each.start_day, each.end_day) for each in track.stretches)


def _month(day: date) -> date:
    return day.replace(day=1)


def _earlier(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _later(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _named(month: date, shown_month: date, days: int = 0) -> Month:
    name = MONTHS[month.month - 1]
    head = f"{name} {month.year}" if days > 6 else f"{name[:3]} {month.year}" if days > 2 else ""
    return Month(f"{month:%Y-%m}", f"{name} {month.year}", head, days, month == shown_month)


def _heads(window: Window) -> Iterable[Month]:
    """The months above the days, each as wide as its days: across New Year the year is seen to change."""
    month = _month(window.first)
    while month <= window.last:
        days = sum(_month(day) == month for day in window)
        yield _named(month, month, days)
        month = _later(month)


def _day(day: date, today: date) -> Day:
    words = [
        "weekend" if day.weekday() > 4 else "",
        "today" if day == today else "",
        "first" if day.day == 1 else "",
        "monday" if day.weekday() == 0 else "",
    ]
    return Day(day.day, LETTERS[day.weekday()], " ".join(word for word in words if word))


def _lane(track: Track, window: Window) -> Lane:
    ordered = sorted(track.stretches, key=lambda each: (each.start_day, each.end_day, each.told))
    inside = [each for each in ordered if window.touches(each.start_day, each.end_day)]
    rows = lanes([(each.start_day, each.end_day) for each in inside])
    bars = tuple(_bar(each, row + 1, window) for each, row in zip(inside, rows, strict=True))
    loan = track.stretches[0]
    is_beyond = track.number is not None and not window.touches(loan.start_day, loan.end_day)
    return Lane(track.title, track.detail, track.number, bars, _pointer(loan, window) if is_beyond else None)


def _bar(stretch: Stretch, row: int, window: Window) -> Bar:
    at = place(window, stretch.start_day, stretch.end_day)
    return Bar(
        label=stretch.label,
        days=days_shown(stretch.start_day, stretch.end_day),
        spoken=f"{stretch.told}, {days_told(stretch.start_day, stretch.end_day)}",
        classes=_classes(stretch, at),
        area=f"{row}/{at.begin}/auto/{at.until}",
        address=stretch.address,
    )


def _classes(stretch: Stretch, at: Place) -> str:
    words = [stretch.look.value]
    if stretch.is_empty:
        words.append("faded")
    if at.begins_before:
        words.append("before")
    if at.ends_after:
        words.append("after")
    return " ".join(words)


def _pointer(stretch: Stretch, window: Window) -> Pointer:
    is_before = stretch.end_day < window.first
    return Pointer(days_shown(stretch.start_day, stretch.end_day), f"{stretch.start_day:%Y-%m}", is_before)
