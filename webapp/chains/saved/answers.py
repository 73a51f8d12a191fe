"""What an action on a saved chain answers: the chain as it stands now, and a message with what can be done about it."""

import json

from flask import Response, make_response, redirect, render_template

from webapp.accounts.actor import Actor
from webapp.calendar.answers import Message, keep
from webapp.chains.saved.page import ChainPage, read_page
from webapp.chains.saved.panels import read_around, read_facts
from webapp.errors import Refusal
from webapp.htmx import is_by_htmx


def answer(
    actor: Actor, chain_id: str, status: int, message: Message | None, *, about: tuple[int, ...] = (), run_id: str = ""
) -> Response:
    """The answer to an action on loans of a chain; `about` are the loans it was about.

    HTMX gets the chain, morphed in, and the message; an open dialog closes. A plain form goes back to the page, or
    gets the page with the status where nothing was done.
    """
    if not is_by_htmx():
        return _as_page(actor, chain_id, status, message, run_id)
    page = read_page(actor, chain_id, run_id=run_id, may_be_gone=True)
    body = render_template(
        "chains/_saved_answer.html", page=page, message=message, about=about, back=page.address, swapped=True
    )
    response = make_response(body, status)
    is_running = page.run is not None and not page.run.panel.is_finished
    told: dict[str, object] = {"chainDrawn": {"isRunning": is_running}}
    if message is not None:
        # Somebody acted, and is answered: their form closes. What polling brings leaves it open.
        told["chainDone"] = {"loans": list(about)}
    # After the cards are there, so that the focus finds the one that was drawn again.
    response.headers["HX-Trigger-After-Settle"] = json.dumps(told)
    return response


def refused(actor: Actor, chain_id: str, refusal: Refusal, *, about: tuple[int, ...] = ()) -> Response:
    """The answer where a rule or a state stands in the way: the chain as it is, the sentence, what is in the way."""
    message = Message("refused", refusal.sentence, link=refusal.link)
    return answer(actor, chain_id, refusal.status, message, about=about)


def whole(actor: Actor, page: ChainPage, status: int = 200) -> Response:
    """The page of a chain, with all that stands around it."""
    around = read_around(actor, page.chain) if page.chain else None
    facts = read_facts(actor, page.chain) if page.chain else None
    body = render_template("chains/saved_chain.html", page=page, around=around, facts=facts, swapped=False)
    return make_response(body, status)


def _as_page(actor: Actor, chain_id: str, status: int, message: Message | None, run_id: str) -> Response:
    if message is not None:
        keep(message)
    page = read_page(actor, chain_id, run_id=run_id, may_be_gone=True)
    if status != 200:
        return whole(actor, page, status)
    if page.chain is None and page.run is None:
        # Nothing is left to show there.
        return make_response(redirect("/chains/saved", 303))
    return make_response(redirect(f"{page.address}?run={run_id}" if run_id else page.address, 303))
