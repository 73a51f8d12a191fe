"""What the slots of a chain may be filled with, and all that the rules look at for it: read once, asked often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from webapp.chains.asking import Ask, Kind
from webapp.chains.looking.suggestion import Key
from webapp.chains.solving.objective import Wishes
from webapp.chains.solving.slots import Calendar, Slot
from webapp.chains.solving.values import BudgetKey, Budgets
from webapp.fleet.distances import Point
from webapp.fleet.makes import make_key, model_key
from webapp.loans.periods import Period
from webapp.loans.rules import Facts
from webapp.loans.rules.facts import PENDING, OfficeFacts, PartnerFacts, VehicleFacts
from webapp.loans.rules.money import cost_of_loan
from webapp.loans.rules.together import counting

CENTS = 100


@dataclass(frozen=True)
class Car:
    """A vehicle as cards show it. `fleet_vehicle_id` is ours (None: nobody knows it), `vehicle_id` FMS's."""

    fleet_vehicle_id: int | None
    vin: str
    vehicle_id: int | None = None
    make: str = ""
    model: str = ""
    color: str = ""


@dataclass(frozen=True)
class Entry:
    """One that could fill a slot, with both sides of the loan: on a partner chain the partner is the same in all.

    `publication_rate` per mille, `idle_days` and `is_home` as in `solving.values`. `point` is where the partner is.
    `is_offered`: it belongs to the chain's office, or the person may see it; others are only ever in a chain
    because somebody put them there.
    """

    key: Key
    name: str
    detail: str
    vehicle: VehicleFacts
    partner: PartnerFacts
    car: Car
    person_id: int
    is_offered: bool = True
    is_home: bool = False
    publication_rate: int = 0
    idle_days: int = 0
    point: Point | None = None

    @property
    def is_known(self) -> bool:
        """Whether FMS lists vehicle and partner."""
        return self.vehicle.is_known and self.partner.is_known

    @property
    def rank(self) -> str | None:
        """The partner's rank for the vehicle's make; None where it is not approved."""
        return self.partner.ranks.get(self.vehicle.make_key)

    @property
    def cost(self) -> Decimal:
        """US dollars that the loan is likely to cost."""
        return cost_of_loan(self.partner.costs, self.vehicle.make_key)

    @property
    def cents(self) -> int:
        """The same in cents."""
        return int(self.cost * CENTS)

    @property
    def model(self) -> tuple[str, str]:
        """The make and model of which a partner chain has one."""
        return self.vehicle.model_key or (self.vehicle.make_key, "")


@dataclass(frozen=True)
class Supply:
    """Everything about one ask. `entries` by key, in the order of names.

    `point` is where the office is, `max_hop_miles` how far the vehicle of a vehicle chain may go at once.
    """

    ask: Ask
    office: OfficeFacts
    calendar: Calendar
    entries: Mapping[Key, Entry]
    point: Point | None = None
    max_hop_miles: int = 0

    @cached_property
    def wishes(self) -> Wishes:
        """What the person wants, in the words of `fleet.makes`."""
        return Wishes(
            frozenset(make_key(make) for make in self.ask.makes),
            frozenset(model_key(make, model) for make, model in self.ask.models),
            self.ask.is_strict,
        )

    @property
    def is_of_vehicle(self) -> bool:
        """Whether it is the chain of one vehicle."""
        return self.ask.kind is Kind.VEHICLE

    @cached_property
    def looked_at(self) -> tuple[Entry, ...]:
        """Those that the person wants to choose among."""
        return tuple(entry for entry in self.entries.values() if entry.is_offered and self.is_wished(entry))

    def is_wished(self, entry: Entry) -> bool:
        """Whether it is of the makes, models and tiers that the person chose."""
        is_of_tier = not self.ask.tiers or entry.rank in self.ask.tiers
        return is_of_tier and (self.is_of_vehicle or self.wishes.allow(*entry.model))

    def waives(self, entry: Entry) -> frozenset[str]:
        """The codes of what does not stand in the way, as the person asked: a pending approval, money that is spent."""
        codes = set()
        if self.office.accounts and not self.ask.respect_budgets:
            codes.add("over_budget")
        if entry.rank == PENDING and PENDING in self.ask.tiers:
            codes.add("not_approved")
        return frozenset(codes)

    def facts(self, entry: Entry, period: Period) -> Facts:
        """What the rules look at."""
        return Facts(period, self.office, entry.vehicle, entry.partner)

    @property
    def budgets(self) -> Budgets | None:
        """Cents by fleet and quarter, as the solver takes them; None: not respected."""
        if not self.ask.respect_budgets:
            return None
        return {
            BudgetKey(fleet, *quarter): int(account.available * CENTS)
            for (fleet, quarter), account in self.office.accounts.items()
            if account.available is not None
        }

    def without_money(self) -> "Supply":
        """The same where nothing is too dear: the solver itself spends."""
        return replace(self, office=replace(self.office, accounts={}))

    def others(self, slots: Sequence[Slot], picks: Mapping[int, Key], but: int | None = None) -> list[Facts]:
        """The picks of all slots but one, as loans that are wished."""
        return [
            self.facts(entry, slot.period)
            for slot in slots
            if slot.index != but and (entry := self.entries.get(picks.get(slot.index, ""))) is not None
        ]

    def beside(self, slots: Sequence[Slot], picks: Mapping[int, Key], but: int | None = None) -> "Supply":
        """The same where the picks of all slots but one are loans already, of both sides, and paid for."""
        others = self.others(slots, picks, but)
        keys = {picks[slot.index] for slot in slots if slot.index in picks and slot.index != but}
        strangers = [one for one in self.entries.values() if one.is_known and one.key not in keys]
        if not others or not strangers:
            return self
        # Whoever is picked nowhere differs from before only by the side that all entries share.
        counted = counting(self.facts(strangers[0], slots[0].period), others)
        entries = dict(self.entries)
        for one in strangers:
            if self.is_of_vehicle:
                entries[one.key] = replace(one, vehicle=counted.vehicle)
            else:
                entries[one.key] = replace(one, partner=counted.partner)
        for key in keys & entries.keys():
            mine = counting(self.facts(entries[key], slots[0].period), others)
            entries[key] = replace(entries[key], vehicle=mine.vehicle, partner=mine.partner)
        return replace(self, office=counted.office, entries=entries)
