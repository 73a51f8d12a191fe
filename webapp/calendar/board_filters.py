"""Which rows of the board a view keeps, and which of their bars stand back. Pure: values in, values out.

Some filters ask something of the row (make, rank of a partner, activity, days to be free), some of a bar (status,
rank of who has the vehicle, in a partner's row the make). A row is kept when it answers the former and one of its bars
answers all of the latter; a search is answered by a row, or by a row and a bar of it together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from webapp.calendar.bars import Bar
from webapp.calendar.board_rows import Row
from webapp.calendar.filters import ActivityFilter, Filters, Rows
from webapp.fleet.makes import make_key
from webapp.names import words_of


def kept(rows: Iterable[Row], filters: Filters) -> tuple[Row, ...]:
    """The rows that the view asks for, those bars faded that are not what was looked for."""
    if not filters.is_narrowed:
        return tuple(rows)
    words = words_of(filters.q)
    by_rank = not _is_by_partner(filters) and filters.tier is not None
    shown = []
    for row in rows:
        if not _is_meant(row, filters):
            continue
        sought = () if all(word in row.search for word in words) else words
        is_about_bars = bool(filters.status or by_rank or sought)
        if is_about_bars or (filters.make and _is_by_partner(filters)):
            row = _faded(row, filters, sought)
        if not is_about_bars or any(not bar.is_faded for bar in row.bars):
            shown.append(row)
    return tuple(shown)


def _is_meant(row: Row, filters: Filters) -> bool:
    """Whether the row itself answers what is asked of rows."""
    if filters.free and not row.is_free:
        return False
    if _is_by_partner(filters) and filters.tier and not row.is_approved:
        return False
    if filters.make and not _is_of_make(row, filters):
        return False
    return filters.activity is ActivityFilter.ALL or _has_any(row, filters) is (filters.activity is ActivityFilter.WITH)


def _is_of_make(row: Row, filters: Filters) -> bool:
    """A vehicle of the make; a partner who is approved for it or has one in these days."""
    if _is_by_partner(filters):
        return row.is_approved or _has_any(row, filters)
    return make_key(row.make) == make_key(filters.make)


def _has_any(row: Row, filters: Filters) -> bool:
    """Whether there is anything in the row; where a make is asked for, in a partner's row only that counts."""
    return any(_is_bar_of_make(bar, filters) for bar in row.bars)


def _is_bar_of_make(bar: Bar, filters: Filters) -> bool:
    return not filters.make or not _is_by_partner(filters) or make_key(bar.make) == make_key(filters.make)


def _faded(row: Row, filters: Filters, sought: Sequence[str]) -> Row:
    """The row with those bars faded that are not what was looked for."""

    def answers(bar: Bar) -> bool:
        return (
            (not filters.status or bar.look is filters.status)
            and (not filters.tier or _is_by_partner(filters) or bar.rank == filters.tier)
            and _is_bar_of_make(bar, filters)
            and all(word in bar.search or word in row.search for word in sought)
        )

    return replace(row, bars=tuple(bar._replace(is_faded=not answers(bar)) for bar in row.bars))


def _is_by_partner(filters: Filters) -> bool:
    return filters.rows is Rows.PARTNERS
