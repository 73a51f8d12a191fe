"""The control address: tests order faults here, act as FMS staff, and read what really happened."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, abort, jsonify, request

from webapp.sandbox import vehicle_requests
from webapp.sandbox.faults import UnknownFault
from webapp.sandbox.payloads import listed_request_json
from webapp.sandbox.settings import LOOKUP_MODES
from webapp.sandbox.state import sandbox
from webapp.sandbox.vehicle_requests import RequestRefused, UnknownRequest

control = Blueprint("control", __name__, url_prefix="/control")

Answer = tuple[Response, int]
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


@control.before_request
def only_from_here() -> None:
    """Whoever may order faults sits on this machine."""
    if request.remote_addr not in LOOPBACK:
        abort(403)


@control.post("/faults")
def add_fault() -> Answer:
    """Queue a fault; 422 names what is wrong."""
    try:
        sandbox().faults.add(_fields())
    except UnknownFault as unknown:
        return _error(422, str(unknown))
    return _ok()


@control.delete("/faults")
def clear_faults() -> Answer:
    """Forget all faults."""
    sandbox().faults.clear()
    return _ok()


@control.get("/state")
def read_state() -> Response:
    """Every REST call, every request, the faults left and the switches."""
    state = sandbox()
    with state.store.reading() as db:
        rows = db.execute("SELECT * FROM requests ORDER BY id").fetchall()
        requests = [
            listed_request_json(db, row)
            | {
                "activityIds": [
                    vehicle["activity_id"] for vehicle in vehicle_requests.requested_vehicles(db, row["id"])
                ],
            }
            for row in rows
        ]
    return jsonify(
        calls=state.calls.all(),
        requests=requests,
        faults=state.faults.pending(),
        lookup=state.lookup,
        latency=state.latency,
        today=state.today().isoformat(),
    )


@control.post("/reset")
def reset() -> Answer:
    """Fresh data, no requests, no calls, no faults, the switches as at the start."""
    state = sandbox()
    state.restore_switches()
    state.refill()
    return _ok()


@control.post("/lookup")
def set_lookup() -> Answer:
    """`{"mode": "on" | "off" | "paged" | "html" | "bare"}`."""
    mode = _fields().get("mode")
    if mode not in LOOKUP_MODES:
        return _error(422, f"mode is one of {', '.join(LOOKUP_MODES)}")
    sandbox().lookup = str(mode)
    return _ok()


@control.post("/latency")
def set_latency() -> Answer:
    """`{"seconds": 0.8}`: every REST call waits so long first."""
    seconds = _fields().get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        return _error(422, "seconds is a number from 0")
    sandbox().latency = float(seconds)
    return _ok()


@control.post("/clock")
def set_clock() -> Answer:
    """`{"today": "2026-11-21"}` or null for the machine's date: loans end by it, nothing is invented anew."""
    today = _fields().get("today")
    try:
        sandbox().fixed_today = date.fromisoformat(str(today)) if today else None
    except ValueError:
        return _error(422, "today is a date, YYYY-MM-DD, or null")
    return _ok()


@control.post("/requests/<int:number>/<any(approve, refuse, cancel):action>")
def act(number: int, action: str) -> Answer:
    """What FMS staff do, with `{reason?, start_date?, end_date?}` (ISO dates, only for approve)."""
    fields = _fields()
    reason = str(fields.get("reason") or "")
    state = sandbox()
    try:
        days = {
            name: date.fromisoformat(str(fields[f"{name[:-4]}_date"]))
            for name in ("start_day", "end_day")
            if fields.get(f"{name[:-4]}_date")
        }
        with state.store.writing() as db:
            if action == "approve":
                vehicle_requests.approve(db, number, reason=reason, **days)
            else:
                {"refuse": vehicle_requests.refuse, "cancel": vehicle_requests.cancel}[action](db, number, reason)
            return jsonify(request=listed_request_json(db, vehicle_requests.find(db, number))), 200
    except ValueError:
        return _error(422, "start_date and end_date are dates, YYYY-MM-DD")
    except UnknownRequest as unknown:
        return _error(404, str(unknown))
    except RequestRefused as refusal:
        return _error(409, str(refusal))


def _fields() -> Mapping[str, object]:
    body = request.get_json(silent=True)
    return body if isinstance(body, Mapping) else {}


def _ok() -> Answer:
    return jsonify(ok=True), 200


def _error(status: int, detail: str) -> Answer:
    return jsonify(errors=[{"detail": detail}]), status
