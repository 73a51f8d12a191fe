"""How a bar looks and what it is called: stored status, ledger and kind of activity become one look each. Pure."""

from datetime import date
from enum import StrEnum

from webapp.loans.states import FmsState, Status


class Look(StrEnum):
    """What a bar's colour and edge say; each has a word of its own, so that colour never says it alone."""

    PLANNED = "planned"
    MANUAL = "manual"
    REQUESTED = "requested"
    ACTIVE = "active"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    HOLD = "hold"
    OVER = "over"
    CANCELLED = "cancelled"


WORDS = {
    Look.PLANNED: "Planned",
    Look.MANUAL: "Picked by hand",
    Look.REQUESTED: "Requested in FMS",
    Look.ACTIVE: "Active",
    Look.SENDING: "Being sent to FMS",
    Look.UNCERTAIN: "Not confirmed by FMS",
    Look.HOLD: "Hold, service",
    Look.OVER: "Over",
    Look.CANCELLED: "Cancelled",
}
LEGEND = (
    Look.PLANNED,
    Look.MANUAL,
    Look.REQUESTED,
    Look.ACTIVE,
    Look.UNCERTAIN,
    Look.HOLD,
    Look.OVER,
)


def look_of_loan(status: str, operation: str | None) -> Look:
    """The look of a loan of ours; `operation` is the state of its open operation, if it has one."""
    if operation == FmsState.SENDING:
        return Look.SENDING
    if operation == FmsState.UNCERTAIN:
        return Look.UNCERTAIN
    return Look.OVER if status == Status.COMPLETED else Look(status)


def look_of_activity(person_id: int | None, end_day: date, today: date) -> Look:
    """The look of a row of FMS's own calendar: nobody's is a hold or a service, past is over."""
    if end_day < today:
        return Look.OVER
    return Look.HOLD if person_id is None else Look.ACTIVE
