"""When a run is due is told by the clocks of its zone, and the age of data in words that people use."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.sync.due import NEVER, Nightly, told_age

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
AT_TWO = Nightly(time(2, 0), LOS_ANGELES)
AT_HALF_PAST_TWO = Nightly(time(2, 30), LOS_ANGELES)


def moment(text: str) -> datetime:
    """What is that time in Los Angeles, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LOS_ANGELES).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-11-21T01:59:59", "2026-11-20T02:00", "2026-11-21T02:00"),
        ("2026-11-21T02:00:00", "2026-11-21T02:00", "2026-11-22T02:00"),
        ("2026-11-21T23:30:00", "2026-11-21T02:00", "2026-11-22T02:00"),
    ],
)
def test_a_run_is_due_every_night(now: str, last: str, following: str) -> None:
    """The due moment itself counts as past."""
    assert AT_TWO.last_due(moment(now)) == moment(last)
    assert AT_TWO.next_due(moment(now)) == moment(following)


def test_an_hour_that_the_clocks_leap_over_is_not_lost() -> None:
    """On the night clocks go forward 02:30 does not exist: the run is due half an hour after the leap."""
    morning = datetime(2026, 3, 8, 18, 0, tzinfo=UTC)
    assert AT_HALF_PAST_TWO.last_due(morning) == datetime(2026, 3, 8, 10, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_counts_once() -> None:
    """On the night clocks go back 01:30 comes twice: a run after the first is not due again at the second."""
    nightly = Nightly(time(1, 30), LOS_ANGELES)
    first, second = datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    assert nightly.last_due(second) == first
    assert not nightly.is_due(second, first)


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_every_moment_lies_between_two_due_ones(minutes: int) -> None:
    """last_due <= now < next_due, about a day apart, in every season."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    for nightly in (AT_TWO, AT_HALF_PAST_TWO):
        last, following = nightly.last_due(now), nightly.next_due(now)
        assert last <= now < following
        assert timedelta(hours=22) < following - last < timedelta(hours=26)


def test_who_comes_second_at_night_has_nothing_to_do() -> None:
    """A run that began at or after the due moment, by whatever process, is this night's run."""
    due = moment("2026-11-21T02:00")
    assert AT_TWO.is_due(due, None)
    assert AT_TWO.is_due(due, due - timedelta(hours=1))
    assert not AT_TWO.is_due(due + timedelta(seconds=3), due + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("attempt", "success", "is_missed"),
    [
        (None, None, True),
        ("2026-11-20T02:00", "2026-11-20T02:00", True),
        ("2026-11-21T02:00", "2026-11-21T02:00", False),
        ("2026-11-21T02:00", "2026-11-20T02:00", True),
        ("2026-11-21T08:55", "2026-11-20T02:00", False),
    ],
)
def test_a_missed_run_is_caught_up_at_start(attempt: str | None, success: str | None, is_missed: bool) -> None:
    """A process that starts at nine runs what failed or never came at two, unless somebody just tried."""
    tried, good = (moment(text) if text else None for text in (attempt, success))
    assert AT_TWO.is_missed(moment("2026-11-21T09:00"), tried, good) == is_missed


@pytest.mark.parametrize(
    ("good", "text", "is_stale"),
    [
        ("2026-11-21T02:04", "FMS data 02:04 PST today", False),
        ("2026-11-20T02:04", "FMS data 02:04 PST Fri 11-20-26", False),
        ("2026-11-19T02:04", "FMS data 02:04 PST Thu 11-19-26", True),
        ("2026-07-01T14:30", "FMS data 14:30 PDT Wed 07-01-26", True),
    ],
)
def test_the_age_of_data_is_told_with_its_zone(good: str, text: str, is_stale: bool) -> None:
    """Today's by the hour, others by weekday and date; after 36 hours they are stale."""
    age = told_age(moment(good), moment("2026-11-21T09:00"), LOS_ANGELES)
    assert (age.text, age.is_stale) == (text, is_stale)


def test_data_that_never_came_are_stale() -> None:
    """No run, no time."""
    age = told_age(None, moment("2026-11-21T09:00"), LOS_ANGELES)
    assert (age.text, age.is_stale) == (NEVER, True)
