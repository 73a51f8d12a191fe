"""Files that people take away: text that a spreadsheet opens as text, never as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

# As OWASP lists them for CSV, with the full-width forms that some spreadsheets take for the same.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")
# What neither XML nor iCalendar can hold: control characters, half of a pair, and two that are no characters.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV text, row by row, with a byte order mark (spreadsheets need it to see UTF-8)."""
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line(row)


def cell(value: object) -> str:
    """`value` as text; one that a spreadsheet would run is led by an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run `text`; also what begins with white space, which some leave out."""
    return text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(FORMULA_STARTS)


def clean(text: str) -> str:
    """`text` as every kind of file can hold it: one kind of line end, and a mark in place of what has no form."""
    return UNPRINTABLE.sub("\ufffd", LINE_ENDS.sub("\n", text))


def _line(row: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([cell(value) for value in row])
    return buffer.getvalue()
