"""Does every room's jobs while a process serves, and the feeds every night. Started by hand, never by `create_app`.

Each process has its own scheduler; leases see to it that a job is done by one process at a time.
"""

from collections.abc import Callable
from datetime import time, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from webapp.accounts.queries import company_named
from webapp.clock import now
from webapp.db import close_reading
from webapp.feeds.parse_schema import FEEDS
from webapp.feeds.service import url_of
from webapp.jobs import Job, jobs_of
from webapp.settings import Settings
from webapp.sync import lease as leases
from webapp.sync import service
from webapp.sync.due import Nightly
from webapp.sync.queries import is_running, latest_attempts

log = structlog.get_logger(__name__)

SCHEDULER = "scheduler"
MISFIRE_SECONDS = 3600
# How soon those who live notice that a runner has died, after its lease has run out.
WATCH_SECONDS = 10


def start(app: Flask) -> BackgroundScheduler:
    """Begin doing the jobs of `app` in threads of this process; a second call changes nothing."""
    running = app.extensions.get(SCHEDULER)
    if running is not None:
        return running
    jobs, settings = jobs_of(app), _settings(app)
    scheduler = BackgroundScheduler(
        timezone=settings.zone,
        # One thread for each, so that a run of the feeds keeps no recovery waiting.
        executors={"default": ThreadPoolExecutor(len(jobs) + 3)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
    )
    for job in jobs:
        every = IntervalTrigger(seconds=job.seconds)
        scheduler.add_job(_do, every, args=[app, job], id=job.name, next_run_time=now())
    scheduler.add_job(_guarded, args=[app, "look after runs", lambda: _look_after_runs(app)], id="runs")
    watch = [app, "watch", lambda: _watch(app)]
    scheduler.add_job(_guarded, IntervalTrigger(seconds=WATCH_SECONDS), args=watch, id="watch")
    if settings.sync_enabled and is_configured(settings):
        nightly = CronTrigger(hour=settings.sync_hour, minute=settings.sync_minute, timezone=settings.zone)
        scheduler.add_job(_guarded, nightly, args=[app, "nightly", lambda: _run_if_due(app)], id="nightly")
    app.extensions[SCHEDULER] = scheduler
    scheduler.start()
    return scheduler


def stop(app: Flask) -> None:
    """Begin no job any more; what is running goes on."""
    scheduler = app.extensions.pop(SCHEDULER, None)
    if scheduler is not None:
        scheduler.shutdown(wait=False)


def is_configured(settings: Settings) -> bool:
    """Whether any report has an address."""
    return any(url_of(settings, feed) for feed in FEEDS)


def nightly_of(settings: Settings) -> Nightly:
    """When the settings want the feeds imported."""
    return Nightly(time(settings.sync_hour, settings.sync_minute), settings.zone)


def _do(app: Flask, job: Job) -> None:
    """Do a room's job, unless another process is doing it."""

    def alone() -> None:
        lease = leases.acquire(f"job:{job.name}"[:60], _lease_seconds(job))
        if lease is None:
            return
        try:
            with leases.kept_alive(app, lease):
                job.run()
        finally:
            leases.release(lease)

    _guarded(app, job.name, alone)


def _lease_seconds(job: Job) -> float:
    """Long enough to be renewed in time, short enough that a killed process does not hold the job up."""
    return min(30.0, max(5.0, 2 * job.seconds))


def _guarded(app: Flask, name: str, work: Callable[[], object]) -> None:
    """Work inside an application context, whose session ends with it. A failure is logged, the next try comes."""
    with app.app_context():
        try:
            work()
        except Exception as error:
            log.error("job failed", job=name, exc_info=error)


def _look_after_runs(app: Flask) -> None:
    """At start-up: mark runs whose process died, and catch up on a missed one."""
    settings = _settings(app)
    service.abandon_dead_runs()
    if not settings.sync_enabled or not is_configured(settings):
        return
    company_id = company_named(settings.company_name)
    if company_id is not None and is_running(company_id):
        # Either it lives, or its lease runs out before we look again.
        _look_again(app)
        return
    attempts = latest_attempts(company_id) if company_id is not None else (None, None)
    close_reading()
    nightly = nightly_of(settings)
    if nightly.is_missed(now(), *attempts):
        # Of several that come here together, those that are let in later find it done.
        service.run_feeds("catch-up", is_due=lambda company: nightly.is_missed(now(), *latest_attempts(company)))


def _watch(app: Flask) -> None:
    """While this process lives: take over from a run whose process, here or on another host, has died."""
    company_id = company_named(_settings(app).company_name)
    is_dead = company_id is not None and is_running(company_id) and not leases.is_held(service.lease_name(company_id))
    close_reading()
    if is_dead:
        _look_after_runs(app)


def _look_again(app: Flask) -> None:
    scheduler = app.extensions.get(SCHEDULER)
    if scheduler is not None:
        later = DateTrigger(now() + timedelta(seconds=service.LEASE_SECONDS + 5))
        look = [app, "look after runs", lambda: _look_after_runs(app)]
        scheduler.add_job(_guarded, later, args=look, id="runs again", replace_existing=True)


def _run_if_due(app: Flask) -> None:
    """At night: every process comes here, the first does it."""
    settings = _settings(app)
    company_id = company_named(settings.company_name)
    attempt = latest_attempts(company_id)[0] if company_id is not None else None
    close_reading()
    nightly = nightly_of(settings)
    if nightly.is_due(now(), attempt):
        service.run_feeds("nightly", is_due=lambda company: nightly.is_due(now(), latest_attempts(company)[0]))


def _settings(app: Flask) -> Settings:
    settings = app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
