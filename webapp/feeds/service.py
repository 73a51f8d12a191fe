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
from webapp.feeds.apply import apply
from webapp.feeds.fetch import LIMITS, Fetched, FetchFailed, Hosts, Limits, fetch
from webapp.feeds.guard import judge, judge_content
from webapp.feeds.parse import VERSION, BadRow, Parsed, parse
from webapp.feeds.parse_schema import FEEDS, Feed
from webapp.settings import Settings

log = structlog.get_logger(__name__)

KEPT_BAD_ROWS = 100
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


def hosts_of(settings: Settings) -> Hosts:
    """Where reports may come from, by the settings."""
    return Hosts.of((url_of(settings, feed) for feed in FEEDS), settings.feed_allowed_hosts)


def url_of(settings: Settings, feed: Feed) -> str:
    """The configured address of a report; empty when there is none."""
    return str(getattr(settings, feed.setting))


def import_feed(
    feed: Feed,
    *,
    url: str,
    hosts: Hosts,
    company_id: int,
    last_good: LastGood | None = None,
    override_guard: bool = False,
    confirm: Callable[[Session], None] = lambda session: None,
    limits: Limits = LIMITS,
) -> Outcome:
    """Import one report into the company's tables. Whatever goes wrong is an outcome, and nothing is written.

    `confirm` is called first in the writing transaction and raises `ImportStopped` when this runner has been
    replaced; that alone is raised here.
    """
    started_at, clock = now(), time.perf_counter()
    base = Outcome(feed.name, "failed", started_at, started_at, 0)
    try:
        outcome = _import(feed, url, hosts, company_id, last_good, override_guard, confirm, limits, base)
    except FetchFailed as failure:
        outcome = replace(base, error=failure.sentence)
    except SQLAlchemyError as error:
        log.error("feed not written", feed=feed.name, exc_info=error)
        outcome = replace(base, error="The database did not take the rows; yesterday's stay. The log says why.")
    return replace(outcome, finished_at=now(), seconds=round(time.perf_counter() - clock, 3))


def _import(
    feed: Feed,
    url: str,
    hosts: Hosts,
    company_id: int,
    last_good: LastGood | None,
    override_guard: bool,
    confirm: Callable[[Session], None],
    limits: Limits,
    base: Outcome,
) -> Outcome:
    if not url:
        return replace(base, error=f"No address is configured: set {feed.setting.upper()}.")
    mark = _reader_mark(url)
    known_etag = _known_etag(last_good, mark)
    refuse_open_transaction()
    fetched = fetch(url, hosts, etag=known_etag, limits=limits)
    content_hash = _hash(mark, fetched)
    if last_good and (fetched.content is None or content_hash == last_good.content_hash):
        return _unchanged(base, last_good, mark, fetched.etag)
    assert fetched.content is not None
    verdict = judge_content(fetched.content)
    if not verdict.is_good:
        return replace(base, status="refused", error=verdict.sentence)
    parsed = parse(feed, fetched.content)
    verdict = judge(parsed, last_good.valid if last_good else None, is_overridden=override_guard)
    read = _told(base, parsed)
    if not verdict.is_good:
        return replace(read, status="refused", error=verdict.sentence)
    with writing() as session:
        confirm(session)
        applied = apply(session, company_id, parsed, now())
    return replace(
        read,
        status="applied",
        inserted=applied.inserted,
        updated=applied.updated,
        gone=applied.gone,
        unchanged=applied.unchanged,
        warnings=verdict.warnings,
        etag=f"{mark}{fetched.etag}" if fetched.etag else "",
        content_hash=content_hash,
    )


def _told(base: Outcome, parsed: Parsed) -> Outcome:
    return replace(
        base,
        fetched=parsed.fetched,
        valid=parsed.valid,
        bad=len(parsed.bad),
        bad_rows=parsed.bad[:KEPT_BAD_ROWS],
    )


def _unchanged(base: Outcome, last_good: LastGood, mark: str, etag: str) -> Outcome:
    """The report says what it said, so what was said about it still holds."""
    return replace(
        base,
        status="unchanged",
        fetched=last_good.fetched,
        valid=last_good.valid,
        bad=last_good.bad,
        unchanged=last_good.valid,
        warnings=last_good.warnings,
        bad_rows=last_good.bad_rows,
        etag=f"{mark}{etag}" if etag else "",
        content_hash=last_good.content_hash,
    )


def _reader_mark(url: str) -> str:
    """Ties what we remember of a report to its address and to how it is read: another reader, another look."""
    return sha256(f"{VERSION} {url}".encode()).hexdigest()[:8] + ":"


def _known_etag(last_good: LastGood | None, mark: str) -> str:
    return last_good.etag.removeprefix(mark) if last_good and last_good.etag.startswith(mark) else ""


def _hash(mark: str, fetched: Fetched) -> str:
    return sha256(mark.encode() + fetched.content).hexdigest() if fetched.content is not None else ""
