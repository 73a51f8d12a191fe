"""What the moving company's people do in SmartMoving: change, delete and restore opportunities, jobs and branches."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from webapp.sandbox.generate.movers import STATUSES
from webapp.sandbox.smartmoving.queries import by_id

Fields = Mapping[str, object]


class BadChange(ValueError):
    """A change that cannot be made; the text says why."""


class UnknownThing(BadChange):
    """There is no opportunity, job or branch with this id."""


def change_opportunity(db: sqlite3.Connection, number: str, fields: Fields) -> None:
    """Change what `fields` names, at once or not at all; raises BadChange.

    `status`; `lead_status`; `branch_id` (the branch it belongs to, or null); `branch_name` (a text that its detail
    then writes, of no branch unless `branch_id` says which; null: the branch's own name again); `estimated_total`
    (dollars, or null for no money at all); `customer` {name, phone, email}; `jobs`: [{id, ...as `change_job`}].
    """
    row = _existing(db, "opportunities", number)
    if fields.get("branch_name") is not None:
        fields = {"branch_id": None} | dict(fields)
    for name, value in fields.items():
        if name == "jobs":
            for job in _mappings(value):
                change_job(db, str(job.get("id")), {key: job[key] for key in job if key != "id"}, of=number)
        elif name == "customer":
            _change_customer(db, row["customer_id"], value)
        else:
            column, stored = _opportunity_column(db, row, name, value)
            db.execute(f"UPDATE smartmoving_opportunities SET {column} = ? WHERE id = ?", (stored, number))


def change_job(db: sqlite3.Connection, number: str, fields: Fields, of: str | None = None) -> None:
    """Change a job: `number`, `date` (ISO or null), `type`, `confirmed`, `addresses`, `window` {start, end,
    description} in hours or null, `opportunity_id` (it goes over to that one); raises BadChange."""
    row = _existing(db, "jobs", number)
    if of not in (None, row["opportunity_id"]):
        raise UnknownThing(f"Opportunity {of} has no job {number}.")
    for name, value in fields.items():
        if name not in _JOB_COLUMNS:
            raise BadChange(f"A job has no {name}; it has {', '.join(_JOB_COLUMNS)}.")
        column, read = _JOB_COLUMNS[name]
        db.execute(f"UPDATE smartmoving_jobs SET {column} = ? WHERE id = ?", (read(value), number))


def set_status(db: sqlite3.Connection, number: str, status: int) -> None:
    """Book, cancel, lose, complete or reopen an opportunity."""
    change_opportunity(db, number, {"status": status})


def reschedule(db: sqlite3.Connection, number: str, days: int) -> None:
    """Move all jobs of an opportunity by so many days; those without a day stay so."""
    for job in db.execute(
        "SELECT id, day FROM smartmoving_jobs WHERE opportunity_id = ? AND day IS NOT NULL", (number,)
    ).fetchall():
        moved = date.fromisoformat(job["day"]) + timedelta(days)
        change_job(db, job["id"], {"date": moved.isoformat()})


def set_gone(db: sqlite3.Connection, kind: str, number: str, *, is_gone: bool) -> None:
    """Delete or restore; `kind` is opportunities or jobs. Raises UnknownThing."""
    _existing(db, kind, number)
    db.execute(f"UPDATE smartmoving_{kind} SET is_gone = ? WHERE id = ?", (is_gone, number))


def change_branch(db: sqlite3.Connection, number: str, fields: Fields) -> None:
    """Rename a branch or change its `phone`; details follow at once. Raises BadChange."""
    _existing(db, "branches", number)
    for name, value in fields.items():
        if name not in ("name", "phone") or not (isinstance(value, str) or (name == "phone" and value is None)):
            raise BadChange("A branch has a name, a text, and a phone, a text or null.")
        db.execute(f"UPDATE smartmoving_branches SET {name} = ? WHERE id = ?", (value, number))


def _existing(db: sqlite3.Connection, kind: str, number: str) -> sqlite3.Row:
    row = by_id(db, kind, number)
    if row is None:
        raise UnknownThing(f"There is no {number} among the {kind}.")
    return row


def _opportunity_column(db: sqlite3.Connection, row: sqlite3.Row, name: str, value: object) -> tuple[str, object]:
    """The column and what to store there."""
    if name == "status":
        if value not in STATUSES or isinstance(value, bool):
            raise BadChange(f"status is one of {', '.join(map(str, sorted(STATUSES)))}.")
        return "status", value
    if name == "branch_id":
        return "branch_id", value and _existing(db, "branches", str(value))["id"]
    if name in ("branch_name", "lead_status"):
        return {"branch_name": "branch_text"}.get(name, name), _text(value)
    if name == "estimated_total":
        return "total", _total(row["total"], value)
    raise BadChange(
        f"An opportunity has no {name}; it has status, lead_status, branch_id, branch_name, estimated_total, "
        "customer, jobs."
    )


def _change_customer(db: sqlite3.Connection, number: str, value: object) -> None:
    (fields,) = _mappings([value])
    for name, text in fields.items():
        if name not in ("name", "phone", "email"):
            raise BadChange("A customer has name, phone and email.")
        if name == "name" and not text:
            raise BadChange("A customer has a name.")
        db.execute(f"UPDATE smartmoving_customers SET {name} = ? WHERE id = ?", (_text(text), number))


def _total(stored: str | None, value: object) -> str | None:
    if value is None:
        return None
    try:
        cents = int((Decimal(str(value)) * 100).to_integral_value())
    except (InvalidOperation, ValueError) as problem:
        raise BadChange("estimated_total is dollars, or null.") from problem
    empty: dict[str, int | None] = {"subtotal": cents, "taxableAmount": 0, "tax": 0, "finalTotal": cents}
    return json.dumps((json.loads(stored) if stored else empty) | {"finalTotal": cents})


def _day(value: object) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat() if value is not None else None
    except ValueError as problem:
        raise BadChange("date is a day, YYYY-MM-DD, or null.") from problem


def _kind(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadChange("type is a number.")
    return value


def _texts(value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadChange("addresses is a list of texts.")
    return json.dumps(value, ensure_ascii=False)


def _window(value: object) -> str | None:
    if value is None:
        return None
    (fields,) = _mappings([value])
    return json.dumps(
        {"description": fields.get("description"), "startTime": fields.get("start"), "endTime": fields.get("end")}
    )


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadChange(f"{value!r} is not a text.")
    return value


def _mappings(value: object) -> list[Fields]:
    found = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(found) != len(value):
        raise BadChange("customer and window are objects, jobs is a list of them.")
    return found


_JOB_COLUMNS: dict[str, tuple[str, Callable[[object], object]]] = {
    "number": ("number", _text),
    "date": ("day", _day),
    "type": ("type", _kind),
    "confirmed": ("is_confirmed", bool),
    "addresses": ("addresses", _texts),
    "window": ("arrival", _window),
    "opportunity_id": ("opportunity_id", _text),
}
