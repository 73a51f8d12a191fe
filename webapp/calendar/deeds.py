"""Undo and redo: what the person did last, listed, and the actions that take it back."""

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.answers import Message, Undo, answer, refused, undo_of
from webapp.calendar.batch_panel import panel_of
from webapp.calendar.filters import PAGE
from webapp.calendar.reading import touched_by
from webapp.calendar.views import current_view
from webapp.errors import NotFound, Refusal
from webapp.htmx import is_by_htmx, is_fragment
from webapp.loans import batches, queries, undoing
from webapp.loans.models import BatchRow, RowState
from webapp.loans.undoing import Step

blueprint = Blueprint("calendar_deeds", __name__, url_prefix=PAGE)
NOTHING = {
    False: "There is nothing of yours to undo from the last 24 hours.",
    True: "There is nothing that you have undone to do again.",
}
STATUS = {RowState.SUCCEEDED: 200, RowState.UNCERTAIN: 202, RowState.FAILED: 409}
KINDS = {RowState.SUCCEEDED: "done", RowState.UNCERTAIN: "uncertain", RowState.FAILED: "refused"}


@dataclass(frozen=True)
class StepLine:
    """A step as the list prints it. `button` is empty where it cannot be undone; then `why_not` says so."""

    step_id: str
    when: str
    title: str
    labels: tuple[str, ...]
    meaning: str
    button: str
    why_not: str


@blueprint.get("/deeds")
@requires(Permission.PLAN_LOANS)
def list_deeds() -> ResponseReturnValue:
    """What the person did in the last 24 hours, newest first, and what undoing it does."""
    return _list(current_actor())


def _list(actor: Actor) -> str:
    view = current_view(actor)
    template = "calendar/_deeds.html" if is_fragment() else "calendar/deeds.html"
    lines = tuple(_line(step) for step in undoing.steps(actor))
    return render_template(template, steps=lines, back=view.address() if view else PAGE)


@blueprint.post("/undo")
@requires(Permission.PLAN_LOANS)
def undo() -> Response:
    """Undo the step `step`, by default the newest that can be undone, with `redo` the newest undoing.

    A loan alone is brought back at once. Several make a run; where its person did not name the step, or say so
    (`sure`), they are asked first.
    """
    actor = current_actor()
    try:
        step_id, several = _wanted(actor)
        if several is not None and "sure" not in request.form and "step" not in request.form:
            return _ask(actor, several)
        ids = undoing.loans_of(actor, step_id)
        touched = [touched_by(loan) for loan in queries.loans(actor, ids)]
        batch_id = undoing.claim(actor, step_id)
    except Refusal as refusal:
        return refused(actor, refusal, (), None)
    if len(ids) > 1:
        batches.begin(batch_id)
        run = panel_of(queries.batch(actor, batch_id))
        return answer(actor, 200, Message("done", f"{run.title}."), panel=run)
    batches.run_alone(batch_id)
    (row,) = queries.batch(actor, batch_id).rows
    there = queries.loans(actor, ids)
    touched += [touched_by(loan) for loan in there]
    gone = [number for number in ids if number not in {loan.id for loan in there}]
    return answer(actor, _status(row), _told(actor, batch_id, row), touched, about=ids, gone=gone)


def _wanted(actor: Actor) -> tuple[str, Step | None]:
    """The step to undo and, where it was not named, that it is of several loans. Raises `NotFound`."""
    named = request.form.get("step", "")[:36]
    if named:
        return named, None
    is_redo = "redo" in request.form
    newest = undoing.newest(actor, is_undo=is_redo)
    if newest is None:
        raise NotFound(NOTHING[is_redo])
    return newest.step_id, newest if len(newest.labels) > 1 else None


def _ask(actor: Actor, step: Step) -> Response:
    words = f"{step.title}. Undoing it {step.meaning}."
    button = f"{'Do' if step.is_undo else 'Undo'} the {len(step.labels)}{' again' if step.is_undo else ''}"
    if not is_by_htmx():
        # A message on the next page has no button; the list does.
        return current_app.make_response(_list(actor))
    return answer(actor, 200, Message("asked", words, undo=Undo(f"{PAGE}/undo", button, {"step": step.step_id})))


def _status(row: BatchRow) -> int:
    return 502 if row.code.startswith("fms_") else STATUS[RowState(row.state)]


def _told(actor: Actor, batch_id: str, row: BatchRow) -> Message:
    is_redo = queries.batch(actor, batch_id).kind == "redo"
    state = RowState(row.state)
    if state is not RowState.SUCCEEDED:
        return Message(KINDS[state], row.text)
    number = f", requested in FMS as #{row.fms_request_id}" if row.created_in_fms else ""
    back = ", taken back in FMS" if row.deleted_from_fms else ""
    words = f"{'Done again' if is_redo else 'Undone'}: {row.label}{number or back}"
    return Message("done", words, undo=undo_of(actor, row.assignment_id, "Undo" if is_redo else "Redo"))


def _line(step: Step) -> StepLine:
    zone = current_app.extensions["settings"].zone
    several = f" the {len(step.labels)}" if len(step.labels) > 1 else ""
    return StepLine(
        step_id=step.step_id,
        when=step.done_at.astimezone(zone).strftime("%m-%d-%y %H:%M %Z"),
        title=step.title,
        labels=step.labels if several else (),
        meaning=f"{'Doing it again' if step.is_undo else 'Undoing it'} {step.meaning}.",
        button="" if step.why_not else f"{'Redo' if step.is_undo else 'Undo'}{several}",
        why_not=step.why_not,
    )
