"""FMS's REST: create, delete and look up vehicle requests, with the faults that tests order."""

import time
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, make_response, request
from werkzeug.exceptions import BadRequest

from webapp.sandbox import vehicle_requests
from webapp.sandbox.fault_names import FAULTS_AFTER
from webapp.sandbox.faults import Fault
from webapp.sandbox.payloads import listed_request_json, read_create, request_json
from webapp.sandbox.server import WIRE
from webapp.sandbox.state import Sandbox, sandbox
from webapp.sandbox.vehicle_requests import RequestRefused, UnknownRequest

fms_api = Blueprint("fms_api", __name__, url_prefix="/api/v1")

PER_PAGE = 25
UNAVAILABLE = "<!doctype html>\n<title>FMS</title>\n<h1>We're sorry, but something went wrong.</h1>\n"


@fms_api.post("/vehicle_requests")
def create() -> Response:
    """Receive a request."""
    return _serve("create", _create)


@fms_api.delete("/vehicle_requests/<int:number>")
def delete(number: int) -> Response:
    """Delete a request."""
    return _serve("delete", lambda: _delete(number))


@fms_api.get("/vehicle_requests")
def look_up() -> Response:
    """List requests, in the mode that the control address chose."""
    return _serve("lookup", _look_up)


def _serve(target: str, handle: Callable[[], Response]) -> Response:
    """Journal the call, wait, break it before or after it is carried out, or just answer."""
    state = sandbox()
    fault = state.faults.take(target)
    call = state.calls.begin(request.method, request.full_path.rstrip("?"), request.get_json(silent=True), fault)
    time.sleep(state.latency + (fault.seconds if fault and fault.fault not in FAULTS_AFTER else 0))
    answer = _before(fault) if fault else None
    is_applied = False
    if answer is None:
        answer = handle() if _is_authorized(state) else _errors(401, "Access denied")
        is_applied = answer.status_code < 300
        # Written at once: a caller that gave up may look before an `after` fault has waited.
        state.calls.note(call, applied=is_applied)
        if fault and is_applied:
            answer = _after(fault, answer)
    state.calls.finish(call, answer.status_code, request.environ[WIRE].ending)
    return answer


def _is_authorized(state: Sandbox) -> bool:
    return request.headers.get("Authorization") == f"Token {state.settings.token}"


def _before(fault: Fault) -> Response | None:
    if fault.fault == "reset_before":
        request.environ[WIRE].ending = "reset"
    answers: dict[str, Callable[[], Response]] = {
        "refuse": lambda: _errors(422, fault.text or "Vehicle is not available for the requested dates"),
        "invalid": lambda: _errors(422, fault.text or "Activity to can't be blank"),
        "unauthorized": lambda: _errors(401, fault.text or "Access denied"),
        "busy": lambda: _busy(fault),
        "error_before": lambda: _errors(500, fault.text or "Internal Server Error"),
        "reset_before": lambda: make_response(""),
        "html_before": lambda: make_response(fault.text or UNAVAILABLE),
    }
    return answers[fault.fault]() if fault.fault in answers else None


def _after(fault: Fault, answer: Response) -> Response:
    if fault.fault in FAULTS_AFTER:
        time.sleep(fault.seconds)
    request.environ[WIRE].ending = {"reset_after": "reset", "never": "hang", "cut": "cut"}.get(fault.fault, "answer")
    answers: dict[str, Callable[[], Response]] = {
        "error_after": lambda: _errors(500, fault.text or "Internal Server Error"),
        "no_id": lambda: _json({"request": {"status": "open"}}, answer.status_code),
        "html": lambda: make_response(fault.text or UNAVAILABLE),
        "truncated": lambda: _shortened(answer),
    }
    return answers[fault.fault]() if fault.fault in answers else answer


def _create() -> Response:
    state = sandbox()
    try:
        body = request.get_json(force=True)
    except BadRequest:
        return _errors(400, "There was a problem in the JSON you submitted")
    try:
        with state.store.writing() as db:
            number = vehicle_requests.receive(db, read_create(body))
            return _json({"request": request_json(db, vehicle_requests.find(db, number))}, 201)
    except RequestRefused as refusal:
        return _errors(422, *refusal.details)


def _delete(number: int) -> Response:
    try:
        with sandbox().store.writing() as db:
            vehicle_requests.delete(db, number)
    except UnknownRequest as unknown:
        return _errors(404, *unknown.details)
    except RequestRefused as refusal:
        return _errors(422, *refusal.details)
    return make_response("", 204)


def _look_up() -> Response:
    state = sandbox()
    if state.lookup == "off":
        return _errors(404, "Not Found")
    if state.lookup == "html":
        return make_response(UNAVAILABLE)
    with state.store.reading() as db:
        rows = db.execute("SELECT * FROM requests ORDER BY id DESC").fetchall()
        if state.lookup == "paged":
            return _page([listed_request_json(db, row) for row in rows])
        listed = [listed_request_json(db, row) for row in rows]
    return _json(listed) if state.lookup == "bare" else _json({"requests": listed})


def _page(listed: list[dict[str, object]]) -> Response:
    page = max(1, request.args.get("page", 1, type=int))
    size = min(100, max(1, request.args.get("per_page", PER_PAGE, type=int)))
    meta = {
        "currentPage": page,
        "totalPages": max(1, -(-len(listed) // size)),
        "totalCount": len(listed),
        "perPage": size,
    }
    return _json({"requests": listed[(page - 1) * size : page * size], "meta": meta})


def _busy(fault: Fault) -> Response:
    answer = _errors(429, fault.text or "Retry later")
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = f"{fault.retry_after:g}"
    return answer


def _shortened(answer: Response) -> Response:
    body = answer.get_data()
    answer.set_data(body[: len(body) * 2 // 3])
    return answer


def _json(value: object, status: int = 200) -> Response:
    answer = jsonify(value)
    answer.status_code = status
    return answer


def _errors(status: int, *details: str) -> Response:
    return _json({"errors": [{"detail": detail} for detail in details]}, status)
