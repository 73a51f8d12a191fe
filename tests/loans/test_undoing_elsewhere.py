"""Undoing what was out of the ordinary: another company's loan, and a vehicle that stands out of reach by now."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.promise.desk import FIRST_DAY
from tests.rows import OFFICE, Fleet, People, Person
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.fleet.models import Partner, Vehicle
from webapp.loans import batches, requests, service, undoing
from webapp.loans.models import Assignment, RowState
from webapp.loans.queries import batch
from webapp.loans.service import Change

WEEK = timedelta(days=7)
pytestmark = pytest.mark.usefixtures("context")


def undo(person: Person) -> str:
    """Undo what the person did last; how that ended."""
    newest = next(step for step in undoing.steps(person.actor) if not step.is_undo)
    assert newest.why_not == ""
    batch_id = undoing.claim(person.actor, newest.step_id)
    batches.run_alone(batch_id)
    (row,) = batch(person.actor, batch_id).rows
    db.session.rollback()
    return row.state


def plan(person: Person, vehicle: Vehicle, partner: Partner) -> int:
    """Plan the vehicle for the partner for a week."""
    planned = service.plan(
        person.actor,
        vin=vehicle.vin,
        person_id=partner.person_id,
        office=OFFICE,
        start_day=FIRST_DAY,
        end_day=FIRST_DAY + WEEK,
    )
    return planned.assignment_id


@pytest.fixture
def near(fleet: Fleet) -> Partner:
    """A partner of Los Angeles."""
    return fleet.add_partner()


def test_a_loan_stays_its_companys(app: Flask, people: People, fleet: Fleet, near: Partner) -> None:
    """Who works for all companies deletes one's loan and undoes it: it is that company's again."""
    scheduler = people()
    boss = people(Role.SUPER_ADMIN, company="Elsewhere", locations=["Lisbon"])
    loan = plan(scheduler, fleet.add_vehicle(), near)
    requests.delete(boss.actor, loan)
    assert db.session.get(Assignment, loan) is None
    assert undo(boss) == RowState.SUCCEEDED
    assert db.session.get_one(Assignment, loan).company_id == scheduler.company_id != boss.company_id


@pytest.mark.parametrize("deed", ["deleted", "given another"])
def test_what_a_loan_had_it_gets_back(people: People, fleet: Fleet, near: Partner, deed: str) -> None:
    """Its vehicle stands at Miami by now: undoing one's own deed is open all the same."""
    scheduler, admin = people(), people(Role.ADMIN, locations=[])
    theirs = fleet.add_vehicle(office="Miami")
    loan = plan(admin, theirs, near)
    if deed == "deleted":
        requests.delete(scheduler.actor, loan)
    else:
        service.change(scheduler.actor, loan, Change(1, vin=fleet.add_vehicle().vin))
    assert undo(scheduler) == RowState.SUCCEEDED
    db.session.rollback()
    assert db.session.get_one(Assignment, loan).fleet_vehicle_id == theirs.id
