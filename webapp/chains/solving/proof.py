"""What the search leaves open, settled by CP-SAT: in what the best chain loses against the bound on all chains."""

from collections import defaultdict
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from webapp.chains.solving.path import FORBIDDEN, NO_BUCKET, NO_ITEM, Bounds, Choice, Option, Path, Prices

MOST_ARCS = 10_000
SEED = 1


class TooLarge(Exception):
    """More than CP-SAT could read within the time a person waits."""


@dataclass
class _Model:
    """Arcs from (slot, place) to the next, those only through which a chain could weigh enough.

    A chain weighs what the bound allows, less the loss of its arcs, less the charge for what it leaves unused:
    small numbers, whatever the weights are.
    """

    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    chosen: list[list[tuple[cp_model.IntVar, int | None, Option | None]]] = field(default_factory=list)
    losses: list[tuple[cp_model.IntVar, int]] = field(default_factory=list)
    unused: int = 0

    @property
    def loss(self) -> cp_model.LinearExpr | int:
        variables, sizes = [one for one, _ in self.losses], [size for _, size in self.losses]
        return cp_model.LinearExpr.weighted_sum(variables, sizes) + self.unused


def heavier(path: Path, prices: Prices, bound: Bounds, known: Choice, seconds: float) -> tuple[Choice, bool]:
    """The heaviest chain, and whether that is proven; `known` is the best so far. Raises `TooLarge`."""
    slack = bound.most - path.weigh(known) - 1
    if slack < 0:
        return known, True
    built = _build(path, prices, bound, slack)
    built.model.add(built.loss <= slack)
    built.model.minimize(built.loss)
    solver = _solver(seconds)
    status = solver.solve(built.model)
    if status == cp_model.INFEASIBLE:
        return known, True
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return _read(built, solver), status == cp_model.OPTIMAL
    return known, False


def first(path: Path, prices: Prices, bound: Bounds, best: Choice, seconds: float) -> tuple[Choice, bool]:
    """Of all chains that weigh as much as `best`, the most, the first in order, and whether that is proven."""
    slack = bound.most - path.weigh(best)
    built = _build(path, prices, bound, slack)
    built.model.add(built.loss == slack)
    solver, choice = _solver(seconds), best
    for row in built.chosen:
        behind_all = max((option.order for _, _, option in row if option is not None), default=0) + 1
        orders = [behind_all if option is None else option.order for _, _, option in row]
        place = cp_model.LinearExpr.weighted_sum([variable for variable, _, _ in row], orders)
        built.model.minimize(place)
        solver.parameters.max_time_in_seconds = max(0.0, seconds)
        status = solver.solve(built.model)
        seconds -= solver.wall_time
        if status != cp_model.OPTIMAL:
            return choice, False
        choice = _read(built, solver)
        built.model.add(place == round(solver.objective_value))
    return choice, True


def _build(path: Path, prices: Prices, bound: Bounds, slack: int) -> _Model:
    built, model = _Model(), cp_model.CpModel()
    built.model = model
    before, least = bound.before(path), bound.most - slack
    arriving: dict[int, list[cp_model.IntVar]] = {path.start: []}
    items: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    money: defaultdict[int, list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
    arcs = 0
    for slot, layer in enumerate(path.layers):
        after, reached = bound.after[slot + 1], before[slot]
        following: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        row: list[tuple[cp_model.IntVar, int | None, Option | None]] = []
        for last, inward in arriving.items():
            outward = []
            moves = [(number, option, int(path.steps[last, option.last])) for number, option in enumerate(layer)]
            ways = [
                (number, option, step + int(bound.charged[slot][number]) + int(after[option.last]), option.last)
                for number, option, step in moves
                if step > FORBIDDEN
            ]
            every: list[tuple[int | None, Option | None, int, int]] = [*ways]
            if not path.must[slot]:
                every.append((None, None, int(after[last]), last))
            for number, option, most, now in every:
                if int(reached[last]) + most + bound.refund < least:
                    continue
                arcs += 1
                if arcs > MOST_ARCS:
                    raise TooLarge
                variable = model.new_bool_var("")
                outward.append(variable)
                following[now].append(variable)
                row.append((variable, number, option))
                if loss := int(bound.after[slot][last]) - most:
                    built.losses.append((variable, loss))
                if option is not None and option.item != NO_ITEM:
                    items[option.item].append(variable)
                if option is not None and option.bucket != NO_BUCKET:
                    money[option.bucket].append((variable, option.cost))
            model.add(sum(outward) == (sum(inward) if slot else 1))
        built.chosen.append(row)
        arriving = following
    for variables in items.values():
        model.add_at_most_one(variables)
    for item in range(path.items):
        _charge_unused(built, int(prices.items[item]), 1, [(one, 1) for one in items.get(item, [])])
    for bucket, limit in enumerate(path.limits):
        spent = money.get(bucket, [])
        model.add(cp_model.LinearExpr.weighted_sum([one for one, _ in spent], [cost for _, cost in spent]) <= limit)
        _charge_unused(built, int(prices.buckets[bucket]), limit, spent)
    return built


def _charge_unused(built: _Model, price: int, limit: int, uses: list[tuple[cp_model.IntVar, int]]) -> None:
    if price:
        built.unused += price * limit
        built.losses += [(variable, -price * amount) for variable, amount in uses]


def _read(built: _Model, solver: cp_model.CpSolver) -> Choice:
    return tuple(next(number for one, number, _ in row if solver.boolean_value(one)) for row in built.chosen)


def _solver(seconds: float) -> cp_model.CpSolver:
    """One worker and a fixed seed: the same model gives the same answer."""
    solver = cp_model.CpSolver()
    # The presolve of OR-Tools 9.15 calls chains optimal that are not (or-tools #5293, tests/chains/test_proof.py).
    solver.parameters.cp_model_presolve = False
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    solver.parameters.max_time_in_seconds = max(0.0, seconds)
    return solver
