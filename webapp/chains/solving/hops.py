"""A vehicle chain as a path: who could fill which slot, how far it is from one to the next, who can be left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from webapp.chains.solving import objective, prices
from webapp.chains.solving.money import Purse
from webapp.chains.solving.path import FORBIDDEN, NO_ITEM, Numbers, Option, Path, Prices, Scale, bounds, narrowed
from webapp.chains.solving.slots import Slot
from webapp.chains.solving.solver import dive
from webapp.chains.solving.values import PartnerOffer, budget_key
from webapp.fleet import distances
from webapp.fleet.distances import Point

# So many partners are weighed against each other at once; of more, those that cannot win are left out first.
CORE = 100
ROUNDS = 40
OFFICE = 0
# By person id.
Weights = Mapping[int, int]
# Quality and hops are multiples of this many thousandths of a point.
UNIT = 10
# What rounding each hop to tenths of a mile can hide, in tenths, generously.
ROUNDING = 1


@dataclass(frozen=True)
class Journey:
    """How the vehicle gets about: from the office, by hops of so many tenths of a mile at most.

    A hop from the office, or from a pinned partner, to a pinned partner may be of any length: a person wanted
    it. From and to where nobody knows the place, it counts nothing.
    """

    office: Point | None
    max_hop: int
    pinned: frozenset[int]

    def hops(self, partners: Sequence[PartnerOffer]) -> Numbers:
        """Tenths of a mile from the office (row 0) or a partner to a partner; `FORBIDDEN` where it is too far."""
        points = [self.office, *(partner.point for partner in partners)]
        everywhere = [point or (0.0, 0.0) for point in points]
        miles = distances.between(everywhere, everywhere)
        nowhere = np.array([point is None for point in points])
        miles[nowhere, :] = 0
        miles[:, nowhere] = 0
        wanted = np.array([False, *(partner.person_id in self.pinned for partner in partners)])
        origins = wanted.copy()
        origins[OFFICE] = True
        miles[(miles > self.max_hop) & ~(origins[:, None] & wanted[None, :])] = FORBIDDEN
        np.fill_diagonal(miles, FORBIDDEN)
        return miles

    def ways(self, partners: Sequence[PartnerOffer], pins: Sequence[PartnerOffer]) -> list[int]:
        """The fewest tenths of a mile that a chain has behind it at each partner, as the crow flies."""
        sources = [self.office, *(pin.point for pin in pins)]
        known = [point for point in sources if point is not None]
        if len(known) < len(sources) or not partners:
            return [0] * len(partners)
        found: list[int] = distances.between(known, [one.point or (0.0, 0.0) for one in partners]).min(axis=0).tolist()
        return found


@dataclass(frozen=True)
class HopProblem:
    """One vehicle's slots, in order of days; `pins` maps a slot's index to the partner a person chose."""

    slots: tuple[Slot, ...]
    pins: Mapping[int, PartnerOffer]
    journey: Journey
    money: Purse
    fleet: str

    def reduced(self, free: Sequence[PartnerOffer]) -> tuple[Path, Prices, list[PartnerOffer]]:
        """The path of all who could be in the best chain, good prices, and who is at which place (from 1).

        Nobody is left out who could be: a chain through them would weigh less than one that is known.
        """
        scale = self._scale(free)
        weights = {one.person_id: _weight(one, scale) for one in (*free, *self.pins.values())}
        near = self._within_reach(free)
        if len(near) > CORE:
            near = self._promising(near, scale, weights)
        partners = [*near, *self.pins.values()]
        path = self._path(partners, scale, weights)
        free_of_charge = Prices.free(path)
        bound = bounds(path, free_of_charge)
        known = path.weigh(dive(path, free_of_charge, bound))
        path, partners = _compressed(narrowed(path, bound.through(path), known)[0], partners)
        charged = prices.by_bidding(path, known, ROUNDS)
        bound = bounds(path, charged)
        known = max(known, path.weigh(dive(path, charged, bound)))
        path = narrowed(path, bound.through(path), known)[0]
        return path, charged, partners

    def _promising(self, near: Sequence[PartnerOffer], scale: Scale, weights: Weights) -> list[PartnerOffer]:
        """Those through whom a chain could weigh as much as the best among the nearest and dearest few."""
        pins = list(self.pins.values())
        ways = self.journey.ways(near, pins)
        point = scale.point * objective.TENTH_MILE // UNIT
        gains = [
            weights[one.person_id] - point * max(0, way - ROUNDING * len(self.slots))
            for one, way in zip(near, ways, strict=True)
        ]
        order = sorted(range(len(near)), key=lambda number: (-gains[number], near[number].person_id))
        core = self._path([*(near[number] for number in order[:CORE]), *pins], scale, weights)
        charged = prices.by_bidding(
            core, core.weigh(dive(core, Prices.free(core), bounds(core, Prices.free(core)))), ROUNDS
        )
        least = core.weigh(dive(core, charged, bounds(core, charged)))
        tops = [self._top(slot, near, weights) for slot in self.slots]
        # In place of the best in whatever slot gives most room for this one.
        room = {slot.index: sum(tops) - top for slot, top in zip(self.slots, tops, strict=True)}
        return [
            one
            for one, gain in zip(near, gains, strict=True)
            if max(
                (gain + room[index] for index in room if index in one.free_in and index not in self.pins), default=-1
            )
            >= least
        ]

    def _top(self, slot: Slot, near: Sequence[PartnerOffer], weights: Weights) -> int:
        if slot.index in self.pins:
            return weights[self.pins[slot.index].person_id]
        return max((weights[one.person_id] for one in near if slot.index in one.free_in), default=0)

    def _within_reach(self, free: Sequence[PartnerOffer]) -> list[PartnerOffer]:
        ways = self.journey.ways(free, list(self.pins.values()))
        most = len(self.slots) * (self.journey.max_hop + ROUNDING)
        return [one for one, way in zip(free, ways, strict=True) if way <= most]

    def _scale(self, free: Sequence[PartnerOffer]) -> Scale:
        every = [*free, *self.pins.values()]
        pinned = self.journey.hops(list(self.pins.values()))
        longest = max(self.journey.max_hop, int(pinned.max(initial=0)))
        best = objective.QUALITY_TENTH * max((_quality(one) for one in every), default=0)
        sums = (
            (best + objective.TENTH_MILE * longest) // UNIT,
            max((rate(one) for one in every), default=0),
            max((idle(one) for one in every), default=0),
        )
        return Scale(tuple(len(self.slots) * most for most in sums))

    def _path(self, partners: Sequence[PartnerOffer], scale: Scale, weights: Weights) -> Path:
        """Place, item and order are all a partner's number, from 1; the office is place 0."""
        ids = {person_id: order for order, person_id in enumerate(sorted(one.person_id for one in partners))}
        numbers = {one.person_id: number for number, one in enumerate(partners, 1)}
        layers: list[tuple[Option, ...]] = []
        for slot in self.slots:
            pin = self.pins.get(slot.index)
            if pin is not None:
                number = numbers[pin.person_id]
                layers.append((Option(weights[pin.person_id], NO_ITEM, number, ids[pin.person_id]),))
                continue
            key = budget_key(self.fleet, slot.period.start_day)
            layer = []
            for number, one in enumerate(partners, 1):
                if (
                    slot.index in one.free_in
                    and one.person_id not in self.journey.pinned
                    and self.money.pays(key, one.cost)
                ):
                    bucket, cost = self.money.charge(key, one.cost)
                    layer.append(Option(weights[one.person_id], number, number, ids[one.person_id], cost, bucket))
            layers.append(tuple(layer))
        miles = self.journey.hops(partners)
        cost = objective.TENTH_MILE // UNIT * scale.point
        steps = np.where(miles == FORBIDDEN, FORBIDDEN, -cost * miles)
        must = tuple(slot.index in self.pins for slot in self.slots)
        return Path(tuple(layers), must, steps, OFFICE, len(partners) + 1, self.money.limits)


def _compressed(path: Path, partners: Sequence[PartnerOffer]) -> tuple[Path, list[PartnerOffer]]:
    """The same path without the places where it cannot lead any more."""
    kept = sorted({option.last for layer in path.layers for option in layer})
    places = {old: new for new, old in enumerate(kept, 1)}
    layers = tuple(
        tuple(
            Option(
                one.weight,
                NO_ITEM if one.item == NO_ITEM else places[one.last],
                places[one.last],
                one.order,
                one.cost,
                one.bucket,
            )
            for one in layer
        )
        for layer in path.layers
    )
    chosen = np.array([OFFICE, *kept])
    steps = path.steps[np.ix_(chosen, chosen)]
    return Path(layers, path.must, steps, OFFICE, len(kept) + 1, path.limits), [partners[old - 1] for old in kept]


def rate(one: PartnerOffer) -> int:
    """The publication rate that counts, per mille."""
    return max(0, min(one.publication_rate, objective.MOST_RATE))


def idle(one: PartnerOffer) -> int:
    """The idle days that count."""
    return max(0, min(one.idle_days, objective.MOST_IDLE_DAYS))


def _quality(one: PartnerOffer) -> int:
    return objective.quality_tenths(one.rank, rate(one))


def _weight(one: PartnerOffer, scale: Scale) -> int:
    return scale.pack(1, objective.QUALITY_TENTH * _quality(one) // UNIT, rate(one), idle(one))
