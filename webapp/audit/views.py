"""The audit log's page: every change, filtered and exported."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, stream_with_context
from flask_login import current_user

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.audit.forms import filter_from, place_from, query_of
from webapp.audit.models import AuditEntry
from webapp.audit.page import lines_of, told
from webapp.audit.queries import ACTIONS, LogFilter, all_entries, log_page, people_of
from webapp.audit.watched import things
from webapp.exports import csv_lines
from webapp.htmx import is_fragment

PAGE = "/audit"
EXPORT_HEADER = (
    *("Number", "When", "Who", "User", "Role", "From", "Address", "Request"),
    *("Thing", "Number of the thing", "What", "Action", "Before", "After"),
)
pages = Blueprint("audit", __name__)


@pages.get(PAGE)
@requires(Permission.READ_AUDIT)
def log() -> Response:
    """The log, 50 entries a page, newest first."""
    actor, asked, place = current_actor(), filter_from(request.args), place_from(request.args)
    page = log_page(actor, asked, place)
    settings = current_app.extensions["settings"]
    body = render_template(
        "audit/_entries.html" if is_fragment() else "audit/log.html",
        lines=lines_of(actor, page.entries, settings.zone),
        asked=asked,
        is_filtered=asked != LogFilter(),
        things=things().values(),
        actions=ACTIONS,
        # The choices of the form, which a fragment leaves as it is.
        people=[] if is_fragment() else people_of(actor),
        newer=query_of(asked, page.newer) if page.newer else None,
        older=query_of(asked, page.older) if page.older else None,
        newest=query_of(asked),
        export=f"{PAGE}.csv{query_of(asked)}",
        zone=settings.sync_timezone,
        address=PAGE,
    )
    response = make_response(body)
    if is_fragment():
        response.headers["HX-Push-Url"] = PAGE + query_of(asked, place)
    return response


@pages.get(f"{PAGE}.csv")
@requires(Permission.READ_AUDIT)
def export() -> Response:
    """Everything that the filter shows, as CSV."""
    actor = current_actor()
    rows = (_exported(actor, entry) for entry in all_entries(actor, filter_from(request.args)))
    response = Response(stream_with_context(csv_lines(EXPORT_HEADER, rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=audit-log.csv"
    return response


def all_changes(thing: str, number: int) -> str:
    """The address of the log of one thing; empty for who may not read it."""
    actor = current_user.actor if current_user.is_authenticated else None
    is_open = actor is not None and actor.may(Permission.READ_AUDIT)
    return PAGE + query_of(LogFilter(thing=thing, number=number)) if is_open else ""


def _exported(actor: Actor, entry: AuditEntry) -> tuple[object, ...]:
    before, after = told(actor, entry)
    return (
        entry.id,
        entry.changed_at.isoformat(timespec="seconds"),
        entry.actor,
        entry.user_id,
        entry.role,
        entry.origin,
        entry.address,
        entry.request_id,
        entry.subject,
        entry.subject_id,
        entry.label,
        entry.action,
        _as_text(before),
        _as_text(after),
    )


def _as_text(values: dict[str, Any] | None) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False)
