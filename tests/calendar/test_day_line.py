"""What stands above and below the board: months, holidays, how much is moved; and what is counted of what was read."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.calendar.test_board import ACTIVITY, LOAN, TODAY, VIEW, found
from webapp.calendar.day_line import Cell, day_line, months_of, trips_of
from webapp.calendar.filters import Filters
from webapp.calendar.grid import Window

HERE = replace(ACTIVITY, office="Los Angeles")
START = LOAN.start_day


def cell(day: date, *facts: Any, view: Filters = VIEW, most: dict[str, int] | None = None, **given: Any) -> Cell:
    """The day's cell of the line of a view, drawn from what was read."""
    line = day_line(view, found(*facts, **given), most or {}, {})
    return next(each for each in line.cells if each.day == day)


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ([LOAN], 1),
        ([replace(LOAN, status="planned")], 1),
        ([replace(LOAN, status="requested")], 1),
        ([replace(LOAN, status="active")], 1),
        ([replace(LOAN, status="completed")], 1),
        ([replace(LOAN, status="cancelled")], 0),
        ([replace(LOAN, office="Miami")], 0),
        ([replace(HERE, start_day=START)], 1),
        ([replace(HERE, start_day=START, person_id=None)], 0),
        ([replace(HERE, start_day=START, office="Miami")], 0),
        ([replace(HERE, start_day=START, office=None, fleet_vehicle_id=None)], 0),
        ([replace(LOAN, activity_id=700), replace(HERE, start_day=START)], 1),
    ],
    ids=[
        *("picked by hand", "planned", "requested", "active", "over", "cancelled", "planned at another office"),
        *("a row of FMS's own", "a hold", "of a vehicle elsewhere", "outside the feed", "linked, once"),
    ],
)
def test_what_counts(facts: list[Any], count: int) -> None:
    """Whatever goes to a partner and is not cancelled, at the office that planned it or where its vehicle is."""
    assert len(trips_of(found(*facts), "Los Angeles")) == count


def test_with_all_offices_only_those_in_scope_count() -> None:
    """A loan that is shown because its vehicle came here was planned elsewhere, and is moved there."""
    loans = (LOAN, replace(LOAN, id=8, office="Miami"))
    assert len(trips_of(found(*loans))) == 2
    assert len(trips_of(found(*loans, own_offices=frozenset({"Miami"})))) == 1


@pytest.mark.parametrize(
    ("most", "number", "classes", "spoken"),
    [
        (10, "1", "monday fine", "Mon 11-23-26: 1 of 10 moves"),
        (1, "1", "monday nearly", "Mon 11-23-26: 1 of 1 moves, full"),
        (0, "1", "monday over", "Mon 11-23-26: 1 of 0 moves, 1 too many"),
        (None, "1", "monday unknown", "Mon 11-23-26: 1 move"),
    ],
)
def test_a_day_says_its_moves_in_words_and_leads_to_them(
    most: int | None, number: str, classes: str, spoken: str
) -> None:
    """A number, a class for its colour, a sentence for who does not see it, the address of who moves."""
    day = cell(START, LOAN, most={} if most is None else {"Los Angeles": most})
    assert (day.number, day.classes, day.spoken) == (number, classes, spoken)
    assert day.address == "/calendar/moves?office=Los+Angeles&day=2026-11-23"


def test_all_offices_are_summed_and_those_in_trouble_named() -> None:
    """Drivers of one office do not drive for another: the sum has no capacity, the offices that are over are said."""
    everywhere = replace(VIEW, office="")
    loans = (LOAN, replace(LOAN, id=8, office="Miami"))
    day = cell(START, *loans, view=everywhere, most={"Los Angeles": 0, "Miami": 10})
    assert (day.number, day.mark, day.classes) == ("2", "1 over", "monday over")
    assert day.spoken == "Mon 11-23-26: 2 moves, Los Angeles 1 of 0 moves, 1 too many"


def test_a_holiday_is_named_above_and_below() -> None:
    """The name stands in the head of its day, and in the words of its moves."""
    line = day_line(VIEW, found(LOAN), {}, {START: "Founders' Day"})
    head = next(each for each in line.heads if each.day == START)
    assert (head.title, head.classes) == ("Founders' Day", "holiday monday")
    assert "Mon 11-23-26: 1 move, Founders' Day" in [each.spoken for each in line.cells]


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 11, 16), date(2026, 12, 13), [("November 2026", 15), ("December", 13)]),
        (date(2026, 12, 31), date(2027, 2, 1), [("December 2026", 1), ("January 2027", 31), ("February", 1)]),
        (TODAY, TODAY, [("November 2026", 1)]),
    ],
)
def test_months_are_named_with_the_year_where_it_begins(first: date, last: date, months: list[tuple[str, int]]) -> None:
    """Report 12: no year was said across New Year."""
    assert [(month.label, month.days) for month in months_of(Window(first, last))] == months
