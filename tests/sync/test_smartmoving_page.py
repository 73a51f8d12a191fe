"""SmartMoving on the sync page: who sees which part, where we stand and what to do, calls, runs, one more look."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from tests.rows import People
from tests.sandbox_process import SandboxProcess
from tests.servers import csrf_token, sign_in
from tests.sync.movers import NOON, add_look, looks
from tests.sync.test_page import FRAGMENT, shown
from tests.sync.test_queries import counted
from webapp.accounts.permissions import Role
from webapp.accounts.service import ensure_company
from webapp.db import writing
from webapp.smartmoving.models import SmartMovingCall, SmartMovingState
from webapp.smartmoving.report import Failure, Report
from webapp.sync import running, smartmoving_runs
from webapp.sync.models import RunStatus, SyncRun

WITH_KEY = pytest.mark.settings(smartmoving_api_key="a-key", sync_enabled=True)
pytestmark = pytest.mark.usefixtures("noon")
BOARD, REPORTS = "Jobs on the board", 'aria-label="Reports"'
FAILED = Report(
    is_complete=True,
    first_day=NOON.date(),
    processed=20,
    created=3,
    failed=2,
    failures=(Failure("o1", "41002-1", "Its date is missing."),),
)


@WITH_KEY
@pytest.mark.parametrize(
    ("role", "sees_jobs", "sees_reports"),
    [
        (Role.SUPER_ADMIN, True, True),
        (Role.ADMIN, True, True),
        (Role.MANAGER, True, True),
        (Role.AUDITOR, True, True),
        (Role.DISPATCHER, True, False),
        (Role.SCHEDULER, False, True),
    ],
)
def test_each_role_sees_its_part(
    app: Flask, client: FlaskClient, people: People, role: Role, sees_jobs: bool, sees_reports: bool
) -> None:
    """Jobs for who sees jobs, reports for who sees loans or the log; as fragments too. The rest is absent."""
    sign_in(client, people(role))
    page = shown(client)
    assert ((BOARD in page), (REPORTS in page)) == (sees_jobs, sees_reports)
    assert ("SmartMoving" in page) == sees_jobs
    assert ("Runs of the reports" in page) == sees_reports
    fragment = shown(client, headers=FRAGMENT)
    assert (REPORTS in fragment) == sees_reports
    assert (BOARD in fragment) == (not sees_reports)
    jobs = client.get("/sync/smartmoving", headers=FRAGMENT)
    assert jobs.status_code == (200 if sees_jobs else 403)
    assert REPORTS not in jobs.get_data(as_text=True)
    assert ('action="/sync/smartmoving"' in page) == (role is Role.SUPER_ADMIN)
    if role is not Role.SUPER_ADMIN:
        assert client.post("/sync/smartmoving", data={"csrf_token": csrf_token(client)}).status_code == 403


@pytest.mark.parametrize("role", [Role.SUPER_ADMIN, Role.DISPATCHER])
def test_without_a_key_the_page_says_so_in_a_sentence(
    sqlite_app: Flask, client: FlaskClient, people: People, role: Role
) -> None:
    """No button, no history, no complaint; the page's other part is as ever; a click all the same is told why."""
    sign_in(client, people(role))
    page = shown(client)
    assert page.count("SmartMoving is not set up (<code>SMARTMOVING_API_KEY</code>)") == 1
    assert BOARD not in page
    assert 'action="/sync/smartmoving"' not in page
    assert (REPORTS in page) == (role is Role.SUPER_ADMIN)
    assert "Jobs as of" not in page
    if role is Role.SUPER_ADMIN:
        form = {"csrf_token": csrf_token(client)}
        told = client.post("/sync/smartmoving", data=form, headers=FRAGMENT).get_data(as_text=True)
        assert "SmartMoving is not set up here: set SMARTMOVING_API_KEY." in told


@WITH_KEY
def test_another_company_has_no_key(app: Flask, client: FlaskClient, people: People) -> None:
    """The key is the settings' company's: others are told that theirs is not set up, and see none of its runs."""
    with app.app_context():
        add_look(ensure_company("Motorpool"))
    sign_in(client, people(Role.ADMIN, company="Another"))
    page = shown(client)
    assert "SmartMoving is not set up" in page
    assert "nothing new" not in page


@WITH_KEY
def test_a_fresh_desk_is_told_what_will_come(app: Flask, client: FlaskClient, people: People) -> None:
    """Never brought, when the next look is due, how often, no call made yet."""
    sign_in(client, people(Role.DISPATCHER))
    page = shown(client)
    for words in ("Never brought yet", "11-19-26 12:15 PST", "every 15 minutes from 06:00 to 22:00", "No look yet."):
        assert words in page
    assert "0 of 20,000 calls made in November 2026, 20,000 left" in page
    assert "No jobs from SmartMoving yet" in page


@WITH_KEY
def test_the_last_good_look_and_the_calls_are_told(app: Flask, client: FlaskClient, people: People) -> None:
    """The age by the last look that brought something, also if single jobs failed; calls of month, day and run."""
    with app.app_context():
        company_id = ensure_company("Motorpool")
        add_look(company_id, NOON - timedelta(hours=3))
        run_id = add_look(company_id, NOON - timedelta(minutes=12), status=RunStatus.PARTIAL, report=FAILED)
        add_look(company_id, NOON - timedelta(minutes=2), status=RunStatus.FAILED, error="SmartMoving did not answer.")
        with writing() as session:
            yesterday = {"called_at": NOON - timedelta(days=1), "outcome": "throttled", "run_id": None}
            earlier = {"called_at": NOON - timedelta(minutes=12), "outcome": "ok", "run_id": run_id}
            old = {"called_at": NOON - timedelta(days=30), "outcome": "ok", "run_id": None}
            rows = [yesterday] + [earlier] * 1200 + [old]
            session.execute(
                insert(SmartMovingCall), [{"company_id": company_id, "kind": "customers", **r} for r in rows]
            )
    sign_in(client, people(Role.ADMIN))
    page = shown(client)
    assert "As of <strong>11-19-26 11:48 PST</strong>" in page
    assert '<span class="quiet">12 minutes ago</span>' in page
    assert "SmartMoving did not answer." in page
    assert "The board keeps what the last good look brought." in page
    assert "1,201 of 20,000 calls made in November 2026, 18,799 left" in page
    assert "1,200 calls today" in page
    assert "Refused: too many in a minute" in page
    assert "20 jobs: 3 new" in page
    assert "2 could not be read" in page
    history = page[page.index('id="jobs-history"') :]
    assert [word in history for word in ("In part", "Failed", "Succeeded", "1,200", "10.0 s", "On time")] == [True] * 6


@WITH_KEY
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DISPATCHER])
def test_failed_jobs_are_named_for_who_sees_all_locations(
    app: Flask, client: FlaskClient, people: People, role: Role
) -> None:
    """Number and reason; who sees some locations is told how many, as the jobs may be anywhere."""
    with app.app_context():
        add_look(ensure_company("Motorpool"), status=RunStatus.PARTIAL, report=FAILED)
    sign_in(client, people(role))
    page = shown(client)
    assert "2 jobs could not be read" in page
    assert ("Its date is missing." in page) == ("41002-1" in page) == (role is Role.AUDITOR)


@WITH_KEY
def test_a_hold_is_told_with_what_to_do(app: Flask, client: FlaskClient, people: People) -> None:
    """The reason, until when scheduled looks wait, and that a person may try at once; the next look comes after it.

    That nothing is new is not said: nobody has seen the list.
    """
    with app.app_context():
        company_id = ensure_company("Motorpool")
        unseen = Report(first_day=NOON.date(), last_day=NOON.date() + timedelta(days=1), calls=1)
        add_look(company_id, status=RunStatus.FAILED, error="SmartMoving refuses our key.", report=unseen)
        with writing() as session:
            held = {"hold_until": NOON + timedelta(minutes=50), "hold_reason": "SmartMoving refuses our key."}
            session.add(SmartMovingState(company_id=company_id, probe_text="", **held))
    sign_in(client, people(Role.SUPER_ADMIN))
    page = shown(client)
    assert "SmartMoving refuses our key." in page
    assert "Scheduled looks wait until 11-19-26 12:50 PST; Sync now tries at once." in page
    assert "Next look due <strong>11-19-26 13:00 PST</strong>" in page
    assert "nothing new" not in page


@WITH_KEY
def test_a_run_shows_how_far_it_is(app: Flask, client: FlaskClient, people: People) -> None:
    """The part asks again every second only while the run goes on, and brings the history when it has ended."""
    progress = {"progress": {"done": 12, "total": 80, "text": "Detail 12 of 80"}}
    with app.app_context():
        run_id = add_look(ensure_company("Motorpool"), status=RunStatus.RUNNING)
        with writing() as session:
            session.execute(update(SyncRun).where(SyncRun.id == run_id).values(report=progress))
    sign_in(client, people(Role.DISPATCHER))
    page = shown(client, "/sync/smartmoving", headers=FRAGMENT)
    assert "A run is going on since 11-19-26 12:00 PST, 0 calls so far. Detail 12 of 80" in page
    assert '<progress max="80" value="12"' in page
    assert 'hx-trigger="every 1s"' in page
    assert "jobs-history" not in page
    assert 'http-equiv="refresh"' in shown(client)
    with app.app_context(), writing() as session:
        done = {"status": RunStatus.SUCCEEDED, "finished_at": NOON, "report": Report(is_complete=True).as_json()}
        session.execute(update(SyncRun).where(SyncRun.id == run_id).values(done))
    page = shown(client, "/sync/smartmoving", headers=FRAGMENT)
    assert "every 1s" not in page
    assert 'id="jobs-history"' in page
    assert 'id="data-age"' in page
    assert client.get("/sync/smartmoving").headers["Location"] == "/sync"


@WITH_KEY
def test_watching_is_cheap(app: Flask, client: FlaskClient, people: People) -> None:
    """However many runs there were, the fragment asks the database as often."""
    sign_in(client, people(Role.DISPATCHER))
    with app.app_context():
        for minutes in range(0, 600, 15):
            add_look(ensure_company("Motorpool"), NOON - timedelta(minutes=minutes))
        with counted() as statements:
            client.get("/sync/smartmoving", headers=FRAGMENT)
    assert len(statements) <= 10, statements


def test_who_clicks_starts_a_run_and_is_named(movers_app: Flask, movers_client: FlaskClient, people: People) -> None:
    """Without script too; a second click joins; then the header of who sees jobs alone tells their age."""
    sign_in(movers_client, people(Role.SUPER_ADMIN, name="Thaddeus Marlowe"))
    form = {"csrf_token": csrf_token(movers_client)}
    assert movers_client.post("/sync/smartmoving", data=form).status_code == 303
    with movers_app.app_context():
        assert running.follow(1)
        going = smartmoving_runs.begin("scheduled")
    joined = movers_client.post("/sync/smartmoving", data=form, headers=FRAGMENT).get_data(as_text=True)
    assert "A run is going on already; you see how far it is." in joined
    with movers_app.app_context():
        smartmoving_runs.finish(going)
    assert [found["status"] for found in looks(movers_app)] == ["succeeded", "succeeded"]
    assert "By hand, Thaddeus Marlowe" in shown(movers_client)
    sign_in(other := movers_app.test_client(), people(Role.DISPATCHER))
    assert "Jobs as of 12:00 PST, less than a minute ago" in shown(other, "/account")


@WITH_KEY
def test_every_page_says_when_jobs_are_old(app: Flask, client: FlaskClient, people: People) -> None:
    """For who works with jobs alone: a banner after an hour of working time; who sees loans has FMS's age there."""
    with app.app_context():
        add_look(ensure_company("Motorpool"), NOON - timedelta(minutes=75))
    sign_in(client, people(Role.DISPATCHER))
    page = shown(client, "/account")
    assert "Jobs as of 10:45 PST, 1 hour ago. What SmartMoving changed since is not shown." in page
    assert '<a href="/sync">See the sync page</a>' in page
    assert "FMS data" not in page
    sign_in(other := app.test_client(), people(Role.SCHEDULER))
    assert "Jobs as of" not in shown(other, "/account")


@pytest.mark.settings(smartmoving_api_key="a-key-that-nobody-may-see")
def test_the_key_is_on_no_page(movers_app: Flask, movers: SandboxProcess, people: People) -> None:
    """Neither after a refusal nor anywhere else."""
    with movers_app.app_context():
        smartmoving_runs.run_smartmoving("command")
    sign_in(client := movers_app.test_client(), people(Role.SUPER_ADMIN))
    for address in ("/sync", "/sync/branches", "/api/sync/runs", "/smartmoving/sync/status"):
        assert "a-key-that-nobody-may-see" not in shown(client, address)
    assert "SMARTMOVING_API_KEY" in shown(client)
