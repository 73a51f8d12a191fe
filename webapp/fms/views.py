"""The ledger page: every operation, filtered, exported, and the uncertain ones settled by hand."""

from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, flash, render_template, request, stream_with_context

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput, Refusal
from webapp.exports import csv_lines
from webapp.fms.exchange import Ended
from webapp.fms.forms import filter_from, page_number
from webapp.fms.models import Operation, State
from webapp.fms.queries import all_operations, ledger_page, people_in_ledger
from webapp.fms.service import Verdict, settle
from webapp.htmx import go_to, is_fragment

pages = Blueprint("fms", __name__, url_prefix="/fms")
EXPORT_HEADER = (
    *("When", "Kind", "State", "Loan", "What", "Request in FMS", "By", "As FMS user", "Reference"),
    *("Reason", "FMS answered", "Status", "Milliseconds", "Bulk run"),
)


@pages.get("/operations")
@requires(Permission.READ_AUDIT)
def operations() -> str:
    """The ledger, 50 a page."""
    return _operations()


@pages.get("/operations.csv")
@requires(Permission.READ_AUDIT)
def export() -> Response:
    """Everything that the filter shows, as CSV."""
    rows = (_exported(operation) for operation in all_operations(current_actor(), filter_from(request.args)))
    response = Response(stream_with_context(csv_lines(EXPORT_HEADER, rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=fms-operations.csv"
    return response


@pages.post("/operations/<int:operation_id>/settle")
@requires(Permission.PLAN_LOANS)
def settle_operation(operation_id: int) -> Response | tuple[str, int] | str:
    """Settle an uncertain operation; the ledger is drawn again with what came of it."""
    actor = current_actor()
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise InvalidInput("Say whether to check again, that it is in FMS, or that it is not.") from None
    try:
        ended = settle(actor, operation_id, verdict, request.form.get("number", type=int))
    except Refusal as refusal:
        if not is_fragment() or not actor.may(Permission.READ_AUDIT):
            raise
        return _operations(message=refusal.sentence, is_refusal=True), refusal.status
    message = ended.sentence if isinstance(ended, Ended) else sentence_of_check(ended.can_look_up, bool(ended.settled))
    if is_fragment():
        return _operations(message=message)
    flash(message)
    return go_to("/fms/operations")


def sentence_of_check(can_look_up: bool | None, is_settled: bool) -> str:
    """What checking again brought, for people."""
    if is_settled:
        return "FMS has answered: this is settled."
    if can_look_up is False:
        return "FMS does not let us look requests up. Look in FMS yourself and tell us what you find."
    return "FMS still does not say. We keep checking every minute."


def _operations(message: str = "", *, is_refusal: bool = False) -> str:
    actor = current_actor()
    asked = filter_from(request.args)
    page = ledger_page(actor, asked, page_number(request.args))
    kept = {name: value for name, value in request.args.items() if value and name != "page"}
    return render_template(
        "fms/_operations.html" if is_fragment() else "fms/operations.html",
        page=page,
        asked=asked,
        states=list(State),
        people=people_in_ledger(actor),
        may_settle=actor.may(Permission.PLAN_LOANS),
        query=urlencode(kept),
        message=message,
        is_refusal=is_refusal,
        zone=current_app.extensions["settings"].zone,
    )


def _exported(operation: Operation) -> tuple[object, ...]:
    return (
        operation.created_at.isoformat(timespec="seconds"),
        operation.kind,
        operation.state,
        operation.assignment_id,
        operation.label,
        operation.fms_request_id,
        operation.requested_by,
        operation.requestor_id,
        operation.reference,
        operation.error,
        operation.answer,
        operation.http_status,
        operation.milliseconds,
        operation.batch_id,
    )
