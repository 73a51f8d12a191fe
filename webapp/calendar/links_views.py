"""The page of one's calendar links: make one and see its address this once, how to subscribe, revoke."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import offices, zone_of
from webapp.calendar import links
from webapp.calendar.filters import PAGE, name_in
from webapp.calendar.links import Subject
from webapp.calendar.models import LinkKind
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.htmx import go_to

blueprint = Blueprint("calendar_links", __name__, url_prefix=f"{PAGE}/links")
KINDS = {LinkKind.OFFICE: "Office", LinkKind.VEHICLE: "Vehicle", LinkKind.PARTNER: "Partner"}


@dataclass(frozen=True)
class Line:
    """One link as the page prints it."""

    id: int
    title: str
    kind: str
    made: str
    last_read: str
    is_open: bool


@blueprint.get("")
@requires(Permission.VIEW_LOANS)
def page() -> ResponseReturnValue:
    """One's links; `kind` and `subject` name what one is about to be made of."""
    actor = current_actor()
    try:
        wanted = _subject(actor) if request.args.get("kind") else None
    except Refusal as refusal:
        return _page(actor, refusal=refusal)
    return _page(actor, wanted=wanted)


@blueprint.post("")
@requires(Permission.VIEW_LOANS)
def make() -> ResponseReturnValue:
    """Make a link. The answer itself shows its address: it is nowhere else, and in no address of a page."""
    actor = current_actor()
    try:
        wanted, key = _wanted()
        subject, token = links.make_link(actor, wanted, key)
    except (NotFound, InvalidInput, links.TooManyLinks) as refusal:
        return _page(actor, refusal=refusal)
    address = url_for("calendar_ics.feed", token=token, _external=True)
    return _page(actor, made=subject, address=address)


@blueprint.post("/<int:link_id>/revoke")
@requires(Permission.VIEW_LOANS)
def revoke(link_id: int) -> ResponseReturnValue:
    """Close one for good."""
    title = links.revoke(current_actor(), link_id)
    flash(f"The link of {title} is revoked. Calendars that read it get nothing more.", "done")
    return go_to(f"{PAGE}/links")


@blueprint.post("/revoke-all")
@requires(Permission.VIEW_LOANS)
def revoke_all() -> ResponseReturnValue:
    """Close all of them for good."""
    count = links.revoke_all(current_actor())
    flash("All your links are revoked." if count else "There was no link to revoke.", "done")
    return go_to(f"{PAGE}/links")


def _wanted() -> tuple[LinkKind, str]:
    try:
        return LinkKind(request.values.get("kind", "")), name_in(request.values.get("subject", ""))[:200]
    except ValueError:
        raise InvalidInput("Say whether the link is of an office, a vehicle or a partner.") from None


def _subject(actor: Actor) -> Subject:
    return links.subject_of(actor, *_wanted())


def _page(
    actor: Actor,
    *,
    wanted: Subject | None = None,
    made: Subject | None = None,
    address: str = "",
    refusal: Refusal | None = None,
) -> ResponseReturnValue:
    zone = zone_of(actor.company_id, min(actor.locations, default=""))
    lines = [_line(link, zone) for link in links.links_of(actor)]
    body = render_template(
        "calendar/links.html",
        links=lines,
        offices=offices(actor),
        kinds=KINDS,
        wanted=wanted,
        made=made,
        address=address,
        # Opens the program for calendars at once, where there is one.
        subscribe=f"webcal://{address.partition('://')[2]}",
        refusal=refusal,
        most=links.MOST_LINKS,
    )
    return body, refusal.status if refusal else 200


def _line(link: links.Link, zone: tzinfo) -> Line:
    read = _at(link.last_read_at, zone) if link.last_read_at else "Not yet"
    return Line(link.id, link.title, KINDS[link.kind], _at(link.made_at, zone), read, link.is_open)


def _at(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%m-%d-%y %H:%M %Z")
