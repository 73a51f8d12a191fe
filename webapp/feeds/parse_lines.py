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
    has_nul = NUL in text
    start, line = 0, 1
    while start < len(text):
        taken: list[str] = []
        reader = csv.reader(_noted(LINE.finditer(text, start), taken), strict=True)
        try:
            for cells in reader:
                whole = taken[0] if len(taken) == 1 else "".join(taken)
                if any(cells):
                    row = RawRow(line, cells, whole.rstrip("\r\n"))
                    yield _without_nul(row) if has_nul and NUL in row.text else row
                start += len(whole)
                line += len(taken)
                taken.clear()
            return
        except csv.Error as error:
            yield _without_nul(_faulty(line, taken[0], str(error), is_last=start + len(taken[0]) == len(text)))
            start += len(taken[0])
            line += 1


def _noted(found: Iterator[re.Match[str]], taken: list[str]) -> Iterator[str]:
    """The lines, each noted in `taken` as it is asked for: never all of a long report's at once."""
    for match in found:
        taken.append(match[0])
        yield match[0]


def _faulty(number: int, whole: str, complaint: str, *, is_last: bool) -> RawRow:
    line = whole.rstrip("\r\n")
    # Read leniently, so that a key before the stray mark can still be recognised.
    cells = next(csv.reader([line]), [])
    reason = "has a quotation mark in the wrong place"
    if "unexpected end" in complaint or "field larger" in complaint:
        reason = "opens a quotation mark that is never closed"
    return RawRow(number, cells, line, reason, is_open=is_last and line == whole)


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
