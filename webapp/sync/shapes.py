"""The shapes of JSON about the sync that programs parse; below /smartmoving names are those of the first design."""

from typing import Generic, Literal, TypeVar

from typing_extensions import TypedDict

from webapp.declared import DayText, InstantText
from webapp.journeys.shapes import JourneyJson
from webapp.sync.models import FeedStatus, RunKind, RunStatus

D = TypeVar("D")


class FeedJson(TypedDict):
    """What one report of a run brought, counted in rows."""

    name: str
    status: FeedStatus
    fetched: int
    valid: int
    bad: int
    inserted: int
    updated: int
    gone: int
    unchanged: int
    seconds: float
    error: str | None


class JobsJson(TypedDict):
    """What a run brought of SmartMoving, counted in jobs."""

    processed: int
    created: int
    updated: int
    unchanged: int
    removed: int
    failed: int


class RunJson(TypedDict):
    """One run of a sync; `calls` are those to SmartMoving."""

    id: int
    kind: RunKind
    trigger: str
    status: RunStatus
    started_at: InstantText
    finished_at: InstantText | None
    seconds: float | None
    calls: int
    error: str | None
    feeds: list[FeedJson]
    jobs: JobsJson


class RunsJson(TypedDict):
    """Runs, newest first."""

    runs: list[RunJson]


class BegunJson(TypedDict):
    """The run that goes on; `is_joined`: it did already."""

    run: RunJson
    is_joined: bool


class Success(TypedDict, Generic[D]):
    """What every good answer below /smartmoving looks like."""

    success: Literal[True]
    data: D
    message: str


class HealthData(TypedDict):
    """SmartMoving answered us at `timestamp`."""

    status: Literal["operational"]
    apiConnection: Literal["connected"]
    timestamp: InstantText


class JobStats(TypedDict):
    """Counts of a day's jobs, by where they come from."""

    totalJobs: int
    smartmovingJobs: int
    manualJobs: int
    date: DayText


class JobsData(TypedDict):
    """The jobs of a day."""

    jobs: list[JourneyJson]
    stats: JobStats


class StandingData(TypedDict):
    """How many of the jobs of today and tomorrow are up to date."""

    totalJobs: int
    syncedJobs: int
    pendingJobs: int
    failedJobs: int
    lastSync: InstantText | None


class LocationData(TypedDict):
    """A branch. `externalId` is SmartMoving's."""

    id: int
    externalId: str | None
    name: str
    city: str | None
    region: str | None
    timezone: str | None
    jobsToday: int


class LocationStats(TypedDict):
    """How many branches there are, and how many have jobs today."""

    totalLocations: int
    activeLocations: int


class LocationsData(TypedDict):
    """The branches in scope."""

    locations: list[LocationData]
    stats: LocationStats


class BegunData(TypedDict):
    """The run that goes on; `isJoined`: it did already."""

    runId: int
    isJoined: bool


class DayData(TypedDict):
    """What a run did with the jobs of one day."""

    processed: int
    created: int
    updated: int
    failed: int


class SummaryData(TypedDict):
    """What a run did altogether."""

    totalProcessed: int
    totalCreated: int
    totalUpdated: int
    totalFailed: int
    syncTime: InstantText | None


class EndedData(TypedDict):
    """How a run ended."""

    runId: int
    today: DayData
    tomorrow: DayData
    summary: SummaryData
