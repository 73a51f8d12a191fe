"""A saved chain as the builder asks about one: an ask, its slots, what fills them, and the loans they are already."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.chains.asking import Ask, Kind
from webapp.chains.looking.suggestion import Key
from webapp.chains.saved.chain import SavedChain
from webapp.chains.solving.slots import FEWEST_DAYS, MOST_DAYS, Slot
from webapp.fleet.distances import miles_told
from webapp.loans.periods import Period
from webapp.loans.queries import Loan
from webapp.loans.states import Status


@dataclass(frozen=True)
class AsBuilt:
    """`indexes` are the slots' by loan; a loan that is in none was given to another partner, or FMS cancelled it."""

    ask: Ask
    slots: tuple[Slot, ...]
    picks: Mapping[int, Key]
    indexes: Mapping[int, int]

    @property
    def standing(self) -> tuple[int, ...]:
        """The loans that the picks are."""
        return tuple(self.indexes)


def as_built(chain: SavedChain, loan: Loan) -> AsBuilt:
    """The chain of the partner, or on a vehicle chain of the vehicle, that `loan` has."""
    mates = [each for each in chain.loans if each.status != Status.CANCELLED and _is_mate(chain, each, loan)]
    indexes = {each.id: index for index, each in enumerate(mates, 1)}
    is_of_partner = chain.kind is Kind.PARTNER
    ask = Ask(
        kind=chain.kind,
        office=loan.office,
        start=loan.start_day,
        person_id=loan.person_id if is_of_partner else None,
        vin=None if is_of_partner else loan.vin,
        days=min(max((loan.end_day - loan.start_day).days, FEWEST_DAYS), MOST_DAYS),
        count=1,
        # The days stand; nothing is threaded.
        allow_double_booking=is_of_partner,
    )
    return AsBuilt(
        ask=ask,
        slots=tuple(Slot(indexes[each.id], Period(each.start_day, each.end_day)) for each in mates),
        picks={indexes[each.id]: key_of(chain, each) for each in mates},
        indexes=indexes,
    )


def key_of(chain: SavedChain, loan: Loan) -> Key:
    """What fills the loan: the VIN on a partner chain, the person id on a vehicle chain."""
    return loan.vin if chain.kind is Kind.PARTNER else loan.person_id


def hop_in_words(miles: float | None, index: int) -> str:
    """`12 miles from the one before`; the first comes from the office. Empty where nobody knows."""
    if miles is None:
        return ""
    return f"{miles_told(round(10 * miles))} from {'the office' if index == 1 else 'the one before'}"


def _is_mate(chain: SavedChain, one: Loan, other: Loan) -> bool:
    if chain.kind is Kind.PARTNER:
        return one.person_id == other.person_id
    return one.vin == other.vin
