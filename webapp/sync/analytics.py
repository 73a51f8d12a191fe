"""The analytics page: jobs, what they are worth, who works on them, calls to SmartMoving, and how its sync fares.

It stands here, above journeys and SmartMoving, as neither of these may know the other.
"""

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.errors import NotFound
from webapp.exports import csv_lines
from webapp.journeys import queries
from webapp.journeys.counts import Asked
from webapp.journeys.figures import figures
from webapp.journeys.sections import sections, tiles
from webapp.journeys.tables import Section
from webapp.sync.sync_sections import sync_sections

PAGE = "/analytics"
DAYS_BACK, DAYS_AHEAD, MOST_DAYS = 30, 7, 366
pages = Blueprint("analytics", __name__, url_prefix=PAGE)


@pages.get("")
@requires(Permission.VIEW_JOBS)
def page() -> ResponseReturnValue:
    """The charts, each with its table; by location and days, which are in the address."""
    actor = current_actor()
    asked, today, notice = _asked(actor)
    found = figures(actor, asked)
    return render_template(
        "analytics/page.html",
        asked=asked,
        notice=notice,
        tiles=tiles(found),
        sections=[*sections(found), *sync_sections(actor, asked)],
        locations=queries.locations(actor),
        spans=_spans(today, asked),
        query=_query(asked),
    )


@pages.get("/<code>.csv")
@requires(Permission.VIEW_JOBS)
def file(code: str) -> Response:
    """One table of the page as a file for spreadsheets."""
    actor = current_actor()
    asked, _, _ = _asked(actor)
    section = next((each for each in _all(actor, asked) if each.code == code), None)
    if section is None:
        raise NotFound
    response = Response("".join(csv_lines(section.header, section.file_rows())), mimetype="text/csv")
    name = f"{code}-{asked.first.isoformat()}-{asked.last.isoformat()}.csv"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _all(actor: Actor, asked: Asked) -> list[Section]:
    return [*sections(figures(actor, asked)), *sync_sections(actor, asked)]


def _asked(actor: Actor) -> tuple[Asked, date, str]:
    """What the address asks for, the day it is there, and what was wrong with the address.

    Raises `NotFound` for a location that the person may not see.
    """
    location = request.args.get("location", "").replace("\x00", "").strip() or None
    if location is not None and not actor.reaches(actor.company_id, location):
        raise NotFound(f"There is no location {location[:60]} that you may see.")
    today = clock.today(zone_of(actor.company_id, location) if location else _default_zone())
    first, last, notice = days_in(request.args, today)
    return Asked(first, last, location), today, notice


def days_in(values: Mapping[str, str], today: date) -> tuple[date, date, str]:
    """The days an address asks for, both included, and a sentence where it could not be followed. Never fails."""
    usual = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    first, last = _day(values.get("first", "")), _day(values.get("last", ""))
    if (values.get("first") and first is None) or (values.get("last") and last is None):
        return *usual, "The dates in the address could not be read; these are the usual days."
    if first is None:
        first = min(usual[0], last) if last else usual[0]
    if last is None:
        last = max(usual[1], first)
    if last < first:
        return *usual, "The last day was before the first; these are the usual days."
    if (last - first).days >= MOST_DAYS:
        return first, first + timedelta(days=MOST_DAYS - 1), f"At most {MOST_DAYS} days are counted at once."
    return first, last, ""


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None


def _spans(today: date, asked: Asked) -> list[tuple[str, str, bool]]:
    """Days that are often asked for: words, address, whether they are shown now."""
    first_of_month = today.replace(day=1)
    offered = (
        ("Last 30 days and a week ahead", today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)),
        ("Today and tomorrow", today, today + timedelta(days=1)),
        ("This month", first_of_month, (first_of_month + timedelta(days=31)).replace(day=1) - timedelta(days=1)),
        ("Last month", (first_of_month - timedelta(days=1)).replace(day=1), first_of_month - timedelta(days=1)),
    )
    return [
        (words, f"{PAGE}?{_query(Asked(first, last, asked.location))}", (first, last) == (asked.first, asked.last))
        for words, first, last in offered
    ]


def _query(asked: Asked) -> str:
    values = {"first": asked.first.isoformat(), "last": asked.last.isoformat()}
    return urlencode({**values, "location": asked.location} if asked.location else values)


def _default_zone() -> tzinfo:
    zone: tzinfo = current_app.extensions["settings"].zone
    return zone
