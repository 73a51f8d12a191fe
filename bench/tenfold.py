"""Ten times what a company keeps, in a database of its own: nine copies of every row, in offices of their own.

What one office shows stays the same, so that whatever gets slower reads what it does not show.
"""

import sqlite3
from pathlib import Path

from bench.desk import Desk
from tests.databases import plain_settings
from tests.servers import sign_in
from webapp import create_app
from webapp.accounts.models import Location
from webapp.db import Base
from webapp.fleet.models import (
    Activity,
    ApprovedMake,
    Budget,
    LoanHistory,
    Partner,
    PreferredWeekday,
    PublicationRate,
    Vehicle,
    VehicleUse,
)
from webapp.loans.models import Assignment

COPIES = 9
STEP = 10_000_000
MODELS: tuple[type[Base], ...] = (
    Location,
    Vehicle,
    Partner,
    ApprovedMake,
    Activity,
    LoanHistory,
    Budget,
    PreferredWeekday,
    PublicationRate,
    VehicleUse,
    Assignment,
)
# What tells a copy from what it was copied from.
NUMBERS = {"id", "vehicle_id", "fleet_vehicle_id", "person_id", "activity_id", "fms_request_id"}
PLACES = {"office", "region", "default_loan_region"}


def tenfold(desk: Desk, folder: Path) -> Desk:
    """The desk again, over a copy of its database with ten times the rows, signed in as the same person."""
    source = desk.app.extensions["settings"]
    path = folder / "tenfold.db"
    with sqlite3.connect(source.database_url.removeprefix("sqlite:///")) as small, sqlite3.connect(path) as large:
        small.backup(large)
        for model in MODELS:
            large.execute(_multiplying(model))
        # As every import does in the end.
        large.execute("ANALYZE")
    small.close()
    large.close()
    app = create_app(plain_settings(database_url=f"sqlite:///{path}", log_level="ERROR"))
    client = app.test_client()
    sign_in(client, desk.person)
    offices = [(f"{name} {number}", count) for name, count in desk.offices for number in range(2, COPIES + 2)]
    return Desk(app, client, desk.person, desk.sandbox, sorted(desk.offices + offices))


def _multiplying(model: type[Base]) -> str:
    """The statement that copies every row `COPIES` times under keys and in places of its own."""
    columns = [column.name for column in model.__table__.columns]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(_copied(model, name) for name in columns)
    numbers = f"WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {COPIES})"
    table = model.__tablename__
    return f'{numbers} INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}", copies'


def _copied(model: type[Base], name: str) -> str:
    if name in NUMBERS:
        return f'"{name}" + n * {STEP}'
    if name in PLACES or (model is Location and name == "name"):
        return f"\"{name}\" || ' ' || (n + 1)"
    if name == "vin":
        # No VIN has a small letter, so no copy is what another row was all along.
        return "substr(vin, 1, 7) || char(96 + n) || substr(vin, 9)"
    return f'"{name}"'
