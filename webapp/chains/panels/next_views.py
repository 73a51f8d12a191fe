"""Possible next partners of a vehicle: a fragment for a panel beside the calendar, or a page."""

from flask import Blueprint
from pydantic import Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.calendar.panels.views import Asked, panel
from webapp.chains.looking.next_partners import next_partners
from webapp.chains.panels.next_partners_page import draw_next
from webapp.jsonapi import Day, read_query
from webapp.loans.periods import Period

blueprint = Blueprint("chain_next", __name__, url_prefix="/chains")


class NextAsked(Asked):
    """A vehicle, and the days of the loan that somebody could have."""

    vin: str = Field(min_length=1, max_length=40)
    start: Day
    end: Day


@blueprint.get("/next-partners")
@requires(Permission.VIEW_LOANS)
def possible_next() -> str:
    """Who could have the vehicle on these days, best first; how many could not, with the way to why."""
    actor, asked = current_actor(), read_query(NextAsked)
    wanted = Period(asked.start, asked.end)
    page = draw_next(next_partners(actor, asked.vin, wanted), wanted, may_plan=actor.may(Permission.PLAN_LOANS))
    return panel("chains/_next_partners.html", page.title, next=page)
