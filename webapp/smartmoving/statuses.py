"""SmartMoving's statuses of an opportunity, and what each means for the board (smartmoving.md, section 1)."""

from enum import IntEnum


class Status(IntEnum):
    """The numbers that SmartMoving uses; others may come and are treated as tentative."""

    NEW_LEAD = 0
    LEAD_IN_PROGRESS = 1
    OPPORTUNITY = 3
    BOOKED = 4
    COMPLETED = 10
    CLOSED = 11
    CANCELLED = 20
    LOST = 30
    BAD_LEAD = 50


FINISHED = frozenset({Status.COMPLETED, Status.CLOSED})
# What belongs on the board: booked, or done.
DISPATCHABLE = frozenset({Status.BOOKED}) | FINISHED
TAKEN_OFF = frozenset({Status.CANCELLED, Status.LOST, Status.BAD_LEAD})


def is_dispatchable(status: int) -> bool:
    """Whether jobs of this status belong on the board."""
    return status in DISPATCHABLE


def is_tentative(status: int) -> bool:
    """Whether jobs of this status are shown only when asked for; also a status that nobody has named yet.

    An unknown number must neither send a crew nor take a job away that was not known to be off.
    """
    return status not in DISPATCHABLE and status not in TAKEN_OFF
