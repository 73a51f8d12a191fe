"""Runs of SmartMoving: today's and tomorrow's jobs of the settings' company, whose key the environment holds."""

import time
from collections.abc import Callable
from datetime import datetime

from flask import current_app
from sqlalchemy import update

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import close_reading, writing
from webapp.settings import Settings
from webapp.smartmoving import queries as smartmoving_queries
from webapp.smartmoving import service as smartmoving
from webapp.smartmoving.report import Report
from webapp.sync import running
from webapp.sync.configured import has_key
from webapp.sync.models import RunKind, RunStatus, SyncRun
from webapp.sync.running import Begun, Confirm, IsDue, Verdict, always

# How often a run that goes on says how far it is.
NOTE_SECONDS = 1.0
# Of a run that failed, the record's sentence names so many reasons; the report has them all.
REASONS = 3
# Done so far, of how many (None: not known yet), in a sentence.
Progress = Callable[[int, int | None, str], object]


def run_smartmoving(
    trigger: str,
    actor: Actor | None = None,
    *,
    progress: Progress = lambda done, total, text: None,
    is_due: IsDue = always,
) -> int:
    """Bring the jobs now, in the foreground; the id of the run. One that is going on elsewhere is joined at once.

    Raises `Forbidden` where `actor` may not run syncs (None is the system itself), `NotConfigured` without a key.
    """
    begun = begin(trigger, actor, is_due=is_due)
    finish(begun, is_forced=_is_asked_for(trigger), progress=progress)
    return begun.run_id


def begin(trigger: str, actor: Actor | None = None, *, is_due: IsDue = always) -> Begun:
    """`running.begin` for SmartMoving. Raises `NotConfigured` without a key, after `Forbidden`."""
    if actor is not None:
        actor.require(Permission.RUN_SYNCS)
    if not has_key(_settings()):
        raise smartmoving.NotConfigured
    return running.begin(RunKind.SMARTMOVING, trigger, actor, is_due=is_due)


def finish(begun: Begun, *, is_forced: bool = False, progress: Progress = lambda done, total, text: None) -> None:
    """Do what `begin` started; nothing for a run that was joined. `is_forced`: although scheduled runs are held."""

    def work(confirm: Confirm) -> Verdict:
        noting = _noting(begun.run_id, confirm)

        def tell(done: int, total: int | None, text: str) -> None:
            noting(done, total, text)
            progress(done, total, text)

        report = smartmoving.sync(begun.company_id, begun.run_id, confirm, is_forced=is_forced, progress=tell)
        return verdict(report)

    running.finish(begun, work)


def start(trigger: str, actor: Actor) -> Begun:
    """Bring the jobs in the background of this process, or join the run that goes on. Raises as `begin` does."""
    begun = begin(trigger, actor)
    running.in_background(begun, lambda: finish(begun, is_forced=_is_asked_for(trigger)))
    return begun


def verdict(report: Report) -> Verdict:
    """How a run that told this is recorded."""
    error = " ".join(report.errors[:REASONS])
    if not report.is_complete:
        return Verdict(RunStatus.FAILED, error or "The run did not get to its end.", report.as_json())
    if report.failed:
        count = f"{report.failed:,} {'job' if report.failed == 1 else 'jobs'} could not be read."
        error = f"{error} {count}".strip()
    is_whole = report.is_good and not report.failed
    return Verdict(RunStatus.SUCCEEDED if is_whole else RunStatus.PARTIAL, error, report.as_json())


def held_until(company_id: int) -> datetime | None:
    """Until when scheduled runs wait, as the key was refused or the month's calls are used up."""
    return smartmoving_queries.standing(company_id).hold_until


def _is_asked_for(trigger: str) -> bool:
    """Whether a person wants it now."""
    return trigger in ("button", "command")


def _noting(run_id: int, confirm: Confirm) -> Progress:
    """Notes in the record how far the run is, for whoever watches it from another process; not too often."""
    noted_at = float("-inf")

    def note(done: int, total: int | None, text: str) -> None:
        nonlocal noted_at
        if time.monotonic() - noted_at < NOTE_SECONDS:
            return
        noted_at = time.monotonic()
        close_reading()
        progress = {"done": done, "total": total, "text": text}
        with writing() as session:
            confirm(session)
            session.execute(update(SyncRun).where(SyncRun.id == run_id).values(report={"progress": progress}))

    return note


def _settings() -> Settings:
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
