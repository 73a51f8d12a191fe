"""From bytes to rows of text with the line each begins on, whatever an exporting program did to them."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUL, NUL_SHOWN = "\0", "\ufffd"
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: `line` is the physical line it begins on, from 1; `text` its bytes' text, without a line end.

    `fault` says why the cells cannot be trusted: a quotation mark out of place, a NUL byte. `is_open`: the file
    ends before this row does.
    """

    line: int
    cells: list[str]
    text: str
    fault: str = ""
    is_open: bool = False


def decoded(content: bytes) -> tuple[str, int]:
    """The text, and how many lines were not UTF-8 and were read as Windows' Latin-1. Never fails."""
    content = content.removeprefix(BYTE_ORDER_MARK)
    try:
        return content.decode(), 0
    except UnicodeDecodeError:
        pass
    lines, strange = [], 0
    # Line by line: one name typed in another program must not garble the accents of all others.
    for line in content.splitlines(keepends=True):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError:
            strange += 1
            lines.append(_latin(line))
    return "".join(lines), strange


def rows_of(text: str) -> Iterator[RawRow]:
    """All rows but blank ones. A row with a stray quotation mark is faulty alone: the next line begins anew."""
    lines = LINE.findall(text)
    has_nul = NUL in text
    start = 0
    while start < len(lines):
        reader = csv.reader(lines[start:] if start else lines, strict=True)
        first = start
        try:
            for cells in reader:
                end = first + reader.line_num
                if any(cells):
                    row = RawRow(start + 1, cells, "".join(lines[start:end]).rstrip("\r\n"))
                    yield _without_nul(row) if has_nul and NUL in row.text else row
                start = end
            return
        except csv.Error as error:
            yield _without_nul(_faulty(lines, start, str(error)))
            start += 1


def _faulty(lines: list[str], start: int, complaint: str) -> RawRow:
    line = lines[start].rstrip("\r\n")
    # Read leniently, so that a key before the stray mark can still be recognised.
    cells = next(csv.reader([line]), [])
    is_open = start == len(lines) - 1 and lines[start] == line
    reason = "has a quotation mark in the wrong place"
    if "unexpected end" in complaint or "field larger" in complaint:
        reason = "opens a quotation mark that is never closed"
    return RawRow(start + 1, cells, line, reason, is_open)


def _without_nul(row: RawRow) -> RawRow:
    """The row as faulty, and shown so that PostgreSQL can keep it; one without NUL as it is."""
    if NUL not in row.text:
        return row
    text = row.text.replace(NUL, NUL_SHOWN)
    return RawRow(row.line, row.cells, text, "holds a NUL byte, which is no text", row.is_open)


def _latin(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")
