"""The best chain, exactly and with proof: bounds by prices, a search, and CP-SAT for what the search leaves open.

Why not CP-SAT alone: docs/chain-solver.md.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.chains import proof
from webapp.chains.path import Bounds, Choice, Path, Prices, bounds, narrowed
from webapp.chains.search import GaveUp, Search

Question = Callable[[Path, Prices, Bounds, Choice, float], tuple[Choice, bool]]


@dataclass(frozen=True)
class Limits:
    """`seconds` for everything, `room`: partial chains a search may look at before CP-SAT takes over."""

    seconds: float = 2.0
    room: int = 4000


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


def dive(path: Path, prices: Prices, bound: Bounds, hints: Choice | None = None) -> Choice:
    """A good chain at once: whatever the bounds promise most for, slot by slot."""
    search = Search(path, prices, bound, room=len(path.layers) + 1)
    try:
        return search.heaviest(_fewest(path), hints)
    except GaveUp:
        assert search.choice is not None
        return search.choice


def solve(path: Path, prices: Prices, limits: Limits, deadline: Deadline, hints: Choice | None = None) -> Solved:
    """The heaviest chain; of several, the first in order. Without a proof when the limits are reached."""
    bound = bounds(path, prices)
    known = dive(path, prices, bound, hints)
    search = Search(path, prices, bound, limits.room, deadline.is_over)
    is_proven, needed_cp_sat = True, False
    try:
        choice = search.heaviest(known, hints)
    except GaveUp:
        assert search.choice is not None
        choice, needed_cp_sat = search.choice, True
        choice, is_proven = _settle(proof.heavier, path, prices, bound, choice, deadline)
    if not is_proven:
        return Solved(choice, False, search.looked_at, needed_cp_sat)
    return _first(path, prices, bound, choice, limits, deadline, search.looked_at, needed_cp_sat)


def _first(
    path: Path,
    prices: Prices,
    bound: Bounds,
    best: Choice,
    limits: Limits,
    deadline: Deadline,
    looked_at: int,
    needed_cp_sat: bool,
) -> Solved:
    weight = path.weigh(best)
    tight, places = narrowed(path, bound.through(path), weight)
    tight_bound = bounds(tight, prices)
    search = Search(tight, prices, tight_bound, limits.room, deadline.is_over)
    is_proven = True
    try:
        choice = search.first(weight)
    except GaveUp:
        needed_cp_sat = True
        same = tuple(None if one is None else rows.index(one) for one, rows in zip(best, places, strict=True))
        choice, is_proven = _settle(proof.first, tight, prices, tight_bound, same, deadline)
    found = tuple(None if one is None else rows[one] for one, rows in zip(choice, places, strict=True))
    return Solved(found, is_proven, looked_at + search.looked_at, needed_cp_sat)


def _settle(
    question: Question, path: Path, prices: Prices, bound: Bounds, choice: Choice, deadline: Deadline
) -> tuple[Choice, bool]:
    if deadline.is_over():
        return choice, False
    try:
        return question(path, prices, bound, choice, deadline.left)
    except proof.TooLarge:
        return choice, False


def _fewest(path: Path) -> Choice:
    """The chain of only those slots that may not stay empty."""
    return tuple(0 if must else None for must in path.must)
