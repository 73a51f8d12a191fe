"""The forms of a job: changing what it says, where only what was touched is entered, and adding one by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.errors import InvalidInput
from webapp.htmx import go_to, is_fragment
from webapp.journeys import job_forms, queries, service
from webapp.journeys.errors import Stale
from webapp.journeys.job_forms import JobForm
from webapp.journeys.places import places

PAGE = "/journeys"
# The first and the last of all addresses follow from these, whatever was entered for one of them before.
ENDS = ("origin_address", "destination_address")
blueprint = Blueprint("job_form", __name__, url_prefix=PAGE)


@blueprint.get("/<int:journey_id>/edit")
@requires(Permission.EDIT_JOBS)
def edit(journey_id: int) -> ResponseReturnValue:
    """The form of a job."""
    return _form(_edit_form(current_actor(), journey_id)[0])


@blueprint.post("/<int:journey_id>/edit")
@requires(Permission.EDIT_JOBS)
def save(journey_id: int) -> ResponseReturnValue:
    """Enter what the person changed in the form."""
    actor, posted = current_actor(), request.form
    now, version = _edit_form(actor, journey_id)
    values, seen = job_forms.typed(posted, now.values), job_forms.seen(posted, now.values)
    form = replace(now, values=values, seen=seen)
    if job_forms.changed(form.seen, now.values):
        return _overtaken(form, now)
    names = job_forms.changed(form.seen, form.values)
    entered, faults = job_forms.read(form.values, names)
    if faults:
        return _refused(form, faults)
    try:
        # A colleague's tick or stage meanwhile is in nobody's way: the form's own fields are as they were.
        followed = ENDS if "stops" in entered else ()
        service.change(actor, journey_id, entered, use_source=followed, version=version)
    except Stale:
        return _overtaken(form, _edit_form(actor, journey_id)[0])
    except InvalidInput as refusal:
        return _refused(form, refusal.fields)
    flash("Saved." if names else "Nothing was changed.", "done")
    return go_to(f"{PAGE}/{journey_id}")


@blueprint.get("/new")
@requires(Permission.EDIT_JOBS)
def new() -> ResponseReturnValue:
    """The form of a job that SmartMoving knows nothing of; `?day=&location=` fill it in."""
    return _form(_new_form(current_actor(), request.args))


@blueprint.post("/new")
@requires(Permission.EDIT_JOBS)
def create() -> ResponseReturnValue:
    """Add a job by hand."""
    actor = current_actor()
    form = _new_form(actor, {})
    form = replace(form, values=job_forms.typed(request.form, form.values))
    names = [name for name in job_forms.NAMES if form.values[name].strip()]
    values, faults = job_forms.read(form.values, names)
    faults |= job_forms.missing(form.values)
    if faults:
        return _refused(form, faults)
    try:
        journey_id = service.create(actor, values, values.pop(job_forms.NOTES, ""))
    except InvalidInput as refusal:
        return _refused(form, refusal.fields)
    flash("The job is on the board.", "done")
    return go_to(f"{PAGE}/{journey_id}")


def _edit_form(actor: Actor, journey_id: int) -> tuple[JobForm, int]:
    """The form of the job as it stands, and the version that it shows."""
    found = queries.journey(actor, journey_id)
    card = found.card
    texts = job_forms.texts_of(card)
    form = JobForm(
        title=f"Change {card.customer_name or card.job_number or 'the job'}",
        address=f"{PAGE}/{journey_id}/edit",
        button="Save",
        values=texts,
        seen=texts,
        locations=places(actor, but_also=card.location_id),
        journey_id=journey_id,
        is_manual=found.is_manual,
        theirs={one.field.name: one.theirs for one in found.differences},
    )
    return form, card.version


def _new_form(actor: Actor, given: Mapping[str, str]) -> JobForm:
    listed = places(actor)
    named = [place for place in listed if place[1] == given.get("location")]
    wanted = named or (listed if len(listed) == 1 else [])
    location_id, name = wanted[0] if wanted else (None, "")
    day = _day(given.get("day", "")) or clock.today(zone_of(actor.company_id, name))
    texts = job_forms.blank(day, location_id)
    return JobForm(
        title="Add a job by hand",
        address=f"{PAGE}/new",
        button="Add the job",
        values=texts,
        seen=texts,
        locations=listed,
    )


def _overtaken(form: JobForm, now: JobForm) -> ResponseReturnValue:
    """The form again: what others changed is brought in and named, what the person typed stays."""
    theirs = job_forms.changed(form.seen, now.values)
    mine = set(job_forms.changed(form.seen, form.values))
    values = {name: form.values[name] if name in mine else now.values[name] for name in job_forms.NAMES}
    again = replace(now, values=values)
    told = [
        f"{job_forms.LABELS[name]}: {now.words(name)}" + (f" (you typed {again.words(name)})" if name in mine else "")
        for name in theirs
    ]
    return _form(replace(again, changed=told or ["Crew, truck, stage or checklist"]), 409)


def _refused(form: JobForm, faults: Mapping[str, str]) -> ResponseReturnValue:
    told = {
        name if name in job_forms.LABELS else "": _fault(job_forms.LABELS.get(name, name), fault)
        for name, fault in faults.items()
    }
    return _form(replace(form, faults=told), 422)


def _fault(label: str, fault: str) -> str:
    """`Date is missing.`: what the service says of a field begins with a small letter and has no subject."""
    sentence = f"{label} {fault}" if fault[:1].islower() else fault
    return sentence if sentence.endswith(".") else f"{sentence}."


def _form(form: JobForm, status: int = 200) -> Response:
    template = "journeys/_edit.html" if is_fragment() else "journeys/edit.html"
    back = f"{PAGE}/{form.journey_id}" if form.journey_id else PAGE
    return make_response(render_template(template, form=form, confirmed=job_forms.CONFIRMED, back=back), status)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
