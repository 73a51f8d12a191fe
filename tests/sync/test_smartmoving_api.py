"""JSON below /smartmoving: by role and location, without money where it may not be seen, with proper failures."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from time_machine import Traveller
from werkzeug.test import TestResponse

from tests.journey_rows import DENVER, Yard
from tests.rows import DAY, People, Person
from tests.sandbox_process import TODAY, SandboxProcess
from tests.servers import csrf_token, sign_in
from tests.sync.leases import let_leases_run_out
from tests.sync.movers import NOON, UNHURRIED, add_look, looks
from webapp.accounts.permissions import Role
from webapp.journeys.models import DataSource, SyncStatus
from webapp.sync import running, smartmoving_runs

READING = (
    "/smartmoving/jobs/today",
    "/smartmoving/jobs/tomorrow",
    "/smartmoving/sync/status",
    "/smartmoving/locations",
)
SEE_JOBS = {Role.SUPER_ADMIN, Role.ADMIN, Role.MANAGER, Role.DISPATCHER, Role.AUDITOR}
SEE_MONEY = SEE_JOBS - {Role.DISPATCHER}
EVERYWHERE = {Role.SUPER_ADMIN, Role.ADMIN, Role.AUDITOR}


@pytest.fixture
def monday() -> Iterator[None]:
    """`DAY` at every branch, at a moment that stands still."""
    with time_machine.travel(NOON + timedelta(days=4), tick=False):
        yield


@pytest.fixture
def yard(monday: None, app: Flask, people: People) -> Yard:
    """A yard with three jobs today in Denver, one of them by hand, one tomorrow, and one today in Tulsa."""
    yard = Yard(app, people)
    tulsa = yard.location("Tulsa", "America/Chicago", external_data={"name": "TULSA", "city": "Tulsa"}, region="OK")
    yard.journey(estimated_value=1234.5, external_data={"charges": "2h @ $349.00/hr"})
    yard.journey(sync_status=SyncStatus.FAILED)
    yard.journey(data_source=DataSource.MANUAL, job_id=None, external_id=None, opportunity_id=None)
    yard.journey(day=DAY + timedelta(days=1), sync_status=SyncStatus.PENDING)
    yard.journey(tulsa)
    yard.journey(on_board=False, off_reason="Cancelled")
    return yard


def bearer(client: FlaskClient, person: Person) -> dict[str, str]:
    """What a program sends instead of a cookie."""
    form = {"email": person.email, "password": person.password}
    token = client.post("/api/auth/token", json=form).get_json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def data_of(answer: TestResponse) -> dict[str, Any]:
    """The data of an answer that has the promised shape."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body = answer.get_json()
    assert set(body) == {"success", "data", "message"}
    assert body["success"] is True
    assert body["message"]
    found: dict[str, Any] = body["data"]
    return found


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_jobs_sees_those_of_their_locations(
    app: Flask, yard: Yard, client: FlaskClient, people: People, role: Role
) -> None:
    """403 for others; in scope today's and tomorrow's with their counts; nothing of Tulsa for who is not there."""
    sign_in(client, people(role, locations=[DENVER]))
    if role not in SEE_JOBS:
        assert {client.get(address).status_code for address in READING} == {403}
        return
    is_everywhere = role in EVERYWHERE
    today = data_of(client.get(READING[0]))
    assert today["stats"] == {
        "totalJobs": 3 + is_everywhere,
        "smartmovingJobs": 2 + is_everywhere,
        "manualJobs": 1,
        "date": "2026-11-23",
    }
    assert {job["location"] for job in today["jobs"]} == ({DENVER, "Tulsa"} if is_everywhere else {DENVER})
    tomorrow = data_of(client.get(READING[1]))
    assert (tomorrow["stats"]["totalJobs"], tomorrow["stats"]["date"]) == (1, "2026-11-24")
    status = data_of(client.get(READING[2]))
    assert status == {
        "totalJobs": 3 + is_everywhere,
        "syncedJobs": 1 + is_everywhere,
        "pendingJobs": 1,
        "failedJobs": 1,
        "lastSync": None,
    }
    places = data_of(client.get(READING[3]))
    assert [place["name"] for place in places["locations"]] == ([DENVER, "Tulsa"] if is_everywhere else [DENVER])
    assert places["stats"] == {"totalLocations": 1 + is_everywhere, "activeLocations": 1 + is_everywhere}


@pytest.mark.parametrize("role", sorted(SEE_JOBS))
def test_money_is_absent_for_who_may_not_see_it(yard: Yard, client: FlaskClient, people: People, role: Role) -> None:
    """Neither the value nor the raw data, whose texts leak the rate; a job is that of /api/journeys."""
    sign_in(client, people(role, locations=[DENVER]))
    answer = client.get("/smartmoving/jobs/today")
    jobs = data_of(answer)["jobs"]
    assert jobs == client.get("/api/journeys?date=today").get_json()["journeys"]
    assert {"estimated_value" in job for job in jobs} == {role in SEE_MONEY}
    assert ("1234.5" in answer.get_data(as_text=True)) == (role in SEE_MONEY)
    assert "349" not in answer.get_data(as_text=True)


def test_another_company_sees_nothing_of_it(yard: Yard, client: FlaskClient, people: People) -> None:
    """Its administrators have jobs and branches of their own, here none."""
    sign_in(client, people(Role.ADMIN, company="Another"))
    assert data_of(client.get(READING[0]))["jobs"] == []
    assert data_of(client.get(READING[2]))["totalJobs"] == 0
    assert data_of(client.get(READING[3]))["locations"] == []


def test_the_last_good_look_is_told(app: Flask, yard: Yard, client: FlaskClient, people: People) -> None:
    """As an instant with its zone."""
    with app.app_context():
        add_look(1, NOON + timedelta(days=4, minutes=-12))
    sign_in(client, people(Role.AUDITOR))
    assert data_of(client.get("/smartmoving/sync/status"))["lastSync"] == "2026-11-23T19:48:00+00:00"


@pytest.mark.usefixtures("noon")
def test_a_sync_answers_when_it_is_done(movers: SandboxProcess, movers_client: FlaskClient, people: People) -> None:
    """What came for today, for tomorrow and in all; then the jobs are there."""
    sign_in(movers_client, people(Role.SUPER_ADMIN))
    token = {"X-CSRFToken": csrf_token(movers_client)}
    data = data_of(movers_client.post("/smartmoving/jobs/sync", headers=token))
    for day in ("today", "tomorrow"):
        assert set(data[day]) == {"processed", "created", "updated", "failed"}
    summary = data["summary"]
    assert set(summary) == {"totalProcessed", "totalCreated", "totalUpdated", "totalFailed", "syncTime"}
    assert summary["totalProcessed"] == data["today"]["processed"] + data["tomorrow"]["processed"] > 0
    assert summary["syncTime"] == NOON.isoformat()
    booked = [one for one in movers.smartmoving_state(TODAY, TODAY)["opportunities"] if one["status"] in (4, 10, 11)]
    expected = sum(job["date"] == TODAY.isoformat() for one in booked for job in one["jobs"])
    jobs = data_of(movers_client.get("/smartmoving/jobs/today"))
    assert jobs["stats"]["totalJobs"] == expected > 0
    status = data_of(movers_client.get("/smartmoving/sync/status"))
    assert status["lastSync"] == NOON.isoformat()
    assert status["totalJobs"] == status["syncedJobs"] + status["pendingJobs"]
    assert data_of(movers_client.get("/smartmoving/locations"))["stats"]["totalLocations"] > 5


@pytest.mark.usefixtures("noon")
def test_nobody_has_to_wait(movers_app: Flask, movers_client: FlaskClient, people: People) -> None:
    """`?wait=false` answers 202 with the run, and joins the one that goes on."""
    with movers_app.app_context():
        begun = smartmoving_runs.begin("scheduled")
    sign_in(movers_client, people(Role.SUPER_ADMIN))
    token = {"X-CSRFToken": csrf_token(movers_client)}
    answer = movers_client.post("/smartmoving/jobs/sync?wait=false", headers=token)
    assert (answer.status_code, answer.get_json()["data"]) == (202, {"runId": begun.run_id, "isJoined": True})
    joined = movers_client.post("/api/sync/smartmoving", headers=token)
    assert (joined.status_code, joined.get_json()["is_joined"]) == (202, True)
    let_leases_run_out(movers_app)
    own = movers_client.post("/api/sync/smartmoving", headers=token).get_json()
    assert (own["is_joined"], own["run"]["kind"], own["run"]["trigger"]) == (False, "smartmoving", "button")
    with movers_app.app_context():
        assert running.follow(own["run"]["id"])
    assert [found["status"] for found in looks(movers_app)] == ["succeeded", "abandoned"]
    listed = movers_client.get("/api/sync/runs").get_json()["runs"]
    assert listed == looks(movers_app)


@pytest.mark.usefixtures("noon")
def test_a_get_works_with_a_bearer_token_alone(movers_app: Flask, movers_client: FlaskClient, people: People) -> None:
    """A cookie is not enough, whoever is signed in; nor is a token of a role that may not."""
    admin, dispatcher = people(Role.SUPER_ADMIN), people(Role.DISPATCHER)
    sign_in(movers_client, admin)
    refused = movers_client.get("/smartmoving/jobs/sync")
    assert (refused.status_code, refused.get_json()["code"]) == (405, "method_not_allowed")
    assert refused.mimetype == "application/problem+json"
    assert movers_client.post("/smartmoving/jobs/sync").status_code == 400
    assert looks(movers_app) == []
    program = movers_app.test_client()
    assert program.get("/smartmoving/jobs/sync", headers=bearer(program, dispatcher)).status_code == 403
    assert program.get("/smartmoving/jobs/sync").status_code == 401
    assert data_of(program.get("/smartmoving/jobs/sync", headers=bearer(program, admin)))["summary"]["totalProcessed"]
    assert [found["trigger"] for found in looks(movers_app)] == ["button"]


@pytest.mark.usefixtures("noon")
@pytest.mark.settings(smartmoving_api_key="another-key")
def test_a_refused_key_is_a_bad_gateway(movers_app: Flask, movers_client: FlaskClient, people: People) -> None:
    """502 with what to do; the key, and what SmartMoving wrote, are in no answer."""
    person = people(Role.SUPER_ADMIN)
    headers = bearer(movers_client, person)
    answers = [
        movers_client.post("/smartmoving/jobs/sync", headers=headers),
        movers_client.get("/smartmoving/health", headers=headers),
    ]
    for answer in answers:
        assert (answer.status_code, answer.mimetype) == (502, "application/problem+json")
        assert "SMARTMOVING_API_KEY" in answer.get_json()["detail"]
        assert "another-key" not in answer.get_data(as_text=True)
    assert [answer.get_json()["code"] for answer in answers] == ["sync_failed", "smartmoving_failed"]


def test_without_a_key_it_is_unavailable_and_the_rest_works(
    sqlite_app: Flask, client: FlaskClient, people: People
) -> None:
    """503 where SmartMoving would be asked; what is read from our own tables answers as ever."""
    headers = bearer(client, people(Role.SUPER_ADMIN))
    refused = [
        client.get("/smartmoving/health", headers=headers),
        client.post("/smartmoving/jobs/sync", headers=headers),
        client.post("/smartmoving/jobs/sync?wait=false", headers=headers),
        client.post("/api/sync/smartmoving", headers=headers),
    ]
    assert [(answer.status_code, answer.get_json()["code"]) for answer in refused] == [(503, "not_configured")] * 4
    assert {client.get(address, headers=headers).status_code for address in READING} == {200}


def test_health_is_asked_once_a_minute(
    movers_app: Flask, movers: SandboxProcess, movers_client: FlaskClient, people: People, noon: Traveller
) -> None:
    """By one call that counts; the answer holds for a minute, also while SmartMoving is down, and then does not."""
    sign_in(movers_client, people(Role.DISPATCHER))
    for _ in range(3):
        data = data_of(movers_client.get("/smartmoving/health"))
        assert data == {"status": "operational", "apiConnection": "connected", "timestamp": NOON.isoformat()}
    assert len(movers.smartmoving_calls()) == 1
    movers.fault("smartmoving:any", "error", times=None)
    assert movers_client.get("/smartmoving/health").status_code == 200
    noon.shift(timedelta(seconds=61))
    down = movers_client.get("/smartmoving/health")
    assert (down.status_code, down.get_json()["code"]) == (502, "smartmoving_failed")


@pytest.mark.usefixtures("noon")
def test_a_failure_tells_no_exception(
    movers_app: Flask, movers_client: FlaskClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks on our side answers 500 without its text, and the run is marked."""

    def crash(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("with a secret")

    monkeypatch.setattr("webapp.smartmoving.service.sync", crash)
    movers_app.testing = False
    movers_app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = movers_client.post("/smartmoving/jobs/sync", headers=bearer(movers_client, people(Role.SUPER_ADMIN)))
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal")
    assert "secret" not in answer.get_data(as_text=True)
    assert [found["status"] for found in looks(movers_app)] == ["failed"]


def test_nonsense_is_refused_by_field(make_app: Callable[..., Flask], people: People, sandbox: SandboxProcess) -> None:
    """An unknown parameter is named, and no run begins."""
    app = make_app(smartmoving_api_key="a-key", smartmoving_calls_per_minute=UNHURRIED)
    client = app.test_client()
    answer = client.post("/smartmoving/jobs/sync?wait=perhaps", headers=bearer(client, people(Role.SUPER_ADMIN)))
    assert answer.status_code == 422
    assert "wait" in answer.get_json()["fields"]
    assert looks(app) == []
