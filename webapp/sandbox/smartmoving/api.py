"""SmartMoving's API below `/smartmoving/v1/api`: branches, service types, the sweep of customers, one opportunity."""

import time
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID
from zlib import crc32

from flask import Blueprint, Response, jsonify, request

from webapp.sandbox.faults import Fault
from webapp.sandbox.server import WIRE
from webapp.sandbox.smartmoving import answers, payloads, queries
from webapp.sandbox.smartmoving.paging import BadParameter, Page, envelope, read_page
from webapp.sandbox.state import Sandbox, sandbox

smartmoving_api = Blueprint("smartmoving_api", __name__, url_prefix="/smartmoving/v1")

Handler = Callable[[Fault | None], Response]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@smartmoving_api.get("/api/branches")
def branches() -> Response:
    """The branches, in the order they were opened."""
    return _serve("branches", lambda fault: _list("branches", "place", payloads.branch_json, fault))


@smartmoving_api.get("/api/service-types")
def service_types() -> Response:
    """The kinds of service."""
    return _serve("service-types", lambda fault: _list("services", "id", payloads.service_json, fault))


@smartmoving_api.get("/api/customers")
def customers() -> Response:
    """The sweep."""
    return _serve("customers", _customers, page=request.args.get("Page", 1, type=int))


@smartmoving_api.get("/api/opportunities/<number>")
def opportunity(number: str) -> Response:
    """The detail."""
    return _serve("opportunity", lambda fault: _opportunity(number, fault), opportunity=number)


@smartmoving_api.route("/", defaults={"path": ""}, methods=METHODS)
@smartmoving_api.route("/<path:path>", methods=METHODS)
def nothing_else(path: str) -> Response:
    """There is no jobs-by-date, no list of opportunities, no truck: 404."""
    return _serve("unknown", lambda _: answers.refused(404, "Resource not found"))


def _serve(target: str, handle: Handler, *, page: int | None = None, opportunity: str | None = None) -> Response:
    """Journal and count the call, refuse it, break it, or just answer."""
    state = sandbox()
    is_known = request.headers.get("x-api-key") == state.settings.smartmoving_key
    call, in_month = state.smartmoving.calls.begin(
        target, request.full_path.rstrip("?"), state.today() if is_known else None
    )
    fault = None
    answer = _over_limit(state, in_month) if is_known else answers.unauthorized()
    if answer is None:
        fault = state.faults.take(f"smartmoving:{target}", page=page, opportunity=opportunity)
        _wait(state, target, fault)
        answer = answers.before(fault) or answers.after(fault, _handled(handle, fault))
    state.smartmoving.calls.finish(call, fault, answer.status_code, request.environ[WIRE].ending)
    return answer


def _over_limit(state: Sandbox, in_month: int) -> Response | None:
    switches = state.smartmoving.switches
    seconds = state.smartmoving.minute.count(switches.per_minute, switches.minute_seconds)
    if 0 < switches.quota < in_month:
        return answers.out_of_quota()
    return answers.busy(seconds, seconds if switches.retry_after else None) if seconds else None


def _wait(state: Sandbox, target: str, fault: Fault | None) -> None:
    switches = state.smartmoving.switches
    ordered = fault.seconds if fault and fault.fault == "slow" else 0
    time.sleep((switches.page_seconds if target == "customers" else switches.call_seconds) + ordered)


def _handled(handle: Handler, fault: Fault | None) -> Response:
    try:
        return handle(fault)
    except BadParameter as problem:
        return answers.refused(400, str(problem))


def _list(table: str, order: str, written: Callable[..., payloads.Json], fault: Fault | None) -> Response:
    page = read_page(request.args.get("Page"), request.args.get("PageSize")).shifted(fault)
    with sandbox().store.reading() as db:
        total = db.execute(f"SELECT count(*) FROM smartmoving_{table}").fetchone()[0]
        rows = db.execute(
            f"SELECT * FROM smartmoving_{table} ORDER BY {order} LIMIT ? OFFSET ?", (page.size, page.offset)
        ).fetchall()
    return _enveloped([written(row) for row in rows], page, total, fault)


def _customers(fault: Fault | None) -> Response:
    page = read_page(request.args.get("Page"), request.args.get("PageSize")).shifted(fault)
    first, last = _day("FromServiceDate"), _day("ToServiceDate")
    with sandbox().store.reading() as db:
        total, rows = queries.customers(db, first, last, page)
        wanted = queries.opportunities(db, [row["id"] for row in rows]) if _is_set("IncludeOpportunityInfo") else None
        jobs = queries.jobs(db, [one["id"] for many in (wanted or {}).values() for one in many])
    listed = [
        payloads.customer_json(
            row,
            None
            if wanted is None
            else [payloads.swept_opportunity_json(one, jobs.get(one["id"], ())) for one in wanted.get(row["id"], ())],
        )
        for row in rows
    ]
    answers.with_nonsense([job for row in listed for one in row.get("opportunities", ()) for job in one["jobs"]], fault)
    return _enveloped(listed, page, total, fault)


def _opportunity(number: str, fault: Fault | None) -> Response:
    try:
        UUID(number)
    except ValueError:
        return answers.refused(400, f"The value '{number}' is not valid.")
    with sandbox().store.reading() as db:
        row = queries.by_id(db, "opportunities", number)
        customer = queries.by_id(db, "customers", row["customer_id"]) if row and not row["is_gone"] else None
        if row is None or customer is None:
            # It answers either; the same id always the same.
            return answers.refused(400 if crc32(number.encode()) % 2 else 404, "Opportunity not found")
        branch = queries.by_id(db, "branches", row["branch_id"])
        jobs = queries.jobs(db, [number]).get(number, [])
    flags = {name.lower() for name in request.args if _is_set(name)}
    found = payloads.opportunity_json(row, customer, branch, jobs, flags)
    answers.with_nonsense(found["jobs"], fault)
    return jsonify(found)


def _enveloped(rows: list[payloads.Json], page: Page, total: int, fault: Fault | None) -> Response:
    found = envelope(rows, page, total, fault)
    is_bare = sandbox().smartmoving.switches.bare or (fault is not None and fault.fault == "bare")
    return jsonify(found["pageResults"] if is_bare else found)


def _is_set(name: str) -> bool:
    return request.args.get(name, "").lower() == "true"


def _day(name: str) -> date | None:
    text = request.args.get(name, "")
    try:
        return datetime.strptime(text, "%Y%m%d").date() if text else None  # noqa: DTZ007  # a day has no zone
    except ValueError as problem:
        raise BadParameter(f"The value '{text}' is not valid for {name}.") from problem
