"""The analytics page and its files: who sees what, of which days and places; runs by day; money only by role."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.journey_rows import MONDAY_MORNING, Yard
from tests.rows import DAY, People, company_id_of
from tests.servers import sign_in
from webapp.accounts.permissions import Role
from webapp.accounts.queries import company_named
from webapp.db import writing
from webapp.smartmoving.models import SmartMovingCall
from webapp.smartmoving.queries import budget
from webapp.sync.analytics import days_in
from webapp.sync.health import last_good_run, runs_by_day
from webapp.sync.models import RunKind, RunStatus, SyncRun

FILES = ("days", "locations", "types", "stages", "crew", "trucks", "runs", "calls", "outcomes")
pytestmark = pytest.mark.usefixtures("monday")


def add_run(app: Flask, started_at: datetime, status: RunStatus, seconds: float | None, kind: str) -> None:
    with app.app_context(), writing() as session:
        ended = None if seconds is None else started_at + timedelta(seconds=seconds)
        run = SyncRun(kind=kind, trigger="schedule", status=status, started_at=started_at, finished_at=ended)
        run.company_id = company_id_of(session, app)
        session.add(run)


def rows_of(client: FlaskClient, code: str, query: str = "") -> list[list[str]]:
    answer = client.get(f"/analytics/{code}.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_the_usual_days_are_a_month_back_and_a_week_ahead(client: FlaskClient, yard: Yard) -> None:
    """Without a word in the address: 30 days back, today, seven ahead, each a row; other days are left out."""
    for days in (-31, -30, 0, 7, 8):
        yard.journey(day=DAY + timedelta(days=days))
    sign_in(client, yard.dispatcher())
    header, *rows = rows_of(client, "days")
    assert header == ["Day", "Jobs", "Confirmed", "Confirmed share", "Taken off"]
    assert (rows[0][0], rows[-1][0]) == ("2026-10-24", "2026-11-30")
    assert len(rows) == 38
    assert {day: jobs for day, jobs, *_ in rows if jobs != "0"} == {
        "2026-10-24": "1",
        "2026-11-23": "1",
        "2026-11-30": "1",
    }
    page = client.get("/analytics").get_data(as_text=True)
    assert "Sat 10-24-26" in page


def test_days_and_location_are_in_the_address(client: FlaskClient, yard: Yard) -> None:
    """Page and files follow the address; the page's links to files carry it on."""
    boulder = yard.location("Boulder")
    yard.journey(boulder, day=DAY + timedelta(days=60))
    yard.journey(day=DAY + timedelta(days=60))
    sign_in(client, yard.dispatcher(locations=["Denver", "Boulder"]))
    query = "?first=2027-01-22&last=2027-01-22&location=Boulder"
    assert rows_of(client, "locations", query)[1:] == [["Boulder", "1", "1", "1", "0"]]
    page = client.get(f"/analytics{query}").get_data(as_text=True)
    assert "/analytics/days.csv?first=2027-01-22&amp;last=2027-01-22&amp;location=Boulder" in page
    assert "<option selected>Boulder</option>" in page


def test_a_place_out_of_scope_is_not_there(client: FlaskClient, yard: Yard) -> None:
    """Neither its figures nor its name: 404 for page and file, and no choice offers it."""
    yard.journey(yard.location("Boulder"), customer_name="Hidden")
    sign_in(client, yard.dispatcher())
    for address in ("/analytics?location=Boulder", "/analytics/days.csv?location=Boulder", "/analytics?location=x%00"):
        assert client.get(address).status_code == 404
    assert "Boulder" not in client.get("/analytics").get_data(as_text=True)
    assert client.get("/analytics/nothing.csv").status_code == 404


@pytest.mark.parametrize("role", [Role.SUPER_ADMIN, Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.DISPATCHER])
def test_money_is_there_only_by_role(client: FlaskClient, yard: Yard, people: People, role: Role) -> None:
    """Who may see money sees tile, chart and column; in a dispatcher's answers there is not even the word."""
    yard.journey(estimated_value=Decimal("4321.50"), opportunity_id="one")
    yard.journey(day=DAY + timedelta(days=1), estimated_value=Decimal("4321.50"), opportunity_id="one")
    sign_in(client, people(role, locations=["Denver"]))
    page = client.get("/analytics").get_data(as_text=True)
    tables = [rows_of(client, code) for code in FILES]
    if role is Role.DISPATCHER:
        for text in (page, repr(tables)):
            assert [said for said in ("$", "4321", "4,321", "4,322", "value by", "Booked value") if said in text] == []
    else:
        assert "$4,322" in page
        assert "8,643" not in page
        assert [row[-1] for row in rows_of(client, "locations")] == ["Booked value", "4321.50"]


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.DRIVER, Role.MOVER])
def test_who_may_not_see_jobs_gets_none(client: FlaskClient, people: People, role: Role) -> None:
    """Page and files: 403."""
    sign_in(client, people(role))
    for address in ("/analytics", *(f"/analytics/{code}.csv" for code in FILES)):
        assert client.get(address).status_code == 403


def test_a_name_cannot_break_out(client: FlaskClient, yard: Yard) -> None:
    """Names from outside are text in page and drawing, and no formula in a file."""
    yard.journey(service_type='=1+1<script>"')
    sign_in(client, yard.dispatcher())
    assert "<script>&#34;" not in client.get("/analytics").get_data(as_text=True)
    assert '=1+1<script>"' not in client.get("/analytics").get_data(as_text=True)
    assert rows_of(client, "types")[1][0] == "'=1+1<script>\""


def test_nothing_yet_is_said(client: FlaskClient, yard: Yard) -> None:
    """Without jobs, runs and calls the page says so, section by section."""
    sign_in(client, yard.dispatcher())
    page = client.get("/analytics").get_data(as_text=True)
    for words in ("Nobody was on a crew", "No truck was on a job", "No run began", "No call has been made"):
        assert words in page


@pytest.mark.parametrize(
    ("values", "first", "last", "is_told"),
    [
        ({}, date(2026, 10, 24), date(2026, 11, 30), False),
        ({"first": "2026-11-01", "last": "2026-11-01"}, date(2026, 11, 1), date(2026, 11, 1), False),
        ({"first": "2026-11-20"}, date(2026, 11, 20), date(2026, 11, 30), False),
        ({"first": "2027-05-01"}, date(2027, 5, 1), date(2027, 5, 1), False),
        ({"last": "2026-01-05"}, date(2026, 1, 5), date(2026, 1, 5), False),
        ({"first": "yesterday"}, date(2026, 10, 24), date(2026, 11, 30), True),
        ({"first": "2026-11-05", "last": "2026-11-04"}, date(2026, 10, 24), date(2026, 11, 30), True),
        ({"first": "2020-01-01", "last": "2026-11-04"}, date(2020, 1, 1), date(2020, 12, 31), True),
        ({"first": "0001-01-01"}, date(2026, 10, 24), date(2026, 11, 30), True),
    ],
)
def test_days_that_can_be_read_and_others(values: dict[str, str], first: date, last: date, is_told: bool) -> None:
    """What an address asks for is followed as far as it can be, and said where it cannot."""
    found_first, found_last, notice = days_in(values, DAY)
    assert (found_first, found_last, bool(notice)) == (first, last, is_told)


def test_runs_are_counted_on_the_day_the_desk_had(app: Flask) -> None:
    """By the desk's clock, not by UTC's: 23:30 in Los Angeles is still Monday. What runs now does not count yet."""
    late = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    for status, seconds in (
        (RunStatus.SUCCEEDED, 10),
        (RunStatus.PARTIAL, 20),
        (RunStatus.FAILED, 30),
        (RunStatus.ABANDONED, None),
        (RunStatus.RUNNING, None),
    ):
        add_run(app, late, status, seconds, RunKind.SMARTMOVING)
    add_run(app, late, RunStatus.SUCCEEDED, 500, RunKind.FEEDS)
    with app.app_context():
        settings = app.extensions["settings"]
        company_id = company_named(settings.company_name)
        assert company_id is not None
        by_day = runs_by_day(company_id, RunKind.SMARTMOVING, DAY, DAY + timedelta(days=1), settings.zone)
        good_at = last_good_run(company_id, RunKind.SMARTMOVING)
    monday, tuesday = by_day[DAY], by_day[DAY + timedelta(days=1)]
    assert (monday.good, monday.partial, monday.failed, monday.mean_seconds) == (1, 1, 2, 20)
    assert (tuesday.good, tuesday.partial, tuesday.failed, tuesday.mean_seconds) == (0, 0, 0, None)
    assert good_at == late + timedelta(seconds=10)


def test_calls_and_runs_are_on_the_page(app: Flask, client: FlaskClient, yard: Yard) -> None:
    """The month's calls by day and outcome, and how the sync fared."""
    add_run(app, MONDAY_MORNING - timedelta(hours=1), RunStatus.SUCCEEDED, 4, RunKind.SMARTMOVING)
    with app.app_context(), writing() as session:
        company_id = company_id_of(session, app)
        for outcome in ("ok", "ok", "ok", "throttled"):
            session.add(
                SmartMovingCall(company_id=company_id, called_at=MONDAY_MORNING, kind="customers", outcome=outcome)
            )
    sign_in(client, yard.dispatcher())
    page = client.get("/analytics").get_data(as_text=True)
    assert "4 calls of 20,000 in 11-2026; 19,996 are left." in page
    assert rows_of(client, "outcomes") == [
        ["Outcome", "Calls", "Share"],
        ["Answered", "3", "0.75"],
        ["Too many in a minute", "1", "0.25"],
    ]
    assert ["2026-11-23", "1", "0", "0", "4"] in rows_of(client, "runs")
    assert ["2026-11-23", "4"] in rows_of(client, "calls")


def test_calls_are_counted_on_the_day_the_desk_had(app: Flask) -> None:
    """By the desk's midnight, within UTC's month, a call that the pace lets go after midnight included."""
    moments = {
        datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC): None,
        datetime(2026, 11, 1, tzinfo=UTC): date(2026, 10, 31),
        datetime(2026, 11, 1, 6, 59, 59, tzinfo=UTC): date(2026, 10, 31),
        datetime(2026, 11, 1, 7, tzinfo=UTC): date(2026, 11, 1),
        # The clocks have gone back: midnight is an hour later in UTC.
        datetime(2026, 11, 2, 7, 59, 59, tzinfo=UTC): date(2026, 11, 1),
        datetime(2026, 11, 2, 8, tzinfo=UTC): date(2026, 11, 2),
        datetime(2026, 11, 24, 7, 59, 59, tzinfo=UTC): date(2026, 11, 23),
        datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC): date(2026, 11, 24),
    }
    with app.app_context():
        with writing() as session:
            company_id, other = company_id_of(session, app), company_id_of(session, app, "Another company")
            for moment in moments:
                for company in (company_id, other):
                    session.add(SmartMovingCall(company_id=company, called_at=moment, kind="customers", outcome="ok"))
        found = budget(company_id)
    expected = Counter(day for day in moments.values() if day)
    assert {each.day: each.calls for each in found.by_day if each.calls} == expected
    assert (found.calls, found.today, found.by_outcome) == (7, 1, {"ok": 7})
    assert (found.by_day[0].day, found.by_day[-1].day) == (date(2026, 10, 31), date(2026, 11, 24))
