"""What an action answers: the rows it touched, drawn again, and a message with what can be done about it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, current_app, flash, make_response, redirect, render_template
from markupsafe import Markup

from webapp.accounts.actor import Actor
from webapp.calendar.batch_panel import Panel
from webapp.calendar.card import Card, card_of_loan
from webapp.calendar.filters import PAGE, read_filters
from webapp.calendar.reading import Touched, read_rows, today_at
from webapp.calendar.views import current_view, page_of
from webapp.db import db
from webapp.errors import NotFound, Refusal
from webapp.htmx import is_by_htmx
from webapp.loans import deeds


@dataclass(frozen=True)
class Undo:
    """The form that undoes an action."""

    address: str
    label: str = "Undo"
    values: Mapping[str, str] = field(default_factory=dict)


def undo_of(actor: Actor, assignment_id: int, label: str = "Undo") -> Undo | None:
    """The form that undoes what the person has just done to the loan; None where nothing of it was kept."""
    step_id = deeds.newest_step(db.session(), actor.user_id, assignment_id)
    return Undo(f"{PAGE}/undo", label, {"step": step_id}) if step_id else None


@dataclass(frozen=True)
class Message:
    """A sentence for the person. `kind`: done, refused, failed or uncertain; all but done stay until dismissed.

    `link` leads to what is in the way, `why` to every reason and what would mend it.
    """

    kind: str
    text: str
    link: tuple[str, str] | None = None
    why: str = ""
    undo: Undo | None = None


def answer(
    actor: Actor,
    status: int,
    message: Message,
    touched: Iterable[Touched] = (),
    *,
    about: Sequence[int] = (),
    gone: Sequence[int] = (),
    keep_card_of: int | None = None,
    panel: Panel | None = None,
) -> Response:
    """The answer to an action on loans; `panel`: the run that it began.

    HTMX gets the touched rows of the view it acted from, out of band, and the message; a plain form goes back to
    its page, or gets that page with the status where nothing was done. `about` are the loans it was about, whose
    card and form close; `gone` are deleted ones; the card of `keep_card_of` stays open and is drawn again.
    """
    if not is_by_htmx():
        return _as_page(actor, status, message)
    view = current_view(actor)
    body = render_template(
        "calendar/_answer.html",
        rows=read_rows(actor, view, touched) if view else (),
        message=message,
        about=about,
        gone=gone,
        card=_card(actor, keep_card_of),
        panel=panel,
        back=view.address() if view else PAGE,
        fms_url=current_app.extensions["settings"].fms_url,
    )
    response = make_response(body, status)
    if keep_card_of is None:
        # After the rows are there, so that the focus finds the bar that was drawn again; and only what belongs
        # to these loans is closed, for FMS may take long and the person may be elsewhere by then.
        response.headers["HX-Trigger-After-Settle"] = json.dumps({"loanDone": {"loans": list(about)}})
    return response


def refused(actor: Actor, refusal: Refusal, touched: Iterable[Touched], loan_id: int | None) -> Response:
    """The answer where a rule or a state stands in the way: the same row, the sentence, what is in the way."""
    message = Message("refused", refusal.sentence, link=refusal.link)
    about = [] if loan_id is None else [loan_id]
    return answer(actor, refusal.status, message, touched, about=about, keep_card_of=loan_id)


def keep(message: Message) -> None:
    """Show the message, with the way to what it is about, on the page that comes next."""
    text = Markup("{}").format(message.text)
    if message.link:
        text += Markup(' <a href="{}">{}</a>').format(message.link[1], message.link[0])
    flash(text, message.kind)


def _as_page(actor: Actor, status: int, message: Message) -> Response:
    keep(message)
    view = current_view(actor)
    if status == 200:
        return make_response(redirect(view.address() if view else PAGE, 303))
    return page_of(actor, view or read_filters({}, today_at(actor, "")), status)


def _card(actor: Actor, loan_id: int | None) -> Card | None:
    if loan_id is None:
        return None
    try:
        return card_of_loan(actor, loan_id)
    except NotFound:
        return None
