"""The page of trucks: by location, which are in use, and how many jobs each has today."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput, Refusal
from webapp.htmx import go_to, is_fragment
from webapp.journeys import queries, service
from webapp.journeys.cards import Wanted
from webapp.journeys.choices import TruckRow
from webapp.journeys.entries import plain
from webapp.journeys.places import places

PAGE = "/journeys/trucks"
LONGEST = 200
blueprint = Blueprint("trucks", __name__, url_prefix=PAGE)


@dataclass(frozen=True)
class Yard:
    """The trucks of one location."""

    location: str
    trucks: tuple[TruckRow, ...]


@blueprint.get("")
@requires(Permission.VIEW_JOBS)
def page() -> ResponseReturnValue:
    """All trucks in scope."""
    return _page(current_actor())


@blueprint.post("")
@requires(Permission.EDIT_JOBS)
def add() -> ResponseReturnValue:
    """Add a truck at a location."""
    name, location = _text("name"), _text("location")

    def act(actor: Actor) -> str:
        service.add_truck(actor, location, name)
        return f"{name} is at {location} now."

    return _done(act)


@blueprint.post("/<int:truck_id>/name")
@requires(Permission.EDIT_JOBS)
def rename(truck_id: int) -> ResponseReturnValue:
    """Give a truck another name."""
    name = _text("name")

    def act(actor: Actor) -> str:
        service.rename_truck(actor, truck_id, name)
        return f"It is called {name} now."

    return _done(act, truck_id)


@blueprint.post("/<int:truck_id>/use")
@requires(Permission.EDIT_JOBS)
def use(truck_id: int) -> ResponseReturnValue:
    """Take a truck out of use, or back into it."""
    is_active = request.form.get("is_active") == "yes"

    def act(actor: Actor) -> str:
        service.set_truck_active(actor, truck_id, is_active)
        return "The truck is in use again." if is_active else "The truck is out of use."

    return _done(act, truck_id)


def _done(act: Callable[[Actor], str], truck_id: int | None = None) -> ResponseReturnValue:
    """Act, and show the page as it is then; a refusal is said where it was asked for, the typed name kept."""
    actor = current_actor()
    try:
        flash(act(actor), "done")
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        words = f"The name {refusal.sentence}." if isinstance(refusal, InvalidInput) else refusal.sentence
        return _page(actor, fault=(truck_id, words), status=refusal.status)
    return _page(actor) if is_fragment() else go_to(PAGE)


def _page(actor: Actor, fault: tuple[int | None, str] | None = None, status: int = 200) -> Response:
    jobs: dict[int, int] = {}
    for card in queries.journeys_on(actor, Wanted()):
        for truck in card.trucks:
            jobs[truck.id] = jobs.get(truck.id, 0) + 1
    by_location = groupby(queries.trucks(actor), key=lambda row: row.location)
    body = render_template(
        "journeys/_trucks.html" if is_fragment() else "journeys/trucks.html",
        yards=[Yard(location, tuple(rows)) for location, rows in by_location],
        locations=[name for _, name in places(actor)],
        jobs=jobs,
        may_edit=actor.may(Permission.EDIT_JOBS),
        fault_of=fault[0] if fault else None,
        fault=fault[1] if fault else "",
        typed=_text("name") if fault else "",
        chosen=_text("location"),
        is_fragment=is_fragment(),
    )
    return make_response(body, status)


def _text(name: str) -> str:
    return plain(request.form.get(name, "")).strip()[:LONGEST]
