"""The sync page: how fresh each report is, what a run is doing now, what runs brought, and one more run."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, render_template, request

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.shell import tabs
from webapp.clock import now
from webapp.errors import InvalidInput, NotFound
from webapp.exports import csv_lines
from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import expected_feeds, missing_feeds
from webapp.htmx import go_to, is_fragment
from webapp.settings import Settings
from webapp.sync import service
from webapp.sync.configured import has_reports, nightly_of
from webapp.sync.due import told_moment
from webapp.sync.overview import bad_rows, overview
from webapp.sync.page import TITLES, feed_lines, run_lines
from webapp.sync.smartmoving_views import PAGE, READERS, jobs_values, sees_reports, shared_values
from webapp.sync.whose import company_of

# Linked where they exist and let the person in; the view of the spreadsheets belongs to the feeds.
OTHERS = (("/sync/branches", "Branches"), ("/sync/imports", "Spreadsheets"))
pages = Blueprint("sync", __name__, url_prefix=PAGE)


@pages.get("")
@requires(*READERS)
def page() -> Response:
    """The page; as a fragment what changes while a run goes on, and the history when it has ended.

    Who sees loans or the log sees the reports, who sees jobs SmartMoving.
    """
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
    rows = bad_rows(company_of(current_actor()), run_id, name) if name in TITLES else None
    if rows is None:
        raise NotFound
    lines = csv_lines(("Line", "Reason", "Row"), ((row["line"], row["reason"], row["text"]) for row in rows))
    response = Response("".join(lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=bad-rows-{name}-{run_id}.csv"
    return response


def _page(message: tuple[str, str] | None = None) -> Response:
    actor = current_actor()
    if not is_fragment():
        return make_response(render_template("sync/page.html", **_values(actor, message)))
    # Each part of the page asks for itself; who sees no reports has the other one alone.
    template = "sync/_now.html" if sees_reports(actor) else "sync/_jobs_now.html"
    return make_response(render_template(template, **_values(actor, message)))


def _values(actor: Actor, message: tuple[str, str] | None) -> dict[str, Any]:
    reports = _report_values(actor) if sees_reports(actor) else {"running": None}
    shown = shared_values(actor, message) | reports
    if not is_fragment() or not sees_reports(actor):
        shown |= jobs_values(actor)
    is_going = reports["running"] is not None or bool(shown.get("jobs") and shown["jobs"]["going"])
    return shown | {"is_going": is_going, "others": tabs(actor, OTHERS, request.path)}


def _report_values(actor: Actor) -> dict[str, Any]:
    settings, moment = _settings(), now()
    found = overview(company_of(actor))
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
        "is_configured": has_reports(settings),
        "next_due": _next_due(settings),
        "may_see_rows": actor.may(Permission.ALL_LOCATIONS),
    }


def _next_due(settings: Settings) -> str:
    if not settings.sync_enabled or not has_reports(settings):
        return ""
    return told_moment(nightly_of(settings).next_due(now()), settings.zone)


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
