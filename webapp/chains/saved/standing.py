"""What is to be said of a saved chain's loans as they stand now: by the rules, asked of all of them at once."""

from dataclasses import dataclass

from webapp.accounts.actor import Actor
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Placed
from webapp.chains.saved.ask import as_built, hop_in_words
from webapp.chains.saved.chain import SavedChain
from webapp.errors import NotFound
from webapp.loans.queries import Loan
from webapp.loans.rules import Finding
from webapp.loans.states import Status


@dataclass(frozen=True)
class Told:
    """Of one loan: every finding, the chain's other loans counted; the partner's rank; the way there in words.

    `hop` is empty on a partner chain, and where it is not known.
    """

    findings: tuple[Finding, ...]
    rank: str | None
    hop: str


def standing(actor: Actor, chain: SavedChain) -> dict[int, Told]:
    """By loan; nothing of what FMS cancelled, nor of loans that another office or company plans."""
    told: dict[int, Told] = {}
    for loan in chain.loans:
        if loan.id not in told and loan.status != Status.CANCELLED and actor.reaches(loan.company_id, loan.office):
            # All that one partner (one vehicle) has of the chain comes together, which is nearly always everything.
            told |= _told(actor, chain, loan)
    return told


def _told(actor: Actor, chain: SavedChain, loan: Loan) -> dict[int, Told]:
    built = as_built(chain, loan)
    try:
        found = suggesting.placed(actor, built.ask, built.slots, built.picks, standing=built.standing)
    except NotFound:
        return {}
    by_index = {one.slot.index: _one(one) for one in found}
    return {loan_id: by_index[index] for loan_id, index in built.indexes.items() if index in by_index}


def _one(placed: Placed) -> Told:
    return Told(placed.findings, placed.rank, hop_in_words(placed.hop_miles, placed.slot.index))
