"""Spreadsheets that tests write, with the headers that really occur."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]

BUDGET_HEADER = ("Office", "Fleet", "Year", "Quarter", "Budget")
HEADERS: dict[str, tuple[str, ...]] = {
    "ops_capacity": ("Office", "Drivers Per Day", "Notes"),
    "holiday_blackout_dates": ("Office", "Date", "Holiday Name", "Type", "All_Day", "Start_Time", "End_Time", "Notea"),
    "rules": (
        *("Make", "Rank", "Loan Cap Per Year", ":ub Rate Requirement", "Cooldown Period"),
        *("Soft vs. Hard Contraint", "Rule Description", "Notes"),
    ),
    "loan_costs": ("Person_ID", "Name", "Make", "Cost"),
}
USUAL: dict[str, Rows] = {
    "ops_capacity": [("Los Angeles", 4, ""), ("Dallas", "3", "two on Fridays")],
    "holiday_blackout_dates": [
        ("Los Angeles", date(2026, 11, 26), "Thanksgiving", "Holiday", "Yes", None, None, None),
        ("Dallas", "12/24/26", "Christmas Eve", "Blackout", "No", time(12, 0), "5:00 PM", "half a day"),
    ],
    "rules": [("VW", "A+", 12, 0.5, "45 days", "Hard", "", ""), ("Audi", "b", None, "75%", 30.0, "soft", "x", None)],
    "loan_costs": [(3001.0, "Noor Ashdown", "VW", "$1,234.50"), ("3002", "Bo", "Audi", 400)],
}


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    """An .xlsx with these sheets; rows include the header."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The workbook as bytes."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def operations(**changed: Rows) -> bytes:
    """The workbook of operating data; a keyword gives a sheet other rows, below its usual header."""
    return workbook({name: [HEADERS[name], *changed.get(name, USUAL[name])] for name in HEADERS})


def budgets(*rows: Sequence[Any]) -> bytes:
    """The spreadsheet of allocations as .xlsx."""
    return workbook({"Sheet1": [BUDGET_HEADER, *rows]})


def as_csv(rows: Iterable[Sequence[Any]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as .csv."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)
