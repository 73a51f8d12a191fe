"""What every test can ask for: a database of its own on either engine, people, a fleet, servers, browsers."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from hypothesis import HealthCheck
from playwright.sync_api import Browser, Page
from requests import RequestException

from tests.api import conformity
from tests.background import wait_for_runs
from tests.browsers import chromium, watched_page
from tests.databases import (
    Copies,
    PostgresCopies,
    SqliteCopies,
    new_server_folder,
    plain_settings,
    remove_server,
    reverse_unordered_rows,
    server_address,
)
from tests.journey_rows import MONDAY_MORNING, Yard
from tests.quick import keep_compiled_routes, keep_compiled_templates, keep_files_in_memory
from tests.rows import CHEAP_HASHER, Fleet, People
from tests.sandbox_process import SandboxProcess
from tests.servers import GunicornServer, LiveServer, environment_of
from webapp import create_app
from webapp.accounts import passwords
from webapp.db import db
from webapp.settings import Settings

POSTGRES_FOLDER = pytest.StashKey[Path]()
REPORTS = (
    "vehicles",
    "partners",
    "loan_history",
    "current_activity",
    "approved_makes",
    "budget_spending",
)


def pytest_configure(config: pytest.Config) -> None:
    """Make this process independent of the machine's settings; name the folder of a PostgreSQL server."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            del os.environ[name]
    passwords.hasher = CHEAP_HASHER
    # The same examples in every run, in any time: a busy machine is no fault of what is tried.
    hypothesis.settings.register_profile(
        "motorpool", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("motorpool")
    # What leans on an order that it did not ask for fails here every time, not now and then on PostgreSQL.
    reverse_unordered_rows()
    keep_compiled_routes()
    keep_files_in_memory()
    # A cancelled run ends as an interrupted one does: with everything stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    given = getattr(config, "workerinput", {}).get("postgres_folder")
    config.stash[POSTGRES_FOLDER] = Path(given) if given else new_server_folder()


def pytest_configure_node(node: Any) -> None:
    """All xdist workers use one server, which the first that needs it starts."""
    node.workerinput["postgres_folder"] = str(node.config.stash[POSTGRES_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, also after Ctrl-C; workers leave it to the process that started them."""
    if not hasattr(config, "workerinput"):
        remove_server(config.stash[POSTGRES_FOLDER])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever touches a database on both engines, unless it asks for `sqlite_app` or `postgres_app`."""
    if "engine" not in metafunc.fixturenames:
        return
    engines = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
    if "sqlite_app" in metafunc.fixturenames:
        engines = engines[:1]
    elif "postgres_app" in metafunc.fixturenames:
        engines = engines[1:]
    metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`: the engine this run of the test uses."""
    return str(request.param)


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """The migrated SQLite file that tests get copies of."""
    return SqliteCopies(tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="session")
def postgres_copies(pytestconfig: pytest.Config) -> Iterator[Copies]:
    """The migrated PostgreSQL database that tests get copies of."""
    copies = PostgresCopies(server_address(pytestconfig.stash[POSTGRES_FOLDER]))
    yield copies
    copies.close()


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this test's own: every table, no row."""
    copies: Copies = request.getfixturevalue(f"{engine}_copies")
    url = copies.new(tmp_path)
    yield url
    copies.drop(url)


@pytest.fixture
def settings_for(database_url: str, request: pytest.FixtureRequest) -> Callable[..., Settings]:
    """`settings_for(**overrides)`: settings with this test's database, and its sandbox if it asks for one."""
    values: dict[str, Any] = {"database_url": database_url}
    if "sandbox" in request.fixturenames:
        values |= settings_of(request.getfixturevalue("sandbox"))
    for mark in request.node.iter_markers("settings"):
        values |= mark.kwargs
    return lambda **overrides: plain_settings(**{**values, **overrides})


@pytest.fixture
def make_app(
    settings_for: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Flask]]:
    """`make_app(**overrides)`: one more application over this test's database."""
    apps: list[Flask] = []
    # One folder for all the workers of a run.
    templates = tmp_path_factory.getbasetemp().parent / "templates"

    def make(**overrides: Any) -> Flask:
        apps.append(create_app(settings_for(**overrides)))
        apps[-1].testing = True
        conformity.watch(apps[-1])
        keep_compiled_templates(apps[-1], templates)
        return apps[-1]

    yield make
    # What a request has set going in the background ends before its database is gone.
    wait_for_runs()
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application, on SQLite and then on PostgreSQL. `@pytest.mark.settings(...)` changes settings."""
    return make_app()


@pytest.fixture
def sqlite_app(app: Flask) -> Flask:
    """The same, on SQLite alone: for tests in which the engine cannot matter."""
    return app


@pytest.fixture
def postgres_app(app: Flask) -> Flask:
    """The same, on PostgreSQL alone."""
    return app


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context around the test: for those that call services, never with `client`."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts. `tests.servers.sign_in(client, person)` signs somebody in."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs `flask` commands."""
    return app.test_cli_runner()


@pytest.fixture
def people(app: Flask) -> People:
    """`people(role, locations=[...], fms_user_id=...)` adds somebody who can sign in."""
    return People(app)


@pytest.fixture
def yard(app: Flask, people: People) -> Yard:
    """A branch in Denver, to which journeys, people and trucks are added."""
    return Yard(app, people)


@pytest.fixture
def monday() -> Iterator[None]:
    """It is Monday 11-23-26, ten in the morning in Denver, and goes on from there."""
    with time_machine.travel(MONDAY_MORNING):
        yield


@pytest.fixture
def fleet(app: Flask) -> Fleet:
    """`fleet.add_vehicle(...)`, `.add_partner(...)`, `.add_activity(...)`, `.add_loan(...)` add rows."""
    return Fleet(app)


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One stand-in FMS for all tests of this worker."""
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """A stand-in FMS with fresh data; `app` and `settings_for` use it in tests that ask for it."""
    try:
        sandbox_process.reset()
    except RequestException:
        # The test before this one left it dead, as its subject was FMS being down.
        sandbox_process.restart()
        sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def live_server() -> Iterator[Callable[[Flask], LiveServer]]:
    """`live_server(app).url`: the application over real HTTP, from a thread of this process."""
    servers: list[LiveServer] = []

    def serve(app: Flask) -> LiveServer:
        servers.append(LiveServer(app))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture
def gunicorn_server(settings_for: Callable[..., Settings]) -> Iterator[Callable[..., GunicornServer]]:
    """`gunicorn_server(workers=1, threads=4, **settings)`: processes of their own, which a test may kill."""
    servers: list[GunicornServer] = []

    def serve(*, workers: int = 1, threads: int = 4, **overrides: Any) -> GunicornServer:
        environment = environment_of(settings_for(**overrides))
        servers.append(GunicornServer(environment, workers=workers, threads=threads))
        return servers[-1]

    yield serve
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this worker."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1440 x 900 in a fresh profile. `tests.browsers.assert_accessible(page)` runs axe."""
    with watched_page(browser) as fresh:
        yield fresh


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page of 390 x 844, touched rather than clicked."""
    with watched_page(browser, viewport={"width": 390, "height": 844}, has_touch=True) as fresh:
        yield fresh


def settings_of(sandbox: SandboxProcess) -> dict[str, Any]:
    """Settings with which the application calls this sandbox."""
    feeds = {f"fms_{name}_csv_url": f"{sandbox.url}/reports/{name}.csv" for name in REPORTS}
    return {"fms_staging_url": sandbox.url, "fms_staging_token": sandbox.token, **feeds}
