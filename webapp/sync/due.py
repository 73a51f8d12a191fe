"""When the nightly run is due, in its own zone, and how old data are told to people. Values in, values out."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from webapp.dates import shown, shown_with_weekday

STALE_AFTER = timedelta(hours=36)
# Processes that start together must not each try what has just failed.
REST = timedelta(minutes=10)
NEVER = "No FMS data yet"


@dataclass(frozen=True)
class Age:
    """How old the data are: `text` for people, `is_stale` when they should worry.

    `warning` is a sentence for every page while data that once came are older than they should be.
    """

    text: str
    is_stale: bool
    warning: str = ""


@dataclass(frozen=True)
class Nightly:
    """Every day at `at` by the clocks of `zone`."""

    at: time
    zone: tzinfo

    def last_due(self, moment: datetime) -> datetime:
        """The latest due moment that is not after `moment`, in UTC."""
        local = moment.astimezone(self.zone)
        due = self._on(local, 0)
        return due if due <= moment else self._on(local, -1)

    def next_due(self, moment: datetime) -> datetime:
        """The earliest due moment after `moment`, in UTC."""
        local = moment.astimezone(self.zone)
        due = self._on(local, 0)
        return due if due > moment else self._on(local, 1)

    def is_due(self, moment: datetime, latest_attempt: datetime | None) -> bool:
        """Whether nobody has tried since the run was last due; None: nobody ever has."""
        return latest_attempt is None or latest_attempt < self.last_due(moment)

    def is_missed(self, moment: datetime, latest_attempt: datetime | None, latest_success: datetime | None) -> bool:
        """Whether a process that starts now has to catch up: nothing good since the last due moment."""
        is_rested = latest_attempt is None or moment - latest_attempt > REST
        return is_rested and self.is_due(moment, latest_success)

    def _on(self, local: datetime, days: int) -> datetime:
        due = datetime.combine(local.date() + timedelta(days), self.at, self.zone)
        # In UTC: two local times are compared by their clocks, which is wrong in the night they are changed.
        return due.astimezone(UTC)


def told_age(last_good_at: datetime | None, moment: datetime, zone: tzinfo) -> Age:
    """`FMS data 02:04 PST today`, with the weekday and date when it was another day; None is never."""
    if last_good_at is None:
        return Age(NEVER, is_stale=True)
    local = last_good_at.astimezone(zone)
    is_today = local.date() == moment.astimezone(zone).date()
    when = "today" if is_today else shown_with_weekday(local.date())
    is_stale = moment - last_good_at > STALE_AFTER
    warning = (
        f"The FMS data are from {shown_with_weekday(local.date())}, {local:%H:%M} {local.tzname()}: "
        f"{told_span(moment - last_good_at)} old. What FMS changed since is not shown."
    )
    return Age(f"FMS data {local:%H:%M} {local.tzname()} {when}", is_stale, warning if is_stale else "")


def told_span(span: timedelta) -> str:
    """`less than a minute`, `1 minute`, `5 hours`, `3 days`: the largest whole unit, days only from two on."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    count, unit = (
        (minutes, "minute")
        if minutes < 60
        else (minutes // 60, "hour")
        if minutes < 48 * 60
        else (minutes // (24 * 60), "day")
    )
    return f"{count} {unit}{'' if count == 1 else 's'}"


def told_moment(moment: datetime, zone: tzinfo) -> str:
    """`11-21-26 02:04 PST`."""
    local = moment.astimezone(zone)
    return f"{shown(local.date())} {local:%H:%M} {local.tzname()}"
