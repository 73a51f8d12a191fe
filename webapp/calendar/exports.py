"""What a view shows, as a file: `export.csv` and `export.xlsx` take the addresses of the page."""

import re
import unicodedata
from datetime import tzinfo

from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.exports_lines import HEADER, Line, summary
from webapp.calendar.exports_reading import Taken, read_lines
from webapp.calendar.filters import PAGE, ActivityFilter, Filters
from webapp.calendar.views import view_asked_for
from webapp.exports import csv_lines

blueprint = Blueprint("calendar_exports", __name__, url_prefix=PAGE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/export.csv")
@requires(Permission.VIEW_LOANS)
def as_csv() -> ResponseReturnValue:
    """The view as CSV: one table, dates as YYYY-MM-DD. `idle=1` adds the rows that have nothing in these days."""
    actor = current_actor()
    filters = view_asked_for(actor)
    taken = _taken(actor, filters)
    lines: list[Line] = list(taken.lines)
    if request.args.get("idle") == "1" or filters.activity is ActivityFilter.NONE:
        lines += taken.idle
    response = Response(csv_lines(HEADER, lines), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=file_name(filters, "csv"))
    return response


@blueprint.get("/export.xlsx")
@requires(Permission.VIEW_LOANS)
def as_workbook() -> ResponseReturnValue:
    """The view as a workbook: the loans, the rows with nothing in these days, and a sheet that says what it holds."""
    actor = current_actor()
    filters = view_asked_for(actor)
    taken = _taken(actor, filters)
    made = f"{clock.now().astimezone(_zone(actor, filters)):%m-%d-%y %H:%M %Z} by {actor.name}"
    # Loaded when somebody wants one: it is much for what seldom happens.
    from webapp.calendar.sheets import workbook

    book = workbook(taken.lines, taken.idle, summary(filters, len(taken.lines), made))
    response = send_file(book, mimetype=XLSX, as_attachment=True, download_name=file_name(filters, "xlsx"))
    response.headers["Cache-Control"] = "no-store"
    return response


def file_name(filters: Filters, ending: str) -> str:
    """`loans_los-angeles_2026-11-16_2026-12-13.csv`, in letters that every system takes."""
    plain = unicodedata.normalize("NFKD", filters.office or "all offices").encode("ascii", "ignore").decode()
    place = re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "office"
    return f"loans_{place}_{filters.window.first.isoformat()}_{filters.window.last.isoformat()}.{ending}"


def _taken(actor: Actor, filters: Filters) -> Taken:
    return read_lines(actor, filters, request.host_url.rstrip("/"), _zone(actor, filters))


def _zone(actor: Actor, filters: Filters) -> tzinfo:
    return zone_of(actor.company_id, filters.office)
