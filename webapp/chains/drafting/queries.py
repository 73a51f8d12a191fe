"""Reading drafts: one that is opened, with its cards and all that is said of it, and the list of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import asks as draft_asks
from webapp.chains.drafting import rows as draft_rows
from webapp.chains.drafting import slots as draft_slots
from webapp.chains.drafting.told import Outcome as Outcome
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Key, Placed
from webapp.chains.models import Draft, DraftSlot
from webapp.chains.solving.slots import Conflict, Slot
from webapp.chains.solving.values import Unfilled
from webapp.db import db
from webapp.fleet.models import Partner, Vehicle
from webapp.fleet.names import full_name
from webapp.loans.models import SoftHold

HELD_UNTIL = select(func.max(SoftHold.until)).where(
    SoftHold.plan_id == bindparam("draft_id"), SoftHold.until > bindparam("now")
)


@dataclass(frozen=True)
class OpenDraft:
    """A draft as its page shows it. `ask` carries in `pinned` and `pinned_days` what a person chose.

    `slots` are in order of days, numbered from 1; a number means the same loan as long as `version` is the same.
    `picks` maps those numbers to what fills them, `placed` are their cards. `outcome` is what the last suggestion
    said of the whole (None: built by hand so far), `unfilled` why loans are empty that it left so, `notes` what
    there is to say of the last change. `conflicts`: what is booked already and overlaps all the same. `banner` is
    empty where there is nothing to say. `held_until` None: nothing is held softly any more.
    """

    id: str
    version: int
    ask: Ask
    slots: tuple[Slot, ...]
    picks: Mapping[int, Key]
    placed: tuple[Placed, ...]
    outcome: Outcome | None
    unfilled: tuple[Unfilled, ...]
    notes: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    banner: str
    held_until: datetime | None
    chain_id: str | None
    created_at: datetime
    touched_at: datetime

    @property
    def ask_as_it_stands(self) -> Ask:
        """The ask with the days of all loans as they are: whom and what was left out of just these."""
        return draft_asks.fixed(self.ask, self.slots, self.ask.pinned)

    @property
    def is_full(self) -> bool:
        """Whether no loan is empty."""
        return len(self.picks) == len(self.slots)


@dataclass(frozen=True)
class DraftLine:
    """A draft in a list. `title` is whose chain it is; `filled` of `count` loans are chosen."""

    id: str
    title: str
    kind: Kind
    office: str
    start_day: date
    filled: int
    count: int
    chain_id: str | None
    touched_at: datetime


def opened(actor: Actor, draft_id: str) -> OpenDraft:
    """One's own draft, everything checked as of now. Raises `NotFound`, `Forbidden`."""
    actor.require(Permission.PLAN_LOANS)
    state = draft_rows.read(actor, draft_id)
    slots, picks = draft_slots.slots_of(state.places), draft_slots.picks_of(state.places)
    calendar = suggesting.calendar_of(actor, state.ask, is_begun=True)
    threaded = draft_asks.threaded(calendar, state.places, state.ask)
    is_asked = state.told.outcome is not None
    return OpenDraft(
        id=state.id,
        version=state.version,
        ask=state.ask,
        slots=slots,
        picks=picks,
        placed=suggesting.placed(actor, state.ask, slots, picks),
        outcome=state.told.outcome,
        unfilled=state.told.unfilled(state.places),
        notes=state.told.notes,
        conflicts=threaded.conflicts,
        # Until something was suggested, empty loans are no news.
        banner=threaded.banner(len(picks) if is_asked else None),
        held_until=db.session.scalar(HELD_UNTIL, {"draft_id": draft_id, "now": clock.now()}),
        chain_id=state.chain_id,
        created_at=state.created_at,
        touched_at=state.touched_at,
    )


def mine(actor: Actor) -> list[DraftLine]:
    """One's own drafts of offices in scope, the one touched last first."""
    session: Session = db.session()
    filled = func.count(DraftSlot.person_id) + func.count(DraftSlot.fleet_vehicle_id)
    loans = (
        select(DraftSlot.draft_id, func.count().label("slots"), filled.label("filled"))
        .group_by(DraftSlot.draft_id)
        .subquery()
    )
    # A person may be listed under two offices.
    name = (
        select(func.min(Partner.name))
        .where(Partner.company_id == Draft.company_id, Partner.person_id == Draft.person_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Draft.id,
            Draft.kind,
            Draft.office,
            Draft.person_id,
            Draft.start_day,
            Draft.count.label("asked"),
            Draft.chain_id,
            Draft.touched_at,
            Vehicle.make,
            Vehicle.model,
            Vehicle.vin,
            name.label("partner_name"),
            func.coalesce(loans.c.slots, 0).label("slots"),
            func.coalesce(loans.c.filled, 0).label("filled"),
        )
        .outerjoin(Vehicle, Vehicle.id == Draft.fleet_vehicle_id)
        .outerjoin(loans, loans.c.draft_id == Draft.id)
        .where(
            Draft.user_id == actor.user_id,
            Draft.company_id == actor.company_id,
            in_scope(actor, Draft.company_id, Draft.office),
        )
        .order_by(Draft.touched_at.desc(), Draft.id)
    )
    return [
        DraftLine(
            id=row.id,
            title=full_name(row.make, row.model, row.vin) if row.vin else row.partner_name or str(row.person_id),
            kind=Kind(row.kind),
            office=row.office,
            start_day=row.start_day,
            filled=row.filled,
            count=max(row.asked, row.slots),
            chain_id=row.chain_id,
            touched_at=row.touched_at,
        )
        for row in rows
    ]
