"""Takes in what SmartMoving says: makes journeys of its jobs, changes them, takes them off the board and back.

Only the source's side is written: never an override, a stage, a crew, a truck or a note. Everything works inside the
caller's writing session; the caller bumps the board's mark, last, when anything came of it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Location
from webapp.journeys.fields import FIELDS, effective, kept
from webapp.journeys.models import DataSource, JourneyEvent, SyncStatus, TruckJourney
from webapp.journeys.source_job import SourceJob
from webapp.journeys.stages import Stage
from webapp.journeys.told import ON_BOARD, Change, off_reason, told
from webapp.journeys.words import TENTATIVE

ACTOR_NAME = "SmartMoving"
EMPTY: Mapping[str, Any] = {"text": "", "texts": []}
# A journey, and the event's kind, text and details.
_Event = tuple[TruckJourney, str, str, Mapping[str, Any]]


@dataclass(frozen=True)
class Taken:
    """What became of jobs, by their ids. Each job is in one of the three; `removed` went off the board besides."""

    created: frozenset[str] = frozenset()
    updated: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    @property
    def changes_a_board(self) -> bool:
        """Whether any row was written."""
        return bool(self.created or self.updated)


@dataclass
class _Outcome:
    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)


def take_in(session: Session, company_id: int, jobs: Iterable[SourceJob], moment: datetime) -> Taken:
    """Make the company's journeys say what `jobs` say; what says it already is not written.

    A partial job that is new needs its day and location. Of two jobs of one id the last counts.
    """
    wanted = {job.job_id: job for job in jobs}
    found = _journeys(session, company_id, wanted)
    names = _location_names(session, found.values(), wanted.values())
    outcome = _Outcome()
    events: list[_Event] = []
    for job_id, job in wanted.items():
        journey = found.get(job_id)
        if journey is None:
            journey = _created(company_id, job, moment)
            session.add(journey)
            events.append((journey, "created", "Came from SmartMoving.", {}))
            outcome.created.add(job_id)
            continue
        was_on_board = journey.on_board
        change = _changed(journey, job, names)
        if change is None:
            outcome.unchanged.add(job_id)
            continue
        outcome.updated.add(job_id)
        if was_on_board and not journey.on_board:
            outcome.removed.add(job_id)
        _stamp(journey, change, moment)
        if change.text:
            events.append((journey, "source", change.text, change.details))
    session.flush()
    _write_events(session, events, moment)
    return Taken(*map(frozenset, (outcome.created, outcome.updated, outcome.unchanged, outcome.removed)))


def off_board(
    session: Session, company_id: int, job_ids: Collection[str], reason: str, moment: datetime
) -> frozenset[str]:
    """Take these journeys off the board; those that were on it, or tentative, until now. `reason` says why."""
    off = set()
    events: list[_Event] = []
    for job_id, journey in _journeys(session, company_id, job_ids).items():
        if not journey.on_board and journey.off_reason != TENTATIVE:
            continue
        journey.on_board, journey.off_reason = False, reason
        # What comes back is compared anew.
        journey.content_hash = ""
        _stamp(journey, Change(f"Off the board: {reason}.", is_news=True), moment)
        events.append((journey, "source", f"Off the board: {reason}.", {}))
        off.add(job_id)
    session.flush()
    _write_events(session, events, moment)
    return frozenset(off)


def mark_failed(session: Session, company_id: int, failures: Mapping[str, str]) -> frozenset[str]:
    """Say of journeys, by job id, why their source could not be read; those of which it was not said already."""
    changed = set()
    for job_id, journey in _journeys(session, company_id, failures).items():
        if (journey.sync_status, journey.sync_error) != (SyncStatus.FAILED, failures[job_id]):
            journey.sync_status, journey.sync_error = SyncStatus.FAILED, failures[job_id]
            changed.add(job_id)
    session.flush()
    return frozenset(changed)


def _journeys(session: Session, company_id: int, job_ids: Collection[str]) -> dict[str, TruckJourney]:
    """The journeys of these jobs, locked: a dispatcher's change must not get between reading and writing."""
    if not job_ids:
        return {}
    found = session.scalars(
        select(TruckJourney)
        .where(TruckJourney.company_id == company_id, TruckJourney.job_id.in_(list(job_ids)))
        .order_by(TruckJourney.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {journey.job_id: journey for journey in found if journey.job_id}


def _created(company_id: int, job: SourceJob, moment: datetime) -> TruckJourney:
    empty = {name: EMPTY.get(one.kind) for name, one in FIELDS.items()}
    journey = TruckJourney(
        company_id=company_id,
        data_source=DataSource.SMARTMOVING,
        job_id=job.job_id,
        stage=Stage.MORNING_PREP,
        source={},
        overrides={},
        created_at=moment,
        updated_at=moment,
        last_sync_at=moment,
    )
    _fill(journey, job, kept({**empty, **job.fields, "scheduled_date": job.fields["scheduled_date"]}))
    return journey


def _changed(journey: TruckJourney, job: SourceJob, names: Mapping[int, str]) -> Change | None:
    """Let the journey say what the job says; what changed, or None where it said so already."""
    before, status_before = dict(journey.source), journey.source_status
    never_read, was_on_board = journey.external_data is None, journey.on_board
    after = {**before, **kept(job.fields)}
    # A reading that failed says nothing of whether what we have is up to date.
    keeps_status = job.is_partial and job.sync_status == "PENDING"
    sync = (journey.sync_status, journey.sync_error) if keeps_status else (job.sync_status, job.sync_error)
    if (
        _content_hash(journey, job, after) == journey.content_hash
        and sync == (journey.sync_status, journey.sync_error)
        and journey.on_board == (job.source_status in ON_BOARD)
    ):
        return None
    _fill(journey, job, after)
    journey.sync_status, journey.sync_error = sync
    return told(
        before,
        after,
        was_on_board=was_on_board,
        is_on_board=journey.on_board,
        status_before=status_before,
        status=job.source_status,
        names=names,
        is_first_reading=never_read and not job.is_partial,
    )


def _fill(journey: TruckJourney, job: SourceJob, source: dict[str, Any]) -> None:
    """Write the source's side, and the columns that follow from it and the overrides."""
    journey.content_hash = _content_hash(journey, job, source)
    journey.source = source
    for name, value in effective(source, journey.overrides).items():
        setattr(journey, name, value)
    journey.opportunity_id = job.opportunity_id
    journey.job_number = job.job_number or journey.job_number or ""
    journey.quote_number = job.quote_number or journey.quote_number or ""
    journey.external_id = f"sm_job_{journey.job_number or job.job_id}"
    journey.source_status = job.source_status
    journey.on_board = job.source_status in ON_BOARD
    journey.off_reason = off_reason(job.source_status)
    journey.sync_status, journey.sync_error = job.sync_status, job.sync_error
    if not job.is_partial:
        journey.estimated_value = job.estimated_value
        journey.external_data = dict(job.external_data)


def _content_hash(journey: TruckJourney, job: SourceJob, source: Mapping[str, Any]) -> str:
    """Of all that the source says, with what a partial job leaves as it is."""
    value = journey.estimated_value if job.is_partial else job.estimated_value
    data = journey.external_data if job.is_partial else job.external_data
    content = {
        "source": source,
        "status": job.source_status,
        "opportunity": job.opportunity_id,
        "job_number": job.job_number or journey.job_number,
        "quote_number": job.quote_number or journey.quote_number,
        "value": None if value is None else f"{value:.2f}",
        "data": data or {},
    }
    return sha256(dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _stamp(journey: TruckJourney, change: Change, moment: datetime) -> None:
    journey.version += 1
    journey.updated_at = journey.last_sync_at = moment
    if change.is_news:
        journey.changed_at, journey.changed_by, journey.change_note = moment, None, change.text


def _write_events(session: Session, events: list[_Event], moment: datetime) -> None:
    session.add_all(
        JourneyEvent(
            journey_id=journey.id,
            happened_at=moment,
            user_id=None,
            actor_name=ACTOR_NAME,
            kind=kind,
            text=text,
            details=details,
        )
        for journey, kind, text, details in events
    )
    session.flush()


def _location_names(session: Session, journeys: Iterable[TruckJourney], jobs: Iterable[SourceJob]) -> Mapping[int, str]:
    """Names of the locations that a journey may move from or to."""
    ids = {journey.source.get("location_id") for journey in journeys} | {job.fields.get("location_id") for job in jobs}
    if len(ids - {None}) < 2:
        return {}
    rows = session.execute(select(Location.id, Location.name).where(Location.id.in_(ids - {None})))
    return dict(rows.all())
