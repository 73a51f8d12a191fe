"""What runs by the clock: the feeds every night, SmartMoving by day. Whether one is owed, the table of runs tells."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from webapp.clock import now
from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import url_of
from webapp.settings import Settings
from webapp.sync import service
from webapp.sync.due import ByDay, Nightly
from webapp.sync.models import RunKind
from webapp.sync.queries import latest_attempts


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
        is_on=settings.sync_enabled and is_configured(settings),
        trigger=CronTrigger(hour=settings.sync_hour, minute=settings.sync_minute, timezone=settings.zone),
        is_due=lambda company_id: nightly.is_due(now(), _attempts(RunKind.FEEDS, company_id)[0]),
        is_missed=lambda company_id: nightly.is_missed(now(), *_attempts(RunKind.FEEDS, company_id)),
        run=lambda trigger, is_due: service.run_feeds(trigger, is_due=is_due),
    )


def plans(settings: Settings) -> tuple[Plan, ...]:
    """All of them, also those that the settings switch off."""
    return (feeds_plan(settings),)


class DueTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires whenever `ByDay` says that a run is due."""

    def __init__(self, by_day: ByDay) -> None:
        self._by_day = by_day

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first due moment after `now`; what was missed meanwhile is not made up one by one."""
        return self._by_day.next_due(now)


def is_configured(settings: Settings) -> bool:
    """Whether any report has an address."""
    return any(url_of(settings, feed) for feed in FEEDS)


def nightly_of(settings: Settings) -> Nightly:
    """When the settings want the feeds imported."""
    return Nightly(time(settings.sync_hour, settings.sync_minute), settings.zone)


def _attempts(kind: RunKind, company_id: int | None) -> tuple[datetime | None, datetime | None]:
    return latest_attempts(company_id, kind) if company_id is not None else (None, None)
