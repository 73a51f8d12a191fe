"""The page of a job, and what is done there: ticks, SmartMoving's value of a field, on and off the board."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.htmx import go_to, is_fragment
from webapp.journeys import queries, service
from webapp.journeys.checklists import ITEMS
from webapp.journeys.entries import plain
from webapp.journeys.errors import Stale
from webapp.journeys.fields import FIELDS
from webapp.journeys.job_page import page_of, picture

PAGE = "/journeys"
LONGEST = 2000
# HTMX ends its polling with this.
NO_MORE = 286
blueprint = Blueprint("job", __name__, url_prefix=PAGE)


@dataclass(frozen=True)
class Again:
    """How the page is drawn after something was tried on it.

    `faults` and `typed` are of its forms, by input; `focus` is the heading to read on at, where the button is gone.
    """

    status: int = 200
    faults: dict[str, str] = field(default_factory=dict)
    typed: str = ""
    focus: str = ""


@blueprint.get("/<int:journey_id>")
@requires(Permission.VIEW_JOBS)
def job(journey_id: int) -> ResponseReturnValue:
    """Everything of one job."""
    return _job(current_actor(), journey_id)


@blueprint.get("/<int:journey_id>/changes")
@requires(Permission.VIEW_JOBS)
def changes(journey_id: int) -> ResponseReturnValue:
    """204 while nothing that a page could show has changed since `mark`; else the job, or only the new mark."""
    actor = current_actor()
    mark = _mark(actor)
    if request.args.get("mark") == mark:
        return Response(status=204)
    try:
        return _job(actor, journey_id, picture_shown=request.args.get("picture", ""))
    except NotFound as refusal:
        return make_response(render_template("journeys/_job_gone.html", words=refusal.sentence), NO_MORE)


@blueprint.post("/<int:journey_id>/use-source")
@requires(Permission.EDIT_JOBS)
def use_source(journey_id: int) -> ResponseReturnValue:
    """Let one field follow SmartMoving again, if it still says here what the person saw (`here`)."""
    name, here = _text("field"), _text("here")

    def act(actor: Actor) -> str:
        found = queries.journey(actor, journey_id)
        differing = {one.field.name: one.here for one in found.differences}
        if name in differing and _squeezed(differing[name]) != _squeezed(here):
            raise Stale
        service.use_source(actor, journey_id, [name], version=found.card.version)
        return f"{FIELDS[name].label}: as in SmartMoving from now on."

    return _done(journey_id, act, focus="both")


@blueprint.post("/<int:journey_id>/tick")
@requires(Permission.EDIT_JOBS)
def tick(journey_id: int) -> ResponseReturnValue:
    """Set an item of the checklist: done or not."""
    item, is_done = _text("item"), request.form.get("is_done") == "yes"

    def act(actor: Actor) -> str:
        service.tick(actor, journey_id, item, is_done)
        return f"{'Ticked' if is_done else 'No longer ticked'}: {ITEMS[item].label}."

    return _done(journey_id, act)


@blueprint.post("/<int:journey_id>/take-off")
@requires(Permission.EDIT_JOBS)
def take_off(journey_id: int) -> ResponseReturnValue:
    """Take a job that was added by hand off the board, with the reason."""

    def act(actor: Actor) -> str:
        service.take_off(actor, journey_id, _text("reason"))
        return "The job is off the board."

    return _done(journey_id, act, focus="job")


@blueprint.post("/<int:journey_id>/put-back")
@requires(Permission.EDIT_JOBS)
def put_back(journey_id: int) -> ResponseReturnValue:
    """Put a job that was added by hand back on the board."""

    def act(actor: Actor) -> str:
        service.put_back(actor, journey_id)
        return "The job is on the board again."

    return _done(journey_id, act, focus="job")


def _done(journey_id: int, act: Callable[[Actor], str], *, focus: str = "") -> ResponseReturnValue:
    """Act, say what was done, and show the job as it is then; a refusal is said, and stays until it is dismissed."""
    actor = current_actor()
    try:
        flash(act(actor), "done")
    except InvalidInput as refusal:
        if "reason" in refusal.fields:
            return _job(actor, journey_id, Again(refusal.status, refusal.fields, _text("reason")))
        return _refused(actor, journey_id, refusal)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _refused(actor, journey_id, refusal)
    return _job(actor, journey_id, Again(focus=focus)) if is_fragment() else go_to(f"{PAGE}/{journey_id}")


def _refused(actor: Actor, journey_id: int, refusal: Refusal) -> Response:
    # Who may not see the job is not told anything about it.
    queries.journey(actor, journey_id)
    flash(refusal.sentence, "refused")
    return _job(actor, journey_id, Again(refusal.status))


def _job(actor: Actor, journey_id: int, again: Again | None = None, *, picture_shown: str | None = None) -> Response:
    """The page, or for HTMX its part; only a new mark where the picture that is shown is still true."""
    # The mark is read first: what changes in between is drawn twice rather than never.
    mark, drawn_at = _mark(actor), clock.now()
    found = queries.journey(actor, journey_id)
    page = page_of(found, queries.history(actor, journey_id))
    again = again or Again()
    values: dict[str, Any] = {
        "card": found.card,
        "found": found,
        "page": page,
        "again": again,
        "mark": mark,
        "picture": picture(found, page),
        "drawn_at": drawn_at.isoformat(),
        "is_fragment": is_fragment(),
    }
    if picture_shown == values["picture"]:
        response = make_response(render_template("journeys/_job_watch.html", **values))
        response.headers.update({"HX-Retarget": "#watch", "HX-Reswap": "outerHTML"})
        return response
    template = "journeys/_job.html" if is_fragment() else "journeys/job.html"
    return make_response(render_template(template, **values), again.status)


def _mark(actor: Actor) -> str:
    return str(queries.mark_for(actor))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _text(name: str) -> str:
    return plain(request.form.get(name, "")).strip()[:LONGEST]
