"""The best chain by trying every one: slow, and so plain that one can see it is right."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import asin, cos, radians, sin, sqrt

from webapp.chains.solving import objective
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.values import BudgetKey, PartnerOffer, VehicleOffer, budget_key
from webapp.fleet.distances import Point

LAST = "~"
NOBODY = 10**9
Vehicles = tuple[VehicleOffer | None, ...]
Partners = tuple[PartnerOffer | None, ...]
# Filled, objective, rates, idle days.
Sums = tuple[int, int, int, int]


def every_partner_chain(
    slots: Sequence[Slot],
    offers: Sequence[VehicleOffer],
    pinned: Mapping[int, VehicleOffer],
    budgets: Mapping[BudgetKey, int] | None,
) -> Iterator[Vehicles]:
    """Every chain that the rules allow; `slots` in the order of days."""

    def continued(made: Vehicles) -> Iterator[Vehicles]:
        if len(made) == len(slots):
            if is_paid(slots, made, pinned, budgets):
                yield made
            return
        slot = slots[len(made)]
        if slot.index in pinned:
            yield from continued((*made, pinned[slot.index]))
            return
        taken = [one for one in (*made, *pinned.values()) if one is not None]
        for offer in offers:
            is_new = all(one.vin != offer.vin and (one.make, one.model) != (offer.make, offer.model) for one in taken)
            if slot.index in offer.free_in and is_new:
                yield from continued((*made, offer))
        yield from continued((*made, None))

    return continued(())


def is_paid(
    slots: Sequence[Slot],
    chain: Vehicles,
    pinned: Mapping[int, VehicleOffer],
    budgets: Mapping[BudgetKey, int] | None,
) -> bool:
    """Whether what is suggested fits into what the pinned loans leave of each budget."""
    pins: defaultdict[BudgetKey, int] = defaultdict(int)
    suggested: defaultdict[BudgetKey, int] = defaultdict(int)
    for slot, offer in zip(slots, chain, strict=True):
        if offer is not None:
            spent = pins if slot.index in pinned else suggested
            spent[budget_key(offer.fleet, slot.period.start_day)] += offer.cost
    return all(
        key not in (budgets or {}) or cost == 0 or cost <= (budgets or {})[key] - pins[key]
        for key, cost in suggested.items()
    )


def partner_sums(chain: Vehicles, wishes: objective.Wishes) -> Sums:
    """The first four lines by which chains compare."""
    filled = [one for one in chain if one is not None]
    points = [
        objective.RANKS.get(one.rank or "", 0) + 100 * one.is_home + 800 * ((one.make, one.model) in wishes.models)
        for one in filled
    ]
    pairs = sum(filled[place].make == filled[place + 1].make for place in range(len(filled) - 1))
    rates, idle = sum(one.publication_rate for one in filled), sum(one.idle_days for one in filled)
    return len(filled), sum(points) - 150 * pairs, rates, idle


def best_vehicles(chains: Iterator[Vehicles], wishes: objective.Wishes) -> tuple[Sums, tuple[str, ...]]:
    """The sums of the best chain and its VINs (`LAST` for an empty slot)."""
    best: tuple[Sums, tuple[str, ...]] | None = None
    for chain in chains:
        found = partner_sums(chain, wishes), tuple(one.vin if one else LAST for one in chain)
        if best is None or found[0] > best[0] or (found[0] == best[0] and found[1] < best[1]):
            best = found
    assert best is not None
    return best


def every_vehicle_chain(
    slots: Sequence[Slot],
    offers: Sequence[PartnerOffer],
    office: Point | None,
    max_hop_miles: int,
    pinned: Mapping[int, PartnerOffer],
    budgets: Mapping[BudgetKey, int] | None,
    fleet: str,
) -> Iterator[Partners]:
    """Every chain that the rules allow; `slots` in the order of days."""
    pins = {one.person_id for one in pinned.values()}

    def may_go(before: PartnerOffer | None, one: PartnerOffer) -> bool:
        is_chosen = one.person_id in pins and (before is None or before.person_id in pins)
        return is_chosen or hop(before, one, office) <= 10 * max_hop_miles

    def continued(made: Partners, before: PartnerOffer | None) -> Iterator[Partners]:
        if len(made) == len(slots):
            if is_paid_by(fleet, slots, made, pinned, budgets):
                yield made
            return
        slot = slots[len(made)]
        if slot.index in pinned:
            pin = pinned[slot.index]
            if may_go(before, pin):
                yield from continued((*made, pin), pin)
            return
        taken = pins | {one.person_id for one in made if one is not None}
        for one in offers:
            is_new = one.person_id not in taken and one.point is not None
            if is_new and slot.index in one.free_in and may_go(before, one):
                yield from continued((*made, one), one)
        yield from continued((*made, None), before)

    return continued((), None)


def hop(before: PartnerOffer | None, one: PartnerOffer, office: Point | None) -> int:
    """Tenths of a mile, by the textbook's haversine; nothing where one end is nowhere."""
    origin = before.point if before is not None else office
    if origin is None or one.point is None:
        return 0
    (north, east), (other_north, other_east) = [(radians(a), radians(b)) for a, b in (origin, one.point)]
    half = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    return round(10 * 2 * 3958.8 * asin(sqrt(half)))


def is_paid_by(
    fleet: str,
    slots: Sequence[Slot],
    chain: Partners,
    pinned: Mapping[int, PartnerOffer],
    budgets: Mapping[BudgetKey, int] | None,
) -> bool:
    """Whether what is suggested fits into what the pinned loans leave of each quarter."""
    pins: defaultdict[BudgetKey, int] = defaultdict(int)
    suggested: defaultdict[BudgetKey, int] = defaultdict(int)
    for slot, one in zip(slots, chain, strict=True):
        if one is not None:
            spent = pins if slot.index in pinned else suggested
            spent[budget_key(fleet, slot.period.start_day)] += one.cost
    return all(
        key not in (budgets or {}) or cost == 0 or cost <= (budgets or {})[key] - pins[key]
        for key, cost in suggested.items()
    )


def partner_chain_sums(chain: Partners, office: Point | None) -> Sums:
    """The first four lines by which chains of partners compare; the objective in thousandths of a point."""
    filled = [one for one in chain if one is not None]
    quality = sum(10 * objective.RANKS.get(one.rank or "", 0) + one.publication_rate for one in filled)
    miles = sum(hop(before, one, office) for before, one in zip([None, *filled], filled, strict=False))
    rates, idle = sum(one.publication_rate for one in filled), sum(one.idle_days for one in filled)
    # 0.3 x quality / 10 - 0.7 x 2 x miles / 10, in thousandths.
    return len(filled), 30 * quality - 140 * miles, rates, idle


def best_partners(chains: Iterator[Partners], office: Point | None) -> tuple[Sums, tuple[int, ...]]:
    """The sums of the best chain and its person ids (`NOBODY` for an empty slot)."""
    best: tuple[Sums, tuple[int, ...]] | None = None
    for chain in chains:
        found = partner_chain_sums(chain, office), tuple(one.person_id if one else NOBODY for one in chain)
        if best is None or found[0] > best[0] or (found[0] == best[0] and found[1] < best[1]):
            best = found
    assert best is not None
    return best
