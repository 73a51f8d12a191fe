"""Uploads that mean harm: refused in a sentence, soon, and without filling the memory."""

import io
import zipfile

import pytest

from tests.feeds.workbooks import workbook
from webapp.feeds import sheet_files
from webapp.feeds.sheet_files import FileRefused, read_file

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'


def sheet(rows: str, prologue: str = "") -> str:
    return f'{prologue}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def with_sheets(*sheets: str, extra: dict[str, bytes] | None = None) -> bytes:
    """A workbook whose sheets are this XML, and other parts beside them."""
    content = workbook({f"s{number}": [["a"]] for number in range(len(sheets))})
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            number = part.removeprefix("xl/worksheets/sheet").removesuffix(".xml")
            new.writestr(part, sheets[int(number) - 1] if number.isdigit() else old.read(part))
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return again.getvalue()


FAR = sheet('<row r="600000"><c r="A600000"><v>1</v></c></row>')
LONG = "x" * (sheet_files.LONGEST_CELL + 1)
BOOK = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{LONG}</t></is></c></row>'
WIDE = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 30))
ENTITY = '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
HARMFUL = {
    "blank rows of many sheets": (with_sheets(FAR, FAR, FAR, FAR), "too many blank rows"),
    "a cell of the length of a book": (with_sheets(sheet(BOOK)), "more than 32,767 characters"),
    "an entity that names a file": (with_sheets(sheet(ENTITY, XXE)), "cannot be read"),
    "entities that multiply": (with_sheets(sheet(ENTITY, LAUGHS)), "cannot be read"),
    "many parts": (with_sheets(sheet(""), extra={f"a{n}": b"" for n in range(1_001)}), "too many parts"),
    "a part that unpacks to much": (with_sheets(sheet(""), extra={"a": b"0" * 61_000_000}), "unpacks to more than 60"),
    "many columns": (with_sheets(sheet(WIDE)), "more than 400,000 cells"),
    "half of an archive": (with_sheets(sheet(""))[:900], "damaged"),
    "an archive of something else": (with_sheets(sheet("")).replace(b"xl/workbook", b"xl/w0rkbook"), "cannot be read"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_workbook_that_means_harm_is_refused(name: str) -> None:
    """Whatever it is called: the name of a file says nothing of what it is."""
    content, words = HARMFUL[name]
    for filename in ("a.xlsx", "a.csv"):
        with pytest.raises(FileRefused, match=words):
            read_file(filename, content)


def test_names_inside_an_archive_are_not_paths() -> None:
    """Parts are read in memory and never written where they say."""
    content = with_sheets(sheet('<row r="1"><c r="A1"><v>1</v></c></row>'), extra={"../../evil.py": b"import os"})
    assert read_file("../../a.xlsx", content)[0].rows[0].cells == ("1",)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_long_cell_of_a_csv_is_refused(separator: str) -> None:
    """As in a workbook."""
    with pytest.raises(FileRefused):
        read_file("a.csv", f"a{separator}b\n1{separator}{LONG}".encode())
