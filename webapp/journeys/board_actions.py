"""What a dispatcher does from a card: move, crew, trucks, seen, problem. Forms that also work without scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.htmx import go_to, is_fragment
from webapp.journeys import queries, service
from webapp.journeys.board_cards import option_of
from webapp.journeys.board_filters import PAGE
from webapp.journeys.board_views import came_from, current_view, values_of
from webapp.journeys.cards import Card, label_of
from webapp.journeys.detail import Detail
from webapp.journeys.spans import Clash
from webapp.journeys.stages import Stage, is_back

blueprint = Blueprint("board_actions", __name__, url_prefix=f"{PAGE}/<int:journey_id>")
LONGEST = 2000


@dataclass(frozen=True)
class Told:
    """What is said of an action that was carried out; `warnings` stay until they are dismissed."""

    text: str
    warnings: tuple[Clash, ...] = ()


@blueprint.get("/move")
@requires(Permission.EDIT_JOBS)
def move_form(journey_id: int) -> ResponseReturnValue:
    """The steps that the journey can take."""
    return _form("move", current_actor(), journey_id)


@blueprint.get("/crew")
@requires(Permission.EDIT_JOBS)
def crew_form(journey_id: int) -> ResponseReturnValue:
    """Who could be on the crew, and who is."""
    return _form("crew", current_actor(), journey_id)


@blueprint.get("/trucks")
@requires(Permission.EDIT_JOBS)
def trucks_form(journey_id: int) -> ResponseReturnValue:
    """Which trucks it could have, and has."""
    return _form("trucks", current_actor(), journey_id)


@blueprint.get("/problem")
@requires(Permission.EDIT_JOBS)
def problem_form(journey_id: int) -> ResponseReturnValue:
    """What is wrong with it."""
    return _form("problem", current_actor(), journey_id)


@blueprint.post("/move")
@requires(Permission.EDIT_JOBS)
def move(journey_id: int) -> ResponseReturnValue:
    """Move it to the stage `to`, back with a `reason`."""

    def act(actor: Actor, card: Card) -> Told:
        to = _stage()
        service.move_stage(actor, journey_id, to, reason=_text("reason"))
        back = "back to " if is_back(card.stage, to) else ""
        return Told(f"{_name(card)}: {back}{to.label.lower()}")

    return _act("move", journey_id, act)


@blueprint.post("/crew")
@requires(Permission.EDIT_JOBS)
def crew(journey_id: int) -> ResponseReturnValue:
    """Make the crew the people that are ticked."""

    def act(actor: Actor, card: Card) -> Told:
        ids = _ids("user_ids")
        clashes = service.set_crew(actor, journey_id, ids, version=_version())
        return Told(f"{_name(card)}: crew of {len(ids)} saved" if ids else f"{_name(card)}: no crew now", clashes)

    return _act("crew", journey_id, act)


@blueprint.post("/trucks")
@requires(Permission.EDIT_JOBS)
def trucks(journey_id: int) -> ResponseReturnValue:
    """Make the trucks those that are ticked."""

    def act(actor: Actor, card: Card) -> Told:
        ids = _ids("truck_ids")
        clashes = service.set_trucks(actor, journey_id, ids, version=_version())
        said = f"{len(ids)} truck{'' if len(ids) == 1 else 's'} saved" if ids else "no truck now"
        return Told(f"{_name(card)}: {said}", clashes)

    return _act("trucks", journey_id, act)


@blueprint.post("/problem")
@requires(Permission.EDIT_JOBS)
def problem(journey_id: int) -> ResponseReturnValue:
    """Say what is wrong with it, or that nothing is any more (`clear`)."""

    def act(actor: Actor, card: Card) -> Told:
        is_solved = "clear" in request.form
        text = "" if is_solved else _text("text")
        if not text and not is_solved:
            sentence = "Say in a few words what is wrong."
            raise InvalidInput(sentence, fields={"text": sentence})
        service.report_problem(actor, journey_id, text)
        return Told(f"{_name(card)}: {'the problem is solved' if is_solved else 'problem noted'}")

    return _act("problem", journey_id, act)


@blueprint.post("/seen")
@requires(Permission.EDIT_JOBS)
def seen(journey_id: int) -> ResponseReturnValue:
    """Note that this person has seen what changed, as far as it was on their page."""

    def act(actor: Actor, card: Card) -> Told:
        service.look(actor, [journey_id], drawn_at=_drawn_at())
        return Told(f"{_name(card)}: change seen")

    return _act("move", journey_id, act)


def _act(kind: str, journey_id: int, act: Callable[[Actor, Card], Told]) -> Response:
    """Do something and answer with the board, or with the form again and why not."""
    actor = current_actor()
    card = queries.journey(actor, journey_id).card
    try:
        told = act(actor, card)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(kind, actor, journey_id, refusal)
    return _answer(actor, journey_id, told)


def _answer(actor: Actor, journey_id: int, told: Told) -> Response:
    view = current_view()
    if not is_fragment() or view is None:
        flash(told.text, "done")
        for clash in told.warnings:
            flash(clash.text, "warning")
        return go_to(_back())
    values = values_of(actor, view)
    response = make_response(render_template("journeys/_answer.html", told=told, about=journey_id, **values))
    response.headers["HX-Trigger-After-Settle"] = "jobDone"
    response.headers["X-Job"] = str(journey_id)
    return response


def _form(kind: str, actor: Actor, journey_id: int, refusal: Refusal | None = None) -> Response:
    """The form of that kind: at first as things are, after a refusal as it was filled in."""
    detail = queries.journey(actor, journey_id)
    values = {
        "kind": kind,
        "card": detail.card,
        "detail": detail,
        "label": _name(detail.card),
        "refusal": refusal,
        "faults": refusal.fields if isinstance(refusal, InvalidInput) else {},
        "back": _back(),
        **_KINDS[kind](actor, detail, refusal is not None),
    }
    template = "journeys/_dialog.html" if is_fragment() else "journeys/dialog.html"
    response = make_response(render_template(template, **values), refusal.status if refusal else 200)
    if refusal and is_fragment():
        response.headers["HX-Retarget"] = "#dialog-body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _for_move(actor: Actor, detail: Detail, is_again: bool) -> dict[str, Any]:
    asked = request.values.get("to", "")
    steps = [step for step in (detail.forward, detail.back) if step]
    wanted = asked if asked in [step.to for step in steps] else ""
    return {"steps": steps, "to": wanted or (steps[0].to if steps else ""), "reason": _text("reason")}


def _for_crew(actor: Actor, detail: Detail, is_again: bool) -> dict[str, Any]:
    ticked = _ids("user_ids") if is_again else None
    choices = queries.crew_choices(actor, card=detail.card)
    return {"options": [option_of(choice, ticked, choice.role.capitalize()) for choice in choices]}


def _for_trucks(actor: Actor, detail: Detail, is_again: bool) -> dict[str, Any]:
    ticked = _ids("truck_ids") if is_again else None
    return {"options": [option_of(choice, ticked) for choice in queries.truck_choices(actor, card=detail.card)]}


def _for_problem(actor: Actor, detail: Detail, is_again: bool) -> dict[str, Any]:
    return {"text": _text("text") if is_again else detail.card.problem}


_KINDS: dict[str, Callable[[Actor, Detail, bool], dict[str, Any]]] = {
    "move": _for_move,
    "crew": _for_crew,
    "trucks": _for_trucks,
    "problem": _for_problem,
}


def _back() -> str:
    view = current_view()
    return view.address() if view else came_from() or PAGE


def _name(card: Card) -> str:
    return label_of(card.job_number, card.customer_name)


def _stage() -> Stage:
    try:
        return Stage(request.form.get("to", ""))
    except ValueError:
        raise InvalidInput("Choose a stage.", fields={"to": "Choose a stage."}) from None


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\x00", "").strip()[:LONGEST]


def _ids(name: str) -> list[int]:
    given = request.form.getlist(name)
    return [int(each) for each in given if each.isascii() and each.isdigit() and len(each) < 12]


def _version() -> int | None:
    return request.form.get("version", type=int)


def _drawn_at() -> datetime | None:
    try:
        drawn_at = datetime.fromisoformat(request.form.get("drawn_at", ""))
    except ValueError:
        return None
    return drawn_at if drawn_at.tzinfo else None
