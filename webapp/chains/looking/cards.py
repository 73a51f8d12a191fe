"""The cards of a chain's picks and the candidates of a slot: the rules' findings, and what the chain adds to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from webapp.chains.looking.fitting import findings
from webapp.chains.looking.offers import partner_offer, vehicle_offer
from webapp.chains.looking.suggestion import Candidate, Key, Placed
from webapp.chains.looking.supply import Entry, Supply
from webapp.chains.solving import checks as chain_checks
from webapp.chains.solving import objective
from webapp.chains.solving.checks import ChainFinding
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.values import PartnerOffer, Pick, VehicleOffer
from webapp.fleet.distances import Point, between, miles_beyond, tenth_miles
from webapp.loans.rules import Finding, Severity
from webapp.loans.rules.together import counting

Filled = Sequence[tuple[Slot, Entry]]
# What the rules of a single loan, asked beside the rest of the chain, may have said already.
SAID = {"had_before": ("had_before", "partner_has"), "over_budget": ("over_budget",), "cooldown": ("cooldown",)}
ONLY_TOLD = frozenset({"no_coordinates"})


def placed(
    supply: Supply, slots: Sequence[Slot], picks: Mapping[int, Key], pinned: Iterable[int]
) -> tuple[Placed, ...]:
    """The picks as cards show them, in the order of days, every finding included."""
    filled, chosen = _filled(supply, slots, picks), frozenset(pinned)
    together = _by_slot(_together(supply, filled))
    cards, before = [], supply.point
    for slot, entry in filled:
        others = [supply.facts(other, its.period) for its, other in filled if its.index != slot.index]
        found = findings(supply, entry, counting(supply.facts(entry, slot.period), others))
        told = _with(found, together.get(slot.index, ()))
        hop = _miles(before, entry.point) if supply.is_of_vehicle else None
        cards.append(_card(slot, entry, slot.index in chosen, told, hop))
        before = entry.point
    return tuple(cards)


def candidates(supply: Supply, slots: Sequence[Slot], picks: Mapping[int, Key], index: int) -> tuple[Candidate, ...]:
    """All that could fill a slot, the rest of the chain standing: the best first, then those not possible, by name.

    What the person's makes, models and tiers do not name comes after what they do. Raises `KeyError` where there
    is no such slot.
    """
    slot = next((slot for slot in slots if slot.index == index), None)
    if slot is None:
        raise KeyError(index)
    beside = supply.beside(slots, picks, but=index)
    here = _Place(beside, slot, _filled(beside, slots, {k: v for k, v in picks.items() if k != index}))
    good: list[tuple[tuple[object, ...], Candidate]] = []
    greyed: list[Candidate] = []
    for entry in beside.entries.values():
        if entry.is_offered or entry.key == picks.get(index):
            one = here.candidate(entry)
            if one.is_possible:
                good.append(((not beside.is_wished(entry), *here.merit(entry)), one))
            else:
                greyed.append(one)
    good.sort(key=lambda pair: pair[0])
    return (*(one for _, one in good), *greyed)


def ranked(supply: Supply, slot: Slot, entries: Iterable[Entry]) -> tuple[Candidate, ...]:
    """These as candidates of a loan that nothing stands beside, the best first."""
    here = _Place(supply, slot, ())
    return tuple(here.candidate(entry) for entry in sorted(entries, key=here.merit))


class _Place:
    """One slot beside the rest of its chain."""

    def __init__(self, supply: Supply, slot: Slot, others: Filled) -> None:
        self.supply, self.slot, self.others = supply, slot, others
        before = [entry for its, entry in others if (its.period, its.index) < (slot.period, slot.index)]
        after = [entry for its, entry in others if (its.period, its.index) > (slot.period, slot.index)]
        self.next = after[0] if after else None
        self.neighbours = {entry.model[0] for entry in (*before[-1:], *after[:1])}
        self.models = {entry.model for _, entry in others}
        self.before_name = before[-1].name if before else "the office"
        self.hops = self._tenths(before[-1].point if before else supply.point)
        self.onward = self._tenths(self.next.point if self.next else None)

    def candidate(self, entry: Entry) -> Candidate:
        """The entry here, everything that is to be said of it included."""
        told = findings(self.supply, entry, self.supply.facts(entry, self.slot.period))
        told = _with(told, self._in_chain(entry))
        is_of_vehicle, hop = self.supply.is_of_vehicle, self.hops.get(entry.key)
        return Candidate(
            key=entry.key,
            name=entry.name,
            detail=entry.detail,
            rank=entry.rank,
            findings=told,
            is_possible=not any(finding.is_binding for finding in told),
            is_hard=any(finding.is_hard for finding in told),
            hop_miles=None if hop is None else hop / 10,
            is_unplaced=is_of_vehicle and entry.point is None,
        )

    def merit(self, entry: Entry) -> tuple[object, ...]:
        """Sorted by this, what adds more to the chain comes first."""
        if self.supply.is_of_vehicle:
            quality = objective.quality_tenths(entry.rank, entry.publication_rate)
            hops = [self.hops.get(entry.key, 0), self.onward.get(entry.key, 0)]
            gain = objective.vehicle_objective([quality], hops)
            # Of an unknown way nobody knows what it costs.
            return entry.point is None, -gain, -entry.publication_rate, -entry.idle_days, entry.person_id
        is_preferred = self.supply.wishes.prefer(*entry.model)
        gain = objective.loan_points(entry.rank, is_home=entry.is_home, is_preferred=is_preferred)
        gain -= objective.SAME_MAKE * (entry.model[0] in self.neighbours)
        return -gain, -entry.publication_rate, -entry.idle_days, entry.car.vin

    def _in_chain(self, entry: Entry) -> list[Finding]:
        if not self.supply.is_of_vehicle:
            return [_twice(entry)] if entry.model in self.models else []
        found, most = [], self.supply.max_hop_miles
        hop, onward = self.hops.get(entry.key, 0), self.onward.get(entry.key, 0)
        if hop > 10 * most:
            text = f"{entry.name} is {miles_beyond(hop)} from {self.before_name}; a hop is at most {most}."
            found.append(Finding("too_far", text, Severity.SOFT))
        if onward > 10 * most and self.next is not None:
            miles = f"{miles_beyond(onward)} from {entry.name}"
            text = f"{self.next.name}, who is next, is {miles}; a hop is at most {most}."
            found.append(Finding("too_far", text, Severity.SOFT))
        return found

    def _tenths(self, point: Point | None) -> dict[Key, int]:
        """Tenths of a mile between a point and everybody whose place is known, by key."""
        placed = [entry for entry in self.supply.entries.values() if entry.point is not None]
        if point is None or not placed or not self.supply.is_of_vehicle:
            return {}
        miles = between([point], [entry.point or point for entry in placed])[0].tolist()
        return {entry.key: tenths for entry, tenths in zip(placed, miles, strict=True)}


def _filled(supply: Supply, slots: Sequence[Slot], picks: Mapping[int, Key]) -> list[tuple[Slot, Entry]]:
    ordered = sorted(slots, key=lambda slot: (slot.period, slot.index))
    return [(slot, supply.entries[picks[slot.index]]) for slot in ordered if picks.get(slot.index) in supply.entries]


def _together(supply: Supply, filled: Filled) -> tuple[ChainFinding, ...]:
    if not supply.is_of_vehicle:
        names = {entry.model: (entry.car.make, entry.car.model) for _, entry in reversed(filled)}
        vehicles = [Pick(slot, _named(vehicle_offer(entry), names), is_pinned=False) for slot, entry in filled]
        return chain_checks.of_vehicles(vehicles, supply.budgets)
    partners: list[Pick[PartnerOffer]] = [Pick(slot, partner_offer(entry), is_pinned=False) for slot, entry in filled]
    fleet = filled[0][1].vehicle.fleet if filled else ""
    return chain_checks.of_partners(
        partners,
        office=supply.point,
        max_hop_miles=supply.max_hop_miles,
        fleet=fleet,
        budgets=supply.budgets,
    )


def _named(offer: VehicleOffer, names: Mapping[tuple[str, str], tuple[str, str]]) -> VehicleOffer:
    """As people write it, in one spelling."""
    make, model = names[offer.make, offer.model]
    return replace(offer, make=make, model=model)


def _by_slot(found: Iterable[ChainFinding]) -> dict[int, list[Finding]]:
    by_slot: dict[int, list[Finding]] = {}
    for one in found:
        severity = Severity.WARNING if one.code in ONLY_TOLD else Severity.SOFT
        for index in one.slots:
            by_slot.setdefault(index, []).append(Finding(one.code, one.text, severity))
    return by_slot


def _with(found: tuple[Finding, ...], more: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of rules and chain, each thing said once, what binds most first."""
    codes = {finding.code for finding in found}
    added = [one for one in more if codes.isdisjoint(SAID.get(one.code, (one.code,)))]
    if not added or any(finding.code == "unknown" for finding in found):
        return found
    return tuple(sorted((*found, *added), key=lambda finding: finding.severity))


def _twice(entry: Entry) -> Finding:
    return Finding("cooldown", f"{entry.car.make} {entry.car.model} is in this chain twice.", Severity.SOFT)


def _miles(one: Point | None, other: Point | None) -> float | None:
    return tenth_miles(one, other) / 10 if one is not None and other is not None else None


def _card(slot: Slot, entry: Entry, is_pinned: bool, told: tuple[Finding, ...], hop: float | None) -> Placed:
    car = entry.car
    return Placed(
        slot=slot,
        fleet_vehicle_id=car.fleet_vehicle_id,
        vin=car.vin,
        vehicle_id=car.vehicle_id,
        make=car.make,
        model=car.model,
        color=car.color,
        person_id=entry.person_id,
        partner_name=entry.partner.name,
        rank=entry.rank,
        is_pinned=is_pinned,
        findings=told,
        cost=entry.cost,
        fleet=entry.vehicle.fleet,
        hop_miles=hop,
    )
