"""What the tests of the calendar share: a day on which to stand, and a desk with a signed-in scheduler."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.rows import Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import csrf_token, sign_in
from webapp.fleet.models import Partner, Vehicle

THURSDAY_MORNING = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
PAGE = "/calendar?office=Los+Angeles"
# A Monday after everything that the stand-in FMS has planned by itself.
FREE_DAY = date(2028, 6, 5)
KNOWN = ("vehicles", "partners")


@pytest.fixture
def november() -> Iterator[None]:
    """It is Thursday 11-19-26, ten in the morning in Los Angeles, and goes on from there."""
    with time_machine.travel(THURSDAY_MORNING):
        yield


@dataclass
class Desk:
    """A signed-in scheduler of Los Angeles, with one vehicle and one partner at hand."""

    client: FlaskClient
    person: Person
    fleet: Fleet
    vehicle: Vehicle
    partner: Partner
    token: str

    def get(self, path: str, *, fragment: bool = False, page: str = PAGE) -> TestResponse:
        """What the browser gets: a page, or what HTMX asks for on `page`."""
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{page}"} if fragment else {}
        return self.client.get(path, headers=headers)

    def post(self, path: str, *, page: str = PAGE, **fields: object) -> TestResponse:
        """A form that HTMX sends from `page`."""
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{page}", "X-CSRFToken": self.token}
        return self.client.post(path, data={name: str(value) for name, value in fields.items()}, headers=headers)

    def send(self, path: str, **fields: object) -> TestResponse:
        """The same form without any script, from the calendar of Los Angeles."""
        data = {"csrf_token": self.token, "back": PAGE, **{name: str(value) for name, value in fields.items()}}
        return self.client.post(path, data=data)


@pytest.fixture
def desk(november: None, app: Flask, client: FlaskClient, people: People, fleet: Fleet) -> Desk:
    """See `Desk`."""
    person = people(locations=["Los Angeles", "Miami"])
    vehicle = fleet.add_vehicle("WAUZZZ8V0SA051916")
    partner = fleet.add_partner("Wendy Torque", affiliation="Coastline Auto")
    fleet.approve_make(partner, "Audi")
    sign_in(client, person)
    return Desk(client, person, fleet, vehicle, partner, csrf_token(client))


@dataclass
class FmsDesk(Desk):
    """The same with a stand-in FMS that knows the vehicle and the partner, and has nothing of them planned."""

    sandbox: SandboxProcess

    def add_loan(self, **columns: Any) -> int:
        """A green loan of that vehicle, as planned earlier; its id."""
        return self.fleet.add_loan(self.vehicle, self.partner, start_day=FREE_DAY, **columns).id

    def requested(self) -> int:
        """A loan that FMS has accepted; its id."""
        loan_id = self.add_loan()
        assert self.post(f"/calendar/loans/{loan_id}/request").status_code == 200
        return loan_id


@pytest.fixture
def fms_desk(desk: Desk, sandbox: SandboxProcess) -> FmsDesk:
    """See `FmsDesk`."""
    known_vehicle, known_partner = (
        next(csv.reader(io.StringIO(sandbox.report(name).content.decode("utf-8-sig")))) for name in KNOWN
    )
    vehicle = desk.fleet.add_vehicle(known_vehicle[6], vehicle_id=int(float(known_vehicle[0])))
    partner = desk.fleet.add_partner("Ana García", person_id=int(float(known_partner[0])))
    desk.fleet.approve_make(partner, "Audi")
    return FmsDesk(desk.client, desk.person, desk.fleet, vehicle, partner, desk.token, sandbox)
