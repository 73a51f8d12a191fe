"""Whole answers of SmartMoving: refusals in its gateway's words, and answers that a fault breaks."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, make_response, request

from webapp.sandbox.faults import Fault
from webapp.sandbox.server import WIRE, Ending

ENDINGS: dict[str, Ending] = {"reset": "reset", "never": "hang", "cut": "cut"}
UNAVAILABLE = "<!doctype html>\n<title>Service unavailable</title>\n<h1>Our services aren't available right now</h1>\n"
# What a job's fields become when a job is broken; its id stays.
NONSENSE: dict[str, Any] = {
    "serviceDate": {"day": "soon"},
    "jobDate": "the day after tomorrow",
    "type": "Moving",
    "confirmed": "perhaps",
    "jobAddresses": 7,
    "arrivalWindow": "morning",
    "estimatedCharges": "a lot",
}


def refused(status: int, message: str) -> Response:
    """A refusal as the gateway writes it."""
    answer = jsonify(statusCode=status, message=message)
    answer.status_code = status
    return answer


def busy(seconds: int, retry_after: float | None, text: str | None = None) -> Response:
    """429: try again in so many seconds; the header only where it was switched on or ordered."""
    answer = refused(429, text or f"Rate limit is exceeded. Try again in {seconds} seconds.")
    if retry_after is not None:
        answer.headers["Retry-After"] = f"{retry_after:g}"
    return answer


def unauthorized(text: str | None = None) -> Response:
    """401: no key, or a wrong one."""
    return refused(401, text or "Access denied due to missing or invalid subscription key.")


def out_of_quota(text: str | None = None) -> Response:
    """403: the month's calls are used up."""
    return refused(403, text or "Out of call volume quota. Quota will be replenished next month.")


def before(fault: Fault | None) -> Response | None:
    """What a fault answers instead of SmartMoving itself."""
    if fault is None:
        return None
    made: dict[str, Callable[[], Response]] = {
        "busy": lambda: busy(int(fault.seconds or fault.retry_after or 5), fault.retry_after, fault.text),
        "unauthorized": lambda: unauthorized(fault.text),
        "quota": lambda: out_of_quota(fault.text),
        "bad_request": lambda: refused(400, fault.text or "Bad Request"),
        "not_found": lambda: refused(404, fault.text or "Resource not found"),
        "error": lambda: refused(500, fault.text or "Internal server error"),
        "html": lambda: make_response(fault.text or UNAVAILABLE),
    }
    return made[fault.fault]() if fault.fault in made else None


def after(fault: Fault | None, answer: Response) -> Response:
    """What a fault makes of an answer on its way."""
    if fault:
        request.environ[WIRE].ending = ENDINGS.get(fault.fault, "answer")
    if fault and fault.fault == "truncated":
        body = answer.get_data()
        answer.set_data(body[: len(body) * 2 // 3])
    return answer


def with_nonsense(jobs: list[dict[str, Any]], fault: Fault | None) -> None:
    """Make the last of these jobs unreadable in place, if that was ordered."""
    if fault and fault.fault == "broken" and jobs:
        jobs[-1].update({name: value for name, value in NONSENSE.items() if name in jobs[-1]})
