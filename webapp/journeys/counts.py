"""Counts of jobs and of bookings: what the analytics page is made of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from webapp.journeys.stages import Stage


@dataclass(frozen=True)
class Asked:
    """What the figures are of: the days from `first` to `last`, both included; `location` None: all in scope."""

    first: date
    last: date
    location: str | None = None

    @property
    def days(self) -> list[date]:
        """Every day asked for."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Count:
    """Jobs of one day, location, type or stage. `value` in dollars; None where this person may not see money.

    `unconfirmed` also counts those of which nobody said anything.
    """

    jobs: int = 0
    confirmed: int = 0
    taken_off: int = 0
    value: Decimal | None = None

    @property
    def unconfirmed(self) -> int:
        """Jobs that the customer has not confirmed."""
        return self.jobs - self.confirmed

    @property
    def confirmed_share(self) -> float | None:
        """The confirmed part, 0 to 1; None without jobs."""
        return self.confirmed / self.jobs if self.jobs else None


def total_of(counts: Sequence[Count]) -> Count:
    """All of them together; no value where none has one."""
    values = [count.value for count in counts if count.value is not None]
    return Count(
        sum(count.jobs for count in counts),
        sum(count.confirmed for count in counts),
        sum(count.taken_off for count in counts),
        sum(values, Decimal(0)) if values else None,
    )


@dataclass(frozen=True)
class Use:
    """How much a person or a truck was booked: jobs, and minutes of work (`LEAST_MINUTES` where that is unknown)."""

    name: str
    of: str
    jobs: int
    minutes: int


@dataclass(frozen=True)
class Figures:
    """All figures at once; each table in its order: days and stages as they follow, the rest by most jobs."""

    total: Count
    by_day: dict[date, Count]
    by_location: dict[str, Count]
    by_type: dict[str, Count]
    by_stage: dict[Stage, Count]
    crew: list[Use]
    trucks: list[Use]
