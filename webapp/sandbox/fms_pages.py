"""The pages of FMS staff: requests to decide on, what a vehicle or person does, our calendar in a frame."""

import sqlite3
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from webapp.sandbox import vehicle_requests
from webapp.sandbox.payloads import fms_date, last_first, request_json
from webapp.sandbox.state import sandbox
from webapp.sandbox.vehicle_requests import RequestRefused, UnknownRequest

fms_pages = Blueprint("fms_pages", __name__)

PER_PAGE = 25
STATUSES = ("open", "approved", "refused", "cancelled")


@fms_pages.app_template_filter("fms_date")
def _fms_date(iso_day: str) -> str:
    return fms_date(iso_day)


@fms_pages.get("/")
def requests_page() -> str:
    """The requests, newest first, 25 a page."""
    return _requests_page()


@fms_pages.post("/requests/<int:number>/<any(approve, refuse, cancel):action>")
def decide(number: int, action: str) -> BaseResponse:
    """Approve, refuse or cancel; back to the list, or the list with the reason why not (409)."""
    reason = request.form.get("reason", "").strip()
    try:
        with sandbox().store.writing() as db:
            if action == "approve":
                vehicle_requests.approve(
                    db, number, reason=reason, start_day=_day("start_date"), end_day=_day("end_date")
                )
            elif action == "refuse":
                vehicle_requests.refuse(db, number, reason)
            else:
                vehicle_requests.cancel(db, number, reason)
    except UnknownRequest:
        abort(404)
    except RequestRefused as refusal:
        return Response(_requests_page(f"#{number}: {refusal}"), 409)
    back = {name: request.args[name] for name in ("page", "status") if request.args.get(name)}
    return redirect(f"{url_for('fms_pages.requests_page')}?{urlencode(back)}", 303)


@fms_pages.get("/scheduling")
def scheduling() -> str:
    """Our calendar in a frame, as FMS embeds it."""
    return render_template("scheduling.html", address=f"{sandbox().settings.app_url.rstrip('/')}/calendar?embedded=1")


@fms_pages.get("/vehicles/list_activities/<int:vehicle_id>")
def vehicle_activities(vehicle_id: int) -> str:
    """What a vehicle did and will do."""
    with sandbox().store.reading() as db:
        vehicle = db.execute("SELECT * FROM vehicles WHERE vehicle_id = ?", (vehicle_id,)).fetchone()
        if vehicle is None:
            abort(404)
        rows = _activities(db, "a.vin = ?", vehicle["vin"])
    title = f"{vehicle['year']} {vehicle['make']} {vehicle['model']}"
    return render_template(
        "activities.html",
        title=title,
        rows=rows,
        facts=(vehicle["vin"], vehicle["office"], vehicle["color"], f"{vehicle['mileage']:,} miles"),
    )


@fms_pages.get("/people/list_activities/<int:person_id>")
def person_activities(person_id: int) -> str:
    """What a person had, has and will get."""
    with sandbox().store.reading() as db:
        people = db.execute("SELECT * FROM partners WHERE person_id = ? ORDER BY office", (person_id,)).fetchall()
        if not people:
            abort(404)
        rows = _activities(db, "a.person_id = ?", person_id)
    facts = [f"{person['office']}: {person['address']}" for person in people]
    return render_template("activities.html", title=last_first(people[0]["name"]), rows=rows, facts=facts)


@fms_pages.get("/activities/edit/<int:activity_id>")
def activity(activity_id: int) -> str:
    """One activity."""
    with sandbox().store.reading() as db:
        rows = _activities(db, "a.activity_id = ?", activity_id)
    if not rows:
        abort(404)
    return render_template("activities.html", title=f"Activity {activity_id}", rows=rows, facts=(rows[0]["office"],))


def _requests_page(problem: str = "") -> str:
    page = max(1, request.args.get("page", 1, type=int))
    status = request.args.get("status", "")
    condition, values = ("WHERE status = ?", (status,)) if status in STATUSES else ("", ())
    with sandbox().store.reading() as db:
        count = db.execute(f"SELECT count(*) FROM requests {condition}", values).fetchone()[0]
        found = db.execute(
            f"SELECT * FROM requests {condition} ORDER BY id DESC LIMIT ? OFFSET ?",
            (*values, PER_PAGE, (page - 1) * PER_PAGE),
        ).fetchall()
        rows = [request_json(db, row) | {"stored": row} for row in found]
    return render_template(
        "requests.html",
        rows=rows,
        page=page,
        pages=max(1, -(-count // PER_PAGE)),
        count=count,
        status=status,
        statuses=STATUSES,
        problem=problem,
    )


def _activities(db: sqlite3.Connection, condition: str, value: object) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT a.*, v.vehicle_id, (SELECT name FROM partners p WHERE p.person_id = a.person_id) AS person "
        f"FROM activities a LEFT JOIN vehicles v ON v.vin = a.vin WHERE {condition} "
        "ORDER BY a.start_day DESC LIMIT 500",
        (value,),
    ).fetchall()


def _day(field: str) -> date | None:
    text = request.form.get(field, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise RequestRefused(f"{field.replace('_', ' ').capitalize()} is invalid") from problem
