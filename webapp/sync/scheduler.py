"""Does every room's jobs while a process serves, and the runs that are due. Started by hand, never by `create_app`.

Each process has its own scheduler; leases see to it that a job is done by one process at a time.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from webapp.accounts.queries import company_named
from webapp.audit.acting import acting, by_job
from webapp.clock import now
from webapp.db import close_reading
from webapp.jobs import Job, jobs_of
from webapp.settings import Settings
from webapp.sync import lease as leases
from webapp.sync import running
from webapp.sync.plans import Plan, plans
from webapp.sync.queries import is_running

log = structlog.get_logger(__name__)

SCHEDULER = "scheduler"
MISFIRE_SECONDS = 3600
# How soon those who live notice that a runner has died, after its lease has run out.
WATCH_SECONDS = 10
# Beside the rooms' jobs: looking out for dead runners, and for each kind of run being on time and being made up.
THREADS = 5


def start(app: Flask) -> BackgroundScheduler:
    """Begin doing the jobs of `app` in threads of this process; a second call changes nothing."""
    running_already = app.extensions.get(SCHEDULER)
    if running_already is not None:
        return running_already
    jobs, settings = jobs_of(app), _settings(app)
    scheduler = BackgroundScheduler(
        timezone=settings.zone,
        # One thread for each, so that a run keeps no recovery waiting.
        executors={"default": ThreadPoolExecutor(len(jobs) + THREADS)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
    )
    for job in jobs:
        every = IntervalTrigger(seconds=job.seconds)
        scheduler.add_job(_do, every, args=[app, job], id=job.name, next_run_time=now())
    watch = [app, "watch", partial(_watch, app)]
    scheduler.add_job(_guarded, IntervalTrigger(seconds=WATCH_SECONDS), args=watch, id="watch")
    for plan in plans(settings):
        look = [app, f"{plan.name} at start", partial(_look_after, app, plan)]
        scheduler.add_job(_guarded, args=look, id=f"{plan.name} at start")
        if plan.is_on:
            on_time = [app, plan.name, partial(_run_if_due, app, plan)]
            scheduler.add_job(_guarded, plan.trigger, args=on_time, id=plan.name)
    app.extensions[SCHEDULER] = scheduler
    scheduler.start()
    return scheduler


def stop(app: Flask) -> None:
    """Begin no job any more; what is running goes on."""
    scheduler = app.extensions.pop(SCHEDULER, None)
    if scheduler is not None:
        scheduler.shutdown(wait=False)


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
    with app.app_context(), acting(by_job(name)):
        try:
            work()
        except Exception as error:
            log.error("job failed", job=name, exc_info=error)


def _look_after(app: Flask, plan: Plan) -> None:
    """At start-up: mark runs whose process died, and catch up on a missed one."""
    running.abandon_dead_runs()
    if not plan.is_on:
        return
    company_id = company_named(_settings(app).company_name)
    if company_id is not None and is_running(company_id, plan.kind):
        # Either it lives, or its lease runs out before we look again.
        _look_again(app, plan)
        return
    is_missed = plan.is_missed(company_id)
    close_reading()
    if is_missed:
        # Of several that come here together, those that are let in later find it done.
        plan.run("catch-up", plan.is_missed)


def _watch(app: Flask) -> None:
    """While this process lives: take over from a run whose process, here or on another host, has died."""
    company_id = company_named(_settings(app).company_name)
    for plan in plans(_settings(app)):
        is_dead = (
            company_id is not None
            and is_running(company_id, plan.kind)
            and not leases.is_held(running.lease_name(plan.kind, company_id))
        )
        close_reading()
        if is_dead:
            _look_after(app, plan)


def _look_again(app: Flask, plan: Plan) -> None:
    scheduler = app.extensions.get(SCHEDULER)
    if scheduler is not None:
        later = DateTrigger(now() + timedelta(seconds=running.LEASE_SECONDS + 5))
        name = f"{plan.name} again"
        look = [app, name, partial(_look_after, app, plan)]
        scheduler.add_job(_guarded, later, args=look, id=name, replace_existing=True)


def _run_if_due(app: Flask, plan: Plan) -> None:
    """When it is time: every process comes here, the first does it."""
    is_due = plan.is_due(company_named(_settings(app).company_name))
    close_reading()
    if is_due:
        plan.run(plan.name, plan.is_due)


def _settings(app: Flask) -> Settings:
    settings = app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
