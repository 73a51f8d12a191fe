"""Imports one report: fetched, checked whole, applied in one transaction, and told as an outcome."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.clock import now
from webapp.db import refuse_open_transaction, writing
from webapp.feeds.apply import ReportShifted, apply
from webapp.feeds.audited import tell_override
from webapp.feeds.fetch import LIMITS, FetchFailed, Hosts, Limits, fetch
from webapp.feeds.guard import judge, judge_content
from webapp.feeds.parse import VERSION, BadRow, Parsed, parse
from webapp.feeds.parse_schema import FEEDS, Feed
from webapp.settings import Settings

log = structlog.get_logger(__name__)

KEPT_BAD_ROWS = 100
NOT_WRITTEN = "The database did not take the rows; yesterday's stay. The log says why."
NOT_READ = "Something broke on our side over this report; yesterday's rows stay. The log says why."
Status = Literal["applied", "unchanged", "refused", "failed"]


@dataclass(frozen=True)
class LastGood:
    """What the last import that was applied (or found unchanged) says about a report."""

    fetched: int
    valid: int
    bad_rows: tuple[BadRow, ...] = ()
    bad: int = 0
    warnings: tuple[str, ...] = ()
    etag: str = ""
    content_hash: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one import of one report brought; instants are aware. `error` is a sentence for a person.

    Counts are rows; `bad_rows` are the first hundred. `etag` and `content_hash` recognise the report next time.
    """

    name: str
    status: Status
    started_at: datetime
    finished_at: datetime
    seconds: float
    fetched: int = 0
    valid: int = 0
    bad: int = 0
    inserted: int = 0
    updated: int = 0
    gone: int = 0
    unchanged: int = 0
    error: str = ""
    warnings: tuple[str, ...] = ()
    bad_rows: tuple[BadRow, ...] = ()
    etag: str = ""
    content_hash: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the tables now say what the report says."""
        return self.status in ("applied", "unchanged")


class ImportStopped(Exception):
    """Raised by a `confirm` that finds that this runner may no longer write; passed on, never an outcome."""


@dataclass(frozen=True)
class Source:
    """Where a report is fetched from, and within what limits."""

    url: str
    hosts: Hosts
    limits: Limits = LIMITS

    @property
    def mark(self) -> str:
        """Ties what is remembered of a report to its address and to how it is read: another reader looks anew."""
        return sha256(f"{VERSION} {self.url}".encode()).hexdigest()[:8] + ":"


@dataclass(frozen=True)
class _Report:
    """Bytes that are new to us, and how to know them again."""

    content: bytes
    etag: str
    content_hash: str


def source_of(settings: Settings, feed: Feed, limits: Limits = LIMITS) -> Source:
    """The source that the settings name for a report; without an address when they name none."""
    urls = [url_of(settings, other) for other in FEEDS]
    return Source(url_of(settings, feed), Hosts.of(urls, settings.feed_allowed_hosts, settings.may_be_private), limits)


def url_of(settings: Settings, feed: Feed) -> str:
    """The configured address of a report; empty when there is none."""
    return str(getattr(settings, feed.setting))


def expected_feeds(settings: Settings) -> tuple[Feed, ...]:
    """The reports that have an address: a desk that never has one of them is not told so every night.

    Where none has an address it is all of them, each of which then fails and says which setting is missing.
    """
    return tuple(feed for feed in FEEDS if url_of(settings, feed)) or tuple(FEEDS)


def missing_feeds(settings: Settings) -> tuple[Feed, ...]:
    """The reports that are left out because they have no address while others have one."""
    return tuple(feed for feed in FEEDS if feed not in expected_feeds(settings))


def import_feed(
    feed: Feed,
    source: Source,
    company_id: int,
    last_good: LastGood | None = None,
    *,
    override_guard: bool = False,
    confirm: Callable[[Session], None] = lambda session: None,
) -> Outcome:
    """Import one report into the company's tables. Whatever goes wrong is an outcome, and nothing is written.

    `last_good` is what the last good import said: the same report is not read again, and one with far fewer
    rows is refused unless `override_guard`. `confirm` is called first in the writing transaction and raises
    `ImportStopped` when this runner has been replaced; that alone is raised here.
    """
    started_at, clock = now(), time.perf_counter()
    outcome = Outcome(feed.name, "failed", started_at, started_at, 0)
    try:
        outcome, parsed = _read(outcome, feed, source, last_good, is_overridden=override_guard)
        if parsed is not None:
            outcome = _applied(outcome, parsed, company_id, confirm, last_good if override_guard else None)
    except FetchFailed as failure:
        outcome = replace(outcome, error=failure.sentence)
    except ReportShifted as shifted:
        outcome = replace(outcome, status="refused", error=str(shifted), etag="", content_hash="")
    except ImportStopped:
        raise
    except Exception as error:
        # Whatever it is, the other reports must have their turn.
        log.error("feed not imported", feed=feed.name, exc_info=error)
        is_database = isinstance(error, SQLAlchemyError)
        outcome = replace(outcome, status="failed", error=NOT_WRITTEN if is_database else NOT_READ)
    return replace(outcome, finished_at=now(), seconds=round(time.perf_counter() - clock, 3))


def _read(
    outcome: Outcome, feed: Feed, source: Source, last_good: LastGood | None, *, is_overridden: bool
) -> tuple[Outcome, Parsed | None]:
    """The report as fetched and read, or None with the outcome where there is nothing to apply.

    Its bytes are let go here: the transaction that follows has no need of them, but of their room.
    """
    report = _fetch_new(feed, source, last_good)
    if report is None:
        return _unchanged(outcome, last_good), None
    return _judged(outcome, feed, report, last_good, is_overridden=is_overridden)


def _fetch_new(feed: Feed, source: Source, last_good: LastGood | None) -> _Report | None:
    """The report, or None where it is what `last_good` was. Raises `FetchFailed`."""
    if not source.url:
        raise FetchFailed(f"No address is configured: set {feed.setting.upper()}.")
    mark = source.mark
    is_known = last_good is not None and last_good.etag.startswith(mark)
    known_etag = last_good.etag.removeprefix(mark) if last_good and is_known else ""
    refuse_open_transaction()
    fetched = fetch(source.url, source.hosts, etag=known_etag, limits=source.limits)
    if fetched.content is None:
        return None
    content_hash = _hash(mark, fetched.content)
    if last_good and content_hash == last_good.content_hash:
        return None
    return _Report(fetched.content, f"{mark}{fetched.etag}" if fetched.etag else "", content_hash)


def _hash(mark: str, content: bytes) -> str:
    digest = sha256(mark.encode())
    # Not joined first: that would be a second copy of a long report.
    digest.update(content)
    return digest.hexdigest()


def _judged(
    outcome: Outcome, feed: Feed, report: _Report, last_good: LastGood | None, *, is_overridden: bool
) -> tuple[Outcome, Parsed | None]:
    """The report as read, or None with the outcome of its refusal."""
    verdict = judge_content(report.content)
    if not verdict.is_good:
        return replace(outcome, status="refused", error=verdict.sentence), None
    parsed = parse(feed, report.content)
    verdict = judge(parsed, last_good.valid if last_good else None, is_overridden=is_overridden)
    outcome = replace(
        outcome,
        fetched=parsed.fetched,
        valid=parsed.valid,
        bad=len(parsed.bad),
        bad_rows=parsed.bad[:KEPT_BAD_ROWS],
        warnings=verdict.warnings,
    )
    if not verdict.is_good:
        return replace(outcome, status="refused", error=verdict.sentence), None
    return replace(outcome, etag=report.etag, content_hash=report.content_hash), parsed


def _applied(
    outcome: Outcome, parsed: Parsed, company_id: int, confirm: Callable[[Session], None], overridden: LastGood | None
) -> Outcome:
    with writing() as session:
        confirm(session)
        applied = apply(session, company_id, parsed, now())
        if overridden is not None and not judge(parsed, overridden.valid).is_good:
            tell_override(session, company_id, outcome.name, overridden.valid, parsed.valid)
    return replace(
        outcome,
        status="applied",
        inserted=applied.inserted,
        updated=applied.updated,
        gone=applied.gone,
        unchanged=applied.unchanged,
    )


def _unchanged(outcome: Outcome, last_good: LastGood | None) -> Outcome:
    """The report says what it said, so what was said about it still holds."""
    assert last_good is not None, "only what is known can be unchanged"
    return replace(
        outcome,
        status="unchanged",
        fetched=last_good.fetched,
        valid=last_good.valid,
        bad=last_good.bad,
        unchanged=last_good.valid,
        warnings=last_good.warnings,
        bad_rows=last_good.bad_rows,
        etag=last_good.etag,
        content_hash=last_good.content_hash,
    )
