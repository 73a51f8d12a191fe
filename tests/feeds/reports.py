"""Reports that tests write: rows as FMS would, with sensible cells where a test does not care."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from webapp.feeds.parse import Parsed, parse
from webapp.feeds.parse_schema import FEEDS, Feed

USUAL: dict[str, dict[str, str]] = {
    "vehicles": {
        "vehicle_id": "89001",
        "year": "2,026",
        "make": "Audi",
        "model": "A3 Premium Plus",
        "model_short_name": "A3",
        "office": "Los Angeles",
        "vin": "WAUZZZ8V0KA000001",
        "fleet": "Audi PR - Press",
        "registration_exp": "6/2027",
        "current_mileage": "2,151",
        "in_service_date": "06/01/26",
        "expected_turn_in_date": "06/01/2027",
        "color": "Chalk",
    },
    "partners": {
        "person_id": "3001",
        "name": "Noor Ashdown",
        "address": "12 Elm St, Pasadena, CA 91101",
        "office": "Los Angeles",
        "default_loan_region": "Los Angeles",
        "affiliation": "Weekly Torque",
        "activity_type_subcategory_id": "4",
    },
    "loan_history": {
        "activity_id": "700001",
        "vin": "WAUZZZ8V0KA000001",
        "person_id": "3001",
        "make": "Audi",
        "model": "A3 Premium Plus",
        "year": "2,026",
        "model_short_name": "A3",
        "start_date": "07/06/26",
        "end_date": "07/13/26",
        "clips_received": "2",
        "office": "Los Angeles",
        "name": "Noor Ashdown",
    },
    "current_activity": {
        "activity_id": "710001",
        "person_id": "3001",
        "vehicle_vin": "WAUZZZ8V0KA000001",
        "activity_type": "Loan",
        "start_date": "11/16/26",
        "end_date": "11/23/26",
        "to": "Weekly Torque",
    },
    "approved_makes": {"person_id": "3001", "name": "Noor Ashdown", "make": "Audi", "rank": "A"},
    "budget_spending": {
        "fleet": "AUDI",
        "office": "Los Angeles",
        "year": "2026",
        "quarter": "4",
        "amount_used": "$1,234.50",
    },
}
BY_NAME = {feed.name: feed for feed in FEEDS}


def cells(feed: Feed, **changed: str) -> list[str]:
    """One row of a report, with FMS's column names as keywords."""
    values = {**USUAL[feed.name], **changed}
    return [values.get(column.name, "") for column in feed.columns]


def numbered(feed: Feed, count: int, first: int = 1, **changed: str) -> list[list[str]]:
    """`count` rows with keys of their own."""
    rows = []
    for number in range(first, first + count):
        keys = {
            "vehicles": {"vin": f"WAUZZZ8V0KA{number:06d}", "vehicle_id": str(89_000 + number)},
            "partners": {"person_id": str(3_000 + number)},
            "loan_history": {"activity_id": str(700_000 + number)},
            "current_activity": {"activity_id": str(710_000 + number)},
            "approved_makes": {"person_id": str(3_000 + number)},
            "budget_spending": {"fleet": f"FLEET {number}"},
        }[feed.name]
        rows.append(cells(feed, **{**keys, **changed}))
    return rows


def written(rows: Iterable[Iterable[Any]], line_end: str = "\n", encoding: str = "utf-8") -> bytes:
    """The rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode(encoding)


def read(feed: Feed, rows: Iterable[Iterable[Any]]) -> Parsed:
    """The rows, written and parsed."""
    return parse(feed, written(rows))
