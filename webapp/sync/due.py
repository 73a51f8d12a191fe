"""When runs are due, by the clocks of their zone, and how old data are told to people. Values in, values out."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from webapp.dates import shown, shown_with_weekday

STALE_AFTER = timedelta(hours=36)
# Processes that start together must not each try what has just failed.
REST = timedelta(minutes=10)
NEVER = "No FMS data yet"
NO_JOBS = "No jobs from SmartMoving yet"
# The day's last look may begin a little late.
LATE = timedelta(minutes=5)
# Jobs older than so much working time are old, and then a matter for administrators; longer where looks are rarer.
JOBS_STALE_AFTER = timedelta(hours=1)
JOBS_ALERT_AFTER = timedelta(hours=2)
# Working time beyond this tells nobody anything more.
LONGEST_LOOK_BACK = timedelta(days=7)


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


@dataclass(frozen=True)
class ByDay:
    """Every `minutes` from `begins` to `ends` by the clocks of `zone`, both included; nothing at night."""

    minutes: int
    zone: tzinfo
    begins: time = time(6)
    ends: time = time(22)

    @property
    def stale_after(self) -> timedelta:
        """The working time after which what the last good look brought is old."""
        return max(JOBS_STALE_AFTER, 2 * self._step)

    @property
    def alert_after(self) -> timedelta:
        """The working time without a good look after which administrators are told."""
        return max(JOBS_ALERT_AFTER, 3 * self._step)

    def last_due(self, moment: datetime) -> datetime:
        """The latest due moment that is not after `moment`, in UTC."""
        begins, ends = self._day(moment, 0)
        if moment < begins:
            begins, ends = self._day(moment, -1)
        return begins + (min(moment, ends) - begins) // self._step * self._step

    def next_due(self, moment: datetime) -> datetime:
        """The earliest due moment after `moment`, in UTC."""
        begins, ends = self._day(moment, 0)
        if moment < begins:
            return begins
        following = begins + ((moment - begins) // self._step + 1) * self._step
        return following if following <= ends else self._day(moment, 1)[0]

    def is_due(self, moment: datetime, latest_attempt: datetime | None, hold_until: datetime | None = None) -> bool:
        """Whether a run is owed: in working hours, nobody has tried since it was last due, and nothing holds it.

        A process that starts asks the same: however many were missed, one makes up for them.
        """
        begins, ends = self._day(moment, 0)
        if not begins <= moment <= ends + LATE or (hold_until is not None and moment < hold_until):
            return False
        return latest_attempt is None or latest_attempt < self.last_due(moment)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two moments; beyond a week it is no longer counted."""
        total, since = timedelta(), max(since, until - LONGEST_LOOK_BACK)
        day = since
        while day - until < timedelta(days=1):
            begins, ends = self._day(day, 0)
            total += max(timedelta(), min(ends, until) - max(begins, since))
            day += timedelta(days=1)
        return total

    @property
    def _step(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def _day(self, moment: datetime, days: int) -> tuple[datetime, datetime]:
        """The first and the last moment of the working day in which `moment` lies, some days on."""
        day = moment.astimezone(self.zone).date() + timedelta(days)
        return (
            datetime.combine(day, self.begins, self.zone).astimezone(UTC),
            datetime.combine(day, self.ends, self.zone).astimezone(UTC),
        )


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


def told_jobs_age(last_good_at: datetime | None, moment: datetime, by_day: ByDay) -> Age:
    """`Jobs as of 14:05 PST, 12 minutes ago`, with the weekday and date when it was another day; None is never."""
    if last_good_at is None:
        return Age(NO_JOBS, is_stale=True)
    local = last_good_at.astimezone(by_day.zone)
    is_today = local.date() == moment.astimezone(by_day.zone).date()
    when = f"{local:%H:%M} {local.tzname()}" + ("" if is_today else f" {shown_with_weekday(local.date())}")
    text = f"Jobs as of {when}, {told_span(moment - last_good_at)} ago"
    is_stale = by_day.worked(last_good_at, moment) > by_day.stale_after
    warning = f"{text}. What SmartMoving changed since is not shown."
    return Age(text, is_stale, warning if is_stale else "")


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
