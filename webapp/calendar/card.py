"""The card of a bar: what it says of a loan, and which actions the loan's state and the person's role allow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from flask import current_app
from sqlalchemy import select

from webapp.accounts.actor import Actor, in_company
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.looks import WORDS, Look, look_of_activity, look_of_loan
from webapp.calendar.panels.addresses import partner_panel, vehicle_panel
from webapp.calendar.queries import ACTIVITY_COLUMNS, VEHICLE_OF_ACTIVITY, ActivityFacts
from webapp.dates import shown, shown_with_weekday
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.models import Activity, Vehicle
from webapp.fleet.names import short_vin
from webapp.loans import full_history, notes
from webapp.loans import queries as loan_queries
from webapp.loans.queries import Loan
from webapp.loans.reconciled import ADVICE, TITLES
from webapp.loans.states import GREEN, FmsState, Status


@dataclass(frozen=True)
class Link:
    """A way out of the card: a label and an address in FMS."""

    label: str
    address: str


@dataclass(frozen=True)
class NoteLine:
    """A note as the card prints it; `is_own`: the reader may take it back."""

    id: int
    when: str
    writer: str
    text: str
    is_own: bool


@dataclass(frozen=True)
class Card:
    """What a card prints. `loan_id` None: the bar is FMS's own, and nothing can be done to it here.

    `history` holds (when, who, what), newest first; `history_count` is with FMS's answers and notes, 0 where it was
    not asked for; `facts` short remarks for one line; the panels are addresses, empty where there is
    nothing to be told.
    """

    title: str
    look: Look
    badge: str
    holder: str
    days: str
    facts: tuple[str, ...]
    links: tuple[Link, ...]
    warnings: tuple[str, ...]
    vehicle_panel: str = ""
    partner_panel: str = ""
    history: tuple[tuple[str, str, str], ...] = ()
    history_count: int = 0
    notes: tuple[NoteLine, ...] = ()
    can_note: bool = False
    loan_id: int | None = None
    version: int = 0
    fms_request_id: int | None = None
    chain_id: str | None = None
    can_request: bool = False
    can_unrequest: bool = False
    can_change: bool = False
    can_replace: bool = False
    can_delete: bool = False
    can_copy: bool = False
    can_settle: bool = False


def card_of_loan(actor: Actor, assignment_id: int) -> Card:
    """The card of a loan of ours. Raises `NotFound`."""
    loan = loan_queries.loan(actor, assignment_id)
    zone = zone_of(loan.company_id, loan.office)
    card = card_of(actor, loan, _history(actor, assignment_id, zone))
    lines = tuple(
        NoteLine(note.id, when(note.written_at, zone), note.writer, note.text, note.is_own)
        for note in notes.of_loan(actor, assignment_id)
    )
    may_note = actor.may(Permission.PLAN_LOANS) and actor.reaches(loan.company_id, loan.office)
    return replace(card, notes=lines, can_note=may_note, history_count=full_history.count(assignment_id))


def when(instant: datetime, zone: tzinfo) -> str:
    """A moment as people of that zone say it."""
    return instant.astimezone(zone).strftime("%m-%d-%y %H:%M %Z")


def card_of(actor: Actor, loan: Loan, history: tuple[tuple[str, str, str], ...] = ()) -> Card:
    """The card of a loan that has been read, without asking the database again."""
    look = look_of_loan(loan.status, loan.fms_state)
    # A loan of another office may stand on a vehicle of ours: then it is shown, and left alone.
    may = actor.may(Permission.PLAN_LOANS) and actor.reaches(loan.company_id, loan.office)
    is_settled = loan.fms_state not in (FmsState.SENDING, FmsState.UNCERTAIN)
    is_green = may and is_settled and loan.status in GREEN
    is_requested = may and is_settled and loan.status == Status.REQUESTED
    is_told = _may_ask(actor, loan.company_id, loan.office)
    return Card(
        title=loan.vehicle_name,
        look=look,
        badge=f"{WORDS[look]} #{loan.fms_request_id}" if loan.fms_request_id else WORDS[look],
        holder=loan.partner_name,
        days=_days(loan.start_day, loan.end_day),
        facts=tuple(fact for fact in (loan.color, f"VIN {loan.vin}", loan.office) if fact),
        links=links_to_fms(vehicle_id=loan.vehicle_id, person_id=loan.person_id, activity_id=loan.activity_id),
        warnings=_warnings(loan, look),
        vehicle_panel=vehicle_panel(loan.vin, loan.start_day) if loan.company_id == actor.company_id else "",
        partner_panel=partner_panel(loan.person_id, loan.office) if is_told else "",
        history=history,
        loan_id=loan.id,
        version=loan.version,
        fms_request_id=loan.fms_request_id,
        chain_id=loan.chain_id,
        can_request=is_green,
        can_unrequest=is_requested and loan.fms_request_id is not None,
        can_change=is_green,
        can_replace=is_requested and loan.fms_request_id is not None,
        can_delete=is_green or (is_requested and loan.fms_request_id is not None),
        can_copy=may,
        can_settle=may and loan.fms_state is FmsState.UNCERTAIN,
    )


def card_of_activity(actor: Actor, activity_id: int, today: date) -> Card:
    """The card of a row of FMS's own calendar. Raises `NotFound`."""
    row = db.session.execute(
        select(*ACTIVITY_COLUMNS, Vehicle.office, Vehicle.vehicle_id, Vehicle.color)
        .outerjoin(Vehicle, VEHICLE_OF_ACTIVITY)
        .where(Activity.activity_id == activity_id, Activity.gone_at.is_(None), in_company(actor, Activity.company_id))
        .order_by(Activity.company_id)
    ).first()
    if row is None or not actor.reaches(row.company_id, row.office):
        raise NotFound("FMS's calendar has no such row any more, or you may not see it.")
    *facts, office, vehicle_id, color = row
    activity = ActivityFacts(*facts)
    look = look_of_activity(activity.person_id, activity.end_day, today)
    is_told = _may_ask(actor, row.company_id, office)
    return Card(
        title=activity.vehicle_name,
        look=look,
        badge=activity.activity_type or WORDS[look],
        holder=activity.to,
        days=_days(activity.start_day, activity.end_day),
        facts=tuple(fact for fact in (color, f"VIN {activity.vin}", office or activity.region) if fact),
        links=links_to_fms(vehicle_id=vehicle_id, person_id=activity.person_id, activity_id=activity.activity_id),
        warnings=() if office else (f"{short_vin(activity.vin)} is not in the vehicles feed.",),
        vehicle_panel=vehicle_panel(activity.vin, activity.start_day) if is_told else "",
        partner_panel=partner_panel(activity.person_id, office) if is_told and activity.person_id else "",
    )


def _may_ask(actor: Actor, company_id: int, office: str | None) -> bool:
    """Whether panels can be asked for in the name of that office: they are of one's own company."""
    return office is not None and company_id == actor.company_id and actor.reaches(company_id, office)


def _warnings(loan: Loan, look: Look) -> tuple[str, ...]:
    said = []
    if look is Look.UNCERTAIN:
        said.append("FMS did not answer; it may hold this request. Do not send it again: we are checking.")
    if loan.flag:
        said.append(f"{TITLES[loan.flag]}. {ADVICE[loan.flag]}")
    if look is Look.SENDING:
        said.append("This is being sent to FMS right now.")
    day = loan.expected_turn_in_date
    if day is not None and day < loan.end_day:
        where = "falls inside" if day >= loan.start_day else "is before"
        said.append(f"Expected turn-in {shown(day)} {where} this loan. FMS still books past it.")
    if loan.reason:
        said.append(loan.reason)
    return tuple(said)


def _history(actor: Actor, assignment_id: int, zone: tzinfo) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (when(entry.happened_at, zone), entry.actor_name, entry.text)
        for entry in loan_queries.history(actor, assignment_id)
    )


def links_to_fms(
    *, vehicle_id: int | None = None, person_id: int | None = None, activity_id: int | None = None
) -> tuple[Link, ...]:
    """The pages of FMS about these, by FMS's numbers; none where FMS's address is not set."""
    base: str = current_app.extensions["settings"].fms_url
    if not base:
        return ()
    ways: Sequence[tuple[str, str, int | None]] = (
        ("Vehicle in FMS", "vehicles/list_activities", vehicle_id),
        ("Partner in FMS", "people/list_activities", person_id),
        ("Activity in FMS", "activities/edit", activity_id),
    )
    return tuple(Link(label, f"{base}/{path}/{number}") for label, path, number in ways if number is not None)


def _days(start_day: date, end_day: date) -> str:
    days = (end_day - start_day).days
    length = "same day" if days <= 0 else "1 day" if days == 1 else f"{days} days"
    return f"{shown_with_weekday(start_day)} → {shown_with_weekday(end_day)} · {length}"
