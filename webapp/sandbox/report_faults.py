"""What goes wrong with a report's rows, its encoding, or its answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from webapp.sandbox.faults import Fault
from webapp.sandbox.formats import is_odd
from webapp.sandbox.reports import Cells, Report, encode

# Documentation addresses (RFC 5737): nobody lives there.
ELSEWHERE = "http://203.0.113.7/reports.csv"
LOGIN_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body><form>Email, Password</form></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: status, bytes, their type, and where a redirect leads."""

    content: bytes
    status: int = 200
    media_type: str = "text/csv"
    location: str | None = None


def whole(report: Report, rows: list[Cells]) -> Body:
    """The report as it should be."""
    head = [list(report.header)] if report.header else []
    return Body(encode(head + rows, report.encoding, report.line_end))


def broken(report: Report, rows: list[Cells], fault: Fault) -> Body:
    """The report with this fault; faults of time and of the wire leave the bytes alone."""
    if fault.fault in _ANSWERS:
        return _ANSWERS[fault.fault](fault)
    if fault.fault in _ROWS:
        return whole(report, _ROWS[fault.fault](rows, fault))
    if fault.fault in _ENCODINGS:
        return whole(_ENCODINGS[fault.fault](report), rows)
    if fault.fault == "header":
        return whole(replace(report, header=report.names), rows)
    if fault.fault == "truncated":
        return _cut_in_a_row(whole(report, rows))
    if fault.fault == "huge":
        return _repeated(whole(report, rows), fault)
    return whole(report, rows)


def _cut_in_a_row(body: Body) -> Body:
    lines = body.content[: len(body.content) * 2 // 3].rsplit(b"\n", 1)
    # Half of the first cell stays: whatever the format, that is no whole row.
    return replace(body, content=lines[0] + b"\n" + body.content[len(lines[0]) + 1 :][:3])


def _repeated(body: Body, fault: Fault) -> Body:
    wanted = int(fault.megabytes * 1024 * 1024)
    return replace(body, content=body.content * (1 + wanted // max(1, len(body.content))))


def _shrunk(rows: list[Cells], fault: Fault) -> list[Cells]:
    percent = 30 if fault.percent is None else fault.percent
    return rows[: int(len(rows) * percent / 100)]


def _extra_column(rows: list[Cells], fault: Fault) -> list[Cells]:
    return [[*row, fault.text or f"extra {number}"] for number, row in enumerate(rows, start=1)]


def _missing_column(rows: list[Cells], _: Fault) -> list[Cells]:
    return [row[:1] + row[2:] for row in rows]


def _bad_rows(rows: list[Cells], fault: Fault) -> list[Cells]:
    """Rows evenly spread: cells lost at the end, or words where a number or a day belongs."""
    percent = 10.0 if fault.percent is None else fault.percent
    damaged = []
    for number, row in enumerate(rows):
        is_hit = int((number + 1) * percent / 100) > int(number * percent / 100)
        damaged.append(_damaged(row, number) if is_hit else row)
    return damaged


def _damaged(row: Cells, number: int) -> Cells:
    if is_odd(50, "damage", number):
        return row[: len(row) // 2]
    return [("n/a" if any(letter.isdigit() for letter in cell) else cell) for cell in row]


_ANSWERS = {
    "html": lambda fault: Body((fault.text or LOGIN_PAGE).encode(), media_type="text/html"),
    "empty": lambda fault: Body(b""),
    "error": lambda fault: Body((fault.text or "Internal Server Error").encode(), 500, "text/plain"),
    "not_found": lambda fault: Body((fault.text or "Not Found").encode(), 404, "text/plain"),
    "redirect": lambda fault: Body(b"", 302, "text/html", fault.text or ELSEWHERE),
}
_ROWS = {
    "shrunk": _shrunk,
    "extra_column": _extra_column,
    "missing_column": _missing_column,
    "bad_rows": _bad_rows,
}
_ENCODINGS: dict[str, Callable[[Report], Report]] = {
    "bom": lambda report: replace(report, encoding="utf-8-sig"),
    "crlf": lambda report: replace(report, line_end="\r\n"),
    "latin1": lambda report: replace(report, encoding="latin-1"),
}
