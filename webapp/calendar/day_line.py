"""What stands above and below the board for each day: month, weekday, holiday; how much is moved. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote_plus

from webapp.calendar.capacity import Fullness, Load, Trip, load_of, moves_of
from webapp.calendar.filters import PAGE, Filters
from webapp.calendar.found import Found, unlinked
from webapp.calendar.grid import Window
from webapp.dates import shown_with_weekday
from webapp.loans.periods import is_weekend
from webapp.loans.states import Status

MOVES_PAGE = f"{PAGE}/moves"
LETTERS = "MTWTFSS"


@dataclass(frozen=True, slots=True)
class Head:
    """A day above the board. `title` names the holiday, where the office has one."""

    day: date
    letter: str
    classes: str
    title: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month above the days of it that are shown; the year where it begins with the window or with the year."""

    label: str
    days: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A day's moves below the board: the number (empty where nothing moves), what it means in words, who moves."""

    day: date
    number: str
    mark: str
    brief: str
    fullness: str
    classes: str
    spoken: str
    address: str


@dataclass(frozen=True, slots=True)
class DayLine:
    """Everything above and below the board. `label` says what is counted and, of one office, against what.

    `address` is that of the line below alone.
    """

    months: tuple[Month, ...]
    heads: tuple[Head, ...]
    cells: tuple[Cell, ...]
    label: str
    address: str


def day_line(filters: Filters, found: Found, most: Mapping[str, int], holidays: Mapping[date, str]) -> DayLine:
    """The line of a view, whatever its filters hide. `most`: moves that drivers can make, by office in scope that
    said so; `holidays`: those of the office that is looked at, with their names.
    """
    window = filters.window
    loads = loads_of(trips_of(found, filters.office), window, most)
    heads = tuple(_head(day, filters.today, holidays.get(day, "")) for day in window)
    page = f"{MOVES_PAGE}?office={quote_plus(filters.office)}&day="
    return DayLine(
        months=months_of(window),
        heads=heads,
        cells=tuple(_cell(head, loads.get(head.day, {}), filters.office, most, page) for head in heads),
        label=_label(filters.office, most.get(filters.office)),
        address=filters.address().replace(PAGE, f"{PAGE}/capacity", 1),
    )


def trips_of(found: Found, office: str = "") -> list[Trip]:
    """What counts of what was read, each loan once, at `office` (empty: at any that the person may see).

    A loan of ours counts where it was planned, a row of FMS's own where its vehicle is.
    """

    def counts(place: str | None) -> bool:
        if office:
            return place == office
        return bool(place) and (found.own_offices is None or place in found.own_offices)

    trips = [
        Trip(
            loan.office,
            loan.vin,
            (loan.company_id, loan.person_id),
            loan.start_day,
            loan.end_day,
            f"{PAGE}/loans/{loan.id}",
        )
        for loan in found.loans
        if loan.status != Status.CANCELLED and counts(loan.office)
    ]
    trips += [
        Trip(
            each.office or "",
            each.vin,
            (each.company_id, each.person_id),
            each.start_day,
            each.end_day,
            f"{PAGE}/activities/{each.activity_id}",
        )
        for each in unlinked(found)
        if each.person_id is not None and counts(each.office)
    ]
    return trips


def loads_of(trips: Iterable[Trip], window: Window, most: Mapping[str, int]) -> dict[date, dict[str, Load]]:
    """How much is moved on each day of the window, by office; days and offices without moves are left out."""
    loads: dict[date, dict[str, Load]] = {}
    for (office, day), moves in moves_of(trips, window.first, window.last).items():
        loads.setdefault(day, {})[office] = load_of(moves, most.get(office))
    return loads


def months_of(window: Window) -> tuple[Month, ...]:
    """The months of the window with the number of days shown of each."""
    counted: dict[date, int] = {}
    for day in window:
        month = day.replace(day=1)
        counted[month] = counted.get(month, 0) + 1
    opening = window.first.replace(day=1)
    return tuple(
        Month(f"{month:%B %Y}" if month == opening or month.month == 1 else f"{month:%B}", days)
        for month, days in counted.items()
    )


def _label(office: str, most: int | None) -> str:
    if not office:
        return "Starts and ends, all offices"
    return "Starts and ends" if most is None else f"Starts and ends / capacity {most}"


def _head(day: date, today: date, holiday: str) -> Head:
    return Head(day, LETTERS[day.weekday()], _classes(day, today, holiday), holiday)


def _classes(day: date, today: date, holiday: str) -> str:
    marks = (
        (is_weekend(day), "weekend"),
        (day == today, "today"),
        (bool(holiday), "holiday"),
        (day.day == 1, "first"),
        (day.weekday() == 0, "monday"),
    )
    return " ".join(name for is_so, name in marks if is_so)


def _cell(head: Head, loads: Mapping[str, Load], office: str, most: Mapping[str, int], page: str) -> Cell:
    load = _summed(loads, office, most)
    worst = load.fullness if office else _worst(loads.values())
    words = [load.words, *_strained(loads, office)]
    if head.title:
        words.append(head.title)
    return Cell(
        day=head.day,
        number=str(load.moves) if load.moves else "",
        mark=load.mark if office else _offices_over(loads),
        brief=load.brief,
        fullness=worst.value,
        classes=f"{head.classes} {worst.value}".strip(),
        spoken=f"{shown_with_weekday(head.day)}: {', '.join(words)}",
        address=f"{page}{head.day.isoformat()}",
    )


def _summed(loads: Mapping[str, Load], office: str, most: Mapping[str, int]) -> Load:
    """Of one office what it is; of all together only how many: drivers of one office do not drive for another."""
    if office:
        return loads.get(office, Load(0, most.get(office)))
    return Load(sum(load.moves for load in loads.values()), None)


def _worst(loads: Iterable[Load]) -> Fullness:
    found = {load.fullness for load in loads}
    return next((each for each in (Fullness.OVER, Fullness.NEARLY) if each in found), Fullness.UNKNOWN)


def _strained(loads: Mapping[str, Load], office: str) -> list[str]:
    if office:
        return []
    return [
        f"{name} {load.words}"
        for name, load in sorted(loads.items())
        if load.fullness in (Fullness.NEARLY, Fullness.OVER)
    ]


def _offices_over(loads: Mapping[str, Load]) -> str:
    over = sum(load.fullness is Fullness.OVER for load in loads.values())
    return f"{over} over" if over else ""
