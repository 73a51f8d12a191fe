"""Who holds a vehicle, or keeps a partner busy, on given days: FMS's activities and our own loans alike."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.dates import shown
from webapp.loans.periods import Period


@dataclass(frozen=True)
class Occupation:
    """Something that occupies a vehicle for a period.

    Either `assignment_id` (a loan of ours that blocks) or `activity_id` (a row of FMS's calendar) is set.
    `holder` is the partner's name, or the kind of activity where there is no partner.
    """

    period: Period
    holder: str
    vehicle_name: str
    person_id: int | None = None
    assignment_id: int | None = None
    activity_id: int | None = None

    def sentence(self) -> str:
        """`held by Coastline Auto 11-26-26 to 12-03-26`: for whoever wanted it then."""
        by = f"held by {self.holder}" if self.holder else "held in FMS"
        return f"{by} {shown(self.period.start_day)} to {shown(self.period.end_day)}"


def in_the_way(
    wanted: Period, occupations: Iterable[Occupation], *, but_not: int | None = None
) -> tuple[Occupation, ...]:
    """What overlaps `wanted`, earliest first; the loan `but_not` is the one that wants it."""
    overlapping = [
        occupation
        for occupation in occupations
        if occupation.period.overlaps(wanted) and (but_not is None or occupation.assignment_id != but_not)
    ]
    return tuple(sorted(overlapping, key=lambda one: (one.period, one.assignment_id or 0, one.activity_id or 0)))
