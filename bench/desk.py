"""A desk at full scale: the stand-in FMS in a process of its own, its data through the real sync, 1,500 plans."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.databases import migrate, plain_settings
from tests.rows import People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import sign_in
from webapp import create_app
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db, writing
from webapp.fleet.models import Activity, Partner, Vehicle
from webapp.loans.models import Assignment
from webapp.loans.periods import Period, is_weekend, of_activity
from webapp.loans.states import Status
from webapp.sync.service import run_feeds

LOANS = 1500
REPORTS = ("vehicles", "partners", "loan_history", "current_activity", "approved_makes", "budget_spending")


@dataclass
class Desk:
    """Everything a benchmark works with. `client` is signed in as somebody who may see all offices."""

    app: Flask
    client: FlaskClient
    person: Person
    sandbox: SandboxProcess
    offices: list[tuple[str, int]]

    @property
    def largest_office(self) -> str:
        """The office with the most vehicles."""
        return max(self.offices, key=lambda office: office[1])[0]


@contextmanager
def full_desk(folder: Path, today: date) -> Iterator[Desk]:
    """A desk in `folder`, dated around `today`."""
    with SandboxProcess(folder, scale="full", today=today) as sandbox:
        url = f"sqlite:///{folder / 'bench.db'}"
        migrate(url)
        feeds = {f"fms_{name}_csv_url": f"{sandbox.url}/reports/{name}.csv" for name in REPORTS}
        app = create_app(
            plain_settings(
                database_url=url,
                fms_staging_url=sandbox.url,
                fms_staging_token=sandbox.token,
                log_level="ERROR",
                **feeds,
            )
        )
        with app.app_context():
            run_feeds("bench")
        person = People(app)(Role.ADMIN)
        client = app.test_client()
        sign_in(client, person)
        with app.app_context():
            _plan(person, today)
            offices = _offices()
        yield Desk(app, client, person, sandbox, offices)


def _offices() -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for office in db.session.scalars(select(Vehicle.office)):
        counts[office] = counts.get(office, 0) + 1
    close_reading()
    return sorted(counts.items())


def _plan(person: Person, today: date) -> None:
    """Fill gaps of the next eight weeks with loans of every colour, past the service for speed."""
    chance = random.Random(20261121)
    vehicles = db.session.execute(select(Vehicle.id, Vehicle.vin, Vehicle.office)).all()
    partners = db.session.execute(select(Partner.person_id, Partner.name)).all()
    busy: dict[str, list[Period]] = {}
    for vin, start, end in db.session.execute(select(Activity.vin, Activity.start_day, Activity.end_day)):
        busy.setdefault(vin, []).append(of_activity(start, end))
    close_reading()
    rows: list[Assignment] = []
    number = 100_000
    while len(rows) < LOANS:
        vehicle, partner = chance.choice(vehicles), chance.choice(partners)
        start = today + timedelta(days=chance.randrange(1, 56))
        period = Period(start, start + timedelta(days=7))
        taken = busy.setdefault(vehicle.vin, [])
        if is_weekend(start) or any(period.overlaps(other) for other in taken):
            continue
        taken.append(period)
        status = chance.choice([Status.PLANNED, Status.MANUAL, Status.MANUAL, Status.REQUESTED])
        number += 1
        rows.append(
            Assignment(
                company_id=person.company_id,
                fleet_vehicle_id=vehicle.id,
                person_id=partner.person_id,
                partner_name=partner.name,
                office=vehicle.office,
                start_day=period.start_day,
                end_day=period.end_day,
                status=status,
                green_status=Status.MANUAL,
                fms_request_id=number if status == Status.REQUESTED else None,
                created_at=datetime.now(UTC),
                updated_at=datetime.now(UTC),
            )
        )
    with writing() as session:
        session.add_all(rows)
