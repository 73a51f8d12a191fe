"""Bulk runs from the page: start one over the chosen bars, watch it, retry what failed, put it away."""

from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.answers import refused
from webapp.calendar.batch_panel import newly_ended, panel_of
from webapp.calendar.bulk_ask import DAYS, MoveAsk, delete_ask, move_ask, no_preview, versions_in
from webapp.calendar.filters import PAGE
from webapp.calendar.reading import Touched, read_rows, touched_by
from webapp.calendar.views import current_view
from webapp.db import LARGEST
from webapp.errors import InvalidInput, Refusal
from webapp.htmx import is_fragment
from webapp.loans import batches, moving, queries, runs
from webapp.loans.models import BatchKind
from webapp.loans.queries import BatchProgress

# What runs over loans as they are; moving and undoing say where each is to end.
CHOSEN = frozenset({BatchKind.REQUEST, BatchKind.UNREQUEST, BatchKind.DELETE})
blueprint = Blueprint("calendar_bulk", __name__, url_prefix=f"{PAGE}/bulk")


@blueprint.post("")
@requires(Permission.PLAN_LOANS)
def start() -> ResponseReturnValue:
    """Begin a run over the chosen loans (`id`, repeated) and show its panel.

    `loan`, as id.version, is how they stood when the person was asked: one that changed since is left.
    """
    actor, versions = current_actor(), versions_in(request.form.getlist("loan"))
    try:
        kind, ids = _kind(request.form.get("kind", "")), _ids(request.form.getlist("id"))
        batch_id = batches.start(actor, kind, ids, versions=versions)
    except Refusal as refusal:
        return refused(actor, refusal, (), None)
    return _begun(actor, batch_id)


def _begun(actor: Actor, batch_id: str) -> ResponseReturnValue:
    if not is_fragment():
        view = current_view(actor)
        return redirect(view.address() if view else PAGE, 303)
    return _panel(actor, queries.batch(actor, batch_id), "")


@blueprint.get("/ask")
@requires(Permission.PLAN_LOANS)
def ask() -> ResponseReturnValue:
    """What is asked before the chosen loans (`id`, repeated) are deleted, or moved by `days`: every consequence."""
    actor, kind = current_actor(), request.args.get("kind", "")
    view = current_view(actor)
    values: dict[str, Any] = {"kind": kind, "back": view.address() if view else PAGE}
    try:
        ids = _ids(request.args.getlist("id"))
        if kind == BatchKind.MOVE:
            values["ask"] = _move_ask(actor, ids)
        elif kind == BatchKind.DELETE:
            values["ask"] = delete_ask(actor, ids)
        else:
            raise InvalidInput("Choose what to do: move or delete.", fields={"kind": "unknown"})
    except Refusal as refusal:
        return refused(actor, refusal, (), None)
    template = f"calendar/_bulk_{kind}.html" if is_fragment() else "calendar/bulk_ask.html"
    return render_template(template, **values)


def _move_ask(actor: Actor, ids: list[int]) -> MoveAsk:
    runs.require_some(ids)
    try:
        return move_ask(actor, ids, _days(request.args.get("days", str(DAYS))))
    except InvalidInput as fault:
        return no_preview(ids, fault.sentence)


@blueprint.post("/move")
@requires(Permission.PLAN_LOANS)
def move() -> ResponseReturnValue:
    """Begin moving loans (`loan`, as id.version of the preview) by `days`; with `replace` also those that FMS has."""
    actor, versions = current_actor(), versions_in(request.form.getlist("loan"))
    try:
        days = _days(request.form.get("days", ""))
        replaces = "replace" in request.form
        batch_id = moving.create(actor, list(versions), days, versions=versions, replaces=replaces)
    except Refusal as refusal:
        return refused(actor, refusal, (), None)
    batches.begin(batch_id)
    return _begun(actor, batch_id)


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
    if word not in CHOSEN:
        raise InvalidInput("Choose what to do: request, unrequest or delete.", fields={"kind": "unknown"})
    return BatchKind(word)


def _days(word: str) -> int:
    digits = word.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 5):
        raise InvalidInput("Say by how many days; negative: earlier.", fields={"days": "not a number"})
    return int(word)


def _ids(words: list[str]) -> list[int]:
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 12]
    if len(numbers) != len(words) or any(number > LARGEST for number in numbers):
        raise InvalidInput("Choose loans by their bars.", fields={"id": "not a loan"})
    return numbers
