"""Budgets as the solver sees them: which offers a slot can pay for, and which limits could bind at all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import gcd

from webapp.chains.solving.path import NO_BUCKET
from webapp.chains.solving.values import BudgetKey, Budgets

# A slot's number, whose money, and cents.
Spending = tuple[int, BudgetKey, int]


@dataclass(frozen=True)
class Purse:
    """What is left after the pinned loans. `limits` are in units of `units[bucket]` cents.

    Only budgets that all loans of the chain together could exceed are buckets; `left` has them all.
    """

    left: Mapping[BudgetKey, int]
    buckets: Mapping[BudgetKey, int]
    units: tuple[int, ...]
    limits: tuple[int, ...]

    def pays(self, key: BudgetKey, cost: int) -> bool:
        """Whether there is enough for this loan alone."""
        return cost <= 0 or key not in self.left or cost <= self.left[key]

    def charge(self, key: BudgetKey, cost: int) -> tuple[int, int]:
        """The bucket of such a loan and its cost in the bucket's units."""
        bucket = self.buckets.get(key, NO_BUCKET) if cost > 0 else NO_BUCKET
        return (bucket, cost // self.units[bucket]) if bucket != NO_BUCKET else (NO_BUCKET, 0)


def purse(budgets: Budgets | None, pinned: Iterable[Spending], offered: Iterable[Spending]) -> Purse:
    """The purse of a chain; None: budgets are not respected."""
    left = dict(budgets or {})
    for _, key, cost in pinned:
        if key in left:
            left[key] -= cost
    left = {key: max(0, cents) for key, cents in left.items()}
    dearest: defaultdict[BudgetKey, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    costs: defaultdict[BudgetKey, set[int]] = defaultdict(set)
    for number, key, cost in offered:
        if 0 < cost <= left.get(key, -1):
            dearest[key][number] = max(dearest[key][number], cost)
            costs[key].add(cost)
    binding = [key for key, per_slot in dearest.items() if sum(per_slot.values()) > left[key]]
    binding.sort(key=lambda key: (key.fleet, key.year, key.quarter))
    units = tuple(gcd(*costs[key]) for key in binding)
    limits = tuple(left[key] // unit for key, unit in zip(binding, units, strict=True))
    return Purse(left, {key: bucket for bucket, key in enumerate(binding)}, units, limits)
