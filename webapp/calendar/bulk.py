"""Bulk runs from the page: start one over the chosen bars, watch it, retry what failed, put it away."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.answers import refused
from webapp.calendar.batch_panel import newly_ended, panel_of
from webapp.calendar.filters import PAGE
from webapp.calendar.reading import Touched, read_rows, touched_by
from webapp.calendar.views import current_view
from webapp.db import LARGEST
from webapp.errors import InvalidInput, Refusal
from webapp.htmx import is_fragment
from webapp.loans import batches, queries
from webapp.loans.models import BatchKind
from webapp.loans.queries import BatchProgress

blueprint = Blueprint("calendar_bulk", __name__, url_prefix=f"{PAGE}/bulk")


@blueprint.post("")
@requires(Permission.PLAN_LOANS)
def start() -> ResponseReturnValue:
    """Begin a run over the chosen loans (`id`, repeated) and show its panel."""
    actor = current_actor()
    try:
        batch_id = batches.start(actor, _kind(request.form.get("kind", "")), _ids(request.form.getlist("id")))
    except Refusal as refusal:
        return refused(actor, refusal, (), None)
    if not is_fragment():
        view = current_view(actor)
        return redirect(view.address() if view else PAGE, 303)
    return _panel(actor, queries.batch(actor, batch_id), "")


@blueprint.get("/<uuid:batch_id>")
@requires(Permission.PLAN_LOANS)
def progress(batch_id: object) -> ResponseReturnValue:
    """The panel again, with the rows of what ended since `seen`; polled only while the run goes on."""
    actor = current_actor()
    run = queries.batch(actor, str(batch_id))
    if not is_fragment():
        return render_template("calendar/batch.html", batch=panel_of(run))
    return _panel(actor, run, request.args.get("seen", ""))


@blueprint.post("/<uuid:batch_id>/dismiss")
@requires(Permission.PLAN_LOANS)
def dismiss(batch_id: object) -> ResponseReturnValue:
    """Put the panel away; the run, if it still goes on, is not stopped."""
    batches.dismiss(current_actor(), str(batch_id))
    return "" if is_fragment() else redirect(PAGE, 303)


def _panel(actor: Actor, run: BatchProgress, seen: str) -> Response:
    view = current_view(actor)
    ended = newly_ended(run, seen)
    touched, gone = _touched(actor, [row.assignment_id for row in ended])
    return make_response(
        render_template(
            "calendar/_batch.html",
            batch=panel_of(run),
            rows=read_rows(actor, view, touched) if view and touched else (),
            gone=gone,
            fms_url=current_app.extensions["settings"].fms_url,
        )
    )


def _touched(actor: Actor, ids: list[int]) -> tuple[list[Touched], list[int]]:
    """The rows that show these loans, and those of the loans that are no more, or that are not for this person."""
    if not ids:
        return [], []
    loans = queries.loans(actor, ids)
    there = {loan.id for loan in loans}
    return [touched_by(loan) for loan in loans], [number for number in ids if number not in there]


def _kind(word: str) -> BatchKind:
    try:
        return BatchKind(word)
    except ValueError:
        raise InvalidInput("Choose what to do: request, unrequest or delete.", fields={"kind": "unknown"}) from None


def _ids(words: list[str]) -> list[int]:
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 12]
    if len(numbers) != len(words) or any(number > LARGEST for number in numbers):
        raise InvalidInput("Choose loans by their bars.", fields={"id": "not a loan"})
    return numbers
