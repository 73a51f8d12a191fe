"""Addresses that stay: of a request by its number in FMS, and what is said of a loan that is deleted."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor, in_company
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.filters import PAGE
from webapp.db import db
from webapp.errors import NotFound, Refusal
from webapp.fms.models import Operation
from webapp.loans.full_history import past_of
from webapp.loans.models import Assignment
from webapp.loans.queries import loans
from webapp.loans.states import LOAN, Status

blueprint = Blueprint("calendar_permalinks", __name__, url_prefix=PAGE)


class Gone(Refusal):
    """There was such a loan, and this person might have seen it."""

    status = 404
    code = "gone"


@blueprint.get("/requests/<int(max=999999999999):fms_request_id>")
@requires(Permission.VIEW_LOANS)
def request_in_fms(fms_request_id: int) -> ResponseReturnValue:
    """On to the loan that has, or had, this request in FMS. Raises `NotFound`."""
    return redirect(f"{PAGE}?loan={loan_of_request(current_actor(), fms_request_id)}")


def loan_of_request(actor: Actor, fms_request_id: int) -> int:
    """The loan that has this request, else the last that had it and is still there, if the actor may see it."""
    has_it = select(Assignment.id).where(
        Assignment.fms_request_id == fms_request_id, in_company(actor, Assignment.company_id)
    )
    newest = has_it.order_by(Assignment.status == Status.CANCELLED, Assignment.id.desc())
    had_it = (
        select(Operation.assignment_id)
        .where(
            Operation.fms_request_id == fms_request_id,
            Operation.subject == LOAN,
            in_company(actor, Operation.company_id),
        )
        .order_by(Operation.id.desc())
    )
    for numbers in (newest, had_it):
        found = list(dict.fromkeys(db.session.scalars(numbers)))
        seen = {loan.id for loan in loans(actor, found)}
        for number in found:
            if number in seen:
                return number
    raise NotFound(f"No loan that you may see has the request #{fms_request_id}.")


def gone(actor: Actor, assignment_id: int) -> Refusal:
    """What to say of a loan that is not there: who deleted it and when, to whom might have seen it."""
    try:
        past = past_of(actor, assignment_id)
    except NotFound as unknown:
        return unknown
    if past.is_there or not past.entries:
        return NotFound()
    last = next(entry for entry in past.entries if entry.kind == "done" or entry is past.entries[-1])
    when = last.happened_at.astimezone(zone_of(past.company_id, past.office))
    loan, at = past.title or "This loan", f"{when:%m-%d-%y} at {when:%H:%M %Z}"
    # The rest is deleted when FMS has deleted its request: that sentence names who asked for it.
    is_plain = last.text.startswith("Deleted ")
    sentence = f"{loan} was deleted by {last.who} on {at}." if is_plain else f"{loan} is gone since {at}. {last.text}"
    return Gone(sentence, link=("What happened to it", f"{PAGE}/loans/{assignment_id}/history"))
