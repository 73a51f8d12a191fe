"""SmartMoving's own small page: a day's jobs by status and branch, to cancel, reopen or reschedule one."""

from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.sandbox.generate.movers import BOOKED, CANCELLED
from webapp.sandbox.smartmoving import changes, truth
from webapp.sandbox.smartmoving.changes import UnknownThing
from webapp.sandbox.state import sandbox

smartmoving_pages = Blueprint("smartmoving_pages", __name__, url_prefix="/smartmoving")

STATUS_WORDS = {
    4: "Booked",
    0: "New lead",
    1: "Lead",
    3: "Opportunity",
    10: "Completed",
    11: "Closed",
    20: "Cancelled",
    30: "Lost",
    50: "Bad lead",
}


@smartmoving_pages.get("/")
def day_page() -> str:
    """The jobs of `?day=` (today), Booked first, of one `?branch=` or of all."""
    day, branch_id = _day(request.args.get("day")) or sandbox().today(), request.args.get("branch", "")
    with sandbox().store.reading() as db:
        branches, found = truth.branches(db), truth.opportunities_between(db, day, day)
    kept = [one for one in found if branch_id in ("", one["branch_id"])]
    order = list(STATUS_WORDS)
    return render_template(
        "smartmoving.html",
        day=day.isoformat(),
        branches=branches,
        branch_id=branch_id,
        words=STATUS_WORDS,
        counts=[(STATUS_WORDS[status], sum(one["status"] == status for one in kept)) for status in order],
        rows=sorted(kept, key=lambda one: (order.index(one["status"]), one["quote_number"])),
    )


@smartmoving_pages.post("/opportunities/<number>/<any(cancel, reopen, reschedule):action>")
def act(number: str, action: str) -> Response:
    """Cancel it, book it again, or move it from `day` to `to_day`; back to the day."""
    day, to_day = _day(request.form.get("day")), _day(request.form.get("to_day"))
    if day is None or (action == "reschedule" and to_day is None):
        abort(400)
    try:
        with sandbox().store.writing(is_journal=True) as db:
            if to_day is not None and action == "reschedule":
                changes.reschedule(db, number, (to_day - day).days)
            else:
                changes.set_status(db, number, CANCELLED if action == "cancel" else BOOKED)
    except UnknownThing:
        abort(404)
    return redirect(url_for(".day_page", day=day, branch=request.form.get("branch", "")), 303)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(400)
