"""The page for spreadsheets: choose a file, see what it would change, confirm. Works without scripts."""

from flask import Blueprint, Response, current_app, flash, make_response, render_template, request
from werkzeug.datastructures import FileStorage

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput
from webapp.feeds.sheet_files import MOST_BYTES, FileRefused
from webapp.feeds.sheet_page import previews, summary_sentence
from webapp.feeds.sheet_schema import BUDGETS, OPERATIONS
from webapp.feeds.sheet_service import (
    PreviewOutdated,
    SheetRefused,
    apply_upload,
    discard,
    done,
    preview,
    upload,
)
from webapp.feeds.sheets import Fault
from webapp.htmx import go_to

PAGE = "/sync/imports"
SHOWN_FAULTS = 100
pages = Blueprint("imports", __name__, url_prefix=PAGE)


@pages.get("")
@requires(Permission.RUN_SYNCS)
def page() -> Response:
    """Choose a file; what was imported before."""
    return _page()


@pages.post("")
@requires(Permission.RUN_SYNCS)
def send() -> Response:
    """Check a file. Faults are listed by cell; a good one leads to its preview."""
    file = request.files.get("file")
    filename = _name_of(file)
    try:
        if file is None or not filename:
            raise InvalidInput("Choose a file first.")
        import_id = upload(current_actor(), filename, file.stream.read(MOST_BYTES + 1))
    except SheetRefused as refusal:
        return _page(filename, refusal.sentence, refusal.faults, refusal.status)
    except InvalidInput as refusal:
        return _page(filename, refusal.sentence, status=refusal.status)
    return go_to(f"{PAGE}/{import_id}")


@pages.get("/<int:import_id>")
@requires(Permission.RUN_SYNCS)
def look(import_id: int) -> Response:
    """What an uploaded file would change, as things are now."""
    return _preview(import_id)


@pages.post("/<int:import_id>/apply")
@requires(Permission.RUN_SYNCS)
def confirm(import_id: int) -> Response:
    """Apply exactly what the preview showed; where that has changed, the preview is shown again."""
    try:
        summary = apply_upload(current_actor(), import_id, request.form.get("digest", ""))
    except PreviewOutdated as refusal:
        return _preview(import_id, refusal.sentence, refusal.status)
    flash(f"Imported. {summary_sentence(summary)}.", "done")
    return go_to(PAGE)


@pages.post("/<int:import_id>/discard")
@requires(Permission.RUN_SYNCS)
def forget(import_id: int) -> Response:
    """Drop an uploaded file."""
    discard(current_actor(), import_id)
    flash("Discarded. Nothing was changed.", "done")
    return go_to(PAGE)


def _page(filename: str = "", fault: str = "", faults: tuple[Fault, ...] = (), status: int = 200) -> Response:
    zone = current_app.extensions["settings"].zone
    body = render_template(
        "feeds/imports.html",
        filename=filename,
        fault=fault,
        faults=faults[:SHOWN_FAULTS],
        more_faults=max(0, len(faults) - SHOWN_FAULTS),
        kinds=(BUDGETS, *OPERATIONS),
        most_megabytes=MOST_BYTES // 1_000_000,
        done=[
            (
                one.applied_at.astimezone(zone).strftime("%m-%d-%y %H:%M %Z"),
                one.actor_name,
                one.filename,
                summary_sentence(one.summary),
            )
            for one in done(current_actor())
        ],
        address=PAGE,
    )
    return make_response(body, status)


def _preview(import_id: int, warning: str = "", status: int = 200) -> Response:
    try:
        filename, plan = preview(current_actor(), import_id)
    except (SheetRefused, FileRefused) as refusal:
        # It was good when it was uploaded: an office may have gone meanwhile.
        faults = refusal.faults if isinstance(refusal, SheetRefused) else ()
        return _page("", refusal.sentence, faults, refusal.status)
    body = render_template(
        "feeds/preview.html",
        filename=filename,
        sheets=previews(plan),
        plan=plan,
        warning=warning,
        address=f"{PAGE}/{import_id}",
        page=PAGE,
    )
    return make_response(body, status)


def _name_of(file: FileStorage | None) -> str:
    name = (file.filename or "") if file else ""
    # PostgreSQL keeps no NUL.
    return name.replace("\x00", "").replace("\\", "/").rpartition("/")[2].strip()[-200:]
