"""What a draft asks for as its loans change: how many, from when, and what of them the solver must leave alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from webapp.chains.asking import Ask
from webapp.chains.drafting.slots import Place, Places, slots_of
from webapp.chains.looking.suggestion import Key
from webapp.chains.solving.slots import Calendar, Slot, Threaded, conflicts


def resized(ask: Ask, before: Places, after: Places) -> Ask:
    """The ask after loans went or came by hand: for so many, and where the first one went, from the next one."""
    lost = max(0, len(before) - len(after))
    is_first_gone = bool(lost and after) and before[0].period != after[0].period
    start = after[0].period.start_day if is_first_gone else ask.start
    return replace(ask, start=start, count=max(ask.count - lost, len(after), 1))


def fixed(ask: Ask, slots: Sequence[Slot], pinned: Mapping[int, Key]) -> Ask:
    """The ask with all days as they are, and only that pinned: as the solver must see it to change none of it."""
    if not slots:
        return ask
    return replace(
        ask,
        # The days are decided; the start that was asked for may have passed since.
        start=slots[0].period.start_day,
        count=len(slots),
        pinned=pinned,
        pinned_days={slot.index: slot.period for slot in slots},
    )


def begun(slots: Iterable[Slot], ask: Ask) -> Places:
    """Loans on these days, with nothing in them but what the ask pins."""
    return tuple(Place(slot, ask.pinned.get(slot.index), slot.index in ask.pinned) for slot in slots)


def filled(places: Places, keys: Mapping[int, Key]) -> Places:
    """The loans with what was suggested in those that were empty."""
    return tuple(place if place.key is not None else replace(place, key=keys.get(place.index)) for place in places)


def kept_beyond(ask: Ask, places: Places) -> tuple[str, ...]:
    """What to say where more loans stay than were asked for."""
    if len(places) <= ask.count:
        return ()
    wanted = "1 loan was" if ask.count == 1 else f"{ask.count} loans were"
    return (f"{wanted} asked for; {len(places)} stay, for what a person chose is only removed by hand.",)


def threaded(calendar: Calendar, places: Places, ask: Ask) -> Threaded:
    """The loans as threading tells of them. Where a person chose the first days, they are not called moved."""
    slots = slots_of(places)
    chosen = slots[0].period.start_day if slots and slots[0].is_pinned else None
    return Threaded(chosen or ask.start, max(ask.count, len(slots)), slots, conflicts(slots, calendar.busy))
