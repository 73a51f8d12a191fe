"""The calendar page: whole, as the part that HTMX swaps, as a list by day; and the cards of its bars."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import offices
from webapp.calendar import batch_panel
from webapp.calendar.asked import Target, asked_view, opened, showing, target, usual_office
from webapp.calendar.capacity_reading import read_day_line
from webapp.calendar.card import card_of_activity, card_of_loan
from webapp.calendar.days import by_day
from webapp.calendar.filter_chips import chips, toolbar_choices
from webapp.calendar.filters import PAGE, Filters, view_in
from webapp.calendar.looks import LEGEND, WORDS, Look
from webapp.calendar.permalinks import gone
from webapp.calendar.reading import read_drawn, today_at
from webapp.errors import NotFound
from webapp.htmx import is_by_htmx, is_fragment, is_own_address
from webapp.loans import changes

blueprint = Blueprint("calendar", __name__, url_prefix=PAGE)


@blueprint.get("")
@requires(Permission.VIEW_LOANS)
def page() -> ResponseReturnValue:
    """The board with its filters; for HTMX only that, and the address to show."""
    actor = current_actor()
    filters, wanted = view_asked_for(actor), target(actor, request.args)
    if wanted:
        filters = showing(filters, wanted)
    if not is_fragment():
        return page_of(actor, filters, wanted=wanted)
    values = _values(actor, filters, wanted)
    response = make_response(render_template("calendar/_swap.html", **values))
    response.headers["HX-Push-Url"] = values["filters"].address()
    return response


@blueprint.get("/days")
@requires(Permission.VIEW_LOANS)
def list_by_day() -> ResponseReturnValue:
    """The same view as a list by day: what a narrow screen shows."""
    actor = current_actor()
    filters = view_asked_for(actor)
    found, board = read_drawn(actor, filters)
    past, days = by_day(filters, board.rows, read_day_line(actor, filters, found))
    return render_template(
        "calendar/_days.html" if is_fragment() else "calendar/days.html",
        filters=filters,
        past=past,
        days=days,
        idle=[row for row in board.rows if not row.bars],
        may_plan=actor.may(Permission.PLAN_LOANS),
        # The form for several loans at once is on the page that asks for the list.
        may_choose=is_fragment(),
    )


@blueprint.get("/loans/<int:assignment_id>")
@requires(Permission.VIEW_LOANS)
def loan_card(assignment_id: int) -> ResponseReturnValue:
    """The card of a loan: at its bar, or as a page of its own."""
    actor = current_actor()
    try:
        card = card_of_loan(actor, assignment_id)
    except NotFound:
        raise gone(actor, assignment_id) from None
    return _card(card)


@blueprint.get("/activities/<int:activity_id>")
@requires(Permission.VIEW_LOANS)
def activity_card(activity_id: int) -> ResponseReturnValue:
    """The card of a row of FMS's own calendar."""
    actor = current_actor()
    return _card(card_of_activity(actor, activity_id, today_at(actor, "")))


def page_of(actor: Actor, filters: Filters, status: int = 200, *, wanted: Target | None = None) -> Response:
    """The whole page in that view, open at what is `wanted`."""
    batch = batch_panel.latest(actor)
    response = make_response(render_template("calendar/page.html", batch=batch, **_values(actor, filters, wanted)))
    response.status_code = status
    return response


def current_view(actor: Actor) -> Filters | None:
    """The view that the person acted from: the page HTMX names, a form's `back`, or where the request came from."""
    if is_by_htmx():
        address = request.headers.get("HX-Current-URL", "")
    else:
        address = request.values.get("back", "") or request.referrer or ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = f"{parts.path}?{parts.query}"
    if parts.netloc not in ("", request.host) or not is_own_address(path):
        return None
    # The office decides which day it is there.
    usual = usual_office(actor)
    found = view_in(path, today_at(actor, ""), usual)
    return view_in(path, today_at(actor, found.office), usual) if found and found.office else found


def view_asked_for(actor: Actor) -> Filters:
    """The view of this address. Raises `NotFound` for an office that the person may not see."""
    return asked_view(actor, request.args)


def calendar_again(actor: Actor, filters: Filters) -> str:
    """All of a view but the page around it, for a page that is open."""
    return render_template("calendar/_calendar.html", **_values(actor, filters))


def _card(card: Any) -> str:
    template = "calendar/_card.html" if is_fragment() else "calendar/card.html"
    view = current_view(current_actor())
    return render_template(template, card=card, back=view.address() if view else PAGE)


def _values(actor: Actor, filters: Filters, wanted: Target | None = None) -> dict[str, Any]:
    # Before anything is read: what changes meanwhile is drawn twice rather than never.
    live = changes.latest()
    found, board = read_drawn(actor, filters)
    if wanted and filters.is_narrowed and not board.shows(wanted.card, wanted.row):
        filters = filters.without_filters().warned("Filters hid what you looked for; they are off now.")
        found, board = read_drawn(actor, filters)
    listed = offices(actor)
    if listed and filters.office not in ("", *listed):
        filters = filters.warned(f"FMS lists no office \u201c{filters.office[:60]}\u201d now.")
    return {
        "filters": filters,
        "board": board,
        "line": read_day_line(actor, filters, found),
        "offices": listed,
        "chips": chips(filters),
        "choices": toolbar_choices(filters, board.makes, listed),
        "looks": [(look, WORDS[look]) for look in Look],
        "legend": [(look, WORDS[look]) for look in LEGEND],
        "fms_url": current_app.extensions["settings"].fms_url,
        "may_plan": actor.may(Permission.PLAN_LOANS),
        "opens": opened(request.args),
        "live": live,
        "row_opened": wanted.row if wanted else "",
    }
