"""What is told of a partner: where, when and what they like to borrow, what they have and had.

`templates/calendar/panels/_partner.html` prints a `PartnerPanel` under the name `partner`; it may be included with
values at hand (`read_partner`) or fetched from `/calendar/partners/<person_id>?office=`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.card import Link, links_to_fms
from webapp.calendar.panels.addresses import partner_panel
from webapp.calendar.panels.budget_panel import Budget
from webapp.calendar.panels.budget_reading import read_budget
from webapp.calendar.panels.partner_makes import MakeLine, makes_of, published_of, rates_of
from webapp.calendar.panels.stay_reading import Found, of_partner
from webapp.calendar.panels.stays import FIRST_SHOWN, Line, by_time, lines_by_vehicle, year_of
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.distances import Point, miles_told, tenth_miles
from webapp.fleet.models import Partner, PreferredWeekday
from webapp.loans.checks import require_office
from webapp.loans.spending import costs_of
from webapp.names import last_first

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Statements are built once: here that takes longer than the database needs to answer.
LISTED = (
    select(
        Partner.name,
        Partner.office,
        Partner.default_loan_region,
        Partner.notes_instructions,
        Partner.affiliation,
        Partner.latitude,
        Partner.longitude,
    )
    .where(
        Partner.company_id == bindparam("company_id"),
        Partner.person_id == bindparam("person_id"),
        Partner.gone_at.is_(None),
    )
    .order_by(Partner.office)
)
PLACE = select(Location.latitude, Location.longitude).where(
    Location.company_id == bindparam("company_id"), Location.name == bindparam("office"), Location.is_office
)
WEEKDAY = select(PreferredWeekday.weekday, PreferredWeekday.loans).where(
    PreferredWeekday.company_id == bindparam("company_id"),
    PreferredWeekday.person_id == bindparam("person_id"),
    PreferredWeekday.office == bindparam("office"),
)


@dataclass(frozen=True)
class PartnerPanel:
    """What the panel prints, as text. `past` are the last loans that are over, all of them where `is_all`.

    `all_address` shows every one; empty where nothing is left out. `published` is told of all makes. `budget` is
    that of the quarter of the first loan to come, and of the next, for who may see it and asked for it; `plan` and
    `chain` are the form and the builder filled in, for who may plan.
    """

    person_id: int
    name: str
    affiliation: str
    facts: tuple[str, ...]
    year: str
    makes: tuple[MakeLine, ...]
    shows_costs: bool
    notes: str
    now: tuple[Line, ...]
    coming: tuple[Line, ...]
    past: tuple[Line, ...]
    past_count: int
    all_address: str
    links: tuple[Link, ...]
    published: str = ""
    budget: Budget | None = None
    plan: str = ""
    chain: str = ""


def read_partner(
    actor: Actor, person_id: int, office: str, *, is_all: bool = False, is_whole: bool = False
) -> PartnerPanel:
    """The partner as those at `office` are told of them; `is_whole`: with what is left to spend, and the ways to plan.

    A page of a chain has these itself.

    Raises `NotFound` for who or what is out of scope.
    """
    session: Session = db.session()
    require_office(session, actor, office)
    which = {"company_id": actor.company_id, "person_id": person_id, "office": office}
    rows = [row for row in session.execute(LISTED, which) if actor.reaches(actor.company_id, row.office)]
    if not rows:
        raise NotFound("There is no such partner, or you may not see them.")
    one = next((row for row in rows if row.office == office), rows[0])
    today = clock.today(zone_of(actor.company_id, office))
    sorted_stays = by_time(of_partner(actor, person_id, today), today)
    past = sorted_stays.past if is_all else sorted_stays.past[:FIRST_SHOWN]
    can_see_money = actor.may(Permission.SEE_BUDGETS)
    costs = costs_of(session, actor.company_id, [person_id])[person_id] if can_see_money else None
    rates = rates_of(session, actor.company_id, person_id)
    may_plan = is_whole and actor.may(Permission.PLAN_LOANS)
    whose = urlencode({"person_id": person_id, "office": office})
    next_start = min((stay.start_day for stay in sorted_stays.coming), default=None)
    return PartnerPanel(
        person_id=person_id,
        name=last_first(one.name),
        affiliation=one.affiliation,
        facts=_facts(session, which, rows, one),
        year=year_of(sorted_stays.past, today),
        makes=makes_of(session, actor.company_id, person_id, costs, rates),
        shows_costs=can_see_money,
        notes=one.notes_instructions,
        now=lines_by_vehicle(sorted_stays.now),
        coming=lines_by_vehicle(sorted_stays.coming),
        past=lines_by_vehicle(past, is_past=True),
        past_count=len(sorted_stays.past),
        all_address=f"{partner_panel(person_id, office)}&all=1" if len(past) < len(sorted_stays.past) else "",
        links=links_to_fms(person_id=person_id),
        published=published_of(rates),
        budget=read_budget(actor, office, next_start, person_id=person_id) if is_whole and can_see_money else None,
        plan=f"/calendar/plan?{whose}" if may_plan else "",
        chain=f"/chains?{whose}" if may_plan else "",
    )


def _facts(session: Session, which: Mapping[str, object], rows: Sequence[Found], one: Found) -> tuple[str, ...]:
    """Where they are listed and how far that is, and when their loans mostly start."""
    weekday, office = session.execute(WEEKDAY, which).first(), str(which["office"])
    facts = (
        ", ".join(row.office for row in rows),
        f"region {one.default_loan_region}" if one.default_loan_region not in ("", one.office) else "",
        _distance(session.execute(PLACE, which).first(), one, office),
        f"mostly starts on {WEEKDAYS[weekday.weekday]} ({weekday.loans} loans)" if weekday else "",
    )
    return tuple(fact for fact in facts if fact)


def _distance(place: Found | None, partner: Found, office: str) -> str:
    here, there = _point(place), _point(partner)
    if there is None:
        return "no place on the map"
    return f"{miles_told(tenth_miles(here, there))} from {office}" if here else ""


def _point(row: Found | None) -> Point | None:
    return None if row is None or row.latitude is None else (row.latitude, row.longitude)
