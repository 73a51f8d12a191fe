"""Workers are replaced and stopped while people wait for FMS: all are answered, nothing is left over."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psutil
import pytest
import requests

from tests.conftest import REPORTS
from tests.promise.desk import Desk
from tests.promise.promise import assert_promise
from tests.servers import PATIENCE, GunicornServer, signed_in_session
from tests.sync.test_commands import wait_until
from webapp.db import close_reading
from webapp.loans.states import Status
from webapp.sync import running
from webapp.sync.lease import is_held
from webapp.sync.models import RunKind
from webapp.sync.queries import runs

# Real processes: once for each thing that may happen to them, on the engine that several hosts share.
pytestmark = pytest.mark.usefixtures("postgres_app")
BULK = "/api/fms/bulk-create-vehicle-requests"
# Long enough that the signal comes while FMS is thinking.
SECONDS = 1.0
Answer = Future[requests.Response]


@pytest.fixture
def asking() -> Iterator[ThreadPoolExecutor]:
    """People who wait for their answers."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def bulk_under_way(desk: Desk, session: requests.Session, url: str, asking: ThreadPoolExecutor) -> Answer:
    """A bulk run of six loans, four at a time, of which FMS has some on its table."""
    loans, before = desk.add_loans(6), len(desk.sandbox.calls())
    answer = asking.submit(session.post, f"{url}{BULK}", json={"assignment_ids": loans}, timeout=PATIENCE)
    wait_until(lambda: len(desk.sandbox.calls()) > before)
    return answer


def worker_ids(server: GunicornServer) -> set[int]:
    """The processes that serve."""
    return {child.pid for child in psutil.Process(server.process_id).children()}


def assert_all_done(answer: Answer) -> None:
    told = answer.result().json()
    assert (told["succeeded"], told["failed"], told["uncertain"]) == (6, 0, 0), told


def test_whoever_waits_for_fms_is_answered(
    desk: Desk, gunicorn_server: Callable[..., GunicornServer], asking: ThreadPoolExecutor
) -> None:
    """First a reload (SIGHUP), then a stop, asked for twice: both runs end as if nothing had been, in good time."""
    server = gunicorn_server(workers=1)
    session = signed_in_session(server.url, desk.person)
    desk.sandbox.latency(SECONDS)
    first, old = bulk_under_way(desk, session, server.url, asking), worker_ids(server)
    server.send(signal.SIGHUP)
    assert_all_done(first)
    wait_until(lambda: bool(worker_ids(server)) and not worker_ids(server) & old)
    second = bulk_under_way(desk, session, server.url, asking)
    server.send(signal.SIGTERM)
    server.send(signal.SIGTERM)
    assert_all_done(second)
    assert server.wait() == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/healthz", timeout=PATIENCE)
    desk.sandbox.latency(0)
    assert {desk.status(loan) for loan in range(1, 13)} == {Status.REQUESTED}
    assert_promise(desk)


def test_a_worker_that_has_served_its_time_is_replaced(
    desk: Desk,
    gunicorn_server: Callable[..., GunicornServer],
    asking: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody notices: of requests that keep coming while it goes, each is answered."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--max-requests 15 --max-requests-jitter 0")
    server = gunicorn_server(workers=1)

    def ask(_: int) -> int:
        return requests.get(f"{server.url}/healthz", timeout=PATIENCE).status_code

    assert ask(0) == 200
    [old] = worker_ids(server)
    assert set(asking.map(ask, range(20))) == {200}
    wait_until(lambda: old not in worker_ids(server))


def test_a_job_that_is_under_way_ends(desk: Desk, gunicorn_server: Callable[..., GunicornServer]) -> None:
    """A run of the feeds ends before its process, which is stopped meanwhile; nobody has to wait for its lease."""
    desk.sandbox.fault("report:vehicles", "slow", seconds=2)
    others = {f"fms_{name}_csv_url": "" for name in REPORTS if name != "vehicles"}
    server = gunicorn_server(workers=1, sync_enabled=True, **others)
    with desk.app.app_context():
        wait_until(lambda: statuses() == ["running"])
        server.send(signal.SIGTERM)
        assert server.wait() == 0
        assert statuses() == ["succeeded"]
        assert not is_held(running.lease_name(RunKind.FEEDS, desk.person.company_id))
        close_reading()


def statuses() -> list[str]:
    found = [str(one["status"]) for one in runs()]
    close_reading()
    return found
