"""Soft holds: told to everybody but whoever plans, wherever a loan is checked; run out, replaced, given up."""

import html
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from tests.loans.conftest import THURSDAY_MORNING
from tests.loans.planner import WEEK, Desk
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE, Fleet, People
from tests.servers import csrf_token, sign_in
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db, writing
from webapp.fleet.models import Vehicle
from webapp.loans import holds, service
from webapp.loans.checks import wished
from webapp.loans.loan import loan_for
from webapp.loans.models import SoftHold
from webapp.loans.periods import Period
from webapp.loans.rules.facts import Hold
from webapp.loans.service import Change

pytestmark = pytest.mark.usefixtures("november")
THE_WEEK = Period(DAY, DAY + WEEK)
SENTENCE = "Audi A3 Premium Plus …SA051916 is being planned by another scheduler until 10:15 PST."


def hold(actor: Actor, *vehicles: Vehicle, plan: str = "a plan", period: Period = THE_WEEK) -> datetime:
    """Hold vehicles for a week from `DAY`, in a transaction of its own."""
    with writing() as session:
        return holds.hold(session, actor, plan, [holds.Wish(vehicle.id, period) for vehicle in vehicles])


def held(desk: Desk, vehicle: Vehicle | None = None) -> list[Hold]:
    """What is told of a vehicle, the desk's unless told otherwise."""
    close_reading()
    vehicle = vehicle or desk.vehicle
    return list(holds.of_vehicles(db.session(), 1, [vehicle.id], but_not=None).get(vehicle.id, ()))


def plans() -> list[str]:
    """Whose holds are stored, run out or not."""
    close_reading()
    return sorted(db.session.scalars(select(SoftHold.plan_id)))


@pytest.fixture
def other(people: People) -> Actor:
    """Another scheduler of the same office."""
    return people(name="Somebody Else").actor


@pytest.mark.usefixtures("context")
class TestTelling:
    def test_others_are_told_wherever_a_loan_is_checked(self, desk: Desk, other: Actor) -> None:
        """Before and while planning and changing, and by why-not; the loan's history keeps that it was said."""
        hold(other, desk.vehicle)
        wish: dict[str, Any] = {
            "vin": desk.vehicle.vin,
            "person_id": desk.partner.person_id,
            "start_day": DAY,
            "end_day": DAY + WEEK,
        }
        checked, explained = desk.check(), service.why_not(desk.actor, **wish)
        assert [(one.code, one.text) for one in checked.findings] == [("soft_hold", SENTENCE)]
        assert [one.code for one in explained.findings] == ["soft_hold", "no_coordinates"]
        assert checked.is_possible
        assert explained.possible_from is None
        loan = desk.planned()
        assert desk.history(loan) == [
            "Planned Audi A3 Premium Plus …SA051916 for Coastline Auto, 11-23-26 to 11-30-26. Noted: " + SENTENCE
        ]
        longer = Change(end_day=DAY + WEEK + timedelta(days=1))
        assert [one.text for one in service.check_change(desk.actor, loan.id, longer).findings] == [SENTENCE]
        assert [one.text for one in service.change(desk.actor, loan.id, longer).warnings] == [SENTENCE]

    def test_ones_own_are_never_told(self, desk: Desk, other: Actor) -> None:
        """Whatever the plan they belong to; another scheduler is."""
        hold(desk.actor, desk.vehicle)
        hold(desk.actor, desk.vehicle, plan="another plan")
        assert desk.codes(actor=other) == ["soft_hold"]
        assert desk.codes() == []
        assert desk.plan().warnings == ()

    def test_nobody_is_bothered_while_a_loan_is_sent(self, desk: Desk, other: Actor) -> None:
        """Who sends has decided: nothing is asked of the database, nothing told."""
        loan = desk.planned()
        hold(other, desk.vehicle)
        with queries_of() as statements:
            facts, _vehicle, _name = wished(db.session(), loan_for(db.session(), desk.actor, loan.id), Change())
        assert facts.vehicle.holds == ()
        assert not [one for one in statements if "soft_holds" in one]

    def test_only_the_days_that_are_planned_with(self, desk: Desk, other: Actor) -> None:
        """A loan may end, or begin, on the day on which the other's begins, or ends."""
        hold(other, desk.vehicle)
        assert desk.codes(DAY - timedelta(days=3), DAY) == []
        assert desk.codes(DAY + WEEK) == []
        assert desk.codes(DAY + timedelta(days=4)) == ["soft_hold"]

    def test_of_several_the_last_to_run_out_is_named_once(self, desk: Desk, other: Actor, people: People) -> None:
        """Two schedulers, one of them with two plans."""
        hold(other, desk.vehicle)
        with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=4)):
            hold(people().actor, desk.vehicle, plan="a third")
        with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=6)):
            hold(other, desk.vehicle, plan="another", period=Period(DAY + 2 * WEEK, DAY + 3 * WEEK))
            (finding,) = desk.check().findings
        assert finding.text.endswith("until 10:19 PST.")

    def test_until_when_in_the_zone_of_the_vehicles_office(self, desk: Desk, other: Actor) -> None:
        """Where nobody set one, in that of the settings."""
        assert held(desk) == []
        with time_machine.travel(THURSDAY_MORNING, tick=False):
            assert hold(other, desk.vehicle) == THURSDAY_MORNING + timedelta(minutes=holds.MINUTES)
        assert held(desk) == [Hold(DAY, DAY + WEEK, "10:15 PST")]
        with writing() as session:
            session.execute(update(Location).where(Location.name == OFFICE).values(timezone="America/New_York"))
        assert held(desk) == [Hold(DAY, DAY + WEEK, "13:15 EST")]

    def test_they_say_nothing_of_other_vehicles_and_to_other_companies(
        self, desk: Desk, other: Actor, people: People
    ) -> None:
        """Who looks at many is told of those that are held."""
        second = desk.fleet.add_vehicle()
        hold(other, second)
        assert list(holds.of_vehicles(db.session(), 1, [desk.vehicle.id, second.id], but_not=None)) == [second.id]
        assert holds.of_vehicles(db.session(), 1, [], but_not=None) == {}
        stranger = people(company="Elsewhere", locations=["Lisbon"]).actor
        close_reading()
        assert holds.of_vehicles(db.session(), stranger.company_id, [second.id], but_not=None) == {}

    def test_a_hundred_others_cost_no_further_query(self, desk: Desk, other: Actor) -> None:
        """One query, whoever plans with whatever."""

        def counted() -> int:
            with queries_of() as statements:
                desk.check()
            return len(statements)

        before = counted()
        hold(other, desk.vehicle, *desk.fleet.add_vehicles(100))
        assert counted() == before


@pytest.mark.usefixtures("context")
class TestEnding:
    def test_they_run_out_after_a_quarter_of_an_hour(self, desk: Desk, other: Actor) -> None:
        """To the second; nobody has to clean up for that."""
        with time_machine.travel(THURSDAY_MORNING, tick=False) as now:
            until = hold(other, desk.vehicle)
            now.move_to(until - timedelta(seconds=1))
            assert desk.codes() == ["soft_hold"]
            now.move_to(until)
            assert desk.codes() == []

    def test_holding_again_replaces_what_the_plan_held(self, desk: Desk, other: Actor) -> None:
        """And begins a new quarter of an hour; the other plans of the same person stay."""
        first, second, third = desk.fleet.add_vehicles(3)
        hold(other, first, second)
        hold(other, third, plan="another plan")
        with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=10), tick=False):
            hold(other, second, period=Period(DAY, DAY + 2 * WEEK))
            assert held(desk, first) == []
            assert held(desk, second) == [Hold(DAY, DAY + 2 * WEEK, "10:25 PST")]
            assert held(desk, third) == [Hold(DAY, DAY + WEEK, "10:15 PST")]
            hold(other)
            assert plans() == ["another plan"]

    def test_a_plan_that_is_given_up_holds_nothing(self, desk: Desk, other: Actor) -> None:
        """Nor does giving it up twice hurt; a transaction that fails gives up nothing."""
        hold(other, desk.vehicle)
        hold(other, desk.vehicle, plan="another plan")

        def fails() -> None:
            with writing() as session:
                holds.release(session, "a plan")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fails()
        assert plans() == ["a plan", "another plan"]
        for _ in range(2):
            with writing() as session:
                holds.release(session, "a plan")
        assert plans() == ["another plan"]

    def test_whoever_holds_clears_away_what_ran_out_in_the_company(
        self, desk: Desk, other: Actor, people: People
    ) -> None:
        """Whoever left it there; another company's is left to that company."""
        stranger = people(company="Elsewhere", locations=["Lisbon"]).actor
        theirs = desk.fleet.add_vehicle(company_id=stranger.company_id, office="Lisbon")
        with time_machine.travel(THURSDAY_MORNING - timedelta(minutes=20)):
            hold(desk.actor, desk.vehicle, plan="mine, run out")
            hold(other, desk.vehicle, plan="theirs, run out")
            hold(stranger, theirs, plan="elsewhere, run out")
        with time_machine.travel(THURSDAY_MORNING - timedelta(minutes=5)):
            hold(other, desk.vehicle, plan="theirs, standing")
        hold(desk.actor, desk.vehicle)
        assert plans() == ["a plan", "elsewhere, run out", "theirs, standing"]


@pytest.mark.usefixtures("context")
def test_nobody_waits_for_whoever_clears_away_the_same_holds(postgres_app: Flask, desk: Desk, other: Actor) -> None:
    """A plan whose holds ran out is saved while somebody else's transaction is just removing them."""
    with time_machine.travel(THURSDAY_MORNING - timedelta(minutes=20)):
        hold(desk.actor, desk.vehicle)
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as clearing:
        assert clearing.execute("DELETE FROM soft_holds").rowcount == 1
        with writing() as session:
            # Whoever waits is refused, so that this test cannot hang.
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            holds.release(session, "a plan")
            holds.hold(session, other, "another plan", [holds.Wish(desk.vehicle.id, THE_WEEK)])
    assert plans() == ["another plan"]


class TestDoors:
    """The pages and the JSON say it, too; on SQLite, as the engine cannot matter any more."""

    @pytest.fixture
    def vehicle(self, sqlite_app: Flask, fleet: Fleet, people: People) -> Vehicle:
        """One that another scheduler is planning with."""
        found = fleet.add_vehicle("WAUZZZ8V0SA051916")
        with sqlite_app.app_context():
            hold(people().actor, found)
        return found

    @pytest.fixture
    def person_id(self, fleet: Fleet) -> int:
        """An approved partner."""
        partner = fleet.add_partner("Coastline Auto", latitude=34.1, longitude=-118.3)
        fleet.approve_make(partner, "Audi")
        return partner.person_id

    @pytest.fixture
    def desk_client(self, client: FlaskClient, people: People) -> FlaskClient:
        """Somebody else's browser."""
        sign_in(client, people(Role.SCHEDULER))
        return client

    def test_the_calendars_form_says_it_before_saving(
        self, desk_client: FlaskClient, vehicle: Vehicle, person_id: int
    ) -> None:
        """As a note."""
        query = {"office": OFFICE, "vin": vehicle.vin, "person_id": person_id}
        days = {"start_day": "2026-11-23", "end_day": "2026-11-30"}
        said = html.unescape(desk_client.get("/calendar/check", query_string={**query, **days}).text)
        assert f"<b>Note:</b> {SENTENCE}" in said

    def test_programs_get_it_as_a_warning_and_as_a_reason(
        self, desk_client: FlaskClient, vehicle: Vehicle, person_id: int
    ) -> None:
        """Why-not calls it possible; planning answers 201."""
        query = {"vin": vehicle.vin, "person_id": person_id}
        told = [{"code": "soft_hold", "text": SENTENCE}]
        asked = {**query, "start": "2026-11-23", "end": "2026-11-30"}
        found = desk_client.get("/api/chains/why-not", query_string=asked)
        assert found.get_json() == {"possible": True, "reasons": told}
        wish = {**query, "office": OFFICE, "start_day": "2026-11-23", "end_day": "2026-11-30"}
        headers = {"X-CSRFToken": csrf_token(desk_client)}
        planned = desk_client.post("/api/calendar/assignments", json=wish, headers=headers)
        assert (planned.status_code, planned.get_json()["warnings"]) == (201, told)
