"""What an office has left to spend beside a draft: for whom it is meant, and what its loans would take."""

from webapp.accounts.actor import Actor
from webapp.calendar.panels.budget_panel import Budget, uses_of
from webapp.calendar.panels.budget_reading import read_budget
from webapp.chains.asking import Kind
from webapp.chains.drafting.queries import OpenDraft


def read_budget_of(actor: Actor, draft: OpenDraft) -> Budget:
    """The panel from the first loan's quarter on, with what the draft's loans would take. Raises as `read_budget`."""
    ask, slots = draft.ask, draft.slots
    return read_budget(
        actor,
        ask.office,
        slots[0].period.start_day if slots else ask.start,
        person_id=ask.person_id if ask.kind is Kind.PARTNER else None,
        vin=ask.vin if ask.kind is Kind.VEHICLE else None,
        uses=uses_of((one.fleet, one.slot.period.start_day, one.cost) for one in draft.placed),
    )
