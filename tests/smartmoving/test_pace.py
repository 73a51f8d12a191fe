"""The pace: no 60 seconds ever see more calls than they may, however requests come."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.smartmoving.pace import MINUTE, next_moment

START = datetime(2026, 11, 22, tzinfo=UTC)


@given(st.integers(1, 12), st.lists(st.floats(-5, 90), max_size=80))
def test_no_minute_has_more_than_its_calls(per_minute: int, waits: list[float]) -> None:
    """Whenever calls are asked for, also by a clock that steps back, each half-open minute has at most so many."""
    now, given_out = START, list[datetime]()
    for wait in waits:
        now += timedelta(seconds=wait)
        full = given_out[-per_minute] if len(given_out) >= per_minute else None
        moment = next_moment(now, given_out[-1] if given_out else None, full)
        assert moment >= now
        given_out.append(moment)
    assert given_out == sorted(given_out)
    for first in given_out:
        assert sum(first <= other < first + MINUTE for other in given_out) <= per_minute


@given(st.integers(1, 12), st.integers(1, 60))
def test_no_call_waits_for_nothing(per_minute: int, count: int) -> None:
    """Asked for at once, calls go as early as the pace allows: so many at once, the rest a minute later."""
    given_out: list[datetime] = []
    for _ in range(count):
        full = given_out[-per_minute] if len(given_out) >= per_minute else None
        given_out.append(next_moment(START, given_out[-1] if given_out else None, full))
    assert given_out == [START + (number // per_minute) * MINUTE for number in range(count)]
