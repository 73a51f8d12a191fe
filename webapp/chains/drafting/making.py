"""What every change of a draft has in common: who may, what was chosen, what was answered, and the one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import rows as draft_rows
from webapp.chains.drafting import slots as draft_slots
from webapp.chains.drafting.rows import State
from webapp.chains.drafting.slots import Places
from webapp.chains.drafting.told import Outcome, Reason, Told
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Key, Suggestion
from webapp.chains.solving.slots import SlotRefused
from webapp.db import LARGEST, writing
from webapp.errors import Forbidden, InvalidInput
from webapp.fleet.names import is_vin, normal_vin
from webapp.loans.errors import BrokenRule


def require_planner(actor: Actor) -> None:
    """Raise `Forbidden` for who may not plan, and for the system itself, which has no drafts."""
    actor.require(Permission.PLAN_LOANS)
    if actor.user_id is None:
        raise Forbidden


def state_of(actor: Actor, draft_id: str) -> State:
    """The draft as it stands, for who may change it. Raises `Forbidden`, `NotFound`."""
    require_planner(actor)
    return draft_rows.read(actor, draft_id)


def begin(actor: Actor, ask: Ask, places: Places, told: Told, chain_id: str | None = None) -> str:
    """Store a new draft, and tell its id."""
    with writing() as session:
        return draft_rows.begin(session, actor, ask, draft_slots.numbered(places), told, chain_id)


def rewrite(actor: Actor, state: State, ask: Ask, places: Places, told: Told) -> None:
    """Store a draft as it is now. Raises `Stale` where it is not `state` any more, `NotFound` where it is gone."""
    with writing() as session:
        draft = draft_rows.locked(session, actor, state.id, state.version)
        draft_rows.write(session, actor, draft, ask, places, told)


def normal(ask: Ask) -> Ask:
    """The ask as drafts keep it. Raises `InvalidInput` for pins that are no VIN or no person id."""
    pinned = {index: key_of(ask.kind, key) for index, key in ask.pinned.items()}
    if ask.kind is Kind.PARTNER:
        return replace(ask, vin=None, pinned=pinned)
    return replace(ask, person_id=None, vin=normal_vin(ask.vin or ""), pinned=pinned)


def key_of(kind: Kind, key: Key) -> Key:
    """What was picked as drafts keep it. Raises `InvalidInput` for what is no VIN or no person id."""
    if kind is Kind.PARTNER:
        if is_vin(vin := normal_vin(str(key))):
            return vin
        sentence = "Choose a vehicle."
    else:
        text = str(key)
        if text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= LARGEST:
            return int(text)
        sentence = "Choose a partner."
    raise InvalidInput(sentence, fields={"key": sentence})


def refuse_hard(actor: Actor, ask: Ask, places: Places, index: int) -> None:
    """Raise `BrokenRule` where nobody may have what is in that loan, beside what is in the others."""
    picks = draft_slots.picks_of(places)
    for placed in suggesting.placed(actor, ask, draft_slots.slots_of(places), picks):
        hard = [finding for finding in placed.findings if finding.is_hard]
        if placed.slot.index == index and hard:
            raise BrokenRule(hard)


def keys_of(answer: Suggestion, kind: Kind) -> dict[int, Key]:
    """What was suggested, by the loan's number."""
    return {one.slot.index: one.vin if kind is Kind.PARTNER else one.person_id for one in answer.placed}


def told_of(answer: Suggestion, notes: tuple[str, ...] = ()) -> Told:
    """What there is to keep of an answer, besides the loans."""
    outcome = Outcome(
        status=answer.status,
        objective=answer.objective,
        excluded=answer.excluded,
        unplaced=answer.unplaced,
        looked_at=answer.looked_at,
        left_out=answer.left_out,
        seconds=answer.seconds,
    )
    reasons = tuple(Reason(one.slot.period, one.code, one.text) for one in answer.unfilled)
    return Told(outcome, reasons, notes)


@contextmanager
def refused_as_input() -> Iterator[None]:
    """Answer days that nobody may ask for as input that cannot be used."""
    try:
        yield
    except SlotRefused as refused:
        fields = {refused.field: refused.sentence}
        raise InvalidInput(refused.sentence, fields=fields, code=refused.code) from refused
