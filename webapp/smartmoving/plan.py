"""Which calls are worth making after a sweep: what must be read now, what may be read, and what the sweep settles.

A detail costs a call, so it is read where the sweep says that something is new or changed, and now and then for
what a sweep cannot show (times, addresses, the branch, confirmed). What is new is never put off for economy; what
can wait is, as soon as the day's calls come near its target (docs/smartmoving.md has the arithmetic).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from webapp.smartmoving.schemas import SweptOpportunity
from webapp.smartmoving.statuses import FINISHED, TAKEN_OFF, Status, is_dispatchable, is_tentative
from webapp.smartmoving.window import Window

DAILY_TARGET = 500
# Of these, left for health probes, repeated calls and a run by hand.
KEPT_BACK = 15
REFRESH_TODAY = timedelta(hours=6)
REFRESH_LATER = timedelta(hours=18)
# Older than this, a booked job's detail is read whatever the day has cost: yesterday's reading may wait until noon.
STALE = timedelta(hours=30)
# A detail that failed is tried again in the next run, and if that fails, too, after this.
TRY_AGAIN = timedelta(hours=1)
# A booked job that the sweep leaves out and the detail does not: looked at again after this.
LOOK_AGAIN = timedelta(hours=6)
# What a run may spend on details that can wait: a morning's refreshes spread over an hour.
MOST_OPTIONAL = 30
# What each sweep to come is taken to need for new bookings and changes.
NEWS_A_SWEEP = 1.0
# In place of a fingerprint: the sweep leaves it out although it should not.
ABSENT = "absent"
# The problem of a detail that was read well, but does not say what the sweep says.
DISAGREES = "SmartMoving's list and its detail do not agree."


class Reason(StrEnum):
    """Why a detail is wanted. The first five must be read now; of the others, the first named goes first."""

    NEW = "new"
    CHANGED = "changed"
    AGAIN = "again"
    STALE = "stale"
    MISSING = "missing"
    TODAY = "today"
    TENTATIVE = "tentative"
    FINISHED = "finished"
    LATER = "later"


URGENT = (Reason.NEW, Reason.CHANGED, Reason.MISSING, Reason.AGAIN, Reason.STALE)
OPTIONAL = (Reason.TODAY, Reason.TENTATIVE, Reason.FINISHED, Reason.LATER)


@dataclass(frozen=True)
class Known:
    """What we remember of an opportunity. `detail_at` None: never read, or to be read again at once.

    `problem`: why its last detail could not be used, or does not agree with the sweep.
    """

    status: int
    fingerprint: str
    detail_at: datetime | None
    problem: str = ""
    last_day: date | None = None


@dataclass(frozen=True)
class Journey:
    """A journey of ours that is on the board, or tentative: the source's day, and when its arrival is over.

    `is_today`: by its own location's calendar. `shown_day`: the day entered here, where that is another.
    """

    job_id: str
    opportunity_id: str
    day: date
    starts_at: datetime
    over_at: datetime
    is_today: bool
    is_on_board: bool = True
    shown_day: date | None = None

    def is_moved_into(self, window: Window) -> bool:
        """Whether only the day that was entered here lies in the window: a sweep of it need not bring the job."""
        return self.is_on_board and self.shown_day in window and self.day not in window


@dataclass(frozen=True)
class Allowance:
    """What calls there are: made today, left in the month, and what the day's sweeps to come will take.

    `coming`: jobs that will be new when, later today, a new day begins somewhere and the window moves on.
    """

    made_today: int
    left_in_month: int
    sweeps_left: int = 0
    pages: int = 1
    coming: int = 0
    days_left_in_month: int = 1

    def optional(self, urgent: int) -> int:
        """How many details that can wait may be read now, beside `urgent` that cannot."""
        target = min(DAILY_TARGET - KEPT_BACK, self.made_today + self.left_in_month // max(1, self.days_left_in_month))
        reserve = self.sweeps_left * (self.pages + NEWS_A_SWEEP) + self.coming
        return max(0, min(MOST_OPTIONAL, int(target - self.made_today - urgent - reserve)))


@dataclass(frozen=True)
class Want:
    """A detail that is wanted."""

    opportunity_id: str
    reason: Reason


@dataclass(frozen=True)
class Plan:
    """What to do: read these details, in this order; take these from the sweep as they are; take these off.

    `settled`: opportunities whose change the sweep tells well enough. `missing`: tentative opportunities that the
    sweep no longer brings, with the jobs of which there are journeys. `put_off`: how many details can wait.
    """

    urgent: tuple[Want, ...]
    optional: tuple[Want, ...]
    settled: tuple[SweptOpportunity, ...]
    missing: Mapping[str, tuple[str, ...]]
    put_off: int

    @property
    def wanted(self) -> tuple[Want, ...]:
        """All details to read, in order."""
        return self.urgent + self.optional


def plan(
    sweep: Iterable[SweptOpportunity],
    known: Mapping[str, Known],
    journeys: Iterable[Journey],
    window: Window,
    now: datetime,
    allowance: Allowance,
) -> Plan:
    """The plan after a complete sweep of `window`. `journeys` are those whose day at the source lies in it or later."""
    by_opportunity: dict[str, list[Journey]] = {}
    for journey in journeys:
        by_opportunity.setdefault(journey.opportunity_id, []).append(journey)
    listed = {journey.job_id for ours in by_opportunity.values() for journey in ours}
    swept = {one.opportunity_id: one for one in sweep}
    wants: list[tuple[Want, datetime]] = []
    settled = []
    for one in swept.values():
        ours = by_opportunity.get(one.opportunity_id, [])
        if not ours and not _concerns(one, window):
            continue
        remembered = known.get(one.opportunity_id)
        has_newcomer = any(job.job_id and job.day in window and job.job_id not in listed for job in one.jobs)
        if _is_settled(one, remembered, ours, has_newcomer=has_newcomer):
            settled.append(one)
        reason = _reason(one, remembered, ours, window, now, has_newcomer=has_newcomer)
        if reason:
            wants.append((Want(one.opportunity_id, reason), _starts(ours, now)))
    missing = {}
    for opportunity_id, ours in by_opportunity.items():
        absent = [journey for journey in ours if journey.day in window]
        if opportunity_id in swept:
            continue
        if not absent:
            moved = [journey for journey in ours if journey.is_moved_into(window)]
            if moved and _is_long_ago(known.get(opportunity_id), now):
                wants.append((Want(opportunity_id, Reason.MISSING), _starts(moved, now)))
        elif not any(journey.is_on_board for journey in absent):
            missing[opportunity_id] = tuple(journey.job_id for journey in absent)
        elif _is_worth_a_look(known.get(opportunity_id), now):
            wants.append((Want(opportunity_id, Reason.MISSING), _starts(absent, now)))
    return _ranked(wants, settled, missing, allowance)


def _concerns(one: SweptOpportunity, window: Window) -> bool:
    """Whether any job is in the window; a booked one whose day cannot be read may be."""
    return any(job.day in window or (job.is_strange and is_dispatchable(one.status)) for job in one.jobs)


def _is_settled(one: SweptOpportunity, remembered: Known | None, ours: list[Journey], *, has_newcomer: bool) -> bool:
    """Whether the sweep itself tells something new that is to be written down at once.

    `has_newcomer`: a job of the window is not listed yet, as it was days away when its siblings were read.
    """
    if is_dispatchable(one.status):
        # Done at SmartMoving, or not done after all: said at once, though the detail can wait.
        if remembered is None or remembered.status == one.status or not is_dispatchable(remembered.status):
            return False
        return remembered.fingerprint == one.fingerprint or _is_only_done(one, remembered)
    if one.status in TAKEN_OFF and remembered is None and not ours:
        return False
    if has_newcomer and is_tentative(one.status):
        return True
    return remembered is None or remembered.fingerprint != one.fingerprint


def _reason(
    one: SweptOpportunity,
    remembered: Known | None,
    ours: list[Journey],
    window: Window,
    now: datetime,
    *,
    has_newcomer: bool,
) -> Reason | None:
    if is_tentative(one.status):
        never_read = remembered is None or (remembered.detail_at is None and not remembered.problem)
        return Reason.TENTATIVE if never_read and _concerns(one, window) else None
    if one.status in TAKEN_OFF:
        return None
    if remembered is None:
        return Reason.NEW
    if remembered.fingerprint != one.fingerprint:
        return Reason.FINISHED if _is_only_done(one, remembered) else Reason.CHANGED
    if remembered.problem:
        return _reason_again(remembered, now)
    if remembered.detail_at is None or has_newcomer:
        return Reason.NEW
    return _refresh(one, remembered.detail_at, [journey for journey in ours if journey.day in window], now)


def _reason_again(remembered: Known, now: datetime) -> Reason | None:
    """Why a detail with a problem is read again. One that merely disagrees was read: a lasting one can wait."""
    if remembered.detail_at is None:
        return Reason.AGAIN
    age = now - remembered.detail_at
    if remembered.problem == DISAGREES and age < STALE:
        return Reason.LATER if age >= LOOK_AGAIN else None
    return Reason.AGAIN if age >= TRY_AGAIN else None


def _is_only_done(one: SweptOpportunity, remembered: Known) -> bool:
    """Whether all that changed is that booked work was done: the same jobs on the same days."""
    before, _, jobs_before = remembered.fingerprint.partition(":")
    was_booked = before in {str(int(status)) for status in FINISHED | {Status.BOOKED}}
    return one.status in FINISHED and was_booked and one.fingerprint.partition(":")[2] == jobs_before


def _refresh(one: SweptOpportunity, read_at: datetime, ours: list[Journey], now: datetime) -> Reason | None:
    """Why an unchanged detail is read again: only while its crew has still to arrive."""
    live = [journey for journey in ours if journey.over_at > now]
    if not live or one.status in FINISHED:
        return None
    age = now - read_at
    if age >= STALE:
        return Reason.STALE
    if any(journey.is_today for journey in live):
        return Reason.TODAY if age >= REFRESH_TODAY else None
    return Reason.LATER if age >= REFRESH_LATER else None


def _is_worth_a_look(remembered: Known | None, now: datetime) -> bool:
    """Whether to look at a journey that the sweep left out: not over and over when the detail contradicts it."""
    if remembered is None or remembered.detail_at is None:
        return True
    if remembered.fingerprint == ABSENT:
        return now - remembered.detail_at >= LOOK_AGAIN
    return not remembered.problem or now - remembered.detail_at >= TRY_AGAIN


def _is_long_ago(remembered: Known | None, now: datetime) -> bool:
    """Whether a detail was last read so long ago that the board should not rely on it unseen."""
    return remembered is None or remembered.detail_at is None or now - remembered.detail_at >= LOOK_AGAIN


def _starts(ours: list[Journey], now: datetime) -> datetime:
    """When the first of these begins; what is not known yet comes before all."""
    return min((journey.starts_at for journey in ours), default=now - timedelta(days=365))


def _ranked(
    wants: list[tuple[Want, datetime]],
    settled: list[SweptOpportunity],
    missing: Mapping[str, tuple[str, ...]],
    allowance: Allowance,
) -> Plan:
    def ordered(reasons: tuple[Reason, ...]) -> list[Want]:
        chosen = [pair for pair in wants if pair[0].reason in reasons]
        chosen.sort(key=lambda pair: (reasons.index(pair[0].reason), pair[1], pair[0].opportunity_id))
        return [want for want, _ in chosen]

    urgent, optional = ordered(URGENT), ordered(OPTIONAL)
    taken = optional[: allowance.optional(len(urgent))]
    return Plan(
        urgent=tuple(urgent),
        optional=tuple(taken),
        settled=tuple(settled),
        missing=missing,
        put_off=len(optional) - len(taken),
    )
