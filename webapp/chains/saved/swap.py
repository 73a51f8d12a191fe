"""What may take the place of a loan of a saved chain: every candidate for exactly its days, with what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.accounts.actor import Actor
from webapp.calendar.reading import today_at
from webapp.chains.asking import Kind
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Candidate
from webapp.chains.saved.ask import as_built, hop_in_words, key_of
from webapp.chains.saved.chain import SavedChain
from webapp.loans.queries import Loan
from webapp.loans.states import GREEN
from webapp.names import folded, last_first


@dataclass(frozen=True)
class Choice:
    """One candidate as the form prints it. `notes` are all that the rules say; `can_pick` is False where nobody may."""

    key: str
    name: str
    detail: str
    rank: str
    notes: tuple[str, ...]
    is_possible: bool
    can_pick: bool
    is_current: bool

    def matches(self, words: Sequence[str]) -> bool:
        """Whether it holds all of these words, which are folded."""
        text = folded(f"{self.name} {self.detail} {self.rank} {' '.join(self.notes)}")
        return all(word in text for word in words)


def choices_for(actor: Actor, chain: SavedChain, loan: Loan) -> tuple[Choice, ...]:
    """All that could take the place of `loan`, which is one of the chain: best first, then the others by name.

    The chain's other loans count, the loan itself does not. Raises `NotFound` where the chain's partner or vehicle
    is not in FMS's list any more.
    """
    built = as_built(chain, loan)
    found = suggesting.candidates(
        actor, built.ask, built.slots, built.picks, built.indexes[loan.id], standing=built.standing
    )
    # A start that has passed is no obstacle to changing what goes out: the loan has it already.
    has_started = loan.status in GREEN and loan.start_day < today_at(actor, loan.office)
    index = built.indexes[loan.id]
    return tuple(_choice(chain, loan, _started(one) if has_started else one, index) for one in found)


def _started(one: Candidate) -> Candidate:
    findings = tuple(finding for finding in one.findings if finding.code != "past")
    return replace(
        one,
        findings=findings,
        is_possible=not any(finding.is_binding for finding in findings),
        is_hard=any(finding.is_hard for finding in findings),
    )


def _choice(chain: SavedChain, loan: Loan, one: Candidate, index: int) -> Choice:
    is_of_partner = chain.kind is Kind.PARTNER
    hop = hop_in_words(one.hop_miles, index)
    return Choice(
        key=str(one.key),
        name=one.name if is_of_partner else last_first(one.name),
        detail=" · ".join(part for part in (one.detail, hop) if part),
        rank=one.rank or "",
        notes=tuple(finding.text for finding in one.findings),
        is_possible=one.is_possible,
        can_pick=not one.is_hard,
        is_current=one.key == key_of(chain, loan),
    )
