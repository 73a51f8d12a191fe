"""When somebody else is quicker than our check, the database's own guard refuses, and the holder is named."""

import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from tests.rows import DAY, OFFICE, Fleet, People
from webapp.db import close_reading, db, writing
from webapp.loans import service
from webapp.loans.errors import BrokenRule
from webapp.loans.service import Change
from webapp.loans.states import EXCLUSIVE, Status

pytestmark = pytest.mark.usefixtures("november", "context")
WEEK = timedelta(days=7)
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.mark.parametrize("status", sorted(EXCLUSIVE))
def test_the_database_keeps_two_loans_from_one_vehicle(fleet: Fleet, status: Status) -> None:
    """Whoever writes the rows, past every rule of ours; loans that only touch are stored."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    fleet.add_loan(vehicle, partner)
    with pytest.raises(DBAPIError, match="vehicle_double_booked"):
        fleet.add_loan(vehicle, partner, start_day=DAY + WEEK - timedelta(days=1), status=status)
    fleet.add_loan(vehicle, partner, start_day=DAY + WEEK, status=status)
    fleet.add_loan(vehicle, partner, status=Status.ACTIVE)
    fleet.add_loan(vehicle, partner, status=Status.CANCELLED)


def test_a_plan_that_was_outrun_names_the_holder(postgres_app: Flask, people: People, fleet: Fleet) -> None:
    """A loan is moved by somebody who takes no lock, between our check and our writing."""
    actor, vehicle = people().actor, fleet.add_vehicle("WAUZZZ8V0SA051916")
    partner, other = fleet.add_partner(), fleet.add_partner("Ring Report")
    loan = fleet.add_loan(vehicle, other, start_day=DAY + 2 * WEEK)
    wish: dict[str, Any] = {"vin": vehicle.vin, "person_id": partner.person_id, "office": OFFICE}
    outcome: list[BrokenRule] = []

    def plan() -> None:
        with postgres_app.app_context(), pytest.raises(BrokenRule) as refused:
            service.plan(actor, **wish, start_day=DAY, end_day=DAY + WEEK)
        outcome.append(refused.value)

    with psycopg.connect(address(), autocommit=True) as watching, psycopg.connect(address()) as quicker:
        quicker.execute(
            "UPDATE scheduled_assignments SET start_day = %s, end_day = %s WHERE id = %s", (DAY, DAY + WEEK, loan.id)
        )
        planner = threading.Thread(target=plan)
        planner.start()
        # Our check has found the vehicle free, and our row now waits for the other's to be decided.
        while planner.is_alive() and not (watching.execute(BLOCKED).fetchone() or (0,))[0]:
            planner.join(0.01)
        quicker.commit()
        planner.join()
    sentence = "Audi A3 Premium Plus …SA051916 is held by Ring Report 11-23-26 to 11-30-26."
    assert [(one.status, one.code, one.sentence) for one in outcome] == [(409, "held", sentence)]
    assert outcome[0].link == ("Show it", f"/calendar?start=2026-11-23&loan={loan.id}")


def test_a_change_that_was_outrun_names_the_holder(app: Flask, people: People, fleet: Fleet, engine: str) -> None:
    """The other's row appears in the instant between our check and our writing, on either engine."""
    actor, vehicle = people().actor, fleet.add_vehicle("WAUZZZ8V0SA051916")
    partner, other = fleet.add_partner(), fleet.add_partner("Ring Report")
    mine = fleet.add_loan(vehicle, partner)
    theirs = fleet.add_loan(vehicle, other, start_day=DAY + 2 * WEEK)
    close_reading()
    move = text("UPDATE scheduled_assignments SET start_day = :day WHERE id = :id")
    moved: list[bool] = []

    def outrun(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if moved or not statement.startswith("UPDATE scheduled_assignments SET end_day"):
            return
        moved.append(True)
        # SQLite has one writer at a time, so there the other can only be ourselves.
        other = nullcontext(connection) if engine == "sqlite" else db.engine.begin()
        with other as moving:
            moving.execute(move, {"day": DAY + WEEK, "id": theirs.id})

    event.listen(db.engine, "before_cursor_execute", outrun)
    with pytest.raises(BrokenRule) as refused:
        service.change(actor, mine.id, Change(end_day=DAY + WEEK + timedelta(days=2)))
    event.remove(db.engine, "before_cursor_execute", outrun)
    assert (refused.value.status, refused.value.code) == (409, "held")
    assert (
        refused.value.sentence
        == {
            "postgres": "Audi A3 Premium Plus …SA051916 is held by Ring Report 11-30-26 to 12-14-26.",
            # Undone together with ours: nobody is left to be named.
            "sqlite": "Somebody else has just planned this vehicle for these days.",
        }[engine]
    )


def test_other_faults_of_the_database_are_not_called_a_double_booking(people: People, fleet: Fleet) -> None:
    """They stay what they are, and the transaction is undone."""
    person, vehicle, partner = people().actor, fleet.add_vehicle(), fleet.add_partner()
    nobody = replace(person, user_id=999_999)
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        service.plan(
            nobody, vin=vehicle.vin, person_id=partner.person_id, office=OFFICE, start_day=DAY, end_day=DAY + WEEK
        )
    with writing() as session:
        assert session.execute(text("SELECT count(*) FROM scheduled_assignments")).scalar_one() == 0


def address() -> str:
    """This test's database, for a driver of its own."""
    return db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
