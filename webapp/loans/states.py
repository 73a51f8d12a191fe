"""The states of a loan and of what FMS knows of it, and which action each allows."""

from enum import StrEnum

# What the ledger calls a loan.
LOAN = "loan"


class Status(StrEnum):
    """What a bar's colour says. `REQUESTED` is reached only by FMS accepting a create."""

    PLANNED = "planned"
    MANUAL = "manual"
    REQUESTED = "requested"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class FmsState(StrEnum):
    """What is known of a loan's request in FMS, derived from the ledger; never stored on the loan."""

    NONE = "none"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"


GREEN = frozenset({Status.PLANNED, Status.MANUAL})
# These hold the vehicle. A loan being sent, or whose fate is unknown, has one of them too.
BLOCKING = frozenset({Status.PLANNED, Status.MANUAL, Status.REQUESTED, Status.ACTIVE})
# Of these the database itself keeps two from overlapping. FMS approves with dates of its own, so an active
# loan may come to lie over a plan of ours: that is shown, not refused.
EXCLUSIVE = frozenset({Status.PLANNED, Status.MANUAL, Status.REQUESTED})
