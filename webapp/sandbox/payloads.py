"""The contract's JSON: reading a create body as Rails would, and writing a request in camelCase."""

import re
import sqlite3
from collections.abc import Mapping
from datetime import date

from webapp.sandbox.vehicle_requests import NewRequest, RequestRefused, requested_vehicles

FMS_DATE = re.compile(r"\d{2}/\d{2}/\d{2}")
REQUIRED = (
    "requestor_id",
    "start_date",
    "end_date",
    "activity_type_id",
    "activity_to",
    "reason",
    "loanee_id",
)


def read_create(body: object) -> NewRequest:
    """The request in a create body; raises RequestRefused with FMS's sentences."""
    fields = body.get("request") if isinstance(body, Mapping) else None
    if not isinstance(fields, Mapping):
        raise RequestRefused("param is missing or the value is empty: request")
    problems = [f"{_human(name)} can't be blank" for name in REQUIRED if fields.get(name) in (None, "")]
    problems += [
        f"{_human(name)} is invalid"
        for name in ("start_date", "end_date")
        if fields.get(name) not in (None, "") and _day(fields[name]) is None
    ]
    wanted = fields.get("requests_vehicles")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(each, Mapping) for each in wanted):
        problems.append("Requests vehicles can't be blank")
    start, end = _day(fields.get("start_date")), _day(fields.get("end_date"))
    if problems or start is None or end is None or not isinstance(wanted, list):
        raise RequestRefused(*problems)
    subcategory = fields.get("activity_type_subcategory_id")
    return NewRequest(
        requestor_id=_number(fields["requestor_id"]),
        loanee_id=_number(fields["loanee_id"]),
        activity_type_id=_number(fields["activity_type_id"]),
        subcategory_id=None if subcategory in (None, "") else _number(subcategory),
        activity_to=str(fields["activity_to"]),
        reason=str(fields["reason"]),
        start_day=start,
        end_day=end,
        requestor_notes=str(fields.get("requestor_notes") or ""),
        vehicles=tuple((_number(each.get("vehicle_id")), str(each.get("notes") or "")) for each in wanted),
    )


def request_json(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, object]:
    """A request as a create answers it."""
    vehicles = requested_vehicles(db, row["id"])
    requestor = db.execute("SELECT * FROM fms_users WHERE id = ?", (row["requestor_id"],)).fetchone()
    loanee = db.execute("SELECT name FROM partners WHERE person_id = ?", (row["loanee_id"],)).fetchone()
    return {
        "id": row["id"],
        "requestorId": row["requestor_id"],
        "requestorName": f"{requestor['last_name']}, {requestor['first_name']}",
        "activityTo": row["activity_to"],
        "loaneeId": row["loanee_id"],
        "loaneeName": last_first(loanee["name"]),
        "startDate": fms_date(row["start_day"]),
        "endDate": fms_date(row["end_day"]),
        "status": row["status"],
        "officeName": vehicles[0]["office"],
        "fleetName": vehicles[0]["fleet"],
        "requestsVehicles": [
            {
                "requestsVehicle": {
                    "id": vehicle["id"],
                    "vehicleId": vehicle["vehicle_id"],
                    "vehicleVin": vehicle["vin"],
                    "vehicleMakeModel": f"{vehicle['make']} {vehicle['model']}",
                    "notes": vehicle["notes"],
                    "status": row["status"],
                }
            }
            for vehicle in vehicles
        ],
    }


def listed_request_json(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, object]:
    """A request as the look-up lists it: with the notes that carry our reference, and why it was closed."""
    return request_json(db, row) | {
        "requestorNotes": row["requestor_notes"],
        "reason": row["reason"],
        "statusReason": row["status_reason"],
    }


def fms_date(iso_day: str) -> str:
    """A stored day as FMS writes it, MM/DD/YY."""
    return f"{date.fromisoformat(iso_day):%m/%d/%y}"


def last_first(name: str) -> str:
    """`First Last` as `Last, First`; a single word stays as it is."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first else last


def _human(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ").capitalize()


def _day(text: object) -> date | None:
    if not isinstance(text, str) or not FMS_DATE.fullmatch(text):
        return None
    try:
        return date(2000 + int(text[6:]), int(text[:2]), int(text[3:5]))
    except ValueError:
        return None


def _number(value: object) -> int:
    """The number, or 0 for what is none: no row has that id, so the look-up refuses it."""
    if isinstance(value, bool):
        return 0
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
