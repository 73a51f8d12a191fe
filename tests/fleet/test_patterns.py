"""Weekdays and publication rates follow from loan history by the rules of the desk, whatever the order of the rows."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.fleet.patterns import PastLoan, Rate, months_before, preferred_weekdays, publication_rates

TODAY = date(2026, 11, 23)
MONDAY, OLD_MONDAY = date(2026, 11, 2), date(2024, 11, 4)
KEY = (3001, "Los Angeles")


def loan(start_day: date, clips: int | None = None, make: str = "Audi", person_id: int = 3001) -> PastLoan:
    return PastLoan(person_id, "Los Angeles", make, start_day, start_day + timedelta(days=7), clips)


def starts(recent: str = "", old: str = "") -> list[PastLoan]:
    """Loans that start on these weekdays (0 is Monday) in the last twelve months, and before."""
    days = [MONDAY + timedelta(days=int(weekday)) for weekday in recent]
    return [loan(day) for day in (*days, *(OLD_MONDAY + timedelta(days=int(weekday)) for weekday in old))]


@pytest.mark.parametrize(
    ("recent", "old", "weekday"),
    [
        ("0000", "", None),
        ("00000", "", 0),
        ("", "33333", 3),
        ("22", "333", 2),
        ("001234", "", None),
        ("00123", "", 0),
        ("0011", "2", None),
        ("0", "0444", None),
        ("4", "00044", 4),
        ("55555", "", None),
        ("0055", "0", 0),
        ("0011", "11", 1),
    ],
    ids=[
        "four are too few",
        "all on Monday",
        "all long ago",
        "two recent ones outweigh three old ones",
        "a third of the weight is too little",
        "two fifths are enough",
        "two equal days: neither",
        "equal by weight: neither",
        "weight, not number, decides",
        "nobody may start on a Saturday",
        "weekend starts count towards the whole",
        "older ones break a tie of recent ones",
    ],
)
def test_the_preferred_weekday(recent: str, old: str, weekday: int | None) -> None:
    """Five loans, 40 % of the weight, recent ones double, and more than any other day."""
    found = preferred_weekdays(starts(recent, old), TODAY).get(KEY)
    assert (found.weekday if found else None) == weekday


def test_a_preference_says_what_it_rests_on() -> None:
    """The number of loans, and the share of their weight."""
    assert preferred_weekdays(starts("001", "12"), TODAY)[KEY] == (0, 5, Decimal("0.500"))


def test_a_year_ago_today_is_no_longer_recent() -> None:
    """The window moves with the day: what weighed double yesterday may not today."""
    year_ago = date(2025, 11, 24)  # a Monday
    loans = [loan(year_ago)] * 2 + [loan(OLD_MONDAY + timedelta(days=1))] * 3
    assert preferred_weekdays(loans, TODAY)[KEY].weekday == 0
    assert preferred_weekdays(loans, TODAY + timedelta(days=1))[KEY].weekday == 1


def test_each_office_has_its_own_preference() -> None:
    """A person under two offices may come on other days to each."""
    there = [one._replace(office="Dallas", start_day=one.start_day + timedelta(days=2)) for one in starts("00000")]
    found = preferred_weekdays([*starts("00000"), *there], TODAY)
    assert {key: preference.weekday for key, preference in found.items()} == {KEY: 0, (3001, "Dallas"): 2}


def test_publication_rates() -> None:
    """Unknown counts are left out, zero is not published, and makes are one under any spelling."""
    loans = [loan(MONDAY, clips, make) for make, clips in [("VW", 3), ("Volkswagen", 0), ("Audi", None), ("Audi", 1)]]
    loans.append(loan(MONDAY, 0, "Audi", person_id=3002))
    assert publication_rates(loans, TODAY) == {
        (0, "AUDI"): Rate(2, 1),
        (0, "VOLKSWAGEN"): Rate(2, 1),
        (3001, ""): Rate(3, 2),
        (3001, "AUDI"): Rate(1, 1),
        (3001, "VOLKSWAGEN"): Rate(2, 1),
        (3002, ""): Rate(1, 0),
        (3002, "AUDI"): Rate(1, 0),
    }


@pytest.mark.parametrize(
    ("end_day", "is_counted"),
    [(date(2024, 11, 23), False), (date(2024, 11, 24), True), (TODAY, True), (TODAY + timedelta(days=1), False)],
)
def test_rates_are_of_the_last_24_months(end_day: date, is_counted: bool) -> None:
    """From the day after that day two years ago until today, by the end of the loan."""
    rates = publication_rates([loan(end_day - timedelta(days=7), 1)], TODAY)
    assert bool(rates) == is_counted


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 23), 12, date(2025, 11, 23)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2024, 2, 29), 48, date(2020, 2, 29)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
    ],
)
def test_months_before(day: date, months: int, before: date) -> None:
    """The same day of the month, or its last."""
    assert months_before(day, months) == before


past_loans = st.builds(
    PastLoan,
    person_id=st.integers(1, 3),
    office=st.sampled_from(["Los Angeles", "Dallas"]),
    make=st.sampled_from(["Audi", "VW", "Volkswagen"]),
    start_day=st.dates(date(2024, 1, 1), TODAY),
    end_day=st.dates(date(2024, 1, 1), TODAY),
    clips=st.none() | st.integers(0, 3),
)


@given(st.lists(past_loans, max_size=60), st.integers())
def test_the_order_of_rows_does_not_matter(loans: list[PastLoan], seed: int) -> None:
    """Reports have no order to rely on; and every rate is of known loans, the parts adding up to the whole."""
    shuffled = Random(seed).sample(loans, len(loans))
    assert list(preferred_weekdays(loans, TODAY).items()) == list(preferred_weekdays(shuffled, TODAY).items())
    rates = publication_rates(loans, TODAY)
    assert list(rates.items()) == list(publication_rates(shuffled, TODAY).items())
    assert all(0 <= rate.published <= rate.known for rate in rates.values())
    for person_id in {one.person_id for one in loans}:
        parts = [rate for (person, make), rate in rates.items() if person == person_id and make]
        whole = rates.get((person_id, ""), Rate(0, 0))
        assert (sum(part.known for part in parts), sum(part.published for part in parts)) == whole
