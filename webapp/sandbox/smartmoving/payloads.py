"""SmartMoving's answers as JSON: a sweep and a detail hold different fields, and write the same ones differently."""

import json
import sqlite3
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from webapp.sandbox.formats import is_odd

Json = dict[str, Any]
# The pictures that branches put into their names, and the joiner that some carry.
PICTURES = str.maketrans("", "", "🚚🗽🎸⛰🌺✈\ufe0f")


def branch_json(row: sqlite3.Row) -> Json:
    """A branch of the reference list; a missing place is null or absent."""
    found: Json = {"id": row["id"], "name": row["name"]}
    _optional(found, "phoneNumber", row["phone"], row["id"])
    _optional(found, "dispatchLocation", _loaded(row["location"]), row["id"])
    return found | {"isPrimary": bool(row["is_primary"])}


def service_json(row: sqlite3.Row) -> Json:
    """A kind of service."""
    return {"id": row["id"], "name": row["name"]}


def customer_json(row: sqlite3.Row, opportunities: list[Json] | None) -> Json:
    """A customer of the sweep, with opportunities only where they were asked for."""
    found: Json = {"id": row["id"], "name": row["name"]}
    _optional(found, "phoneNumber", row["phone"], row["id"])
    _optional(found, "phoneType", row["phone_type"], row["id"])
    _optional(found, "emailAddress", row["email"], row["id"])
    _optional(found, "address", row["address"], row["id"])
    found["secondaryPhoneNumbers"] = [
        {"phoneNumber": number, "phoneType": "Other"} for number in json.loads(row["other_phones"])
    ]
    return found if opportunities is None else found | {"opportunities": opportunities}


def swept_opportunity_json(row: sqlite3.Row, jobs: Iterable[sqlite3.Row]) -> Json:
    """An opportunity of the sweep: the quote number is a string here."""
    return {
        "id": row["id"],
        "quoteNumber": str(row["quote"]),
        "status": row["status"],
        "jobs": [_swept_job_json(job) for job in jobs],
    }


def opportunity_json(
    row: sqlite3.Row, customer: sqlite3.Row, branch: sqlite3.Row | None, jobs: list[sqlite3.Row], flags: set[str]
) -> Json:
    """An opportunity of its own; `flags` are the sections asked for, lower case (`includejobaddresses`, ...)."""
    days = [job["day"] for job in jobs if job["day"]]
    return {
        "id": row["id"],
        "quoteNumber": row["quote"],
        "status": row["status"],
        "leadStatus": row["lead_status"],
        "serviceDate": _number(min(days)) if days else None,
        "createdAtUtc": row["created_at"],
        "customer": _contact_json(customer),
        "branch": _branch_json(row, branch),
        "moveSize": _loaded(row["move_size"]),
        "estimatedTotal": _money(_loaded(row["total"]), row["id"]),
        "salesAssignee": _loaded(row["assignee"]),
        "jobs": [_job_json(job, flags) for job in jobs],
    }


def respelled(name: str, style: int) -> str:
    """A branch's name as details write it: other case, spaces, pictures or accents taken apart."""
    spaced = name.strip().replace(" ", "  ") if " " in name.strip() else f"{name}\u00a0"
    return (
        name,
        name.upper(),
        name.lower(),
        f"  {name} ",
        spaced,
        unicodedata.normalize("NFD", name),
        name.translate(PICTURES),
    )[style]


def _swept_job_json(job: sqlite3.Row) -> Json:
    found: Json = {"id": job["id"]}
    _optional(found, "jobNumber", job["number"], job["id"])
    day = job["day"]
    # A string in either form; the same job always in the same one.
    text = day and (day.replace("-", "") if is_odd(25, "date", job["id"]) else f"{day}T00:00:00")
    _optional(found, "serviceDate", text, job["id"])
    return found | {"type": job["type"]}


def _job_json(job: sqlite3.Row, flags: set[str]) -> Json:
    found: Json = {
        "id": job["id"],
        "jobNumber": job["number"],
        "jobDate": _number(job["day"]) if job["day"] else None,
        "type": job["type"],
        "confirmed": bool(job["is_confirmed"]),
        "arrivalWindow": _loaded(job["arrival"]),
    }
    if "includejobaddresses" in flags:
        found["jobAddresses"] = json.loads(job["addresses"])
    if "includecharges" in flags:
        charges = json.loads(job["charges"])
        found["estimatedCharges"] = [_charge_json(charge, job["id"]) for charge in charges["estimated"]]
        found["actualCharges"] = [_charge_json(charge, job["id"]) for charge in charges["actual"]]
    if "includedispatchinfo" in flags:
        found["crewMembers"] = json.loads(job["crew"])
    if "includetripinfo" in flags:
        found["jobTime"] = job["hours"]
    return found


def _contact_json(customer: sqlite3.Row) -> Json:
    return {
        "id": customer["id"],
        "name": customer["name"],
        "phoneNumber": customer["phone"],
        "emailAddress": customer["email"],
    }


def _branch_json(row: sqlite3.Row, branch: sqlite3.Row | None) -> Json | None:
    if row["branch_text"] is not None:
        return {"name": row["branch_text"], "phoneNumber": None}
    if branch is None:
        return None
    return {"name": respelled(branch["name"], row["branch_style"]), "phoneNumber": branch["phone"]}


def _charge_json(charge: Json, key: str) -> Json:
    return charge | {name: _dollars(charge[name], key) for name in ("subtotal", "discountAmount", "totalCost")}


def _money(cents: Json | None, key: str) -> Json | None:
    return cents and {name: _dollars(amount, key, name) for name, amount in cents.items()}


def _dollars(cents: int | None, *key: str) -> float | None:
    """A double, now and then with the dust that summing doubles leaves (19.990000000000002)."""
    if cents is None:
        return None
    return cents * 0.01 if is_odd(20, "dust", *key) else cents / 100


def _number(iso_day: str) -> int:
    return int(f"{date.fromisoformat(iso_day):%Y%m%d}")


def _optional(found: Json, name: str, value: object, key: str) -> None:
    """What is missing is null for the one and absent for the other."""
    if value is not None or is_odd(50, "absent", name, key):
        found[name] = value


def _loaded(text: str | None) -> Any:
    return json.loads(text) if text is not None else None
