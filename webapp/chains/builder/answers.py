"""What an action of the builder answers: the regions that changed, for HTMX, or the way back to the page."""

from flask import Response, make_response, render_template

from webapp.accounts.actor import Actor
from webapp.calendar.answers import Message, keep
from webapp.chains.builder.reading import Page, read_page
from webapp.chains.builder.values import PAGE, Values
from webapp.chains.builder.views import show
from webapp.chains.saved import saving
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.htmx import go_to, is_by_htmx


def answer(
    actor: Actor, draft_id: str, *, slot: int | None = None, form_too: bool = False, is_new: bool = False
) -> Response:
    """The draft after an action: the chain, and all that follows from it. `slot` is the loan that it was about.

    `form_too`: what is asked has changed. `is_new`: the address has to name another draft from now on.
    """
    if not is_by_htmx():
        return go_to(f"{PAGE}?draft={draft_id}")
    page = read_page(actor, draft_id=draft_id, with_facts=is_new)
    said = _said(page, slot)
    body = render_template("chains/_answer.html", page=page, said=said, form_too=form_too or is_new, is_new=is_new)
    response = make_response(body)
    if is_new:
        response.headers["HX-Push-Url"] = f"{PAGE}?draft={draft_id}"
    return response


def refused(actor: Actor, draft_id: str, refusal: Refusal) -> Response:
    """The draft as it stands now, under the sentence that says what stood in the way. Raises what it cannot draw."""
    _raise_unless_drawn(actor, draft_id, refusal)
    return _with_message(read_page(actor, draft_id=draft_id), refusal)


def form_refused(actor: Actor, values: Values, draft_id: str | None, refusal: Refusal) -> Response:
    """The form as it was filled, with what is wrong at its fields; the open draft stays beside it."""
    _raise_unless_drawn(actor, draft_id, refusal)
    if not isinstance(refusal, InvalidInput) or not refusal.fields:
        return _with_message(read_page(actor, values, draft_id), refusal)
    page = read_page(actor, values, draft_id, refusal)
    if not is_by_htmx():
        return show(page, refusal.status)
    body = render_template("chains/_form_answer.html", page=page, said=refusal.sentence)
    response = make_response(body, refusal.status)
    response.headers["HX-Retarget"] = "#chain-form"
    return response


def _raise_unless_drawn(actor: Actor, draft_id: str | None, refusal: Refusal) -> None:
    """Only these replace what was clicked (`htmx-config` of the page); all others become a message."""
    if isinstance(refusal, NotFound):
        raise gone(actor, draft_id, refusal)
    if refusal.status not in (409, 422, 502):
        raise refusal


def gone(actor: Actor, draft_id: str | None, refusal: NotFound) -> NotFound:
    """The refusal with the way to what became of the draft, or else to the others."""
    if draft_id and saving.is_saved(actor, draft_id):
        refusal.link = ("See the saved chain", f"{PAGE}/{draft_id}")
    else:
        refusal.link = ("See your drafts", PAGE)
    return refusal


def _with_message(page: Page, refusal: Refusal) -> Response:
    message = Message("refused", refusal.sentence, link=refusal.link)
    if is_by_htmx():
        body = render_template("chains/_answer.html", page=page, said="", message=message, form_too=True, is_new=True)
        return make_response(body, refusal.status)
    keep(message)
    return show(page, refusal.status)


def _said(page: Page, slot: int | None) -> str:
    """What a screen reader hears of it: the loan that changed, and how far the chain is."""
    chain = page.chain
    if chain is None:
        return ""
    card = next((card for card in chain.cards if card.index == slot), None)
    about = f"Loan {card.index}: {card.title}, {card.days}." if card else ""
    notes = " ".join(note.text for note in card.notes) if card else ""
    banner = f"{chain.banner.text} {chain.banner.detail}" if chain.banner else ""
    return " ".join(part for part in (about, notes, *chain.notes, banner, f"{chain.placed}.") if part)
