"""The dispatch board as a page, as the part that HTMX morphs, and as the answer to "has anything changed?"."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.htmx import is_by_htmx, is_fragment, is_own_address
from webapp.journeys import queries
from webapp.journeys.board import Board, board_of
from webapp.journeys.board_filters import PAGE, Columns, Filters, read_filters, view_in
from webapp.journeys.days import zone
from webapp.journeys.left import Left, left
from webapp.journeys.search import found
from webapp.journeys.stages import Stage

blueprint = Blueprint("board", __name__, url_prefix=PAGE)


@blueprint.get("")
@requires(Permission.VIEW_JOBS)
def page() -> ResponseReturnValue:
    """The board of a day; for HTMX only what is drawn again, and the address to show."""
    actor = current_actor()
    filters = filters_of(request.args)
    if not is_fragment():
        return render_template("journeys/board.html", **values_of(actor, filters))
    response = make_response(render_template("journeys/_board.html", **values_of(actor, filters)))
    response.headers["HX-Push-Url"] = filters.address()
    return response


@blueprint.get("/changes")
@requires(Permission.VIEW_JOBS)
def changes() -> ResponseReturnValue:
    """204 while nothing changed since `mark`; the age of the data where this view shows the same; else the board.

    `X-Board-Mark` is the mark to ask with next time.
    """
    actor = current_actor()
    mark = mark_of(actor)
    if request.args.get("mark") == mark:
        return Response(status=204)
    values = values_of(actor, filters_of(request.args), mark)
    if request.args.get("hash") == values["board"].hash:
        response = make_response(render_template("journeys/_age.html", is_swapped=True))
        response.headers["HX-Reswap"] = "none"
    else:
        response = make_response(render_template("journeys/_board.html", **values))
    response.headers["X-Board-Mark"] = mark
    return response


def filters_of(values: Any) -> Filters:
    """The view that `values` of an address ask for."""
    return read_filters(values, clock.today(zone(None)))


def current_view() -> Filters | None:
    """The board that the person acted from: what HTMX names, or a form's `back`; None for another page."""
    address = came_from()
    return view_in(address, clock.today(zone(None))) if address else None


def came_from() -> str:
    """The address of ours that the person acted from; empty where it is unknown or not ours."""
    if is_by_htmx():
        address = request.headers.get("HX-Current-URL", "")
    else:
        address = request.values.get("back", "") or request.referrer or ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if parts.netloc in ("", request.host) and is_own_address(path) else ""


def mark_of(actor: Actor) -> str:
    """What changes whenever a board may: the company's number, and the minute, with which days and ages change."""
    return f"{queries.mark_for(actor)}.{int(clock.now().timestamp()) // 60}"


def read_board(actor: Actor, filters: Filters, gone: Sequence[Left] = ()) -> Board:
    """The board in that view, on which it is told what left it."""
    return board_of(queries.journeys_on(actor, filters.wanted), filters, gone)


def values_of(actor: Actor, filters: Filters, mark: str | None = None) -> dict[str, Any]:
    """What the board's templates print. The mark is read before the jobs: a change in between is drawn twice."""
    mark = mark_of(actor) if mark is None else mark
    gone = left(actor, filters.wanted)
    board = read_board(actor, filters, gone)
    return {
        "mark": mark,
        "board": board,
        "left": gone,
        "elsewhere": [] if board.shown else found(actor, filters.q),
        "filters": filters,
        "locations": queries.locations(actor),
        "stages": list(Stage),
        "columns": list(Columns),
        "may_edit": actor.may(Permission.EDIT_JOBS),
        "sees_all": actor.may(Permission.ALL_LOCATIONS),
        "drawn_at": clock.now().isoformat(),
    }
