"""Files that people take away: CSV that a spreadsheet opens as text, never as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV text, row by row, with a byte order mark (spreadsheets need it to see UTF-8)."""
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line(row)


def cell(value: object) -> str:
    """`value` as text; one that a spreadsheet would run is led by an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _line(row: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([cell(value) for value in row])
    return buffer.getvalue()
