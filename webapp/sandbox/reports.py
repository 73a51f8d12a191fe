"""The reports of feeds.md as CSV text, rendered from the store: positional, each with its own quirks."""

import csv
import io
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from webapp.sandbox import formats

Cells = list[str]
Rows = Iterable[Cells]


@dataclass(frozen=True, slots=True)
class Report:
    """How a report is made and encoded; `header` only on the ones that carry one."""

    rows: Callable[[sqlite3.Connection, date], Rows]
    header: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    encoding: str = "utf-8"
    line_end: str = "\n"


def vehicles(db: sqlite3.Connection, _: date) -> Rows:
    """15 columns; years and mileage with separators, month dates, a few blank vehicle ids."""
    for row in db.execute("SELECT * FROM vehicles ORDER BY rowid"):
        key = ("vehicles", row["vin"])
        yield [
            formats.identifier(row["vehicle_id"], *key),
            formats.with_separators(row["year"]),
            row["make"],
            row["model"],
            row["short_name"],
            row["office"],
            formats.vin(row["vin"], *key),
            row["fleet"],
            formats.written_day(row["registration_exp"], formats.month, *key, "registration"),
            formats.written_day(row["insurance_exp"], formats.month, *key, "insurance"),
            formats.with_separators(row["mileage"]),
            formats.written_day(row["in_service_day"], formats.short_year, *key, "in"),
            formats.written_day(row["turn_in_day"], formats.long_year, *key, "out"),
            row["notes"],
            row["color"],
        ]


def partners(db: sqlite3.Connection, _: date) -> Rows:
    """8 columns; one row per person and office."""
    for row in db.execute("SELECT * FROM partners ORDER BY row_id"):
        yield [
            formats.identifier(row["person_id"], "partners", row["row_id"]),
            row["name"],
            row["address"],
            row["office"],
            row["default_loan_region"],
            row["instructions"],
            row["affiliation"],
            formats.identifier(row["subcategory_id"], "subcategory", row["row_id"]),
        ]


def loan_history(db: sqlite3.Connection, today: date) -> Rows:
    """14 columns; loans that ended before today."""
    names = _names(db)
    for row in db.execute(
        "SELECT * FROM activities WHERE end_day < ? AND person_id IS NOT NULL ORDER BY end_day, activity_id",
        (today.isoformat(),),
    ):
        key = ("history", row["activity_id"])
        yield [
            formats.identifier(row["activity_id"], *key),
            formats.vin(row["vin"], *key),
            formats.identifier(row["person_id"], *key, "person"),
            row["make"],
            row["model"],
            formats.with_separators(row["year"]),
            row["short_name"],
            formats.written_day(row["start_day"], formats.short_year, *key, "start"),
            formats.written_day(row["end_day"], formats.short_year, *key, "end"),
            "" if row["clips"] is None else str(row["clips"]),
            row["office"],
            names[row["person_id"]],
            row["address"],
            row["region"],
        ]


def current_activity(db: sqlite3.Connection, today: date) -> Rows:
    """9 columns; everything that ends today or later, of any type."""
    names = _names(db)
    for row in db.execute(
        "SELECT * FROM activities WHERE end_day >= ? ORDER BY start_day, activity_id", (today.isoformat(),)
    ):
        key = ("activity", row["activity_id"])
        yield [
            formats.identifier(row["activity_id"], *key),
            formats.identifier(row["person_id"], *key, "person"),
            formats.vin(row["vin"], *key),
            row["activity_type"],
            formats.written_day(row["start_day"], formats.short_year, *key, "start"),
            formats.written_day(row["end_day"], formats.short_year, *key, "end"),
            names[row["person_id"]] if row["person_id"] else row["addressee"],
            row["address"],
            row["region"],
        ]


def approved_makes(db: sqlite3.Connection, _: date) -> Rows:
    """4 columns: person, name, make, rank."""
    for row in db.execute("SELECT * FROM approvals ORDER BY person_id, make"):
        yield [
            formats.identifier(row["person_id"], "approval", row["person_id"], row["make"]),
            row["name"],
            row["make"],
            row["rank"],
        ]


def budget_spending(db: sqlite3.Connection, _: date) -> Rows:
    """5 columns; the report that carries a header row."""
    for row in db.execute("SELECT * FROM spending ORDER BY office, fleet, year, quarter"):
        key = ("spending", row["office"], row["fleet"], row["year"], row["quarter"])
        yield [
            row["fleet"],
            row["office"],
            formats.with_separators(row["year"]),
            str(row["quarter"]),
            formats.dollars(row["cents"], *key),
        ]


def budgets(db: sqlite3.Connection, _: date) -> Rows:
    """Not one of the six: the spreadsheet of allocations that people upload."""
    for row in db.execute("SELECT * FROM budgets ORDER BY office, fleet, year, quarter"):
        yield [
            row["office"],
            row["fleet"],
            str(row["year"]),
            str(row["quarter"]),
            f"${row['cents'] / 100:,.2f}",
        ]


def _names(db: sqlite3.Connection) -> dict[int, str]:
    return {row["person_id"]: row["name"] for row in db.execute("SELECT person_id, name FROM partners")}


REPORTS = {
    "vehicles": Report(
        vehicles,
        names=(
            "vehicle_id",
            "year",
            "make",
            "model",
            "model_short_name",
            "office",
            "vin",
            "fleet",
            "registration_exp",
            "insurance_exp",
            "current_mileage",
            "in_service_date",
            "expected_turn_in_date",
            "notes",
            "color",
        ),
    ),
    "partners": Report(
        partners,
        encoding="utf-8-sig",
        line_end="\r\n",
        names=(
            "person_id",
            "name",
            "address",
            "office",
            "default_loan_region",
            "notes_instructions",
            "affiliation",
            "activity_type_subcategory_id",
        ),
    ),
    "loan_history": Report(
        loan_history,
        names=(
            "activity_id",
            "vin",
            "person_id",
            "make",
            "model",
            "year",
            "model_short_name",
            "start_date",
            "end_date",
            "clips_received",
            "office",
            "name",
            "partner_address",
            "region",
        ),
    ),
    "current_activity": Report(
        current_activity,
        line_end="\r\n",
        names=(
            "activity_id",
            "person_id",
            "vehicle_vin",
            "activity_type",
            "start_date",
            "end_date",
            "to",
            "partner_address",
            "region",
        ),
    ),
    "approved_makes": Report(approved_makes, encoding="latin-1", names=("person_id", "name", "make", "rank")),
    "budget_spending": Report(
        budget_spending,
        header=("Fleet", "Office", "Year", "Quarter", "Amount Used"),
        names=("fleet", "office", "year", "quarter", "amount_used"),
    ),
    "budgets": Report(
        budgets,
        header=("Office", "Fleet", "Year", "Quarter", "Budget"),
        names=("office", "fleet", "year", "quarter", "budget"),
    ),
}


def encode(rows: Rows, encoding: str, line_end: str) -> bytes:
    """CSV bytes; a byte order mark where the encoding is `utf-8-sig`."""
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode(encoding, "replace")
