"""Good prices for what a chain may use only once: from a linear program, or by bidding up what is used twice."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from webapp.chains.solving.path import FORBIDDEN, NO_BUCKET, NO_ITEM, Bounds, Choice, Path, Prices, bounds

if TYPE_CHECKING:
    from ortools.linear_solver import pywraplp

# Our weights have up to 14 digits; scaled costs would lose the last of them, which break ties.
# Rounds without a better bound before bids get smaller.
PATIENCE = 4
GLOP = "cost_scaling: NO_COST_SCALING random_seed: 1"


def from_linear_program(path: Path, penalty: int) -> tuple[Prices, Choice]:
    """Prices where a step costs `penalty` between equal places, else nothing; and the chain it leans to.

    The chain may use things twice: it is a hint, not an answer. On this problem the linear relaxation is almost
    always whole, so the prices are almost always perfect.
    """
    # Loaded by whoever solves: what only serves starts without it.
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.SetSolverSpecificParametersAsString(GLOP)
    most, goal = solver.infinity(), solver.Objective()
    items: dict[int, pywraplp.Constraint] = {}
    buckets = [solver.Constraint(-most, float(limit)) for limit in path.limits]
    variables: list[list[pywraplp.Variable]] = []
    before: dict[int, list[pywraplp.Variable]] = {}
    for layer in path.layers:
        once, places, row = solver.Constraint(-most, 1), dict[int, list[pywraplp.Variable]](), []
        for option in layer:
            variable = solver.NumVar(0, most, "")
            row.append(variable)
            goal.SetCoefficient(variable, float(option.weight))
            once.SetCoefficient(variable, 1)
            places.setdefault(option.last, []).append(variable)
            if option.item != NO_ITEM:
                if option.item not in items:
                    items[option.item] = solver.Constraint(-most, 1)
                items[option.item].SetCoefficient(variable, 1)
            if option.bucket != NO_BUCKET:
                buckets[option.bucket].SetCoefficient(variable, float(option.cost))
        _charge_equal_places(solver, goal, before, places, penalty)
        variables.append(row)
        before = places or before
    goal.SetMaximization()
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return Prices.free(path), (None,) * len(path.layers)
    prices = Prices.free(path)
    for item, constraint in items.items():
        prices.items[item] = max(0, round(constraint.dual_value()))
    for bucket, constraint in enumerate(buckets):
        prices.buckets[bucket] = max(0, round(constraint.dual_value()))
    return prices, tuple(_leaning(row) for row in variables)


def _charge_equal_places(
    solver: "pywraplp.Solver",
    goal: "pywraplp.Objective",
    before: "dict[int, list[pywraplp.Variable]]",
    after: "dict[int, list[pywraplp.Variable]]",
    penalty: int,
) -> None:
    """The penalty is at least what both slots together have of one place beyond a whole."""
    shared = before.keys() & after.keys()
    if not shared:
        return
    equal = solver.NumVar(0, solver.infinity(), "")
    goal.SetCoefficient(equal, -float(penalty))
    for place in sorted(shared):
        constraint = solver.Constraint(-solver.infinity(), 1)
        constraint.SetCoefficient(equal, -1)
        for variable in (*before[place], *after[place]):
            constraint.SetCoefficient(variable, 1)


def _leaning(row: "list[pywraplp.Variable]") -> int | None:
    if not row:
        return None
    values = [variable.solution_value() for variable in row]
    number = max(range(len(values)), key=values.__getitem__)
    return number if values[number] > 0.4 else None


def by_bidding(path: Path, known: int, rounds: int) -> Prices:
    """Prices by a subgradient: what the best path uses twice gets dearer, what it leaves gets cheaper.

    `known` is the weight of a chain that is known; the closer it is to the best, the larger the right steps.
    """
    prices = best = Prices.free(path)
    least, stride, waited = None, 1.0, 0
    items, buckets = prices.items.astype(np.float64), prices.buckets.astype(np.float64)
    for _ in range(rounds):
        found = bounds(path, prices)
        if least is None or found.most < least:
            least, best, waited = found.most, prices, 0
        else:
            waited += 1
        if waited == PATIENCE:
            stride, waited = stride / 2, 0
        if least <= known:
            break
        excess, money = _excess(path, _best_path(path, found))
        # What is free already cannot get cheaper; counting it would only shorten the step.
        excess[(excess < 0) & (items <= 0)] = 0
        money[(money < 0) & (buckets <= 0)] = 0
        size = float((excess**2).sum() + (money**2).sum())
        if size == 0:
            break
        step = stride * (found.most - known) / size
        items, buckets = np.maximum(0, items + step * excess), np.maximum(0, buckets + step * money)
        prices = Prices(np.rint(items).astype(np.int64), np.rint(buckets).astype(np.int64))
    return best


def _best_path(path: Path, found: Bounds) -> Choice:
    last, choice = path.start, list[int | None]()
    for slot, layer in enumerate(path.layers):
        number = None
        if layer:
            lasts = found.lasts[slot]
            sums = path.steps[last, lasts] + found.charged[slot] + found.after[slot + 1][lasts]
            number = int(sums.argmax())
            empty = FORBIDDEN if path.must[slot] else int(found.after[slot + 1][last])
            number = number if int(sums[number]) >= empty else None
        choice.append(number)
        last = last if number is None else layer[number].last
    return tuple(choice)


def _excess(path: Path, choice: Choice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How often each item is used beyond once, and how much money beyond the limits; below zero: what is left."""
    used: Counter[int] = Counter()
    money = -np.array(path.limits, dtype=np.float64)
    for layer, number in zip(path.layers, choice, strict=True):
        if number is not None:
            used[layer[number].item] += 1
            if layer[number].bucket != NO_BUCKET:
                money[layer[number].bucket] += layer[number].cost
    excess = np.full(path.items, -1.0)
    for item, times in used.items():
        if item != NO_ITEM:
            excess[item] += times
    return excess, money
