"""Serves the reports over HTTP, with ETag and Last-Modified so that an unchanged one costs a 304."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from flask import Blueprint, Response, abort, request

from webapp.sandbox.faults import Fault
from webapp.sandbox.report_faults import Body, broken, whole
from webapp.sandbox.reports import REPORTS
from webapp.sandbox.server import WIRE
from webapp.sandbox.state import Sandbox, sandbox
from webapp.sandbox.store import Store

report_pages = Blueprint("report_pages", __name__, url_prefix="/reports")

ENDINGS = {"reset": "reset", "never": "hang", "cut": "cut"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A report without a fault: good for as long as the store's version and the day stay."""

    version: int
    today: date
    body: Body
    etag: str
    modified_at: datetime


@report_pages.get("/<name>.csv")
def report(name: str) -> Response:
    """One report, or what a fault made of it."""
    if name not in REPORTS:
        abort(404)
    state = sandbox()
    fault = state.faults.take(f"report:{name}")
    if fault is None:
        return _conditional(_rendered(state, name))
    time.sleep(fault.seconds)
    request.environ[WIRE].ending = ENDINGS.get(fault.fault, "answer")
    body = _body(state, name, fault)
    if body.status == 200:
        return _conditional(_stamped(state, name, body, (state.store.version, state.today())))
    answer = Response(body.content, body.status, content_type=body.media_type)
    if body.location:
        answer.headers["Location"] = body.location
    return answer


def _body(state: Sandbox, name: str, fault: Fault | None) -> Body:
    made = REPORTS[name]
    with state.store.reading() as db:
        rows = list(made.rows(db, state.today()))
    return broken(made, rows, fault) if fault else whole(made, rows)


def _rendered(state: Sandbox, name: str) -> Rendered:
    """The report as it is now; rendered anew only where something has changed since it last was."""
    # Looked at before rendering: what changes meanwhile makes it old, never the other way round.
    mark = (state.store.version, state.today())
    known = state.reports.get(name)
    if isinstance(known, Rendered) and (known.version, known.today) == mark:
        return known
    rendered = _stamped(state, name, _body(state, name, None), mark)
    state.reports[name] = rendered
    return rendered


def _stamped(state: Sandbox, name: str, body: Body, mark: tuple[int, date]) -> Rendered:
    etag = sha256(body.content).hexdigest()[:20]
    return Rendered(*mark, body, etag, _modified_at(state.store, name, etag))


def _conditional(report: Rendered) -> Response:
    answer = Response(report.body.content, content_type=report.body.media_type)
    answer.set_etag(report.etag)
    answer.last_modified = report.modified_at
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    return answer


def _modified_at(store: Store, name: str, etag: str) -> datetime:
    """When this content was first seen: content is compared, since a loan changes reports by being over."""
    with store.writing(is_journal=True) as db:
        known = db.execute("SELECT * FROM report_stamps WHERE name = ?", (name,)).fetchone()
        if known and known["etag"] == etag:
            return datetime.fromisoformat(known["modified_at"])
        now = datetime.now(UTC).replace(microsecond=0)
        db.execute("INSERT OR REPLACE INTO report_stamps VALUES (?, ?, ?)", (name, etag, now.isoformat()))
        return now
