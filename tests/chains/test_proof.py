"""CP-SAT as we ask it: a chain that OR-Tools 9.15 gets wrong unless its presolve is switched off."""

import numpy as np

from webapp.chains.solving import proof
from webapp.chains.solving.path import FORBIDDEN, NO_BUCKET, Option, Path, Prices, bounds

FAR, NEAR, NONE = -703_621_534, -584_570_602, -552_518_428
DEAR, CHEAP, BEST, GOOD = 15_764_581_921, 12_395_796_761, 15_764_581_928, 13_802_203_928


def problem(limits: tuple[int, ...] = (8,)) -> tuple[Path, Prices]:
    """Four partners, three slots, money for two loans; found by comparing with every chain there is."""
    bucket = 0 if limits else NO_BUCKET
    one = Option(DEAR, 1, 1, 0, 4, bucket)
    two, three, four = (
        Option(weight, item, item, item - 1, 3, bucket) for weight, item in ((CHEAP, 2), (BEST, 3), (GOOD, 4))
    )
    steps = np.array(
        [
            [FORBIDDEN, FAR, NEAR, NEAR, NEAR],
            [FAR, FORBIDDEN, NONE, NONE, NONE],
            [NEAR, NONE, FORBIDDEN, 0, 0],
            [NEAR, NONE, 0, FORBIDDEN, 0],
            [NEAR, NONE, 0, 0, FORBIDDEN],
        ],
        dtype=np.int64,
    )
    path = Path(((one, two), (one, three, four), (one, two, four)), (False,) * 3, steps, 0, 5, limits)
    return path, Prices(np.zeros(5, dtype=np.int64), np.array([4_113_466_607] * len(limits), dtype=np.int64))


def test_the_heaviest_chain_is_found_and_proven() -> None:
    """Empty, the third partner, the first: 2 loans, 7 of 8 units of money."""
    path, prices = problem()
    assert proof.heavier(path, prices, bounds(path, prices), (1, 1, None), 10) == ((None, 1, 0), True)


def test_what_is_the_heaviest_already_stays() -> None:
    """And is proven so."""
    path, prices = problem()
    assert proof.heavier(path, prices, bounds(path, prices), (None, 1, 0), 10) == ((None, 1, 0), True)


def test_without_time_the_chain_that_is_known_comes_back_unproven() -> None:
    """Rather than an error."""
    path, prices = problem()
    assert proof.heavier(path, prices, bounds(path, prices), (1, 1, None), 0) == ((1, 1, None), False)
