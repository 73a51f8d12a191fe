"""The ledger page: every operation, filtered, exported, and the uncertain ones settled by hand."""

from flask import Blueprint, Response, current_app, flash, make_response, render_template, request, stream_with_context

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput
from webapp.exports import csv_lines
from webapp.fms.exchange import Ended
from webapp.fms.forms import filter_from, page_number, query_of
from webapp.fms.models import Operation, State
from webapp.fms.outcomes import Fate
from webapp.fms.page import STATE_WORDS, Fault, lines_of
from webapp.fms.queries import LedgerFilter, all_operations, label_of, ledger_page, people_in_ledger, uncertain_count
from webapp.fms.recovery import Report
from webapp.fms.service import AlreadySettled, Verdict, settle
from webapp.htmx import go_to, is_fragment

PAGE = "/fms/operations"
pages = Blueprint("fms", __name__, url_prefix="/fms")
EXPORT_HEADER = (
    *("When", "Kind", "State", "Loan", "What", "Request in FMS", "By", "As FMS user", "Reference"),
    *("Reason", "FMS answered", "Status", "Milliseconds", "Bulk run"),
)


@pages.get("/operations")
@requires(Permission.READ_AUDIT)
def operations() -> Response:
    """The ledger, 50 a page."""
    response = _ledger()
    if is_fragment():
        asked = filter_from(request.args)
        response.headers["HX-Push-Url"] = PAGE + query_of(asked, page_number(request.args))
    return response


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
def settle_operation(operation_id: int) -> Response:
    """Settle an uncertain operation; the ledger is drawn again, by the same filter, with what came of it."""
    actor = current_actor()
    number = request.form.get("number", "").strip()
    may_read = actor.may(Permission.READ_AUDIT)
    try:
        ended = settle(actor, operation_id, _verdict(), _number(number))
    except (AlreadySettled, InvalidInput) as refusal:
        if not may_read:
            raise
        fault = Fault(operation_id, number[:20], refusal.sentence) if isinstance(refusal, InvalidInput) else None
        return _ledger(("refused", refusal.sentence), fault, refusal.status)
    message = _message(ended, operation_id)
    if is_fragment() and may_read:
        return _ledger(message)
    flash(message[1], message[0])
    return go_to(_address() if may_read else "/calendar")


def _ledger(message: tuple[str, str] | None = None, fault: Fault | None = None, status: int = 200) -> Response:
    """The page, or its changing part, as the address asks for it; `message` is its kind and sentence."""
    actor, asked, number = current_actor(), filter_from(request.args), page_number(request.args)
    page = ledger_page(actor, asked, number)
    if number > page.last_number:
        page = ledger_page(actor, asked, page.last_number)
    if message and not is_fragment():
        flash(message[1], message[0])
    here = query_of(asked, page.number)
    body = render_template(
        "fms/_operations.html" if is_fragment() else "fms/operations.html",
        page=page,
        lines=lines_of(
            page.operations,
            current_app.extensions["settings"].zone,
            may_settle=actor.may(Permission.PLAN_LOANS),
            query=here,
            fault=fault,
        ),
        asked=asked,
        is_filtered=asked != LedgerFilter(),
        states=STATE_WORDS,
        # The choices of the form, which a fragment leaves as it is.
        people=[] if is_fragment() else people_in_ledger(actor),
        uncertain=uncertain_count(actor),
        uncertain_query=query_of(LedgerFilter(state=State.UNCERTAIN)),
        newer=query_of(asked, page.number - 1) if page.number > 1 else None,
        older=query_of(asked, page.number + 1) if page.number < page.last_number else None,
        export=f"{PAGE}.csv{query_of(asked)}",
        message=message,
        is_fragment=is_fragment(),
        zone=current_app.extensions["settings"].sync_timezone,
        address=PAGE,
    )
    return make_response(body, status)


def _address() -> str:
    return PAGE + query_of(filter_from(request.args), page_number(request.args))


def _verdict() -> Verdict:
    try:
        return Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise InvalidInput("Say whether to check again, that it is in FMS, or that it is not.") from None


def _number(text: str) -> int | None:
    plain = text.removeprefix("#")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 15 else None


def _message(result: Ended | Report, operation_id: int) -> tuple[str, str]:
    """What a settlement or a check brought: how it is shown, and in which words."""
    about = label_of(operation_id)
    settled = [result] if isinstance(result, Ended) else result.settled
    ended = next((one for one in settled if one.operation_id == operation_id), None)
    if ended is None:
        return "uncertain", f"{_still_open(result)} · {about}"
    is_as_wished = ended.state is State.SUCCEEDED or ended.code == Fate.BY_HAND
    return "done" if is_as_wished else "warning", f"{ended.sentence.rstrip('.')} · {about}"


def _still_open(result: Ended | Report) -> str:
    if isinstance(result, Report) and result.can_look_up is False:
        return "FMS does not let us look requests up. Look in FMS yourself and tell us what you find."
    return "FMS still does not say. We keep checking every minute."


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
