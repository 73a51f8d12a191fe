"""The fixtures themselves: a database of one's own, on the engine that the test's name says."""

from collections.abc import Callable
from datetime import date

import pytest
import requests
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import func, select

from tests.browsers import assert_accessible
from tests.rows import Fleet, People
from tests.sandbox_process import SandboxProcess
from tests.servers import PATIENCE, GunicornServer, LiveServer, csrf_token, sign_in, signed_in_session
from webapp.accounts.permissions import Role
from webapp.clock import today
from webapp.db import db, is_sqlite
from webapp.fleet.models import Vehicle


def test_rows_that_nobody_orders_come_last_first(sqlite_app: Flask, fleet: Fleet) -> None:
    """So no test passes that leans on the order in which SQLite happened to keep them."""
    first, second = fleet.add_vehicles(2)
    with sqlite_app.app_context():
        assert list(db.session.scalars(select(Vehicle.id))) == [second.id, first.id]


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_begins_with_an_empty_database(app: Flask, fleet: Fleet, engine: str, turn: int) -> None:
    """What one test stores, no other test finds, on either engine."""
    fleet.add_vehicle()
    with app.app_context():
        assert is_sqlite() == (engine == "sqlite")
        assert db.session.scalar(select(func.count()).select_from(Vehicle)) == 1


def test_a_test_can_travel_in_time(app: Flask, people: People) -> None:
    """Stopping the clock stops neither the database nor its driver."""
    with time_machine.travel("2027-02-03T12:00:00Z", tick=False):
        person = people(Role.AUDITOR, locations=[])
        with app.app_context():
            assert today(app.extensions["settings"].zone) == date(2027, 2, 3)
    assert person.locations == frozenset()


def test_the_application_can_be_served_from_here(
    app: Flask, people: People, live_server: Callable[[Flask], LiveServer]
) -> None:
    """Real HTTP, a real sign-in, and a form that carries the right token."""
    session = signed_in_session(live_server(app).url, people())
    assert session.headers["X-CSRFToken"]


def test_the_application_can_be_served_from_processes(
    people: People, gunicorn_server: Callable[..., GunicornServer]
) -> None:
    """Two workers share a sign-in; after a kill nobody answers any more."""
    server = gunicorn_server(workers=2)
    session = signed_in_session(server.url, people())
    for _ in range(6):
        assert session.get(f"{server.url}/account", allow_redirects=False, timeout=PATIENCE).status_code == 200
    server.kill()
    with pytest.raises(requests.ConnectionError):
        session.get(f"{server.url}/account", timeout=5)


def test_an_application_talks_to_the_sandbox_its_test_asks_for(sandbox: SandboxProcess, sqlite_app: Flask) -> None:
    """Address, token and reports are those of the stand-in FMS, which holds no request yet."""
    settings = sqlite_app.extensions["settings"]
    assert settings.fms_url == sandbox.url
    assert requests.get(settings.fms_vehicles_csv_url, timeout=30).ok
    assert sandbox.requests() == []


def test_pages_are_looked_at_in_a_browser(
    sqlite_app: Flask, people: People, page: Page, live_server: Callable[[Flask], LiveServer]
) -> None:
    """The login page lets everybody in: by eye, by keyboard, by screen reader."""
    person = people()
    page.goto(f"{live_server(sqlite_app).url}/login")
    assert_accessible(page)
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: not address.endswith("/login"))


def test_two_kinds_of_clients_can_be_signed_in(client: FlaskClient, people: People) -> None:
    """The client of a test keeps its sign-in, and can ask for the token of its next form."""
    sign_in(client, people())
    assert csrf_token(client)
