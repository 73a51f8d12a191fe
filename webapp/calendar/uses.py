"""Which vehicles are lent too little or too much, and how that is said. Pure: values in, values out.

Idle: nothing in the days shown, and nothing (no loan, hold or service) in the four weeks before today. Over-used: in
twelve months lent at least twice as often as is usual at its office, and at least four times more. Both from what FMS
told with the last import (`fleet.VehicleUse`); no score.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from webapp.calendar.queries import VehicleFacts
from webapp.dates import shown

IDLE_WEEKS = 4
OVER_USED_TIMES = 2
OVER_USED_LOANS = 4


class Lent(StrEnum):
    """How much a vehicle is lent, where that is not as usual."""

    IDLE = "idle"
    OVER = "over"


class Use(NamedTuple):
    """The mark of a vehicle; `lent` None and no words where it is lent as usual, or FMS tells nothing of it."""

    lent: Lent | None = None
    words: str = ""


USUAL = Use()


def use_of(vehicle: VehicleFacts, today: date, *, has_bars: bool) -> Use:
    """`idle since 10-02-26`, `never lent`, `17 loans in a year, usual 8`, or nothing."""
    loans, usual, last_day = vehicle.loans_in_year, vehicle.usual_loans, vehicle.last_day
    if loans is None or usual is None or vehicle.is_gone:
        return USUAL
    if loans >= OVER_USED_TIMES * usual and loans >= usual + OVER_USED_LOANS:
        return Use(Lent.OVER, f"{loans} loans in a year, usual {usual}")
    if has_bars or (last_day and last_day >= today - timedelta(weeks=IDLE_WEEKS)):
        return USUAL
    return Use(Lent.IDLE, f"idle since {shown(last_day)}" if last_day else "never lent")
