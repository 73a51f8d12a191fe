"""What people are planning just now: the card of such a bar, and the hold that an open form places by itself."""

import re

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.filters import PAGE
from webapp.calendar.forms import read_day, read_number
from webapp.calendar.holding import name_of, said_of
from webapp.dates import shown_with_weekday
from webapp.db import close_reading, db, writing
from webapp.errors import InvalidInput, NotFound
from webapp.fleet.models import Vehicle
from webapp.htmx import is_fragment
from webapp.loans import holds
from webapp.loans.free import held_vins
from webapp.loans.periods import Period, with_weekday_end

blueprint = Blueprint("calendar_holds", __name__, url_prefix=f"{PAGE}/holds")
FORM_ID = re.compile(r"[0-9a-f]{32}")


@blueprint.get("/<int:hold_id>")
@requires(Permission.VIEW_LOANS)
def card(hold_id: int) -> ResponseReturnValue:
    """Who is planning what until when."""
    actor = current_actor()
    found = next((each for each in holds.standing(db.session(), actor) if each.id == hold_id), None)
    if found is None:
        raise NotFound("Nobody is planning this any more.")
    said = said_of(found, actor.user_id)
    return render_template(
        "calendar/_hold.html" if is_fragment() else "calendar/hold.html",
        hold=found,
        title=name_of(found),
        said=f"{said[0].upper()}{said[1:]}",
        days=f"{shown_with_weekday(found.start_day)} → {shown_with_weekday(found.end_day)}",
        is_own=found.user_id == actor.user_id,
    )


@blueprint.post("")
@requires(Permission.PLAN_LOANS)
def place() -> ResponseReturnValue:
    """Hold the vehicle of an open form, or nothing while the form names none that is free on its days."""
    actor, form_id = current_actor(), form_id_in(request.form.get("plan_id", ""))
    wish = _wish(actor)
    close_reading()
    with writing() as session:
        if wish is None:
            holds.release_form(session, actor, form_id)
        else:
            holds.hold_for_form(session, actor, form_id, wish)
    return "", 204


@blueprint.post("/release")
@requires(Permission.PLAN_LOANS)
def release() -> ResponseReturnValue:
    """Give up what a form held that is closed now."""
    actor, form_id = current_actor(), form_id_in(request.form.get("plan_id", ""))
    with writing() as session:
        holds.release_form(session, actor, form_id)
    return "", 204


def form_id_in(text: str) -> str:
    """The id of an open form. Raises `InvalidInput` for anything else."""
    if not FORM_ID.fullmatch(text):
        raise InvalidInput("This form has no name of its own.", fields={"plan_id": "32 hexadecimal digits"})
    return text


def _wish(actor: Actor) -> holds.Wish | None:
    """What the form plans with; None where that is not said yet, not theirs to plan, or held by a loan already."""
    start_day, end_day = (read_day(request.form.get(name, "")) for name in ("start_day", "end_day"))
    vin = request.form.get("vin", "").strip()[:17].upper()
    if start_day is None or end_day is None or end_day <= start_day or not vin.isalnum():
        return None
    period = with_weekday_end(Period(start_day, end_day))
    row = db.session.execute(
        select(Vehicle.id, Vehicle.office).where(Vehicle.company_id == actor.company_id, Vehicle.vin == vin)
    ).first()
    if row is None or not actor.reaches(actor.company_id, row.office):
        return None
    if (actor.company_id, vin) in held_vins(db.session(), actor, period, {vin: row.id}):
        return None
    return holds.Wish(row.id, period, read_number(request.form.get("person_id", "")))
