"""What others changed, for calendars that are open: the rows to draw again, the card, a word about an open form."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.card import Card, card_of_loan
from webapp.calendar.filters import PAGE, Filters, Rows
from webapp.calendar.forms import read_number
from webapp.calendar.reading import Again, Touched, read_again
from webapp.calendar.views import calendar_again, current_view
from webapp.db import db
from webapp.errors import NotFound
from webapp.loans import changes
from webapp.loans.changes import Change
from webapp.loans.full_history import past_of
from webapp.loans.models import LoanEvent

blueprint = Blueprint("calendar_live", __name__, url_prefix=PAGE)
TOKEN = "Live-Token"
# Beyond these the whole board is quicker than its parts.
MOST_CHANGES, MOST_ROWS = 500, 60
# How long before its change a sentence of a loan's history may have been written: in the same transaction.
TRANSACTION = timedelta(seconds=3)
NEWEST_EVENT = (
    select(LoanEvent.user_id, LoanEvent.actor_name, LoanEvent.text, LoanEvent.happened_at)
    .where(LoanEvent.assignment_id == bindparam("assignment_id"))
    .order_by(LoanEvent.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class News:
    """What happened to a loan that the person has open: who did what, empty where it was they themselves."""

    loan_id: int
    said: str
    is_gone: bool


@blueprint.get("/changes")
@requires(Permission.VIEW_LOANS)
def since() -> ResponseReturnValue:
    """204 where nothing changed after the change `since`; else what a page of this view has to draw again.

    `card` and `form` are the loans that the person has open. `all`: the page lacks a row and wants the whole board.
    """
    actor, known = current_actor(), read_number(request.args.get("since", ""))
    # One more than are looked at one by one: then there are too many.
    found = changes.after(actor, known, MOST_CHANGES + 1) if known is not None else []
    if known is not None and not found and "all" not in request.args:
        return "", 204
    view = current_view(actor)
    if view is None:
        return "", 204
    news = {name: _news(actor, found, read_number(request.args.get(name, ""))) for name in ("card", "form")}
    if known is None or "all" in request.args or _is_too_much(known, found, view):
        token = changes.latest()
        return _answer(token, calendar_again(actor, view) + _followed(actor, view, None, news))
    again = read_again(actor, view, _touched(found))
    token = found[-1].id
    if not (again.rows or again.gone or any(news.values())):
        return _answer(token, "", 204)
    return _answer(token, _followed(actor, view, again, news))


def _is_too_much(known: int, found: Sequence[Change], view: Filters) -> bool:
    rows = {each.person_id if view.rows is Rows.PARTNERS else each.fleet_vehicle_id for each in found}
    return (
        len(found) > MOST_CHANGES
        or len(rows) > MOST_ROWS
        or any(each.is_of_anything for each in found)
        or changes.is_forgotten(known)
    )


def _touched(found: Collection[Change]) -> list[Touched]:
    return [Touched(each.company_id, each.fleet_vehicle_id or 0, each.person_id or 0) for each in found]


def _news(actor: Actor, found: Sequence[Change], loan_id: int | None) -> News | None:
    """What became of a loan that is open; None where nothing did. After an import it may have been anything."""
    moments = [each.changed_at for each in found if loan_id is not None and each.assignment_id in (loan_id, None)]
    if loan_id is None or not moments:
        return None
    is_gone = _card(actor, loan_id) is None
    # Whoever names a loan of others is told that there is none, as everywhere; its history is not theirs to read.
    said = "" if is_gone and not _might_have_seen(actor, loan_id) else _said(actor, loan_id, moments[0])
    return News(loan_id, said, is_gone)


def _might_have_seen(actor: Actor, loan_id: int) -> bool:
    try:
        past_of(actor, loan_id)
    except NotFound:
        return False
    return True


def _said(actor: Actor, loan_id: int, since: datetime) -> str:
    row = db.session.execute(NEWEST_EVENT, {"assignment_id": loan_id}).first()
    if row is None or row.user_id == actor.user_id or row.happened_at < since - TRANSACTION:
        return ""
    return f"{row.actor_name}: {row.text}"


def _card(actor: Actor, loan_id: int) -> Card | None:
    try:
        return card_of_loan(actor, loan_id)
    except NotFound:
        return None


def _followed(actor: Actor, view: Filters, again: Again | None, news: dict[str, News | None]) -> str:
    of_card = news["card"]
    return render_template(
        "calendar/_followed.html",
        again=again,
        card=_card(actor, of_card.loan_id) if of_card else None,
        of_card=of_card,
        of_form=news["form"],
        back=view.address(),
        fms_url=current_app.extensions["settings"].fms_url,
    )


def _answer(token: int, body: str, status: int = 200) -> Response:
    response = make_response(body, status)
    response.headers[TOKEN] = str(token)
    return response
