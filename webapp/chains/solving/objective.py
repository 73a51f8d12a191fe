"""What makes one chain better than another: the sums of chains.md, sections 4 and 5, in whole numbers.

A chain is better than another when it comes first in this order, and each line counts only where all lines
before it are equal:

1. more loans placed;
2. a greater `objective`;
3. a greater sum of publication rates (of the make for this partner; on a vehicle chain, of the partner);
4. a greater sum of idle days (since the vehicle, or on a vehicle chain the partner, last had a loan);
5. slot by slot from the first, the smaller VIN (on a vehicle chain, person id); an empty slot comes after any.

Lines 3 to 5 only break ties and are never part of `objective`. No two chains are equal in all five, so the
answer does not depend on the order of the input, the process, or how it is searched.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

RANKS = {"A+": 1000, "A": 700, "B": 400, "C": 100, "D": 50}
HOME, PREFERRED, SAME_MAKE = 100, 800, 150
# Rates are per mille; idle days end at 999, which is also "never out".
MOST_RATE, MOST_IDLE_DAYS = 1000, 999
# Section 5 in thousandths of a point: 0.3 x quality (in tenths), 0.7 x $2 x miles (in tenths).
THOUSANDTHS = 1000
QUALITY_TENTH, TENTH_MILE = 30, 140


@dataclass(frozen=True)
class Wishes:
    """What a person asks for: only these makes (none: all), and models, as (make, model), to be preferred.

    `is_strict`: nothing but the preferred models.
    """

    makes: frozenset[str] = frozenset()
    models: frozenset[tuple[str, str]] = frozenset()
    is_strict: bool = False

    def allow(self, make: str, model: str) -> bool:
        """Whether such a vehicle may be suggested at all."""
        if self.makes and make not in self.makes:
            return False
        return not self.is_strict or not self.models or (make, model) in self.models

    def prefer(self, make: str, model: str) -> bool:
        """Whether the model is one of the preferred."""
        return (make, model) in self.models


def rank_points(rank: str | None) -> int:
    """Points of a rank; 0 for Pending, and where there is no approval (a person may pick such a loan by hand)."""
    return RANKS.get(rank or "", 0)


def loan_points(rank: str | None, *, is_home: bool, is_preferred: bool) -> int:
    """Points of one loan of a partner chain.

    `is_home`: the vehicle's office is the partner's office, or in the partner's default loan region.
    """
    return rank_points(rank) + HOME * is_home + PREFERRED * is_preferred


def is_home(vehicle_office: str, partner_offices: Collection[str]) -> bool:
    """Whether the vehicle stands at one of `partner_offices`: the partner's own, and those of its loan region."""
    return vehicle_office in partner_offices


def partner_objective(points: Sequence[int], makes: Sequence[str]) -> int:
    """The objective of a partner chain: points and makes of its filled slots, in order of days."""
    return sum(points) - SAME_MAKE * sum(one == other for one, other in pairwise(makes))


def quality_tenths(rank: str | None, publication_rate: int) -> int:
    """How good a partner is for a vehicle, in tenths of a point: the rank's points, and one for each percent.

    `publication_rate` is per mille, 0 where it is not known.
    """
    return 10 * rank_points(rank) + min(publication_rate, MOST_RATE)


def vehicle_objective(qualities: Sequence[int], tenth_miles: Sequence[int]) -> int:
    """The objective of a vehicle chain, in thousandths of a point: qualities and hops in tenths."""
    return QUALITY_TENTH * sum(qualities) - TENTH_MILE * sum(tenth_miles)
