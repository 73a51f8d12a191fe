"""Lines as a workbook: written row by row, dates as dates, no text ever a formula. Pure: values in, bytes out."""

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from webapp.calendar.exports_lines import HEADER, Line
from webapp.exports import is_formula

# As the page shows them, whatever the country of the reader's spreadsheet.
DATE_FORMAT = r"mm\-dd\-yy"
# In characters, one for each column of `HEADER`.
WIDTHS = (18, 32, 20, 16, 26, 26, 10, 11, 6, 20, 14, 16, 14, 14, 28, 40, 44)
# More characters than that no cell of a spreadsheet holds.
LONGEST = 32_767


def workbook(lines: Sequence[Line], idle: Sequence[Line], told: Iterable[tuple[str, str]]) -> BytesIO:
    """A workbook of three sheets: the loans, the rows with nothing in these days, and `told` (name and value)."""
    book = Workbook(write_only=True)
    _table(book, "Loans", lines)
    _table(book, "Nothing in these days", idle)
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 14, 60
    for name, value in told:
        about.append([_bold(about, name), _cell(about, value)])
    written = BytesIO()
    book.save(written)
    written.seek(0)
    return written


def _table(book: Workbook, title: str, lines: Sequence[Line]) -> None:
    sheet = book.create_sheet(title)
    # A sheet that is written row by row takes these only before its first row.
    sheet.freeze_panes = "A2"
    for number, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(HEADER))}{len(lines) + 1}"
    sheet.append([_bold(sheet, name) for name in HEADER])
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])


def _cell(sheet: Any, value: object) -> object:
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet)
        cell.value = value
        cell.number_format = DATE_FORMAT
        return cell
    if not isinstance(value, str):
        return value
    if not value:
        return None
    text = value[:LONGEST]
    # Also what looks like an error ("#N/A") would become one.
    return _as_text(sheet, text) if is_formula(text) or text.startswith("#") else text


def _as_text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    # Still text when somebody edits it: what a leading apostrophe does in a CSV.
    cell.quotePrefix = True
    return cell


def _bold(sheet: Any, text: object) -> Any:
    cell = WriteOnlyCell(sheet, str(text))
    cell.font = Font(bold=True)
    return cell
