"""What is to be written once a detail was read, could not be read, or was not asked for: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from webapp.journeys.source_job import SourceJob
from webapp.smartmoving import normalise
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.plan import ABSENT, DISAGREES, Known
from webapp.smartmoving.schemas import BrokenJob, Detail, SweptOpportunity
from webapp.smartmoving.statuses import TAKEN_OFF, is_dispatchable
from webapp.smartmoving.window import Window

TAKEN_OUT = "SmartMoving has taken the job out of its opportunity"
NO_DAY = "the job has no date in SmartMoving any more"
GONE = "SmartMoving no longer has it"
NOT_LISTED = "SmartMoving does not list it for that day any more"
LISTED_ONLY = "SmartMoving lists the job, and says that there is none when asked for it."


@dataclass(frozen=True)
class JobOfOurs:
    """A journey of ours, by its job: whether it is on the board (or listed as tentative)."""

    job_id: str
    is_listed: bool


@dataclass(frozen=True)
class Around:
    """What is known beside an answer. `swept` None: the sweep did not bring the opportunity.

    `elsewhere` is the location for jobs whose branch is unknown.
    """

    window: Window
    now: datetime
    own_types: Mapping[int, str]
    elsewhere: int
    swept: SweptOpportunity | None
    remembered: Known | None
    ours: Sequence[JobOfOurs]

    @property
    def our_ids(self) -> frozenset[str]:
        """The jobs of which we have journeys, also those off the board."""
        return frozenset(job.job_id for job in self.ours)

    @property
    def listed_ids(self) -> frozenset[str]:
        """The jobs whose journeys are on the board, or listed as tentative."""
        return frozenset(job.job_id for job in self.ours if job.is_listed)


@dataclass(frozen=True)
class Reading:
    """What to write of one opportunity: jobs, what goes off (job id to reason), what failed, what to remember."""

    jobs: tuple[SourceJob, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    broken: tuple[BrokenJob, ...] = ()
    known: Known | None = None
    warning: str = ""


def of_detail(detail: Detail, around: Around, location_id: int | None) -> Reading:
    """What a detail says. `location_id` None: its branch is none we know."""
    place = around.elsewhere if location_id is None else location_id
    jobs = [
        normalise.from_detail(detail, job, place, around.own_types, around.swept)
        for job in detail.jobs
        if job.day is not None and _is_wanted(job.job_id, job.day, detail.status, around)
    ]
    partial = (
        normalise.from_broken(detail, job, place, around.own_types, around.swept) for job in detail.broken if job.job_id
    )
    jobs += [
        job
        for job in partial
        if job and _is_wanted(job.job_id, job.fields["scheduled_date"], job.source_status, around)
    ]
    off = {job.job_id: NO_DAY for job in detail.jobs if job.day is None and job.job_id in around.listed_ids}
    if all(job.job_id for job in detail.broken):
        # With a job that has lost its id, nobody can tell which one is missing.
        present = {job.job_id for job in detail.jobs} | {job.job_id for job in detail.broken}
        off |= dict.fromkeys(around.listed_ids - present, TAKEN_OUT)
    problem = detail.broken[0].reason if detail.broken else ""
    if around.swept and not problem and around.swept.fingerprint != detail.fingerprint:
        problem = DISAGREES
    return Reading(
        jobs=tuple(jobs),
        off=off,
        broken=detail.broken,
        known=_known(detail.status, _mark(detail, around), problem, around, detail.last_day),
    )


def of_failure(opportunity_id: str, failure: SmartMovingFailed, around: Around) -> Reading:
    """What a detail that did not come leaves: the sweep's word, or, where it is gone, journeys off the board."""
    swept = around.swept
    status = swept.status if swept else (around.remembered.status if around.remembered else 0)
    fingerprint = swept.fingerprint if swept else (around.remembered.fingerprint if around.remembered else "")
    if failure.kind is Kind.GONE:
        problem = f"{GONE}, though it lists it." if swept else ""
        known = _known(status, fingerprint if swept else "", problem, around, None)
        # What the list still promises and nobody can see must not be missed in silence.
        is_promised = swept is not None and is_dispatchable(swept.status)
        broken = tuple(
            BrokenJob(job.job_id, job.job_number, LISTED_ONLY)
            for job in (swept.jobs if swept and is_promised else ())
            if job.day in around.window
        )
        return Reading(off=dict.fromkeys(around.listed_ids, GONE), broken=broken, known=known)
    jobs = of_sweep(swept, around, failure.sentence) if swept else ()
    told = {job.job_id: job.job_number for job in jobs} or dict.fromkeys(sorted(around.listed_ids), "")
    if not told and swept:
        told = {job.job_id: job.job_number for job in swept.jobs if job.day in around.window}
    return Reading(
        jobs=jobs,
        broken=tuple(BrokenJob(job_id, number, failure.sentence) for job_id, number in told.items()),
        known=_known(status, fingerprint, failure.sentence, around, None),
    )


def of_sweep(swept: SweptOpportunity, around: Around, error: str = "") -> tuple[SourceJob, ...]:
    """The jobs as the sweep alone tells them: new ones of the window, and those of which we have journeys.

    `error`: why their detail could not be read. A tentative one that failed is not made for that.
    """
    found = []
    for job in swept.jobs:
        is_ours = job.job_id in around.our_ids
        is_new = job.day in around.window and swept.status not in TAKEN_OFF
        if job.job_id and (is_ours or (is_new and not (error and not is_dispatchable(swept.status)))):
            location = None if is_ours else around.elsewhere
            found.append(normalise.from_sweep(swept, job, location, around.own_types, error))
    return tuple(found)


def of_settled(swept: SweptOpportunity, around: Around) -> Reading:
    """What the sweep settles by itself: leads, cancellations, and work that is done."""
    if is_dispatchable(swept.status):
        remembered = around.remembered
        assert remembered is not None, "only a change of the status is settled so"
        known = Known(
            swept.status, remembered.fingerprint, remembered.detail_at, remembered.problem, remembered.last_day
        )
        jobs = tuple(job for job in of_sweep(swept, around) if job.job_id in around.our_ids)
        return Reading(jobs=jobs, known=known)
    read_at = around.remembered.detail_at if around.remembered else None
    known = Known(swept.status, swept.fingerprint, read_at, "", _latest(around, None))
    present = {job.job_id for job in swept.jobs}
    return Reading(jobs=of_sweep(swept, around), off=dict.fromkeys(around.listed_ids - present, TAKEN_OUT), known=known)


def _is_wanted(job_id: str, day: date, status: int, around: Around) -> bool:
    """Whether a job is, or becomes, a journey: one that we have, or one of the window that is not lost."""
    return job_id in around.our_ids or (day in around.window and status not in TAKEN_OFF)


def _mark(detail: Detail, around: Around) -> str:
    """The fingerprint to remember: the sweep's; without one, that which a sweep would have."""
    if around.swept:
        return around.swept.fingerprint
    is_still_there = is_dispatchable(detail.status) and any(
        job.day in around.window and job.job_id in around.listed_ids for job in detail.jobs
    )
    return ABSENT if is_still_there else detail.fingerprint


def _known(status: int, fingerprint: str, problem: str, around: Around, last_day: date | None) -> Known:
    """What to remember after a reading. A first problem is looked at again at once, a lasting one later."""
    is_first = bool(problem) and not (around.remembered and around.remembered.problem)
    return Known(status, fingerprint, None if is_first else around.now, problem, _latest(around, last_day))


def _latest(around: Around, day: date | None) -> date | None:
    """The latest day of its jobs, as far as anybody says."""
    days: Iterable[date | None] = (day, around.swept.last_day if around.swept else None)
    found = [one for one in days if one]
    if not found and around.remembered and around.remembered.last_day:
        found = [around.remembered.last_day]
    return max(found, default=None)
