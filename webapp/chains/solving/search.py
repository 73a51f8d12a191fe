"""The exact search: slot by slot, leaving out whatever its bound says cannot win."""

from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.chains.solving.path import FORBIDDEN, NO_BUCKET, NO_ITEM, Bounds, Choice, Path, Prices

# (bound, step and weight, charge, bit of the item, bucket, cost, last, place in the layer)
Move = tuple[int, int, int, int, int, int, int, int | None]
Spent = tuple[int, ...]
ASK_EVERY = 256


class GaveUp(Exception):
    """The search was given too little room to finish."""


@dataclass
class Search:
    """A search of `path` with the help of `limits` on what can still be reached.

    `room` is how many partial chains it may look at, `is_over` says when time is up. Sums inside are less what
    was charged; `paid` is that charge.
    """

    path: Path
    prices: Prices
    bound: Bounds
    room: int
    is_over: Callable[[], bool] = lambda: False
    looked_at: int = 0
    best: int = -1
    choice: Choice | None = None
    _seen: dict[object, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        path, prices = self.path, self.prices
        self._after = [row.tolist() for row in self.bound.after]
        self._steps = path.steps.tolist()
        self._layers: list[list[tuple[int, int, int, int, int, int, int]]] = []
        self._later = [0] * (len(path.layers) + 1)
        for slot in reversed(range(len(path.layers))):
            rows, bits = [], self._later[slot + 1]
            for number, (one, charged) in enumerate(
                zip(path.layers[slot], self.bound.charged[slot].tolist(), strict=True)
            ):
                bit = 0 if one.item == NO_ITEM else 1 << one.item
                bits |= bit
                rows.append((charged, prices.of(one), bit, one.bucket, one.cost, one.last, number))
            self._layers.insert(0, rows)
            self._later[slot] = bits
        priced = [(int(price), 1 << item) for item, price in enumerate(prices.items.tolist()) if price]
        self._priced = sorted(priced, reverse=True)
        self._money = self.bound.refund - sum(price for price, _ in self._priced)

    def heaviest(self, known: Choice, hints: Choice | None = None) -> Choice:
        """The heaviest chain; `known` is one to begin with. Raises `GaveUp`; `choice` is then the best so far.

        `hints` is what the chain may look like: it need not be allowed, and only decides what is tried first.
        """
        self.choice, self.best = known, self.path.weigh(known)
        self._hints = hints or known
        if self.best < self.bound.most:
            self._seen.clear()
            self._go_up(0, self.path.start, 0, 0, 0, (0,) * len(self.path.limits), ())
        assert self.choice is not None
        return self.choice

    def first(self, weight: int) -> Choice:
        """Of all chains that weigh `weight`, the most, the first in order. Raises `GaveUp`."""
        orders = [[option.order for option in layer] for layer in self.path.layers]
        for slot, rows in enumerate(self._layers):
            rows.sort(key=lambda row, order=orders[slot]: order[row[6]])  # type: ignore[misc]
        self._seen.clear()
        found = self._go_along(weight, 0, self.path.start, 0, 0, 0, (0,) * len(self.path.limits))
        assert found is not None, "a chain of this weight was found before"
        return found

    def _go_up(self, slot: int, last: int, used: int, total: int, paid: int, spent: Spent, made: Choice) -> None:
        self._look()
        if slot == len(self._layers):
            if total + paid > self.best:
                self.best, self.choice = total + paid, made
            return
        state = (slot, last, used & self._later[slot], spent)
        if self._seen.get(state, -1) >= total + paid:
            return
        self._seen[state] = total + paid
        hint = self._hints[slot]
        moves = self._moves(slot, last, used, total, spent)
        # The slots of a chain often look alike: among equal bounds, what is known to be good goes first.
        moves.sort(key=lambda move: (-move[0], move[7] != hint))
        for bound, adds, charge, bit, bucket, cost, now, number in moves:
            if bound <= self.best:
                return
            money = _pay(spent, bucket, cost)
            self._go_up(slot + 1, now, used | bit, total + adds, paid + charge, money, (*made, number))

    def _go_along(
        self, target: int, slot: int, last: int, used: int, total: int, paid: int, spent: Spent
    ) -> Choice | None:
        self._look()
        if slot == len(self._layers):
            return () if total + paid == target else None
        state = (slot, last, used & self._later[slot], spent, total + paid)
        if state in self._seen:
            return None
        for bound, adds, charge, bit, bucket, cost, now, number in self._moves(slot, last, used, total, spent):
            if bound >= target:
                money = _pay(spent, bucket, cost)
                rest = self._go_along(target, slot + 1, now, used | bit, total + adds, paid + charge, money)
                if rest is not None:
                    return (number, *rest)
        self._seen[state] = 0
        return None

    def _moves(self, slot: int, last: int, used: int, total: int, spent: Spent) -> list[Move]:
        """What can follow, in the order of the layer, an empty slot last."""
        after, steps, limits = self._after[slot + 1], self._steps[last], self.path.limits
        refunds = self._refunds(slot, used)
        found: list[Move] = []
        for charged, charge, bit, bucket, cost, now, number in self._layers[slot]:
            if used & bit or steps[now] <= FORBIDDEN:
                continue
            if bucket != NO_BUCKET and spent[bucket] + cost > limits[bucket]:
                continue
            adds = charged + steps[now]
            sofar = total + refunds.get(bit, refunds[0])
            found.append((sofar + adds + after[now], adds, charge, bit, bucket, cost, now, number))
        if not self.path.must[slot]:
            found.append((total + refunds[0] + after[last], 0, 0, 0, NO_BUCKET, 0, last, None))
        return found

    def _refunds(self, slot: int, used: int) -> dict[int, int]:
        """What the slots after `slot` can still earn back of all charges, per item that `slot` itself may use.

        They use no item that is used already, that none of them offers, and no more items than there are slots.
        The key 0 is for every item that makes no difference.
        """
        slots, later = len(self._layers) - slot - 1, self._later[slot + 1]
        gone, spare, kept, others = self._money, 0, list[tuple[int, int]](), list[tuple[int, int]]()
        for price, bit in self._priced:
            if used & bit:
                gone += price
            elif not later & bit:
                others.append((price, bit))
            elif len(kept) < slots:
                kept.append((price, bit))
            else:
                spare = spare or price
                others.append((price, bit))
        most = gone + sum(price for price, _ in kept)
        return {0: most} | {bit: most + spare for _, bit in kept} | {bit: most + price for price, bit in others}

    def _look(self) -> None:
        self.looked_at += 1
        if self.looked_at > self.room or (self.looked_at % ASK_EVERY == 0 and self.is_over()):
            raise GaveUp


def _pay(spent: Spent, bucket: int, cost: int) -> Spent:
    if bucket == NO_BUCKET:
        return spent
    return (*spent[:bucket], spent[bucket] + cost, *spent[bucket + 1 :])
