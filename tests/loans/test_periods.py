"""Half-open periods, against a brute force that marks days one by one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.loans.periods import Period, is_weekend, next_weekday, of_activity, with_weekday_end

FIRST = date(2026, 11, 2)
# A little more than two months: every relation of two periods occurs, and so does every weekday.
days = st.integers(0, 70).map(lambda number: FIRST + timedelta(days=number))
periods = st.builds(Period, days, days)


def marked(period: Period) -> set[date]:
    """Every day that `period` occupies, one by one."""
    return {period.start_day + timedelta(days=number) for number in range(max(0, period.days))}


@given(periods, periods)
def test_periods_overlap_exactly_when_they_share_a_day(one: Period, other: Period) -> None:
    """Touching ends do not overlap, nor does a period without days, whichever is asked."""
    assert one.overlaps(other) == bool(marked(one) & marked(other)) == other.overlaps(one)


@given(days, st.integers(1, 14), st.integers(1, 14))
def test_a_vehicle_goes_out_again_on_the_day_it_comes_back(start: date, first: int, second: int) -> None:
    """Both ways: the earlier loan's end is the later one's start."""
    handover = start + timedelta(days=first)
    earlier, later = Period(start, handover), Period(handover, handover + timedelta(days=second))
    assert not earlier.overlaps(later)
    assert not later.overlaps(earlier)


@given(days, st.integers(0, 14))
def test_an_activity_of_one_day_occupies_that_day(start: date, length: int) -> None:
    """Longer ones are half-open like loans."""
    occupied = marked(of_activity(start, start + timedelta(days=length)))
    assert occupied == {start + timedelta(days=number) for number in range(max(1, length))}


def test_the_last_days_of_the_calendar_do_not_break_it() -> None:
    """FMS writes 12/31/9999 for `never`."""
    assert of_activity(date(2026, 1, 1), date.max).overlaps(Period(date(2040, 1, 1), date(2040, 1, 2)))
    assert next_weekday(date.max) == date.max


@given(periods)
def test_an_end_on_a_weekend_moves_to_monday(period: Period) -> None:
    """No other end moves, and no start does."""
    booked = with_weekday_end(period)
    assert booked.start_day == period.start_day
    assert not is_weekend(booked.end_day)
    if period.end_day.weekday() < 5:
        assert booked == period
    else:
        assert booked.end_day.strftime("%a") == "Mon"
        assert 1 <= (booked.end_day - period.end_day).days <= 2


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        (date(2026, 11, 26), date(2026, 12, 3), 7),
        (date(2026, 12, 31), date(2027, 1, 7), 7),
        (date(2027, 3, 12), date(2027, 3, 15), 3),
        (date(2028, 2, 28), date(2028, 3, 1), 2),
        (date(2026, 11, 26), date(2026, 11, 26), 0),
        (date(2026, 11, 26), date(2026, 11, 25), -1),
    ],
)
def test_a_loan_of_seven_days_is_thursday_to_thursday(start: date, end: date, length: int) -> None:
    """Also across New Year, a change of the clocks and a leap day."""
    assert Period(start, end).days == length
