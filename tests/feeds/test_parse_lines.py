"""Bytes become rows of text with the right line numbers, whatever an exporting program did to them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.feeds.parse_lines import decoded, rows_of

# A NUL is no text: its row is bad.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def rows(text: str) -> list[tuple[int, list[str]]]:
    """(line, cells) of each row without a fault."""
    return [(row.line, row.cells) for row in rows_of(text) if not row.fault]


def faults(text: str) -> list[tuple[int, str]]:
    """(line, fault) of each faulty row."""
    return [(row.line, row.fault) for row in rows_of(text) if row.fault]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(line_end: str) -> None:
    """A quoted line break counts as a line; the row is known by the line it begins on."""
    text = line_end.join(["1,a", '2,"two', 'lines, in quotes"', "", "3,c"])
    assert [line for line, _ in rows(text)] == [1, 2, 5]
    assert rows(text)[1][1] == ["2", f"two{line_end}lines, in quotes"]


def test_odd_characters_end_no_line() -> None:
    """Only CR and LF end lines: a form feed or a Unicode separator within a name does not."""
    assert rows("1,a\x0cb\u2028c\x85d\n2,e\n") == [(1, ["1", "a\x0cb\u2028c\x85d"]), (2, ["2", "e"])]


def test_a_quotation_mark_that_never_closes_spoils_one_row() -> None:
    """The lines after an unclosed quotation mark are rows of their own, none is swallowed."""
    text = '1,a\n2,"open\n3,c\n4,d\n'
    assert rows(text) == [(1, ["1", "a"]), (3, ["3", "c"]), (4, ["4", "d"])]
    assert faults(text) == [(2, "opens a quotation mark that is never closed")]


def test_two_stray_quotation_marks_do_not_swallow_what_lies_between() -> None:
    """Rows that together would read as one valid row are told apart: both are faulty, neither vanishes."""
    text = '1,"Bob,x\n2,"Sue,y\n3,Ann,z\n'
    assert [line for line, _ in faults(text)] == [1, 2]
    assert rows(text) == [(3, ["3", "Ann", "z"])]


def test_the_key_before_a_stray_mark_can_be_read() -> None:
    """A faulty row still offers its cells, so that its key may be recognised."""
    (row,) = rows_of('12,"Bob "Bobby" Smith",x\n')
    assert row.fault == "has a quotation mark in the wrong place"
    assert row.cells[0] == "12"
    assert row.text == '12,"Bob "Bobby" Smith",x'


@pytest.mark.parametrize(("text", "is_open"), [('1,"a', True), ('1,"a\n', False), ("1,a", False)])
def test_a_row_that_the_file_ends_in_is_open(text: str, is_open: bool) -> None:
    """A last row within quotation marks and without a line end was cut."""
    assert [row.is_open for row in rows_of(text)] == [is_open]


def test_one_latin_line_leaves_the_accents_of_the_others_alone() -> None:
    """Lines that are not UTF-8 are read as Windows' Latin-1, one by one."""
    content = "1,Zoë\n".encode() + "2,Núñez, “x”\n".encode("cp1252") + "3,Ünal\n".encode()
    assert decoded(content) == ("1,Zoë\n2,Núñez, “x”\n3,Ünal\n", 1)


def test_a_byte_order_mark_is_no_part_of_the_first_cell() -> None:
    """The mark that Excel writes is dropped."""
    assert decoded("\ufeff1,a\n".encode()) == ("1,a\n", 0)


@given(st.binary())
def test_any_bytes_are_decoded_and_split(content: bytes) -> None:
    """No bytes raise; lines of rows rise."""
    text, _ = decoded(content)
    lines = [row.line for row in rows_of(text)]
    assert lines == sorted(set(lines))


@given(st.lists(st.lists(st.text(CHARACTERS), min_size=2, max_size=4)))
def test_what_was_written_as_csv_is_read_as_it_was(table: list[list[str]]) -> None:
    """Quotes, commas and line breaks in cells survive."""
    text = io.StringIO()
    csv.writer(text).writerows(table)
    found = list(rows_of(text.getvalue()))
    assert [row.cells for row in found] == [cells for cells in table if any(cells)]
    assert not any(row.fault for row in found)
