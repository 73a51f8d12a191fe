"""The run history answers what came last and how old the data are, per company and in one query."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, render_template_string
from sqlalchemy import event, text

from webapp.accounts.service import ensure_company
from webapp.clock import now
from webapp.db import db, writing
from webapp.feeds.parse_schema import FEEDS
from webapp.sync.models import FeedResult, FeedStatus, RunStatus, SyncRun
from webapp.sync.queries import data_age, last_good, latest_attempts, runs

NAMES = [feed.name for feed in FEEDS]
TEN = datetime(2026, 11, 21, 10, 4, tzinfo=UTC)


def add_run(
    company_id: int,
    at: datetime,
    *,
    status: RunStatus = RunStatus.SUCCEEDED,
    feeds: dict[str, FeedStatus] | None = None,
) -> int:
    """A run that began and ended then, with these results (default: all applied)."""
    results = dict.fromkeys(NAMES, FeedStatus.APPLIED) if feeds is None else feeds
    with writing() as session:
        added = SyncRun(
            company_id=company_id, kind="feeds", trigger="nightly", status=status, started_at=at, finished_at=at
        )
        added.feeds = [
            FeedResult(name=name, status=result, started_at=at, finished_at=at, valid=at.day, warnings=[], bad_rows=[])
            for name, result in results.items()
        ]
        session.add(added)
        session.flush()
        return added.id


@contextmanager
def counted() -> Iterator[list[str]]:
    """The queries that the block sends."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].startswith("SELECT"):
            statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def company(app: Flask) -> Iterator[int]:
    """The settings' company, in an application context, on a morning in November."""
    with app.app_context(), time_machine.travel(TEN + timedelta(hours=7), tick=False):
        yield ensure_company("Motorpool")


def test_the_last_good_import_of_each_report_is_known(company: int) -> None:
    """Refused and failed imports do not count, nor do another company's."""
    add_run(company, TEN - timedelta(days=2))
    add_run(company, TEN, feeds={"vehicles": FeedStatus.UNCHANGED, "partners": FeedStatus.REFUSED})
    add_run(ensure_company("Another"), TEN + timedelta(days=2))
    assert {name: good.valid for name, good in last_good(company).items()} == dict.fromkeys(NAMES, 19) | {
        "vehicles": 21
    }


def test_data_are_as_old_as_their_oldest_report(company: int) -> None:
    """One report that keeps failing makes the data stale, however fresh the others are."""
    assert data_age().text == "No FMS data yet"
    add_run(company, TEN)
    assert (data_age().text, data_age().is_stale) == ("FMS data 02:04 PST today", False)
    add_run(company, TEN - timedelta(days=3))
    with time_machine.travel(TEN + timedelta(days=2), tick=False):
        add_run(company, now(), feeds=dict.fromkeys(NAMES[1:], FeedStatus.APPLIED))
        assert (data_age().text, data_age().is_stale) == ("FMS data 02:04 PST Sat 11-21-26", True)


def test_a_report_that_never_came_leaves_the_data_stale(company: int) -> None:
    """Five of six are not the data."""
    add_run(company, TEN, feeds=dict.fromkeys(NAMES[1:], FeedStatus.APPLIED))
    assert data_age(company).is_stale


@pytest.mark.settings(fms_vehicles_csv_url="https://fms.example.com/vehicles.csv")
def test_only_configured_reports_are_expected(company: int) -> None:
    """A desk without a spend report is not told every day that it is missing."""
    add_run(company, TEN, feeds={"vehicles": FeedStatus.APPLIED})
    assert not data_age(company).is_stale


def test_the_age_costs_one_query_and_none_where_it_is_not_printed(app: Flask, company: int) -> None:
    """A template that does not print the age asks nothing; one that prints it twice asks once."""
    add_run(company, TEN)
    db.session.rollback()
    with app.test_request_context(), counted() as statements:
        assert render_template_string("{% if data_age is defined and data_age %}x{% endif %}") == "x"
        assert statements == []
        page = "{{ data_age.text }}{% if data_age.is_stale %}!{% endif %}"
        assert render_template_string(page) == "FMS data 02:04 PST today"
        assert len(statements) == 1


def test_a_page_outlives_its_header(app: Flask) -> None:
    """Where the database cannot be asked, the age is unknown and the page is still drawn."""
    with app.test_request_context():
        with writing() as session:
            session.execute(text("DROP TABLE sync_feed_results"))
        assert render_template_string("{{ data_age.text }}") == "FMS data: age unknown"


def test_runs_come_newest_first_in_the_shape_that_others_parse(company: int) -> None:
    """All members are there, times with their zone."""
    older, newer = add_run(company, TEN, status=RunStatus.PARTIAL), add_run(company, TEN, feeds={})
    with writing() as session:
        session.get_one(SyncRun, newer).finished_at = None
    first, second = runs()
    assert (first["id"], second["id"]) == (newer, older)
    assert (first["finished_at"], first["seconds"]) == (None, None)
    assert " ".join(second) == ("id kind trigger status started_at finished_at seconds calls error feeds jobs")
    assert second["started_at"] == "2026-11-21T10:04:00+00:00"
    assert " ".join(second["feeds"][0]) == (
        "name status fetched valid bad inserted updated gone unchanged seconds error"
    )
    assert " ".join(second["jobs"]) == "processed created updated unchanged removed failed"
    assert runs([company + 1]) == []


def test_attempts_that_died_do_not_count(company: int) -> None:
    """The last attempt and the last success are told apart."""
    assert latest_attempts(company) == (None, None)
    add_run(company, TEN)
    add_run(company, TEN + timedelta(hours=1), status=RunStatus.FAILED)
    add_run(company, TEN + timedelta(hours=2), status=RunStatus.ABANDONED)
    assert latest_attempts(company) == (TEN + timedelta(hours=1), TEN)


def test_a_second_death_in_a_row_is_an_attempt(company: int) -> None:
    """A report that kills its reader is left alone for a while; one death is made up for at once."""
    add_run(company, TEN)
    add_run(company, TEN + timedelta(hours=1), status=RunStatus.ABANDONED)
    assert latest_attempts(company) == (TEN, TEN)
    add_run(company, TEN + timedelta(hours=2), status=RunStatus.ABANDONED)
    assert latest_attempts(company) == (TEN + timedelta(hours=2), TEN)
    add_run(company, TEN + timedelta(hours=3))
    add_run(company, TEN + timedelta(hours=4), status=RunStatus.ABANDONED)
    assert latest_attempts(company) == (TEN + timedelta(hours=3), TEN + timedelta(hours=3))
