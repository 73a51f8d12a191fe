"""The sync page: who sees what, what is said of each report, bad rows to take away, and one more run."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.rows import People
from tests.sandbox_process import SandboxProcess
from tests.servers import csrf_token, sign_in
from tests.sync.test_commands import wait_until
from tests.sync.test_queries import NAMES, TEN, add_run, counted
from webapp.accounts.permissions import Role
from webapp.accounts.service import ensure_company
from webapp.db import close_reading, writing
from webapp.sync import service
from webapp.sync.models import FeedResult, FeedStatus, RunStatus, SyncRun
from webapp.sync.queries import runs

FRAGMENT = {"HX-Request": "true"}
TOO_FEW = "The report has only 12 rows, the last good one had 40. If that is right, run the sync once with this ..."


def shown(client: FlaskClient, path: str = "/sync", **options: object) -> str:
    answer = client.get(path, **options)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def change(run_id: int, name: str, **values: object) -> None:
    with writing() as session:
        found = session.scalars(select(FeedResult).where(FeedResult.run_id == run_id, FeedResult.name == name)).one()
        for column, value in values.items():
            setattr(found, column, value)


@pytest.fixture
def morning(app: Flask) -> Iterator[int]:
    """The company, on a morning in November."""
    with time_machine.travel(TEN + timedelta(hours=7), tick=False):
        with app.app_context():
            company_id = ensure_company("Motorpool")
        yield company_id


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.SUPER_ADMIN, 200), (Role.ADMIN, 200), (Role.AUDITOR, 200), (Role.SCHEDULER, 200), (Role.MOVER, 403)],
)
def test_who_sees_loans_or_the_log_sees_how_fresh_the_data_are(
    sqlite_app: Flask, client: FlaskClient, people: People, role: Role, status: int
) -> None:
    """The page is open to them; only who may run syncs gets a button, and nobody else's click counts."""
    sign_in(client, people(role))
    answer = client.get("/sync")
    assert answer.status_code == status
    form = {"csrf_token": csrf_token(client)}
    if role is not Role.SUPER_ADMIN:
        assert 'action="/sync/run"' not in answer.get_data(as_text=True)
        assert client.post("/sync/run", data=form).status_code == 403


@pytest.mark.settings(sync_enabled=True, fms_vehicles_csv_url="https://fms.example.com/v.csv")
def test_a_fresh_desk_is_told_what_will_come(morning: int, client: FlaskClient, people: People) -> None:
    """No run, no data, when the next run is due in the configured zone, which reports are left out."""
    sign_in(client, people(Role.SUPER_ADMIN))
    page = shown(client)
    for words in ("No run yet.", "never", "Never tried", "11-22-26 02:00 PST", "Sync now", "FMS_PARTNERS_CSV_URL"):
        assert words in page
    assert "banner" not in page


def test_each_report_tells_its_last_good_import_and_its_last_attempt(
    app: Flask, morning: int, client: FlaskClient, people: People
) -> None:
    """A refused report: what was good and when, why not since, what to do, and the exception for who may run syncs."""
    with app.app_context():
        add_run(morning, TEN - timedelta(days=2))
        late = add_run(morning, TEN, feeds={"vehicles": FeedStatus.REFUSED}, status=RunStatus.PARTIAL)
        change(late, "vehicles", error=TOO_FEW)
    sign_in(client, people(Role.SUPER_ADMIN))
    page = shown(client)
    assert "11-19-26 02:04 PST" in page
    assert "2 days ago" in page
    assert TOO_FEW in page
    assert "Import anyway, this once" in page
    assert page.count('name="anyway"') == 1
    sign_in(other := app.test_client(), people(Role.SCHEDULER))
    assert 'name="anyway"' not in shown(other)


def test_a_web_page_instead_of_rows_cannot_be_imported_anyway(
    app: Flask, morning: int, client: FlaskClient, people: People
) -> None:
    """The exception is offered where it helps, nowhere else."""
    with app.app_context():
        run_id = add_run(morning, TEN, feeds={"vehicles": FeedStatus.REFUSED}, status=RunStatus.PARTIAL)
        change(run_id, "vehicles", error="The report is a web page instead of rows.")
    sign_in(client, people(Role.SUPER_ADMIN))
    page = shown(client)
    assert "Have the report put right in FMS, then sync again." in page
    assert "anyway" not in page


def test_bad_rows_are_taken_away_as_text(app: Flask, morning: int, client: FlaskClient, people: People) -> None:
    """Line, reason and row as CSV; a row that begins as a formula is text; another company's are not there.

    The rows are of every office: who may not see all of them is told how many, and no more.
    """
    formula = '=cmd|"/c calc"!A1,x'
    rows = [{"line": 3, "reason": "year is blank", "text": formula}]
    with app.app_context():
        run_id = add_run(morning, TEN)
        change(run_id, "partners", bad=1, bad_rows=rows)
    address = f"/sync/runs/{run_id}/partners.csv"
    sign_in(scheduler := app.test_client(), people(Role.SCHEDULER))
    assert address not in shown(scheduler)
    assert "1 bad" in shown(scheduler)
    assert scheduler.get(address).status_code == 403
    sign_in(client, people(Role.ADMIN))
    assert address in shown(client)
    answer = client.get(address)
    assert answer.mimetype == "text/csv"
    table = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert table == [["Line", "Reason", "Row"], ["3", "year is blank", f"'{formula}"]]
    assert client.get(f"/sync/runs/{run_id + 1}/partners.csv").status_code == 404
    assert client.get(f"/sync/runs/{run_id}/partners%00.csv").status_code == 404
    sign_in(stranger := app.test_client(), people(Role.ADMIN, company="Another"))
    assert stranger.get(address).status_code == 404
    assert "No run yet." in shown(stranger)


def test_a_run_shows_how_far_it_is(app: Flask, morning: int, client: FlaskClient, people: People) -> None:
    """The fragment asks again every second only while the run goes on, and brings the history when it has ended."""
    with app.app_context():
        run_id = add_run(morning, TEN, status=RunStatus.RUNNING, feeds=dict.fromkeys(NAMES[:2], FeedStatus.APPLIED))
    sign_in(client, people(Role.SCHEDULER))
    page = shown(client, headers=FRAGMENT)
    assert "2 of 6 reports done" in page
    assert 'hx-trigger="every 1s"' in page
    assert [page.count(word) for word in ("Imported", "Importing ...", "Waiting")] == [2, 1, 3]
    assert "sync-history" not in page
    assert 'http-equiv="refresh"' in shown(client)
    with app.app_context(), writing() as session:
        session.get_one(SyncRun, run_id).status = RunStatus.SUCCEEDED
    page = shown(client, headers=FRAGMENT)
    assert "every 1s" not in page
    assert 'id="sync-history"' in page
    assert "hx-swap-oob" in page


def test_watching_is_cheap(app: Flask, morning: int, client: FlaskClient, people: People) -> None:
    """However many runs there were, the fragment asks the database as often."""
    sign_in(client, people(Role.SCHEDULER))
    with app.app_context():
        for days in range(40):
            add_run(morning, TEN - timedelta(days=days))
        with counted() as statements:
            client.get("/sync", headers=FRAGMENT)
    assert len(statements) <= 7, statements


def test_who_clicks_starts_a_run_and_is_named(
    app: Flask, sandbox: SandboxProcess, client: FlaskClient, people: People
) -> None:
    """Without script too; an exception for one report holds for that one alone."""
    sign_in(client, people(Role.SUPER_ADMIN, name="Thaddeus Marlowe"))
    form = {"csrf_token": csrf_token(client)}
    assert client.post("/sync/run", data=form).status_code == 303
    ended(app)
    assert "By hand, Thaddeus Marlowe" in shown(client)
    for name in ("partners", "vehicles"):
        sandbox.fault(f"report:{name}", "shrunk")
    client.post("/sync/run", data={**form, "anyway": "partners"})
    ended(app)
    with app.app_context():
        found = {feed["name"]: feed["status"] for feed in runs()[0]["feeds"]}
    assert (found["partners"], found["vehicles"]) == ("applied", "refused")
    assert client.post("/sync/run", data={**form, "anyway": "nothing"}).status_code == 422


@pytest.mark.usefixtures("sandbox")
def test_who_clicks_while_a_run_goes_on_joins_it(app: Flask, client: FlaskClient, people: People) -> None:
    """No second run; an exception that comes too late is said not to count."""
    with app.app_context():
        service.begin("nightly")
    sign_in(client, people(Role.SUPER_ADMIN))
    form = {"csrf_token": csrf_token(client)}
    joined = client.post("/sync/run", data=form, headers=FRAGMENT).get_data(as_text=True)
    assert "A run is going on already; you see how far it is." in joined
    late = client.post("/sync/run", data={**form, "anyway": "vehicles"}, headers=FRAGMENT).get_data(as_text=True)
    assert "without your exception" in late
    with app.app_context():
        assert [found["status"] for found in runs()] == ["running"]


def test_every_page_says_when_data_are_old(app: Flask, morning: int, client: FlaskClient, people: People) -> None:
    """A banner with the age after 36 hours, on pages of any kind, at no further query; none before."""
    sign_in(client, people(Role.SCHEDULER))
    with app.app_context():
        add_run(morning, TEN - timedelta(hours=24))
    assert "What FMS changed since" not in shown(client, "/account")
    with time_machine.travel(TEN + timedelta(hours=12, seconds=1), tick=False):
        page = shown(client, "/account")
        assert "The FMS data are from Fri 11-20-26, 02:04 PST: 36 hours old." in page
        assert '<a href="/sync">See the sync page</a>' in page
        assert "See the sync page" not in shown(client)


def ended(app: Flask) -> None:
    def is_over() -> bool:
        found = runs()
        close_reading()
        return str(found[0]["status"]) != "running"

    with app.app_context():
        wait_until(is_over)
