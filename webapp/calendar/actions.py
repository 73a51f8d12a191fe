"""Actions on one loan, as forms: request, unrequest, change, replace, delete, settle what FMS did not confirm."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.answers import Message, answer, refused, undo_of
from webapp.calendar.filters import PAGE
from webapp.calendar.forms import read_number
from webapp.calendar.reading import Touched, touched_by
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.fms.exchange import Ended
from webapp.fms.recovery import Report
from webapp.fms.service import Verdict, settle
from webapp.loans import queries, requests
from webapp.loans.queries import Loan
from webapp.loans.requests import How, Result

blueprint = Blueprint("calendar_actions", __name__, url_prefix=f"{PAGE}/loans/<int:assignment_id>")
KINDS = {How.DONE: "done", How.FAILED: "failed", How.UNCERTAIN: "uncertain"}


@blueprint.post("/request")
@requires(Permission.PLAN_LOANS)
def request_loan(assignment_id: int) -> Response:
    """Ask FMS for the loan."""
    version = _version()
    return on_loan(
        assignment_id,
        lambda actor, loan: requests.request(actor, assignment_id, version=version),
    )


@blueprint.post("/unrequest")
@requires(Permission.PLAN_LOANS)
def unrequest_loan(assignment_id: int) -> Response:
    """Take the request back; the loan stays, green."""
    version = _version()
    return on_loan(
        assignment_id,
        lambda actor, loan: requests.unrequest(actor, assignment_id, version=version),
    )


@blueprint.post("/delete")
@requires(Permission.PLAN_LOANS)
def delete_loan(assignment_id: int) -> Response:
    """Delete the loan, and its request in FMS where there is one."""
    version = _version()
    return on_loan(
        assignment_id,
        lambda actor, loan: requests.delete(actor, assignment_id, version=version),
    )


def _version() -> int | None:
    """The loan's version in the picture that the form was sent from, where it says so."""
    return read_number(request.form.get("version", ""))


def on_loan(
    assignment_id: int,
    act: Callable[[Actor, Loan], Result],
    *,
    on_refusal: Callable[[Actor, Loan, Refusal], Response] | None = None,
) -> Response:
    """Do something to a loan and answer with its rows, those it stood in and those it stands in now.

    A refusal shows the same row, unless `on_refusal` answers it.
    """
    actor = current_actor()
    try:
        before = queries.loan(actor, assignment_id)
    except NotFound as refusal:
        return refused(actor, refusal, (), None)
    touched = [touched_by(before)]
    try:
        result = act(actor, before)
    except Refusal as refusal:
        if on_refusal is not None:
            return on_refusal(actor, before, refusal)
        return refused(actor, refusal, touched, assignment_id)
    return told(actor, result, before, touched)


def told(actor: Actor, result: Result, before: Loan, touched: list[Touched]) -> Response:
    """`result` as an answer: which loan, what happened, with the number FMS gave it."""
    is_gone, now = result.is_deleted, before
    try:
        if not is_gone:
            now = queries.loan(actor, before.id)
            touched = [*touched, touched_by(now)]
    except NotFound:
        # Somebody deleted it since FMS answered; what was done is still what this answer is about.
        is_gone = True
    is_done = result.how is How.DONE
    text = f"{result.message.rstrip('.')} · {now.vehicle_name} → {now.partner_name}" if is_done else result.message
    message = Message(KINDS[result.how], text, undo=undo_of(actor, before.id) if is_done else None)
    return answer(
        actor,
        result.http_status,
        message,
        touched,
        about=[before.id],
        gone=[before.id] if is_gone else [],
        keep_card_of=None if is_done else before.id,
    )


@blueprint.post("/settle")
@requires(Permission.PLAN_LOANS)
def settle_loan(assignment_id: int) -> Response:
    """Settle what FMS did not confirm: check again, it is in FMS under a number, it is not in FMS."""
    actor = current_actor()
    try:
        before = queries.loan(actor, assignment_id)
        operation_id = queries.open_operation(actor, assignment_id)
        if operation_id is None:
            raise Refusal("This has been settled meanwhile.", code="settled")
        ended = settle(actor, operation_id, _verdict(), request.form.get("number", type=int))
    except NotFound as refusal:
        return refused(actor, refusal, (), None)
    except Refusal as refusal:
        return refused(actor, refusal, [touched_by(before)], assignment_id)
    message = _settled_message(ended)
    try:
        touched, gone = [touched_by(before), touched_by(queries.loan(actor, assignment_id))], []
    except NotFound:
        touched, gone = [touched_by(before)], [assignment_id]
    still_open = assignment_id if message.kind == "uncertain" else None
    status = 200 if still_open is None else 202
    return answer(actor, status, message, touched, about=[assignment_id], gone=gone, keep_card_of=still_open)


def _verdict() -> Verdict:
    try:
        return Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise InvalidInput("Say whether to check again, that it is in FMS, or that it is not.") from None


def _settled_message(ended: Ended | Report) -> Message:
    if isinstance(ended, Report):
        if ended.settled:
            return Message("done", ended.settled[-1].sentence)
        words = "FMS still does not say. We keep checking every minute."
        if ended.can_look_up is False:
            words = "FMS does not let us look requests up. Look in FMS yourself and tell us what you find."
        return Message("uncertain", words)
    return Message("done", ended.sentence)
