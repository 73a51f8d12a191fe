"""What goes into the chain builder and what comes out of it: offers, picks, empty slots, the chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from webapp.chains.solving.slots import Slot
from webapp.fleet.distances import Point
from webapp.fleet.makes import budget_fleet
from webapp.loans.periods import quarter_of


class Status(StrEnum):
    """What kind of answer a chain is; `FEASIBLE`: the time limit was reached, so it may not be the best."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    PARTIAL = "partial"
    NONE = "none"
    BUDGET_BLOCKED = "budget_blocked"


class PinRefused(Exception):
    """Picks that cannot stand together. `slots` are the indexes of those at fault."""

    def __init__(self, code: str, sentence: str, slots: tuple[int, ...]) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.slots = code, sentence, slots


@dataclass(frozen=True)
class BudgetKey:
    """The money of one fleet (as `makes.budget_fleet` names it) in one quarter (1 to 4) at the chain's office."""

    fleet: str
    year: int
    quarter: int


# Cents available per budget; a key that is not there is not limited.
Budgets = Mapping[BudgetKey, int]


def budget_key(fleet: str, start_day: date) -> BudgetKey:
    """Whose money a loan that starts on `start_day` is."""
    return BudgetKey(budget_fleet(fleet), *quarter_of(start_day))


@dataclass(frozen=True)
class VehicleOffer:
    """A vehicle that may be suggested to the partner, in the slots `free_in` (indexes), by all the rules.

    `rank` is the partner's for the make, `publication_rate` per mille and of the make, `cost` in cents, `fleet`
    whose budget pays. `idle_days` since the vehicle last went out.
    """

    vin: str
    make: str
    model: str
    rank: str | None
    free_in: frozenset[int]
    is_home: bool = False
    publication_rate: int = 0
    idle_days: int = 0
    cost: int = 0
    fleet: str = ""


@dataclass(frozen=True)
class PartnerOffer:
    """A partner who may be suggested for the vehicle, in the slots `free_in` (indexes), by all the rules.

    `rank` is for the vehicle's make (the tier), `publication_rate` per mille, `cost` in cents, `point` None
    where nobody knows where the partner is. `idle_days` since the partner last had a loan.
    """

    person_id: int
    name: str
    rank: str | None
    free_in: frozenset[int]
    point: Point | None = None
    publication_rate: int = 0
    idle_days: int = 0
    cost: int = 0


# What fills a slot: a vehicle on a partner chain, a partner on a vehicle chain.
Offer = TypeVar("Offer", VehicleOffer, PartnerOffer)


@dataclass(frozen=True)
class Pick(Generic[Offer]):
    """A slot and what fills it. `hop_tenth_miles` is the way there, on a vehicle chain, where it is known."""

    slot: Slot
    offer: Offer
    is_pinned: bool
    hop_tenth_miles: int | None = None


@dataclass(frozen=True)
class Unfilled:
    """A slot that stays empty, and why: `no_candidate`, `over_budget`, `used`, `too_far` or `together`."""

    slot: Slot
    code: str
    text: str


@dataclass(frozen=True)
class Work:
    """What an answer took: partial chains looked at, options left after reducing, whether CP-SAT was needed."""

    looked_at: int = 0
    options: int = 0
    needed_cp_sat: bool = False


@dataclass(frozen=True)
class Chain(Generic[Offer]):
    """The answer. `objective` is in points on a partner chain, in thousandths of a point on a vehicle chain.

    `excluded` counts the candidates left out, per code; `unplaced` are candidates without coordinates.
    """

    status: Status
    objective: int
    picks: tuple[Pick[Offer], ...]
    unfilled: tuple[Unfilled, ...]
    excluded: Mapping[str, int] = field(default_factory=dict)
    unplaced: tuple[PartnerOffer, ...] = ()
    work: Work = field(default_factory=Work, compare=False)


def status_of(*, filled: int, asked: int, is_proven: bool, is_budget_blocked: bool) -> Status:
    """The status of a chain with so many of its slots filled."""
    if not is_proven:
        return Status.FEASIBLE
    if filled == asked:
        return Status.OPTIMAL
    if filled:
        return Status.PARTIAL
    return Status.BUDGET_BLOCKED if is_budget_blocked else Status.NONE


def numbered(slots: Sequence[Slot]) -> dict[int, int]:
    """Where in the order of days the slot with an index is, from 0."""
    ordered = sorted(slots, key=lambda slot: (slot.period, slot.index))
    return {slot.index: number for number, slot in enumerate(ordered)}
