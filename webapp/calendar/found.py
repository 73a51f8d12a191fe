"""What was read for a view, before it is drawn. Pure: values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.calendar.queries import ActivityFacts, LoanFacts, PartnerFacts, VehicleFacts


@dataclass(frozen=True)
class Found:
    """What was read for a view.

    `company_id` is the actor's, and `own_offices` theirs (None: every one of the company): there they can plan.
    """

    vehicles: Sequence[VehicleFacts]
    partners: Sequence[PartnerFacts]
    loans: Sequence[LoanFacts]
    activities: Sequence[ActivityFacts]
    approved: frozenset[int]
    company_id: int
    may_plan: bool
    own_offices: frozenset[str] | None = None


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
