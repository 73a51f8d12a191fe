"""Use cases of this room: sync a company's journeys, ask how SmartMoving is, set zones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock
from webapp.accounts.models import Location
from webapp.db import close_reading, db, refuse_open_transaction, writing
from webapp.errors import Refusal
from webapp.journeys.models import TruckJourney
from webapp.settings import Settings
from webapp.smartmoving import standing
from webapp.smartmoving.client import SmartMovingClient, rest_client
from webapp.smartmoving.errors import Kind, SmartMovingFailed
from webapp.smartmoving.fetch import THREADS
from webapp.smartmoving.importer import Company, Confirm, Importer, Progress
from webapp.smartmoving.ledger import Ledger, next_month
from webapp.smartmoving.models import SmartMovingCall
from webapp.smartmoving.report import Report
from webapp.smartmoving.tally import Tally
from webapp.smartmoving.zone_service import set_branch_zone, set_region_zone

__all__ = ["Health", "NotConfigured", "Progress", "probe", "set_branch_zone", "set_region_zone", "sync"]

log = structlog.get_logger(__name__)

HELD_AFTER_REFUSAL = timedelta(hours=1)
# SmartMoving does not say when its month turns, and an operator may raise ours: a try a day costs a call at most.
HELD_AFTER_QUOTA = timedelta(days=1)
PROBE_KEPT = timedelta(minutes=1)
# A monitor that asks all day would use the month up with nothing else: after so many in 24 hours an answer is kept
# for longer.
PROBES_A_DAY = 60
PROBE_KEPT_THEN = timedelta(minutes=15)
# Whoever asks for our health does not wait for the pace.
PROBE_WAIT = 5
NOT_WRITTEN = "The database did not take a batch; what was written before it stays. The log says why."
WORKS = "SmartMoving answers."


class NotConfigured(Refusal):
    """There is no key for SmartMoving."""

    status = 503
    code = "not_configured"

    def __init__(self) -> None:
        super().__init__("SmartMoving is not set up here: set SMARTMOVING_API_KEY.")


@dataclass(frozen=True)
class Health:
    """How SmartMoving was when it was last asked. `is_good` None: it was not asked."""

    is_good: bool | None
    text: str
    probed_at: datetime | None


def sync(
    company_id: int,
    run_id: int,
    confirm: Confirm,
    *,
    is_forced: bool = False,
    progress: Progress = lambda done, total, text: None,
) -> Report:
    """Bring the company's journeys of today and tomorrow into line with SmartMoving, and say how that went.

    Called by whoever holds the run's lease, in no transaction; `confirm(session)` is called first in each writing
    transaction, and what it raises is passed on. `is_forced`: do not wait out a refused key or used-up month; the
    monthly cap holds all the same. Whatever SmartMoving or the database do wrong is told in the report.
    Raises `NotConfigured`.
    """
    refuse_open_transaction()
    settings = _settings()
    if not settings.smartmoving_api_key.get_secret_value():
        raise NotConfigured
    state = standing.state_of(company_id)
    close_reading()
    if state.is_held(clock.now()) and not is_forced:
        return Report(errors=(state.hold_reason,))
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with rest_client(settings, THREADS) as rest:
        client = SmartMovingClient(Ledger(company_id, settings, run_id), rest)
        importer = Importer(Company(company_id, app, settings, client, confirm, progress))
        failure = _run(importer)
    _hold(company_id, state, failure, confirm)
    return _report(company_id, run_id, importer.tally, settings)


def probe(company_id: int) -> Health:
    """How SmartMoving is: asked at most once a minute, by a call that counts; when it was asked often in the last
    24 hours, four times an hour. Raises `NotConfigured`.
    """
    refuse_open_transaction()
    settings = _settings()
    if not settings.smartmoving_api_key.get_secret_value():
        raise NotConfigured
    state, moment = standing.state_of(company_id), clock.now()
    kept = PROBE_KEPT if _probes_since(company_id, moment - timedelta(days=1)) < PROBES_A_DAY else PROBE_KEPT_THEN
    close_reading()
    known = Health(state.probe_is_good, state.probe_text, state.probed_at)
    if state.probed_at is not None and timedelta() <= moment - state.probed_at < kept:
        return known
    try:
        with rest_client(settings, 1) as rest:
            SmartMovingClient(Ledger(company_id, settings, longest_wait=PROBE_WAIT), rest).probe()
        health = Health(True, WORKS, moment)
    except SmartMovingFailed as failure:
        if failure.kind is Kind.BUSY:
            return known
        health = Health(False, failure.sentence, moment)
    with writing() as session:
        standing.note(session, company_id, probed_at=moment, probe_is_good=health.is_good, probe_text=health.text)
    return health


def _probes_since(company_id: int, moment: datetime) -> int:
    calls = SmartMovingCall
    found = select(func.count()).where(calls.company_id == company_id, calls.kind == "probe", calls.called_at >= moment)
    return db.session.scalar(found) or 0


def _run(importer: Importer) -> SmartMovingFailed | None:
    """Run it; what stopped it, if SmartMoving did."""
    try:
        importer.run()
    except SmartMovingFailed as failure:
        importer.tally.is_complete = False
        importer.tally.errors.append(failure.sentence)
        return failure
    except SQLAlchemyError as error:
        log.error("journeys not written", exc_info=error)
        importer.tally.is_complete = False
        importer.tally.errors.append(NOT_WRITTEN)
    return None


def _hold(company_id: int, state: standing.State, failure: SmartMovingFailed | None, confirm: Confirm) -> None:
    """Let scheduled runs wait after a refusal that the next one would get as well; go on after a good run."""
    moment = clock.now()
    until, reason = None, ""
    if failure and failure.kind is Kind.UNAUTHORIZED:
        until, reason = moment + HELD_AFTER_REFUSAL, failure.sentence
    elif failure and failure.stops:
        until, reason = min(next_month(moment), moment + HELD_AFTER_QUOTA), failure.sentence
    elif failure or (state.hold_until is None and not state.hold_reason):
        return
    with writing() as session:
        confirm(session)
        standing.note(session, company_id, hold_until=until, hold_reason=reason)


def _report(company_id: int, run_id: int, tally: Tally, settings: Settings) -> Report:
    calls = db.session.scalar(
        select(func.count())
        .select_from(SmartMovingCall)
        .where(SmartMovingCall.company_id == company_id, SmartMovingCall.run_id == run_id)
    )
    days = _days(company_id, tally, settings)
    close_reading()
    return tally.report(calls or 0, days)


def _days(company_id: int, tally: Tally, settings: Settings) -> Mapping[str, bool | None]:
    """For each job of the run, whether it is on its location's today, its tomorrow, or neither."""
    if tally.window is None:
        return {}
    moment = clock.now()
    wanted = tally.seen.keys() | tally.created | tally.updated | tally.failed
    rows = db.session.execute(
        select(TruckJourney.job_id, TruckJourney.scheduled_date, Location.timezone)
        .join(Location, Location.id == TruckJourney.location_id)
        .where(
            TruckJourney.company_id == company_id,
            TruckJourney.job_id.is_not(None),
            TruckJourney.scheduled_date >= tally.window.first,
            TruckJourney.scheduled_date <= tally.window.last,
        )
    )
    found = {job_id: (day, zone) for job_id, day, zone in rows if job_id in wanted}
    found |= {job_id: (day, None) for job_id, day in tally.seen.items() if job_id not in found}
    days: dict[str, bool | None] = {}
    for job_id, (day, zone) in found.items():
        today = moment.astimezone(ZoneInfo(zone) if zone else settings.zone).date()
        days[job_id or ""] = {0: True, 1: False}.get((day - today).days)
    return days


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
