"""Uploaded files become rows of text: .xlsx and .csv, within limits that no file can talk its way out of.

A workbook is a ZIP archive of XML. Its parts are unpacked under a limit before anything reads them, and rows
are read one by one, so that neither a bomb nor one cell in the last row and column costs memory.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from webapp.errors import InvalidInput

MOST_BYTES = 10_000_000
MOST_UNPACKED_BYTES = 60_000_000
MOST_PARTS = 1_000
MOST_ROWS = 20_000
MOST_CELLS = 400_000
# As far down as a spreadsheet goes; a file may claim any number, and the rows before it would be counted out.
LAST_ROW = 1_048_576
# Of all sheets together, blank ones included: a few bytes claim a million of those.
MOST_WALKED = LAST_ROW + MOST_CELLS
# As many characters as a cell of a spreadsheet holds.
LONGEST_CELL = 32_767
CHUNK = 1 << 16
ZIP_MARK, OLD_EXCEL_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITERS = ",;\t|"


class FileRefused(InvalidInput):
    """The file cannot be read as a spreadsheet."""

    code = "unreadable_file"


@dataclass(frozen=True)
class RawRow:
    """A row that holds something; `number` as spreadsheets count, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RawSheet:
    """A sheet's rows. `name` is empty for a .csv."""

    name: str
    rows: tuple[RawRow, ...]


def read_file(filename: str, content: bytes) -> tuple[RawSheet, ...]:
    """The sheets of a file, every cell as text: dates ISO, numbers plain, blank as "". Raises `FileRefused`."""
    if not content.strip():
        raise FileRefused("The file is empty.")
    if len(content) > MOST_BYTES:
        raise FileRefused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    if content.startswith(OLD_EXCEL_MARK):
        raise FileRefused("This is an old or a protected Excel file. Save it as .xlsx without a password.")
    if content.startswith(ZIP_MARK):
        return _workbook(content)
    if filename.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods", ".numbers", ".pdf")):
        raise FileRefused(f"{filename} is not what its name says. Save it as .xlsx or .csv.")
    return (_csv(content),)


def _workbook(content: bytes) -> tuple[RawSheet, ...]:
    measured, has_formulas = _unpacked(content)
    try:
        values = _sheets(measured, data_only=True)
        if has_formulas:
            formulas = {sheet.name: sheet for sheet in _sheets(measured, data_only=False)}
            values = [_with_uncalculated(sheet, formulas[sheet.name]) for sheet in values]
    except FileRefused:
        raise
    except Exception as error:
        # The reader meets a broken file with whatever it stumbles over; defusedxml refuses entities and links.
        raise FileRefused("The file cannot be read as a workbook. Save it again as .xlsx.") from error
    return tuple(values)


def _unpacked(content: bytes) -> tuple[io.BytesIO, bool]:
    """The same archive with parts that were measured, not believed; and whether there are formulas in it."""
    left, has_formulas, again = MOST_UNPACKED_BYTES, False, io.BytesIO()
    too_large = FileRefused(f"The workbook unpacks to more than {MOST_UNPACKED_BYTES // 1_000_000} MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(again, "w") as plain:
            if len(packed.infolist()) > MOST_PARTS:
                raise FileRefused("The workbook has too many parts.")
            for part in packed.infolist():
                if part.file_size > left:
                    raise too_large
                data = io.BytesIO()
                with packed.open(part) as stream:
                    while chunk := stream.read(CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise too_large
                        data.write(chunk)
                if part.filename.startswith("xl/worksheets/"):
                    has_formulas = has_formulas or b"<f" in data.getbuffer().tobytes()
                plain.writestr(part.filename, data.getvalue())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise FileRefused("The file is damaged or protected by a password. Save it again as .xlsx.") from error
    again.seek(0)
    return again, has_formulas


def _sheets(measured: io.BytesIO, *, data_only: bool) -> list[RawSheet]:
    # Loaded when a workbook comes: it is much for what seldom happens.
    from openpyxl import load_workbook

    measured.seek(0)
    book = load_workbook(measured, read_only=True, data_only=data_only, keep_links=False)
    try:
        found, left, walk = [], MOST_CELLS, iter(range(MOST_WALKED))
        for sheet in book.worksheets:
            # What a file says of its own size is neither trusted nor needed.
            sheet.reset_dimensions()
            rows, left = _limited(sheet.title, _walked(sheet.iter_rows(values_only=True), walk), left)
            found.append(RawSheet(sheet.title, rows))
        return found
    finally:
        book.close()


def _walked(rows: Iterable[tuple[Any, ...]], walk: Iterator[int]) -> Iterator[tuple[Any, ...]]:
    for values in rows:
        if next(walk, None) is None:
            raise FileRefused("The workbook has too many blank rows.")
        yield values


def _limited(name: str, rows: Iterable[tuple[Any, ...]], left: int) -> tuple[tuple[RawRow, ...], int]:
    kept = []
    for number, values in enumerate(rows, 1):
        left -= len(values)
        if number > LAST_ROW:
            raise FileRefused(f"The sheet {name} names rows below {LAST_ROW:,}.")
        if left < 0:
            raise FileRefused(f"The workbook has more than {MOST_CELLS:,} cells.")
        cells = tuple([_text(value) for value in values])
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise FileRefused(f"A cell in row {number:,} holds more than {LONGEST_CELL:,} characters.")
        if any(cells):
            kept.append(RawRow(number, cells))
        if len(kept) > MOST_ROWS:
            raise FileRefused(f"The sheet {name} has more than {MOST_ROWS:,} rows.")
    return tuple(kept), left


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value).strip()


def _with_uncalculated(values: RawSheet, formulas: RawSheet) -> RawSheet:
    """Where a formula has no value, the formula: nobody may take it for a blank."""
    known = {row.number: row.cells for row in values.rows}
    rows = []
    for row in formulas.rows:
        cells = known.get(row.number, ())
        padded = (*cells, *("" for _ in row.cells[len(cells) :]))
        rows.append(RawRow(row.number, tuple(_either(*pair) for pair in zip(padded, row.cells, strict=False))))
    return RawSheet(values.name, tuple(row for row in rows if any(row.cells)))


def _either(value: str, formula: str) -> str:
    return value or (formula if formula.startswith(("=", "<openpyxl")) else "")


def _csv(content: bytes) -> RawSheet:
    text = _decoded(content)
    if "\x00" in text[:4_000] or text.lstrip()[:1] == "<":
        raise FileRefused("This is neither a workbook nor a .csv file.")
    if text[:4].lower() == "sep=":
        separator, text = text[4:5], "\n" + text.partition("\n")[2]
    else:
        first = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(DELIMITERS, key=first.count)
    try:
        rows, _ = _limited("", _padded(csv.reader(io.StringIO(text, newline=""), delimiter=separator)), MOST_CELLS)
    except csv.Error as error:
        raise FileRefused(f"The file cannot be read as .csv: {error}.") from error
    return RawSheet("", rows)


def _padded(rows: Iterator[list[str]]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield tuple(row)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
