"""Budgets: what is available, to whom a loan's cost is charged, and when there is money again."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loans.plain_facts import THURSDAY, codes, plain, told
from webapp.loans.periods import Period, Quarter, quarter_of
from webapp.loans.rules import assess
from webapp.loans.rules.facts import Account, Costs
from webapp.loans.rules.money import cost_of_loan, dollars

Q4, Q1 = Quarter(2026, 4), Quarter(2027, 1)


def account(allocation: int | None, used: int = 0, planned: int = 0) -> Account:
    return Account(None if allocation is None else Decimal(allocation), Decimal(used), Decimal(planned))


ACCOUNTS: list[tuple[Account | None, bool]] = [
    (account(400), False),
    (account(399), True),
    (account(1000, 600), False),
    (account(1000, 601), True),
    (account(1000, 500, 100), False),
    (account(1000, 500, 101), True),
    (account(0), True),
    (account(1000, -200, 800), False),
    (account(None, 5000), False),
    (None, False),
]


@pytest.mark.parametrize(("given", "is_over"), ACCOUNTS)
def test_a_loan_must_fit_what_is_left(given: Account | None, is_over: bool) -> None:
    """Allocated, less what FMS says was used, less what our own loans will cost; to the dollar. No allocation, or no
    row at all: not limited."""
    accounts = {("AUDI", Q4): given} if given else {}
    assert codes(plain(office={"accounts": accounts})) == ["over_budget"] * is_over


def test_the_finding_names_the_gap_the_fleet_and_the_quarter() -> None:
    """And the first workday of the quarter in which there is money again."""
    accounts: dict[Any, Account] = {("AUDI", Q4): account(1000, 950)}
    (said,) = told(office={"accounts": accounts})
    text = "Over budget by $350: Los Angeles has $50 left for AUDI in Q4 2026, and this loan costs about $400."
    assert said == ("over_budget", text, date(2027, 1, 1))
    accounts |= {("AUDI", Q1): account(100, 400), ("AUDI", Quarter(2027, 2)): account(400)}
    (said,) = told(office={"accounts": accounts})
    assert said[2] == date(2027, 4, 1)
    overdrawn = told(office={"accounts": {("AUDI", Q4): account(100, 400)}})
    assert overdrawn[0][1].startswith("Over budget by $700: Los Angeles has -$300 left")


@pytest.mark.parametrize(
    ("start", "is_over"),
    [(date(2026, 12, 31), True), (date(2027, 1, 1), False), (date(2026, 10, 1), True), (date(2026, 9, 30), False)],
)
def test_a_loan_is_paid_by_the_quarter_it_starts_in(start: date, is_over: bool) -> None:
    """Whole, though it ends in the next: 12-31 is the old year's, 01-01 the new one's."""
    facts = plain(
        wanted=Period(start, start + timedelta(days=7)),
        office={"accounts": {("AUDI", Q4): account(0)}, "today": date(2026, 9, 1)},
    )
    assert codes(facts) == ["over_budget"] * is_over


def test_another_fleets_budget_says_nothing() -> None:
    """Money is kept by fleet."""
    assert told(office={"accounts": {("BMW", Q4): account(0)}}) == []
    shared = {("TOYOTA/LEXUS", Q4): account(0)}
    assert codes(plain(office={"accounts": shared}, vehicle={"fleet": "TOYOTA/LEXUS"})) == ["over_budget"]


def test_a_cost_is_the_makes_else_what_loans_to_the_partner_cost() -> None:
    """The figure for partner and make, else the other one; an overdrawn account bears not even a loan for nothing."""
    costs = Costs(Decimal(250), {"AUDI": Decimal("812.50")})
    assert cost_of_loan(costs, "AUDI") == Decimal("812.50")
    assert cost_of_loan(costs, "BMW") == Decimal(250)
    facts = plain(partner={"costs": costs}, office={"accounts": {("AUDI", Q4): account(812)}})
    assert "Over budget by $0.50" in assess(facts).findings[0].text
    free = replace(facts, partner=replace(facts.partner, costs=Costs(Decimal(0))))
    assert codes(free) == []
    assert codes(replace(free, office=replace(free.office, accounts={("AUDI", Q4): account(0, 1)}))) == ["over_budget"]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0", "$0"), ("1234.5", "$1,234.50"), ("-300", "-$300"), ("1000000", "$1,000,000"), ("0.1", "$0.10")],
)
def test_dollars_are_shown_without_needless_cents(amount: str, words: str) -> None:
    """Separators, two places where there are cents."""
    assert dollars(Decimal(amount)) == words


@given(st.dates(date(2000, 1, 1), date(2068, 12, 31)))
def test_quarters_follow_each_other_without_a_gap(day: date) -> None:
    """Every day lies in one quarter: not before its first day, and before the first of the next."""
    quarter = quarter_of(day)
    assert quarter.first_day <= day < quarter.next.first_day
    assert quarter_of(quarter.next.first_day - timedelta(days=1)) == quarter
    assert (day.month - 1) // 3 + 1 == quarter.number


def test_a_quarter_is_named_as_people_name_it() -> None:
    """`Q4 2026`, and after it comes the next year's first."""
    assert str(quarter_of(THURSDAY)) == "Q4 2026"
    assert Q4.next == Q1
