"""Yearly caps within one chain: a partner may have so many loans of a make a year, and the chain's own loans count.

The solver knows models that come once, and money, but no caps. So where its chain breaks one, the question is
split, exactly: of so many loans at least one must go, and each part leaves out the make in one of their slots. The
parts are answered best first, so the first answer that keeps all caps is the best there is. Pure.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from webapp.chains.looking.fitting import Fit
from webapp.chains.looking.offers import Best
from webapp.chains.looking.supply import Supply
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.solver import Deadline, Limits
from webapp.chains.solving.values import Status, Unfilled

# How many loans of a make may still start in a year.
Caps = Mapping[tuple[str, int], int]
# Makes that are left out in slots, by index.
Bans = frozenset[tuple[str, int]]
Solve = Callable[[Sequence[Fit]], Best]
# Sorted by this, the better answer comes first: the order of `solving.objective`.
Merit = tuple[int, float, int, int, tuple[str, ...]]
# An empty slot comes after any VIN.
LAST = "~"
USED_UP = "Whatever else is free on these days is of a make of which this partner has all loans of the year."


def caps_of(supply: Supply, slots: Sequence[Slot], fits: Sequence[Fit]) -> Caps:
    """The caps that a chain of these could break. In `supply` the pinned loans stand already."""
    starts = Counter(slot.period.start_day.year for slot in slots)
    models: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    caps: dict[tuple[str, int], int] = {}
    fitting = [fit.entry for fit in fits if fit.free_in]
    for entry in fitting:
        models[entry.vehicle.make_key].add(entry.model)
    for entry in fitting:
        make = entry.vehicle.make_key
        limits = supply.office.limits.get((make, entry.rank or ""))
        if limits is not None and limits.loans_a_year is not None:
            for year, count in starts.items():
                left = limits.loans_a_year - entry.partner.starts.get((make, year), 0)
                if left < min(count, len(models[make])):
                    caps[make, year] = max(0, left)
    return caps


def best_within(parts: "Parts", seconds: float = Limits().seconds) -> Best:
    """The best chain that keeps the caps. Where the time is over first: one that keeps them, as `FEASIBLE`."""
    deadline = Deadline(seconds)
    parts.add(frozenset())
    first, bans = parts.next()
    found = first
    while broken := parts.broken(found):
        if deadline.is_over():
            found, bans = parts.quickly(found, bans)
            break
        make, indexes = broken[0]
        for index in indexes:
            parts.add(bans | {(make, index)})
        found, bans = parts.next()
    unfilled = tuple(_said(one, parts.fits, bans) for one in found.unfilled)
    return replace(found, excluded=first.excluded, unfilled=unfilled)


@dataclass
class Parts:
    """The parts of the question that are answered already, best first. `solve` answers for any part of `fits`."""

    caps: Caps
    slots: Sequence[Slot]
    fits: Sequence[Fit]
    pinned: Collection[int]
    solve: Solve
    _seen: set[Bans] = field(default_factory=set)
    _heap: list[tuple[Merit, list[tuple[str, int]], Best]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._entries = {fit.entry.key: fit.entry for fit in self.fits}

    def add(self, bans: Bans) -> None:
        """Answer the part without these makes in these slots, unless that was done."""
        if bans not in self._seen:
            self._seen.add(bans)
            found = self.solve([_without(fit, bans) for fit in self.fits])
            heapq.heappush(self._heap, (self._merit(found), sorted(bans), found))

    def next(self) -> tuple[Best, Bans]:
        """The best answer that is left, and what it goes without."""
        _, bans, found = heapq.heappop(self._heap)
        return found, frozenset(bans)

    def broken(self, found: Best) -> list[tuple[str, list[int]]]:
        """Each make of which the chain has too many in a year, and as many of their slots as are one too many."""
        return [(make, mine[: left + 1]) for make, left, mine in self._makes(found) if len(mine) > left]

    def quickly(self, found: Best, bans: Bans) -> tuple[Best, Bans]:
        """An answer that keeps all caps, not the best: each make stays only where it comes first."""
        while broken := [(make, mine[left:]) for make, left, mine in self._makes(found) if len(mine) > left]:
            bans |= {(make, index) for make, indexes in broken for index in indexes}
            found = self.solve([_without(fit, bans) for fit in self.fits])
        return replace(found, status=Status.FEASIBLE), bans

    def _makes(self, found: Best) -> list[tuple[str, int, list[int]]]:
        """Per cap: the make, how many loans are left, and the slots in which the chain has it."""
        years = {slot.index: slot.period.start_day.year for slot in self.slots}
        made = defaultdict[tuple[str, int], list[int]](list)
        for index in sorted(found.picks.keys() - set(self.pinned)):
            made[self._entries[found.picks[index]].vehicle.make_key, years[index]].append(index)
        return [(make, left, made[make, year]) for (make, year), left in sorted(self.caps.items())]

    def _merit(self, found: Best) -> Merit:
        ordered = sorted(self.slots, key=lambda slot: (slot.period, slot.index))
        entries = [self._entries[key] for key in found.picks.values() if key in self._entries]
        rates, idle = sum(one.publication_rate for one in entries), sum(one.idle_days for one in entries)
        vins = tuple(str(found.picks.get(slot.index, LAST)) for slot in ordered)
        return -len(found.picks), -found.objective, -rates, -idle, vins


def _without(fit: Fit, bans: Bans) -> Fit:
    gone = {index for make, index in bans if make == fit.entry.vehicle.make_key}
    return replace(fit, free_in=fit.free_in - gone) if gone & fit.free_in else fit


def _said(one: Unfilled, fits: Sequence[Fit], bans: Bans) -> Unfilled:
    """Why a slot is empty, where a cap has emptied it."""
    index = one.slot.index
    is_left = any(index in _without(fit, bans).free_in for fit in fits)
    was_free = any(index in fit.free_in for fit in fits)
    return Unfilled(one.slot, "yearly_cap", USED_UP) if was_free and not is_left else one
