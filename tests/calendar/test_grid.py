"""Where bars stand: hand-offs meet, edges are clipped, overlaps stack."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.calendar.grid import Place, Window, default_window, lanes, place
from webapp.loans.periods import of_activity

WINDOW = Window(date(2026, 11, 16), date(2026, 12, 13))
days = st.dates(date(2026, 10, 1), date(2027, 1, 31))
windows = st.builds(lambda first, days: Window(first, first + timedelta(days=days)), days, st.integers(0, 91))
periods = st.builds(lambda start, length: (start, start + timedelta(days=length)), days, st.integers(0, 40))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-11-16", "2026-11-23", Place(2, 16, False, False)),
        ("2026-11-23", "2026-11-30", Place(16, 30, False, False)),
        ("2026-11-10", "2026-11-18", Place(1, 6, True, False)),
        ("2026-11-10", "2026-11-16", Place(1, 2, True, False)),
        ("2026-12-13", "2026-12-20", Place(56, 57, False, True)),
        ("2026-12-07", "2026-12-14", Place(44, 57, False, True)),
        ("2026-06-01", "2027-06-01", Place(1, 57, True, True)),
        ("2026-11-18", "2026-11-18", Place(6, 7, False, False)),
        ("2026-12-13", "2026-12-13", Place(56, 57, False, False)),
    ],
)
def test_bars_begin_and_end_in_the_middle_of_a_day(start: str, end: str, expected: Place) -> None:
    """A bar runs from noon to noon, is cut at the window's edges, and says that it goes on."""
    assert place(WINDOW, date.fromisoformat(start), date.fromisoformat(end)) == expected


def test_loans_that_hand_over_on_one_day_meet_in_one_lane() -> None:
    """One loan's end is the next one's begin: same line, same lane."""
    first, second = (date(2026, 11, 16), date(2026, 11, 23)), (date(2026, 11, 23), date(2026, 11, 30))
    assert place(WINDOW, *first).until == place(WINDOW, *second).begin
    assert lanes([first, second]) == [0, 0]


def test_what_lasts_one_day_occupies_it_for_the_lanes_too() -> None:
    """A service on the day a loan begins lies over it; one on the day a loan ends does not."""
    loan, service_then = (date(2026, 11, 18), date(2026, 11, 25)), (date(2026, 11, 18), date(2026, 11, 18))
    assert sorted(lanes([loan, service_then])) == [0, 1]
    assert lanes([loan, (date(2026, 11, 25), date(2026, 11, 25))]) == [0, 0]


def test_four_weeks_from_monday() -> None:
    """The usual window begins on the Monday of this week, on a Sunday too."""
    assert default_window(date(2026, 11, 22)) == WINDOW
    assert default_window(date(2026, 11, 16)) == WINDOW
    assert len(list(WINDOW)) == WINDOW.days == 28


def test_a_window_has_at_least_a_day() -> None:
    """A window that ends before it begins cannot be made."""
    with pytest.raises(ValueError, match="ends on or after"):
        Window(date(2026, 11, 16), date(2026, 11, 15))


@given(windows, periods)
def test_every_bar_that_touches_the_window_is_inside_it(window: Window, period: tuple[date, date]) -> None:
    """A bar has a width, and lies within the lines of the grid."""
    if window.touches(*period):
        at = place(window, *period)
        assert 1 <= at.begin < at.until <= 2 * window.days + 1
        assert at.begins_before == (period[0] < window.first)


@given(st.lists(periods, max_size=25))
def test_lanes_never_overlap(bars: list[tuple[date, date]]) -> None:
    """Two bars of one lane have no day in common, in the grid as little as in fact."""
    numbers = lanes(bars)
    window = Window(date(2026, 9, 1), date(2027, 4, 30))
    for index, (one, lane) in enumerate(zip(bars, numbers, strict=True)):
        for other, other_lane in zip(bars[index + 1 :], numbers[index + 1 :], strict=True):
            if lane == other_lane:
                assert not of_activity(*one).overlaps(of_activity(*other))
                at, beside = place(window, *one), place(window, *other)
                assert at.until <= beside.begin or beside.until <= at.begin


@given(st.lists(periods, min_size=1, max_size=25))
def test_the_same_bars_get_the_same_lanes(bars: list[tuple[date, date]]) -> None:
    """Lanes depend on the bars alone, there are no more than needed, and none is skipped."""
    numbers = lanes(bars)
    assert lanes(bars) == numbers
    assert set(numbers) == set(range(max(numbers) + 1))
    busiest = max(sum(of_activity(*other).overlaps(of_activity(start, start)) for other in bars) for start, _ in bars)
    assert max(numbers) + 1 == busiest
