"""What is known of a vehicle and of a partner, each with an address: a fragment for HTMX, else a page around it."""

from typing import Any

from flask import Blueprint, render_template
from pydantic import ConfigDict, Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.calendar.panels.partner_facts import read_partner
from webapp.calendar.panels.vehicle_facts import read_vehicle
from webapp.htmx import is_fragment
from webapp.jsonapi import Day, Input, read_query

blueprint = Blueprint("calendar_panels", __name__, url_prefix="/calendar")


class Asked(Input):
    """What an address names; a form around it sends all its fields along, and those of no use here are left."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class PartnerAsked(Asked):
    """The office that asks; `all` shows every previous loan."""

    office: str = Field(min_length=1, max_length=120)
    all: bool = False


class VehicleAsked(Asked):
    """`all` shows every previous loan; `day` is the one around which is told, too."""

    all: bool = False
    day: Day | None = None


@blueprint.get("/partners/<int:person_id>")
@requires(Permission.VIEW_LOANS)
def partner(person_id: int) -> str:
    """A partner's facts, with what they have and had."""
    asked = read_query(PartnerAsked)
    found = read_partner(current_actor(), person_id, asked.office, is_all=asked.all, is_whole=True)
    return panel("calendar/panels/_partner.html", found.name, partner=found)


@blueprint.get("/vehicles/<vin>")
@requires(Permission.VIEW_LOANS)
def vehicle(vin: str) -> str:
    """A vehicle's facts, where it is, who had it."""
    asked = read_query(VehicleAsked)
    found = read_vehicle(current_actor(), vin, is_all=asked.all, day=asked.day, is_whole=True)
    return panel("calendar/panels/_vehicle.html", f"{found.name} {found.short_vin}", vehicle=found)


def panel(fragment: str, title: str, **values: Any) -> str:
    """The template `fragment` alone, or as a page with that title."""
    if is_fragment():
        return render_template(fragment, **values)
    return render_template("calendar/panels/page.html", fragment=fragment, title=title, **values)
