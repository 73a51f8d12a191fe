"""By day SmartMoving is looked at every so many minutes of its zone's clocks, held back or made up once; jobs age."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.sync.due import NO_JOBS, ByDay, told_jobs_age

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
QUARTERS = ByDay(15, LOS_ANGELES)
ODD = ByDay(7, LOS_ANGELES)
ONCE = ByDay(1440, LOS_ANGELES)


def moment(text: str) -> datetime:
    """What is that time in Los Angeles, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LOS_ANGELES).astimezone(UTC)


@pytest.mark.parametrize(
    ("by_day", "now", "last", "following"),
    [
        (QUARTERS, "2026-11-21T05:59:59", "2026-11-20T22:00", "2026-11-21T06:00"),
        (QUARTERS, "2026-11-21T06:00:00", "2026-11-21T06:00", "2026-11-21T06:15"),
        (QUARTERS, "2026-11-21T14:14:59", "2026-11-21T14:00", "2026-11-21T14:15"),
        (QUARTERS, "2026-11-21T21:59:59", "2026-11-21T21:45", "2026-11-21T22:00"),
        (QUARTERS, "2026-11-21T22:00:00", "2026-11-21T22:00", "2026-11-22T06:00"),
        (QUARTERS, "2026-11-21T23:59:59", "2026-11-21T22:00", "2026-11-22T06:00"),
        # 137 steps of seven minutes end at 21:59.
        (ODD, "2026-11-21T21:59:30", "2026-11-21T21:59", "2026-11-22T06:00"),
        (ONCE, "2026-11-21T12:00:00", "2026-11-21T06:00", "2026-11-22T06:00"),
    ],
)
def test_looks_are_due_in_steps_by_day(by_day: ByDay, now: str, last: str, following: str) -> None:
    """From six to ten in the evening, both included; the due moment itself counts as past."""
    assert by_day.last_due(moment(now)) == moment(last)
    assert by_day.next_due(moment(now)) == moment(following)


@pytest.mark.parametrize("day", ["2026-03-08", "2026-07-01", "2026-11-01"])
def test_every_day_has_as_many_looks(day: str) -> None:
    """Also those on which the clocks are changed: 65, the first at six and the last at ten in the evening."""
    looks, now = [], moment(f"{day}T00:00")
    while (now := QUARTERS.next_due(now)) <= moment(f"{day}T23:59"):
        looks.append(now.astimezone(LOS_ANGELES))
    assert len(looks) == 65
    assert (looks[0].time(), looks[-1].time()) == (time(6), time(22))


def test_clocks_that_change_in_working_hours_lose_no_look() -> None:
    """Where the leap falls into the day, the steps go on evenly and the day still ends at ten."""
    by_day = ByDay(30, LOS_ANGELES, begins=time(1), ends=time(4))
    looks, now = [], moment("2026-03-08T00:30")
    for _ in range(5):
        now = by_day.next_due(now)
        looks.append(f"{now.astimezone(LOS_ANGELES):%H:%M}")
    assert looks == ["01:00", "01:30", "03:00", "03:30", "04:00"]


@given(st.integers(0, 2 * 365 * 24 * 60 * 60), st.sampled_from([1, 7, 15, 60, 1440]))
def test_every_moment_lies_between_two_due_ones(seconds: int, minutes: int) -> None:
    """last_due <= now < next_due, never further apart than a night or a step, in every season."""
    now, by_day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), ByDay(minutes, LOS_ANGELES)
    last, following = by_day.last_due(now), by_day.next_due(now)
    assert last <= now < following
    assert following - last <= max(timedelta(minutes=minutes), timedelta(hours=9)) + timedelta(hours=1)
    assert by_day.next_due(last) == following
    assert by_day.last_due(following) == following


@pytest.mark.parametrize(
    ("now", "attempt", "hold", "is_due"),
    [
        ("2026-11-21T14:15:00", None, None, True),
        ("2026-11-21T14:15:00", "2026-11-21T14:00:01", None, True),
        # Another process was quicker, or somebody pressed the button.
        ("2026-11-21T14:15:03", "2026-11-21T14:15:01", None, False),
        ("2026-11-21T14:29:59", "2026-11-21T14:15:01", None, False),
        # Started at noon after three days: one look makes up for all.
        ("2026-11-21T12:07:00", "2026-11-18T14:00:00", None, True),
        ("2026-11-21T12:08:00", "2026-11-21T12:07:00", None, False),
        # At night nothing is made up; the evening's last look may be a little late.
        ("2026-11-21T05:59:59", "2026-11-18T14:00:00", None, False),
        ("2026-11-21T22:00:30", "2026-11-21T21:45:00", None, True),
        ("2026-11-21T22:05:01", "2026-11-21T21:45:00", None, False),
        # The key was refused, or the month is used up.
        ("2026-11-21T14:15:00", None, "2026-11-21T15:00:00", False),
        ("2026-11-21T15:00:00", None, "2026-11-21T15:00:00", True),
    ],
)
def test_whether_a_look_is_owed(now: str, attempt: str | None, hold: str | None, is_due: bool) -> None:
    """In working hours, unless somebody has tried since it was due, or something holds it."""
    tried, held = (moment(text) if text else None for text in (attempt, hold))
    assert QUARTERS.is_due(moment(now), tried, held) == is_due


@pytest.mark.parametrize(
    ("since", "until", "worked"),
    [
        ("2026-11-21T14:00", "2026-11-21T14:12", timedelta(minutes=12)),
        ("2026-11-20T21:30", "2026-11-21T06:40", timedelta(minutes=70)),
        ("2026-11-20T22:00", "2026-11-21T06:00", timedelta()),
        ("2026-11-20T23:00", "2026-11-20T23:30", timedelta()),
        ("2026-11-18T12:00", "2026-11-21T12:00", timedelta(hours=48)),
        ("2026-03-07T21:00", "2026-03-08T07:00", timedelta(hours=2)),
        # Beyond a week nobody counts.
        ("2020-01-01T00:00", "2026-11-21T00:00", timedelta(hours=7 * 16)),
    ],
)
def test_only_working_time_counts(since: str, until: str, worked: timedelta) -> None:
    """Nights age nothing, whatever the clocks do in them."""
    assert QUARTERS.worked(moment(since), moment(until)) == worked


@pytest.mark.parametrize(
    ("now", "good", "text", "is_stale"),
    [
        ("2026-11-21T14:17:30", "2026-11-21T14:05", "Jobs as of 14:05 PST, 12 minutes ago", False),
        ("2026-11-21T15:05:00", "2026-11-21T14:05", "Jobs as of 14:05 PST, 1 hour ago", False),
        ("2026-11-21T15:05:01", "2026-11-21T14:05", "Jobs as of 14:05 PST, 1 hour ago", True),
        ("2026-11-21T06:10:00", "2026-11-20T22:00", "Jobs as of 22:00 PST Fri 11-20-26, 8 hours ago", False),
        ("2026-11-21T07:01:00", "2026-11-20T22:00", "Jobs as of 22:00 PST Fri 11-20-26, 9 hours ago", True),
    ],
)
def test_the_age_of_jobs_is_told(now: str, good: str, text: str, is_stale: bool) -> None:
    """With its zone, and the date when it was another day; an hour of working time is too old."""
    age = told_jobs_age(moment(good), moment(now), QUARTERS)
    assert (age.text, age.is_stale) == (text, is_stale)
    assert bool(age.warning) == is_stale


def test_jobs_that_never_came_are_told() -> None:
    """No run, no time."""
    age = told_jobs_age(None, moment("2026-11-21T09:00"), QUARTERS)
    assert (age.text, age.is_stale) == (NO_JOBS, True)


def test_rarer_looks_age_slower() -> None:
    """Who looks every two hours is not told after one that it is late."""
    by_day = ByDay(120, LOS_ANGELES)
    assert not told_jobs_age(moment("2026-11-21T10:00"), moment("2026-11-21T13:30"), by_day).is_stale
    assert (by_day.stale_after, by_day.alert_after) == (timedelta(hours=4), timedelta(hours=6))
    assert (QUARTERS.stale_after, QUARTERS.alert_after) == (timedelta(hours=1), timedelta(hours=2))
