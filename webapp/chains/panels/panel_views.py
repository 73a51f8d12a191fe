"""The panels beside a chain, each with an address of its own: a fragment for HTMX, else a page around it."""

import re
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from pydantic import ConfigDict, Field, field_validator

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.panels.budget_reading import read_budget, read_budget_of
from webapp.chains.panels.map_reading import read_map
from webapp.chains.panels.partner_facts import read_partner
from webapp.chains.panels.picture_reading import read_picture
from webapp.chains.panels.timeline_reading import read_timeline
from webapp.chains.panels.vehicle_facts import read_vehicle
from webapp.errors import InvalidInput
from webapp.htmx import is_fragment
from webapp.jsonapi import Day, Input, QueryId, read_query

# As far as a loan may lie.
MONTH = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])", re.ASCII)
blueprint = Blueprint("chain_panels", __name__, url_prefix="/chains")


class Asked(Input):
    """What an address names; the builder's form sends all its fields along, and those of no use here are left."""

    model_config = ConfigDict(extra="ignore", frozen=True)


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


class PartnerAsked(Asked):
    """The office that asks; `all` shows every previous loan."""

    office: str = Field(min_length=1, max_length=120)
    all: bool = False


class VehicleAsked(Asked):
    """`all` shows every previous loan."""

    all: bool = False


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
    return panel("budget", f"Available to spend, {found.office}", budget=found)


@blueprint.get("/partners/<int:person_id>")
@requires(Permission.VIEW_LOANS)
def partner(person_id: int) -> str:
    """A partner's facts, with what they have and had."""
    asked = read_query(PartnerAsked)
    found = read_partner(current_actor(), person_id, asked.office, is_all=asked.all)
    return panel("partner", found.name, partner=found)


@blueprint.get("/vehicles/<vin>")
@requires(Permission.VIEW_LOANS)
def vehicle(vin: str) -> str:
    """A vehicle's facts, where it is, who had it."""
    found = read_vehicle(current_actor(), vin, is_all=read_query(VehicleAsked).all)
    return panel("vehicle", f"{found.name} {found.short_vin}", vehicle=found)


@blueprint.get("/timeline")
@requires(Permission.VIEW_LOANS)
def timeline() -> str:
    """A month of a chain and of what surrounds it."""
    actor, asked = current_actor(), read_query(TimelineAsked)
    found = read_timeline(actor, read_picture(actor, asked.draft, asked.chain), asked.month)
    return panel("timeline", f"Timeline, {found.month.name}", timeline=found)


@blueprint.get("/map")
@requires(Permission.VIEW_LOANS)
def hop_map() -> str:
    """Where a chain leads."""
    actor, asked = current_actor(), read_query(ChainAsked)
    return panel("map", "Hops", map=read_map(actor, read_picture(actor, asked.draft, asked.chain)))


def panel(name: str, title: str, **values: Any) -> str:
    """`templates/chains/_<name>.html` alone, or as a page with that title."""
    fragment = f"chains/_{name}.html"
    if is_fragment():
        return render_template(fragment, **values)
    return render_template("chains/panel.html", fragment=fragment, title=title, **values)
