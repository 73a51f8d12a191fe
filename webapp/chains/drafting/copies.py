"""Drafts that come from saved chains: the same for another partner, vehicle or date, or going on where one ends."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from webapp.accounts.actor import Actor
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import slots as draft_slots
from webapp.chains.drafting.making import begin, normal, refused_as_input, require_planner
from webapp.chains.drafting.slots import Places
from webapp.chains.drafting.told import Reason, Told
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Key, Placed
from webapp.chains.saved.chain import SavedChain
from webapp.chains.solving.slots import MOST_DAYS, MOST_LOANS
from webapp.errors import NotFound
from webapp.fleet.names import full_name
from webapp.loans.queries import Loan, loans_of_chain
from webapp.loans.states import Status

T = TypeVar("T")


def copy(
    actor: Actor,
    chain_id: str,
    *,
    person_id: int | None = None,
    vin: str | None = None,
    start: date | None = None,
) -> str:
    """Begin a draft like a saved chain, for another partner (a partner chain), vehicle (a vehicle chain) or start.

    Its loans are as long. What filled them does so again, pinned, where nothing binds; else they are empty, and
    say why. Its models are preferred. Without `start`, it starts as the chain did, or on the first day from today
    on. Raises `NotFound` where no loan of the chain is in scope, `InvalidInput` for a start that cannot be.
    """
    require_planner(actor)
    chain = _chain(actor, chain_id)
    loans, left = chain.loans[:MOST_LOANS], chain.loans[MOST_LOANS:]
    lengths = [_days(loan) for loan in loans]
    asked = _ask(chain, lengths, chain.start_day, person_id, vin)
    calendar = suggesting.calendar_of(actor, asked)
    ask = replace(asked, start=start or calendar.handover(max(chain.start_day, calendar.today)))
    with refused_as_input():
        empty = draft_slots.laid_out(calendar, ask.start, lengths)
    places, reasons = _filled_again(actor, ask, empty, loans)
    notes = (f"A chain has at most {MOST_LOANS} loans; the last {len(left)} were not copied.",) if left else ()
    return begin(actor, ask, places, Told(reasons=reasons, notes=notes))


def continue_chain(actor: Actor, chain_id: str) -> str:
    """Begin a draft with one empty loan that goes on after the last of a saved chain, and will belong to it.

    Raises `NotFound` where no loan of the chain is in scope.
    """
    require_planner(actor)
    chain = _chain(actor, chain_id)
    last = max(chain.loans, key=lambda loan: loan.end_day)
    asked = _ask(chain, [_days(last)], chain.end_day)
    calendar = suggesting.calendar_of(actor, asked)
    ask = replace(asked, start=calendar.handover(max(chain.end_day, calendar.today)), models=())
    with refused_as_input():
        places = draft_slots.laid_out(calendar, ask.start, [ask.days])
    return begin(actor, ask, places, Told(), chain_id)


def _chain(actor: Actor, chain_id: str) -> SavedChain:
    loans = tuple(loan for loan in loans_of_chain(actor, chain_id) if loan.status != Status.CANCELLED)
    if not loans:
        raise NotFound("There is no such chain, or you may not see it.")
    return SavedChain(chain_id, loans)


def _ask(
    chain: SavedChain, lengths: Sequence[int], start: date, person_id: int | None = None, vin: str | None = None
) -> Ask:
    """What the chain asked for, as far as its loans tell: where they were given to somebody else, most decide."""
    is_of_partner = chain.kind is Kind.PARTNER
    models = dict.fromkeys((loan.make, loan.model) for loan in chain.loans)
    return normal(
        Ask(
            kind=chain.kind,
            office=chain.office,
            start=start,
            person_id=person_id or _most_common(loan.person_id for loan in chain.loans),
            vin=vin or _most_common(loan.vin for loan in chain.loans),
            days=_most_common(lengths),
            count=len(lengths),
            models=tuple(models) if is_of_partner else (),
        )
    )


def _filled_again(actor: Actor, ask: Ask, empty: Places, loans: Sequence[Loan]) -> tuple[Places, tuple[Reason, ...]]:
    """The loans with what was in them, where nothing binds what we would suggest; and why the others are empty."""
    keys = {number: _key(ask.kind, loan) for number, loan in enumerate(loans, start=1)}
    wanted = tuple(replace(place, key=keys[place.index], is_pinned=True) for place in empty)
    slots, picks = draft_slots.slots_of(wanted), draft_slots.picks_of(wanted)
    places, reasons = wanted, []
    for placed in suggesting.placed(actor, ask, slots, picks):
        binding = [finding for finding in placed.findings if finding.is_binding]
        if binding:
            places = draft_slots.put(places, placed.slot.index, None, is_pinned=False)
            text = f"{_name(ask.kind, placed)} was not copied. {binding[0].text}"
            reasons.append(Reason(placed.slot.period, binding[0].code, text))
    return places, tuple(reasons)


def _key(kind: Kind, loan: Loan) -> Key:
    return loan.vin if kind is Kind.PARTNER else loan.person_id


def _name(kind: Kind, placed: Placed) -> str:
    if kind is Kind.PARTNER:
        return full_name(placed.make, placed.model, placed.vin)
    return placed.partner_name or str(placed.person_id)


def _days(loan: Loan) -> int:
    return min((loan.end_day - loan.start_day).days, MOST_DAYS)


def _most_common(values: Iterable[T]) -> T:
    return Counter(values).most_common(1)[0][0]
