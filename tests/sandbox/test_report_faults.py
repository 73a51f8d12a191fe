"""Every way in which a report may go wrong can be ordered, and happens on the wire."""

import csv
import io
import time

import pytest
from requests import Response
from requests.exceptions import ChunkedEncodingError, ConnectionError

from tests.sandbox.caller import Caller


def fetch(fms: Caller, name: str = "vehicles") -> Response:
    return fms.call("GET", f"/reports/{name}.csv")


def rows(answer: Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_html_instead_of_csv(fms: Caller) -> None:
    """A login page with status 200 where the report should be."""
    fms.sandbox.fault("report:vehicles", "html")
    answer = fetch(fms)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_empty_and_shrunk(fms: Caller) -> None:
    """An empty report, and one of which only a part is left."""
    fms.sandbox.fault("report:vehicles", "empty")
    fms.sandbox.fault("report:vehicles", "shrunk", percent=40)
    assert fetch(fms).content == b""
    assert len(rows(fetch(fms))) == 24
    assert len(rows(fetch(fms))) == 60


@pytest.mark.parametrize(("fault", "width"), [("extra_column", 16), ("missing_column", 14)])
def test_another_number_of_columns(fms: Caller, fault: str, width: int) -> None:
    """A column more at the end, or one less in the middle, in every row."""
    fms.sandbox.fault("report:vehicles", fault)
    assert {len(row) for row in rows(fetch(fms))} == {width}


def test_bad_rows(fms: Caller) -> None:
    """As many rows are damaged as ordered, the others are untouched."""
    good = rows(fetch(fms))
    fms.sandbox.fault("report:vehicles", "bad_rows", percent=20)
    damaged = rows(fetch(fms))
    assert sum(one != other for one, other in zip(good, damaged, strict=True)) == 12


def test_encodings(fms: Caller) -> None:
    """A byte order mark, CRLF line ends and Latin-1 can be put on any report."""
    plain = fetch(fms).content
    for fault in ("bom", "crlf", "latin1"):
        fms.sandbox.fault("report:vehicles", fault)
    assert fetch(fms).content == b"\xef\xbb\xbf" + plain
    assert fetch(fms).content.count(b"\r\n") == 60
    latin = fetch(fms).content
    assert latin == plain.decode().encode("latin-1")
    assert latin != plain


def test_header_row(fms: Caller) -> None:
    """A report that usually has no header row suddenly has one."""
    fms.sandbox.fault("report:vehicles", "header")
    assert rows(fetch(fms))[0][:3] == ["vehicle_id", "year", "make"]


def test_truncated_in_a_row(fms: Caller) -> None:
    """The report ends within a row, complete as HTTP."""
    fms.sandbox.fault("report:vehicles", "truncated")
    found = rows(fetch(fms))
    assert 10 < len(found) < 60
    assert len(found[-1]) < 15


def test_cut_and_reset(fms: Caller) -> None:
    """The connection ends before the announced length, or is reset."""
    fms.sandbox.fault("report:vehicles", "cut")
    fms.sandbox.fault("report:vehicles", "reset")
    with pytest.raises((ChunkedEncodingError, ConnectionError)):
        fetch(fms)
    with pytest.raises(ConnectionError, match="reset by peer"):
        fetch(fms)


def test_errors_once_and_always(fms: Caller) -> None:
    """500 once, then the report; or 500 until cleared, on all reports."""
    fms.sandbox.fault("report:vehicles", "error")
    assert [fetch(fms).status_code for _ in range(2)] == [500, 200]
    fms.sandbox.fault("report:any", "error", times=None)
    assert {fetch(fms, name).status_code for name in ("vehicles", "partners", "vehicles")} == {500}
    fms.sandbox.fault("report:partners", "not_found")
    fms.sandbox.clear()
    assert fetch(fms, "partners").status_code == 200


def test_redirect_away(fms: Caller) -> None:
    """The report redirects to another host, the one named or an address where nobody lives."""
    fms.sandbox.fault("report:vehicles", "redirect")
    fms.sandbox.fault("report:vehicles", "redirect", text="http://169.254.1.1/x.csv")
    first, second = fetch(fms), fetch(fms)
    assert (first.status_code, first.headers["Location"]) == (302, "http://203.0.113.7/reports.csv")
    assert second.headers["Location"] == "http://169.254.1.1/x.csv"


def test_slow_and_huge(fms: Caller) -> None:
    """A report that takes its time, and one that is larger than anybody expects."""
    fms.sandbox.fault("report:vehicles", "slow", seconds=0.3)
    started = time.monotonic()
    assert len(rows(fetch(fms))) == 60
    assert time.monotonic() - started >= 0.3
    fms.sandbox.fault("report:vehicles", "huge", megabytes=3)
    assert len(fetch(fms).content) >= 3 * 1024 * 1024
