"""Reading the chain that a panel is asked about: a draft of one's own, or a saved chain in scope."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from webapp.accounts.actor import Actor
from webapp.calendar.looks import WORDS, look_of_loan
from webapp.chains.asking import Kind
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.drafting.queries import OpenDraft
from webapp.chains.panels.chain_picture import Picture, Piece, picture_of_draft
from webapp.chains.saved.chain import SavedChain, chains_of
from webapp.errors import InvalidInput, NotFound
from webapp.fleet.names import short_vin
from webapp.loans import queries
from webapp.loans.queries import Loan
from webapp.names import last_first

K = TypeVar("K", str, int)


def read_picture(actor: Actor, draft_id: str | None, chain_id: str | None) -> Picture:
    """The chain of that draft, or with that `chain_id`. Raises `NotFound`, `InvalidInput` where neither is named."""
    if draft_id:
        return of_draft(draft_queries.opened(actor, draft_id))
    if chain_id:
        return of_saved(saved(actor, chain_id))
    raise InvalidInput("Say which chain.", fields={"draft": "Name a draft, or a saved chain."})


def saved(actor: Actor, chain_id: str) -> SavedChain:
    """The saved chain, as far as it is in scope. Raises `NotFound`."""
    loans = queries.loans_of_chain(actor, chain_id)
    if not loans:
        raise NotFound("There is no such chain, or you may not see it.")
    return chains_of(loans)[chain_id]


def of_draft(draft: OpenDraft) -> Picture:
    """The picture of a draft that has been read."""
    ask = draft.ask
    return picture_of_draft(
        draft.id,
        kind=ask.kind,
        office=ask.office,
        slots=draft.slots,
        placed=draft.placed,
        vin=ask.vin,
        person_id=ask.person_id,
    )


def of_saved(chain: SavedChain) -> Picture:
    """The picture of a saved chain that has been read."""
    pieces = tuple(_piece(number, loan) for number, loan in enumerate(chain.loans, 1))
    is_of_partner = chain.kind is Kind.PARTNER
    return Picture(
        chain.kind,
        chain.office,
        f"chain={chain.chain_id}",
        pieces,
        vin="" if is_of_partner else _most([loan.vin for loan in chain.loans]),
        person_id=_most([loan.person_id for loan in chain.loans]) if is_of_partner else None,
    )


def _piece(number: int, loan: Loan) -> Piece:
    look = look_of_loan(loan.status, loan.fms_state)
    word = f"{WORDS[look]} #{loan.fms_request_id}" if loan.fms_request_id else WORDS[look]
    return Piece(
        number,
        loan.start_day,
        loan.end_day,
        look,
        word,
        f"{word[0].lower()}{word[1:]}",
        vin=loan.vin,
        vehicle=loan.vehicle_name or short_vin(loan.vin),
        person_id=loan.person_id,
        partner=last_first(loan.partner_name),
        loan_id=loan.id,
    )


def _most(keys: Sequence[K]) -> K:
    """Whose chain it is, where a loan of it was given to somebody else."""
    return Counter(keys).most_common(1)[0][0]
