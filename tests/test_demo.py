"""`make run` as people use it: from nothing to a signed-in calendar, again with the data kept, and refused ports."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import requests
import time_machine
from flask import Flask
from sqlalchemy import func
from sqlalchemy import select as rows_of

from tests.rows import OFFICE, Fleet, People
from tests.servers import ROOT, token_in
from webapp.accounts.models import Location, User
from webapp.db import close_reading, db, writing
from webapp.demo import demo_environment
from webapp.demo_cast import GUESTS, PASSWORD, invite, operator, set_the_scene
from webapp.demo_sheets import import_sheets
from webapp.fleet.models import Budget, Holiday, OfficeCapacity, Rule
from webapp.journeys.models import Truck

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as held:
        listeners = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(listener.getsockname()[1]) for listener in listeners]


def environment(folder: Path, ports: list[int]) -> dict[str, str]:
    return {
        **os.environ,
        "PORT": str(ports[0]),
        "SANDBOX_PORT": str(ports[1]),
        "SANDBOX_SCALE": "small",
        "SANDBOX_DATABASE": str(folder / "sandbox.db"),
        "DATABASE_URL": f"sqlite:///{folder / 'webapp.db'}",
        "SYNC_ENABLED": "false",
    }


@contextmanager
def demo(folder: Path, ports: list[int]) -> Iterator[str]:
    """A running demo: what it printed until it was ready. Ends as Ctrl-C ends it."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "webapp.demo"],
        cwd=ROOT,
        env=environment(folder, ports),
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    printed = b""
    try:
        while b"Ctrl-C stops both" not in printed:
            assert select.select([process.stdout], [], [], 120)[0], printed
            part = os.read(process.stdout.fileno(), 65_536)
            assert part, printed
            printed += part
        yield printed.decode()
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        process.wait(timeout=60)


def sign_in(url: str, email: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    form = {"email": email, "password": PASSWORD, "csrf_token": token_in(session.get(f"{url}/login").text)}
    answer = session.post(f"{url}/login", data=form, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    return session


def yard(url: str) -> tuple[set[str], int]:
    """The branches that the demo's dispatcher sees, and how many trucks stand there."""
    session = sign_in(url, "dispatcher@example.com")
    places = session.get(f"{url}/smartmoving/locations").json()["data"]["locations"]
    trucks = session.get(f"{url}/api/trucks").json()["trucks"]
    return {place["name"] for place in places}, len(trucks)


def test_it_starts_from_nothing_and_keeps_what_was_done(tmp_path: Path) -> None:
    """The first start loads data and invites people; the second finds them; Ctrl-C leaves no port taken."""
    ports = free_ports(2)
    with demo(tmp_path, ports) as printed:
        assert printed.count(" succeeded.") == 2, printed
        url, sandbox = ADDRESS.findall(printed)[:2]
        assert PASSWORD in printed
        assert requests.get(sandbox, timeout=30).ok
        assert all(guest.email in printed for guest in GUESTS)
        session = sign_in(url, GUESTS[0].email)
        assert yard(url) == ({"Phoenix", "Springfield"}, 5)
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()
    with demo(tmp_path, ports) as printed:
        assert "Run " not in printed
        assert session.get(f"{url}/account", allow_redirects=False).status_code == 200
        assert yard(url) == ({"Phoenix", "Springfield"}, 5)


def test_money_holidays_and_rules_are_there(sqlite_app: Flask, fleet: Fleet, people: People) -> None:
    """Allocations of this quarter and the next by what was spent, once; every office has its holidays and drivers."""
    people(locations=[OFFICE])
    for _ in range(10):
        fleet.approve_make(fleet.add_partner(), "Audi")
    fleet.add_vehicle()
    with time_machine.travel(datetime(2026, 11, 20, 18, tzinfo=UTC)), sqlite_app.app_context():
        host = operator(sqlite_app)
        with writing() as session:
            session.add(
                Budget(
                    company_id=host.company_id, office=OFFICE, fleet="AUDI", year=2026, quarter=4, amount_used=20_000
                )
            )
        import_sheets(host)
        budgets = rows_of(Budget.quarter, Budget.allocation).order_by(Budget.year)
        found = [tuple(row) for row in db.session.execute(budgets)]
        assert [quarter for quarter, _ in found] == [4, 1]
        assert all(Decimal(19_000) <= (allocation or 0) <= Decimal(30_000) for _, allocation in found)
        assert db.session.scalar(rows_of(func.count()).select_from(Holiday)) == 12
        assert db.session.scalar(rows_of(func.count()).select_from(OfficeCapacity)) == 1
        assert db.session.scalar(rows_of(func.count()).select_from(Rule)) == 5
        close_reading()
        import_sheets(host)
        assert [tuple(row) for row in db.session.execute(budgets)] == found


def test_the_desk_of_the_movers_is_at_work(sqlite_app: Flask) -> None:
    """Who assigns and who is assigned are there, at branches that exist; nobody gets a branch that does not."""
    with sqlite_app.app_context():
        invite(sqlite_app)
        set_the_scene()
        assert db.session.scalar(rows_of(func.count()).select_from(User)) == len(GUESTS)
        names = set(db.session.scalars(rows_of(Location.name)))
        assert names == {name for guest in GUESTS if not guest.is_of_branches for name in guest.locations}
        assert db.session.scalar(rows_of(func.count()).select_from(Truck)) == 0


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_named(tmp_path: Path, name: str) -> None:
    """It says which one, and what to do, before it makes anything."""
    values = environment(tmp_path, free_ports(2))
    with socket.create_server(("127.0.0.1", int(values[name]))):
        ended = subprocess.run(
            [sys.executable, "-m", "webapp.demo"], cwd=ROOT, env=values, capture_output=True, text=True, timeout=60
        )
    assert ended.returncode == 1
    assert f"Port {values[name]} is taken" in ended.stderr
    assert f"{name}=" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_set_is_left_alone() -> None:
    """Somebody's own FMS address is not replaced by the sandbox's."""
    given = {"FMS_STAGING_URL": "https://fms.example.com", "COMPANY_NAME": ""}
    added = demo_environment(given, 8000, 8100)
    assert "FMS_STAGING_URL" not in added
    assert added["COMPANY_NAME"]
    assert added["FMS_VEHICLES_CSV_URL"] == "http://127.0.0.1:8100/reports/vehicles.csv"
    assert added["SMARTMOVING_BASE_URL"] == "http://127.0.0.1:8100/smartmoving/v1"
    own = demo_environment({"SMARTMOVING_BASE_URL": "https://crm.example.com"}, 8000, 8100)
    assert "SMARTMOVING_BASE_URL" not in own
