"""Who fits where: the rules asked about everybody a chain could be filled with, in every slot. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from webapp.chains.looking.suggestion import Key
from webapp.chains.looking.supply import Entry, Supply
from webapp.chains.solving.slots import Slot
from webapp.fleet.distances import between, miles_beyond
from webapp.loans.periods import Period
from webapp.loans.rules import Facts, Finding, Severity, obstacle
from webapp.loans.rules.assessment import DATED, SENSE, UNDATED, WARNINGS

EVERY_RULE = (*UNDATED, *DATED, *WARNINGS)


@dataclass(frozen=True)
class Fit:
    """The slots (indexes) in which one may be suggested, and the first thing in the way in the first slot, if any."""

    entry: Entry
    free_in: frozenset[int]
    first: Finding | None


def findings(supply: Supply, entry: Entry, facts: Facts) -> tuple[Finding, ...]:
    """Everything the rules say, what binds most first: what `assess` finds, without looking for better days.

    What the person asked for (a pending approval, money that is spent) is told, but does not bind.
    """
    found = [one for rule in SENSE for one in rule(facts)]
    found = found or [one for rule in EVERY_RULE for one in rule(facts)]
    waived = supply.waives(entry)
    if waived:
        found = [replace(one, severity=Severity.WARNING) if one.code in waived else one for one in found]
    found.sort(key=lambda one: one.severity)
    return tuple(found)


def first_obstacle(supply: Supply, entry: Entry, period: Period) -> Finding | None:
    """The first finding that binds what we suggest; None: it may be suggested."""
    facts = supply.facts(entry, period)
    if not supply.waives(entry):
        return obstacle(facts)
    return next((one for one in findings(supply, entry, facts) if one.is_binding), None)


def fits(supply: Supply, slots: Sequence[Slot], *, but: Collection[Key] = ()) -> list[Fit]:
    """Everybody who is looked at, with the slots that they fit in, whatever they cost: the solver itself spends.

    Not those of `but`.
    """
    free_of_charge, respects = supply.without_money(), supply.ask.respect_budgets
    return [
        _fit(supply if respects and not entry.cents else free_of_charge, entry, slots)
        for entry in supply.looked_at
        if entry.key not in but
    ]


def _fit(supply: Supply, entry: Entry, slots: Sequence[Slot]) -> Fit:
    free, first = set(), None
    for number, slot in enumerate(slots):
        said = first_obstacle(supply, entry, slot.period)
        if number == 0:
            first = said
        if said is None:
            free.add(slot.index)
        elif said.until is None:
            # No day mends it, so the later slots need not be asked.
            break
    return Fit(entry, frozenset(free), first)


def left_out(found: Sequence[Fit]) -> list[tuple[Entry, Finding]]:
    """Those who fit in no slot, with their first obstacle in their first slot."""
    return [(fit.entry, fit.first) for fit in found if not fit.free_in and fit.first is not None]


def too_far(supply: Supply, found: Sequence[Fit], starts: Sequence[Entry], slots: int) -> list[tuple[Entry, Finding]]:
    """On a vehicle chain: those who fit, and whom no row of so many hops via others reaches from office or `starts`."""
    placed = [fit.entry for fit in found if fit.free_in and fit.entry.point is not None]
    sources = [supply.point, *(start.point for start in starts)]
    known = [point for point in sources if point is not None]
    if not supply.is_of_vehicle or not placed or len(known) < len(sources):
        # From a place that nobody knows, a hop counts nothing.
        return []
    points = [one.point or (0.0, 0.0) for one in placed]
    most = 10 * supply.max_hop_miles
    reached: NDArray[np.bool_] = np.any(between(known, points) <= most, axis=0, keepdims=True)[0]
    near = between(points, points) <= most
    for _ in range(slots - 1):
        reached = reached | np.any(near[reached], axis=0, keepdims=True)[0]
    way = between(known, points).min(axis=0)
    return [
        (one, _too_far(supply, one, int(miles)))
        for one, is_near, miles in zip(placed, list(reached), way.tolist(), strict=True)
        if not is_near
    ]


def counts(lines: Sequence[tuple[Entry, Finding]]) -> Mapping[str, int]:
    """How many were left out, by code, in alphabetical order."""
    return dict(sorted(Counter(finding.code for _, finding in lines).items()))


def keys_of(lines: Sequence[tuple[Entry, Finding]]) -> frozenset[Key]:
    """Who was left out."""
    return frozenset(entry.key for entry, _ in lines)


def _too_far(supply: Supply, one: Entry, tenths: int) -> Finding:
    text = (
        f"{one.partner.name} is {miles_beyond(tenths)} from {supply.office.name}, and nobody on the way would take the "
        f"vehicle; a hop is at most {supply.max_hop_miles}."
    )
    return Finding("too_far", text, Severity.SOFT)
