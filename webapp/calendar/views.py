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
from webapp.calendar.card import card_of_activity, card_of_loan
from webapp.calendar.days import by_day
from webapp.calendar.filters import PAGE, Filters, name_in, read_filters, view_in
from webapp.calendar.looks import LEGEND, WORDS, Look
from webapp.calendar.reading import read_board, today_at
from webapp.errors import NotFound
from webapp.htmx import is_by_htmx, is_fragment, is_own_address

blueprint = Blueprint("calendar", __name__, url_prefix=PAGE)


@blueprint.get("")
@requires(Permission.VIEW_LOANS)
def page() -> ResponseReturnValue:
    """The board with its filters; for HTMX only that, and the address to show."""
    actor = current_actor()
    filters = view_asked_for(actor)
    if not is_fragment():
        return page_of(actor, filters)
    response = make_response(render_template("calendar/_calendar.html", **_values(actor, filters)))
    response.headers["HX-Push-Url"] = filters.address()
    return response


@blueprint.get("/days")
@requires(Permission.VIEW_LOANS)
def list_by_day() -> ResponseReturnValue:
    """The same view as a list by day: what a narrow screen shows."""
    actor = current_actor()
    filters = view_asked_for(actor)
    board = read_board(actor, filters)
    template = "calendar/_days.html" if is_fragment() else "calendar/days.html"
    past, days = by_day(filters, board.rows)
    return render_template(template, filters=filters, past=past, days=days)


@blueprint.get("/loans/<int:assignment_id>")
@requires(Permission.VIEW_LOANS)
def loan_card(assignment_id: int) -> ResponseReturnValue:
    """The card of a loan: at its bar, or as a page of its own."""
    return _card(card_of_loan(current_actor(), assignment_id))


@blueprint.get("/activities/<int:activity_id>")
@requires(Permission.VIEW_LOANS)
def activity_card(activity_id: int) -> ResponseReturnValue:
    """The card of a row of FMS's own calendar."""
    actor = current_actor()
    return _card(card_of_activity(actor, activity_id, today_at(actor, "")))


def page_of(actor: Actor, filters: Filters, status: int = 200) -> Response:
    """The whole page in that view."""
    batch = batch_panel.latest(actor)
    response = make_response(render_template("calendar/page.html", batch=batch, **_values(actor, filters)))
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
    found = view_in(path, today_at(actor, ""))
    return view_in(path, today_at(actor, found.office)) if found and found.office else found


def view_asked_for(actor: Actor) -> Filters:
    """The view of this address. Raises `NotFound` for an office that the person may not see."""
    office = name_in(request.args.get("office", ""))
    if office and not actor.reaches(actor.company_id, office):
        raise NotFound(f"There is no office {office[:60]} that you may see.")
    return read_filters(request.args, today_at(actor, office))


def _card(card: Any) -> str:
    template = "calendar/_card.html" if is_fragment() else "calendar/card.html"
    view = current_view(current_actor())
    return render_template(template, card=card, back=view.address() if view else PAGE)


def _values(actor: Actor, filters: Filters) -> dict[str, Any]:
    board = read_board(actor, filters)
    return {
        "filters": filters,
        "board": board,
        "offices": offices(actor),
        "looks": [(look, WORDS[look]) for look in Look],
        "legend": [(look, WORDS[look]) for look in LEGEND],
        "fms_url": current_app.extensions["settings"].fms_url,
        "may_plan": actor.may(Permission.PLAN_LOANS),
        "opens": _opens(),
    }


def _opens() -> str:
    """The card that the address asks to have opened."""
    for name, path in (("loan", "loans"), ("activity_id", "activities")):
        number = request.args.get(name, "")
        if number.isascii() and number.isdigit():
            return f"{PAGE}/{path}/{number}"
    return ""
