"""When the loans of a chain are: slots one after another, threaded through what is booked already.

Rules: chains.md, sections 1, 4 and 5. Overlap, weekends and the days of an activity are `webapp.loans.periods`'.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from webapp.dates import shown, shown_with_weekday
from webapp.loans.availability import Occupation, in_the_way
from webapp.loans.periods import Period, is_weekend, next_weekday, with_weekday_end
from webapp.loans.rules import LAST_DAY

FEWEST_DAYS, MOST_DAYS = 1, 14
MOST_LOANS = 10
BEYOND = f"FMS knows no day after {shown_with_weekday(LAST_DAY)}; check the year."


class SlotRefused(Exception):
    """Days that nobody may ask for. `code` as in chains.md, section 3; `until` is the first day that would do."""

    def __init__(self, code: str, sentence: str, *, field: str = "start", until: date | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.field, self.until = code, sentence, field, until


@dataclass(frozen=True)
class Slot:
    """One loan of the chain: its place (from 1) and its days. `is_pinned`: a person chose the days."""

    index: int
    period: Period
    is_pinned: bool = False


@dataclass(frozen=True)
class Conflict:
    """A loan that was booked already, and the slots (by index) that overlap it."""

    occupation: Occupation
    slots: tuple[int, ...]

    @property
    def text(self) -> str:
        """`Lexus ES 350 12-03-26 to 12-10-26 overlaps loans 2 and 3`."""
        numbers = [str(index) for index in self.slots]
        loans = f"loan {numbers[0]}" if len(numbers) == 1 else f"loans {', '.join(numbers[:-1])} and {numbers[-1]}"
        return f"{self.occupation.vehicle_name} {self.occupation.dates} overlaps {loans}"


@dataclass(frozen=True)
class Threaded:
    """The slots in order of days. `asked` is how many loans were wanted: fewer slots, and the calendar ran out.

    `conflicts`: what the slots overlap all the same, because that was allowed or a person pinned the days.
    """

    requested_start: date
    asked: int
    slots: tuple[Slot, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def actual_start(self) -> date | None:
        """When the first loan starts; None where there is no slot."""
        return self.slots[0].period.start_day if self.slots else None

    @property
    def is_moved(self) -> bool:
        """Whether the first loan starts on another day than was asked for."""
        return self.actual_start is not None and self.actual_start != self.requested_start

    def banner(self, placed: int | None) -> str:
        """`Start moved to 01-12-27, 6 of 8 placed`; empty where the start stands and all are placed.

        `placed` of None: nobody has tried to place any, so only the start is news.
        """
        parts = []
        if self.is_moved and self.actual_start is not None:
            parts.append(f"Start moved to {shown(self.actual_start)}")
        if placed is not None and (parts or placed < self.asked):
            parts.append(f"{placed} of {self.asked} placed")
        return ", ".join(parts)


@dataclass(frozen=True)
class Calendar:
    """What slots are threaded through: `busy` times of the partner or the vehicle, and the office's days.

    `today` is the office's day. `may_overlap`: double booking is wanted, so `busy` moves nothing.
    """

    today: date
    busy: tuple[Occupation, ...] = ()
    holidays: Mapping[date, str] | Collection[date] = ()
    may_overlap: bool = False

    def handover(self, day: date) -> date:
        """The first day from `day` on which the office hands out and takes back vehicles."""
        day = next_weekday(day)
        while day in self.holidays:
            day = next_weekday(day + timedelta(days=1))
        return day

    def loan(self, start_day: date, days: int) -> Period:
        """A loan of so many days, as it is booked: its end moves to the next day of handing over."""
        booked = with_weekday_end(Period(start_day, start_day + timedelta(days=days)))
        return Period(start_day, self.handover(booked.end_day))


def thread(
    calendar: Calendar, start: date, days: int, count: int, pinned: Mapping[int, Period] | None = None
) -> Threaded:
    """`count` slots of `days` days from `start`, each where the one before ends, and not over what is booked.

    `pinned` maps an index (from 1) to days that a person chose: they stay, and the others go around them.
    Raises `SlotRefused` for a start or pinned days that cannot be asked for, and for numbers out of range.
    """
    _refuse_numbers(days, count)
    refuse_start(calendar, start)
    pins = {index: period for index, period in (pinned or {}).items() if 1 <= index <= count}
    for period in pins.values():
        refuse_period(calendar, period)
    wanted = [Slot(index, pins[index], True) if index in pins else index for index in range(1, count + 1)]
    return _threaded(calendar, start, wanted, days, start, count)


def change(calendar: Calendar, slots: Sequence[Slot], index: int, period: Period, days: int) -> Threaded:
    """The slots when a person gives one of them other days: those after it follow, unless they are pinned.

    Slots before it stay, and so do gaps there. Each that follows keeps the `days` of new loans. Raises
    `SlotRefused`, and `KeyError` where there is no such slot.
    """
    if index not in {slot.index for slot in slots}:
        raise KeyError(index)
    refuse_period(calendar, period)
    booked = Period(period.start_day, calendar.handover(period.end_day))
    wanted: list[Slot | int] = []
    for slot in sorted(slots, key=lambda slot: slot.index):
        if slot.index < index:
            wanted.append(replace(slot, is_pinned=True))
        elif slot.index == index:
            wanted.append(Slot(index, booked, True))
        else:
            wanted.append(slot if slot.is_pinned else slot.index)
    first = min(slot.period.start_day for slot in slots)
    again = _threaded(calendar, booked.end_day, wanted, days, first, len(slots))
    chosen = {slot.index: slot.is_pinned for slot in slots} | {index: True}
    return replace(again, slots=tuple(replace(slot, is_pinned=chosen[slot.index]) for slot in again.slots))


def added(calendar: Calendar, slots: Sequence[Slot], days: int) -> Threaded:
    """The slots with one more after the last, not before today. Raises `SlotRefused` where it is full or empty."""
    if not slots:
        raise SlotRefused("period", "There is no chain to add a loan to.", field="count")
    _refuse_numbers(days, len(slots) + 1)
    stay: list[Slot | int] = [*(replace(slot, is_pinned=True) for slot in slots), max(s.index for s in slots) + 1]
    end = max(calendar.today, *(slot.period.end_day for slot in slots))
    first = min(slot.period.start_day for slot in slots)
    again = _threaded(calendar, end, stay, days, first, len(stay))
    pins = {slot.index for slot in slots if slot.is_pinned}
    return replace(again, slots=tuple(replace(slot, is_pinned=slot.index in pins) for slot in again.slots))


def refuse_start(calendar: Calendar, day: date, *, field: str = "start") -> None:
    """Raise `SlotRefused` for a start in the past, on a weekend or on a holiday: only threading moves a start."""
    if day > LAST_DAY:
        raise SlotRefused("period", BEYOND, field=field)
    until = calendar.handover(max(day, calendar.today))
    if day < calendar.today:
        raise SlotRefused("past", f"{shown_with_weekday(day)} is in the past.", field=field, until=until)
    if is_weekend(day):
        text = f"{shown_with_weekday(day)} is a weekend; loans start Monday to Friday."
        raise SlotRefused("weekend", text, field=field, until=until)
    if day in calendar.holidays:
        raise SlotRefused("holiday", _holiday_text(calendar, day), field=field, until=until)


def refuse_period(calendar: Calendar, period: Period) -> None:
    """Raise `SlotRefused` for days that nobody may give a loan."""
    if period.days <= 0:
        raise SlotRefused("period", "The end must be after the start.", field="end")
    refuse_start(calendar, period.start_day)
    if period.end_day > LAST_DAY:
        raise SlotRefused("period", BEYOND, field="end")


def conflicts(slots: Iterable[Slot], busy: Iterable[Occupation]) -> tuple[Conflict, ...]:
    """Each booked loan that slots overlap, once, earliest first, with the slots it meets."""
    met: dict[Occupation, list[int]] = {}
    known = tuple(busy)
    for slot in slots:
        for occupation in in_the_way(slot.period, known):
            met.setdefault(occupation, []).append(slot.index)
    order = sorted(met, key=lambda one: (one.period, one.assignment_id or 0, one.activity_id or 0, one.vehicle_name))
    return tuple(Conflict(occupation, tuple(sorted(met[occupation]))) for occupation in order)


def _threaded(
    calendar: Calendar,
    start: date,
    wanted: Sequence[Slot | int],
    days: int,
    requested: date,
    asked: int,
) -> Threaded:
    pinned = [slot for slot in wanted if isinstance(slot, Slot)]
    placed, day = [], start
    for slot in wanted:
        if isinstance(slot, Slot):
            placed.append(slot)
            day = max(day, slot.period.end_day)
            continue
        period = _first_free(calendar, day, days, [one.period for one in pinned])
        if period is None:
            break
        placed.append(Slot(slot, period))
        day = period.end_day
    left = {slot.index for slot in placed}
    placed += [slot for slot in pinned if slot.index not in left]
    slots = tuple(sorted(placed, key=lambda slot: (slot.period, slot.index)))
    return Threaded(requested, asked, slots, conflicts(slots, calendar.busy))


def _first_free(calendar: Calendar, day: date, days: int, pinned: Sequence[Period]) -> Period | None:
    """The first loan from `day` over nothing that binds; None where it would end after FMS's last day."""
    while True:
        day = calendar.handover(day)
        if day > LAST_DAY - timedelta(days=days):
            return None
        period = calendar.loan(day, days)
        blocks = [one.period for one in in_the_way(period, () if calendar.may_overlap else calendar.busy)]
        blocks += [one for one in pinned if one.overlaps(period)]
        if not blocks:
            return period if period.end_day <= LAST_DAY else None
        # The earliest end, not the latest: a shorter loan may fit between two that a longer one overlaps.
        day = min(block.end_day for block in blocks)


def _refuse_numbers(days: int, count: int) -> None:
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise SlotRefused("period", f"A loan takes {FEWEST_DAYS} to {MOST_DAYS} days.", field="days")
    if not 1 <= count <= MOST_LOANS:
        raise SlotRefused("period", f"A chain has 1 to {MOST_LOANS} loans.", field="count")


def _holiday_text(calendar: Calendar, day: date) -> str:
    name = calendar.holidays[day] if isinstance(calendar.holidays, Mapping) else ""
    return f"{shown_with_weekday(day)} is a holiday of the office{f' ({name})' if name else ''}."
