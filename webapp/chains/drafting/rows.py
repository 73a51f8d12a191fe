"""Drafts in the database: read as plain values, written back whole, their vehicles held softly with every write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting.slots import Place, Places, days_of, pinned_of
from webapp.chains.drafting.told import Told, told_from
from webapp.chains.looking.suggestion import Key
from webapp.chains.models import Draft, DraftSlot
from webapp.chains.solving.slots import Slot
from webapp.db import db
from webapp.errors import NotFound
from webapp.fleet.models import Vehicle
from webapp.fleet.names import normal_vin
from webapp.loans import holds
from webapp.loans.errors import Stale
from webapp.loans.periods import Period

GONE = "You are not building this chain: it was saved, discarded, or is somebody else's."
STALE = "This chain was changed meanwhile, perhaps in another tab. Here it is as it stands now; look again."
# The same form sent twice begins one draft, not two.
TWINS = timedelta(minutes=1)
# Statements are built once: here that takes longer than the database needs to answer.
MINE = (
    select(Draft.__table__, Vehicle.vin)
    .outerjoin(Vehicle, Vehicle.id == Draft.fleet_vehicle_id)
    .where(Draft.user_id == bindparam("user_id"), Draft.company_id == bindparam("company_id"))
)
ONE = MINE.where(Draft.id == bindparam("draft_id"))
SINCE = MINE.where(Draft.version == 1, Draft.created_at >= bindparam("since"))
SLOTS = (
    select(
        DraftSlot.position,
        DraftSlot.start_day,
        DraftSlot.end_day,
        DraftSlot.has_chosen_days,
        DraftSlot.is_pinned,
        DraftSlot.person_id,
        Vehicle.vin,
    )
    .outerjoin(Vehicle, Vehicle.id == DraftSlot.fleet_vehicle_id)
    .where(DraftSlot.draft_id == bindparam("draft_id"))
    .order_by(DraftSlot.position)
)


@dataclass(frozen=True)
class State:
    """A draft as it stands. `ask` carries in `pinned` and `pinned_days` what a person chose."""

    id: str
    version: int
    ask: Ask
    places: Places
    told: Told
    chain_id: str | None
    created_at: datetime
    touched_at: datetime

    def refuse_stale(self, version: int) -> None:
        """Raise `Stale` where the person looked at an older picture of it."""
        if self.version != version:
            raise Stale(STALE)


def read(actor: Actor, draft_id: str) -> State:
    """One's own draft, of an office in scope. Raises `NotFound`."""
    session: Session = db.session()
    _refuse_no_id(draft_id)
    row = session.execute(ONE, {**_whose(actor), "draft_id": draft_id}).one_or_none()
    if row is None or not actor.reaches(row.company_id, row.office):
        raise NotFound(GONE)
    return _state(session, row)


def locked(session: Session, actor: Actor, draft_id: str, version: int | None = None) -> Draft:
    """The row, locked until the writing transaction ends. `version` None: whichever. Raises `NotFound`, `Stale`."""
    _refuse_no_id(draft_id)
    draft = session.scalar(
        select(Draft)
        .where(Draft.id == draft_id, Draft.user_id == actor.user_id, Draft.company_id == actor.company_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None or not actor.reaches(draft.company_id, draft.office):
        raise NotFound(GONE)
    if version is not None and draft.version != version:
        raise Stale(STALE)
    return draft


def begin(session: Session, actor: Actor, ask: Ask, places: Places, told: Told, chain_id: str | None) -> str:
    """A new draft; its id. One that was just begun alike, and not touched since, is the same."""
    # Of two that come at once, the second waits here for the first.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
    now = clock.now()
    for row in session.execute(SINCE, {**_whose(actor), "since": now - TWINS}).all():
        state = _state(session, row)
        if (state.ask, state.places, state.chain_id) == (asked(ask, places), places, chain_id):
            return state.id
    draft = Draft(
        id=str(uuid4()),
        company_id=actor.company_id,
        user_id=actor.user_id,
        kind=ask.kind.value,
        chain_id=chain_id,
        created_at=now,
        version=0,
    )
    write(session, actor, draft, ask, places, told)
    return draft.id


def write(session: Session, actor: Actor, draft: Draft, ask: Ask, places: Places, told: Told) -> None:
    """Make the draft this, hold its vehicles and let its version grow. Whose chain it is never changes."""
    rows = _vehicles(session, actor, [place.key for place in places], ask.vin)
    draft.office = ask.office
    draft.person_id = ask.person_id if ask.kind is Kind.PARTNER else None
    draft.fleet_vehicle_id = rows[ask.vin] if ask.kind is Kind.VEHICLE and ask.vin else None
    draft.start_day, draft.days, draft.count = ask.start, ask.days, ask.count
    draft.respect_budgets, draft.allow_double_booking = ask.respect_budgets, ask.allow_double_booking
    draft.is_strict, draft.makes, draft.tiers = ask.is_strict, list(ask.makes), list(ask.tiers)
    draft.models = [list(each) for each in ask.models]
    draft.outcome = told.as_json()
    draft.version += 1
    draft.touched_at = clock.now()
    session.add(draft)
    session.flush()
    session.execute(
        delete(DraftSlot).where(DraftSlot.draft_id == draft.id), execution_options={"synchronize_session": False}
    )
    if places:
        session.execute(insert(DraftSlot), [_slot(draft.id, place, rows) for place in places])
    holds.hold(session, actor, draft.id, _wanted(draft, [_planned(place, rows) for place in places]))


def hold_again(session: Session, actor: Actor, draft: Draft) -> datetime:
    """Hold what the draft has for as long as a new one; until when."""
    slots = session.execute(
        select(DraftSlot.fleet_vehicle_id, DraftSlot.start_day, DraftSlot.end_day, DraftSlot.person_id)
        .where(DraftSlot.draft_id == draft.id)
        .order_by(DraftSlot.position)
    )
    draft.touched_at = clock.now()
    session.flush()
    wanted = _wanted(draft, [(vehicle, Period(start, end), person) for vehicle, start, end, person in slots])
    return holds.hold(session, actor, draft.id, wanted)


def asked(ask: Ask, places: Places) -> Ask:
    """The ask with what a person chose, as `read` gives it."""
    vin = normal_vin(ask.vin) if ask.vin else None
    return replace(ask, vin=vin, pinned=pinned_of(places), pinned_days=days_of(places))


def _refuse_no_id(draft_id: str) -> None:
    # PostgreSQL would not even compare a name that holds one.
    if "\x00" in draft_id:
        raise NotFound(GONE)


def _whose(actor: Actor) -> dict[str, object]:
    return {"user_id": actor.user_id, "company_id": actor.company_id}


def _wanted(draft: Draft, loans: Iterable[tuple[int | None, Period, int | None]]) -> list[holds.Wish]:
    """What to hold. The vehicle of a vehicle chain is being planned on the days of empty loans, too."""
    wanted = [
        (draft.fleet_vehicle_id or vehicle_id, period, draft.person_id or person_id)
        for vehicle_id, period, person_id in loans
    ]
    return [holds.Wish(vehicle, period, person) for vehicle, period, person in wanted if vehicle is not None]


def _planned(place: Place, rows: Mapping[str, int]) -> tuple[int | None, Period, int | None]:
    return _row(place, rows), place.period, place.key if isinstance(place.key, int) else None


def _vehicles(session: Session, actor: Actor, keys: Iterable[Key | None], vin: str | None) -> Mapping[str, int]:
    """The row ids of all VINs that a draft names."""
    vins = {key for key in (*keys, vin) if isinstance(key, str)}
    rows = session.execute(
        select(Vehicle.vin, Vehicle.id).where(Vehicle.company_id == actor.company_id, Vehicle.vin.in_(sorted(vins)))
    )
    found = {row.vin: row.id for row in rows}
    if vins - found.keys():
        raise NotFound("There is no such vehicle, or you may not see it.")
    return found


def _row(place: Place, rows: Mapping[str, int]) -> int | None:
    return rows[place.key] if isinstance(place.key, str) else None


def _slot(draft_id: str, place: Place, rows: Mapping[str, int]) -> dict[str, object]:
    return {
        "draft_id": draft_id,
        "position": place.index,
        "start_day": place.period.start_day,
        "end_day": place.period.end_day,
        "has_chosen_days": place.slot.is_pinned,
        "fleet_vehicle_id": _row(place, rows),
        "person_id": place.key if isinstance(place.key, int) else None,
        "is_pinned": place.is_pinned,
    }


def _state(session: Session, row: Row[*tuple[Any, ...]]) -> State:
    places = tuple(_place(slot) for slot in session.execute(SLOTS, {"draft_id": row.id}))
    ask = Ask(
        kind=Kind(row.kind),
        office=row.office,
        start=row.start_day,
        person_id=row.person_id,
        vin=row.vin,
        days=row.days,
        # A row is a tuple, too, and those have a method of that name.
        count=row._mapping["count"],
        respect_budgets=row.respect_budgets,
        allow_double_booking=row.allow_double_booking,
        makes=tuple(row.makes),
        models=tuple((make, model) for make, model in row.models),
        is_strict=row.is_strict,
        tiers=tuple(row.tiers),
    )
    told = told_from(row.outcome)
    return State(row.id, row.version, asked(ask, places), places, told, row.chain_id, row.created_at, row.touched_at)


def _place(row: Row[*tuple[Any, ...]]) -> Place:
    slot = Slot(row.position, Period(row.start_day, row.end_day), row.has_chosen_days)
    return Place(slot, row.vin if row.vin is not None else row.person_id, row.is_pinned)
