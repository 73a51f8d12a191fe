"""Saved views in the browser: the menu, the page on which they are kept in order, opening one, and the forms."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.asked import asked_view
from webapp.calendar.filter_chips import chips
from webapp.calendar.filters import PAGE, Filters
from webapp.calendar.saved_views import (
    LONGEST_NAME,
    delete_view,
    kept_view,
    kept_views,
    rename_view,
    replace_view,
    save_view,
    share_view,
)
from webapp.calendar.views import current_view
from webapp.dates import shown
from webapp.errors import InvalidInput
from webapp.htmx import go_to, is_fragment

blueprint = Blueprint("calendar_saved_views", __name__, url_prefix=f"{PAGE}/views")


@blueprint.get("")
@requires(Permission.VIEW_LOANS)
def page() -> ResponseReturnValue:
    """One's views and the shared ones: as the menu of the calendar, or as the page that keeps them in order."""
    return _page(current_actor())


@blueprint.post("")
@requires(Permission.VIEW_LOANS)
def save() -> ResponseReturnValue:
    """Keep the present view under a name."""
    actor = current_actor()
    view = _present(actor)
    try:
        saved = save_view(
            actor,
            request.form.get("name", ""),
            view,
            with_dates=_is_checked("with_dates"),
            is_shared=_is_checked("is_shared"),
        )
    except InvalidInput as fault:
        return _page(actor, fault, 422)
    flash(f"Saved as \u201c{saved.name}\u201d: Views opens it.", "done")
    return go_to(view.address())


@blueprint.get("/<int:view_id>")
@requires(Permission.VIEW_LOANS)
def open_view(view_id: int) -> ResponseReturnValue:
    """The calendar as the view keeps it."""
    return redirect(kept_view(current_actor(), view_id).target, 302)


@blueprint.post("/<int:view_id>/rename")
@requires(Permission.VIEW_LOANS)
def rename(view_id: int) -> ResponseReturnValue:
    """Give the view another name."""
    return _done(lambda actor: rename_view(actor, view_id, request.form.get("name", "")), "Renamed.")


@blueprint.post("/<int:view_id>/replace")
@requires(Permission.VIEW_LOANS)
def replace(view_id: int) -> ResponseReturnValue:
    """Let it stand for what is shown now."""

    def act(actor: Actor) -> None:
        replace_view(actor, view_id, _present(actor), with_dates=_is_checked("with_dates"))

    return _done(act, "Replaced by what the calendar showed.")


@blueprint.post("/<int:view_id>/share")
@requires(Permission.VIEW_LOANS)
def share(view_id: int) -> ResponseReturnValue:
    """Show it to everybody in the company, or to oneself alone again."""
    is_shared = request.form.get("is_shared") == "yes"
    told = "Shared with your company." if is_shared else "Yours alone again."
    return _done(lambda actor: share_view(actor, view_id, is_shared=is_shared), told)


@blueprint.post("/<int:view_id>/delete")
@requires(Permission.VIEW_LOANS)
def delete(view_id: int) -> ResponseReturnValue:
    """Forget it."""

    def act(actor: Actor) -> None:
        delete_view(actor, view_id)

    return _done(act, "Deleted.")


def _done(act: Callable[[Actor], None], told: str) -> Response:
    """Do it, and back to the page, which says so; with the fault where it could not be done."""
    actor = current_actor()
    try:
        act(actor)
    except InvalidInput as fault:
        return _page(actor, fault, 422)
    flash(told, "done")
    return go_to(f"{PAGE}/views?{_present(actor).address().partition('?')[2]}")


def _page(actor: Actor, fault: InvalidInput | None = None, status: int = 200) -> Response:
    view = _present(actor)
    is_menu = is_fragment() and request.method == "GET"
    body = render_template(
        "calendar/_views_menu.html" if is_menu else "calendar/views.html",
        views=kept_views(actor),
        view=view,
        chips=chips(view),
        days=f"{shown(view.window.first)} to {shown(view.window.last)}",
        fault=fault,
        name=request.form.get("name", ""),
        longest_name=LONGEST_NAME,
    )
    return make_response(body, status)


def _present(actor: Actor) -> Filters:
    """What the calendar shows: the view of the page acted from, else the one that this address is of."""
    return current_view(actor) or asked_view(actor, {} if request.method == "POST" else request.args)


def _is_checked(name: str) -> bool:
    return request.form.get(name) == "yes"
