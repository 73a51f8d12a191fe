"""What FMS's calendar makes of a loan: its new state as one value, and what stands out about it. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.loans.periods import Period
from webapp.loans.states import Status


class Flag(StrEnum):
    """Why somebody should look into a loan; `NONE` is what the database holds for almost all."""

    NONE = ""
    NEVER_ACTIVATED = "never_activated"
    VEHICLE_CHANGED = "vehicle_changed"
    PARTNER_CHANGED = "partner_changed"


TITLES = {
    Flag.NEVER_ACTIVATED: "FMS never activated this",
    Flag.VEHICLE_CHANGED: "FMS has another vehicle for this",
    Flag.PARTNER_CHANGED: "FMS has another partner for this",
}
ADVICE = {
    Flag.NEVER_ACTIVATED: "It should have started, and FMS's calendar does not have it. Look for its request in FMS: "
    "if it was refused or forgotten, unrequest or delete it here, so that the vehicle is free.",
    Flag.VEHICLE_CHANGED: "FMS's calendar shows these days of this partner with another vehicle. Compare the two in "
    "FMS; if FMS swapped the vehicle, unrequest or delete this loan where that is still possible.",
    Flag.PARTNER_CHANGED: "FMS's calendar shows this activity with another partner. Compare the two in FMS.",
}


@dataclass(frozen=True)
class Step:
    """How a loan is to stand, all of what reconciliation decides about it, and the sentence for its history.

    `version` is that of the loan it was decided from: one that changed since is left to the next run.
    """

    loan_id: int
    version: int
    status: Status
    period: Period
    activity_id: int | None
    flag: Flag
    reason: str
    text: str


def called_off(loan_id: int, version: int, period: Period, activity_id: int | None, reason: str) -> Step:
    """The loan as FMS refused or cancelled it; `reason` is a sentence. Its vehicle is free."""
    return Step(loan_id, version, Status.CANCELLED, period, activity_id, Flag.NONE, reason, text=f"Cancelled. {reason}")
