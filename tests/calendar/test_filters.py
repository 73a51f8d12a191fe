"""The address of a view: read, written, and read again the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.calendar.filters import ActivityFilter, Filters, Rows, read_filters, view_in
from webapp.calendar.grid import Window, default_window
from webapp.calendar.looks import Look

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
