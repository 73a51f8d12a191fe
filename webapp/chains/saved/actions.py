"""Actions on the loans of a saved chain, as forms: request, unrequest and delete, one by one or as a bulk run.

Whatever is posted, nothing outside the chain is touched.
"""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.answers import Message, Undo
from webapp.calendar.forms import read_number
from webapp.chains.saved.answers import answer, refused
from webapp.chains.saved.page import ChainPage, ids_for, mark_of, read_page
from webapp.db import LARGEST
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.loans import batches, queries, requests
from webapp.loans.models import BatchKind
from webapp.loans.queries import Loan
from webapp.loans.requests import How, Result

blueprint = Blueprint("chain_actions", __name__, url_prefix="/chains/<uuid:chain_id>")
KINDS = {How.DONE: "done", How.FAILED: "failed", How.UNCERTAIN: "uncertain"}
NOT_HERE = "This loan is not of this chain any more. Here is the chain as it stands now."
NOTHING_TO = {
    BatchKind.REQUEST: "There is nothing to request: no loan of this chain is green.",
    BatchKind.UNREQUEST: "There is nothing to take back: FMS holds no open request for this chain.",
    BatchKind.DELETE: "There is nothing to delete: FMS has approved these loans, or they are over.",
}


@blueprint.post("/bulk")
@requires(Permission.PLAN_LOANS)
def start_run(chain_id: UUID) -> Response:
    """Begin a run over the chosen loans (`id`, repeated); none chosen: over those `shown` to which it can be done."""
    actor = current_actor()
    try:
        page = read_page(actor, str(chain_id))
        batch_id = batches.start(actor, *_wanted(page))
    except Refusal as refusal:
        return refused(actor, str(chain_id), refusal)
    return answer(actor, str(chain_id), 200, None, run_id=batch_id)


@blueprint.get("/runs/<uuid:batch_id>")
@requires(Permission.PLAN_LOANS)
def progress(chain_id: UUID, batch_id: UUID) -> ResponseReturnValue:
    """The chain again where the run has come further than `mark`, else 204; polled only while the run goes on."""
    actor = current_actor()
    if request.args.get("mark") == mark_of(queries.batch(actor, str(batch_id))):
        return Response(status=204)
    return answer(actor, str(chain_id), 200, None, run_id=str(batch_id))


@blueprint.post("/runs/<uuid:batch_id>/dismiss")
@requires(Permission.PLAN_LOANS)
def dismiss(chain_id: UUID, batch_id: UUID) -> Response:
    """Put the report away; the run, if it still goes on, is not stopped."""
    actor = current_actor()
    batches.dismiss(actor, str(batch_id))
    return answer(actor, str(chain_id), 200, None)


@blueprint.post("/loans/<int:assignment_id>/request")
@requires(Permission.PLAN_LOANS)
def request_loan(chain_id: UUID, assignment_id: int) -> Response:
    """Ask FMS for one loan of the chain."""
    undo = Undo(f"/chains/{chain_id}/loans/{assignment_id}/unrequest")
    return on_loan(chain_id, assignment_id, lambda actor, loan: requests.request(actor, loan.id), undo)


@blueprint.post("/loans/<int:assignment_id>/unrequest")
@requires(Permission.PLAN_LOANS)
def unrequest_loan(chain_id: UUID, assignment_id: int) -> Response:
    """Take the request of one loan back; it stays, green."""
    undo = Undo(f"/chains/{chain_id}/loans/{assignment_id}/request")
    return on_loan(chain_id, assignment_id, lambda actor, loan: requests.unrequest(actor, loan.id), undo)


@blueprint.post("/loans/<int:assignment_id>/delete")
@requires(Permission.PLAN_LOANS)
def delete_loan(chain_id: UUID, assignment_id: int) -> Response:
    """Delete one loan of the chain, and its request in FMS where there is one; the others stay as they are."""
    version = read_number(request.form.get("version", ""))
    return on_loan(chain_id, assignment_id, lambda actor, loan: requests.delete(actor, loan.id, version=version), None)


def on_loan(chain_id: UUID, assignment_id: int, act: Callable[[Actor, Loan], Result], undo: Undo | None) -> Response:
    """Do something to one loan of the chain and answer with the chain."""
    actor, about = current_actor(), (assignment_id,)
    try:
        loan = loan_of(actor, str(chain_id), assignment_id)
        result = act(actor, loan)
    except Refusal as refusal:
        return refused(actor, str(chain_id), refusal, about=about)
    return told(actor, str(chain_id), loan, result, undo)


def told(actor: Actor, chain_id: str, loan: Loan, result: Result, undo: Undo | None = None) -> Response:
    """`result` as an answer: which loan, what happened, with the number FMS gave it."""
    is_done = result.how is How.DONE
    text = result.message.rstrip(".") if is_done else result.message
    text = f"{text} · {loan.vehicle_name} → {loan.partner_name}" if is_done else text
    message = Message(KINDS[result.how], text, undo=undo if is_done else None)
    return answer(actor, chain_id, result.http_status, message, about=(loan.id,))


def loan_of(actor: Actor, chain_id: str, assignment_id: int) -> Loan:
    """The loan, which is one of the chain. Raises `NotFound`."""
    for loan in queries.loans_of_chain(actor, chain_id):
        if loan.id == assignment_id:
            return loan
    raise NotFound(NOT_HERE)


def _wanted(page: ChainPage) -> tuple[BatchKind, list[int]]:
    """What to do, with which loans of the chain. Raises `InvalidInput`, or `Refusal` where there is nothing to do."""
    kind = _kind(request.form.get("kind", ""))
    here = {card.loan.id for card in page.cards}
    chosen, shown = (_numbers(request.form.getlist(name)) for name in ("id", "shown"))
    if chosen:
        if not here.issuperset(chosen):
            raise InvalidInput("A chosen loan is not of this chain any more. Nothing was done; look again.")
        return kind, chosen
    # What came to the chain since the page was drawn was not meant.
    ids = [number for number in ids_for(kind, page.cards) if number in shown]
    if not ids:
        raise Refusal(NOTHING_TO[kind], code="nothing_to_do")
    return kind, ids


def _kind(word: str) -> BatchKind:
    if word not in NOTHING_TO:
        raise InvalidInput("Choose what to do: request, unrequest or delete.", fields={"kind": "unknown"})
    return BatchKind(word)


def _numbers(words: list[str]) -> list[int]:
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 12]
    if len(numbers) != len(words) or any(number > LARGEST for number in numbers):
        raise InvalidInput("Choose loans by their cards.", fields={"id": "not a loan"})
    return numbers
