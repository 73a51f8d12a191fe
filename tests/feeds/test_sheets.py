"""Spreadsheets are read whole: every header that occurs, every cell that cannot be used by its name."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.workbooks import BUDGET_HEADER, HEADERS, USUAL, as_csv, budgets, operations, workbook
from webapp.feeds.sheet_schema import BUDGETS, KINDS, OPERATIONS, clock, days, percent
from webapp.feeds.sheets import ReadFile, cell_name, read

OFFICES = ["Los Angeles", "Dallas"]


def taken(content: bytes, filename: str = "a.xlsx") -> ReadFile:
    return read(filename, content, KINDS, OFFICES)


def faults(content: bytes, filename: str = "a.xlsx") -> list[str]:
    return [str(fault) for fault in taken(content, filename).faults]


def rows(content: bytes, name: str, filename: str = "a.xlsx") -> dict[Any, Any]:
    found = taken(content, filename)
    assert found.faults == ()
    return next(sheet.rows for sheet in found.sheets if sheet.kind.name == name)


def test_operating_data_with_the_headers_that_occur() -> None:
    """`Notea`, `:ub Rate Requirement` and `Soft vs. Hard Contraint` are understood."""
    found = taken(operations())
    assert found.faults == ()
    assert {sheet.kind.name: sheet.rows for sheet in found.sheets} == {
        "ops_capacity": {("Los Angeles",): (4, ""), ("Dallas",): (3, "two on Fridays")},
        "holiday_blackout_dates": {
            ("Los Angeles", date(2026, 11, 26)): ("Thanksgiving", "Holiday", True, None, None, ""),
            ("Dallas", date(2026, 12, 24)): ("Christmas Eve", "Blackout", False, time(12), time(17), "half a day"),
        },
        "rules": {
            ("VOLKSWAGEN", "A+"): (12, Decimal(50), 45, True, "", ""),
            ("AUDI", "B"): (None, Decimal(75), 30, False, "x", ""),
        },
        "loan_costs": {
            (3001, "VOLKSWAGEN"): ("Noor Ashdown", Decimal("1234.50")),
            (3002, "AUDI"): ("Bo", Decimal(400)),
        },
    }


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("separator", [",", ";"])
def test_one_sheet_as_csv_is_known_by_its_headers(name: str, separator: str) -> None:
    """A .csv has no name, and says the same as the sheet."""
    content = as_csv([HEADERS[name], *USUAL[name]], separator)
    assert rows(content, name, "a.csv") == rows(operations(), name)


@pytest.mark.parametrize(
    "header",
    [
        ("Make", "Rank", "Loan Cap Per Year", "Pub Rate Requirement", "Cooldown Period", "Soft vs. Hard Constraint"),
        ("MAKE", "rank ", "loan_cap_per_year", ":ub  rate requirement", "Cooldown-Period", "soft vs hard contraint"),
    ],
)
def test_headers_are_known_in_any_spelling(header: Sequence[str]) -> None:
    """Correct or misspelt, with underscores or spaces, below a title, in any order."""
    row = ("VW", "A", 6, 50, 45, "Hard")
    content = workbook({"Rules": [["Rules of 2026"], [], header[::-1], row[::-1]]})
    assert rows(content, "rules") == {("VOLKSWAGEN", "A"): (6, Decimal(50), 45, True, "", "")}


@pytest.mark.parametrize(
    ("sheet", "row", "fault"),
    [
        ("rules", ("VW", "A", 1, 1, "abc", "Hard"), "E2: Cooldown Period is not a number of days: “abc”"),
        ("rules", ("VW", "E", 1, 1, 1, "Hard"), "B2: Rank is not a rank: “E”"),
        ("rules", ("", "A", 1, 1, 1, "Hard"), "A2: Make is blank"),
        ("rules", ("VW", "A", "many", 1, 1, "Hard"), "C2: Loan Cap Per Year is not a number of loans: “many”"),
        ("rules", ("VW", "A", 1, "150%", 1, "Hard"), "D2: Pub Rate Requirement is more than 100 %: “150%”"),
        ("rules", ("VW", "A", 1, 1, 1, None), "F2: Soft vs. Hard Constraint is blank; write Hard or Soft"),
        ("rules", ("VW", "A", "#REF!", 1, 1, "Hard"), "C2: Loan Cap Per Year is a broken formula: #REF!"),
        ("rules", ("VW", "A", -1, 1, 1, "Hard"), "C2: Loan Cap Per Year is not a number of loans: “-1”"),
        ("ops_capacity", ("Los Angles", 3), "A2: Office is none that we know: “Los Angles”; did you mean Los Angeles?"),
        ("ops_capacity", ("Los Angeles", 2.5), "B2: Drivers Per Day is not a whole number: “2.5”"),
        ("holiday_blackout_dates", ("Dallas", "soon", "X"), "B2: Date is not a date: “soon”"),
        (
            "holiday_blackout_dates",
            ("Dallas", "11/26/26", "X", "", "No"),
            "F2: Start_Time is blank, though the holiday is not for all day",
        ),
        (
            "holiday_blackout_dates",
            ("Dallas", "11/26/26", "X", "", "", "14:00", "9 AM"),
            "G2: End_Time is not after Start_Time",
        ),
        ("loan_costs", ("", "Bo", "Audi", 4), "A2: Person_ID is blank"),
        ("loan_costs", (3001, "Bo", "Audi", -4), "D2: Cost is less than nothing: “-4”"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(sheet: str, row: Sequence[Any], fault: str) -> None:
    """The sheet, the cell, the column and what is wrong."""
    content = operations(**{sheet: [row]})
    assert faults(content) == [f"{sheet}!{fault}"]


def test_all_faults_are_told_at_once() -> None:
    """Nobody corrects a file one cell at a time."""
    content = operations(rules=[("VW", "Q", "x", 1, "y", "Hard")], ops_capacity=[("Dallas", "z")])
    assert [fault.split(":")[0] for fault in faults(content)] == [
        *("ops_capacity!B2", "rules!B2", "rules!C2", "rules!E2"),
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (operations(rules=[]), "rules!A2: has no rows; an empty one would remove everything, so it is refused"),
        (operations(rules=[*USUAL["rules"], USUAL["rules"][0]]), "rules!A4: VOLKSWAGEN A+ is in row 2 already"),
        (workbook({"rules": [("Make", "Rank"), ("VW", "A")]}), "rules!A1: has no column Loan Cap Per Year"),
        (workbook({"rules": [("x",)]}), "rules!A1: has no column Make"),
        (workbook({"Sheet1": [("x", "y")]}), "a.xlsx!A1: its headers are not those of budgets with Office"),
        (
            workbook({"ops_capacity": [("Office", "Drivers", "Drivers Per Day"), ("Dallas", 1, 2)]}),
            "ops_capacity!C1: is a second column Drivers Per Day",
        ),
        (budgets(("Dallas", "VW", 2026, "Q5", 1)), "Sheet1!D2: Quarter is not a quarter: “Q5”"),
        (budgets(("Dallas", "VW", 2026, 1, "=A1")), "Sheet1!E2: Budget is a formula without a value"),
        (budgets(("Dallas", "VW", 2026, 1, None)), "Sheet1!E2: Budget is blank"),
        (budgets(), "Sheet1!A2: has no rows"),
    ],
)
def test_a_sheet_that_cannot_be_used_says_why(content: bytes, fault: str) -> None:
    """Nothing is guessed, and nothing is wiped by an empty sheet."""
    (found,) = faults(content)
    assert found.startswith(fault)


def test_fleets_that_share_a_budget_are_added_up() -> None:
    """Toyota and Lexus are one; the person is told which rows."""
    found = taken(
        budgets(
            ("Los Angeles", "Toyota", 2026, "Q1", "$1,234.50"),
            ("los angeles", "LEXUS", "2,026", 1, 100),
            ("Dallas", "VW", 2026, 4, 0),
        )
    )
    assert found.sheets[0].rows == {
        ("Los Angeles", "TOYOTA/LEXUS", 2026, 1): (Decimal("1334.50"), None),
        ("Dallas", "VOLKSWAGEN", 2026, 4): (Decimal(0), None),
    }
    assert found.sheets[0].remarks == (
        "Rows 2 and 3 of Sheet1 are one budget (Los Angeles TOYOTA/LEXUS 2026 1) and were added up: $1,334.50.",
    )


def test_what_is_left_out_is_said() -> None:
    """A sheet or column that means nothing to us is not silently lost."""
    content = workbook(
        {"rules": [(*HEADERS["rules"], "Mood"), USUAL["rules"][0]], "Scratch": [("x",)], "Empty": []},
    )
    found = taken(content)
    assert found.faults == ()
    assert found.remarks[0].startswith("The sheet Scratch was left out")
    assert found.sheets[0].remarks == ("The column Mood of rules was left out: nothing is made of it.",)


def test_budgets_are_no_operating_data() -> None:
    """A command that names one kind refuses the other."""
    assert read("a.xlsx", operations(), (BUDGETS,), OFFICES).faults
    assert read("a.csv", as_csv([BUDGET_HEADER, ("Dallas", "VW", 2026, 1, 1)]), OPERATIONS, OFFICES).faults


@pytest.mark.parametrize(
    ("written", "percentage"),
    [("75%", 75), ("75", 75), ("0.75", 75), ("1", 100), ("1%", 1), ("0", 0), ("", None), ("33.3 %", Decimal("33.3"))],
)
def test_percentages(written: str, percentage: object) -> None:
    """As people write them, and as a spreadsheet keeps a cell that is formatted so."""
    assert percent(written) == percentage


@pytest.mark.parametrize(("written", "number"), [("30", 30), ("30 Days", 30), ("1 day", 1), ("", None), ("none", None)])
def test_days(written: str, number: object) -> None:
    """With or without the word; blank is nothing laid down."""
    assert days(written) == number


@pytest.mark.parametrize(
    ("written", "at"),
    [
        *[("13:30", time(13, 30)), ("1:30 PM", time(13, 30)), ("9 am", time(9)), ("12:00 a.m.", time(0))],
        *[("08:05:00", time(8, 5)), ("1899-12-30 14:00", time(14)), ("", None)],
    ],
)
def test_times(written: str, at: object) -> None:
    """With a colon, or with AM and PM."""
    assert clock(written) == at


@pytest.mark.parametrize(("place", "name"), [(0, "A1"), (25, "Z1"), (26, "AA1"), (701, "ZZ1"), (702, "AAA1")])
def test_cells_are_named_as_spreadsheets_do(place: int, name: str) -> None:
    """Past Z comes AA."""
    assert cell_name(1, place) == name


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\x00"), max_size=8), max_size=6), max_size=6))
def test_any_table_is_read_or_faulted(table: list[list[str]]) -> None:
    """Rows of anything below the right headers name cells, and never break us."""
    for name in HEADERS:
        found = taken(as_csv([HEADERS[name], *table]), "a.csv")
        assert found.faults or found.sheets
        assert all(fault.cell and fault.text for fault in found.faults)
