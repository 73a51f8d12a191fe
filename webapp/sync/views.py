"""The sync page: how fresh each report is, what a run is doing now, what runs brought, and one more run."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, render_template, request

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import company_named
from webapp.calendar.shell import tabs
from webapp.clock import now
from webapp.errors import InvalidInput, NotFound
from webapp.exports import csv_lines
from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import expected_feeds, missing_feeds
from webapp.htmx import go_to, is_fragment
from webapp.settings import Settings
from webapp.sync import service
from webapp.sync.due import told_moment
from webapp.sync.overview import bad_rows, overview
from webapp.sync.page import TITLES, feed_lines, run_lines
from webapp.sync.plans import is_configured, nightly_of

PAGE = "/sync"
# Its address is known here, its view belongs to the feeds; it is linked where it exists and lets the person in.
OTHERS = (("/sync/imports", "Spreadsheets"),)
READERS = (Permission.VIEW_LOANS, Permission.READ_AUDIT)
pages = Blueprint("sync", __name__, url_prefix=PAGE)


@pages.get("")
@requires(*READERS)
def page() -> Response:
    """The page; as a fragment what changes while a run goes on, and the history when it has ended."""
    return _page()


@pages.post("/run")
@requires(Permission.RUN_SYNCS)
def run_now() -> Response:
    """Start a run or join the one that goes on. `anyway` names one report whose few rows are accepted, this once."""
    anyway = request.form.get("anyway", "")
    if anyway and anyway not in TITLES:
        raise InvalidInput("There is no report of that name.")
    begun = service.start("button", current_actor(), override_guard=frozenset({anyway} - {""}))
    is_joined = begun.lease is None
    if is_joined and anyway:
        message = ("refused", "A run is going on already, without your exception. Try again when it has ended.")
    elif is_joined:
        message = ("done", "A run is going on already; you see how far it is.")
    else:
        message = ("done", "The sync has begun.")
    if is_fragment():
        return _page(message)
    flash(message[1], message[0])
    return go_to(PAGE)


@pages.get("/runs/<int:run_id>/<name>.csv")
@requires(Permission.ALL_LOCATIONS)
def bad_rows_of(run_id: int, name: str) -> Response:
    """The bad rows of one report in one run, for who has to put them right: they are of every office."""
    rows = bad_rows(_company_id(current_actor()), run_id, name) if name in TITLES else None
    if rows is None:
        raise NotFound
    lines = csv_lines(("Line", "Reason", "Row"), ((row["line"], row["reason"], row["text"]) for row in rows))
    response = Response("".join(lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=bad-rows-{name}-{run_id}.csv"
    return response


def _page(message: tuple[str, str] | None = None) -> Response:
    body = render_template("sync/_now.html" if is_fragment() else "sync/page.html", message=message, **_values())
    return make_response(body)


def _values() -> dict[str, Any]:
    settings, actor, moment = _settings(), current_actor(), now()
    found = overview(_company_id(actor))
    expected = [feed.name for feed in expected_feeds(settings)]
    listed = [feed.name for feed in FEEDS if feed.name in expected or feed.name in found.latest]
    running = found.running
    return {
        "feeds": feed_lines(found, expected, moment, settings.zone),
        "running": running,
        "done": len(running.results) if running else 0,
        "began": told_moment(running.started_at, settings.zone) if running else "",
        "runs": run_lines(found.runs, listed, settings.zone),
        "titles": [TITLES[name] for name in listed],
        "missing": [(TITLES[feed.name], feed.setting.upper()) for feed in missing_feeds(settings)],
        "is_configured": is_configured(settings),
        "next_due": _next_due(settings),
        "zone": settings.sync_timezone,
        "may_see_rows": actor.may(Permission.ALL_LOCATIONS),
        "may_run": actor.may(Permission.RUN_SYNCS),
        "others": tabs(actor, OTHERS, request.path),
        "is_fragment": is_fragment(),
        "address": PAGE,
    }


def _next_due(settings: Settings) -> str:
    if not settings.sync_enabled or not is_configured(settings):
        return ""
    return told_moment(nightly_of(settings).next_due(now()), settings.zone)


def _company_id(actor: Actor) -> int:
    """The feeds are the settings' company's: who may see all companies sees those, everybody else their own."""
    own = company_named(_settings().company_name) if actor.may(Permission.ALL_COMPANIES) else None
    return own or actor.company_id


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
