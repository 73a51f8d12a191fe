"""What a run of SmartMoving tells of itself: kept with the run, shown on its page, answered to who asked for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Self

MOST_ERRORS = 50
MOST_FAILURES = 100


@dataclass(frozen=True)
class DayCounts:
    """Journeys of one day, which is each location's own: looked at, new, changed, failed."""

    processed: int = 0
    created: int = 0
    updated: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Failure:
    """A job that could not be read, and why; `job_number` may be unknown."""

    opportunity_id: str
    job_number: str
    reason: str


@dataclass(frozen=True)
class Report:
    """One run. `is_complete`: the sweep was whole and nothing that had to be read was left out.

    `first_day` and `last_day` are the window, None where the run ended before it was known. `processed` are the
    journeys of the window that the sweep brought, `removed` those taken off the board, `put_off` the details that
    could wait and do. `errors` are sentences about the run, `warnings` about what is odd but was taken in.
    """

    is_complete: bool = False
    first_day: date | None = None
    last_day: date | None = None
    calls: int = 0
    customers: int = 0
    details: int = 0
    put_off: int = 0
    processed: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0
    today: DayCounts = field(default_factory=DayCounts)
    tomorrow: DayCounts = field(default_factory=DayCounts)
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether the board now says what SmartMoving says, every single job included."""
        return self.is_complete and not self.errors and not self.failed

    def as_json(self) -> dict[str, Any]:
        """The report as JSON holds it: the first fifty sentences, the first hundred failures."""
        return asdict(self) | {
            "first_day": self.first_day.isoformat() if self.first_day else None,
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "errors": list(self.errors[:MOST_ERRORS]),
            "warnings": list(self.warnings[:MOST_ERRORS]),
            "failures": [asdict(failure) for failure in self.failures[:MOST_FAILURES]],
            "is_good": self.is_good,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` kept; what an older version did not tell yet has its default."""
        names = {one.name for one in fields(cls)}
        values = {name: value for name, value in kept.items() if name in names}
        for name in ("first_day", "last_day"):
            values[name] = date.fromisoformat(values[name]) if values.get(name) else None
        for name in ("today", "tomorrow"):
            values[name] = DayCounts(**values.get(name, {}))
        values["failures"] = tuple(Failure(**failure) for failure in values.get("failures", ()))
        for name in ("errors", "warnings"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)
