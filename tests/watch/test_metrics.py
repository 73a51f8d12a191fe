"""`/metrics`: who may read it, what it tells, and that several workers count together."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from tests.rows import Fleet, People
from tests.servers import ROOT, GunicornServer, sign_in
from webapp import clock
from webapp.db import writing
from webapp.fms.models import Kind, Operation, State
from webapp.sync.lease import acquire
from webapp.sync.models import RunKind, RunStatus, SyncRun

ALARMS = ROOT / "docs" / "operations.md"
TOKEN = "a token that only the monitoring has"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures_in(body: str) -> Figures:
    """Every sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def figure(found: Figures, name: str, /, **labels: str) -> float:
    return found[f"motorpool_{name}", frozenset(labels.items())]


def test_it_tells_what_the_database_knows(app: Flask, client: FlaskClient, people: People, fleet: Fleet) -> None:
    """Operations by outcome and time, the oldest that is open, the age of the syncs, leases, what waits."""
    person = people()
    now = clock.now()
    with app.app_context(), writing() as session:
        for number, (state, milliseconds) in enumerate(
            [(State.SUCCEEDED, 200), (State.SUCCEEDED, 400), (State.FAILED, 900), (State.UNCERTAIN, None)]
        ):
            at = now - timedelta(minutes=number)
            session.add(
                Operation(
                    reference=f"r{number}",
                    company_id=person.company_id,
                    office="Los Angeles",
                    kind=Kind.CREATE,
                    state=state,
                    subject="loan",
                    assignment_id=number,
                    label="",
                    requested_by="",
                    created_at=at,
                    sent_at=at,
                    deadline_at=at,
                    milliseconds=milliseconds,
                )
            )
        session.add(
            SyncRun(
                company_id=person.company_id,
                kind=RunKind.FEEDS,
                trigger="nightly",
                status=RunStatus.SUCCEEDED,
                started_at=now - timedelta(hours=3),
                finished_at=now - timedelta(hours=2),
            )
        )
    with app.app_context():
        acquire("job:recover", 30)
    found = figures_in(client.get("/metrics").text)
    assert figure(found, "fms_operations_recent", kind="create", state="succeeded") == 2
    assert figure(found, "fms_operation_seconds_recent", kind="create", quantile="0.5") == 0.4
    assert figure(found, "fms_operation_seconds_recent", kind="create", quantile="1") == 0.9
    assert figure(found, "fms_operations_open", state="uncertain") == 1
    assert 180 <= figure(found, "fms_operations_open_oldest_seconds", state="uncertain") < 600
    assert figure(found, "fms_operations_open", state="sending") == 0
    assert 7200 <= figure(found, "sync_age_seconds", company="Motorpool", kind="feeds") < 7800
    assert figure(found, "sync_incidents_open", company="Motorpool") == 0
    assert figure(found, "smartmoving_calls_cap") == 20_000
    assert 0 < figure(found, "lease_seconds", name="job:recover") <= 30
    assert figure(found, "queue_depth", queue="bulk_rows") == 0


def test_requests_are_counted_by_route(sqlite_app: Flask, client: FlaskClient, people: People) -> None:
    """An address that does not exist makes no series of its own, and nobody's name or search is in any."""
    sign_in(client, people())
    before = figures_in(client.get("/metrics").text)
    client.get("/calendar?q=whom+they+search")
    for number in range(3):
        client.get(f"/made-up-{number}")
    after = figures_in(client.get("/metrics").text)

    def more(**labels: str) -> float:
        name = ("motorpool_requests_total", frozenset(labels.items()))
        return after[name] - before.get(name, 0)

    assert more(method="GET", route="/calendar", status="200") == 1
    assert more(method="GET", route="none", status="404") == 3
    assert not any("made-up" in str(key) or "whom" in str(key) for key in after)


def test_the_figures_of_the_alarms_exist(sqlite_app: Flask, client: FlaskClient) -> None:
    """Each figure that the table of alarms names is one that we tell: an alarm on another never rings."""
    told = {line.split()[2] for line in client.get("/metrics").text.splitlines() if line.startswith("# TYPE")}
    alarms = re.findall(r"^\| `(motorpool_\w+)", ALARMS.read_text("utf-8"), re.MULTILINE)
    assert len(alarms) >= 10
    assert set(alarms) - told - {f"{name}_total" for name in told} == set()


@pytest.mark.settings(metrics_token=TOKEN)
@pytest.mark.parametrize(
    ("header", "status"),
    [(f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 404), (TOKEN, 404), ("", 404), ("Bearer \u00fc", 404)],
)
def test_with_a_token_only_who_brings_it(sqlite_app: Flask, client: FlaskClient, header: str, status: int) -> None:
    """Also from this machine; anybody else is not told that there is something."""
    assert client.get("/metrics", headers={"Authorization": header}).status_code == status


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
    ],
)
def test_without_a_token_only_this_machine(
    sqlite_app: Flask, client: FlaskClient, address: str, headers: dict[str, str], status: int
) -> None:
    """A proxy on this machine does not open it to everybody."""
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_workers_count_together(sqlite_app: Flask, gunicorn_server: Callable[..., GunicornServer]) -> None:
    """Whichever is asked tells of all, so no request is missing from the sum."""
    with gunicorn_server(workers=2, threads=1) as server:
        for _ in range(20):
            assert requests.get(f"{server.url}/healthz", timeout=120).status_code == 200
        found = figures_in(requests.get(f"{server.url}/metrics", timeout=120).text)
        assert figure(found, "requests_total", method="GET", route="/healthz", status="200") >= 20
