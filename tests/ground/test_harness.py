"""The fixtures themselves: a database of one's own, on the engine that the test's name says."""

from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.rows import Fleet, People
from webapp.accounts.permissions import Role
from webapp.clock import today
from webapp.db import db, is_sqlite
from webapp.fleet.models import Vehicle


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
