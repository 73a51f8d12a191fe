"""Who is in the way on given days, against a calendar on which days are ticked off."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.loans.availability import Occupation, in_the_way
from webapp.loans.periods import Period

FIRST = date(2026, 11, 2)
days = st.integers(0, 40).map(lambda number: FIRST + timedelta(days=number))
lengths = st.integers(0, 12)


def occupation(number: int, start: date, length: int) -> Occupation:
    """The loan or (odd numbers) the activity of that number."""
    end = start + timedelta(days=length)
    if number % 2:
        return Occupation(start, end, "Weekly Torque", "Audi A3", activity_id=number)
    return Occupation(start, max(end, start + timedelta(days=1)), "Weekly Torque", "Audi A3", assignment_id=number)


occupations = st.lists(st.tuples(days, lengths), max_size=8).map(
    lambda rows: [occupation(number, *row) for number, row in enumerate(rows, 1)]
)
wishes = st.builds(lambda start, length: Period(start, start + timedelta(days=length)), days, st.integers(1, 12))


def ticked(one: Occupation) -> set[date]:
    """The days it occupies, by the sentence of the rule: from its first day, up to and without the last."""
    if one.start_day == one.end_day:
        return {one.start_day}
    return {one.start_day + timedelta(days=number) for number in range((one.end_day - one.start_day).days)}


@given(wishes, occupations)
def test_exactly_what_shares_a_day_is_in_the_way(wanted: Period, given: list[Occupation]) -> None:
    """Activities of one day count, and touching ends do not."""
    wish = {wanted.start_day + timedelta(days=number) for number in range(wanted.days)}
    expected = [one for one in given if ticked(one) & wish]
    found = in_the_way(wanted, given)
    assert sorted(map(repr, found)) == sorted(map(repr, expected))
    assert [one.start_day for one in found] == sorted(one.start_day for one in found)
    assert in_the_way(wanted, reversed(given)) == found


WEEK = Occupation(date(2026, 11, 26), date(2026, 12, 3), "Coastline Auto", "Audi A3", person_id=3035, assignment_id=1)


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (WEEK, "held by Coastline Auto 11-26-26 to 12-03-26"),
        (replace(WEEK, person_id=None, holder="Service"), "held in FMS (Service) 11-26-26 to 12-03-26"),
        (replace(WEEK, person_id=None, holder=""), "held in FMS 11-26-26 to 12-03-26"),
        (
            replace(WEEK, person_id=None, holder="Hold For Turn In", end_day=WEEK.start_day),
            "held in FMS (Hold For Turn In) on 11-26-26",
        ),
    ],
)
def test_the_holder_and_the_dates_are_named_as_fms_shows_them(one: Occupation, sentence: str) -> None:
    """A hold without a person is called by its kind, and one of a day by its day."""
    assert one.sentence() == sentence
