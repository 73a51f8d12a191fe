"""Notes on a loan from its card: written, taken back; and the page of a loan's whole history."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.answers import Message, answer, refused
from webapp.calendar.card import when
from webapp.calendar.filters import PAGE
from webapp.calendar.reading import touched_by
from webapp.calendar.views import current_view
from webapp.errors import NotFound, Refusal
from webapp.htmx import is_fragment
from webapp.loans import full_history, notes, queries
from webapp.loans.full_history import Entry, FmsAnswer

blueprint = Blueprint("calendar_notes", __name__, url_prefix=f"{PAGE}/loans/<int:assignment_id>")
OUTCOMES = {
    "sending": "is being sent",
    "succeeded": "FMS did it",
    "failed": "FMS did not do it",
    "uncertain": "FMS has not confirmed it",
}


@dataclass(frozen=True)
class PastLine:
    """One thing that happened, as the page prints it; `answer` are the parts of FMS's answer, `words` its own."""

    when: str
    who: str
    text: str
    kind: str
    answer: tuple[str, ...] = ()
    words: str = ""


@blueprint.post("/notes")
@requires(Permission.PLAN_LOANS)
def add_note(assignment_id: int) -> Response:
    """Keep a note (`text`)."""
    text = request.form.get("text", "")
    return _on_notes(assignment_id, lambda actor: notes.add(actor, assignment_id, text), "The note is kept.")


@blueprint.post("/notes/<int:note_id>/remove")
@requires(Permission.PLAN_LOANS)
def take_note_back(assignment_id: int, note_id: int) -> Response:
    """Take one's own note off the loan."""
    return _on_notes(
        assignment_id, lambda actor: notes.take_back(actor, assignment_id, note_id), "The note is taken back."
    )


@blueprint.get("/history")
@requires(Permission.VIEW_LOANS)
def whole_history(assignment_id: int) -> ResponseReturnValue:
    """Everything that happened to a loan, with FMS's answers; of a deleted one too."""
    actor = current_actor()
    past = full_history.past_of(actor, assignment_id)
    zone = zone_of(past.company_id, past.office)
    view = current_view(actor)
    template = "calendar/_history.html" if is_fragment() else "calendar/history.html"

    def line(entry: Entry) -> PastLine:
        answer_parts = _parts(entry.fms) if entry.fms else ()
        words = entry.fms.words if entry.fms else ""
        return PastLine(when(entry.happened_at, zone), entry.who, entry.text, entry.kind, answer_parts, words)

    return render_template(
        template,
        past=past,
        lines=tuple(map(line, past.entries)),
        loan_id=assignment_id,
        back=view.address() if view else PAGE,
    )


def _parts(fms: FmsAnswer) -> tuple[str, ...]:
    took = f"{fms.milliseconds:,} ms" if fms.milliseconds is not None else ""
    status = f"HTTP {fms.http_status}" if fms.http_status is not None else ""
    number = f"request #{fms.fms_request_id}" if fms.fms_request_id is not None else ""
    return tuple(part for part in (OUTCOMES[fms.outcome], status, took, number, f"reference {fms.reference}") if part)


def _on_notes(assignment_id: int, act: Callable[[Actor], None], said: str) -> Response:
    """Do something with a note, and answer with the card, the row with its mark, and a word."""
    actor = current_actor()
    try:
        touched = [touched_by(queries.loan(actor, assignment_id))]
        act(actor)
    except NotFound as refusal:
        return refused(actor, refusal, (), None)
    except Refusal as refusal:
        return refused(actor, refusal, (), assignment_id)
    return answer(actor, 200, Message("done", said), touched, about=[assignment_id], keep_card_of=assignment_id)
