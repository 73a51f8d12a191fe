"""Why not, and who was left out: pages for any vehicle, partner and days, and fragments for the builder's dialog."""

from flask import Blueprint, request
from pydantic import ConfigDict, Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.panels.views import Asked, panel
from webapp.chains.api import PartnerChainQuery, VehicleChainQuery
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.looking import suggesting
from webapp.chains.panels.left_out_page import draw_left_out
from webapp.chains.panels.why_reading import read_why
from webapp.jsonapi import Day, QueryId, read_query
from webapp.loans.periods import Period

blueprint = Blueprint("chain_reasons", __name__, url_prefix="/chains")


class WhyAsked(Asked):
    """A vehicle, a partner, the days of the loan; and, where the rest of a draft is to count, which loan of it."""

    vin: str = Field(min_length=1, max_length=40)
    person_id: QueryId
    start: Day
    end: Day
    draft: str = Field(default="", max_length=36)
    loan: QueryId = 0


class OfPartner(PartnerChainQuery):
    """A partner chain as a suggestion is asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class OfVehicle(VehicleChainQuery):
    """A vehicle chain as a suggestion is asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@blueprint.get("/why-not")
@requires(Permission.VIEW_LOANS)
def why_not() -> str:
    """Everything the rules say of it at once, and what would mend each."""
    asked = read_query(WhyAsked)
    wanted = Period(asked.start, asked.end)
    found = read_why(current_actor(), asked.vin, asked.person_id, wanted, draft_id=asked.draft, loan=asked.loan)
    return panel("chains/_why_not.html", "Why not?", why=found)


@blueprint.get("/left-out")
@requires(Permission.VIEW_LOANS)
def left_out() -> str:
    """Everybody who fits in no loan of the chain, by reason."""
    actor, draft_id = current_actor(), request.args.get("draft", "")
    ask, first = _of_draft(actor, draft_id) if draft_id else _of_query(actor)
    page = draw_left_out(suggesting.left_out(actor, ask), ask, first, draft_id)
    return panel("chains/_left_out.html", page.title, left_out=page)


def _of_draft(actor: Actor, draft_id: str) -> tuple[Ask, Period | None]:
    draft = draft_queries.opened(actor, draft_id)
    return draft.ask_as_it_stands, draft.slots[0].period if draft.slots else None


def _of_query(actor: Actor) -> tuple[Ask, Period | None]:
    if request.args.get("vin"):
        of_vehicle = read_query(OfVehicle)
        ask = of_vehicle.ask(Kind.VEHICLE, vin=of_vehicle.vin)
    else:
        of_partner = read_query(OfPartner)
        ask = of_partner.ask(Kind.PARTNER, person_id=of_partner.person_id)
    slots = suggesting.threaded(actor, ask).slots
    return ask, slots[0].period if slots else None
