"""What runs by the clock: the feeds every night, SmartMoving by day. Whether one is owed, the table of runs tells."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from webapp.clock import now
from webapp.settings import Settings
from webapp.sync import service, smartmoving_runs
from webapp.sync.configured import by_day_of, has_key, has_reports, nightly_of
from webapp.sync.due import ByDay
from webapp.sync.models import RunKind
from webapp.sync.queries import latest_attempts
from webapp.sync.smartmoving_runs import held_until


@dataclass(frozen=True)
class Plan:
    """A kind of run as the clock orders it. `is_on` is what the settings say.

    `is_due` is asked when it is time, `is_missed` when a process starts or finds a dead run; both are asked about the
    company (None: not there yet), and again under the lease. `run(trigger, is_due)` does it in the foreground.
    """

    kind: RunKind
    name: str
    is_on: bool
    trigger: BaseTrigger
    is_due: Callable[[int | None], bool]
    is_missed: Callable[[int | None], bool]
    run: Callable[[str, Callable[[int], bool]], object]


def feeds_plan(settings: Settings) -> Plan:
    """All reports, at one moment of the night."""
    nightly = nightly_of(settings)
    return Plan(
        kind=RunKind.FEEDS,
        name="nightly",
        is_on=settings.sync_enabled and has_reports(settings),
        trigger=CronTrigger(hour=settings.sync_hour, minute=settings.sync_minute, timezone=settings.zone),
        is_due=lambda company_id: nightly.is_due(now(), _attempts(RunKind.FEEDS, company_id)[0]),
        is_missed=lambda company_id: nightly.is_missed(now(), *_attempts(RunKind.FEEDS, company_id)),
        run=lambda trigger, is_due: service.run_feeds(trigger, is_due=is_due),
    )


def smartmoving_plan(settings: Settings) -> Plan:
    """Today's and tomorrow's jobs, every so many minutes of the working day."""
    by_day = by_day_of(settings)

    def is_due(company_id: int | None) -> bool:
        attempt = _attempts(RunKind.SMARTMOVING, company_id)[0]
        return by_day.is_due(now(), attempt, held_until(company_id) if company_id is not None else None)

    return Plan(
        kind=RunKind.SMARTMOVING,
        name="scheduled",
        is_on=settings.sync_enabled and has_key(settings),
        trigger=DueTrigger(by_day),
        is_due=is_due,
        is_missed=is_due,
        run=lambda trigger, is_due: smartmoving_runs.run_smartmoving(trigger, is_due=is_due),
    )


def plans(settings: Settings) -> tuple[Plan, ...]:
    """All of them, also those that the settings switch off."""
    return feeds_plan(settings), smartmoving_plan(settings)


class DueTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires whenever `ByDay` says that a run is due."""

    def __init__(self, by_day: ByDay) -> None:
        self._by_day = by_day

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first due moment after `now`; what was missed meanwhile is not made up one by one."""
        return self._by_day.next_due(now)


def _attempts(kind: RunKind, company_id: int | None) -> tuple[datetime | None, datetime | None]:
    return latest_attempts(company_id, kind) if company_id is not None else (None, None)
