"""Which vehicles are marked as idle or over-used, and in which words."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.calendar.test_board import A3, LOAN, TODAY, board
from webapp.calendar.uses import Lent, Use, use_of

LENT = replace(A3, loans_in_year=8, usual_loans=8, last_day=TODAY)
FOUR_WEEKS = TODAY - timedelta(weeks=4)


@pytest.mark.parametrize(
    ("loans", "usual", "last_day", "has_bars", "use"),
    [
        (8, 8, FOUR_WEEKS, False, Use()),
        (8, 8, FOUR_WEEKS - timedelta(days=1), False, Use(Lent.IDLE, "idle since 10-21-26")),
        (8, 8, FOUR_WEEKS - timedelta(days=1), True, Use()),
        (0, 8, None, False, Use(Lent.IDLE, "never lent")),
        (None, None, None, False, Use()),
        (16, 8, TODAY, True, Use(Lent.OVER, "16 loans in a year, usual 8")),
        (15, 8, TODAY, True, Use()),
        (3, 1, TODAY, True, Use()),
        (5, 1, TODAY, True, Use(Lent.OVER, "5 loans in a year, usual 1")),
    ],
    ids=[
        *("out within four weeks", "not for more than four weeks", "but it is in these days", "never", "not known"),
        *("twice as often as usual", "less than twice", "twice of little", "four more than usual"),
    ],
)
def test_the_mark_of_a_vehicle(
    loans: int | None, usual: int | None, last_day: date | None, has_bars: bool, use: Use
) -> None:
    """Idle: nothing shown and nothing in four weeks. Over-used: twice as usual, and four loans more."""
    vehicle = replace(A3, loans_in_year=loans, usual_loans=usual, last_day=last_day)
    assert use_of(vehicle, TODAY, has_bars=has_bars) == use


def test_a_board_counts_its_marks() -> None:
    """The corner says how many rows have nothing, how many stand idle for long, how many are over-used."""
    busy = replace(LENT, id=1, loans_in_year=20)
    free = replace(LENT, id=2, vin="WAUZZZ8V0SA000002")
    idle = replace(LENT, id=3, vin="WAUZZZ8V0SA000003", last_day=None)
    gone = replace(LENT, id=4, vin="WAUZZZ8V0SA000004", last_day=None, is_gone=True)
    drawn = board(busy, free, idle, gone, LOAN)
    assert (drawn.idle, drawn.long_idle, drawn.over_used) == (3, 1, 1)


def test_a_bar_says_that_its_vehicle_is_expected_back_for_good_before_the_loan_ends() -> None:
    """In its sentence, for tooltips and screen readers; a turn-in after the loan is nobody's business yet."""
    inside = replace(LOAN, turn_in=LOAN.end_day - timedelta(days=1))
    after = replace(LOAN, turn_in=LOAN.end_day)
    (said,) = (bar.spoken for row in board(A3, inside).rows for bar in row.bars)
    (unsaid,) = (bar.spoken for row in board(A3, after).rows for bar in row.bars)
    assert "expected turn-in 11-29-26" in said
    assert "turn-in" not in unsaid
