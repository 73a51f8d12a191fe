"""Suggesting a chain: what is read, the rules asked about everybody, the exact solver; and a slot's candidates.

The pages, the drafts and the JSON all come in here. Nothing is written.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Ask, Kind
from webapp.chains.looking import cards, fitting, reading
from webapp.chains.looking.caps import Parts, best_within, caps_of
from webapp.chains.looking.given_back import without
from webapp.chains.looking.offers import Best, best, refuse_pins
from webapp.chains.looking.partner_reading import partners_for, with_all_loans
from webapp.chains.looking.suggestion import Candidate, Key, LeftOut, LeftOutLine, Placed, Suggestion
from webapp.chains.looking.supply import Entry, Supply
from webapp.chains.looking.vehicle_reading import vehicles_for
from webapp.chains.solving.slots import Calendar, Slot, SlotRefused, Threaded, thread
from webapp.chains.solving.values import PinRefused, Status
from webapp.errors import InvalidInput
from webapp.fleet.names import normal_vin
from webapp.loans.periods import Period
from webapp.loans.rules import Finding

PINNED = "pinned"
PICKS = {Kind.PARTNER: "VINs", Kind.VEHICLE: "numbers of partners"}


def suggest(actor: Actor, ask: Ask) -> Suggestion:
    """The best chain under the rules, around what is pinned.

    Raises `InvalidInput` naming the fields that cannot be used, `NotFound` for an office, vehicle or partner that
    is unknown or out of scope, `Forbidden`.
    """
    watch = Watch()
    look = look_into(actor, ask, watch)
    found = _best(look)
    watch.mark("solver")
    supply = look.supply
    if ask.kind is Kind.VEHICLE:
        supply = with_all_loans(actor, supply, found.picks.values())
        watch.mark("reading")
    placed = cards.placed(supply, look.threaded.slots, found.picks, look.pins)
    watch.mark("rules")
    return Suggestion(
        status=_status(found, look.threaded),
        threaded=look.threaded,
        objective=found.objective,
        placed=placed,
        unfilled=found.unfilled,
        excluded=found.excluded,
        unplaced=found.unplaced,
        looked_at=len(look.supply.looked_at),
        left_out=sum(found.excluded.values()),
        seconds=watch.seconds,
        seconds_by_part=watch.parts,
    )


def threaded(actor: Actor, ask: Ask) -> Threaded:
    """The slots of this ask, threaded through what is booked. Raises as `suggest`."""
    return _thread(calendar_of(actor, ask), ask)


def calendar_of(actor: Actor, ask: Ask, *, is_begun: bool = False) -> Calendar:
    """What slots thread through: all of the partner's loans that are not over, or whatever has the vehicle.

    Raises `NotFound`; `is_begun`: not for whose chain it is, who may have left FMS's list since it was begun.
    """
    actor.require(Permission.VIEW_LOANS)
    return reading.calendar_of(actor, ask, is_begun=is_begun)


def candidates(
    actor: Actor,
    ask: Ask,
    slots: Sequence[Slot],
    picks: Mapping[int, Key],
    index: int,
    *,
    standing: Collection[int] = (),
) -> tuple[Candidate, ...]:
    """All that could fill one slot: the best first, then, by name, those that something binding stands against.

    The other picks count as loans of the partner (of the vehicle), and as money spent. `standing` are the loans
    that a saved chain's picks are already: they are not in their own way. Raises `NotFound`, and `KeyError` where
    there is no such slot.
    """
    actor.require(Permission.VIEW_LOANS)
    picked = _normal(ask, picks)
    slot = {slot.index: slot for slot in slots}[index]
    since = min(slot.period.start_day for slot in slots)
    supply = _supply(actor, ask, set(picked.values()), since, everybody_in=slot.period)
    return cards.candidates(without(supply, slots, picked, standing), slots, picked, index)


def placed(
    actor: Actor, ask: Ask, slots: Sequence[Slot], picks: Mapping[int, Key], *, standing: Collection[int] = ()
) -> tuple[Placed, ...]:
    """The picks as cards show them, every finding included; those of `ask.pinned` are pinned.

    `standing` as for `candidates`. Whoever has left FMS's list is `unknown` on every card. Raises `NotFound` for an
    office out of scope.
    """
    actor.require(Permission.VIEW_LOANS)
    picked = _normal(ask, picks)
    if not slots or not picked:
        return ()
    since = min(slot.period.start_day for slot in slots)
    reading_of = partners_for if ask.kind is Kind.VEHICLE else vehicles_for
    supply = reading_of(actor, ask, set(picked.values()), since, only_picks=True)
    pinned = [index for index, key in _normal(ask, ask.pinned).items() if picked.get(index) == key]
    return cards.placed(without(supply, slots, picked, standing), slots, picked, pinned)


def left_out(actor: Actor, ask: Ask) -> LeftOut:
    """Everybody looked at who fits in no slot of this ask, each with the first reason. Raises as `suggest`."""
    look = look_into(actor, ask)
    over = too_dear(look)
    kept = fitting.keys_of(over)
    unplaced = [
        (fit.entry.person_id, fit.entry.name)
        for fit in look.fits
        if fit.free_in and fit.entry.point is None and look.supply.is_of_vehicle and fit.entry.key not in kept
    ]
    places = {key: place for place, key in enumerate(look.supply.entries)}
    lines = sorted((*look.left_out, *over), key=lambda line: places[line[0].key])
    return LeftOut(
        looked_at=len(look.supply.looked_at),
        lines=tuple(LeftOutLine(entry.key, entry.name, entry.detail, finding) for entry, finding in lines),
        counts=fitting.counts(lines),
        unplaced=tuple(unplaced),
    )


@dataclass
class Watch:
    """Seconds by part of the work."""

    began: float = field(default_factory=time.perf_counter)
    parts: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._since = self.began

    def mark(self, part: str) -> None:
        """What was done since the last mark was this."""
        now = time.perf_counter()
        self.parts[part] = self.parts.get(part, 0.0) + now - self._since
        self._since = now

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.perf_counter() - self.began


@dataclass(frozen=True)
class Look:
    """An ask looked into: the slots, the pinned, and who fits where beside them."""

    supply: Supply
    threaded: Threaded
    pins: Mapping[int, Entry]
    fits: Sequence[fitting.Fit]
    left_out: Sequence[tuple[Entry, Finding]]


def look_into(actor: Actor, ask: Ask, watch: Watch | None = None, during: Period | None = None) -> Look:
    """Who fits where, before anything is chosen; `during` as for `partners_for`. Raises as `suggest`."""
    watch = watch or Watch()
    actor.require(Permission.VIEW_LOANS)
    wanted = _normal(ask, ask.pinned)
    supply = _supply(actor, ask, set(wanted.values()), during=during)
    slots = _thread(supply.calendar, ask)
    pins = {index: supply.entries[key] for index, key in wanted.items()}
    try:
        refuse_pins(slots.slots, pins)
    except PinRefused as refused:
        raise _of_pins(refused) from refused
    watch.mark("reading")
    # Whoever is pinned is in the chain, and was not left out of it.
    fits = fitting.fits(supply.beside(slots.slots, wanted), slots.slots, but=set(wanted.values()))
    far = fitting.too_far(supply, fits, list(pins.values()), len(slots.slots))
    keys = fitting.keys_of(far)
    near = [fit for fit in fits if fit.entry.key not in keys]
    watch.mark("rules")
    return Look(supply, slots, pins, near, [*fitting.left_out(near), *far])


def _best(look: Look) -> Best:
    excluded = fitting.counts(look.left_out)
    if not look.threaded.slots:
        return Best(Status.NONE, 0.0, {}, (), excluded, ())
    slots = look.threaded.slots

    def solve(fits: Sequence[fitting.Fit]) -> Best:
        return best(look.supply, slots, fits, look.pins, excluded)

    caps = caps_of(look.supply, slots, look.fits) if look.supply.ask.kind is Kind.PARTNER else {}
    try:
        return best_within(Parts(caps, slots, look.fits, look.pins.keys(), solve))
    except PinRefused as refused:
        raise _of_pins(refused) from refused


def _status(found: Best, threaded: Threaded) -> Status:
    """Where the calendar ran out of days, not all that was asked for is there, however good the rest is.

    And where all is spent already, what costs nothing is left out for that before the solver sees it.
    """
    if found.status is Status.NONE and found.excluded.get("over_budget"):
        return Status.BUDGET_BLOCKED
    is_short = len(threaded.slots) < threaded.asked
    return Status.PARTIAL if is_short and found.status is Status.OPTIMAL else found.status


def too_dear(look: Look) -> list[tuple[Entry, Finding]]:
    """Those who fit, but are too dear in each slot where they do, beside what is pinned."""
    picks = {index: entry.key for index, entry in look.pins.items()}
    beside = look.supply.beside(look.threaded.slots, picks)
    found = []
    for fit in look.fits:
        if not fit.free_in or (look.supply.is_of_vehicle and fit.entry.point is None):
            continue
        entry = beside.entries[fit.entry.key]
        said = [
            fitting.first_obstacle(beside, entry, slot.period)
            for slot in look.threaded.slots
            if slot.index in fit.free_in
        ]
        if said[0] is not None and all(said):
            found.append((entry, said[0]))
    return found


def _supply(
    actor: Actor,
    ask: Ask,
    picks: Collection[Key],
    since: date | None = None,
    everybody_in: Period | None = None,
    during: Period | None = None,
) -> Supply:
    if ask.kind is Kind.VEHICLE:
        return partners_for(actor, ask, picks, since, everybody_in=everybody_in, during=during)
    return vehicles_for(actor, ask, picks, since)


def _thread(calendar: Calendar, ask: Ask) -> Threaded:
    try:
        return thread(calendar, ask.start, ask.days, ask.count, ask.pinned_days)
    except SlotRefused as refused:
        raise InvalidInput(refused.sentence, fields={refused.field: refused.sentence}, code=refused.code) from refused


def _normal(ask: Ask, picks: Mapping[int, Key]) -> dict[int, Key]:
    wanted = int if ask.kind is Kind.VEHICLE else str
    if not all(isinstance(key, wanted) for key in picks.values()):
        text = f"The picks of a {ask.kind} chain are {PICKS[ask.kind]}."
        raise InvalidInput(text, fields={PINNED: text})
    return {index: normal_vin(key) if isinstance(key, str) else key for index, key in picks.items()}


def _of_pins(refused: PinRefused) -> InvalidInput:
    return InvalidInput(refused.sentence, fields={PINNED: refused.sentence}, code=refused.code)
