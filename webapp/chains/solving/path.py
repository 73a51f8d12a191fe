"""A chain as a path through layers: one layer per slot, one option per loan that could fill it.

What both kinds of chain have in common, in whole numbers: options weigh something, steps from one filled slot to
the next cost something or are forbidden, every item may be used once, and money has limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
# Far below every weight, and far enough from the end of 64 bits that a few of them can be added.
FORBIDDEN = -(2**58)
NO_ITEM = NO_BUCKET = -1
# An option's place in its layer, per layer; None: the slot stays empty.
Choice = tuple[int | None, ...]


@dataclass(frozen=True)
class Option:
    """A loan that could fill a slot. `weight` holds all of the objective's lines but the last, see `Scale`.

    `item` is used up by it (`NO_ITEM`: nothing), `last` is where the chain stands after it (a make, a partner),
    `order` decides between chains of equal weight: the smaller, slot by slot. `cost` counts against `bucket`.
    """

    weight: int
    item: int
    last: int
    order: int
    cost: int = 0
    bucket: int = NO_BUCKET


@dataclass(frozen=True)
class Columns:
    """A layer, column by column."""

    weights: Numbers
    items: NDArray[np.intp]
    lasts: NDArray[np.intp]
    costs: Numbers
    buckets: NDArray[np.intp]


@dataclass(frozen=True)
class Path:
    """`steps[one, other]` is added between filled slots that leave the chain at `one` and then `other`.

    `start` is where the chain stands before its first slot, `must` says which slots may not stay empty,
    `limits` is the money of each bucket.
    """

    layers: tuple[tuple[Option, ...], ...]
    must: tuple[bool, ...]
    steps: Numbers
    start: int
    items: int
    limits: tuple[int, ...] = ()

    @cached_property
    def columns(self) -> tuple[Columns, ...]:
        """The layers as columns, for reckoning with all options at once."""
        return tuple(
            Columns(
                np.array([one.weight for one in layer], dtype=np.int64),
                np.array([one.item for one in layer], dtype=np.intp),
                np.array([one.last for one in layer], dtype=np.intp),
                np.array([one.cost for one in layer], dtype=np.int64),
                np.array([one.bucket for one in layer], dtype=np.intp),
            )
            for layer in self.layers
        )

    def weigh(self, choice: Choice) -> int:
        """The weight of a chain, options and steps together."""
        total, last = 0, self.start
        for layer, number in zip(self.layers, choice, strict=True):
            if number is not None:
                option = layer[number]
                total += option.weight + int(self.steps[last, option.last])
                last = option.last
        return total


@dataclass(frozen=True)
class Scale:
    """Several sums in one whole number, the first counting most, so that comparing it compares them in turn.

    `most` is, per sum but the first, how far two chains can lie apart.
    """

    most: tuple[int, ...]

    def pack(self, *sums: int) -> int:
        """One number out of one sum each."""
        number = sums[0]
        for size, one in zip(self.most, sums[1:], strict=True):
            number = number * (size + 1) + one
        return number

    @property
    def point(self) -> int:
        """What one point of the second sum is worth."""
        number = 1
        for size in self.most[1:]:
            number *= size + 1
        return number


@dataclass(frozen=True)
class Prices:
    """What using an item, or a unit of a bucket's money, is charged; never negative.

    Charged so that a chain which uses things twice is not worth it (Lagrange multipliers). Any prices give true
    bounds, good ones give tight bounds.
    """

    items: Numbers
    buckets: Numbers

    @classmethod
    def free(cls, path: Path) -> "Prices":
        """No prices."""
        return cls(np.zeros(path.items, dtype=np.int64), np.zeros(len(path.limits), dtype=np.int64))

    def of(self, option: Option) -> int:
        """What using `option` is charged."""
        item = int(self.items[option.item]) if option.item != NO_ITEM else 0
        return item + (int(self.buckets[option.bucket]) * option.cost if option.bucket != NO_BUCKET else 0)


@dataclass(frozen=True)
class Bounds:
    """No chain weighs more than this allows.

    `after[slot][last]`: the most that the slots from `slot` on can add, less what they are charged, where the
    chain stands at `last`. `refund`: all that can be charged without using anything twice or too much.
    """

    charged: tuple[Numbers, ...]
    lasts: tuple[NDArray[np.intp], ...]
    after: tuple[Numbers, ...]
    refund: int
    start: int

    @property
    def most(self) -> int:
        """The bound on every chain."""
        return int(self.after[0][self.start]) + self.refund

    def before(self, path: Path) -> list[Numbers]:
        """Per slot and place: the most that the slots before can have added, less what they are charged."""
        reached = np.full(len(path.steps), FORBIDDEN, dtype=np.int64)
        reached[path.start] = 0
        found = [reached]
        for slot, layer in enumerate(path.layers):
            following = np.full_like(reached, FORBIDDEN) if path.must[slot] else reached.copy()
            if layer:
                arriving = (reached[:, None] + path.steps[:, self.lasts[slot]]).max(axis=0) + self.charged[slot]
                np.maximum.at(following, self.lasts[slot], arriving)
            reached = np.maximum(following, FORBIDDEN)
            found.append(reached)
        return found

    def through(self, path: Path) -> list[Numbers]:
        """Per slot and option: the bound on every chain that uses it."""
        found = []
        for slot, reached in enumerate(self.before(path)[:-1]):
            lasts = self.lasts[slot]
            if not len(lasts):
                found.append(np.zeros(0, dtype=np.int64))
                continue
            arriving = (reached[:, None] + path.steps[:, lasts]).max(axis=0)
            found.append(arriving + self.charged[slot] + self.after[slot + 1][lasts] + self.refund)
        return found


def bounds(path: Path, prices: Prices) -> Bounds:
    """Bounds by dynamic programming backwards over the slots, letting items be used twice, but at their price."""
    # NO_ITEM and NO_BUCKET, which are -1, find the nothing at the end.
    items, buckets = np.append(prices.items, 0), np.append(prices.buckets, 0)
    charged = tuple(row.weights - items[row.items] - buckets[row.buckets] * row.costs for row in path.columns)
    lasts = tuple(row.lasts for row in path.columns)
    rest = np.zeros(len(path.steps), dtype=np.int64)
    after = [rest]
    for slot in reversed(range(len(path.layers))):
        empty = np.full_like(rest, FORBIDDEN) if path.must[slot] else rest
        if path.layers[slot]:
            filled = (path.steps[:, lasts[slot]] + (charged[slot] + rest[lasts[slot]])[None, :]).max(axis=1)
            rest = np.maximum(np.maximum(empty, filled), FORBIDDEN)
        else:
            rest = empty
        after.append(rest)
    limits = np.array(path.limits, dtype=np.int64)
    refund = int(prices.items.sum()) + int((prices.buckets * limits).sum())
    return Bounds(charged, lasts, tuple(reversed(after)), refund, path.start)


def narrowed(path: Path, found: Sequence[Numbers], least: int) -> tuple[Path, list[list[int]]]:
    """The path with only those options through which a chain could weigh `least`, and their former places."""
    kept = [[number for number, most in enumerate(layer.tolist()) if most >= least] for layer in found]
    layers = tuple(tuple(layer[n] for n in numbers) for layer, numbers in zip(path.layers, kept, strict=True))
    return Path(layers, path.must, path.steps, path.start, path.items, path.limits), kept
