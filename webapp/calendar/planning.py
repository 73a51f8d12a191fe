"""Planning and changing by form: the forms, the findings shown before saving, and the saving."""

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.actions import on_loan
from webapp.calendar.answers import Message, answer, refused, undo_of
from webapp.calendar.asking import Outlook, days_of, outlook_of, refuse_unseen, told_of
from webapp.calendar.copying import copy_of
from webapp.calendar.filters import PAGE
from webapp.calendar.forms import LoanForm, Wanted, change_form, new_form, read_day, read_number, read_wanted
from webapp.calendar.reading import touched_by
from webapp.calendar.views import current_view
from webapp.dates import shown
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.htmx import is_fragment
from webapp.loans import queries, requests, service
from webapp.loans.errors import BrokenRule, Stale
from webapp.loans.periods import Period
from webapp.loans.queries import Loan
from webapp.loans.requests import How, Result
from webapp.loans.rules import Assessment, Finding, Severity, noted
from webapp.loans.service import Change
from webapp.loans.states import GREEN, FmsState, Status

blueprint = Blueprint("calendar_planning", __name__, url_prefix=PAGE)
FIELDS = frozenset({"vin", "person_id", "office", "start_day", "end_day"})


@blueprint.get("/plan")
@requires(Permission.PLAN_LOANS)
def plan_form() -> ResponseReturnValue:
    """The form that plans a loan, filled from the row or the days it was opened at, or from the loan to copy."""
    actor = current_actor()
    copied = read_number(request.args.get("copy", ""))
    return _show(new_form(actor, request.args if copied is None else copy_of(actor, copied)))


@blueprint.get("/loans/<int:assignment_id>/change")
@requires(Permission.PLAN_LOANS)
def change_loan_form(assignment_id: int) -> ResponseReturnValue:
    """The form that changes a loan, filled with what the address wants of it."""
    actor = current_actor()
    return _show(change_form(actor, queries.loan(actor, assignment_id), request.args))


@blueprint.get("/check")
@requires(Permission.PLAN_LOANS)
def check() -> ResponseReturnValue:
    """What the rules say of the form as it stands, before anything is saved."""
    return render_template("calendar/_findings.html", outlook=_outlook(current_actor(), request.args))


@blueprint.post("/loans")
@requires(Permission.PLAN_LOANS)
def plan_loan() -> Response:
    """Plan the loan of the form. Where a rule binds, the form comes back with the fault at its field; where one
    warns of what the person has not seen, it comes back with that."""
    actor = current_actor()
    try:
        wanted = read_wanted(request.form)
        refuse_unseen(_checked(actor, wanted), seen())
        planned = service.plan(
            actor,
            vin=wanted.vin,
            person_id=wanted.person_id,
            office=wanted.office,
            start_day=wanted.start_day,
            end_day=wanted.end_day,
            status=_green(request.form.get("status", "")),
            remark=wanted.note,
            form_id=request.form.get("plan_id"),
        )
    except Refusal as refusal:
        return _again(new_form(actor, request.form, _fault(refusal)), refusal)
    loan = queries.loan(actor, planned.assignment_id)
    text = f"Planned {_label(loan)}{noted(planned.warnings, after='. ')}"
    message = Message("done", text, undo=undo_of(actor, loan.id))
    return answer(actor, 200, message, [touched_by(loan)], about=[loan.id])


@blueprint.post("/loans/<int:assignment_id>/change")
@requires(Permission.PLAN_LOANS)
def change_loan(assignment_id: int) -> Response:
    """Change a green loan."""

    def act(actor: Actor, loan: Loan) -> Result:
        wish = _wish(loan)
        if loan.status in GREEN and loan.fms_state is FmsState.NONE:
            _refuse_unseen(actor, loan, wish)
        changed = service.change(actor, assignment_id, wish, remark=note_given())
        said = f"Changed{noted(changed.warnings, after='. ')}"
        return Result(assignment_id, How.DONE, said, old_status=loan.status, new_status=loan.status)

    return on_loan(assignment_id, act, on_refusal=_change_again)


@blueprint.post("/loans/<int:assignment_id>/replace")
@requires(Permission.PLAN_LOANS)
def replace_loan(assignment_id: int) -> Response:
    """Unrequest, change and request again, as one confirmed step."""

    def act(actor: Actor, loan: Loan) -> Result:
        wish = _wish(loan)
        if loan.status is Status.REQUESTED and loan.fms_state is FmsState.ACCEPTED:
            _refuse_unseen(actor, loan, wish)
        return requests.replace_requested(actor, assignment_id, wish, remark=note_given())

    return on_loan(assignment_id, act, on_refusal=_change_again)


def _change_again(actor: Actor, loan: Loan, refusal: Refusal) -> Response:
    """The form with the fault; after somebody else's change, or a request already taken back, the loan as it is."""
    if loan.status == Status.REQUESTED and queries.loan(actor, loan.id).status != loan.status:
        return refused(actor, refusal, [touched_by(loan)], loan.id)
    changes = (refusal.changes or (refusal.sentence,)) if isinstance(refusal, Stale) else ()
    return _again(change_form(actor, loan, request.form, _fault(refusal), changes=changes), refusal)


def _refuse_unseen(actor: Actor, loan: Loan, wish: Change) -> None:
    refuse_unseen(service.check_change(actor, loan.id, wish), seen())


def seen() -> frozenset[str]:
    """Which findings the posted form had shown."""
    return frozenset(request.form.getlist("seen"))


def _wish(loan: Loan) -> Change:
    """What the posted form wants changed. Raises `InvalidInput` naming the fields."""
    wanted = read_wanted({**request.form, "office": loan.office})
    return wish_of(wanted, read_number(request.form.get("version", "")))


def wish_of(wanted: Wanted, version: int | None) -> Change:
    """The same as services take it; `version` is that of the loan as the person saw it."""
    return Change(version, wanted.start_day, wanted.end_day, wanted.vin, wanted.person_id)


def note_given() -> str:
    """The note of the posted form, for the loan's history."""
    return request.form.get("note", "").strip()[:500]


def _show(form: LoanForm, status: int = 200) -> Response:
    actor = current_actor()
    view = current_view(actor)
    template = "calendar/_plan.html" if is_fragment() else "calendar/plan.html"
    # Where nothing was refused, the page asks for it as soon as it is there.
    outlook = Outlook() if status == 200 else _outlook(actor, form.values, form.loan_id)
    body = render_template(template, form=form, outlook=outlook, back=view.address() if view else PAGE)
    return make_response(body, status)


def _again(form: LoanForm, refusal: Refusal) -> Response:
    return _show(form, refusal.status)


def _fault(refusal: Refusal) -> InvalidInput:
    if isinstance(refusal, InvalidInput):
        return refusal
    fault = InvalidInput(refusal.sentence, fields=_places(refusal), code=refusal.code)
    fault.status, fault.link = refusal.status, refusal.link
    return fault


def _places(refusal: Refusal) -> dict[str, str]:
    """Where in the form a broken rule is mended; what no field mends is a fault of the whole."""
    if isinstance(refusal, Stale):
        # What changed stands at the head of the form.
        return {}
    if not isinstance(refusal, BrokenRule):
        return {"": refusal.sentence}
    fields: dict[str, str] = {}
    for finding in refusal.findings:
        place = finding.field if finding.field in FIELDS else ""
        fields[place] = f"{fields[place]} {finding.text}" if place in fields else finding.text
    return fields


def _outlook(actor: Actor, values: Mapping[str, str], loan_id: int | None = None) -> Outlook:
    """What the rules say of the form with these values, as far as they can be read."""
    loan_id = loan_id if loan_id is not None else read_number(values.get("assignment_id", ""))
    try:
        wanted = read_wanted(values)
    except InvalidInput:
        return _outlook_without_partner(actor, values)
    return outlook_of(_assessment(actor, wanted, loan_id), wanted)


def _outlook_without_partner(actor: Actor, values: Mapping[str, str]) -> Outlook:
    """The same before anybody is chosen: what is in the way of the vehicle, whoever it is lent to."""
    start_day, end_day = (read_day(values.get(name, "")) for name in ("start_day", "end_day"))
    if not start_day or not end_day:
        return Outlook()
    days, vin = days_of(Period(start_day, end_day)), values.get("vin", "").strip()
    if not vin:
        return Outlook(days)
    try:
        office = values.get("office", "")
        found = service.check_vehicle(actor, vin=vin, office=office, start_day=start_day, end_day=end_day)
    except NotFound:
        return Outlook(days)
    # That nothing is in the way is said once it is known who gets it.
    return Outlook(days, told_of(found) or None)


def _assessment(actor: Actor, wanted: Wanted, loan_id: int | None = None) -> Assessment:
    """The same where nothing is made of it yet: what is out of scope is one more thing in the way."""
    try:
        return _checked(actor, wanted, loan_id)
    except NotFound as refusal:
        return Assessment((Finding(refusal.code, refusal.sentence, Severity.HARD),))


def _checked(actor: Actor, wanted: Wanted, loan_id: int | None = None) -> Assessment:
    """What the rules say of a new loan, or of this loan changed. Raises `NotFound` for what is out of scope."""
    if loan_id is not None:
        return service.check_change(actor, loan_id, wish_of(wanted, None))
    return service.check(
        actor,
        vin=wanted.vin,
        person_id=wanted.person_id,
        office=wanted.office,
        start_day=wanted.start_day,
        end_day=wanted.end_day,
    )


def _green(word: str) -> Status:
    return Status.PLANNED if word == Status.PLANNED else Status.MANUAL


def _label(loan: Loan) -> str:
    return f"{loan.vehicle_name} → {loan.partner_name}, {shown(loan.start_day)} to {shown(loan.end_day)}"
