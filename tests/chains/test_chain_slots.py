"""When the loans of a chain are: threading, against what a patient person with a calendar would do."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.chains.solving.slots import Calendar, Slot, SlotRefused, added, change, thread
from webapp.loans.availability import Occupation
from webapp.loans.periods import Period, is_weekend

TODAY = date(2026, 11, 23)  # a Monday


def booked(start: date, end: date, number: int = 1) -> Occupation:
    """A loan of the partner's that is there already."""
    return Occupation(start, end, "Coastline Auto", f"Lexus ES {number}", 3035, assignment_id=number)


def days_of(slots: tuple[Slot, ...]) -> list[tuple[date, date]]:
    """Start and end of each slot."""
    return [(slot.period.start_day, slot.period.end_day) for slot in slots]


def test_seven_days_are_thursday_to_thursday_back_to_back_and_across_new_year() -> None:
    """Each loan starts on the day the one before ends."""
    found = thread(Calendar(TODAY), date(2026, 12, 17), 7, 4)
    thursdays = [date(2026, 12, 17) + timedelta(weeks=number) for number in range(5)]
    assert days_of(found.slots) == list(pairwise(thursdays))
    assert not found.is_moved
    assert found.banner(4) == ""


@pytest.mark.parametrize("days", [2, 3])
def test_an_end_on_a_weekend_moves_to_monday(days: int) -> None:
    """From a Thursday, two days are Saturday and three are Sunday; the next loan starts on that Monday."""
    found = thread(Calendar(TODAY), date(2026, 11, 26), days, 2)
    assert found.slots[0].period.end_day == date(2026, 11, 30) == found.slots[1].period.start_day


def test_a_holiday_is_no_end_and_no_start() -> None:
    """Neither on its own nor beside a weekend: Thanksgiving and the Friday after move the end to Monday."""
    holidays = {date(2026, 11, 26): "Thanksgiving Day", date(2026, 11, 27): "The day after"}
    found = thread(Calendar(TODAY, holidays=holidays), date(2026, 11, 23), 3, 2)
    assert days_of(found.slots)[0] == (date(2026, 11, 23), date(2026, 11, 30))
    assert found.slots[1].period.start_day == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("start", "code", "until"),
    [
        (date(2026, 11, 20), "past", date(2026, 11, 23)),
        (date(2026, 11, 28), "weekend", date(2026, 11, 30)),
        (date(2026, 11, 29), "weekend", date(2026, 11, 30)),
        (date(2026, 12, 25), "holiday", date(2026, 12, 28)),
        (date(9999, 12, 31), "period", None),
    ],
)
def test_a_start_nobody_may_ask_for_is_refused_not_moved(start: date, code: str, until: date | None) -> None:
    """With the code of the rule, a sentence, and the first day that would do."""
    calendar = Calendar(TODAY, holidays={date(2026, 12, 25): "Christmas Day"})
    with pytest.raises(SlotRefused) as refused:
        thread(calendar, start, 7, 4)
    assert (refused.value.code, refused.value.until, refused.value.field) == (code, until, "start")
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("days", "count", "field"), [(0, 1, "days"), (15, 1, "days"), (7, 0, "count"), (7, 11, "count")]
)
def test_numbers_out_of_range_are_refused(days: int, count: int, field: str) -> None:
    """One to fourteen days, one to ten loans."""
    with pytest.raises(SlotRefused) as refused:
        thread(Calendar(TODAY), TODAY, days, count)
    assert refused.value.field == field


def test_report_4_asked_for_one_day_and_got_another_says_so() -> None:
    """Year-long loans push the start into January, and the banner names the day and how many were placed."""
    long = booked(date(2025, 12, 1), date(2027, 1, 12))
    found = thread(Calendar(TODAY, (long,)), date(2026, 11, 23), 7, 8)
    assert (found.requested_start, found.actual_start) == (date(2026, 11, 23), date(2027, 1, 12))
    assert found.is_moved
    assert found.banner(6) == "Start moved to 01-12-27, 6 of 8 placed"
    assert found.conflicts == ()


def test_a_commitment_that_begins_and_ends_on_one_day_occupies_it() -> None:
    """As everywhere: the slot starts the day after."""
    found = thread(Calendar(TODAY, (booked(TODAY, TODAY),)), TODAY, 7, 1)
    assert found.actual_start == TODAY + timedelta(days=1)


def test_with_double_booking_the_dates_stay_and_each_loan_is_listed_once() -> None:
    """With all the slots it meets."""
    busy = (booked(date(2026, 12, 1), date(2026, 12, 16), 2), booked(date(2026, 11, 25), date(2026, 11, 26), 1))
    found = thread(Calendar(TODAY, busy, may_overlap=True), TODAY, 7, 4)
    assert days_of(found.slots) == days_of(thread(Calendar(TODAY), TODAY, 7, 4).slots)
    assert [(one.occupation.assignment_id, one.slots) for one in found.conflicts] == [(1, (1,)), (2, (2, 3, 4))]
    assert found.conflicts[1].text == "Lexus ES 2 12-01-26 to 12-16-26 overlaps loans 2, 3 and 4"
    assert found.conflicts[0].text.endswith("overlaps loan 1")


def test_pinned_days_stay_and_the_others_go_around_them() -> None:
    """The slot that would run into the pinned one starts when that ends."""
    pin = Period(date(2026, 12, 2), date(2026, 12, 9))
    found = thread(Calendar(TODAY), TODAY, 7, 3, {2: pin})
    assert [(slot.index, slot.is_pinned) for slot in found.slots] == [(1, False), (2, True), (3, False)]
    assert found.slots[1].period == pin
    assert found.slots[2].period.start_day == pin.end_day
    assert found.slots[0].period.end_day <= pin.start_day


def test_pinned_days_over_a_commitment_stay_and_are_reported() -> None:
    """A person knows why; we say what is there."""
    pin = Period(TODAY, TODAY + timedelta(days=7))
    found = thread(Calendar(TODAY, (booked(TODAY, TODAY + timedelta(days=2)),)), TODAY, 7, 1, {1: pin})
    assert found.slots[0].period == pin
    assert [one.slots for one in found.conflicts] == [(1,)]


def test_changing_a_slot_moves_those_after_it_but_not_the_pinned_nor_those_before() -> None:
    """And a pin of those after it stays a pin."""
    calendar = Calendar(TODAY)
    slots = thread(calendar, TODAY, 7, 4, {4: Period(date(2027, 1, 4), date(2027, 1, 11))}).slots
    found = change(calendar, slots, 2, Period(date(2026, 12, 2), date(2026, 12, 12)), 7)
    assert days_of(found.slots) == [
        (date(2026, 11, 23), date(2026, 11, 30)),
        (date(2026, 12, 2), date(2026, 12, 14)),
        (date(2026, 12, 14), date(2026, 12, 21)),
        (date(2027, 1, 4), date(2027, 1, 11)),
    ]
    assert [slot.is_pinned for slot in found.slots] == [False, True, False, True]


@pytest.mark.parametrize("period", [Period(TODAY, TODAY), Period(date(2026, 11, 28), date(2026, 12, 4))])
def test_days_that_make_no_loan_are_refused_when_changing(period: Period) -> None:
    """An end that is not after the start; a start on Saturday."""
    calendar = Calendar(TODAY)
    with pytest.raises(SlotRefused):
        change(calendar, thread(calendar, TODAY, 7, 2).slots, 1, period, 7)


def test_a_loan_is_added_after_the_last_and_never_an_eleventh() -> None:
    """The others keep their days."""
    calendar = Calendar(TODAY)
    slots = thread(calendar, TODAY, 7, 9).slots
    ten = added(calendar, slots, 7)
    assert ten.slots[:-1] == slots
    assert ten.slots[-1] == Slot(10, Period(slots[-1].period.end_day, slots[-1].period.end_day + timedelta(days=7)))
    with pytest.raises(SlotRefused):
        added(calendar, ten.slots, 7)


def test_a_loan_added_after_days_that_have_passed_starts_today() -> None:
    """Nothing new begins in the past, however old the chain is."""
    slots = thread(Calendar(TODAY), TODAY, 7, 2).slots
    later = TODAY + timedelta(days=28)
    assert added(Calendar(later), slots, 7).slots[-1].period == Period(later, later + timedelta(days=7))


def test_slots_end_where_the_calendar_of_fms_ends() -> None:
    """Fewer slots, no error."""
    found = thread(Calendar(TODAY), date(2068, 12, 3), 14, 10)
    assert 0 < len(found.slots) < found.asked == 10


starts = st.integers(0, 60).map(lambda number: TODAY + timedelta(days=number))
occupations = st.lists(
    st.tuples(st.integers(-20, 120), st.integers(0, 40)).map(
        lambda pair: booked(TODAY + timedelta(days=pair[0]), TODAY + timedelta(days=sum(pair)), pair[0])
    ),
    max_size=5,
)
holidays = st.sets(st.integers(0, 150).map(lambda number: TODAY + timedelta(days=number)), max_size=6)


@given(starts, st.integers(1, 14), st.integers(1, 10), occupations, holidays)
def test_slots_are_the_first_that_fit(
    start: date, days: int, count: int, busy: list[Occupation], closed: set[date]
) -> None:
    """Day by day: every slot starts on the first day, from the end of the one before, on which it could."""
    calendar = Calendar(TODAY, tuple(busy), closed)

    def is_open(day: date) -> bool:
        return not is_weekend(day) and day not in closed

    if not is_open(start):
        with pytest.raises(SlotRefused):
            thread(calendar, start, days, count)
        return
    expected: list[tuple[date, date]] = []
    day = start
    while len(expected) < count:
        end = day + timedelta(days=days)
        while not is_open(end):
            end += timedelta(days=1)
        if is_open(day) and not any(one.period.overlaps(Period(day, end)) for one in busy):
            expected.append((day, end))
            day = end
        else:
            day += timedelta(days=1)
    assert days_of(thread(calendar, start, days, count).slots) == expected
