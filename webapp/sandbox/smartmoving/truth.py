"""What SmartMoving really holds, told plainly: the truth that a test compares the board with."""

import json
import sqlite3
from datetime import date
from typing import Any

from webapp.sandbox.smartmoving import queries
from webapp.sandbox.smartmoving.payloads import respelled

Json = dict[str, Any]

WITH_CUSTOMER = """SELECT o.*, c.name, c.phone, c.email
    FROM smartmoving_opportunities o JOIN smartmoving_customers c ON c.id = o.customer_id"""


def opportunities_between(db: sqlite3.Connection, first: date, last: date) -> list[Json]:
    """Every opportunity with a job from `first` to `last`, with all of its jobs, by quote number."""
    rows = db.execute(
        f"{WITH_CUSTOMER} WHERE NOT o.is_gone AND o.id IN (SELECT opportunity_id FROM smartmoving_jobs "
        "WHERE NOT is_gone AND day BETWEEN ? AND ?) ORDER BY o.quote, o.id",
        (first.isoformat(), last.isoformat()),
    ).fetchall()
    return _told(db, rows)


def one_opportunity(db: sqlite3.Connection, number: str) -> Json:
    """One that exists, deleted or not."""
    return _told(db, db.execute(f"{WITH_CUSTOMER} WHERE o.id = ?", (number,)).fetchall())[0]


def branches(db: sqlite3.Connection) -> list[Json]:
    """The branches with where they stand, whether or not the API says it."""
    return [
        {name: row[name] for name in ("id", "name", "phone", "city", "state")}
        | {"has_location": row["location"] is not None}
        for row in db.execute("SELECT * FROM smartmoving_branches ORDER BY place")
    ]


def _told(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[Json]:
    jobs = queries.jobs(db, [row["id"] for row in rows])
    known = {row["id"]: row for row in db.execute("SELECT * FROM smartmoving_branches")}
    names = [" ".join(row["name"].casefold().split()) for row in known.values()]
    told = []
    for row in rows:
        branch = known.get(row["branch_id"])
        alike = names.count(" ".join(branch["name"].casefold().split())) if branch else 0
        told.append(_opportunity(row, jobs.get(row["id"], [])) | _branch(row, branch, is_ambiguous=alike > 1))
    return told


def _opportunity(row: sqlite3.Row, jobs: list[sqlite3.Row]) -> Json:
    cents = json.loads(row["total"])["finalTotal"] if row["total"] else None
    return {
        "id": row["id"],
        "quote_number": row["quote"],
        "status": row["status"],
        "customer": {"id": row["customer_id"], "name": row["name"], "phone": row["phone"], "email": row["email"]},
        "estimated_total": None if cents is None else f"{cents / 100:.2f}",
        "is_gone": bool(row["is_gone"]),
        "jobs": [_job(job) for job in jobs],
    }


def _branch(row: sqlite3.Row, branch: sqlite3.Row | None, *, is_ambiguous: bool) -> Json:
    """Where it belongs, and what its detail writes; ambiguous where another branch has the same name."""
    written = row["branch_text"]
    if written is None and branch is not None:
        written = respelled(branch["name"], row["branch_style"])
    return {
        "branch_id": branch["id"] if branch else None,
        "branch_name": branch["name"] if branch else None,
        "written_branch": written,
        "is_branch_ambiguous": is_ambiguous,
    }


def _job(row: sqlite3.Row) -> Json:
    window = json.loads(row["arrival"]) if row["arrival"] else None
    return {
        "id": row["id"],
        "number": row["number"],
        "date": row["day"],
        "type": row["type"],
        "confirmed": bool(row["is_confirmed"]),
        "addresses": json.loads(row["addresses"]),
        "window": window
        and {"start": window["startTime"], "end": window["endTime"], "description": window["description"]},
    }
