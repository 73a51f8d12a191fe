"""The makes that a partner may borrow: how they are ranked, what was published of them, what a loan costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.fleet.makes import make_key
from webapp.fleet.models import ApprovedMake, PublicationRate
from webapp.loans.facts import BEST_FIRST, ranks_of
from webapp.loans.rules.facts import Costs
from webapp.loans.rules.money import cost_of_loan, dollars

# Statements are built once: here that takes longer than the database needs to answer.
APPROVED = select(ApprovedMake.make).where(
    ApprovedMake.company_id == bindparam("company_id"),
    ApprovedMake.person_id == bindparam("person_id"),
    ApprovedMake.gone_at.is_(None),
)
RATES = select(PublicationRate.make, PublicationRate.known, PublicationRate.published).where(
    PublicationRate.company_id == bindparam("company_id"), PublicationRate.person_id == bindparam("person_id")
)


class Rate(NamedTuple):
    """Of how many loans it is known what became of them, and how many of those were published."""

    known: int
    published: int


@dataclass(frozen=True)
class MakeLine:
    """A make that the partner may borrow. `published` is `12 of 15`, `cost` empty for who may not see money."""

    make: str
    rank: str
    published: str
    cost: str


def rates_of(session: Session, company_id: int, person_id: int) -> dict[str, Rate]:
    """The partner's rates by make, as `fleet.makes` names it; over 24 months, as they were derived."""
    which = {"company_id": company_id, "person_id": person_id}
    return {make: Rate(known, published) for make, known, published in session.execute(RATES, which)}


def published_of(rates: Mapping[str, Rate]) -> str:
    """The rate over all makes, in words."""
    known, published = (sum(rate[place] for rate in rates.values()) for place in (0, 1))
    if not known:
        return "Published in 24 months: not known yet"
    return f"Published in 24 months: {published} of {known} loans of which it is known, {100 * published // known} %"


def makes_of(
    session: Session, company_id: int, person_id: int, costs: Costs | None, rates: Mapping[str, Rate]
) -> tuple[MakeLine, ...]:
    """Each make once, whatever its spellings: best rank first, then A to Z."""
    which = {"company_id": company_id, "person_id": person_id}
    ranks = ranks_of(session, company_id, person_id)
    spelled: dict[str, str] = {}
    for make in sorted(session.scalars(APPROVED, which)):
        spelled.setdefault(make_key(make), make)
    lines = []
    for key in sorted(ranks, key=lambda key: (_place(ranks[key]), spelled[key].casefold())):
        known, published = rates.get(key, Rate(0, 0))
        told = f"{published} of {known}" if known else "not known yet"
        lines.append(MakeLine(spelled[key], ranks[key], told, _cost(costs, key)))
    return tuple(lines)


def _cost(costs: Costs | None, key: str) -> str:
    if costs is None:
        return ""
    amount = dollars(cost_of_loan(costs, key).quantize(Decimal(1)))
    return amount if key in costs.by_make else f"about {amount}"


def _place(rank: str) -> int:
    return BEST_FIRST.index(rank) if rank in BEST_FIRST else len(BEST_FIRST)
