"""What FMS does with vehicle requests: receives, deletes, approves, refuses and cancels them.

Overlap is half-open: a vehicle may come back and go out again on the same day.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

ACTIVITY_TYPES = {
    1: "Media Loan",
    2: "Hold",
    3: "Special",
    4: "Event",
    5: "Service",
    6: "Long Term Loan",
    7: "Hold For Turn In",
}


class RequestRefused(Exception):
    """FMS does not do it; `details` are its sentences."""

    def __init__(self, *details: str) -> None:
        super().__init__("; ".join(details))
        self.details = details


class UnknownRequest(RequestRefused):
    """There is no request with this number."""

    def __init__(self) -> None:
        super().__init__("Couldn't find VehicleRequest")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as received, its fields read but nothing looked up yet."""

    requestor_id: int
    loanee_id: int
    activity_type_id: int
    subcategory_id: int | None
    activity_to: str
    reason: str
    start_day: date
    end_day: date
    requestor_notes: str
    vehicles: tuple[tuple[int, str], ...]


def receive(db: sqlite3.Connection, new: NewRequest) -> int:
    """Keep an open request and return its number; raises RequestRefused with all that is wrong at once."""
    problems = list(_problems(db, new))
    if problems:
        raise RequestRefused(*problems)
    number = db.execute(
        "INSERT INTO requests (requestor_id, loanee_id, activity_type_id, subcategory_id, activity_to, "
        "reason, start_day, end_day, requestor_notes, status, status_reason, received_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', '', ?)",
        (
            new.requestor_id,
            new.loanee_id,
            new.activity_type_id,
            new.subcategory_id,
            new.activity_to,
            new.reason,
            new.start_day.isoformat(),
            new.end_day.isoformat(),
            new.requestor_notes,
            datetime.now(UTC).isoformat(),
        ),
    ).lastrowid
    db.executemany(
        "INSERT INTO requested_vehicles (request_id, vehicle_id, notes) VALUES (?, ?, ?)",
        [(number, vehicle_id, notes) for vehicle_id, notes in new.vehicles],
    )
    return int(number or 0)


def delete(db: sqlite3.Connection, number: int) -> None:
    """Remove a request that is not approved; raises UnknownRequest or RequestRefused."""
    if find(db, number)["status"] == "approved":
        raise RequestRefused("Request has been approved and can't be deleted")
    db.execute("DELETE FROM requested_vehicles WHERE request_id = ?", (number,))
    db.execute("DELETE FROM requests WHERE id = ?", (number,))


def approve(
    db: sqlite3.Connection,
    number: int,
    *,
    start_day: date | None = None,
    end_day: date | None = None,
    reason: str = "",
) -> None:
    """Make the activity of each requested vehicle, on other days if staff say so; raises RequestRefused."""
    request = find(db, number)
    _must_be(request, "open")
    start = start_day or date.fromisoformat(request["start_day"])
    end = end_day or date.fromisoformat(request["end_day"])
    if end < start:
        raise RequestRefused("End date must be after start date")
    for wanted in requested_vehicles(db, number):
        if not is_available(db, wanted["vin"], start, end):
            raise RequestRefused(_unavailable(start, end))
        _make_activity(db, request, wanted, start, end)
    db.execute(
        "UPDATE requests SET status = 'approved', status_reason = ?, start_day = ?, end_day = ? WHERE id = ?",
        (reason, start.isoformat(), end.isoformat(), number),
    )


def refuse(db: sqlite3.Connection, number: int, reason: str) -> None:
    """Say no to an open request; raises RequestRefused."""
    _must_be(find(db, number), "open")
    _close(db, number, "refused", reason)


def cancel(db: sqlite3.Connection, number: int, reason: str) -> None:
    """Call off an open or an approved request, whose activity disappears; raises RequestRefused."""
    _must_be(find(db, number), "open", "approved")
    db.execute(
        "DELETE FROM activities WHERE activity_id IN (SELECT activity_id FROM requested_vehicles WHERE request_id = ?)",
        (number,),
    )
    _close(db, number, "cancelled", reason)


def find(db: sqlite3.Connection, number: int) -> sqlite3.Row:
    """The request's row; raises UnknownRequest."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM requests WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise UnknownRequest
    return row


def requested_vehicles(db: sqlite3.Connection, number: int) -> list[sqlite3.Row]:
    """The vehicles of a request with what the fleet knows about them."""
    return db.execute(
        "SELECT r.id, r.vehicle_id, r.notes, r.activity_id, v.vin, v.make, v.model, v.short_name, "
        "v.year, v.office, v.fleet FROM requested_vehicles r JOIN vehicles v ON v.vehicle_id = r.vehicle_id "
        "WHERE r.request_id = ? ORDER BY r.id",
        (number,),
    ).fetchall()


def is_available(db: sqlite3.Connection, vin: str, start: date, end: date) -> bool:
    """Whether no activity of the vehicle overlaps [start, end); one on a single day takes that day."""
    last = max(end, start + timedelta(1))
    return not db.execute(
        "SELECT 1 FROM activities WHERE vin = ? AND start_day < ? AND max(end_day, date(start_day, '+1 day')) > ?",
        (vin, last.isoformat(), start.isoformat()),
    ).fetchone()


def _problems(db: sqlite3.Connection, new: NewRequest) -> list[str]:
    problems = []
    if not db.execute("SELECT 1 FROM fms_users WHERE id = ?", (new.requestor_id,)).fetchone():
        problems.append("Requestor must exist")
    if not db.execute("SELECT 1 FROM partners WHERE person_id = ?", (new.loanee_id,)).fetchone():
        problems.append("Loanee must exist")
    if new.activity_type_id not in ACTIVITY_TYPES:
        problems.append("Activity type must exist")
    if new.end_day < new.start_day:
        problems.append("End date must be after start date")
    for vehicle_id, _ in new.vehicles:
        vehicle = db.execute("SELECT vin FROM vehicles WHERE vehicle_id = ?", (vehicle_id,)).fetchone()
        if vehicle is None:
            problems.append("Requests vehicles vehicle must exist")
        elif not problems and not is_available(db, vehicle["vin"], new.start_day, new.end_day):
            problems.append(_unavailable(new.start_day, new.end_day))
    return problems


def _unavailable(start: date, end: date) -> str:
    return f"Vehicle is not available from {start:%m/%d/%y} to {end:%m/%d/%y}"


def _must_be(request: sqlite3.Row, *statuses: str) -> None:
    if request["status"] not in statuses:
        raise RequestRefused(f"Request is already {request['status']}")


def _close(db: sqlite3.Connection, number: int, status: str, reason: str) -> None:
    db.execute("UPDATE requests SET status = ?, status_reason = ? WHERE id = ?", (status, reason, number))


def _make_activity(db: sqlite3.Connection, request: sqlite3.Row, wanted: sqlite3.Row, start: date, end: date) -> None:
    partner = db.execute(
        "SELECT * FROM partners WHERE person_id = ? ORDER BY office = ? DESC, office",
        (request["loanee_id"], wanted["office"]),
    ).fetchone()
    number = db.execute("SELECT coalesce(max(activity_id), 0) + 1 FROM activities").fetchone()[0]
    db.execute(
        "INSERT INTO activities VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            number,
            wanted["vin"],
            request["loanee_id"],
            ACTIVITY_TYPES[request["activity_type_id"]],
            start.isoformat(),
            end.isoformat(),
            request["activity_to"],
            partner["address"],
            partner["default_loan_region"] or wanted["office"],
            wanted["make"],
            wanted["model"],
            wanted["year"],
            wanted["short_name"],
            wanted["office"],
        ),
    )
    db.execute("UPDATE requested_vehicles SET activity_id = ? WHERE id = ?", (number, wanted["id"]))
