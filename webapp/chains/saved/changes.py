"""Changing one loan of a saved chain, by forms: something else in its place, or other days.

A green loan is changed at once. One that FMS holds a request for is unrequested, changed and requested again, as
one confirmed step: whatever fails on the way, the loan is there, and says how it stands.
"""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.answers import Message, Undo
from webapp.calendar.forms import read_day, read_number
from webapp.chains.asking import Kind
from webapp.chains.saved.actions import KINDS, NOT_HERE
from webapp.chains.saved.answers import answer, refused
from webapp.chains.saved.ask import key_of
from webapp.chains.saved.chain import SavedChain
from webapp.chains.saved.change_form import MOST_NOTE, ChangeForm, change_form
from webapp.dates import shown
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.fleet.names import short_vin
from webapp.fms.models import Kind as FmsKind
from webapp.htmx import is_fragment
from webapp.loans import queries, requests, service
from webapp.loans.errors import Stale, StateForbids
from webapp.loans.loan import WHY_NOT
from webapp.loans.queries import Loan
from webapp.loans.requests import How, Result
from webapp.loans.rules import noted
from webapp.loans.service import Change
from webapp.loans.states import GREEN, Status

blueprint = Blueprint("chain_changes", __name__, url_prefix="/chains/<uuid:chain_id>/loans/<int:assignment_id>")


@blueprint.get("/swap")
@requires(Permission.PLAN_LOANS)
def swap_form(chain_id: UUID, assignment_id: int) -> ResponseReturnValue:
    """Every candidate for the loan's days, with the reasons; `q` narrows the list."""
    return _opened(chain_id, assignment_id, "swap")


@blueprint.get("/dates")
@requires(Permission.PLAN_LOANS)
def dates_form(chain_id: UUID, assignment_id: int) -> ResponseReturnValue:
    """The form for other days."""
    return _opened(chain_id, assignment_id, "dates")


@blueprint.post("/swap")
@requires(Permission.PLAN_LOANS)
def swap(chain_id: UUID, assignment_id: int) -> Response:
    """Put another vehicle, or on a vehicle chain another partner, into the loan: picked by hand."""
    return _change(chain_id, assignment_id, "swap")


@blueprint.post("/dates")
@requires(Permission.PLAN_LOANS)
def dates(chain_id: UUID, assignment_id: int) -> Response:
    """Give the loan other days; the others keep theirs."""
    return _change(chain_id, assignment_id, "dates")


def _opened(chain_id: UUID, assignment_id: int, what: str) -> ResponseReturnValue:
    actor = current_actor()
    chain, loan = _loan(actor, chain_id, assignment_id)
    if loan.status not in GREEN | {Status.REQUESTED}:
        return refused(actor, chain.chain_id, StateForbids(WHY_NOT[loan.status], code=loan.status), about=(loan.id,))
    return _show(change_form(actor, chain, loan, what, request.args), what)


def _change(chain_id: UUID, assignment_id: int, what: str) -> Response:
    actor = current_actor()
    try:
        chain, loan = _loan(actor, chain_id, assignment_id)
    except NotFound as refusal:
        return refused(actor, str(chain_id), refusal, about=(assignment_id,))
    try:
        wish = _wish(chain, loan, what)
        result = _carried_out(actor, loan, wish)
    except Refusal as refusal:
        return _not_done(actor, chain, loan, what, refusal)
    return _told(actor, chain, loan, result, what)


def _carried_out(actor: Actor, loan: Loan, wish: Change) -> Result:
    remark = request.form.get("note", "").strip()[:MOST_NOTE]
    if loan.status == Status.REQUESTED:
        return requests.replace_requested(actor, loan.id, wish, remark=remark)
    changed = service.change(actor, loan.id, wish, remark=remark)
    said = f"Changed{noted(changed.warnings, after='. ')}"
    return Result(loan.id, How.DONE, said, old_status=loan.status, new_status=loan.status)


def _not_done(actor: Actor, chain: SavedChain, loan: Loan, what: str, refusal: Refusal) -> Response:
    """The form with the fault; after somebody else's change, or a request already taken back, the chain as it is."""
    try:
        now = queries.loan(actor, loan.id)
    except NotFound:
        return refused(actor, chain.chain_id, refusal, about=(loan.id,))
    if loan.status == Status.REQUESTED and now.status in GREEN:
        text = f"{refusal.sentence} The request had been taken back before: the loan is green, and as it was."
        message = Message("refused", text, link=refusal.link)
        return answer(actor, chain.chain_id, refusal.status, message, about=(loan.id,))
    if isinstance(refusal, (Stale, NotFound, StateForbids)) or "undo" in request.form:
        return refused(actor, chain.chain_id, refusal, about=(loan.id,))
    form = change_form(actor, chain, now, what, request.form, refusal)
    return _show(form, what, refusal.status)


def _told(actor: Actor, chain: SavedChain, loan: Loan, result: Result, what: str) -> Response:
    is_done = result.how is How.DONE
    try:
        now = queries.loan(actor, loan.id)
    except NotFound:
        # Somebody deleted it since FMS answered; what was done is still what this answer is about.
        now = loan
    text = (
        f"{result.message.rstrip('.')} · {_named(now)}"
        if is_done
        else f"{result.message.rstrip('.')}. {_left(result, now)}"
    )
    undo = _undo(chain, loan, now, what) if is_done and loan.status in GREEN and now is not loan else None
    message = Message(KINDS[result.how], text.strip(), undo=undo)
    return answer(actor, chain.chain_id, result.http_status, message, about=(loan.id,))


def _left(result: Result, now: Loan) -> str:
    """How the loan stands where the step did not come to its end."""
    if result.fms_action is FmsKind.DELETE:
        return "Nothing was changed." if result.how is How.FAILED else "Nothing is changed until FMS confirms it."
    if now.status in GREEN and result.how is How.FAILED:
        return f"The old request is taken back; the loan stays, green and changed: {_named(now)}."
    return ""


def _undo(chain: SavedChain, before: Loan, now: Loan, what: str) -> Undo:
    old = {"start_day": before.start_day.isoformat(), "end_day": before.end_day.isoformat()}
    values = {"key": str(key_of(chain, before)), "green": before.status.value} if what == "swap" else old
    return Undo(f"/chains/{chain.chain_id}/loans/{before.id}/{what}", values={"version": str(now.version), **values})


def _wish(chain: SavedChain, loan: Loan, what: str) -> Change:
    """What the posted form wants. Raises `InvalidInput` naming the fields."""
    version = read_number(request.form.get("version", ""))
    if version is None:
        raise InvalidInput("This form is not whole. Open it again.", fields={"": "no version"})
    return _other(chain, loan, version) if what == "swap" else _days(version)


def _other(chain: SavedChain, loan: Loan, version: int) -> Change:
    key = request.form.get("key", "").strip()
    person_id = None if chain.kind is Kind.PARTNER else read_number(key)
    if not key or (chain.kind is Kind.VEHICLE and person_id is None):
        raise InvalidInput("Choose one of the list.", fields={"key": "Choose one of the list."})
    if key == str(key_of(chain, loan)):
        sentence = "The loan has this one already. Choose another."
        raise InvalidInput(sentence, fields={"key": sentence})
    # An undo makes it again the green that it was.
    green = Status.PLANNED if request.form.get("green") == Status.PLANNED else Status.MANUAL
    if person_id is not None:
        return Change(version, person_id=person_id, green=green)
    return Change(version, vin=key[:17].upper(), green=green)


def _days(version: int) -> Change:
    start, end = (read_day(request.form.get(name, "")) for name in ("start_day", "end_day"))
    faults = {}
    if start is None:
        faults["start_day"] = "Give the day it goes out."
    if end is None:
        faults["end_day"] = "Give the day it comes back."
    if faults:
        raise InvalidInput(" ".join(faults.values()), fields=faults)
    return Change(version, start_day=start, end_day=end)


def _show(form: ChangeForm, what: str, status: int = 200) -> Response:
    if not is_fragment():
        return make_response(render_template("chains/saved_form.html", form=form, what=what), status)
    response = make_response(render_template(f"chains/_saved_{what}.html", form=form), status)
    if status != 200:
        # The form asked for its answer to be drawn into the chain; the fault belongs where it was made.
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog-body", "innerHTML"
    return response


def _loan(actor: Actor, chain_id: UUID, assignment_id: int) -> tuple[SavedChain, Loan]:
    loans = queries.loans_of_chain(actor, str(chain_id))
    for loan in loans:
        if loan.id == assignment_id:
            return SavedChain(str(chain_id), tuple(loans)), loan
    raise NotFound(NOT_HERE)


def _named(loan: Loan) -> str:
    vehicle = f"{loan.vehicle_name} {short_vin(loan.vin)}"
    return f"{vehicle} → {loan.partner_name}, {shown(loan.start_day)} to {shown(loan.end_day)}"
