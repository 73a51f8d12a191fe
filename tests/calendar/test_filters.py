"""The address of a view: read, written, and read again the same."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.calendar.filter_chips import chips
from webapp.calendar.filters import ActivityFilter, Filters, Rows, Tier, read_filters, view_in
from webapp.calendar.grid import Window, default_window
from webapp.calendar.looks import Look
from webapp.loans.periods import Period

TODAY = date(2026, 11, 19)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
views = st.builds(
    Filters,
    window=st.builds(
        lambda first, days: Window(first, date.fromordinal(first.toordinal() + days)),
        st.dates(date(2000, 1, 1), date(2099, 1, 1)),
        st.integers(0, 91),
    ),
    today=st.just(TODAY),
    rows=st.sampled_from(Rows),
    office=texts,
    make=texts,
    tier=st.none() | st.sampled_from(Tier),
    free=st.none()
    | st.builds(
        lambda first, days: Period(first, first + timedelta(days=days)),
        st.dates(date(2000, 1, 1), date(2099, 1, 1)),
        st.integers(1, 400),
    ),
    status=st.none() | st.sampled_from(Look),
    activity=st.sampled_from(ActivityFilter),
    q=texts,
)


@given(views)
def test_an_address_leads_back_to_its_view(view: Filters) -> None:
    """What the page puts into the address is what it reads from it: a view can be kept and shared."""
    assert view_in(view.address(), TODAY) == view


@pytest.mark.parametrize(
    ("values", "first", "last", "is_noticed"),
    [
        ({}, "2026-11-16", "2026-12-13", False),
        ({"start": "2026-10-01"}, "2026-10-01", "2026-10-28", False),
        ({"end": "2026-12-30"}, "2026-12-28", "2026-12-30", False),
        ({"start": "2026-10-01", "end": "2026-10-01"}, "2026-10-01", "2026-10-01", False),
        ({"start": "2026-10-05", "end": "2026-10-01"}, "2026-10-05", "2026-11-01", True),
        ({"start": "2026-01-01", "end": "2027-01-01"}, "2026-01-01", "2026-04-02", True),
        ({"start": "11-16-26"}, "2026-11-16", "2026-12-13", True),
        ({"start": "0001-01-01"}, "2026-11-16", "2026-12-13", True),
        ({"start": "9999-12-31", "end": "9999-12-31"}, "2026-11-16", "2026-12-13", True),
    ],
)
def test_days_that_cannot_be_shown_are_said_so(values: dict[str, str], first: str, last: str, is_noticed: bool) -> None:
    """Any range up to 92 days is shown as asked; whatever is not is told, never silently something else."""
    view = read_filters(values, TODAY)
    assert (view.window.first.isoformat(), view.window.last.isoformat()) == (first, last)
    assert bool(view.notice) is is_noticed


def test_the_usual_view_has_the_plain_address() -> None:
    """What is as usual is left out, and paging moves by whole windows."""
    view = read_filters({}, TODAY)
    assert view.address() == "/calendar"
    assert view.later(28) == "/calendar?start=2026-12-14&end=2027-01-10"
    later = read_filters({"start": "2027-03-01", "end": "2027-03-14"}, TODAY)
    assert later.at_today() == "/calendar?start=2026-11-16&end=2026-11-29"
    assert later.window.days == default_window(TODAY, 14).days


@pytest.mark.parametrize("address", ["/chains?office=Miami", "https://elsewhere.example/other", ""])
def test_other_pages_are_no_view(address: str) -> None:
    """Acting from another page draws no rows of the calendar."""
    assert view_in(address, TODAY) is None


@given(views, st.sampled_from(["", "Miami"]))
def test_each_filter_can_be_taken_off_alone(view: Filters, usual_office: str) -> None:
    """A chip leads to the same view without its filter, all of them one after the other to the bare one."""
    view = replace(view, usual_office=usual_office)
    count = len(chips(view))
    assert bool(count) is view.is_narrowed
    while listed := chips(view):
        rest = view_in(listed[0].address, TODAY, usual_office)
        assert rest is not None
        assert len(chips(rest)) == len(listed) - 1
        assert (rest.office, rest.rows, rest.window) == (view.office, view.rows, view.window)
        view = rest
    assert view == view.without_filters()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"tier": "E"}, "There is no tier \u201cE\u201d; all ranks are shown."),
        ({"status": "blue"}, "There is no status \u201cblue\u201d; every status is shown."),
        ({"activity": "some"}, "There is no activity \u201csome\u201d; all are shown."),
        ({"rows": "cars"}, "There is no rows \u201ccars\u201d; vehicles are shown."),
        ({"free_from": "soon"}, "The days that should be free could not be read; busy ones are shown too."),
        (
            {"free_from": "2026-11-30", "free_to": "2026-11-23"},
            "Free until before it begins: a week from 11-30-26 is meant.",
        ),
        ({"tier": "A ", "status": "manual", "activity": "with", "rows": "partners"}, ""),
    ],
)
def test_what_is_not_there_to_choose_is_told(values: dict[str, str], said: str) -> None:
    """An unknown value is never taken for another, nor passed over in silence."""
    assert read_filters(values, TODAY).notice == said


@pytest.mark.parametrize(
    ("values", "free"),
    [
        ({"free_from": "2026-11-23", "free_to": "2026-11-26"}, ("2026-11-23", "2026-11-26")),
        ({"free_from": "2026-11-23"}, ("2026-11-23", "2026-11-30")),
        ({"free_to": "2026-11-30"}, ("2026-11-23", "2026-11-30")),
    ],
)
def test_one_day_to_be_free_means_a_week(values: dict[str, str], free: tuple[str, str]) -> None:
    """A loan's week from the day, or up to it; both days are in the address then."""
    view = read_filters(values, TODAY)
    assert view.free == Period(*map(date.fromisoformat, free))
    assert view.address() == f"/calendar?free_from={free[0]}&free_to={free[1]}"


def test_an_unwritten_plus_is_read() -> None:
    """`?tier=A+` typed by hand is the rank A+, though a plus in an address is a space."""
    view = view_in("/calendar?tier=A+", TODAY)
    assert view is not None
    assert view.tier is Tier.A_PLUS
    assert view.address() == "/calendar?tier=A%2B"


def test_all_offices_are_said_where_one_is_usual() -> None:
    """Who has one office starts with it; having chosen all is in the address, and so is having chosen that one."""
    view = read_filters({}, TODAY, "Miami")
    assert (view.office, view.address()) == ("Miami", "/calendar?office=Miami")
    everywhere = view_in("/calendar?office=", TODAY, "Miami")
    assert everywhere is not None
    assert (everywhere.office, everywhere.address()) == ("", "/calendar?office=")
