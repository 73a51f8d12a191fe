"""A scheduler's desk against the stand-in FMS: loans to act on, time that passes, and what FMS really holds."""

import csv
import io
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from flask import Flask
from requests import Response, post
from sqlalchemy import delete, select, update

from tests.rows import OFFICE, Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from webapp.db import close_reading, db, writing
from webapp.fleet.models import Partner, Vehicle
from webapp.fms.models import Operation
from webapp.fms.recovery import Report, recover
from webapp.loans import requests, service
from webapp.loans.models import Assignment, Batch
from webapp.loans.requests import How
from webapp.loans.service import Planned
from webapp.loans.states import Status

# A Monday so far away that no test begins to fail with the years, and FMS's two-digit years still mean it.
FIRST_DAY = date(2060, 6, 7)
# Longer than any call may take, any settling and any silence of a bulk run.
LONG = 3600.0
# FMS answers over loopback at once; where it is silent on purpose, nobody waits longer.
READ_TIMEOUT = 1.5


class Desk:
    """One application, its people and fleet, and the FMS it speaks to."""

    def __init__(self, app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet) -> None:
        self.app, self.sandbox, self.people, self.fleet = app, sandbox, people, fleet
        self.person: Person = people(fms_user_id=1949)
        self.vehicles = self._vehicles(4)
        self.partner = self._partner()
        self._numbers = itertools.count()

    @property
    def actor(self) -> Any:
        """The scheduler at this desk."""
        return self.person.actor

    def add_loan(self, status: Status = Status.MANUAL, **columns: Any) -> int:
        """A green loan on a vehicle and in a week that nobody else has; its id."""
        number = next(self._numbers)
        vehicle = self.vehicles[number % len(self.vehicles)]
        start_day = FIRST_DAY + timedelta(weeks=number // len(self.vehicles))
        return self.fleet.add_loan(vehicle, self.partner, start_day=start_day, status=status, **columns).id

    def add_loans(self, count: int, status: Status = Status.MANUAL) -> list[int]:
        """Several of them."""
        return [self.add_loan(status) for _ in range(count)]

    def plan(self) -> int:
        """A loan planned through the service, with a history; its id."""
        planned: Planned = self.do(
            service.plan,
            vin=self.vehicles[0].vin,
            person_id=self.partner.person_id,
            office=OFFICE,
            start_day=FIRST_DAY,
            end_day=FIRST_DAY + timedelta(days=7),
        )
        return planned.assignment_id

    def add_requested(self, count: int = 1) -> list[int]:
        """Loans that FMS has accepted, through the real request."""
        ids = self.add_loans(count)
        for assignment_id in ids:
            with self.app.app_context():
                assert requests.request(self.actor, assignment_id).how is How.DONE
        return ids

    def do(self, action: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """A use case in an application context of its own, as one request of the scheduler."""
        with self.app.app_context():
            return action(self.actor, *arguments, **named)

    def loan(self, assignment_id: int) -> Assignment | None:
        """The loan's row as it stands, detached; None when it is gone."""
        with self.reading() as session:
            loan: Assignment | None = session.get(Assignment, assignment_id)
            return loan

    def status(self, assignment_id: int) -> str | None:
        """The loan's colour; None when it is gone."""
        loan = self.loan(assignment_id)
        return loan.status if loan else None

    def week_of(self, assignment_id: int) -> date:
        """The day a loan begins."""
        loan = self.loan(assignment_id)
        assert loan is not None
        return loan.start_day

    def first_day_after(self, assignment_id: int) -> str:
        """Another day on which a loan could end, in ISO form; that of the first loan when it is gone."""
        loan = self.loan(assignment_id)
        start_day, end_day = (loan.start_day, loan.end_day) if loan else (FIRST_DAY, FIRST_DAY)
        days = 3 if end_day != start_day + timedelta(days=3) else 4
        return (start_day + timedelta(days=days)).isoformat()

    def operations(self, assignment_id: int | None = None) -> list[Operation]:
        """The ledger's rows, oldest first, detached."""
        statement = select(Operation).order_by(Operation.id)
        if assignment_id is not None:
            statement = statement.where(Operation.assignment_id == assignment_id)
        with self.reading() as session:
            return list(session.scalars(statement))

    def operation(self, assignment_id: int) -> Operation:
        """The newest operation of a loan."""
        return self.operations(assignment_id)[-1]

    def recover(self) -> Report:
        """A run of recovery, as the job does it."""
        with self.app.app_context():
            return recover()

    def pass_time(self, seconds: float = LONG) -> None:
        """Make everything written so far `seconds` older, which is what waiting would do."""
        age = timedelta(seconds=seconds)
        with self.app.app_context(), writing() as session:
            for operation in session.scalars(select(Operation)):
                for name in ("created_at", "sent_at", "deadline_at", "finished_at"):
                    if getattr(operation, name) is not None:
                        setattr(operation, name, getattr(operation, name) - age)
            for batch in session.scalars(select(Batch)):
                batch.beat_at -= age
        client = self.app.extensions["fms_client"]
        if getattr(client, "looked_at", None) is not None:
            client.looked_at -= age

    def wait_until_quiet(self) -> list[dict[str, Any]]:
        """The calls FMS received, once it has finished with every one of them that it will finish."""
        for _ in range(4000):
            calls = self.sandbox.calls()
            if all(call["ending"] is not None for call in calls):
                return calls
        raise AssertionError(f"FMS is still busy: {[call for call in calls if call['ending'] is None]}")

    def settle_everything(self) -> None:
        """FMS is reachable again and recovery has run: what the promise waits for."""
        self.sandbox.clear()
        self.wait_until_quiet()
        self.pass_time()
        self.recover()

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """A session for looking; what is read stays usable afterwards."""
        with self.app.app_context():
            close_reading()
            yield db.session
            db.session.expunge_all()
            db.session.rollback()

    def change_row(self, assignment_id: int, **columns: Any) -> None:
        """Change a loan behind everybody's back."""
        with self.app.app_context(), writing() as session:
            session.execute(update(Assignment).where(Assignment.id == assignment_id).values(**columns))

    def delete_row(self, assignment_id: int) -> None:
        """Take a loan away behind everybody's back."""
        with self.app.app_context(), writing() as session:
            session.execute(delete(Assignment).where(Assignment.id == assignment_id))

    def post_to_fms(self, body: dict[str, Any] | None) -> Response:
        """A create that does not come from the application."""
        headers = {"Authorization": f"Token {self.sandbox.token}"}
        return post(f"{self.sandbox.url}/api/v1/vehicle_requests", json=body, headers=headers, timeout=30)

    def _vehicles(self, count: int) -> list[Vehicle]:
        found = [(int(float(row[0])), row[6].strip()) for row in self._rows("vehicles", "utf-8") if row[0]][:count]
        return [self.fleet.add_vehicle(vin, vehicle_id=vehicle_id) for vehicle_id, vin in found]

    def _partner(self) -> Partner:
        row = self._rows("partners", "utf-8-sig")[0]
        return self.fleet.add_partner(row[1], person_id=int(float(row[0])))

    def _rows(self, report: str, encoding: str) -> list[list[str]]:
        content = self.sandbox.report(report).content.decode(encoding)
        return list(csv.reader(io.StringIO(content, newline="")))
