"""The migrations: they make what the models say, they can be undone, and they carry the last guard."""

import re
import threading
from datetime import date

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import bindparam, inspect, text
from sqlalchemy.exc import DBAPIError

from tests.rows import CREATED_AT, Fleet
from webapp.db import Base, db, writing

START = date(2026, 11, 23)
INSERT = text("""
    INSERT INTO scheduled_assignments (company_id, fleet_vehicle_id, person_id, partner_name, office, start_day,
        end_day, status, green_status, version, reason, created_at, updated_at)
    SELECT company_id, id, 3001, 'Partner', office, :start, :end, :status, 'manual', 1, '', :moment, :moment
    FROM vehicles WHERE id = :vehicle
""").bindparams(bindparam("moment", CREATED_AT))


def differences() -> object:
    with db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)


def insert(vehicle_id: int, start: int, end: int, status: str = "manual") -> None:
    """A loan from one day of November 2026 to another, past every rule of ours."""
    days = {"start": START.replace(day=start), "end": START.replace(day=end)}
    with writing() as session:
        session.execute(INSERT, {"vehicle": vehicle_id, "status": status, **days})


def test_migrations_make_what_the_models_say(app: Flask) -> None:
    """No model has changed without a migration."""
    with app.app_context():
        assert differences() == []


def test_migrations_can_be_undone_and_done_again(app: Flask) -> None:
    """Down to nothing and up again ends where it began."""
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        flask_migrate.upgrade()
        assert differences() == []


def test_going_up_twice_changes_nothing(app: Flask, fleet: Fleet) -> None:
    """A second start keeps the data."""
    vehicle = fleet.add_vehicle()
    with app.app_context():
        flask_migrate.upgrade()
        assert db.session.scalar(text("SELECT vin FROM vehicles")) == vehicle.vin


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("held", ["planned", "manual", "requested"])
@pytest.mark.parametrize(("start", "end"), [(9, 17), (10, 11), (16, 20), (1, 11), (1, 30)])
def test_a_vehicle_cannot_be_stored_as_lent_twice(fleet: Fleet, held: str, start: int, end: int) -> None:
    """Whatever the application checked: two loans with a common day are refused by the database itself."""
    vehicle = fleet.add_vehicle()
    insert(vehicle.id, 10, 17, held)
    with pytest.raises(DBAPIError, match="vehicle_double_booked"):
        insert(vehicle.id, start, end)


@pytest.mark.usefixtures("context")
def test_loans_may_follow_one_another_on_a_day(fleet: Fleet) -> None:
    """The day a loan ends is free for the next: periods are half open. Another vehicle is another matter."""
    first, second = fleet.add_vehicles(2)
    insert(first.id, 10, 17)
    insert(first.id, 17, 24)
    insert(first.id, 3, 10)
    insert(second.id, 10, 17)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("status", ["active", "completed", "cancelled"])
def test_what_fms_decided_is_stored_as_it_is(fleet: Fleet, status: str) -> None:
    """An approved loan with dates of FMS's own may lie over a plan of ours; what is over holds nothing."""
    vehicle = fleet.add_vehicle()
    insert(vehicle.id, 10, 17)
    insert(vehicle.id, 12, 19, status)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "change",
    [
        "start_day = '2026-11-16'",
        "status = 'manual'",
        "fleet_vehicle_id = (SELECT min(fleet_vehicle_id) FROM scheduled_assignments)",
    ],
    ids=["dates", "status", "vehicle"],
)
def test_a_loan_cannot_be_changed_into_a_second_one(fleet: Fleet, change: str) -> None:
    """New dates, another status or another vehicle are held against what is there, like a new loan."""
    first, second = fleet.add_vehicles(2)
    insert(first.id, 10, 17)
    vehicle = second.id if change.startswith("fleet") else first.id
    start = 17 if change.startswith("start") else 12
    insert(vehicle, start, 24, "cancelled" if change.startswith("status") else "manual")
    statement = text(
        f"UPDATE scheduled_assignments SET {change} WHERE id = (SELECT max(id) FROM scheduled_assignments)"
    )
    with pytest.raises(DBAPIError, match="vehicle_double_booked"), writing() as session:
        session.execute(statement)


@pytest.mark.usefixtures("context")
def test_a_loan_may_keep_its_own_days(fleet: Fleet) -> None:
    """A loan is not in its own way when it is changed."""
    vehicle = fleet.add_vehicle()
    insert(vehicle.id, 10, 17)
    with writing() as session:
        session.execute(text("UPDATE scheduled_assignments SET end_day = '2026-11-16', status = 'requested'"))


def test_of_two_who_book_at_once_one_is_refused(app: Flask, fleet: Fleet) -> None:
    """The guard holds while both are still writing.

    On PostgreSQL two raw inserts can each wait for the other, which it ends as a deadlock; the application
    locks the vehicle first.
    """
    vehicle = fleet.add_vehicle()
    start, refused = threading.Barrier(2), []

    def book() -> None:
        with app.app_context():
            start.wait()
            try:
                insert(vehicle.id, 10, 17)
            except DBAPIError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=book) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert re.search("vehicle_double_booked|deadlock detected", refused[0])
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM scheduled_assignments")) == 1
