"""Moving a loan to other days, another vehicle or another partner: what a drag, the arrow keys and a form send.

What the person has not been told yet comes first: then nothing is done, and the same form comes back with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, current_app, make_response, render_template, request

from webapp.accounts.access import requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.actions import on_loan
from webapp.calendar.answers import Message, answer
from webapp.calendar.asking import Outlook, Unseen, days_of, outlook_of, refuse_unseen, why_not
from webapp.calendar.filters import PAGE
from webapp.calendar.forms import Wanted, read_number, read_wanted
from webapp.calendar.planning import note_given, seen, wish_of
from webapp.calendar.reading import read_rows, touched_by
from webapp.calendar.views import current_view
from webapp.db import db
from webapp.errors import Refusal
from webapp.htmx import is_by_htmx
from webapp.loans import requests, service
from webapp.loans.errors import BrokenRule, Stale
from webapp.loans.facts import full_name, partner_of, vehicle_of
from webapp.loans.periods import Period
from webapp.loans.queries import Loan
from webapp.loans.requests import How, Result
from webapp.loans.rules import noted
from webapp.loans.service import Change
from webapp.loans.states import GREEN, FmsState, Status

blueprint = Blueprint("calendar_moving", __name__, url_prefix=f"{PAGE}/loans/<int:assignment_id>")


@dataclass(frozen=True)
class Ask:
    """What a person is asked before their loan is moved.

    `fields` is the form as it was sent, on the loan's present version; `changes` what others did since the person
    looked at it; `is_requested`: FMS holds a request, which is taken back and made anew.
    """

    loan_id: int
    title: str
    was: str
    will: str
    fields: Mapping[str, str]
    outlook: Outlook
    is_requested: bool
    changes: tuple[str, ...] = ()


@blueprint.post("/move")
@requires(Permission.PLAN_LOANS)
def move_loan(assignment_id: int) -> Response:
    """Move a green loan; a requested one is unrequested, moved and requested again, once the person has said so.

    `start_day`, `end_day`, and where they change `vin` and `person_id`; `version` is that of the picture the person
    has, `seen` what they were told, `replace` that FMS may be asked.
    """

    def act(actor: Actor, loan: Loan) -> Result:
        wanted = _wanted(loan)
        wish = wish_of(wanted, read_number(request.form.get("version", "")))
        is_open_to_it = (loan.status, loan.fms_state) == (Status.REQUESTED, FmsState.ACCEPTED)
        if is_open_to_it or (loan.status in GREEN and loan.fms_state is FmsState.NONE):
            assessment = service.check_change(actor, assignment_id, wish)
            as_it_stands = partial(service.check_change, actor, assignment_id, Change(None))
            refuse_unseen(assessment, seen(), standing=as_it_stands)
            if is_open_to_it and "replace" not in request.form:
                raise Unseen(assessment)
        if is_open_to_it:
            return requests.replace_requested(actor, assignment_id, wish, remark=note_given())
        moved = service.change(actor, assignment_id, wish, remark=note_given())
        said = f"Moved to {days_of(_period(wanted))}{noted(moved.warnings, after='. ')}"
        return Result(assignment_id, How.DONE, said, old_status=loan.status, new_status=loan.status)

    return on_loan(assignment_id, act, on_refusal=_asked_or_refused)


def _asked_or_refused(actor: Actor, loan: Loan, refusal: Refusal) -> Response:
    """Ask where the person may go on; else the row as it stands, what is in the way, and every reason."""
    if isinstance(refusal, Unseen):
        return _asked(actor, loan, refusal)
    if isinstance(refusal, Stale):
        wanted = _wanted(loan)
        assessment = service.check_change(actor, loan.id, wish_of(wanted, None))
        may_go_on = not assessment.hard and loan.status in {*GREEN, Status.REQUESTED}
        if may_go_on:
            return _asked(actor, loan, Unseen(assessment), changes=refusal.changes or (refusal.sentence,))
    why = why_not(_wanted(loan)) if isinstance(refusal, BrokenRule) else ""
    message = Message("refused", refusal.sentence, link=refusal.link, why=why)
    return answer(actor, refusal.status, message, [touched_by(loan)], about=[loan.id], keep_card_of=loan.id)


def _asked(actor: Actor, loan: Loan, unseen: Unseen, changes: tuple[str, ...] = ()) -> Response:
    wanted = _wanted(loan)
    view = current_view(actor)
    ask = Ask(
        loan_id=loan.id,
        title=f"{loan.vehicle_name} → {loan.partner_name}",
        was=days_of(Period(loan.start_day, loan.end_day)),
        will=" · ".join([days_of(_period(wanted)), *_others(loan, wanted)]),
        fields={
            "vin": wanted.vin,
            "person_id": str(wanted.person_id),
            "start_day": wanted.start_day.isoformat(),
            "end_day": wanted.end_day.isoformat(),
            "version": str(loan.version),
        },
        outlook=outlook_of(unseen.assessment, wanted),
        is_requested=loan.status is Status.REQUESTED,
        changes=changes,
    )
    body = render_template(
        "calendar/_move.html" if is_by_htmx() else "calendar/move.html",
        ask=ask,
        # Drawn again only where others changed it: the person sees it where it is now.
        rows=read_rows(actor, view, [touched_by(loan)]) if changes and view else (),
        back=view.address() if view else PAGE,
        fms_url=current_app.extensions["settings"].fms_url,
    )
    return make_response(body, unseen.status)


def _wanted(loan: Loan) -> Wanted:
    """The loan as the posted form wants it; what it leaves out stays. Raises `InvalidInput` naming the fields."""
    present = {
        "vin": loan.vin,
        "person_id": str(loan.person_id),
        "start_day": loan.start_day.isoformat(),
        "end_day": loan.end_day.isoformat(),
    }
    return read_wanted({**present, **{name: value for name, value in request.form.items() if value}})


def _period(wanted: Wanted) -> Period:
    return Period(wanted.start_day, wanted.end_day)


def _others(loan: Loan, wanted: Wanted) -> list[str]:
    """Vehicle and partner, where it would get others."""
    session, said = db.session(), []
    if wanted.vin != loan.vin:
        vehicle = vehicle_of(session, loan.company_id, wanted.vin)
        said.append(full_name(vehicle) if vehicle else wanted.vin)
    if wanted.person_id != loan.person_id:
        partner = partner_of(session, loan.company_id, wanted.person_id, loan.office)
        said.append(partner.name if partner else str(wanted.person_id))
    return said
