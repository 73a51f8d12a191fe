"""Which rows of the board a view keeps, and which of their bars stand back. Pure: values in, values out."""

from collections.abc import Iterable
from dataclasses import replace

from webapp.calendar.bars import Bar
from webapp.calendar.board_rows import Row
from webapp.calendar.filters import ActivityFilter, Filters, Rows
from webapp.names import folded


def kept(rows: Iterable[Row], filters: Filters) -> tuple[Row, ...]:
    """The rows that the view asks for, those bars faded that are not what was looked for."""
    needle = folded(filters.q)
    return tuple(_faded(row, filters, needle) for row in rows if _keeps(row, filters, needle))


def _keeps(row: Row, filters: Filters, needle: str) -> bool:
    bars = _of_make(row, filters)
    if filters.make and not (bars or row.is_approved if _is_by_partner(filters) else row.make == filters.make):
        return False
    if filters.activity is ActivityFilter.WITH and not bars:
        return False
    if filters.activity is ActivityFilter.NONE and bars:
        return False
    if filters.status and not any(bar.look is filters.status for bar in row.bars):
        return False
    return not needle or needle in row.search or any(needle in bar.search for bar in row.bars)


def _of_make(row: Row, filters: Filters) -> tuple[Bar, ...]:
    """The bars that a filter by make counts: in a partner's row only those of that make."""
    if not filters.make or not _is_by_partner(filters):
        return row.bars
    return tuple(bar for bar in row.bars if bar.make == filters.make)


def _is_by_partner(filters: Filters) -> bool:
    return filters.rows is Rows.PARTNERS


def _faded(row: Row, filters: Filters, needle: str) -> Row:
    """The row with those bars faded that are not what was looked for."""
    by_bar = needle if needle not in row.search else ""
    by_make = filters.make if _is_by_partner(filters) else ""
    if not (filters.status or by_bar or by_make):
        return row

    def is_meant(bar: Bar) -> bool:
        return (
            (not filters.status or bar.look is filters.status)
            and by_bar in bar.search
            and (not by_make or bar.make == by_make)
        )

    return replace(row, bars=tuple(bar._replace(is_faded=not is_meant(bar)) for bar in row.bars))
