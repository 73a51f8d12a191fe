"""The pages of saved chains: one chain with its loans, and the list of chains, also as a part of another page."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import offices
from webapp.calendar.filters import name_in
from webapp.calendar.forms import read_day, read_number
from webapp.calendar.reading import today_at
from webapp.chains.panels.picture_reading import saved as saved_chain
from webapp.chains.saved.answers import whole
from webapp.chains.saved.page import read_page
from webapp.chains.saved.panels import read_around, read_facts
from webapp.chains.saved.queries import PAGE, ChainFilters, ChainList, When, saved_chains
from webapp.errors import NotFound
from webapp.htmx import go_to, is_fragment

blueprint = Blueprint("saved_chains", __name__, url_prefix="/chains")
FIELDS = 100


@blueprint.get("/<uuid:chain_id>")
@requires(Permission.VIEW_LOANS)
def chain(chain_id: UUID) -> ResponseReturnValue:
    """A saved chain; `?run=` also shows the report of that run."""
    actor = current_actor()
    return whole(actor, read_page(actor, str(chain_id), run_id=_uuid(request.args.get("run", ""))))


@blueprint.get("/<uuid:chain_id>/around")
@requires(Permission.VIEW_LOANS)
def around(chain_id: UUID) -> ResponseReturnValue:
    """What changes around a chain with its loans, to take the place of what a page shows; `month` is the one shown."""
    if not is_fragment():
        return go_to(f"/chains/{chain_id}")
    actor = current_actor()
    chain = saved_chain(actor, str(chain_id))
    month = read_day(f"{request.args.get('month', '')}-01")
    around, facts = read_around(actor, chain, month), read_facts(actor, chain)
    return render_template("chains/_saved_around.html", around=around, facts=facts, swapped=True)


@blueprint.get("/saved")
@requires(Permission.VIEW_LOANS)
def saved() -> ResponseReturnValue:
    """The list of saved chains: a page, or for HTMX the list alone."""
    actor = current_actor()
    filters = read_filters(request.args)
    values = _values(actor, filters)
    if not is_fragment():
        return render_template("chains/saved_list.html", **values)
    response = make_response(render_template("chains/_saved_list.html", **values))
    if urlsplit(request.headers.get("HX-Current-URL", "")).path == PAGE:
        response.headers["HX-Push-Url"] = filters.address(filters.page)
    return response


def saved_list(actor: Actor, filters: ChainFilters | None = None) -> Markup:
    """The list as a part of another page: what is still to come, unless told otherwise."""
    return Markup(render_template("chains/_saved_list.html", **_values(actor, filters or ChainFilters())))


def read_filters(values: Mapping[str, str]) -> ChainFilters:
    """The list that an address asks for. Never fails: what cannot be read filters nothing."""
    words = {name: name_in(values.get(name, ""))[:FIELDS] for name in ("office", "partner", "vehicle")}
    try:
        when = When(values.get("when", ""))
    except ValueError:
        when = When.COMING
    maker, page = (read_number(values.get(name, "")) for name in ("maker", "page"))
    return ChainFilters(**words, maker=maker, when=when, page=max(1, page or 1))


def _values(actor: Actor, filters: ChainFilters) -> dict[str, Any]:
    if filters.office and not actor.reaches(actor.company_id, filters.office):
        raise NotFound(f"There is no office {filters.office[:60]} that you may see.")
    found: ChainList = saved_chains(actor, filters, today_at(actor, ""))
    return {"saved": found, "offices": offices(actor), "whens": WHENS}


WHENS = ((When.COMING, "Not over yet"), (When.PAST, "Over"), (When.ALL, "All"))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
