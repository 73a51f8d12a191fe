"""The page of a job, and the forms that change what it says: SmartMoving's values and ours side by side."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.errors import InvalidInput, Refusal
from webapp.htmx import go_to, is_fragment
from webapp.journeys import job_forms, queries, service
from webapp.journeys.entries import plain
from webapp.journeys.errors import Stale
from webapp.journeys.job_forms import JobForm
from webapp.journeys.job_page import page_of
from webapp.journeys.places import places

PAGE = "/journeys"
LONGEST = 2000
blueprint = Blueprint("job", __name__, url_prefix=PAGE)


@blueprint.get("/<int:journey_id>")
@requires(Permission.VIEW_JOBS)
def job(journey_id: int) -> ResponseReturnValue:
    """Everything of one job."""
    return _job(current_actor(), journey_id)


@blueprint.get("/<int:journey_id>/edit")
@requires(Permission.EDIT_JOBS)
def edit(journey_id: int) -> ResponseReturnValue:
    """The form of a job."""
    return _form(_edit_form(current_actor(), journey_id))


@blueprint.post("/<int:journey_id>/edit")
@requires(Permission.EDIT_JOBS)
def save(journey_id: int) -> ResponseReturnValue:
    """Enter what the person changed in the form."""
    actor, posted = current_actor(), request.form
    shown = _edit_form(actor, journey_id)
    form = replace(shown, values=job_forms.typed(posted), seen=job_forms.seen(posted), version=_version(posted))
    names = job_forms.changed(form.seen, form.values)
    values, faults = job_forms.read(form.values, names)
    if faults:
        return _refused(form, faults)
    try:
        service.change(actor, journey_id, values, version=form.version)
    except Stale:
        return _overtaken(form, shown)
    except InvalidInput as refusal:
        return _refused(form, refusal.fields)
    flash("Saved." if names else "Nothing was changed.", "done")
    return go_to(f"{PAGE}/{journey_id}")


@blueprint.post("/<int:journey_id>/use-source")
@requires(Permission.EDIT_JOBS)
def use_source(journey_id: int) -> ResponseReturnValue:
    """Let one field follow SmartMoving again."""

    def act(actor: Actor) -> None:
        service.use_source(actor, journey_id, [plain(request.form.get("field", ""))], version=_version(request.form))

    return _done(journey_id, act)


@blueprint.post("/<int:journey_id>/tick")
@requires(Permission.EDIT_JOBS)
def tick(journey_id: int) -> ResponseReturnValue:
    """Set an item of the checklist: done or not."""
    is_done = request.form.get("is_done") == "yes"
    return _done(journey_id, lambda actor: service.tick(actor, journey_id, _text("item"), is_done))


@blueprint.post("/<int:journey_id>/take-off")
@requires(Permission.EDIT_JOBS)
def take_off(journey_id: int) -> ResponseReturnValue:
    """Take a job that was added by hand off the board, with the reason."""
    return _done(journey_id, lambda actor: service.take_off(actor, journey_id, _text("reason")))


@blueprint.post("/<int:journey_id>/put-back")
@requires(Permission.EDIT_JOBS)
def put_back(journey_id: int) -> ResponseReturnValue:
    """Put a job that was added by hand back on the board."""
    return _done(journey_id, lambda actor: service.put_back(actor, journey_id))


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
    form = replace(_new_form(actor, {}), values=job_forms.typed(request.form))
    names = [name for name in job_forms.NAMES if form.values[name].strip()]
    values, faults = job_forms.read(form.values, names)
    if faults:
        return _refused(form, faults)
    try:
        journey_id = service.create(actor, values, values.pop(job_forms.NOTES, ""))
    except InvalidInput as refusal:
        return _refused(form, refusal.fields)
    flash("The job is on the board.", "done")
    return go_to(f"{PAGE}/{journey_id}")


def _job(actor: Actor, journey_id: int, message: tuple[str, str] | None = None, status: int = 200) -> Response:
    found = queries.journey(actor, journey_id)
    body = render_template(
        "journeys/_job.html" if is_fragment() else "journeys/job.html",
        card=found.card,
        found=found,
        page=page_of(found, queries.history(actor, journey_id)),
        message=message,
        is_fragment=is_fragment(),
    )
    return make_response(body, status)


def _done(journey_id: int, act: Callable[[Actor], None]) -> ResponseReturnValue:
    """Act, and show the job as it is then; a refusal is said above it."""
    actor = current_actor()
    try:
        act(actor)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _job(actor, journey_id, ("refused", _sentence(refusal)), refusal.status)
    return _job(actor, journey_id) if is_fragment() else go_to(f"{PAGE}/{journey_id}")


def _sentence(refusal: Refusal) -> str:
    return " ".join(refusal.fields.values()) if isinstance(refusal, InvalidInput) else refusal.sentence


def _edit_form(actor: Actor, journey_id: int) -> JobForm:
    card = queries.journey(actor, journey_id).card
    texts = job_forms.texts_of(card)
    return JobForm(
        title=f"Change {card.customer_name or card.job_number or 'the job'}",
        address=f"{PAGE}/{journey_id}/edit",
        button="Save",
        values=texts,
        seen=texts,
        locations=places(actor, but_also=card.location_id),
        version=card.version,
        journey_id=journey_id,
    )


def _new_form(actor: Actor, given: Mapping[str, str]) -> JobForm:
    listed = places(actor)
    wanted = next(
        (place for place in listed if place[1] == given.get("location")), listed[0] if len(listed) == 1 else None
    )
    day = _day(given.get("day", "")) or clock.today(zone_of(actor.company_id, wanted[1] if wanted else ""))
    texts = job_forms.blank(day, wanted[0] if wanted else None)
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
    told = [f"{job_forms.LABELS[name]}: {now.values[name] or 'nothing'}" for name in theirs]
    return _form(replace(now, values=values, changed=told or ["Crew, truck, stage or checklist"]), 409)


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


def _version(posted: Mapping[str, str]) -> int | None:
    text = posted.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(name: str) -> str:
    return plain(request.form.get(name, "")).strip()[:LONGEST]
