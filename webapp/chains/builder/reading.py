"""Everything that the builder's page shows, read together: the form, the open draft, one's drafts, the facts beside."""

from dataclasses import dataclass
from datetime import date

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import zone_of
from webapp.calendar.panels.budget_panel import Budget, uses_of
from webapp.calendar.panels.budget_reading import read_budget
from webapp.calendar.panels.partner_facts import PartnerPanel, read_partner
from webapp.calendar.panels.vehicle_facts import VehiclePanel, read_vehicle
from webapp.chains.asking import Kind
from webapp.chains.builder.form import Form, form_for
from webapp.chains.builder.page import ChainPage, DraftEntry, chain_page, clock_time, entries_of
from webapp.chains.builder.values import Values, number_in, values_of
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.drafting import rows as draft_rows
from webapp.chains.drafting.queries import OpenDraft
from webapp.chains.panels.hop_map import HopMap
from webapp.chains.panels.map_reading import read_map
from webapp.chains.panels.picture_reading import of_draft
from webapp.chains.panels.timeline import Timeline
from webapp.chains.panels.timeline_reading import read_timeline
from webapp.db import db
from webapp.errors import InvalidInput, NotFound


@dataclass(frozen=True)
class Page:
    """The page in words. `chain` and `timeline` are None where no draft is open, `map` where it is not a vehicle's;
    `partner`, `vehicle` and `budget` where nobody is chosen, or they are not to be seen.
    """

    form: Form
    chain: ChainPage | None
    drafts: tuple[DraftEntry, ...]
    budget: Budget | None
    partner: PartnerPanel | None
    vehicle: VehiclePanel | None
    timeline: Timeline | None
    map: HopMap | None
    may_plan: bool


def read_page(
    actor: Actor,
    values: Values | None = None,
    draft_id: str | None = None,
    error: InvalidInput | None = None,
    *,
    with_facts: bool = True,
) -> Page:
    """The page with the draft opened, and the form as `values` have it (None: as the draft was asked for).

    `with_facts` False: those of the partner or the vehicle are on the page already. Raises `NotFound` for a draft
    that is nobody's or somebody else's.
    """
    draft = draft_queries.opened(actor, draft_id) if draft_id else None
    given = values or (values_of(draft.ask) if draft else Values())
    lines = draft_queries.mine(actor) if actor.may(Permission.PLAN_LOANS) else []
    if draft is None and not given.office and not given.person_id and not given.vin and lines:
        # Whoever builds goes on where they were.
        given = Values(kind=given.kind, office=lines[0].office, start=given.start)
    form = form_for(actor, given, error)
    zone = zone_of(actor.company_id, form.values.office)
    partner, vehicle = _facts(actor, form) if with_facts else (None, None)
    return Page(
        form=form,
        chain=chain_page(actor, draft) if draft else None,
        drafts=entries_of(lines, zone, draft.id if draft else None),
        budget=_budget(actor, form, draft),
        partner=partner,
        vehicle=vehicle,
        timeline=read_timeline(actor, of_draft(draft), _middle(draft)) if draft else None,
        map=read_map(actor, of_draft(draft)) if draft and draft.ask.kind is Kind.VEHICLE else None,
        may_plan=actor.may(Permission.PLAN_LOANS),
    )


def held_until(actor: Actor, draft_id: str) -> str:
    """Until when the draft's vehicles are held, in the office's time; empty where nothing is. Raises `NotFound`."""
    office = draft_rows.read(actor, draft_id).ask.office
    until = db.session.scalar(draft_queries.HELD_UNTIL, {"draft_id": draft_id, "now": clock.now()})
    return clock_time(until, zone_of(actor.company_id, office))


def _middle(draft: OpenDraft) -> date | None:
    """The month in which the middle of the chain is: the first often has but a day of it."""
    return draft.slots[(len(draft.slots) - 1) // 2].period.start_day.replace(day=1) if draft.slots else None


def _budget(actor: Actor, form: Form, draft: OpenDraft | None) -> Budget | None:
    """What is left to spend, as soon as an office and somebody are chosen; the draft's loans beside it."""
    values = form.values
    if not values.office or not form.has_whom or not actor.may(Permission.SEE_BUDGETS):
        return None
    uses, start = None, values.start_day
    if draft is not None and draft.ask.office == values.office:
        uses = uses_of((one.fleet, one.slot.period.start_day, one.cost) for one in draft.placed)
        start = draft.slots[0].period.start_day if draft.slots else start
    person_id, vin = (number_in(values.person_id), None) if form.is_of_partner else (None, values.vin)
    return read_budget(actor, values.office, start, person_id=person_id, vin=vin, uses=uses)


def _facts(actor: Actor, form: Form) -> tuple[PartnerPanel | None, VehiclePanel | None]:
    """What there is to know of whom the form names; nothing where they are not there (any more)."""
    values, person_id = form.values, number_in(form.values.person_id)
    try:
        if values.kind is Kind.PARTNER and person_id is not None and values.office:
            return read_partner(actor, person_id, values.office), None
        if values.kind is Kind.VEHICLE and values.vin:
            return None, read_vehicle(actor, values.vin)
    except NotFound:
        pass
    return None, None
