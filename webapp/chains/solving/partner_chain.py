"""The best chain of vehicles for one partner (chains.md, section 4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np

from webapp.chains.solving import objective, prices
from webapp.chains.solving.money import Purse, purse
from webapp.chains.solving.path import NO_BUCKET, NO_ITEM, Choice, Option, Path, Scale
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.solver import Limits, begin, solve
from webapp.chains.solving.values import (
    Budgets,
    Chain,
    Pick,
    PinRefused,
    Unfilled,
    VehicleOffer,
    Work,
    budget_key,
    numbered,
    status_of,
)

Model = tuple[str, str]


@dataclass(frozen=True)
class Candidate:
    """An offer in one slot, with its points, and what it costs there."""

    offer: VehicleOffer
    points: int
    cost: int = 0
    bucket: int = NO_BUCKET

    @property
    def model(self) -> Model:
        """What a chain has once."""
        return self.offer.make, self.offer.model

    @property
    def merit(self) -> tuple[int, int, int, str]:
        """Sorted by this, the better comes first (chain_objective's order, for one slot)."""
        return -self.points, -_rate(self.offer), -_idle(self.offer), self.offer.vin

    def spends_no_more(self, other: "Candidate") -> bool:
        """Whether it can take the other's place whatever the rest of the chain spends."""
        return self.bucket == NO_BUCKET or (self.bucket == other.bucket and self.cost <= other.cost)


def best_partner_chain(
    slots: Sequence[Slot],
    offers: Iterable[VehicleOffer],
    *,
    wishes: objective.Wishes | None = None,
    budgets: Budgets | None = None,
    pinned: Mapping[int, VehicleOffer] | None = None,
    excluded: Mapping[str, int] | None = None,
    limits: Limits | None = None,
) -> Chain[VehicleOffer]:
    """The best chain: most slots filled, then the objective, then the ties, as `objective` orders them.

    `pinned` maps a slot's index to what a person chose there: it stays, and neither its VIN nor its model is
    suggested again. `budgets` None: not respected. `excluded` is passed on. Raises `PinRefused`.
    """
    limits = limits or Limits()
    deadline = begin(limits)
    wishes, pins = wishes or objective.Wishes(), dict(pinned or {})
    ordered = sorted(slots, key=lambda slot: (slot.period, slot.index))
    _refuse_pins(numbered(slots), pins)
    free = _suggestible(offers, wishes, pins.values())
    purse_ = _purse(ordered, free, budgets, pins)
    layers = [_candidates(slot, free, wishes, purse_, pins) for slot in ordered]
    reduced = [
        layer if slot.index in pins else undominated(layer, len(ordered))
        for slot, layer in zip(ordered, layers, strict=True)
    ]
    path, penalty = _path(ordered, reduced, purse_, pins)
    price, hints = prices.from_linear_program(path, penalty)
    solved = solve(path, price, limits, deadline, hints)
    blocked = _never_affordable(ordered, free, purse_)
    return _chain(
        ordered,
        free,
        reduced,
        solved.choice,
        purse_,
        pins,
        solved.is_proven,
        blocked,
        excluded or {},
        Work(solved.looked_at, sum(map(len, reduced)), solved.needed_cp_sat),
    )


def undominated(candidates: Sequence[Candidate], slots: int) -> list[Candidate]:
    """Those candidates of a slot that the best chain of so many slots could need, best first.

    A candidate can be replaced by a better one that spends no more if that one's model is not used elsewhere in
    the chain and its make brings no new pair. The other slots use at most `slots - 1` models, and at most two of
    their makes are beside this slot. So it is left out where there are (1) one better of its own model, (2)
    `slots` better models of its own make, or (3) `slots` better models besides the two makes that have most.
    """
    kept: list[Candidate] = []
    cheapest: dict[tuple[Model, int], int] = {}
    anyones: defaultdict[str, int] = defaultdict(int)
    for one in sorted(candidates, key=lambda candidate: candidate.merit):
        # Most are left out for the first reason, so that is asked first.
        if (one.model, NO_BUCKET) in cheapest or cheapest.get((one.model, one.bucket), one.cost + 1) <= one.cost:
            continue
        better: defaultdict[str, set[Model]] = defaultdict(set)
        for other in kept:
            if other.spends_no_more(one):
                better[other.offer.make].add(other.model)
        mine = better.get(one.offer.make, set())
        besides = sorted((len(models) for models in better.values()), reverse=True)[2:]
        if len(mine) < slots and sum(besides) < slots:
            kept.append(one)
            cheapest[one.model, one.bucket] = one.cost
            anyones[one.offer.make] += one.bucket == NO_BUCKET
            if sum(sorted(anyones.values(), reverse=True)[2:]) >= slots:
                # Whoever comes now can be replaced for the third reason.
                break
    return kept


def _suggestible(
    offers: Iterable[VehicleOffer], wishes: objective.Wishes, pins: Iterable[VehicleOffer]
) -> list[VehicleOffer]:
    pinned = list(pins)
    vins, models = {pin.vin for pin in pinned}, {(pin.make, pin.model) for pin in pinned}
    return [
        offer
        for offer in offers
        if wishes.allow(offer.make, offer.model) and offer.vin not in vins and (offer.make, offer.model) not in models
    ]


def _purse(
    slots: Sequence[Slot], free: Sequence[VehicleOffer], budgets: Budgets | None, pins: Mapping[int, VehicleOffer]
) -> Purse:
    if not budgets:
        return purse(None, (), ())
    spent = [
        (number, budget_key(pins[slot.index].fleet, slot.period.start_day), pins[slot.index].cost)
        for number, slot in enumerate(slots)
        if slot.index in pins
    ]
    offered = [
        (number, budget_key(offer.fleet, slot.period.start_day), offer.cost)
        for number, slot in enumerate(slots)
        if slot.index not in pins
        for offer in free
        if slot.index in offer.free_in
    ]
    return purse(budgets, spent, offered)


def _candidates(
    slot: Slot, free: Sequence[VehicleOffer], wishes: objective.Wishes, money: Purse, pins: Mapping[int, VehicleOffer]
) -> list[Candidate]:
    if slot.index in pins:
        return [Candidate(pins[slot.index], _points(pins[slot.index], wishes))]
    found = []
    for offer in free:
        if slot.index not in offer.free_in:
            continue
        cost, bucket = 0, NO_BUCKET
        if money.left:
            key = budget_key(offer.fleet, slot.period.start_day)
            if not money.pays(key, offer.cost):
                continue
            bucket, cost = money.charge(key, offer.cost)
        found.append(Candidate(offer, _points(offer, wishes), cost, bucket))
    return found


def _path(
    slots: Sequence[Slot], layers: Sequence[Sequence[Candidate]], money: Purse, pins: Mapping[int, VehicleOffer]
) -> tuple[Path, int]:
    """The path, and what a pair of the same make costs in its weights."""
    every = [one for layer in layers for one in layer]
    unit = gcd(objective.SAME_MAKE, *(one.points for one in every))
    most_points = max((one.points for one in every), default=0) + objective.SAME_MAKE
    scale = Scale(
        tuple(
            len(slots) * most
            for most in (
                most_points // unit,
                max((_rate(one.offer) for one in every), default=0),
                max((_idle(one.offer) for one in every), default=0),
            )
        )
    )
    makes = {make: place for place, make in enumerate(sorted({one.offer.make for one in every}))}
    models = {model: item for item, model in enumerate(sorted({one.model for one in every}))}
    orders = {vin: order for order, vin in enumerate(sorted({one.offer.vin for one in every}))}

    def option(one: Candidate, is_pinned: bool) -> Option:
        weight = scale.pack(1, one.points // unit, _rate(one.offer), _idle(one.offer))
        item = NO_ITEM if is_pinned else models[one.model]
        return Option(weight, item, makes[one.offer.make], orders[one.offer.vin], one.cost, one.bucket)

    steps = np.zeros((len(makes) + 1, len(makes) + 1), dtype=np.int64)
    penalty = objective.SAME_MAKE // unit * scale.point
    np.fill_diagonal(steps, -penalty)
    must = tuple(slot.index in pins for slot in slots)
    options = tuple(tuple(option(one, is_pin) for one in layer) for layer, is_pin in zip(layers, must, strict=True))
    return Path(options, must, steps, len(makes), len(models), money.limits), penalty


def _chain(
    slots: Sequence[Slot],
    free: Sequence[VehicleOffer],
    layers: Sequence[Sequence[Candidate]],
    choice: Choice,
    money: Purse,
    pins: Mapping[int, VehicleOffer],
    is_proven: bool,
    blocked: int,
    excluded: Mapping[str, int],
    work: Work,
) -> Chain[VehicleOffer]:
    filled = [
        (slot, layer[number]) for slot, layer, number in zip(slots, layers, choice, strict=True) if number is not None
    ]
    picks = tuple(Pick(slot, one.offer, slot.index in pins) for slot, one in filled)
    total = objective.partner_objective([one.points for _, one in filled], [one.offer.make for _, one in filled])
    counts = dict(excluded)
    if blocked:
        counts["over_budget"] = counts.get("over_budget", 0) + blocked
    status = status_of(filled=len(filled), asked=len(slots), is_proven=is_proven, is_budget_blocked=bool(blocked))
    spent = _spent(filled)
    models = {one.model for _, one in filled}
    empty = tuple(
        _why_empty(slot, free, money, models, spent)
        for slot, number in zip(slots, choice, strict=True)
        if number is None
    )
    return Chain(status, total, picks, empty, counts, work=work)


def _spent(filled: Iterable[tuple[Slot, Candidate]]) -> dict[int, int]:
    spent: defaultdict[int, int] = defaultdict(int)
    for _, one in filled:
        spent[one.bucket] += one.cost
    return spent


def _why_empty(
    slot: Slot, free: Sequence[VehicleOffer], money: Purse, models: set[Model], spent: Mapping[int, int]
) -> Unfilled:
    here = [offer for offer in free if slot.index in offer.free_in]
    if not here:
        return Unfilled(slot, "no_candidate", "No vehicle that this partner may have is free on these days.")
    unused = [offer for offer in here if (offer.make, offer.model) not in models]
    if not unused:
        return Unfilled(slot, "used", "Every model that is free on these days is in this chain already.")
    for offer in unused:
        key = budget_key(offer.fleet, slot.period.start_day)
        bucket, cost = money.charge(key, offer.cost)
        left = money.limits[bucket] - spent.get(bucket, 0) if bucket != NO_BUCKET else cost
        if money.pays(key, offer.cost) and cost <= left:
            # Only where the search was stopped before its end.
            return Unfilled(slot, "together", "No vehicle was found for these days beside the rest of the chain.")
    return Unfilled(slot, "over_budget", "Every vehicle that is free on these days is over its budget.")


def _never_affordable(slots: Sequence[Slot], free: Sequence[VehicleOffer], money: Purse) -> int:
    """How many vehicles are free in some slot, and too dear in every one of those."""
    if not money.left:
        return 0
    count = 0
    for offer in free:
        days = [slot.period.start_day for slot in slots if slot.index in offer.free_in]
        count += bool(days) and not any(money.pays(budget_key(offer.fleet, day), offer.cost) for day in days)
    return count


def _refuse_pins(known: Mapping[int, int], pins: Mapping[int, VehicleOffer]) -> None:
    held: dict[str, int] = {}
    for index in sorted(pins):
        if index not in known:
            raise PinRefused("unknown", f"There is no loan {index} in this chain.", (index,))
        offer = pins[index]
        if offer.vin in held:
            name = f"{offer.make} {offer.model} …{offer.vin[-8:]}"
            text = f"{name} is picked for loan {held[offer.vin]} and for loan {index}; a chain has a vehicle once."
            raise PinRefused("picked_twice", text, (held[offer.vin], index))
        held[offer.vin] = index


def _points(offer: VehicleOffer, wishes: objective.Wishes) -> int:
    preferred = wishes.prefer(offer.make, offer.model)
    return objective.loan_points(offer.rank, is_home=offer.is_home, is_preferred=preferred)


def _rate(offer: VehicleOffer) -> int:
    return max(0, min(offer.publication_rate, objective.MOST_RATE))


def _idle(offer: VehicleOffer) -> int:
    return max(0, min(offer.idle_days, objective.MOST_IDLE_DAYS))
