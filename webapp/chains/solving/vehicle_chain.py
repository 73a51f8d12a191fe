"""The best chain of partners for one vehicle (chains.md, section 5)."""

from collections.abc import Iterable, Mapping, Sequence

from webapp.chains.solving import objective
from webapp.chains.solving.hops import HopProblem, Journey, rate
from webapp.chains.solving.money import Purse, purse
from webapp.chains.solving.path import FORBIDDEN
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.solver import Limits, begin, solve
from webapp.chains.solving.values import (
    Budgets,
    Chain,
    PartnerOffer,
    Pick,
    PinRefused,
    Unfilled,
    Work,
    budget_key,
    numbered,
    status_of,
)
from webapp.fleet.distances import Point

MAX_HOP_MILES = 50
Filled = Sequence[tuple[Slot, PartnerOffer]]


def best_vehicle_chain(
    slots: Sequence[Slot],
    offers: Iterable[PartnerOffer],
    *,
    office: Point | None,
    fleet: str = "",
    max_hop_miles: int = MAX_HOP_MILES,
    tiers: frozenset[str] = frozenset(),
    budgets: Budgets | None = None,
    pinned: Mapping[int, PartnerOffer] | None = None,
    excluded: Mapping[str, int] | None = None,
    limits: Limits | None = None,
) -> Chain[PartnerOffer]:
    """The best chain: most slots filled, then the objective, then the ties, as `objective` orders them.

    `tiers` are the ranks to suggest (none: all). `pinned` maps a slot's index to whom a person chose there. A
    hop leads from one filled slot to the next, however many stay empty between. Where the office has no
    coordinates, the first hop counts nothing and may be of any length. Raises `PinRefused`.
    """
    limits, pins = limits or Limits(), dict(pinned or {})
    deadline = begin(limits)
    ordered = tuple(sorted(slots, key=lambda slot: (slot.period, slot.index)))
    _refuse_pins(numbered(slots), pins)
    chosen = frozenset(pin.person_id for pin in pins.values())
    wanted = [one for one in offers if one.person_id not in chosen and (not tiers or one.rank in tiers)]
    wanted.sort(key=lambda one: one.person_id)
    free = [one for one in wanted if one.point is not None]
    money = _purse(ordered, free, fleet, budgets, pins)
    problem = HopProblem(ordered, pins, Journey(office, 10 * max_hop_miles, chosen), money, fleet)
    path, charged, partners = problem.reduced(free)
    solved = solve(path, charged, limits, deadline)
    filled = [
        (slot, partners[layer[place].last - 1])
        for slot, layer, place in zip(ordered, path.layers, solved.choice, strict=True)
        if place is not None
    ]
    blocked = sum(_is_never_affordable(one, problem) for one in free) if money.left else 0
    counts = dict(excluded or {})
    if blocked:
        counts["over_budget"] = counts.get("over_budget", 0) + blocked
    hops = _hops(filled, problem.journey)
    status = status_of(
        filled=len(filled), asked=len(ordered), is_proven=solved.is_proven, is_budget_blocked=bool(blocked)
    )
    unplaced = sorted(
        (one for one in (*wanted, *pins.values()) if one.point is None), key=lambda one: (one.name, one.person_id)
    )
    return Chain(
        status,
        objective.vehicle_objective(
            [objective.quality_tenths(one.rank, rate(one)) for _, one in filled], [hop or 0 for hop in hops]
        ),
        tuple(Pick(slot, one, slot.index in pins, hop) for (slot, one), hop in zip(filled, hops, strict=True)),
        _empty(problem, filled, free),
        counts,
        tuple(unplaced),
        Work(solved.looked_at, sum(map(len, path.layers)), solved.needed_cp_sat),
    )


def _purse(
    slots: Sequence[Slot],
    free: Sequence[PartnerOffer],
    fleet: str,
    budgets: Budgets | None,
    pins: Mapping[int, PartnerOffer],
) -> Purse:
    keys = [budget_key(fleet, slot.period.start_day) for slot in slots]
    spent, offered = [], []
    for number, (slot, key) in enumerate(zip(slots, keys, strict=True)):
        if slot.index in pins:
            spent.append((number, key, pins[slot.index].cost))
        else:
            offered += [(number, key, one.cost) for one in free if slot.index in one.free_in]
    return purse(budgets, spent, offered)


def _hops(filled: Filled, journey: Journey) -> list[int | None]:
    """Tenths of a mile to each partner of the chain; None where either end is nowhere."""
    found: list[int | None] = []
    before = journey.office
    miles = journey.hops([one for _, one in filled])
    for number, (_, one) in enumerate(filled):
        is_known = before is not None and one.point is not None
        found.append(int(miles[number, number + 1]) if is_known else None)
        before = one.point
    return found


def _empty(problem: HopProblem, filled: Filled, free: Sequence[PartnerOffer]) -> tuple[Unfilled, ...]:
    taken = {slot.index for slot, _ in filled}
    return tuple(_why_empty(slot, problem, filled, free) for slot in problem.slots if slot.index not in taken)


def _why_empty(slot: Slot, problem: HopProblem, filled: Filled, free: Sequence[PartnerOffer]) -> Unfilled:
    here = [one for one in free if slot.index in one.free_in]
    if not here:
        return Unfilled(slot, "no_candidate", "No partner who may have this vehicle is free on these days.")
    used = {one.person_id for _, one in filled}
    unused = [one for one in here if one.person_id not in used]
    if not unused:
        return Unfilled(slot, "used", "Every partner who is free on these days is in this chain already.")
    key = budget_key(problem.fleet, slot.period.start_day)
    spent = sum(
        one.cost
        for other, one in filled
        if other.index not in problem.pins and budget_key(problem.fleet, other.period.start_day) == key
    )
    paid = [one for one in unused if problem.money.pays(key, one.cost + spent if one.cost else 0)]
    if not paid:
        return Unfilled(slot, "over_budget", "Every partner who is free on these days is over the vehicle's budget.")
    if not any(_is_near(one, slot, problem, filled) for one in paid):
        miles = problem.journey.max_hop // 10
        return Unfilled(slot, "too_far", f"Every partner who is free on these days is more than {miles} miles away.")
    return Unfilled(slot, "together", "No partner was found for these days beside the rest of the chain.")


def _is_near(one: PartnerOffer, slot: Slot, problem: HopProblem, filled: Filled) -> bool:
    """Whether both hops would be short enough, the rest of the chain standing as it is."""
    before = [other for taken, other in filled if taken.period.start_day < slot.period.start_day]
    after = [other for taken, other in filled if taken.period.start_day > slot.period.start_day]
    row = [*before[-1:], one, *after[:1]]
    miles = problem.journey.hops(row)
    here = row.index(one) + 1
    return bool(miles[here - 1, here] != FORBIDDEN) and (not after or bool(miles[here, here + 1] != FORBIDDEN))


def _is_never_affordable(one: PartnerOffer, problem: HopProblem) -> bool:
    keys = [budget_key(problem.fleet, slot.period.start_day) for slot in problem.slots if slot.index in one.free_in]
    return bool(keys) and not any(problem.money.pays(key, one.cost) for key in keys)


def _refuse_pins(known: Mapping[int, int], pins: Mapping[int, PartnerOffer]) -> None:
    held: dict[int, int] = {}
    for index in sorted(pins):
        if index not in known:
            raise PinRefused("unknown", f"There is no loan {index} in this chain.", (index,))
        one = pins[index]
        if one.person_id in held:
            text = f"{one.name} is picked for loans {held[one.person_id]} and {index}; a chain has a partner once."
            raise PinRefused("picked_twice", text, (held[one.person_id], index))
        held[one.person_id] = index
