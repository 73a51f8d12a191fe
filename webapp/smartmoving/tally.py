"""Counts what a run does, and makes its report of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from webapp.smartmoving.report import DayCounts, Failure, Report
from webapp.smartmoving.window import Window


@dataclass
class Tally:
    """What a run has done so far. Sets hold job ids, so that nothing is counted twice."""

    window: Window | None = None
    customers: int = 0
    details: int = 0
    put_off: int = 0
    # The jobs of the window, by id, with their day in the sweep.
    seen: dict[str, date] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_complete: bool = False

    def fail(self, opportunity_id: str, job_id: str, job_number: str, reason: str) -> None:
        """A job that could not be read."""
        # Without an id it is only itself: two of them are two.
        self.failed.add(job_id or f"without id, {len(self.failures)}")
        self.failures.append(Failure(opportunity_id, job_number, reason))

    def warn(self, sentence: str) -> None:
        """Something odd, said once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def report(self, calls: int, is_today: Mapping[str, bool | None]) -> Report:
        """The report. `is_today`: by job id, whether it is on its location's today (True), tomorrow (False) or
        neither (None).
        """
        return Report(
            is_complete=self.is_complete,
            first_day=self.window.first if self.window else None,
            last_day=self.window.last if self.window else None,
            calls=calls,
            customers=self.customers,
            details=self.details,
            put_off=self.put_off,
            processed=len(self.seen.keys() | self.created | self.updated),
            created=len(self.created),
            updated=len(self.updated - self.created),
            unchanged=len(self.seen.keys() - self.created - self.updated - self.failed),
            removed=len(self.removed),
            failed=len(self.failed),
            today=self._of_day(is_today, True),
            tomorrow=self._of_day(is_today, False),
            errors=tuple(self.errors),
            warnings=tuple(self.warnings),
            failures=tuple(self.failures),
        )

    def _of_day(self, is_today: Mapping[str, bool | None], wanted: bool) -> DayCounts:
        def count(job_ids: Iterable[str]) -> int:
            return sum(is_today.get(job_id) is wanted for job_id in job_ids)

        return DayCounts(
            processed=count(self.seen.keys() | self.created | self.updated),
            created=count(self.created),
            updated=count(self.updated - self.created),
            failed=count(self.failed),
        )
