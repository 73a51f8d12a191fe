"""SmartMoving's part of the sync page: where we stand, the calls, a run as it goes, the runs before, one more now."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, render_template

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.clock import now
from webapp.htmx import go_to, is_fragment
from webapp.settings import Settings
from webapp.smartmoving import queries as smartmoving
from webapp.smartmoving.service import NotConfigured
from webapp.sync import smartmoving_runs
from webapp.sync.configured import by_day_of
from webapp.sync.due import told_moment
from webapp.sync.smartmoving_overview import is_set_up_for, jobs_overview
from webapp.sync.smartmoving_page import budget_words, failure_lines, going, jobs_run_lines, rhythm, standing
from webapp.sync.whose import company_of

PAGE = "/sync"
ADDRESS = "/sync/smartmoving"
REPORT_READERS = (Permission.VIEW_LOANS, Permission.READ_AUDIT)
READERS = (*REPORT_READERS, Permission.VIEW_JOBS)
pages = Blueprint("sync_smartmoving", __name__, url_prefix=ADDRESS)


@pages.get("")
@requires(Permission.VIEW_JOBS)
def now_of_jobs() -> Response:
    """What changes while a run goes on, and the history when it has ended; as a page of its own, the sync page."""
    return _part() if is_fragment() else go_to(PAGE)


@pages.post("")
@requires(Permission.RUN_SYNCS)
def run_now() -> Response:
    """Start a run or join the one that goes on."""
    try:
        begun = smartmoving_runs.start("button", current_actor())
    except NotConfigured as refusal:
        return _answer(("refused", refusal.sentence))
    if begun.lease is None:
        return _answer(("done", "A run is going on already; you see how far it is."))
    return _answer(("done", "The sync has begun."))


def sees_reports(actor: Actor) -> bool:
    """Whether FMS's reports are any business of this person."""
    return any(actor.may(permission) for permission in REPORT_READERS)


def shared_values(actor: Actor, message: tuple[str, str] | None) -> dict[str, Any]:
    """What every part of the sync page prints."""
    return {
        "message": message,
        "sees_reports": sees_reports(actor),
        "sees_jobs": actor.may(Permission.VIEW_JOBS),
        "may_run": actor.may(Permission.RUN_SYNCS),
        "zone": _settings().sync_timezone,
        "is_fragment": is_fragment(),
        "address": PAGE,
    }


def jobs_values(actor: Actor) -> dict[str, Any]:
    """What the part about SmartMoving prints; nothing for who sees no jobs."""
    if not actor.may(Permission.VIEW_JOBS):
        return {}
    company_id, settings = company_of(actor), _settings()
    if not is_set_up_for(company_id):
        return {"jobs": {"is_set_up": False, "going": None, "address": ADDRESS}}
    found, state = jobs_overview(company_id), smartmoving.standing(company_id)
    by_day, moment = by_day_of(settings), now()
    report = found.latest.report if found.latest else None
    sees_everywhere = actor.may(Permission.ALL_LOCATIONS)
    jobs = {
        "is_set_up": True,
        "address": ADDRESS,
        "going": going(found.running, settings.zone),
        "standing": standing(found, state.hold_until, state.hold_reason, moment, by_day),
        "budget": budget_words(smartmoving.budget(company_id)),
        "next_due": _next_due(settings, moment, state.hold_until),
        "failed": report.failed if report else 0,
        "failures": failure_lines(report) if report and sees_everywhere else [],
        "rhythm": rhythm(by_day),
        "runs": jobs_run_lines(found.runs, settings.zone, may_see_notes=sees_everywhere),
    }
    return {"jobs": jobs}


def _answer(message: tuple[str, str]) -> Response:
    if is_fragment():
        return _part(message)
    flash(message[1], message[0])
    return go_to(PAGE)


def _part(message: tuple[str, str] | None = None) -> Response:
    actor = current_actor()
    return make_response(render_template("sync/_jobs_now.html", **shared_values(actor, message), **jobs_values(actor)))


def _next_due(settings: Settings, moment: datetime, hold_until: datetime | None) -> str:
    if not settings.sync_enabled:
        return ""
    by_day = by_day_of(settings)
    if hold_until is not None and hold_until > moment:
        # A look that is due at the very end of the wait is made.
        moment = hold_until - timedelta(microseconds=1)
    return told_moment(by_day.next_due(moment), settings.zone)


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
