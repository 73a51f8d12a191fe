"""Building a chain by hand: every action on a draft, each one transaction that also holds its vehicles anew.

FMS is never touched. What is read and solved is read before that transaction, and the draft's version checked in it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import asks as draft_asks
from webapp.chains.drafting import rows as draft_rows
from webapp.chains.drafting import slots as draft_slots
from webapp.chains.drafting.copies import continue_chain as continue_chain
from webapp.chains.drafting.copies import copy as copy
from webapp.chains.drafting.making import (
    begin,
    key_of,
    keys_of,
    normal,
    refuse_hard,
    refused_as_input,
    require_planner,
    rewrite,
    state_of,
    told_of,
)
from webapp.chains.drafting.rows import State
from webapp.chains.drafting.slots import Places
from webapp.chains.drafting.told import Told
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Key
from webapp.chains.models import Draft
from webapp.db import writing
from webapp.errors import InvalidInput, NotFound
from webapp.loans import holds
from webapp.loans.periods import Period

UNTOUCHED = timedelta(days=30)
NOTHING_SAID = Told()


def create(actor: Actor, ask: Ask, *, suggest: bool, chain_id: str | None = None) -> str:
    """Begin a draft and tell its id; `suggest`: with the best chain in it. `chain_id`: the saved chain it continues.

    What `ask` pins stays. The same asked twice at once begins one draft. Raises `InvalidInput` with the fields
    that cannot be used, `NotFound` for who or what is out of scope, `BrokenRule` for a pin that nobody may have.
    """
    require_planner(actor)
    wanted = normal(ask)
    if suggest:
        answer = suggesting.suggest(actor, wanted)
        slots, keys, told = answer.threaded.slots, keys_of(answer, wanted.kind), told_of(answer)
    else:
        slots, keys, told = suggesting.threaded(actor, wanted).slots, {}, NOTHING_SAID
    places = draft_asks.begun(slots, wanted)
    for index in draft_slots.pinned_of(places):
        refuse_hard(actor, wanted, places, index)
    return begin(actor, wanted, draft_asks.filled(places, keys), told, chain_id)


def suggest(actor: Actor, draft_id: str, version: int, ask: Ask | None = None, *, only_empty: bool = False) -> str:
    """Fill the draft with the best chain around what a person chose; the id of the draft that now has it.

    `ask`: changed parameters; what it pins is not looked at, the draft knows that itself. Another kind, partner or
    vehicle begins another draft. `only_empty`: what is filled stays, chosen or not. Raises what `create` raises,
    and `Stale`.
    """
    state = state_of(actor, draft_id)
    state.refuse_stale(version)
    wanted = normal(replace(ask or state.ask, pinned={}, pinned_days={}))
    if _whose(wanted) != _whose(state.ask):
        return create(actor, wanted, suggest=True)
    calendar = suggesting.calendar_of(actor, wanted)
    with refused_as_input():
        places = draft_slots.asked_again(calendar, state.places, state.ask, wanted, keeps_picks=only_empty)
    slots, picks = draft_slots.slots_of(places), draft_slots.picks_of(places)
    answer = suggesting.suggest(actor, draft_asks.fixed(wanted, slots, picks))
    told = told_of(answer, draft_asks.kept_beyond(wanted, places))
    enough = replace(wanted, count=max(wanted.count, len(places)))
    rewrite(actor, state, enough, draft_asks.filled(places, keys_of(answer, wanted.kind)), told)
    return draft_id


def pick(actor: Actor, draft_id: str, version: int, index: int, key: Key) -> None:
    """Put a vehicle (VIN), or on a vehicle chain a partner (person id), into a loan by hand; that pins it.

    Anything may be picked that nobody is refused: what else the rules say is shown. Raises `BrokenRule` with what
    binds everybody, `Stale`, `NotFound`, `InvalidInput`.
    """

    def picked(state: State) -> Places:
        return draft_slots.put(state.places, index, key_of(state.ask.kind, key), is_pinned=True)

    def check(state: State, places: Places) -> None:
        refuse_hard(actor, state.ask, places, index)

    _act(actor, draft_id, version, index, picked, check)


def clear(actor: Actor, draft_id: str, version: int, index: int) -> None:
    """Empty a loan; its days stay. Raises `Stale`, `NotFound`."""
    _act(actor, draft_id, version, index, lambda state: draft_slots.put(state.places, index, None, is_pinned=False))


def pin(actor: Actor, draft_id: str, version: int, index: int) -> None:
    """Keep what is in a loan when asking again. Raises `Stale`, `NotFound`, `InvalidInput` for an empty one."""
    _fix(actor, draft_id, version, index, is_pinned=True)


def unpin(actor: Actor, draft_id: str, version: int, index: int) -> None:
    """Let something better take the place of what is in a loan when asking again. Raises as `pin` does."""
    _fix(actor, draft_id, version, index, is_pinned=False)


def set_days(actor: Actor, draft_id: str, version: int, index: int, start_day: date, end_day: date) -> None:
    """Give a loan other days; those after it follow, unless their days were chosen, too.

    What fills the loans stays in them and is checked again, also where it cannot stay in the end. Raises
    `InvalidInput` for days that nobody may have (fields `start`, `end`), `Stale`, `NotFound`.
    """

    def moved(state: State) -> Places:
        calendar = suggesting.calendar_of(actor, state.ask)
        return draft_slots.moved(calendar, state.places, index, Period(start_day, end_day), state.ask.days)

    _act(actor, draft_id, version, index, moved)


def remove(actor: Actor, draft_id: str, version: int, index: int) -> None:
    """Take a loan out; the others keep their days, and the numbers close up. Raises `Stale`, `NotFound`."""
    _act(actor, draft_id, version, index, lambda state: draft_slots.removed(state.places, index))


def add(actor: Actor, draft_id: str, version: int) -> None:
    """Put one more empty loan after the last. Raises `InvalidInput` where the chain is full, `Stale`, `NotFound`."""

    def appended(state: State) -> Places:
        calendar = suggesting.calendar_of(actor, state.ask)
        return draft_slots.appended(calendar, state.places, state.ask.start, state.ask.days)

    _act(actor, draft_id, version, None, appended)


def discard(actor: Actor, draft_id: str) -> None:
    """Throw the draft away and hold nothing for it any more. Raises `NotFound`, also where it is gone already."""
    require_planner(actor)
    with writing() as session:
        end(session, actor, draft_id)


def touch(actor: Actor, draft_id: str) -> None:
    """Hold the draft's vehicles for as long again: its page is open. Its version stays. Raises `NotFound`."""
    require_planner(actor)
    with writing() as session:
        draft_rows.hold_again(session, actor, draft_rows.locked(session, actor, draft_id))


def end(session: Session, actor: Actor, draft_id: str, version: int | None = None) -> None:
    """Delete the draft and release its holds in the caller's transaction. Raises `NotFound`, `Stale`."""
    session.delete(draft_rows.locked(session, actor, draft_id, version))
    session.flush()
    holds.release(session, draft_id)


def drop_untouched() -> None:
    """Delete drafts that nobody has looked at for a month; their holds ran out long ago. Repeatable."""
    with writing() as session:
        session.execute(delete(Draft).where(Draft.touched_at < clock.now() - UNTOUCHED))


def _act(
    actor: Actor,
    draft_id: str,
    version: int,
    index: int | None,
    change: Callable[[State], Places],
    check: Callable[[State, Places], None] | None = None,
) -> None:
    state = state_of(actor, draft_id)
    try:
        with refused_as_input():
            places = change(state)
    except KeyError:
        state.refuse_stale(version)
        raise NotFound(f"There is no loan {index} in this chain.") from None
    except InvalidInput:
        state.refuse_stale(version)
        raise
    if places == state.places:
        # Also when sent twice: it is as it was wished.
        return
    state.refuse_stale(version)
    if check is not None:
        check(state, places)
    ask = draft_asks.resized(state.ask, state.places, places)
    rewrite(actor, state, ask, places, state.told.after_hand(state.places, places))


def _fix(actor: Actor, draft_id: str, version: int, index: int, *, is_pinned: bool) -> None:
    def fixed(state: State) -> Places:
        place = draft_slots.at(state.places, index)
        if place.key is None:
            raise InvalidInput(f"Loan {index} is empty. Choose something for it first.")
        return draft_slots.put(state.places, index, place.key, is_pinned=is_pinned)

    _act(actor, draft_id, version, index, fixed)


def _whose(ask: Ask) -> tuple[Kind, int | str | None]:
    return ask.kind, ask.person_id if ask.kind is Kind.PARTNER else ask.vin
