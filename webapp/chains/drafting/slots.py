"""What happens to the loans of a draft: their days, their numbers, and what a person chose in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from webapp.chains.asking import Ask
from webapp.chains.looking.suggestion import Key
from webapp.chains.solving.slots import (
    MOST_DAYS,
    Calendar,
    Slot,
    SlotRefused,
    added,
    change,
    refuse_period,
    thread,
)
from webapp.loans.periods import Period


@dataclass(frozen=True)
class Place:
    """One loan of a draft: its slot, and what fills it; `key` None: still empty.

    `is_pinned`: a person chose what fills it; `slot.is_pinned`: a person chose the days.
    """

    slot: Slot
    key: Key | None = None
    is_pinned: bool = False

    @property
    def index(self) -> int:
        """Its number in the chain, from 1."""
        return self.slot.index

    @property
    def period(self) -> Period:
        """Its days."""
        return self.slot.period

    @property
    def is_chosen(self) -> bool:
        """Whether a person chose anything here, so that it does not go by itself."""
        return self.is_pinned or self.slot.is_pinned


Places = tuple[Place, ...]


def slots_of(places: Iterable[Place]) -> tuple[Slot, ...]:
    """Their slots."""
    return tuple(place.slot for place in places)


def picks_of(places: Iterable[Place]) -> dict[int, Key]:
    """What fills those that are not empty, by number."""
    return {place.index: place.key for place in places if place.key is not None}


def pinned_of(places: Iterable[Place]) -> dict[int, Key]:
    """What a person chose, by number."""
    return {place.index: place.key for place in places if place.is_pinned and place.key is not None}


def days_of(places: Iterable[Place]) -> dict[int, Period]:
    """The days that a person chose, by number."""
    return {place.index: place.period for place in places if place.slot.is_pinned}


def at(places: Iterable[Place], index: int) -> Place:
    """The loan of that number. Raises `KeyError`."""
    for place in places:
        if place.index == index:
            return place
    raise KeyError(index)


def put(places: Places, index: int, key: Key | None, *, is_pinned: bool) -> Places:
    """The loans with something else in one of them. Raises `KeyError`."""
    wanted = replace(at(places, index), key=key, is_pinned=is_pinned and key is not None)
    return tuple(wanted if place.index == index else place for place in places)


def numbered(places: Iterable[Place]) -> Places:
    """The loans in order of days, numbered from 1: so are cards, and so do loans follow each other."""
    ordered = sorted(places, key=lambda place: (place.period, place.index))
    return tuple(
        replace(place, slot=replace(place.slot, index=number)) for number, place in enumerate(ordered, start=1)
    )


def removed(places: Places, index: int) -> Places:
    """The loans without that one; the others stay where they are. Raises `KeyError`."""
    gone = at(places, index)
    return numbered(place for place in places if place is not gone)


def moved(calendar: Calendar, places: Places, index: int, period: Period, days: int) -> Places:
    """The loans when a person gives one of them other days: those after it follow, as long as they were.

    What fills a loan stays in it. Raises `SlotRefused`, `KeyError`.
    """
    place = at(places, index)
    chosen = replace(place, slot=replace(place.slot, is_pinned=True))
    wanted = tuple(chosen if each is place else each for each in places)
    return _followed(calendar, wanted, index, period, days)


def appended(calendar: Calendar, places: Places, start: date, days: int) -> Places:
    """The loans with an empty one after the last, or from `start` where there is none. Raises `SlotRefused`.

    The same loans where the calendar has no more days.
    """
    again = added(calendar, slots_of(places), days) if places else thread(calendar, start, days, 1)
    known = {place.index for place in places}
    return numbered((*places, *(Place(slot) for slot in again.slots if slot.index not in known)))


def asked_again(calendar: Calendar, places: Places, before: Ask, after: Ask, *, keeps_picks: bool = False) -> Places:
    """The loans when their maker asks anew, with the parameters `after` instead of `before`; `calendar` is of `after`.

    What a person chose stays, whatever the number of loans; the rest is emptied (unless `keeps_picks`), and goes
    from the end where fewer are wanted. Days change only where the start, the length or double booking was
    changed, or from the first loan on whose days can no longer be had. Raises `SlotRefused`.
    """
    # Refuses numbers that nobody may ask for, also where all days stand.
    thread(calendar, calendar.handover(calendar.today), after.days, after.count)
    kept = numbered(
        place if place.is_pinned or keeps_picks else replace(place, key=None)
        for place in places
        if place.index <= after.count or place.is_chosen
    )
    kept = _retimed(calendar, kept, before, after) if _is_retimed(before, after) else _standing(calendar, kept, after)
    for _ in range(after.count - len(kept)):
        kept = appended(calendar, kept, after.start, after.days)
    return kept


def laid_out(calendar: Calendar, start: date, lengths: Sequence[int]) -> Places:
    """Empty loans one after another from `start`, each so many days long. Raises `SlotRefused`."""
    wanted = {number: min(days, MOST_DAYS) for number, days in enumerate(lengths, start=1)}
    slots = thread(calendar, start, wanted[1], len(wanted)).slots
    return numbered(Place(Slot(slot.index, slot.period)) for slot in _as_long(calendar, slots, 1, wanted, wanted[1]))


def _is_retimed(before: Ask, after: Ask) -> bool:
    return (before.start, before.days, before.allow_double_booking) != (
        after.start,
        after.days,
        after.allow_double_booking,
    )


def _retimed(calendar: Calendar, places: Places, before: Ask, after: Ask) -> Places:
    """The loans threaded anew from the start; each keeps its length, unless another one is asked for."""
    if not places:
        return places
    lengths = {place.index: after.days for place in places}
    if after.days == before.days:
        lengths = {place.index: _length(calendar, place.period, before.days) for place in places}
    first = min(lengths[1], MOST_DAYS)
    slots = thread(calendar, after.start, first, len(places), days_of(places)).slots
    return _rejoined(places, _as_long(calendar, slots, 1, lengths, first))


def _standing(calendar: Calendar, places: Places, ask: Ask) -> Places:
    """The loans where they are, up to the first that cannot be there any more; it and those after it follow."""
    for number, place in enumerate(places):
        if place.slot.is_pinned or _is_free(calendar, place.period):
            continue
        if number == 0:
            return _retimed(calendar, places, ask, ask)
        before = places[number - 1]
        return _followed(calendar, places, before.index, before.period, ask.days)
    return places


def _is_free(calendar: Calendar, period: Period) -> bool:
    try:
        refuse_period(calendar, period)
    except SlotRefused:
        return False
    return calendar.may_overlap or not any(one.period.overlaps(period) for one in calendar.busy)


def _followed(calendar: Calendar, places: Places, index: int, period: Period, days: int) -> Places:
    """The loans with those after `index` one after another from the end of `period`."""
    lengths = {place.index: _length(calendar, place.period, days) for place in places}
    slots = change(calendar, slots_of(places), index, period, days).slots
    return _rejoined(places, _as_long(calendar, slots, index, lengths, days))


def _as_long(
    calendar: Calendar, slots: Sequence[Slot], index: int, lengths: Mapping[int, int], days: int
) -> tuple[Slot, ...]:
    """The slots, which are of `days` days after `index`, each of its own length there."""
    for before, after in pairwise(sorted(slot.index for slot in slots if slot.index >= index)):
        found = {slot.index: slot for slot in slots}
        if before not in found or all(lengths[each] == days for each in lengths if each >= after):
            break
        # Only the next one is right after this; the round after it takes care of the one that follows.
        slots = change(calendar, slots, before, found[before].period, lengths[after]).slots
        days = lengths[after]
    return tuple(slots)


def _length(calendar: Calendar, period: Period, days: int) -> int:
    """How long a loan was meant to be: `days`, where the days of handing over alone explain that it is longer."""
    return days if calendar.loan(period.start_day, days) == period else period.days


def _rejoined(places: Places, slots: Iterable[Slot]) -> Places:
    """The loans with new days. Where the calendar ran out, those that hold something keep the days they had."""
    found = {slot.index: slot for slot in slots}
    return numbered(
        replace(place, slot=replace(found.get(place.index, place.slot), is_pinned=place.slot.is_pinned))
        for place in places
        if place.index in found or place.key is not None
    )
