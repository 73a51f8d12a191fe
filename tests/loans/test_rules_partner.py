"""What binds suggestions to a partner: no VIN twice, cooldown by model, loans a year; by table, with the edges."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.loans.plain_facts import THURSDAY, VIN, codes, lent, plain, told
from webapp.loans.periods import Period, days_after
from webapp.loans.rules import assess
from webapp.loans.rules.facts import Limits

END = THURSDAY + timedelta(days=7)

SAME_VEHICLE: list[tuple[tuple[Any, ...], list[str], str]] = [
    (
        (lent(date(2024, 3, 1), vin=VIN, is_over=True),),
        ["had_before"],
        "Coastline Auto had Audi A3 …SA051916 03-01-24 to 03-08-24.",
    ),
    (
        (lent(date(2024, 3, 1), vin=VIN, is_over=True), lent(date(2023, 3, 1), vin=VIN, is_over=True)),
        ["had_before"],
        "Coastline Auto had Audi A3 …SA051916 03-01-24 to 03-08-24, and once before.",
    ),
    (
        tuple(lent(date(year, 3, 1), vin=VIN, is_over=True) for year in (2023, 2024, 2022)),
        ["had_before"],
        "Coastline Auto had Audi A3 …SA051916 03-01-24 to 03-08-24, and 2 times before.",
    ),
    (
        (lent(date(2026, 9, 1), date(2026, 11, 19), vin=VIN),),
        ["partner_has", "cooldown"],
        "Coastline Auto has Audi A3 …SA051916 09-01-26 to 11-19-26.",
    ),
    (
        (lent(date(2026, 9, 1), date(2026, 11, 18), vin=VIN),),
        ["had_before", "cooldown"],
        "Coastline Auto had Audi A3 …SA051916 09-01-26 to 11-18-26.",
    ),
    (
        (lent(date(2027, 6, 1), vin=VIN),),
        ["partner_has"],
        "Coastline Auto is booked for Audi A3 …SA051916 06-01-27 to 06-08-27.",
    ),
    (
        (lent(THURSDAY, vin=VIN),),
        ["partner_has", "cooldown"],
        "Coastline Auto is booked for Audi A3 …SA051916 11-26-26 to 12-03-26.",
    ),
]


@pytest.mark.parametrize(("loans", "expected", "text"), SAME_VEHICLE)
def test_never_the_same_vehicle_twice(loans: tuple[Any, ...], expected: list[str], text: str) -> None:
    """Had, has or booked, years ago or years ahead; the vehicle that is the loan's own does not also keep it busy."""
    facts = plain(partner={"loans": loans})
    assert codes(facts) == expected
    first = assess(facts).findings[0]
    assert (first.text, first.until, first.is_hard) == (text, None, False)


def test_another_vehicle_of_another_model_is_no_obstacle() -> None:
    """Neither its VIN nor its model is this one's; nor is a VIN of no fleet we know."""
    loans = (lent(date(2026, 11, 1), model_key=("AUDI", "q8")), lent(date(2026, 11, 2), model_key=None))
    assert told(partner={"loans": loans}) == []


# (start and end of the other loan, days laid down, until)
COOLDOWNS: list[tuple[date, date, int | None, date | None]] = [
    (date(2026, 10, 20), date(2026, 10, 27), None, None),
    (date(2026, 10, 20), date(2026, 10, 28), None, date(2026, 11, 27)),
    (date(2026, 10, 20), date(2026, 10, 28), 29, None),
    (date(2026, 10, 20), date(2026, 10, 28), 45, date(2026, 12, 14)),
    (date(2026, 11, 19), THURSDAY, 0, None),
    (date(2026, 11, 19), date(2026, 11, 27), 0, date(2026, 11, 27)),
    (date(2027, 1, 2), date(2027, 1, 9), None, None),
    (date(2027, 1, 1), date(2027, 1, 8), None, date(2027, 2, 8)),
    (date(2026, 12, 3), date(2026, 12, 10), 0, None),
    (date(2026, 12, 2), date(2026, 12, 10), 0, date(2026, 12, 10)),
    (date(2025, 11, 26), date(2026, 11, 26), 365, date(2027, 11, 26)),
]


@pytest.mark.parametrize(("start", "end", "days", "until"), COOLDOWNS)
def test_cooldown_forwards_and_backwards(start: date, end: date, days: int | None, until: date | None) -> None:
    """From the earlier loan's end, reached exactly; before a later one's start; 30 days unless laid down, New Year or
    not. The day named is a workday."""
    loan = lent(start, end)
    facts = plain(
        partner={"loans": (loan,)}, office={"limits": {("AUDI", "A"): Limits(cooldown_days=days), ("AUDI", "B"): ALL}}
    )
    found = [one for one in assess(facts).findings if one.code == "cooldown"]
    assert [one.until for one in found] == ([until] if until else [])
    assert all(one.in_the_way == loan.occupation for one in found)


ALL = Limits(cooldown_days=365, loans_a_year=0)


def test_a_cooldown_says_which_loan_and_until_when() -> None:
    """One that is over, one under way, and one to come."""
    loans = (
        lent(date(2026, 11, 1), activity_id=1),
        lent(date(2026, 11, 16), date(2026, 11, 20), activity_id=2),
        lent(date(2026, 12, 10), activity_id=3),
    )
    assert told(partner={"loans": loans}) == [
        (
            "cooldown",
            f"Cooldown until {over}: Coastline Auto {verb} Audi A3 …SA777777 {dates} "
            "(30 days between loans of one model).",
            date(2027, 1, 18),
        )
        for over, verb, dates in [
            ("12-08-26", "had", "11-01-26 to 11-08-26"),
            ("12-20-26", "has", "11-16-26 to 11-20-26"),
            ("01-16-27", "is booked for", "12-10-26 to 12-17-26"),
        ]
    ]


def test_between_two_loans_of_a_model_there_may_be_room() -> None:
    """The day named lies between them where the loan and both cooldowns fit, else after the second."""
    first, second = lent(date(2026, 11, 19), THURSDAY, activity_id=1), lent(date(2027, 2, 15), activity_id=2)
    roomy = plain(partner={"loans": (first, second)}, wanted=Period(THURSDAY, END))
    assert [one.until for one in assess(roomy).findings if one.code == "cooldown"] == [date(2026, 12, 28)]
    closer = replace(roomy, partner=replace(roomy.partner, loans=(first, lent(date(2027, 2, 2), activity_id=2))))
    assert [one.until for one in assess(closer).findings if one.code == "cooldown"] == [date(2027, 3, 11)]


def test_a_loan_without_end_leaves_no_day_to_name() -> None:
    """FMS writes 12/31/9999 for `never`."""
    (finding,) = [
        one
        for one in assess(plain(partner={"loans": (lent(date(2026, 1, 1), date.max),)})).findings
        if one.code == "cooldown"
    ]
    assert finding.until is None
    assert days_after(date.max, 30) == date.max


def year_of_loans(*starts: date) -> tuple[Any, ...]:
    """Loans of another model of the make."""
    return tuple(lent(day, model_key=("AUDI", "q8"), is_over=True, activity_id=n) for n, day in enumerate(starts))


CAPS: list[tuple[tuple[date, ...], int | None, date, bool]] = [
    ((date(2026, 1, 1), date(2026, 6, 1)), 2, THURSDAY, True),
    ((date(2026, 1, 1), date(2026, 6, 1)), 3, THURSDAY, False),
    ((date(2025, 12, 31), date(2026, 6, 1)), 2, THURSDAY, False),
    ((date(2026, 1, 1), date(2026, 6, 1)), 2, date(2027, 1, 1), False),
    ((date(2026, 1, 1), date(2026, 6, 1)), 2, date(2026, 12, 31), True),
    ((date(2026, 12, 31), date(2027, 1, 4)), 1, date(2027, 2, 1), True),
    ((date(2026, 1, 1), date(2026, 6, 1)), None, THURSDAY, False),
    ((), 0, THURSDAY, True),
]


@pytest.mark.parametrize(("starts", "cap", "start", "is_reached"), CAPS)
def test_loans_a_year_are_counted_by_their_starts(
    starts: tuple[date, ...], cap: int | None, start: date, is_reached: bool
) -> None:
    """Of the make, whatever the model, in the calendar year in which the loan itself starts."""
    facts = plain(
        wanted=Period(start, start + timedelta(days=7)),
        partner={"loans": year_of_loans(*starts)},
        office={"limits": {("AUDI", "A"): Limits(loans_a_year=cap), ("AUDI", "B"): ALL, ("BMW", "A"): ALL}},
    )
    assert codes(facts) == ["yearly_cap"] * is_reached


def test_a_cap_is_over_with_the_year_unless_the_next_is_full_too() -> None:
    """The day named is the first workday of a year that has room; with a cap of none there is no such day."""
    limits = {("AUDI", "A"): Limits(loans_a_year=1)}
    this_year = told(partner={"loans": year_of_loans(date(2026, 3, 2))}, office={"limits": limits})
    text = "Coastline Auto has 1 loan of Audi in 2026; rank A allows 1 loan a year."
    assert this_year == [("yearly_cap", text, date(2027, 1, 1))]
    both = told(partner={"loans": year_of_loans(date(2026, 3, 2), date(2027, 3, 1))}, office={"limits": limits})
    assert both[0][2] == date(2028, 1, 3)
    never = told(office={"limits": {("AUDI", "A"): Limits(loans_a_year=0)}})
    text = "Coastline Auto has 0 loans of Audi in 2026; rank A allows 0 loans a year."
    assert never == [("yearly_cap", text, None)]


def test_limits_of_a_rank_say_nothing_to_who_has_none() -> None:
    """Without an approval, or with a pending one, only the cooldown of 30 days applies."""
    for ranks in ({}, {"AUDI": "Pending"}):
        facts = plain(
            partner={"ranks": ranks, "loans": (lent(date(2026, 10, 20), date(2026, 10, 27)),)},
            office={"limits": {("AUDI", rank): ALL for rank in ("A+", "A", "B", "C", "D")}},
        )
        assert codes(facts) == ["not_approved"]
