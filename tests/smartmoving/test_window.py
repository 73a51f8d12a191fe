"""The days a sweep covers, and how many sweeps a day still has."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.smartmoving.schedule import LAST, last_sweep, sweeps_left
from webapp.smartmoving.window import window_of

HALIFAX, HONOLULU, PACIFIC = ZoneInfo("America/Halifax"), ZoneInfo("Pacific/Honolulu"), ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("hour", "first", "last"),
    [(3, 21, 22), (4, 21, 23), (9, 21, 23), (11, 22, 23), (23, 22, 23)],
)
def test_today_and_tomorrow_wherever_there_is_a_branch(hour: int, first: int, last: int) -> None:
    """While Halifax has a new day and Honolulu has not, the window has three days."""
    window = window_of(datetime(2026, 11, 22, hour, tzinfo=UTC), [HALIFAX, HONOLULU])
    assert (window.first, window.last) == (date(2026, 11, first), date(2026, 11, last))


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_every_zones_two_days_are_covered(minutes: int) -> None:
    """Whatever the moment, also when clocks change."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    zones = [HALIFAX, HONOLULU, PACIFIC]
    window = window_of(moment, zones)
    for zone in zones:
        today = moment.astimezone(zone).date()
        assert today in window
        assert today + timedelta(days=1) in window
    assert (window.last - window.first).days <= 2
    assert None not in window


@pytest.mark.parametrize(
    ("clock", "left"),
    [(time(3), 65), (time(5, 59), 65), (time(6), 64), (time(6, 14), 64), (time(6, 15), 63), (time(21, 59), 1),
     (time(22), 0), (time(23, 30), 0)],
)  # fmt: skip
def test_sweeps_that_are_left(clock: time, left: int) -> None:
    """Every fifteen minutes from six to ten: 65 sweeps a day."""
    assert sweeps_left(datetime.combine(date(2026, 11, 22), clock, PACIFIC), 15) == left


def test_the_last_sweep_of_the_day() -> None:
    """It is at ten, by the desk's own clock."""
    assert last_sweep(datetime(2026, 11, 22, 7, tzinfo=PACIFIC)) == datetime(2026, 11, 22, LAST.hour, tzinfo=PACIFIC)
