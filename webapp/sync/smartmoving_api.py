"""JSON below /smartmoving: jobs, locations and the state of the sync, read from our database; a sync; a probe."""

from datetime import timedelta
from typing import TypeVar

from flask import Blueprint, Response, current_app, jsonify, request

from webapp import clock
from webapp.accounts.access import carries_bearer, current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.db import close_reading
from webapp.declared import declares
from webapp.errors import Refusal
from webapp.journeys.api import as_json
from webapp.journeys.cards import Card, Wanted
from webapp.journeys.models import DataSource, SyncStatus
from webapp.journeys.queries import journeys_on
from webapp.jsonapi import Input, read_query
from webapp.smartmoving import service
from webapp.smartmoving.report import DayCounts, Report
from webapp.sync import running, smartmoving_runs
from webapp.sync.branches import Branch, branches
from webapp.sync.models import RunStatus
from webapp.sync.queries import run
from webapp.sync.shapes import (
    BegunData,
    DayData,
    EndedData,
    HealthData,
    JobsData,
    JobStats,
    LocationData,
    LocationsData,
    LocationStats,
    StandingData,
    Success,
)
from webapp.sync.smartmoving_overview import is_set_up_for, last_good_run_at
from webapp.sync.whose import company_of

BUSY = "SmartMoving could not be asked just now: the calls of this minute are in use."
D = TypeVar("D")
blueprint = Blueprint("smartmoving_api", __name__, url_prefix="/smartmoving")


class SyncFailed(Refusal):
    """The run was made and brought nothing to rely on; its own sentences say why."""

    status = 502
    code = "sync_failed"


class NoCookies(Refusal):
    """An address that a link or an image could open does nothing for a browser that is signed in."""

    status = 405
    code = "method_not_allowed"


class Waiting(Input):
    """Whether the answer comes when the run has ended."""

    wait: bool = True


@blueprint.get("/health")
@requires(Permission.VIEW_JOBS)
@declares({200: Success[HealthData]}, refuses=(502, 503))
def health() -> Response:
    """Whether SmartMoving answers us now: asked at most once a minute. Raises `NotConfigured` (503), 502."""
    company_id = company_of(current_actor())
    if not is_set_up_for(company_id):
        raise service.NotConfigured
    close_reading()
    found = service.probe(company_id)
    if found.is_good is False:
        raise Refusal(found.text, status=502, code="smartmoving_failed")
    if found.is_good is None or found.probed_at is None:
        raise Refusal(BUSY, status=503, code="busy")
    data = HealthData(status="operational", apiConnection="connected", timestamp=found.probed_at.isoformat())
    return _success(data, found.text)


@blueprint.get("/jobs/today")
@requires(Permission.VIEW_JOBS)
@declares({200: Success[JobsData]})
def jobs_today() -> Response:
    """The board's jobs of today, which is each location's own."""
    return _jobs(Wanted(day="today"), 0)


@blueprint.get("/jobs/tomorrow")
@requires(Permission.VIEW_JOBS)
@declares({200: Success[JobsData]})
def jobs_tomorrow() -> Response:
    """The board's jobs of tomorrow, which is each location's own."""
    return _jobs(Wanted(day="tomorrow"), 1)


@blueprint.route("/jobs/sync", methods=["GET", "POST"])
@requires(Permission.RUN_SYNCS)
@declares({200: Success[EndedData], 202: Success[BegunData]}, query=Waiting, refuses=(405, 409, 502, 503))
def sync_jobs() -> Response | tuple[Response, int]:
    """Sync now, or join the run that goes on; `?wait=false` answers at once. Raises 405, 502, 503.

    GET is for programs with a bearer token alone.
    """
    if request.method == "GET" and not carries_bearer():
        raise NoCookies("Send a POST; a GET works only with a bearer token.")
    if not read_query(Waiting).wait:
        begun = smartmoving_runs.start("button", current_actor())
        data = BegunData(runId=begun.run_id, isJoined=begun.lease is None)
        return _success(data, "The sync goes on; GET /smartmoving/sync/status tells when it has ended."), 202
    return _ended(_run_or_join())


@blueprint.get("/sync/status")
@requires(Permission.VIEW_JOBS)
@declares({200: Success[StandingData]})
def sync_status() -> Response:
    """How many of the board's jobs of today and tomorrow are up to date, by the last look at each."""
    actor = current_actor()
    cards = [*journeys_on(actor, Wanted(day="today")), *journeys_on(actor, Wanted(day="tomorrow"))]
    from_there = [card for card in cards if card.data_source == DataSource.SMARTMOVING]
    last = last_good_run_at(company_of(actor))
    data: StandingData = {
        "totalJobs": len(from_there),
        "syncedJobs": _count(from_there, SyncStatus.SYNCED),
        "pendingJobs": _count(from_there, SyncStatus.PENDING),
        "failedJobs": _count(from_there, SyncStatus.FAILED),
        "lastSync": last.isoformat() if last else None,
    }
    return _success(data, "How the jobs of today and tomorrow stand.")


@blueprint.get("/locations")
@requires(Permission.VIEW_JOBS)
@declares({200: Success[LocationsData]})
def locations() -> Response:
    """The branches in scope."""
    actor = current_actor()
    found = branches(actor, company_of(actor))
    active = sum(1 for branch in found if branch.jobs_today)
    stats = LocationStats(totalLocations=len(found), activeLocations=active)
    data = LocationsData(locations=[_location(branch) for branch in found], stats=stats)
    return _success(data, "The branches you may see.")


def _jobs(wanted: Wanted, ahead: int) -> Response:
    actor = current_actor()
    cards = journeys_on(actor, wanted)
    day = clock.today(current_app.extensions["settings"].zone)
    from_there = sum(1 for card in cards if card.data_source == DataSource.SMARTMOVING)
    stats: JobStats = {
        "totalJobs": len(cards),
        "smartmovingJobs": from_there,
        "manualJobs": len(cards) - from_there,
        "date": (day + timedelta(days=ahead)).isoformat(),
    }
    return _success(JobsData(jobs=[as_json(actor, card) for card in cards], stats=stats), f"{len(cards)} jobs.")


def _location(branch: Branch) -> LocationData:
    return {
        "id": branch.id,
        "externalId": branch.external_id,
        "name": branch.name,
        "city": branch.city,
        "region": branch.region,
        "timezone": branch.timezone,
        "jobsToday": branch.jobs_today,
    }


def _run_or_join() -> int:
    actor = current_actor()
    while True:
        begun = smartmoving_runs.begin("button", actor)
        if begun.lease is not None:
            smartmoving_runs.finish(begun, is_forced=True)
            return begun.run_id
        if running.follow(begun.run_id):
            return begun.run_id


def _ended(run_id: int) -> Response:
    found = run(run_id)
    report = Report.from_json(found.report or {})
    if found.status not in (RunStatus.SUCCEEDED, RunStatus.PARTIAL):
        raise SyncFailed(found.error or "The sync failed.", details={"runId": run_id})
    data: EndedData = {
        "runId": run_id,
        "today": _day(report.today),
        "tomorrow": _day(report.tomorrow),
        "summary": {
            "totalProcessed": report.processed,
            "totalCreated": report.created,
            "totalUpdated": report.updated,
            "totalFailed": report.failed,
            "syncTime": found.finished_at.isoformat() if found.finished_at else None,
        },
    }
    close_reading()
    return _success(data, found.error or "The jobs of today and tomorrow are up to date.")


def _day(counts: DayCounts) -> DayData:
    return {
        "processed": counts.processed,
        "created": counts.created,
        "updated": counts.updated,
        "failed": counts.failed,
    }


def _count(cards: list[Card], status: SyncStatus) -> int:
    return sum(1 for card in cards if card.sync_status == status)


def _success(data: D, message: str) -> Response:
    return jsonify(Success[D](success=True, data=data, message=message))
