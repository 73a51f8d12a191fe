"""One report is imported whole or not at all, from the stand-in FMS over HTTP, and the outcome says what happened."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sandbox_process import SandboxProcess
from webapp.accounts.service import ensure_company
from webapp.db import db
from webapp.feeds.fetch import Limits
from webapp.feeds.parse_schema import CURRENT_ACTIVITY, FEEDS, PARTNERS, VEHICLES, Feed
from webapp.feeds.service import (
    NOT_READ,
    ImportStopped,
    LastGood,
    Outcome,
    import_feed,
    source_of,
)
from webapp.feeds.tables import TARGETS
from webapp.settings import Settings

PATIENT = Limits(connect_seconds=30, read_seconds=60, most_bytes=1_000_000, pauses=(0, 0))
IMPATIENT = replace(PATIENT, read_seconds=0.4)

pytestmark = pytest.mark.usefixtures("context", "sandbox")


class Company:
    """A company whose reports come from the sandbox; remembers the last good outcome as the run table would."""

    def __init__(self, settings: Settings) -> None:
        self.id = ensure_company("Motorpool")
        self._settings = settings
        self._good: dict[str, LastGood] = {}

    def take(self, feed: Feed, *, limits: Limits = PATIENT, **options: Any) -> Outcome:
        """Import one report."""
        outcome = import_feed(
            feed, source_of(self._settings, feed, limits), self.id, self._good.get(feed.name), **options
        )
        if outcome.is_good:
            self._good[feed.name] = LastGood(
                outcome.fetched,
                outcome.valid,
                outcome.bad_rows,
                outcome.bad,
                outcome.warnings,
                outcome.etag,
                outcome.content_hash,
            )
        return outcome

    def forget_etag(self, feed: Feed) -> None:
        """As if FMS had sent no ETag: the report is sent whole next time."""
        self._good[feed.name] = replace(self._good[feed.name], etag="")

    def rows(self, feed: Feed) -> list[tuple[Any, ...]]:
        """All that is stored of a report."""
        table = TARGETS[feed.name].table
        found = [tuple(row) for row in db.session.execute(select(table).order_by(table.c.id))]
        db.session.rollback()
        return found


@pytest.fixture
def company(app: Flask) -> Company:
    """A company without data."""
    return Company(app.extensions["settings"])


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_report_is_imported_and_then_unchanged(company: Company, feed: Feed) -> None:
    """The first import applies it; the next one knows it by its ETag and keeps its numbers."""
    first = company.take(feed)
    assert first.status == "applied", first.error
    assert first.fetched == first.valid > 0
    assert first.inserted == len(company.rows(feed))
    again = company.take(feed)
    assert again.status == "unchanged"
    assert (again.valid, again.unchanged, again.inserted) == (first.valid, first.valid, 0)
    assert (again.etag, again.content_hash) == (first.etag, first.content_hash)


def test_a_report_without_an_etag_is_known_by_its_content(company: Company) -> None:
    """Bytes that were imported before are not read again."""
    company.take(PARTNERS)
    company.forget_etag(PARTNERS)
    assert company.take(PARTNERS).status == "unchanged"


def test_a_report_that_is_read_in_another_way_is_read_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new reader does not trust what the old one made of the same bytes."""
    company.take(PARTNERS)
    monkeypatch.setattr("webapp.feeds.service.VERSION", -1)
    outcome = company.take(PARTNERS)
    assert (outcome.status, outcome.inserted, outcome.unchanged) == ("applied", 0, outcome.valid)


@pytest.mark.parametrize(
    ("fault", "options", "status", "words"),
    [
        ("html", {}, "refused", "web page"),
        ("empty", {}, "refused", "empty"),
        ("shrunk", {}, "refused", "the last good one had"),
        ("missing_column", {}, "refused", "are expected"),
        ("bad_rows", {"percent": 10}, "refused", "rows are bad"),
        ("truncated", {}, "refused", "breaks off in the middle of a row"),
        ("huge", {"megabytes": 2}, "failed", "is larger than 1.0 MB"),
        ("error", {"times": 3}, "failed", "500 Internal Server Error"),
        ("not_found", {}, "failed", "404 Not Found"),
        ("redirect", {}, "failed", "may not be fetched from 203.0.113.7"),
        ("reset", {"times": 3}, "failed", "could not be reached"),
        ("cut", {"times": 3}, "failed", "broke off"),
        ("never", {"times": 3}, "failed", "fell silent"),
    ],
)
def test_a_broken_report_leaves_yesterdays_data(
    company: Company, sandbox: SandboxProcess, fault: str, options: dict[str, Any], status: str, words: str
) -> None:
    """Whatever is wrong with a report, the table stays as it was, the outcome says why, and tomorrow is fine."""
    company.take(VEHICLES)
    company.forget_etag(VEHICLES)
    before = company.rows(VEHICLES)
    sandbox.fault("report:vehicles", fault, **options)
    outcome = company.take(VEHICLES, limits=IMPATIENT if fault == "never" else PATIENT)
    assert (outcome.status, words in outcome.error) == (status, True), outcome.error
    assert company.rows(VEHICLES) == before
    assert (outcome.etag, outcome.content_hash) == ("", "")
    assert company.take(VEHICLES).status == "unchanged"


@pytest.mark.parametrize("fault", ["header", "bom", "crlf", "latin1", "extra_column", "slow"])
def test_a_report_in_other_wrapping_is_the_same_report(company: Company, sandbox: SandboxProcess, fault: str) -> None:
    """A header, a mark, other line ends, another encoding or columns at the end change no row."""
    company.take(PARTNERS)
    before = company.rows(PARTNERS)
    sandbox.fault("report:partners", fault, seconds=0.1)
    outcome = company.take(PARTNERS)
    assert outcome.is_good, outcome.error
    assert company.rows(PARTNERS) == before
    assert bool(outcome.warnings) == (fault in ("extra_column", "latin1"))


def test_a_few_bad_rows_are_told_and_their_records_kept(company: Company, sandbox: SandboxProcess) -> None:
    """Up to one in twenty: the others are applied, these are named by line."""
    company.take(PARTNERS)
    sandbox.fault("report:partners", "bad_rows", percent=5)
    outcome = company.take(PARTNERS)
    assert outcome.status == "applied"
    assert outcome.bad == len(outcome.bad_rows) == 2
    assert all(bad.line > 1 and bad.reason and bad.text for bad in outcome.bad_rows)
    assert outcome.valid == outcome.fetched - 2


def test_the_guard_can_be_overridden_once(company: Company, sandbox: SandboxProcess) -> None:
    """An operator may say that a much smaller report is right; it is then the measure for the next."""
    full = company.take(CURRENT_ACTIVITY)
    for status, is_overridden in (("refused", False), ("applied", True)):
        sandbox.fault("report:current_activity", "shrunk")
        outcome = company.take(CURRENT_ACTIVITY, override_guard=is_overridden)
        assert outcome.status == status
    assert outcome.gone == full.valid - outcome.valid > 0
    assert company.take(CURRENT_ACTIVITY).updated == outcome.gone


def test_a_report_without_an_address_says_which_setting_is_missing(app: Flask, company: Company) -> None:
    """The name is the one to write into the environment."""
    settings = app.extensions["settings"].model_copy(update={"fms_vehicles_csv_url": ""})
    outcome = Company(settings).take(VEHICLES)
    assert (outcome.status, outcome.error) == (
        "failed",
        "No address is configured: set FMS_VEHICLES_CSV_URL.",
    )


def test_a_runner_that_was_replaced_writes_nothing(company: Company) -> None:
    """Whoever lost the lease finds out inside the transaction, before the first row."""

    def confirm(session: Session) -> None:
        assert session.in_transaction()
        raise ImportStopped

    with pytest.raises(ImportStopped):
        company.take(VEHICLES, confirm=confirm)
    assert company.rows(VEHICLES) == []


def test_a_fault_of_ours_is_an_outcome_too(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other reports must have their turn, whatever breaks over this one."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("webapp.feeds.service.parse", broken)
    outcome = company.take(VEHICLES)
    assert (outcome.status, outcome.error) == ("failed", NOT_READ)
