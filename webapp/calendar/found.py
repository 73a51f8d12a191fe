"""What was read for a view, before it is drawn. Pure: values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from webapp.calendar.filter_reading import Ranks
from webapp.calendar.filters import Filters
from webapp.calendar.queries import ActivityFacts, LoanFacts, PartnerFacts, VehicleFacts
from webapp.fleet.makes import make_key
from webapp.loans.free import Held
from webapp.loans.holds import Standing
from webapp.loans.rules.facts import PENDING


@dataclass(frozen=True)
class Found:
    """What was read for a view.

    `company_id` is the actor's, and `own_offices` theirs (None: every one of the company): there they can plan.
    `makes` can be chosen. `outlets` are what partners write for, as a search compares it. They are read where a
    filter asks for them, and so are `ranks`, and `taken`: which vehicles, by company and VIN, or partners, by company
    and FMS's id, are not free on the days the view asks for. `holds` is what is being planned with just now,
    `user_id` who looks at it.
    """

    vehicles: Sequence[VehicleFacts]
    partners: Sequence[PartnerFacts]
    loans: Sequence[LoanFacts]
    activities: Sequence[ActivityFacts]
    company_id: int
    may_plan: bool
    own_offices: frozenset[str] | None = None
    makes: Sequence[str] = ()
    ranks: Ranks = field(default_factory=dict)
    outlets: Mapping[tuple[int, int], str] = field(default_factory=dict)
    taken: Held = frozenset()
    holds: Sequence[Standing] = ()
    user_id: int | None = None

    def rank(self, company_id: int, person_id: int | None, make: str) -> str:
        """How the partner is ranked for `make`; nothing where they are not, or nobody asked."""
        if not self.ranks or person_id is None:
            return ""
        return self.ranks.get((company_id, person_id), {}).get(make_key(make), "")

    def is_approved(self, filters: Filters, company_id: int, person_id: int) -> bool:
        """Whether the partner has the rank that the view asks for, of the make it asks for or else of any.

        Where it asks for no rank, every one counts but pending.
        """
        ranks = self.ranks.get((company_id, person_id), {})
        asked = [ranks.get(make_key(filters.make), "")] if filters.make else ranks.values()
        return any(rank == filters.tier if filters.tier else rank not in ("", PENDING) for rank in asked)


def unlinked(found: Found) -> list[ActivityFacts]:
    """FMS's rows that no loan read with them stands for: a linked loan and its activity are one bar.

    Where FMS has given the activity another vehicle or partner meanwhile, both are shown.
    """
    linked = {
        (loan.company_id, loan.activity_id, loan.vin, loan.person_id)
        for loan in found.loans
        if loan.activity_id is not None
    }
    return [
        each for each in found.activities if (each.company_id, each.activity_id, each.vin, each.person_id) not in linked
    ]
