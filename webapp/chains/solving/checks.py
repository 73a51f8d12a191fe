"""What is to be said of loans that a person put together by hand, as a chain: one by one, the rules say it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.chains.solving.values import BudgetKey, Budgets, PartnerOffer, Pick, VehicleOffer, budget_key
from webapp.fleet.distances import Point, miles_beyond, tenth_miles


@dataclass(frozen=True)
class ChainFinding:
    """Something about several loans of a chain together: `slots` are their indexes."""

    code: str
    text: str
    slots: tuple[int, ...]


def of_vehicles(picks: Sequence[Pick[VehicleOffer]], budgets: Budgets | None = None) -> tuple[ChainFinding, ...]:
    """A vehicle or a model that comes twice, and budgets that the chain exceeds by itself."""
    vins: defaultdict[str, list[int]] = defaultdict(list)
    models: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for pick in picks:
        vins[pick.offer.vin].append(pick.slot.index)
        models[pick.offer.make, pick.offer.model].append(pick.slot.index)
    found = [
        ChainFinding("had_before", f"The vehicle …{vin[-8:]} is in this chain twice.", tuple(slots))
        for vin, slots in vins.items()
        if len(slots) > 1
    ]
    same_vehicle = {finding.slots for finding in found}
    found += [
        ChainFinding("cooldown", f"{make} {model} is in this chain twice.", tuple(slots))
        for (make, model), slots in models.items()
        if len(slots) > 1 and tuple(slots) not in same_vehicle
    ]
    money = [
        (pick.slot.index, budget_key(pick.offer.fleet, pick.slot.period.start_day), pick.offer.cost) for pick in picks
    ]
    return (*found, *_overspent(money, budgets))


def of_partners(
    picks: Sequence[Pick[PartnerOffer]],
    *,
    office: Point | None,
    max_hop_miles: int,
    fleet: str = "",
    budgets: Budgets | None = None,
) -> tuple[ChainFinding, ...]:
    """A partner who comes twice, hops that are too long, who is nowhere, and budgets that are exceeded."""
    people: defaultdict[int, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    found: list[ChainFinding] = []
    before, place = "the office", office
    for pick in sorted(picks, key=lambda pick: pick.slot.period):
        one = pick.offer
        people[one.person_id].append(pick.slot.index)
        names[one.person_id] = one.name
        if one.point is None:
            text = f"Nobody knows where {one.name} is: the way there is not counted."
            found.append(ChainFinding("no_coordinates", text, (pick.slot.index,)))
        elif place is not None and (miles := tenth_miles(place, one.point)) > 10 * max_hop_miles:
            text = f"{one.name} is {miles_beyond(miles)} from {before}; a hop is at most {max_hop_miles}."
            found.append(ChainFinding("too_far", text, (pick.slot.index,)))
        before, place = one.name, one.point
    found += [
        ChainFinding("had_before", f"{names[person]} is in this chain twice.", tuple(slots))
        for person, slots in people.items()
        if len(slots) > 1
    ]
    money = [(pick.slot.index, budget_key(fleet, pick.slot.period.start_day), pick.offer.cost) for pick in picks]
    return (*found, *_overspent(money, budgets))


def _overspent(money: Sequence[tuple[int, BudgetKey, int]], budgets: Budgets | None) -> list[ChainFinding]:
    spent: defaultdict[BudgetKey, int] = defaultdict(int)
    slots: defaultdict[BudgetKey, list[int]] = defaultdict(list)
    for index, key, cost in money:
        spent[key] += cost
        slots[key].append(index)
    return [
        ChainFinding(
            "over_budget",
            f"{key.fleet} is over its budget of quarter {key.quarter} of {key.year} "
            f"by ${(cents - (budgets or {})[key]) / 100:,.0f}.",
            tuple(slots[key]),
        )
        for key, cents in spent.items()
        if key in (budgets or {}) and cents > max(0, (budgets or {})[key])
    ]
