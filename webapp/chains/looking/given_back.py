"""A supply as it would be without some loans of ours: for changing a saved chain, whose loans stand already. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from webapp.chains.looking.suggestion import Key
from webapp.chains.looking.supply import Entry, Supply
from webapp.chains.solving.slots import Slot
from webapp.loans.availability import Occupation
from webapp.loans.periods import Quarter, quarter_of
from webapp.loans.rules import Facts
from webapp.loans.rules.facts import Account, PartnerFacts, VehicleFacts
from webapp.loans.rules.money import cost_of_loan


def without(supply: Supply, slots: Sequence[Slot], picks: Mapping[int, Key], loan_ids: Collection[int]) -> Supply:
    """The same where the loans `loan_ids`, which are those of `slots` and `picks`, hold nothing and cost nothing.

    The picks of the other slots then count once, as those of a draft do. Money that FMS's own figure holds (an
    active loan's) is given back too, and spent again with them.
    """
    if not loan_ids:
        return supply
    gone = frozenset(loan_ids)
    accounts = _given_back(supply.office.accounts, supply.others(slots, picks))
    return replace(
        supply,
        office=replace(supply.office, accounts=accounts),
        calendar=replace(supply.calendar, busy=_but(gone, supply.calendar.busy)),
        entries=_entries(supply.entries, gone),
    )


def _entries(entries: Mapping[Key, Entry], gone: Collection[int]) -> dict[Key, Entry]:
    # One side of the loan is the same in all entries, and stays one: what it groups its loans by is worked out once.
    vehicles: dict[int, VehicleFacts] = {}
    partners: dict[int, PartnerFacts] = {}
    for one in entries.values():
        vehicle, partner = one.vehicle, one.partner
        if id(vehicle) not in vehicles:
            vehicles[id(vehicle)] = replace(vehicle, occupations=_but(gone, vehicle.occupations))
        if id(partner) not in partners:
            had = tuple(loan for loan in partner.loans if loan.occupation.assignment_id not in gone)
            partners[id(partner)] = replace(partner, loans=had)
    return {
        key: replace(one, vehicle=vehicles[id(one.vehicle)], partner=partners[id(one.partner)])
        for key, one in entries.items()
    }


def _but(gone: Collection[int], occupations: Iterable[Occupation]) -> tuple[Occupation, ...]:
    return tuple(one for one in occupations if one.assignment_id not in gone)


def _given_back(
    accounts: Mapping[tuple[str, Quarter], Account], loans: Iterable[Facts]
) -> Mapping[tuple[str, Quarter], Account]:
    costs: defaultdict[tuple[str, Quarter], Decimal] = defaultdict(Decimal)
    for one in loans:
        cost = cost_of_loan(one.partner.costs, one.vehicle.make_key)
        costs[one.vehicle.fleet, quarter_of(one.wanted.start_day)] += cost
    return {
        key: replace(account, planned=account.planned - costs[key]) if key in costs else account
        for key, account in accounts.items()
    }
