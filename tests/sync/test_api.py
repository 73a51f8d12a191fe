"""Runs over JSON: who may run syncs sees them and starts or joins one; nobody else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.rows import People
from tests.servers import csrf_token, sign_in
from tests.sync.movers import add_look
from webapp.accounts.permissions import Role
from webapp.sync import running, service
from webapp.sync.models import RunKind
from webapp.sync.queries import runs


@pytest.fixture
def super_admin(client: FlaskClient, people: People) -> FlaskClient:
    """A browser in which a SUPER_ADMIN is signed in."""
    sign_in(client, people(Role.SUPER_ADMIN))
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_token(client)
    return client


@pytest.mark.usefixtures("sandbox")
def test_a_run_is_started_and_listed(app: Flask, super_admin: FlaskClient) -> None:
    """202 with the run while it goes on; afterwards the list tells how it ended."""
    answer = super_admin.post("/api/sync/feeds")
    assert answer.status_code == 202
    run_id = answer.get_json()["run"]["id"]
    assert answer.get_json()["is_joined"] is False
    with app.app_context():
        running.follow(run_id)
    (found,) = super_admin.get("/api/sync/runs").get_json()["runs"]
    assert (found["id"], found["status"], found["trigger"]) == (run_id, "succeeded", "button")


@pytest.mark.usefixtures("sandbox")
def test_a_run_that_is_going_on_is_joined(app: Flask, super_admin: FlaskClient) -> None:
    """No second run begins, and the answer says so."""
    with app.app_context():
        begun = service.begin("nightly")
    answer = super_admin.post("/api/sync/feeds", json={"override_guard": True})
    assert (answer.status_code, answer.get_json()["is_joined"]) == (202, True)
    assert answer.get_json()["run"]["id"] == begun.run_id
    with app.app_context():
        assert len(runs()) == 1


def test_runs_of_one_kind_can_be_asked_for(app: Flask, super_admin: FlaskClient) -> None:
    """A look at SmartMoving every quarter of an hour hides no run of the feeds; an unknown kind is named."""
    with app.app_context():
        service.begin("nightly")
        jobs = add_look(1)
    kinds = {kind: super_admin.get(f"/api/sync/runs?kind={kind}").get_json()["runs"] for kind in RunKind}
    assert [run["kind"] for run in kinds[RunKind.FEEDS]] == ["feeds"]
    assert [run["id"] for run in kinds[RunKind.SMARTMOVING]] == [jobs]
    assert len(super_admin.get("/api/sync/runs").get_json()["runs"]) == 2
    assert "kind" in super_admin.get("/api/sync/runs?kind=fms").get_json()["fields"]


def test_nonsense_is_refused_by_field(super_admin: FlaskClient) -> None:
    """An unknown member is named, and no run begins."""
    answer = super_admin.post("/api/sync/feeds", json={"override": True})
    assert answer.status_code == 422
    assert "override" in answer.get_json()["fields"]
    assert super_admin.get("/api/sync/runs").get_json() == {"runs": []}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPER_ADMIN])
def test_others_may_not(client: FlaskClient, people: People, role: Role) -> None:
    """403 for every other role, on both."""
    sign_in(client, people(role))
    token = {"X-CSRFToken": csrf_token(client)}
    assert client.get("/api/sync/runs").status_code == 403
    assert client.post("/api/sync/feeds", headers=token).status_code == 403
