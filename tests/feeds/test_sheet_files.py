"""Files become rows of text, and no file costs more than a file may."""

import io
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.feeds.workbooks import as_csv, saved, workbook
from webapp.feeds import sheet_files
from webapp.feeds.sheet_files import FileRefused, RawRow, RawSheet, read_file

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOMB = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "xxxxxxxxxx">]><sst>&a;</sst>'


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """The same archive with one part replaced."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, data if part == name else old.read(part))
    return again.getvalue()


def test_every_kind_of_cell_becomes_text() -> None:
    """Dates ISO, whole numbers plain, truth as yes and no; rows keep the numbers people see."""
    row = [
        "  a ",
        4.0,
        0.1 + 0.2,
        1234567,
        date(2026, 11, 26),
        datetime.combine(date(2026, 11, 26), time(13, 30)),
        time(8, 5),
        True,
        None,
    ]
    (sheet,) = read_file("a.xlsx", workbook({"s": [[], row, [], ["b"]]}))
    texts = ("a", "4", "0.3", "1234567", "2026-11-26", "2026-11-26 13:30", "08:05", "yes")
    assert [(one.number, tuple(filter(None, one.cells))) for one in sheet.rows] == [(2, texts), (4, ("b",))]


def test_a_formula_without_a_value_is_no_blank() -> None:
    """It is handed on as what it is, for the reader to refuse."""
    (sheet,) = read_file("a.xlsx", workbook({"s": [["a", "=1+1"], [None, "=A1"]]}))
    assert [row.cells for row in sheet.rows] == [("a", "=1+1"), ("", "=A1")]


@pytest.mark.parametrize(
    "content",
    [
        as_csv([["a", "b"], [], ["ä, c", "d"]]),
        as_csv([["a", "b"], [], ["ä, c", "d"]], ";"),
        as_csv([["a", "b"], [], ["ä, c", "d"]], "\t"),
        as_csv([["a", "b"], [], ["ä, c", "d"]], encoding="utf-8-sig"),
        as_csv([["a", "b"], [], ["ä, c", "d"]], encoding="cp1252"),
        as_csv([["a", "b"], [], ["ä, c", "d"]], "\t", "utf-16"),
    ],
    ids=["comma", "semicolon", "tab", "mark", "windows", "unicode text"],
)
def test_every_csv_that_spreadsheets_write(content: bytes) -> None:
    """Separators and encodings differ from country to country."""
    assert read_file("a.csv", content) == (RawSheet("", (RawRow(1, ("a", "b")), RawRow(3, ("ä, c", "d")))),)


@pytest.mark.parametrize(
    ("filename", "content", "words"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.xlsx", b"   \n", "empty"),
        ("a.xlsx", b"a,b", "not what its name says"),
        ("a.xls", sheet_files.OLD_EXCEL_MARK + b"x", "old or a protected"),
        ("a.xlsx", b"PK\x03\x04nonsense", "damaged"),
        ("a.xlsx", workbook({"s": [["a"]]})[:-200], "damaged"),
        ("a.csv", b"<html><body>Sign in</body></html>", "neither"),
        ("a.csv", b"\x00\x01\x02,\x00", "neither"),
        ("a.csv", b"x" * (sheet_files.MOST_BYTES + 1), "larger than 10 MB"),
        ("a.csv", b"a,b\n" * (sheet_files.MOST_ROWS + 2), "more than 20,000 rows"),
        ("a.csv", b"," * (sheet_files.MOST_CELLS + 2), "more than 400,000 cells"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(filename: str, content: bytes, words: str) -> None:
    """With a sentence that says what to do."""
    with pytest.raises(FileRefused, match=words):
        read_file(filename, content)


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    """Sixty megabytes of nothing are 60 kB in the post; they are not unpacked to find out."""
    bomb = with_part(workbook({"s": [["a"]]}), "xl/worksheets/sheet1.xml", b" " * 200_000_000)
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    with pytest.raises(FileRefused, match="unpacks to more than 60 MB"):
        read_file("a.xlsx", bomb)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_workbook_with_entities_is_refused() -> None:
    """What multiplies inside XML is not read."""
    bomb = with_part(workbook({"s": [["a"]]}), "xl/worksheets/sheet1.xml", BOMB)
    with pytest.raises(FileRefused, match="cannot be read as a workbook"):
        read_file("a.xlsx", bomb)


def test_one_cell_in_the_last_corner_costs_no_memory() -> None:
    """A million empty rows between two cells are walked, not kept."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A1048576"] = "a", "b"
    found = read_file("a.xlsx", saved(book))
    assert [row.number for row in found[0].rows] == [1, 1_048_576]


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Nothing that is uploaded breaks us."""
    for start in (b"", b"PK\x03\x04"):
        with suppress(FileRefused):
            assert read_file("a.csv", start + content)


@pytest.mark.parametrize("claimed", [1_048_577, 10**15])
def test_a_row_below_the_last_is_not_counted_down_to(claimed: int) -> None:
    """A few bytes may claim any row; the reader would give back every blank one before it."""
    row = f'<row r="{claimed}"><c r="A{claimed}"><v>1</v></c></row>'
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{row}</sheetData></worksheet>'
    content = with_part(workbook({"s": [["a"]]}), "xl/worksheets/sheet1.xml", sheet.encode())
    with pytest.raises(FileRefused, match="below"):
        read_file("a.xlsx", content)
