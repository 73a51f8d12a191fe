"""The loans of a draft as somebody builds: whatever they do, in whatever order, what they chose is never lost."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import asks as draft_asks
from webapp.chains.drafting.slots import (
    Place,
    Places,
    appended,
    asked_again,
    at,
    laid_out,
    moved,
    numbered,
    picks_of,
    pinned_of,
    put,
    removed,
)
from webapp.chains.solving.slots import Calendar, Slot, SlotRefused
from webapp.loans.availability import Occupation
from webapp.loans.periods import Period, is_weekend

MONDAY = date(2026, 11, 23)
CALENDAR = Calendar(MONDAY)
ASK = Ask(Kind.PARTNER, "Los Angeles", MONDAY, person_id=3035)


def week(number: int, weeks: int = 1) -> Period:
    """The week that begins so many weeks after `MONDAY`, or several."""
    start = MONDAY + timedelta(weeks=number)
    return Period(start, start + timedelta(weeks=weeks))


def booked(period: Period) -> Occupation:
    """A loan of the partner's that is there already."""
    return Occupation(period.start_day, period.end_day, "Coastline Auto", "Lexus ES", 3035, assignment_id=1)


def chain(*keys: str | None, pinned: str = "") -> Places:
    """A loan a week from `MONDAY` on, filled with these; `pinned` names those that a person chose."""
    return tuple(
        Place(Slot(number, week(number - 1)), key, key is not None and key in pinned)
        for number, key in enumerate(keys, start=1)
    )


def days(places: Places) -> list[Period]:
    """The days of each."""
    return [place.period for place in places]


def keys(places: Places) -> list[object]:
    """What fills each."""
    return [place.key for place in places]


def test_other_days_move_the_loans_after_it_with_what_is_in_them() -> None:
    """Suggested or chosen, a pick stays in its loan; the loan itself keeps the days that a person gave it."""
    again = moved(CALENDAR, chain("A", "B", "C", pinned="C"), 2, week(2, weeks=2), 7)
    assert days(again) == [week(0), week(2, weeks=2), week(4)]
    assert keys(again) == ["A", "B", "C"]
    assert [place.slot.is_pinned for place in again] == [False, True, False]
    assert pinned_of(again) == {3: "C"}


def test_a_loan_moved_past_another_changes_numbers_with_it() -> None:
    """Cards are in order of days, so the numbers are, too."""
    third = moved(CALENDAR, chain("A", "B", "C"), 3, week(8), 7)
    again = moved(CALENDAR, third, 1, week(12), 7)
    assert days(again) == [week(8), week(12), week(13)]
    assert keys(again) == ["C", "A", "B"]


def test_removing_leaves_the_others_where_they_are() -> None:
    """There is a gap then, and the numbers close up; what is added comes after the last."""
    again = removed(chain("A", "B", "C"), 2)
    assert days(again) == [week(0), week(2)]
    assert picks_of(again) == {1: "A", 2: "C"}
    more = appended(CALENDAR, again, MONDAY, 7)
    assert days(more) == [week(0), week(2), week(3)]
    assert keys(more) == ["A", "C", None]


def test_the_first_loan_of_an_empty_chain_starts_where_it_was_asked_to() -> None:
    """Somebody removed all of them, and begins anew."""
    assert days(appended(CALENDAR, (), week(2).start_day, 7)) == [week(2)]


def test_a_chain_ends_at_ten_loans() -> None:
    """With the sentence for the number of loans."""
    with pytest.raises(SlotRefused) as refused:
        appended(CALENDAR, chain(*"ABCDEFGHIJ"), MONDAY, 7)
    assert refused.value.field == "count"


def test_a_loan_that_is_not_there_is_an_error() -> None:
    """Whatever is to be done with it."""
    for act in (
        lambda: put(chain("A"), 2, "B", is_pinned=True),
        lambda: removed(chain("A"), 2),
        lambda: moved(CALENDAR, chain("A"), 2, week(5), 7),
        lambda: at((), 1),
    ):
        with pytest.raises(KeyError):
            act()


def test_asking_again_keeps_what_a_person_chose_and_all_days() -> None:
    """Suggested loans are emptied for the solver; a gap that somebody made stays one."""
    places = removed(chain("A", "B", "C", "D", pinned="C"), 2)
    again = asked_again(CALENDAR, places, ASK, replace(ASK, count=3))
    assert days(again) == days(places)
    assert keys(again) == [None, "C", None]


def test_asking_for_the_empty_ones_only_keeps_the_suggested_ones_too() -> None:
    """As they are: not pinned by that."""
    again = asked_again(CALENDAR, chain("A", None, "C", pinned="C"), ASK, replace(ASK, count=3), keeps_picks=True)
    assert keys(again) == ["A", None, "C"]
    assert pinned_of(again) == {3: "C"}


def test_another_start_moves_all_but_chosen_days() -> None:
    """The others go around those, in order; what is pinned goes with its loan."""
    places = moved(CALENDAR, chain("A", "B", "C", pinned="AC"), 2, week(4), 7)
    later = replace(ASK, count=3, start=week(2).start_day)
    again = asked_again(CALENDAR, places, replace(ASK, count=3), later)
    assert days(again) == [week(2), week(4), week(5)]
    assert keys(again) == ["A", None, "C"]
    past_it = asked_again(CALENDAR, places, replace(ASK, count=3), replace(later, start=week(8).start_day))
    assert days(past_it) == [week(4), week(8), week(9)]
    assert keys(past_it) == [None, "A", "C"]


def test_fewer_loans_go_from_the_end_but_never_what_was_chosen() -> None:
    """A pinned loan beyond the number stays, and so does one with chosen days; the person is told."""
    places = moved(CALENDAR, chain("A", "B", "C", "D", "E", pinned="D"), 5, week(6), 7)
    fewer = replace(ASK, count=2)
    again = asked_again(CALENDAR, places, replace(ASK, count=5), fewer)
    assert days(again) == [week(0), week(1), week(3), week(6)]
    assert keys(again) == [None, None, "D", None]
    assert draft_asks.kept_beyond(fewer, again) == (
        "2 loans were asked for; 4 stay, for what a person chose is only removed by hand.",
    )
    assert draft_asks.kept_beyond(replace(ASK, count=4), again) == ()


def test_more_loans_come_after_the_last() -> None:
    """Around what is booked by then."""
    calendar = Calendar(MONDAY, (booked(week(2)),))
    again = asked_again(calendar, chain("A", "B", pinned="A"), replace(ASK, count=2), replace(ASK, count=4))
    assert days(again) == [week(0), week(1), week(3), week(4)]
    assert keys(again) == ["A", None, None, None]


def test_what_was_booked_meanwhile_moves_the_loans_from_there_on() -> None:
    """The first that cannot be where it was and those after it; not those before, nor a loan with chosen days."""
    places = moved(CALENDAR, chain("A", "B", "C", "D", pinned="ABCD"), 4, week(3), 7)
    calendar = Calendar(MONDAY, (booked(week(1)),))
    ask = replace(ASK, count=4)
    assert days(asked_again(calendar, places, ask, ask)) == [week(0), week(2), week(3), week(4)]
    assert keys(asked_again(calendar, places, ask, ask)) == ["A", "B", "D", "C"]
    wanted = replace(ask, allow_double_booking=True)
    assert days(asked_again(replace(calendar, may_overlap=True), places, wanted, wanted)) == days(places)
    assert days(asked_again(Calendar(MONDAY, (booked(week(0)),)), chain("A", "B"), ASK, replace(ASK, count=2))) == [
        week(1),
        week(2),
    ]


def test_a_start_that_has_passed_since_is_refused_where_it_is_needed() -> None:
    """A draft of last week: only what must move is threaded from the start that was asked for."""
    later = Calendar(week(1).start_day)
    ask = replace(ASK, count=2)
    with pytest.raises(SlotRefused) as refused:
        asked_again(later, chain("A", "B"), ask, ask)
    assert (refused.value.code, refused.value.field) == ("past", "start")
    ahead = tuple(replace(place, slot=Slot(place.index, week(place.index + 1))) for place in chain("A", "B"))
    assert days(asked_again(later, ahead, ask, ask)) == days(ahead)


@pytest.mark.parametrize(
    ("change", "field"), [({"days": 15}, "days"), ({"count": 0}, "count"), ({"count": 11}, "count")]
)
def test_numbers_out_of_range_are_refused(change: dict[str, int], field: str) -> None:
    """Also where nothing would have to be threaded."""
    with pytest.raises(SlotRefused) as refused:
        asked_again(CALENDAR, chain("A", pinned="A"), ASK, Ask(**{**vars(ASK), **change}))
    assert refused.value.field == field


def test_a_partner_who_is_booked_for_ever_keeps_the_loans_that_hold_something() -> None:
    """FMS writes 12/31/9999 for never: no days are left, and yet no pick goes."""
    calendar = Calendar(MONDAY, (booked(Period(week(1).start_day, date(9999, 12, 31))),))
    again = asked_again(calendar, chain("A", "B", "C", pinned="B"), ASK, replace(ASK, count=3))
    assert keys(again) == [None, "B"]
    assert days(again) == [week(0), week(1)]
    assert appended(calendar, again, MONDAY, 7) == again


LENGTHS = [3, 14, 7, 10]


def test_loans_laid_out_keep_their_lengths_wherever_they_go() -> None:
    """As those of a copied chain: three days from Monday, two weeks, one week, and ten days that end on a weekend."""
    places = laid_out(CALENDAR, MONDAY, LENGTHS)
    thursday = date(2026, 11, 26)
    ends = [thursday, thursday + timedelta(14), thursday + timedelta(21), date(2026, 12, 28)]
    assert days(places) == [Period(a, b) for a, b in zip([MONDAY, *ends], ends, strict=False)]
    ask = replace(ASK, count=4)
    later = asked_again(CALENDAR, places, ask, replace(ask, start=week(3).start_day))
    assert [period.days for period in days(later)] == [3, 14, 7, 11]
    assert days(later)[0].start_day == week(3).start_day
    first = moved(CALENDAR, places, 1, week(1), 7)
    assert [period.days for period in days(first)] == [7, 14, 7, 11]
    uniform = asked_again(CALENDAR, places, ask, replace(ask, days=5, start=week(3).start_day))
    assert [period.days for period in days(uniform)] == [7, 7, 7, 7]


starts = st.integers(0, 60).map(lambda ahead: MONDAY + timedelta(days=ahead))
periods = st.builds(lambda start, length: Period(start, start + timedelta(days=length)), starts, st.integers(1, 20))
actions = st.one_of(
    st.tuples(st.just("pick"), st.integers(1, 6), st.booleans()),
    st.tuples(st.just("clear"), st.integers(1, 6), st.none()),
    st.tuples(st.just("move"), st.integers(1, 6), periods),
    st.tuples(st.just("remove"), st.integers(1, 6), st.none()),
    st.tuples(st.just("add"), st.just(0), st.none()),
    st.tuples(
        st.just("ask"),
        st.just(0),
        st.fixed_dictionaries(
            {},
            optional={
                "start": starts.filter(lambda day: not is_weekend(day)),
                "days": st.integers(1, 14),
                "count": st.integers(1, 6),
                "allow_double_booking": st.booleans(),
            },
        ),
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(periods, max_size=3).map(lambda found: tuple(booked(one) for one in found)),
    st.lists(actions, min_size=1, max_size=12),
    st.lists(st.integers(1, 14), min_size=1, max_size=5),
)
def test_whatever_is_done_choices_stay_and_loans_follow_each_other(
    busy: tuple[Occupation, ...], steps: list[tuple[str, int, object]], lengths: list[int]
) -> None:
    """Loans are numbered by days; they overlap, or lie over what is booked, only where somebody chose days; what
    somebody chose goes only where somebody removes it.
    """
    ask = replace(ASK, count=len(lengths))
    calendar = Calendar(MONDAY, busy)
    places = laid_out(calendar, MONDAY, lengths)
    for number, step in enumerate(steps):
        before = places
        try:
            ask, places = _done(calendar, ask, places, number, step)
        except (SlotRefused, KeyError):
            continue
        calendar = replace(calendar, may_overlap=ask.allow_double_booking)
        _check_order(calendar, places)
        _check_choices(before, places, step)


def _done(
    calendar: Calendar, ask: Ask, places: Places, number: int, step: tuple[str, int, object]
) -> tuple[Ask, Places]:
    name, index, given_ = step
    match name:
        case "pick":
            return ask, put(places, index, f"VIN{number}", is_pinned=bool(given_))
        case "clear":
            return ask, put(places, index, None, is_pinned=False)
        case "move":
            assert isinstance(given_, Period)
            return ask, moved(calendar, places, index, given_, ask.days)
        case "remove":
            after = removed(places, index)
            return draft_asks.resized(ask, places, after), after
        case "add":
            after = appended(calendar, places, ask.start, ask.days)
            return draft_asks.resized(ask, places, after), after
    assert isinstance(given_, dict)
    wanted = Ask(**{**vars(ask), **given_})
    wished = replace(calendar, may_overlap=wanted.allow_double_booking)
    after = asked_again(wished, places, ask, wanted)
    assert len(after) >= wanted.count
    return replace(wanted, count=len(after)), after


def _check_order(calendar: Calendar, places: Places) -> None:
    assert numbered(places) == places
    assert [place.index for place in places] == list(range(1, len(places) + 1))
    for one, other in combinations(places, 2):
        assert not one.period.overlaps(other.period) or one.slot.is_pinned or other.slot.is_pinned
    if not calendar.may_overlap:
        for place in places:
            meets = any(one.period.overlaps(place.period) for one in calendar.busy)
            assert not meets or place.slot.is_pinned


def _check_choices(before: Places, after: Places, step: tuple[str, int, object]) -> None:
    name, index, _ = step
    kept = [place for place in before if place.index != index or name not in ("pick", "clear", "remove")]
    lost = Counter(pinned_of(kept).values()) - Counter(pinned_of(after).values())
    assert not lost
    chosen = {place.period for place in kept if place.slot.is_pinned and (name, index) != ("move", place.index)}
    assert chosen <= {place.period for place in after if place.slot.is_pinned}
    if name == "move":
        assert Counter(picks_of(before).values()) == Counter(picks_of(after).values())
    if name == "remove":
        assert [(place.period, place.key) for place in kept] == [(place.period, place.key) for place in after]
