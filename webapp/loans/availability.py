"""Who holds a vehicle, or keeps a partner busy, on given days: FMS's activities and our own loans alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from webapp.dates import shown
from webapp.loans.periods import Period, of_activity


@dataclass(frozen=True)
class Occupation:
    """Something that occupies a vehicle, with the days as FMS or we say them: one may begin and end on one day.

    `assignment_id` (a loan of ours that blocks) or `activity_id` (a row of FMS's calendar) is set, or
    `is_wished`: another loan of the chain that is checked, of which neither we nor FMS have anything yet.
    `holder` is the partner's name, or the kind of activity where there is no partner.
    """

    start_day: date
    end_day: date
    holder: str
    vehicle_name: str
    person_id: int | None = None
    assignment_id: int | None = None
    activity_id: int | None = None
    is_wished: bool = False

    @cached_property
    def period(self) -> Period:
        """The days it occupies."""
        return of_activity(self.start_day, self.end_day)

    @property
    def dates(self) -> str:
        """`11-26-26 to 12-03-26`, `on 11-26-26`; and of what is not to be found in FMS, where it is."""
        where = ", in this chain" if self.is_wished else ""
        if self.end_day == self.start_day:
            return f"on {shown(self.start_day)}{where}"
        return f"{shown(self.start_day)} to {shown(self.end_day)}{where}"

    def sentence(self) -> str:
        """`held by Coastline Auto 11-26-26 to 12-03-26`, `held in FMS (Service) on 11-26-26`."""
        if self.person_id is None:
            return f"held in FMS ({self.holder}) {self.dates}" if self.holder else f"held in FMS {self.dates}"
        return f"held by {self.holder} {self.dates}"


def in_the_way(wanted: Period, occupations: Iterable[Occupation]) -> tuple[Occupation, ...]:
    """What overlaps `wanted`, earliest first."""
    overlapping = [occupation for occupation in occupations if occupation.period.overlaps(wanted)]
    return tuple(sorted(overlapping, key=lambda one: (one.period, one.assignment_id or 0, one.activity_id or 0)))
