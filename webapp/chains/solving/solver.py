"""The best chain, exactly and with proof: bounds by prices, a search, and CP-SAT for what the search leaves open.

Why not CP-SAT alone: docs/chain-solver.md.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

import numpy as np

from webapp.chains.solving.path import FORBIDDEN, NO_ITEM, Bounds, Choice, Path, Prices, bounds, narrowed
from webapp.chains.solving.search import GaveUp, Search

Question = Callable[[Path, Prices, Bounds, Choice, float], tuple[Choice, bool]]


@dataclass(frozen=True)
class Limits:
    """`seconds` for everything, `room`: partial chains a search may look at before CP-SAT takes over."""

    seconds: float = 2.0
    # Searching on settles nearly all that CP-SAT would be asked for, and sooner.
    room: int = 60_000


@dataclass(frozen=True)
class Deadline:
    """When to stop: a timer, so the answer depends on the time only where it says that it was reached."""

    seconds: float
    began: float = field(default_factory=time.perf_counter)

    @property
    def left(self) -> float:
        """Seconds until then, at least none."""
        return max(0.0, self.seconds - (time.perf_counter() - self.began))

    def is_over(self) -> bool:
        """Whether it is reached."""
        return self.left <= 0


@dataclass(frozen=True)
class Solved:
    """The chain, whether it is proven best (ties included), and the work that was done."""

    choice: Choice
    is_proven: bool
    looked_at: int
    needed_cp_sat: bool


def begin(limits: Limits) -> Deadline:
    """The deadline of one question. It begins when CP-SAT is loaded, which what only serves pages never does.

    That takes half a second and much memory, once in a process, and must not come off the time to solve.
    """
    import_module("webapp.chains.solving.proof")
    return Deadline(limits.seconds)


def dive(path: Path, prices: Prices, bound: Bounds, hints: Choice | None = None) -> Choice:
    """A good chain at once: whatever the bounds promise most for, slot by slot, then changed for the better."""
    search = Search(path, prices, bound, room=len(path.layers) + 1)
    try:
        return search.heaviest(_fewest(path), hints)
    except GaveUp:
        assert search.choice is not None
        return improved(path, search.choice)


def improved(path: Path, choice: Choice) -> Choice:
    """The chain after changing one slot at a time for the better, as long as that is possible."""
    made, is_better = list(choice), True
    while is_better:
        is_better = False
        for slot in range(len(made)):
            better = _better(path, made, slot)
            if better is not None:
                made[slot], is_better = better, True
    return tuple(made)


def _better(path: Path, made: list[int | None], slot: int) -> int | None:
    """What would fill `slot` better than what does, the other slots staying as they are."""
    if path.must[slot] or not path.layers[slot]:
        return None
    others = [
        (other, path.layers[other][number]) for other, number in enumerate(made) if number is not None and other != slot
    ]
    row = path.columns[slot]
    before = next((one.last for other, one in reversed(others) if other < slot), path.start)
    after = next((one.last for other, one in others if other > slot), None)
    gains = row.weights + path.steps[before, row.lasts]
    empty = 0
    if after is not None:
        gains = gains + path.steps[row.lasts, after]
        empty = int(path.steps[before, after])
    gains[np.isin(row.items, [one.item for _, one in others if one.item != NO_ITEM])] = FORBIDDEN
    for bucket, limit in enumerate(path.limits):
        left = limit - sum(one.cost for _, one in others if one.bucket == bucket)
        gains[(row.buckets == bucket) & (row.costs > left)] = FORBIDDEN
    best, number = int(gains.argmax()), made[slot]
    now = empty if number is None else int(gains[number])
    return best if int(gains[best]) > now else None


def solve(path: Path, prices: Prices, limits: Limits, deadline: Deadline, hints: Choice | None = None) -> Solved:
    """The heaviest chain; of several, the first in order. Without a proof when the limits are reached."""
    task = _Task(path, prices, bounds(path, prices), limits, deadline)
    choice, is_proven = task.heaviest(dive(path, prices, task.bound, hints), hints)
    if not is_proven:
        return Solved(choice, False, task.looked_at, task.needed_cp_sat)
    tight, places = narrowed(path, task.bound.through(path), path.weigh(choice))
    same = tuple(None if one is None else rows.index(one) for one, rows in zip(choice, places, strict=True))
    ties = _Task(tight, prices, bounds(tight, prices), limits, deadline)
    first, is_proven = ties.first(same)
    found = tuple(None if one is None else rows[one] for one, rows in zip(first, places, strict=True))
    needed_cp_sat = task.needed_cp_sat or ties.needed_cp_sat
    return Solved(found, is_proven, task.looked_at + ties.looked_at, needed_cp_sat)


@dataclass
class _Task:
    """One question about a path: to the search, then to CP-SAT, then to the search for all the time that is left."""

    path: Path
    prices: Prices
    bound: Bounds
    limits: Limits
    deadline: Deadline
    looked_at: int = 0
    needed_cp_sat: bool = False

    def heaviest(self, known: Choice, hints: Choice | None) -> tuple[Choice, bool]:
        """The heaviest chain, and whether that is proven."""
        for room in (self.limits.room, sys.maxsize):
            search = Search(self.path, self.prices, self.bound, room, self.deadline.is_over)
            try:
                return search.heaviest(known, hints), True
            except GaveUp:
                known = search.choice or known
            finally:
                self.looked_at += search.looked_at
            settled = None if self.needed_cp_sat else self._settled("heavier", known)
            if settled is not None:
                return settled
        return known, False

    def first(self, best: Choice) -> tuple[Choice, bool]:
        """Of all chains that weigh as much as `best`, the most, the first in order; and whether that is proven."""
        for room in (self.limits.room, sys.maxsize):
            search = Search(self.path, self.prices, self.bound, room, self.deadline.is_over)
            try:
                return search.first(self.path.weigh(best)), True
            except GaveUp:
                pass
            finally:
                self.looked_at += search.looked_at
            settled = None if self.needed_cp_sat else self._settled("first", best)
            if settled is not None:
                return settled
        return best, False

    def _settled(self, question: Literal["heavier", "first"], choice: Choice) -> tuple[Choice, bool] | None:
        """CP-SAT's answer; None where the question is too large for it."""
        if self.deadline.is_over():
            return choice, False
        from webapp.chains.solving import proof

        self.needed_cp_sat = True
        ask: Question = proof.heavier if question == "heavier" else proof.first
        try:
            return ask(self.path, self.prices, self.bound, choice, self.deadline.left)
        except proof.TooLarge:
            return None


def _fewest(path: Path) -> Choice:
    """The chain of only those slots that may not stay empty."""
    return tuple(0 if must else None for must in path.must)
