"""A saved chain as a value: loans that share a `chain_id`, whose chain it is, how far its loans have come."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from webapp.calendar.looks import Look, look_of_loan
from webapp.chains.asking import Kind
from webapp.dates import shown
from webapp.fleet.names import full_name
from webapp.loans.queries import Loan
from webapp.names import last_first

# How a line says how many of its loans look so; both greens are planned.
WORDS = {
    Look.PLANNED: "planned",
    Look.REQUESTED: "requested",
    Look.ACTIVE: "active",
    Look.SENDING: "being sent",
    Look.UNCERTAIN: "not confirmed",
    Look.OVER: "over",
    Look.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class SavedChain:
    """At least one loan with the id `chain_id`, by start. Nothing else of the chain is kept anywhere."""

    chain_id: str
    loans: tuple[Loan, ...]

    @property
    def kind(self) -> Kind:
        """Whose chain it is, guessed from its loans: what they have in common, as far as they do."""
        return Kind.PARTNER if len(self.person_ids) <= len(self.vins) else Kind.VEHICLE

    @property
    def person_ids(self) -> frozenset[int]:
        """The partners of its loans."""
        return frozenset(loan.person_id for loan in self.loans)

    @property
    def vins(self) -> frozenset[str]:
        """The vehicles of its loans."""
        return frozenset(loan.vin for loan in self.loans)

    @property
    def title(self) -> str:
        """`Torque, Wendy`, `Audi A3 …SA051916`; where a loan was given to somebody else: `... and 1 other`."""
        if self.kind is Kind.PARTNER:
            names = dict.fromkeys(last_first(loan.partner_name) for loan in self.loans)
        else:
            names = dict.fromkeys(full_name(loan.make, loan.model, loan.vin) for loan in self.loans)
        first, *others = names
        return f"{first} and {len(others)} other{'s' * (len(others) > 1)}" if others else first

    @property
    def office(self) -> str:
        """The office that plans it."""
        return self.loans[0].office

    @property
    def start_day(self) -> date:
        """When its first loan goes out."""
        return min(loan.start_day for loan in self.loans)

    @property
    def end_day(self) -> date:
        """When its last loan comes back."""
        return max(loan.end_day for loan in self.loans)

    @property
    def days(self) -> str:
        """`12-03-26 to 01-04-27`."""
        return f"{shown(self.start_day)} to {shown(self.end_day)}"

    @property
    def size(self) -> str:
        """`4 loans`."""
        return "1 loan" if len(self.loans) == 1 else f"{len(self.loans)} loans"

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """How many of its loans look how: (look, `2 requested`)."""
        counts = Counter(_mark(loan) for loan in self.loans)
        return tuple((look.value, f"{counts[look]} {word}") for look, word in WORDS.items() if counts[look])


def look_of(loan: Loan) -> Look:
    """How the calendar shows the loan."""
    return look_of_loan(loan.status, loan.fms_state)


def chains_of(loans: Sequence[Loan]) -> dict[str, SavedChain]:
    """The chains that these loans make, by id."""
    groups: dict[str, list[Loan]] = {}
    for loan in loans:
        if loan.chain_id is not None:
            groups.setdefault(loan.chain_id, []).append(loan)
    return {chain_id: SavedChain(chain_id, tuple(sorted(group, key=_order))) for chain_id, group in groups.items()}


def _order(loan: Loan) -> tuple[date, date, int]:
    return loan.start_day, loan.end_day, loan.id


def _mark(loan: Loan) -> Look:
    look = look_of(loan)
    return Look.PLANNED if look is Look.MANUAL else look
