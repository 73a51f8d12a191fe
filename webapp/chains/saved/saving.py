"""Saving a chain: a draft becomes green loans with one chain id, all of them or none, and the draft is gone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Kind
from webapp.chains.drafting import drafts
from webapp.chains.drafting.rows import GONE, STALE
from webapp.chains.models import Draft, DraftSlot
from webapp.db import close_reading, db
from webapp.errors import InvalidInput, NotFound
from webapp.fleet.models import Vehicle
from webapp.loans import batches, queries, service
from webapp.loans.errors import BrokenChain, Stale
from webapp.loans.models import BatchKind
from webapp.loans.service import LoanWish
from webapp.loans.states import Status


@dataclass(frozen=True)
class Saved:
    """A chain that was saved. `batch_id`: the run that requests it in FMS, where one was begun."""

    chain_id: str
    assignment_ids: tuple[int, ...]
    batch_id: str | None = None


@dataclass(frozen=True)
class _Filled:
    """What of a draft becomes loans. `places` are the slots' positions, from 1, in the order of `wishes`."""

    chain_id: str
    office: str
    wishes: tuple[LoanWish, ...]
    places: tuple[int, ...]


def save(actor: Actor, draft_id: str, version: int, *, remark: str = "") -> Saved:
    """Save one's own draft as green loans: `manual` what a person picked, `planned` what was suggested.

    In one transaction with the end of the draft and of its soft holds; FMS hears nothing. Empty slots stay behind.
    A draft that continues a chain adds to it. Saving twice is saving once. Raises `BrokenChain` with what binds
    everybody by loan (its place in the draft, from 0), `Stale`, `NotFound`, `InvalidInput` where nothing is filled.
    """
    return _save(actor, draft_id, version, remark)[0]


def save_and_request(actor: Actor, draft_id: str, version: int, *, remark: str = "") -> Saved:
    """Save, and then begin a run that requests each loan in FMS. Raises what `save` raises; then nothing is sent."""
    saved, is_new = _save(actor, draft_id, version, remark)
    if not is_new:
        return saved
    return replace(saved, batch_id=batches.start(actor, BatchKind.REQUEST, saved.assignment_ids))


def is_saved(actor: Actor, draft_id: str) -> bool:
    """Whether that draft became a chain, which has its id, with a loan in scope. False for what is no id at all."""
    try:
        chain_id = str(UUID(draft_id))
    except ValueError:
        return False
    return bool(queries.loans_of_chain(actor, chain_id))


def _save(actor: Actor, draft_id: str, version: int, remark: str) -> tuple[Saved, bool]:
    actor.require(Permission.PLAN_LOANS)
    try:
        filled = _filled(actor, draft_id, version)
        return _write(actor, draft_id, version, filled, remark), True
    except NotFound:
        # A second click, or a request that was sent again: the chain has the draft's id.
        loans = queries.loans_of_chain(actor, draft_id)
        if not loans:
            raise
        return Saved(draft_id, tuple(loan.id for loan in loans)), False


def _write(actor: Actor, draft_id: str, version: int, filled: _Filled, remark: str) -> Saved:
    try:
        planned = service.plan_all(
            actor,
            office=filled.office,
            wishes=filled.wishes,
            chain_id=filled.chain_id,
            remark=remark,
            # Under the lock of the draft: somebody may have saved or changed it since it was read.
            also=lambda session: drafts.end(session, actor, draft_id, version),
        )
    except BrokenChain as broken:
        found = broken.findings_by_loan
        raise BrokenChain({filled.places[place] - 1: findings for place, findings in found.items()}) from None
    return Saved(filled.chain_id, tuple(one.assignment_id for one in planned))


def _filled(actor: Actor, draft_id: str, version: int) -> _Filled:
    """The draft's filled slots as wishes, by position. Raises `NotFound`, `Stale`, `InvalidInput`."""
    session: Session = db.session()
    draft = session.scalar(select(Draft).where(Draft.id == draft_id, Draft.user_id == actor.user_id))
    if draft is None:
        raise NotFound(GONE)
    if draft.version != version:
        raise Stale(STALE)
    slots = session.scalars(select(DraftSlot).where(DraftSlot.draft_id == draft_id).order_by(DraftSlot.position)).all()
    filled = [slot for slot in slots if _what_fills(draft, slot) is not None]
    if not filled:
        sentence = f"Nothing is chosen yet: choose a {_missing(draft)} for at least one loan, then save."
        raise InvalidInput(sentence, fields={"slots": sentence})
    wishes = _wishes(session, draft, filled)
    # What is read here is checked again under the locks; no reading transaction stays open meanwhile.
    found = _Filled(draft.chain_id or draft.id, draft.office, wishes, tuple(slot.position for slot in filled))
    close_reading()
    return found


def _wishes(session: Session, draft: Draft, filled: Sequence[DraftSlot]) -> tuple[LoanWish, ...]:
    ids = {slot.fleet_vehicle_id or draft.fleet_vehicle_id for slot in filled}
    vins = {row.id: row.vin for row in session.execute(select(Vehicle.id, Vehicle.vin).where(Vehicle.id.in_(ids)))}
    wishes = []
    for slot in filled:
        vehicle, person_id = slot.fleet_vehicle_id or draft.fleet_vehicle_id, slot.person_id or draft.person_id
        assert vehicle is not None
        assert person_id is not None
        status = Status.MANUAL if slot.is_pinned else Status.PLANNED
        wishes.append(LoanWish(vins[vehicle], person_id, slot.start_day, slot.end_day, status))
    return tuple(wishes)


def _what_fills(draft: Draft, slot: DraftSlot) -> int | None:
    return slot.fleet_vehicle_id if draft.kind == Kind.PARTNER else slot.person_id


def _missing(draft: Draft) -> str:
    return "vehicle" if draft.kind == Kind.PARTNER else "partner"
