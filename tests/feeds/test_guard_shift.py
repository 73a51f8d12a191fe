"""A column that came in where text follows text is found out by comparing with yesterday's rows."""

import pytest

from tests.feeds.reports import cells, numbered, read
from webapp.feeds.guard import judge, shifted_columns
from webapp.feeds.parse_schema import BUDGET_SPENDING, CURRENT_ACTIVITY, LOAN_HISTORY, VEHICLES, Feed


@pytest.mark.parametrize(
    ("feed", "before", "shifted"),
    [
        (VEHICLES, "notes", ("color",)),
        (VEHICLES, "color", ("color",)),
        (CURRENT_ACTIVITY, "to", ("to",)),
        (LOAN_HISTORY, "office", ("office", "name")),
        (LOAN_HISTORY, "name", ("name",)),
        (BUDGET_SPENDING, "amount_used", ("amount_used",)),
    ],
)
def test_a_new_column_before_the_end_is_found(feed: Feed, before: str, shifted: tuple[str, ...]) -> None:
    """Every cell can be read, and still the report is seen to have shifted, and which columns."""
    place = [column.name for column in feed.columns].index(before)
    yesterday = numbered(feed, 20)
    today = read(feed, [[*row[:place], str(100 + number), *row[place:]] for number, row in enumerate(yesterday)])
    assert judge(today, 20).is_good
    assert shifted_columns(today, read(feed, yesterday).rows) == shifted


def test_a_new_column_at_the_end_shifts_nothing() -> None:
    """Not even when it repeats what another column says."""
    yesterday = read(VEHICLES, numbered(VEHICLES, 20))
    today = read(VEHICLES, [[*row, "Chalk"] for row in numbered(VEHICLES, 20)])
    assert shifted_columns(today, yesterday.rows) == ()


def test_rows_that_change_are_no_shift() -> None:
    """New values that stand nowhere else in the row are new values."""
    yesterday = read(VEHICLES, numbered(VEHICLES, 20))
    today = read(VEHICLES, [[*row, "new"] for row in numbered(VEHICLES, 20, color="Cement", notes="Sold")])
    assert shifted_columns(today, yesterday.rows) == ()


def test_without_yesterday_there_is_nothing_to_compare() -> None:
    """A first import of a longer report is taken as it stands."""
    today = read(VEHICLES, [[*row, "new"] for row in [cells(VEHICLES)]])
    assert shifted_columns(today, {}) == ()
