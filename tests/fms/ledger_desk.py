"""A ledger with operations in it, and who may read it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.known_to_fms import add_loans
from tests.rows import OFFICE, Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.fms.models import Operation
from webapp.loans import requests
from webapp.loans.models import Assignment

PAGE = "/fms/operations"


HTMX = {"HX-Request": "true"}


NOON = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)


LABEL = "Audi A3 Premium Plus …SA051916 for Coastline Auto, 11-26-26 to 12-03-26"


class Ledger:
    """Puts operations into the ledger, as if FMS had been asked long ago."""

    def __init__(self, app: Flask, company_id: int) -> None:
        self._app, self._company_id = app, company_id
        self._count = 0

    def add(self, count: int = 1, **columns: Any) -> int:
        """`count` operations, a minute apart; the id of the last."""
        with self._app.app_context(), writing() as session:
            for _ in range(count):
                self._count += 1
                row = self._row(columns)
                session.add(row)
            session.flush()
            return row.id

    def _row(self, columns: dict[str, Any]) -> Operation:
        at = columns.get("created_at") or NOON + timedelta(minutes=self._count)
        values = {
            "reference": f"MP-{self._count:016x}",
            "company_id": self._company_id,
            "office": OFFICE,
            "kind": "create",
            "state": "succeeded",
            "subject": "loan",
            "assignment_id": self._count,
            "label": LABEL,
            "fms_request_id": 4000 + self._count,
            "requestor_id": 1949,
            "requested_by": "Dana Whitfield",
            "created_at": at,
            "sent_at": at,
            "deadline_at": at,
            "milliseconds": 1234,
        }
        return Operation(**{**values, **columns})


@pytest.fixture
def auditor(people: People) -> Person:
    return people(Role.AUDITOR, locations=[])


@pytest.fixture
def admin(people: People) -> Person:
    return people(Role.ADMIN, locations=[], name="Dana Whitfield")


@pytest.fixture
def ledger(app: Flask, auditor: Person) -> Ledger:
    return Ledger(app, auditor.company_id)


def listed(body: str) -> list[int]:
    """The operations that a page lists, in order."""
    return [int(number) for number in re.findall(r'id="operation-(\d+)"', body)]


@pytest.fixture
def lost(app: Flask, sandbox: SandboxProcess, admin: Person, fleet: Fleet) -> Assignment:
    """A loan whose request FMS did not answer and does not let us look up."""
    (loan,) = add_loans(sandbox, fleet, 1, start_day=date(2060, 6, 7))
    sandbox.lookup("off")
    sandbox.fault("create", "reset_before")
    with app.app_context():
        assert requests.request(admin.actor, loan.id).http_status == 202
    return loan
