"""Fleet rows under numbers that the stand-in FMS knows, so that it accepts requests for them."""

import csv
import io
from typing import Any

from tests.rows import DAY, Fleet
from tests.sandbox_process import SandboxProcess
from webapp.fleet.models import Partner, Vehicle
from webapp.loans.models import Assignment


def add_vehicles(sandbox: SandboxProcess, fleet: Fleet, count: int) -> list[Vehicle]:
    """The first vehicles of FMS's report."""
    rows = [row for row in _rows(sandbox, "vehicles", "utf-8") if row[0]][:count]
    return [fleet.add_vehicle(row[6].strip(), vehicle_id=int(float(row[0]))) for row in rows]


def add_partner(sandbox: SandboxProcess, fleet: Fleet) -> Partner:
    """The first partner of FMS's report."""
    row = _rows(sandbox, "partners", "utf-8-sig")[0]
    return fleet.add_partner(row[1], person_id=int(float(row[0])))


def add_loans(sandbox: SandboxProcess, fleet: Fleet, count: int, **columns: Any) -> list[Assignment]:
    """As many green loans for one partner, each on a vehicle of its own, for the week of `DAY`."""
    partner = add_partner(sandbox, fleet)
    return [
        fleet.add_loan(vehicle, partner, **{"start_day": DAY, **columns})
        for vehicle in add_vehicles(sandbox, fleet, count)
    ]


def _rows(sandbox: SandboxProcess, report: str, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sandbox.report(report).content.decode(encoding), newline="")))
