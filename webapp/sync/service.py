"""Runs of the feeds: each report that has an address is imported, and what it brought is recorded as it goes."""

from collections.abc import Callable

import structlog
from flask import current_app

from webapp.accounts.actor import Actor
from webapp.db import close_reading, writing
from webapp.feeds.fetch import LIMITS, Limits
from webapp.feeds.service import Outcome, expected_feeds, import_feed, source_of
from webapp.settings import Settings
from webapp.sync import running
from webapp.sync.after import follow_up
from webapp.sync.models import FeedResult, FeedStatus, RunKind, RunStatus
from webapp.sync.queries import last_good
from webapp.sync.running import Begun, Confirm, IsDue, Verdict, always

log = structlog.get_logger(__name__)

Progress = Callable[[Outcome], object]
# True: every report may have far fewer rows than last time; or the names of those that may.
Override = bool | frozenset[str]


def run_feeds(
    trigger: str,
    actor: Actor | None = None,
    *,
    company: str | None = None,
    override_guard: Override = False,
    progress: Progress = lambda outcome: None,
    limits: Limits = LIMITS,
    is_due: IsDue = always,
) -> int:
    """Import all reports that have an address now, in the foreground; the id of the run.

    A run of this company that is going on elsewhere is joined: its id comes back at once, and `progress` is
    not called. Raises `Forbidden` where `actor` may not run syncs. `actor` None is the system itself.
    """
    begun = begin(trigger, actor, company=company, is_due=is_due)
    finish(begun, override_guard=override_guard, progress=progress, limits=limits)
    return begun.run_id


def begin(trigger: str, actor: Actor | None = None, *, company: str | None = None, is_due: IsDue = always) -> Begun:
    """`running.begin` for the feeds."""
    return running.begin(RunKind.FEEDS, trigger, actor, company=company, is_due=is_due)


def finish(
    begun: Begun,
    *,
    override_guard: Override = False,
    progress: Progress = lambda outcome: None,
    limits: Limits = LIMITS,
) -> None:
    """Do what `begin` started; nothing for a run that was joined."""

    def work(confirm: Confirm) -> Verdict:
        outcomes = _import_all(begun, confirm, override_guard, progress, limits)
        return _verdict(outcomes, follow_up(begun.company_id, outcomes, confirm))

    running.finish(begun, work)


def start(trigger: str, actor: Actor, *, override_guard: Override = False) -> Begun:
    """Import in the background of this process, or join the run that is going on. Raises `Forbidden`."""
    begun = begin(trigger, actor)
    running.in_background(begun, lambda: finish(begun, override_guard=override_guard))
    return begun


def _import_all(
    begun: Begun, confirm: Confirm, override_guard: Override, progress: Progress, limits: Limits
) -> list[Outcome]:
    settings, known = _settings(), last_good(begun.company_id)
    close_reading()

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


def _is_overridden(override: Override, name: str) -> bool:
    return override if isinstance(override, bool) else name in override


def _verdict(outcomes: list[Outcome], failed: list[str]) -> Verdict:
    bad = [outcome for outcome in outcomes if not outcome.is_good]
    error = " ".join([*(f"{outcome.name}: {outcome.error}" for outcome in bad), *failed])
    if not bad and not failed:
        return Verdict(RunStatus.SUCCEEDED)
    return Verdict(RunStatus.FAILED if bad and len(bad) == len(outcomes) else RunStatus.PARTIAL, error)


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
