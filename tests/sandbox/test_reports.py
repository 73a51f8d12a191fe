"""The reports at full scale: their row counts, their columns, and every format that really occurs."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest
from requests import get

from tests.sandbox.caller import ENCODINGS
from tests.sandbox_process import TODAY, SandboxProcess

SHAPES = {
    "vehicles": (979, 15),
    "partners": (592, 8),
    "loan_history": (10_806, 14),
    "current_activity": (1_122, 9),
    "approved_makes": (4_715, 4),
    "budget_spending": (636, 5),
}
SHORT, LONG, DASHED, MONTH, ISO = (
    r"\d\d/\d\d/\d\d",
    r"\d\d/\d\d/\d{4}",
    r"\d\d-\d\d-\d\d",
    r"\d{1,2}/\d{4}",
    r"\d{4}-\d\d-\d\d",
)

Tables = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("full"), scale="full") as process:
        yield process


@pytest.fixture(scope="module")
def tables(full: SandboxProcess) -> Tables:
    return {
        name: list(csv.reader(io.StringIO(full.report(name).content.decode(ENCODINGS.get(name, "utf-8")), newline="")))
        for name in SHAPES
    }


def column(tables: Tables, report: str, number: int) -> list[str]:
    return [row[number] for row in tables[report]]


@pytest.mark.parametrize("name", SHAPES)
def test_real_scale_and_columns(tables: Tables, name: str) -> None:
    """Each report has as many rows and columns as the real one; spend has its header row besides."""
    assert (len(tables[name]), {len(row) for row in tables[name]}) == (SHAPES[name][0], {SHAPES[name][1]})


def test_fourteen_offices(tables: Tables) -> None:
    """14 offices of 20 to 230 vehicles."""
    sizes = Counter(column(tables, "vehicles", 5))
    assert (len(sizes), min(sizes.values()), max(sizes.values())) == (14, 20, 230)


def test_only_spend_has_a_header(tables: Tables) -> None:
    """The spend report carries a header row; vehicles begin with a vehicle."""
    assert tables["budget_spending"][0] == ["Fleet", "Office", "Year", "Quarter", "Amount Used"]
    assert re.fullmatch(r"\d+(\.0)?", tables["vehicles"][0][0])


@pytest.mark.parametrize(
    ("report", "number", "patterns"),
    [
        ("vehicles", 8, (MONTH, ISO)),
        ("vehicles", 11, (SHORT, ISO, DASHED)),
        ("vehicles", 12, (LONG, DASHED, ISO)),
        ("loan_history", 7, (SHORT, LONG, DASHED, ISO)),
        ("current_activity", 4, (SHORT, LONG, DASHED, ISO)),
        ("vehicles", 1, (r"2,0\d\d",)),
        ("vehicles", 10, (r"\d,\d{3}", r"\d{1,3}")),
        ("vehicles", 0, (r"\d+\.0", r"\d+", "")),
        ("vehicles", 6, (r"[0-9A-Z]{17}", r".*[a-z].*", r" [0-9A-Z]{17}  ")),
        ("partners", 0, (r"\d+\.0", r"\d+")),
        ("loan_history", 9, ("", "0", "1", "12")),
        ("current_activity", 1, ("", r"\d+\.0", r"\d+")),
        ("budget_spending", 4, (r"\$\d+,\d{3}\.\d\d", r"\d+\.\d\d")),
        ("approved_makes", 3, (r"A\+", "A", "B", "C", "D", "Pending")),
    ],
)
def test_formats_that_really_occur(tables: Tables, report: str, number: int, patterns: tuple[str, ...]) -> None:
    """Every way of writing a value that real reports have occurs in its column."""
    values = column(tables, report, number)
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, value) for value in values)] == []


def test_names_that_break_parsers(tables: Tables) -> None:
    """Quotes, apostrophes, one word, accents, commas occur in names, line breaks in notes, addresses."""
    names = column(tables, "partners", 1)
    for pattern in ('.*".*', ".*'.*", r"\w+", ".*[^\x00-\x7f].*", ".*,.*"):
        assert any(re.fullmatch(pattern, name) for name in names), pattern
    assert any("\n" in notes for notes in column(tables, "vehicles", 13))
    assert any("\n" in address for address in column(tables, "partners", 2))


def test_encodings_differ_between_reports(full: SandboxProcess) -> None:
    """Partners come with a byte order mark and CRLF, approvals in Latin-1, the activity with CRLF."""
    partners = full.report("partners").content
    assert partners.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in partners
    assert b"\r\n" in full.report("current_activity").content
    with pytest.raises(UnicodeDecodeError):
        full.report("approved_makes").content.decode("utf-8")


def test_one_person_under_two_offices(tables: Tables) -> None:
    """Some people have two rows, of different offices and with one name."""
    ids = Counter(int(float(value)) for value in column(tables, "partners", 0))
    twins = [number for number, count in ids.items() if count == 2]
    assert len(twins) >= 20
    rows = [row for row in tables["partners"] if int(float(row[0])) == twins[0]]
    assert rows[0][1] == rows[1][1]
    assert rows[0][3] != rows[1][3]


def test_activity_looks_like_a_living_fleet(tables: Tables) -> None:
    """Types, blank persons, future and year-long rows, vehicles that the vehicles report lacks."""
    rows = tables["current_activity"]
    types = Counter(row[3] for row in rows)
    assert set(types) == {
        "Media Loan", "Long Term Loan", "Hold", "Hold For Turn In", "Special", "Event", "Service",
    }  # fmt: skip
    assert {row[3] for row in rows if not row[1]} == {
        "Hold",
        "Hold For Turn In",
        "Special",
        "Event",
        "Service",
    }
    days = [(day(row[4]), day(row[5])) for row in rows]
    assert sum(start > TODAY for start, _ in days) > 300
    assert sum(start <= TODAY < end for start, end in days) > 350
    assert sum((end - start).days == 365 for start, end in days) >= 10
    known = {value.strip().upper() for value in column(tables, "vehicles", 6)}
    assert 10 <= len({row[2].strip().upper() for row in rows} - known) <= 20


def test_vins_are_invented_and_distinguishable(tables: Tables) -> None:
    """VINs have 17 characters without I, O, Q and differ in their last eight."""
    vins = [value.strip().upper() for value in column(tables, "vehicles", 6)]
    assert all(re.fullmatch("[A-HJ-NPR-Z0-9]{17}", vin) for vin in vins)
    assert len({vin[-8:] for vin in vins}) == 979


def test_turn_in_and_in_service_oddities(tables: Tables) -> None:
    """Some vehicles are past their turn-in and still booked, some are not in service yet."""
    booked = {row[2].strip().upper() for row in tables["current_activity"] if row[3] == "Media Loan"}
    late = {row[6].strip().upper() for row in tables["vehicles"] if row[12] and day(row[12]) < TODAY}
    assert len(late & booked) >= 5
    assert sum(day(row[11]) > TODAY for row in tables["vehicles"]) >= 10


def test_budget_fleets_have_their_short_names(tables: Tables) -> None:
    """Money is kept under VW, CHEVY, MERCEDES and TOYOTA/LEXUS; a few offices keep the last apart."""
    fleets = set(column(tables, "budget_spending", 0))
    assert fleets >= {"VW", "CHEVY", "MERCEDES", "TOYOTA/LEXUS", "TOYOTA", "LEXUS"}


def test_loans_of_one_vehicle_seldom_overlap(tables: Tables) -> None:
    """FMS's own rows overlap in a handful of cases, not as a rule."""
    stays: dict[str, list[tuple[date, date]]] = {}
    for row in tables["loan_history"]:
        stays.setdefault(row[1].strip().upper(), []).append((day(row[7]), day(row[8])))
    for row in tables["current_activity"]:
        stays.setdefault(row[2].strip().upper(), []).append((day(row[4]), day(row[5])))
    overlaps = 0
    for taken in stays.values():
        ordered = sorted(taken)
        overlaps += sum(one[1] > other[0] for one, other in pairwise(ordered))
    assert 1 <= overlaps <= 12


def test_unchanged_report_costs_a_304(full: SandboxProcess) -> None:
    """The ETag or the time of an earlier answer saves the transfer."""
    address, first = f"{full.url}/reports/vehicles.csv", full.report("vehicles")
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = get(address, headers=headers, timeout=30)
        assert (again.status_code, again.content) == (304, b"")


def test_budgets_for_upload(full: SandboxProcess) -> None:
    """The spreadsheet of allocations has its header, this quarter and the next."""
    rows = list(csv.reader(io.StringIO(full.report("budgets").text)))
    assert rows[0] == ["Office", "Fleet", "Year", "Quarter", "Budget"]
    assert {("2026", "4"), ("2027", "1")} <= {(row[2], row[3]) for row in rows[1:]}


def day(text: str) -> date:
    """Any of the formats as a date."""
    if re.fullmatch(ISO, text):
        return date.fromisoformat(text)
    parts = [int(part) for part in re.split("[/-]", text)]
    month, number, year = parts if len(parts) == 3 else (parts[0], 1, parts[1])
    return date(year if year > 99 else 2000 + year, month, number)
