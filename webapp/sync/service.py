"""Runs the feeds: one run at a time however many processes there are, recorded as it goes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Flask, current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import company_named
from webapp.accounts.service import ensure_company
from webapp.clock import now
from webapp.db import close_reading, writing
from webapp.errors import NotFound, Refusal
from webapp.feeds.fetch import LIMITS, Limits
from webapp.feeds.service import ImportStopped, Outcome, expected_feeds, import_feed, source_of
from webapp.settings import Settings
from webapp.sync import lease as leases
from webapp.sync.after import follow_up
from webapp.sync.lease import Lease
from webapp.sync.models import FeedResult, FeedStatus, RunStatus, SyncRun
from webapp.sync.queries import FEEDS_KIND, last_good, run

log = structlog.get_logger(__name__)

# Short, because it is renewed while the run lives: a killed run must not keep the next one waiting.
LEASE_SECONDS = 20
POLL_SECONDS = 0.5
Progress = Callable[[Outcome], object]
# True: every report may have far fewer rows than last time; or the names of those that may.
Override = bool | frozenset[str]


@dataclass(frozen=True)
class Begun:
    """A run. `lease` is None where it is somebody else's, which was joined instead of starting a second."""

    run_id: int
    company_id: int
    lease: Lease | None


def run_feeds(
    trigger: str,
    actor: Actor | None = None,
    *,
    company: str | None = None,
    override_guard: Override = False,
    progress: Progress = lambda outcome: None,
    limits: Limits = LIMITS,
    is_due: Callable[[int], bool] = lambda company_id: True,
) -> int:
    """Import all reports that have an address now, in the foreground; the id of the run.

    A run of this company that is going on elsewhere is joined: its id comes back at once, and `progress` is
    not called. Raises `Forbidden` where `actor` may not run syncs. `actor` None is the system itself.
    """
    begun = begin(trigger, actor, company=company, is_due=is_due)
    finish(begun, override_guard=override_guard, progress=progress, limits=limits)
    return begun.run_id


def begin(
    trigger: str,
    actor: Actor | None = None,
    *,
    company: str | None = None,
    is_due: Callable[[int], bool] = lambda company_id: True,
) -> Begun:
    """Start the record of a run, or find the one that is going on. Whoever gets a lease must call `finish`.

    `is_due` is asked about the company once the lease is ours: where another has just run, nothing begins, and
    what comes back is that run.
    """
    if actor is not None:
        actor.require(Permission.RUN_SYNCS)
    company_id = _company_id(company)
    with writing() as session:
        lease = leases.take(session, lease_name(company_id), LEASE_SECONDS)
        if lease is None:
            return Begun(_running(session, company_id), company_id, None)
        _abandon_others(session, company_id)
        if not is_due(company_id):
            leases.give_back(session, lease)
            return Begun(_running(session, company_id), company_id, None)
        started = SyncRun(
            company_id=company_id,
            user_id=actor.user_id if actor else None,
            kind=FEEDS_KIND,
            trigger=trigger,
            status=RunStatus.RUNNING,
            started_at=now(),
        )
        session.add(started)
        session.flush()
        return Begun(started.id, company_id, lease)


def finish(
    begun: Begun,
    *,
    override_guard: Override = False,
    progress: Progress = lambda outcome: None,
    limits: Limits = LIMITS,
) -> None:
    """Do what `begin` started; nothing for a run that was joined."""
    if begun.lease is None:
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        with leases.kept_alive(app, begun.lease):
            outcomes = _import_all(begun, begun.lease, override_guard, progress, limits)
            failed = follow_up(begun.company_id, outcomes, _confirm(begun.lease))
    except ImportStopped:
        log.warning("run replaced", run_id=begun.run_id)
    except BaseException as error:
        _end(begun, begun.lease, RunStatus.FAILED, f"The run broke off: {type(error).__name__}.")
        raise
    else:
        _end(begun, begun.lease, *_verdict(outcomes, failed))


def start(trigger: str, actor: Actor, *, override_guard: Override = False) -> Begun:
    """Import in the background of this process, or join the run that is going on. Raises `Forbidden`."""
    begun = begin(trigger, actor)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def work() -> None:
        with app.app_context():
            finish(begun, override_guard=override_guard)

    if begun.lease is not None:
        threading.Thread(target=work, name=f"sync run {begun.run_id}", daemon=True).start()
    return begun


def follow(run_id: int, company_id: int) -> bool:
    """Wait for somebody else's run to end. False: its runner has died, and the next one may begin."""
    while run(run_id).status == RunStatus.RUNNING:
        if not leases.is_held(lease_name(company_id)):
            # It may have ended between the two looks.
            close_reading()
            return run(run_id).status != RunStatus.RUNNING
        close_reading()
        time.sleep(POLL_SECONDS)
    close_reading()
    return True


def abandon_dead_runs() -> int:
    """Mark runs that no process works on any more, as each process does when it starts; how many they were."""
    with writing() as session:
        open_runs = session.scalars(select(SyncRun).where(SyncRun.status == RunStatus.RUNNING)).all()
        count = 0
        for company_id in sorted({found.company_id for found in open_runs}):
            # Whoever gets the lease knows that nobody else is running.
            lease = leases.take(session, lease_name(company_id), LEASE_SECONDS)
            if lease:
                count += _abandon_others(session, company_id)
                leases.give_back(session, lease)
    return count


def lease_name(company_id: int) -> str:
    """The lease that a feeds run of this company holds."""
    return f"feeds:{company_id}"


def _company_id(name: str | None) -> int:
    """The company asked for, which must exist; the settings' own is made when it is missing."""
    if name is None:
        return ensure_company(_settings().company_name)
    found = company_named(name)
    close_reading()
    if found is None:
        raise NotFound(f"There is no company called {name}.")
    return found


def _import_all(
    begun: Begun, lease: Lease, override_guard: Override, progress: Progress, limits: Limits
) -> list[Outcome]:
    settings, known = _settings(), last_good(begun.company_id)
    close_reading()

    confirm = _confirm(lease)
    outcomes = []
    for feed in expected_feeds(settings):
        outcome = import_feed(
            feed,
            source_of(settings, feed, limits),
            begun.company_id,
            known.get(feed.name),
            override_guard=_is_overridden(override_guard, feed.name),
            confirm=confirm,
        )
        with writing() as session:
            confirm(session)
            session.add(_as_result(begun.run_id, outcome))
        log.info("feed", run_id=begun.run_id, feed=feed.name, status=outcome.status, seconds=outcome.seconds)
        outcomes.append(outcome)
        progress(outcome)
    return outcomes


def _confirm(lease: Lease) -> Callable[[Session], None]:
    def confirm(session: Session) -> None:
        if not leases.is_ours(session, lease):
            raise ImportStopped

    return confirm


def _is_overridden(override: Override, name: str) -> bool:
    return override if isinstance(override, bool) else name in override


def _verdict(outcomes: list[Outcome], failed: list[str]) -> tuple[RunStatus, str]:
    bad = [outcome for outcome in outcomes if not outcome.is_good]
    error = " ".join([*(f"{outcome.name}: {outcome.error}" for outcome in bad), *failed])
    if not bad and not failed:
        return RunStatus.SUCCEEDED, ""
    return RunStatus.FAILED if bad and len(bad) == len(outcomes) else RunStatus.PARTIAL, error


def _end(begun: Begun, lease: Lease, status: RunStatus, error: str) -> None:
    with writing() as session:
        if not leases.is_ours(session, lease):
            return
        session.execute(
            update(SyncRun).where(SyncRun.id == begun.run_id).values(status=status, finished_at=now(), error=error)
        )
        leases.give_back(session, lease)


def _running(session: Session, company_id: int) -> int:
    found = session.scalar(
        select(SyncRun.id)
        .where(SyncRun.company_id == company_id, SyncRun.kind == FEEDS_KIND)
        .order_by(SyncRun.id.desc())
        .limit(1)
    )
    if found is None:
        raise Refusal("The feeds are being prepared elsewhere. Try again in a moment.", code="busy")
    return found


def _abandon_others(session: Session, company_id: int) -> int:
    dead = session.scalars(
        select(SyncRun).where(
            SyncRun.company_id == company_id, SyncRun.kind == FEEDS_KIND, SyncRun.status == RunStatus.RUNNING
        )
    ).all()
    for found in dead:
        found.status = RunStatus.ABANDONED
        found.error = "The process that ran it ended before the run did."
    return len(dead)


def _as_result(run_id: int, outcome: Outcome) -> FeedResult:
    return FeedResult(
        run_id=run_id,
        name=outcome.name,
        status=FeedStatus(outcome.status),
        started_at=outcome.started_at,
        finished_at=outcome.finished_at,
        fetched=outcome.fetched,
        valid=outcome.valid,
        bad=outcome.bad,
        inserted=outcome.inserted,
        updated=outcome.updated,
        gone=outcome.gone,
        unchanged=outcome.unchanged,
        error=outcome.error,
        warnings=list(outcome.warnings),
        bad_rows=[{"line": bad.line, "reason": bad.reason, "text": bad.text} for bad in outcome.bad_rows],
        etag=outcome.etag,
        content_hash=outcome.content_hash,
    )


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
