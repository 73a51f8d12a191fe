"""The panels beside a chain, each with an address of its own: a fragment for HTMX, else a page around it."""

import re
from datetime import date

from flask import Blueprint
from pydantic import Field, field_validator

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.calendar.panels import views
from webapp.calendar.panels.budget_reading import read_budget
from webapp.calendar.panels.views import Asked, panel
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.panels.draft_budget import read_budget_of
from webapp.chains.panels.map_reading import read_map
from webapp.chains.panels.picture_reading import read_picture
from webapp.chains.panels.timeline_reading import read_timeline
from webapp.errors import InvalidInput
from webapp.jsonapi import Day, QueryId, read_query

# As far as a loan may lie.
MONTH = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])", re.ASCII)
blueprint = Blueprint("chain_panels", __name__, url_prefix="/chains")
# The same panels as beside the calendar, under the builder's own addresses.
blueprint.add_url_rule("/partners/<int:person_id>", view_func=views.partner)
blueprint.add_url_rule("/vehicles/<vin>", view_func=views.vehicle)


class BudgetAsked(Asked):
    """Whose money, from when, and for whose chain; or the draft that says all that."""

    office: str = Field(default="", max_length=120)
    start: Day | None = None
    person_id: QueryId | None = None
    vin: str | None = Field(default=None, max_length=40)
    draft: str | None = Field(default=None, max_length=36)


class ChainAsked(Asked):
    """A draft, or a saved chain."""

    draft: str | None = Field(default=None, max_length=36)
    chain: str | None = Field(default=None, max_length=36)


class TimelineAsked(ChainAsked):
    """The month to show, as `2026-12`."""

    month: date | None = None

    @field_validator("month", mode="before")
    @classmethod
    def _first_day(cls, text: object) -> object:
        """The first day of the month that was named."""
        if not (isinstance(text, str) and MONTH.fullmatch(text)):
            raise ValueError("is not a month such as 2026-12")
        return date.fromisoformat(f"{text}-01")


@blueprint.get("/budget")
@requires(Permission.VIEW_LOANS)
def budget() -> str:
    """Available to spend, by make and quarter."""
    actor, asked = current_actor(), read_query(BudgetAsked)
    if asked.draft:
        found = read_budget_of(actor, draft_queries.opened(actor, asked.draft))
    elif asked.office:
        found = read_budget(actor, asked.office, asked.start, person_id=asked.person_id, vin=asked.vin)
    else:
        raise InvalidInput("Say for which office.", fields={"office": "Name an office, or a draft."})
    return panel("calendar/panels/_budget.html", f"Available to spend, {found.office}", budget=found)


@blueprint.get("/timeline")
@requires(Permission.VIEW_LOANS)
def timeline() -> str:
    """A month of a chain and of what surrounds it."""
    actor, asked = current_actor(), read_query(TimelineAsked)
    found = read_timeline(actor, read_picture(actor, asked.draft, asked.chain), asked.month)
    return panel("chains/_timeline.html", f"Timeline, {found.month.name}", timeline=found)


@blueprint.get("/map")
@requires(Permission.VIEW_LOANS)
def hop_map() -> str:
    """Where a chain leads."""
    actor, asked = current_actor(), read_query(ChainAsked)
    return panel("chains/_map.html", "Hops", map=read_map(actor, read_picture(actor, asked.draft, asked.chain)))
