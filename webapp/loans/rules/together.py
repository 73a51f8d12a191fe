"""Loans that are wished in one go count against each other, as if the others stood already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from webapp.loans.availability import Occupation
from webapp.loans.periods import Quarter, quarter_of
from webapp.loans.rules.facts import Account, Facts, PartnerLoan
from webapp.loans.rules.money import cost_of_loan


def in_turn(facts: Sequence[Facts]) -> tuple[Facts, ...]:
    """Each loan where those before it stand already."""
    return tuple(counting(one, facts[:place]) for place, one in enumerate(facts))


def counting(facts: Facts, others: Iterable[Facts]) -> Facts:
    """The same loan where `others`, wished by the same office, stand already.

    They hold their vehicles, are loans of their partners (whose `person_id` all of them know), and cost the office
    money. What makes no sense (unknown to FMS, an end before its start) counts for nothing.
    """
    others = [one for one in others if one.vehicle.is_known and one.partner.is_known and one.wanted.days > 0]
    if not others or not facts.vehicle.is_known or not facts.partner.is_known:
        return facts
    held = [_occupation(one) for one in others if one.vehicle.vin == facts.vehicle.vin]
    had = [_partner_loan(one) for one in others if one.partner.person_id == facts.partner.person_id]
    return replace(
        facts,
        office=replace(facts.office, accounts=_charged(facts.office.accounts, others)),
        vehicle=replace(facts.vehicle, occupations=(*facts.vehicle.occupations, *held)),
        partner=replace(facts.partner, loans=(*facts.partner.loans, *had)),
    )


def where_moved(facts: Facts, moved: Mapping[int, Facts]) -> Facts:
    """The same loan where these loans of ours, by id, stand as wished and not where they stood."""
    if not moved:
        return facts
    there = {
        loan_id: (one, replace(_occupation(one), assignment_id=loan_id, is_wished=False))
        for loan_id, one in moved.items()
    }
    held = [place for one, place in there.values() if one.vehicle.vin == facts.vehicle.vin]
    had = [
        replace(_partner_loan(one), occupation=place)
        for one, place in there.values()
        if one.partner.person_id == facts.partner.person_id
    ]
    others = [one for one in facts.vehicle.occupations if one.assignment_id not in moved]
    loans = [loan for loan in facts.partner.loans if loan.occupation.assignment_id not in moved]
    return replace(
        facts,
        vehicle=replace(facts.vehicle, occupations=(*others, *held)),
        partner=replace(facts.partner, loans=(*loans, *had)),
    )


def _occupation(one: Facts) -> Occupation:
    wanted, partner = one.wanted, one.partner
    days = wanted.start_day, wanted.end_day
    return Occupation(*days, partner.name, one.vehicle.name, partner.person_id, is_wished=True)


def _partner_loan(one: Facts) -> PartnerLoan:
    return PartnerLoan(_occupation(one), one.vehicle.vin, one.vehicle.make_key, one.vehicle.model_key)


def _charged(
    accounts: Mapping[tuple[str, Quarter], Account], others: Iterable[Facts]
) -> Mapping[tuple[str, Quarter], Account]:
    costs: defaultdict[tuple[str, Quarter], Decimal] = defaultdict(Decimal)
    for one in others:
        key = one.vehicle.fleet, quarter_of(one.wanted.start_day)
        costs[key] += cost_of_loan(one.partner.costs, one.vehicle.make_key)
    return {
        key: replace(account, planned=account.planned + costs[key]) if key in costs else account
        for key, account in accounts.items()
    }
