"""What open calendars follow: every change of what they show is told in its own transaction, once and in order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from tests.feeds.reports import numbered, read
from tests.loans.conftest import THURSDAY_MORNING
from tests.loans.planner import WEEK, Desk
from tests.promise.desk import Desk as FmsDesk
from tests.rows import DAY, Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp import clock
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db, writing
from webapp.feeds.apply import apply
from webapp.feeds.parse_schema import VEHICLES
from webapp.fleet.models import Partner, Vehicle
from webapp.loans import changes, holds, requests, service
from webapp.loans.changes import Change
from webapp.loans.checks import Change as Wish
from webapp.loans.models import Assignment, LoanChange, LoanNote
from webapp.loans.periods import Period
from webapp.loans.reconciled import called_off
from webapp.loans.reconciling import write
from webapp.loans.states import Status

THE_WEEK = Period(DAY, DAY + WEEK)
Rows = set[tuple[int | None, int | None, int | None]]


@contextmanager
def told(actor: Actor) -> Iterator[Rows]:
    """The loans, vehicles and partners that are told of inside the block."""
    found: Rows = set()
    close_reading()
    since = changes.latest()
    close_reading()
    yield found
    close_reading()
    found.update(change[2:5] for change in changes.after(actor, since, 1000))
    close_reading()


@pytest.mark.usefixtures("november", "context")
class TestWhoWrites:
    def test_a_loan_planned_marked_and_deleted(self, desk: Desk) -> None:
        """Its vehicle's and its partner's row, each time."""
        with told(desk.actor) as planned:
            loan = desk.plan().assignment_id
        row = {(loan, desk.vehicle.id, desk.partner.person_id)}
        with told(desk.actor) as marked:
            service.recolour(desk.actor, loan, Status.PLANNED)
        with told(desk.actor) as deleted:
            service.remove_green(desk.actor, loan)
        assert (planned, marked, deleted) == (row, row, row)

    def test_a_loan_that_leaves_its_rows(self, desk: Desk) -> None:
        """A change of vehicle and partner tells of the rows left and of those come to."""
        loan = desk.plan().assignment_id
        vehicle, partner = desk.fleet.add_vehicle(), desk.fleet.add_partner("Wendy Torque")
        desk.fleet.approve_make(partner, "Audi")
        with told(desk.actor) as moved:
            service.change(desk.actor, loan, Wish(vin=vehicle.vin, person_id=partner.person_id))
        assert {row[1] for row in moved} == {desk.vehicle.id, vehicle.id}
        assert {row[2] for row in moved} == {desk.partner.person_id, partner.person_id}

    def test_what_fms_calls_off(self, desk: Desk) -> None:
        """Reconciliation, which writes many at once, is heard of as anybody is."""
        loan = desk.fleet.add_loan(desk.vehicle, desk.partner, status=Status.REQUESTED)
        step = called_off(loan.id, loan.version, THE_WEEK, None, "FMS refused it.")
        with told(desk.actor) as rows:
            assert write([step]) == 1
        assert rows == {(loan.id, desk.vehicle.id, desk.partner.person_id)}

    def test_a_note_written_and_taken_back(self, desk: Desk) -> None:
        """The loan that it is about."""
        loan = desk.plan().assignment_id
        note = LoanNote(assignment_id=loan, user_id=None, actor_name="Jo", text="Call first.", written_at=clock.now())
        with told(desk.actor) as written:
            desk.put(note)
        with told(desk.actor) as removed, writing() as session:
            session.execute(update(LoanNote).values(removed_at=clock.now()))
        assert written == removed == {(loan, desk.vehicle.id, desk.partner.person_id)}

    def test_a_vehicle_held_and_given_up(self, desk: Desk) -> None:
        """A soft hold tells of its vehicle's row, and of its partner's where one is chosen."""
        wish = [holds.Wish(desk.vehicle.id, THE_WEEK, desk.partner.person_id)]
        with told(desk.actor) as held, writing() as session:
            holds.hold(session, desk.actor, "a plan", wish)
        with told(desk.actor) as released, writing() as session:
            holds.release(session, "a plan")
        assert held == released == {(None, desk.vehicle.id, desk.partner.person_id)}

    def test_an_import(self, desk: Desk) -> None:
        """One row that names nothing: anything may be another now. An import that changes nothing tells nothing."""
        report = read(VEHICLES, numbered(VEHICLES, 1))
        with told(desk.actor) as rows, writing() as session:
            assert apply(session, desk.actor.company_id, report, clock.now()).gone == 1
        with told(desk.actor) as again, writing() as session:
            apply(session, desk.actor.company_id, report, clock.now())
        assert (rows, again) == ({(None, None, None)}, set())

    def test_statements_that_load_nothing(self, desk: Desk) -> None:
        """A writer that changes or deletes by statement is noticed as well."""
        loan = desk.plan().assignment_id
        vehicle = desk.fleet.add_vehicle()
        row = (loan, desk.vehicle.id, desk.partner.person_id)
        with told(desk.actor) as moved, writing() as session:
            session.execute(update(Assignment).where(Assignment.id == loan).values(fleet_vehicle_id=vehicle.id))
        with told(desk.actor) as deleted, writing() as session:
            session.execute(delete(Assignment))
        assert moved == {row, (loan, vehicle.id, desk.partner.person_id)}
        assert deleted == {(loan, vehicle.id, desk.partner.person_id)}

    def test_nothing_of_what_is_rolled_back(self, desk: Desk) -> None:
        """Neither then nor with the next change of the same session."""
        with told(desk.actor) as rows:
            self._break(desk)
        loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
        with told(desk.actor) as later:
            service.recolour(desk.actor, loan.id, Status.PLANNED)
        assert (rows, later) == (set(), {(loan.id, desk.vehicle.id, desk.partner.person_id)})

    def _break(self, desk: Desk) -> None:
        wish = [holds.Wish(desk.vehicle.id, THE_WEEK)]
        with suppress(ZeroDivisionError), writing() as session:
            holds.hold(session, desk.actor, "a plan", wish)
            session.flush()
            raise ZeroDivisionError


def test_every_step_with_fms(app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet) -> None:
    """That it is being sent, that FMS has it, that it was taken back, and that a deletion was refused: all are told."""
    desk = FmsDesk(app, sandbox, people, fleet)
    loan = desk.add_loan()
    with app.app_context():
        actor, counts = desk.person.actor, []
        for act in (requests.request, requests.unrequest):
            since = changes.latest()
            close_reading()
            act(actor, loan)
            counts.append(len(changes.after(actor, since, 1000)))
            assert {row.assignment_id for row in changes.after(actor, since, 1000)} == {loan}
            close_reading()
    # The intention, and its outcome with what it means for the loan.
    assert counts == [2, 2]


@pytest.mark.usefixtures("context")
class TestReading:
    def test_each_company_its_own(self, desk: Desk, people: People) -> None:
        """Nobody hears of another company's changes but who may see all of them."""
        other, super_admin = people(company="Elsewhere").actor, people(role=Role.SUPER_ADMIN).actor
        with told(desk.actor) as mine, told(other) as theirs, told(super_admin) as everything:
            desk.fleet.add_loan(desk.vehicle, desk.partner)
        assert (len(mine), len(theirs), len(everything)) == (1, 0, 1)

    def test_old_ones_are_forgotten(self, desk: Desk) -> None:
        """After an hour; who asks from before what is left is told that something may be missing."""
        with time_machine.travel(THURSDAY_MORNING, tick=False) as clock_at:
            first = desk.fleet.add_loan(desk.vehicle, desk.partner)
            desk.fleet.add_loan(desk.fleet.add_vehicle(), desk.partner)
            newest = changes.latest()
            clock_at.shift(timedelta(hours=1, seconds=1))
            changes.forget_old()
            desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=first.end_day)
            close_reading()
            assert (changes.is_forgotten(0), changes.is_forgotten(newest - 2)) == (newest > 1, True)
            assert not changes.is_forgotten(newest - 1)
            assert len(changes.after(desk.actor, newest, 10)) == 1

    def test_many_at_once_are_one(self, desk: Desk) -> None:
        """A transaction that touches hundreds of loans says that anything may have changed."""
        with told(desk.actor) as rows:
            desk.fleet.add_weeks([desk.vehicle], desk.partner, weeks=changes.MOST_TOUCHES + 1)
        assert rows == {(None, None, None)}


class Writer:
    """A transaction in a thread of its own, which plans one loan and ends when it is told to."""

    def __init__(self, app: Flask, vehicle: Vehicle, partner: Partner, week: int) -> None:
        self._may_end, self._has_written = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, args=(app, vehicle, partner, week))
        self._thread.start()
        assert self._has_written.wait(30)

    def end(self) -> None:
        """Commit, beside whoever else is told to meanwhile."""
        self._may_end.set()

    def wait(self) -> None:
        """Until it is committed."""
        self._thread.join(30)

    def _work(self, app: Flask, vehicle: Vehicle, partner: Partner, week: int) -> None:
        start = DAY + week * WEEK
        with app.app_context(), writing() as session:
            values = {"status": Status.MANUAL, "green_status": Status.MANUAL, "office": vehicle.office}
            session.add(
                Assignment(
                    company_id=vehicle.company_id,
                    fleet_vehicle_id=vehicle.id,
                    person_id=partner.person_id,
                    partner_name=partner.name,
                    start_day=start,
                    end_day=start + WEEK,
                    created_at=clock.now(),
                    updated_at=clock.now(),
                    **values,
                )
            )
            session.flush()
            self._has_written.set()
            self._may_end.wait(30)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(order=st.permutations(range(6)), at_once=st.integers(1, 6), is_read_between=st.booleans())
def test_nothing_lost_and_nothing_twice(
    order: list[int], at_once: int, is_read_between: bool, postgres_app: Flask, fleet: Fleet
) -> None:
    """However transactions that overlap end, alone or many at one instant: a reader gets each change exactly once."""
    with postgres_app.app_context():
        with writing() as session:
            session.execute(delete(Assignment))
        vehicles, partner = [fleet.add_vehicle() for _ in order], fleet.add_partner("Coastline Auto")
        actor = Actor(1, "Reader", Role.AUDITOR, partner.company_id)
        since = changes.latest()
        close_reading()
        writers = [Writer(postgres_app, vehicle, partner, 0) for vehicle in vehicles]
        seen: list[Change] = []

        def read() -> None:
            seen.extend(changes.after(actor, seen[-1].id if seen else since, 100))
            close_reading()

        for first in range(0, len(order), at_once):
            ending = [writers[number] for number in order[first : first + at_once]]
            for writer in ending:
                writer.end()
            while is_read_between and len(seen) < min(first + at_once, len(order)):
                read()
            for writer in ending:
                writer.wait()
        read()
    assert sorted(each.fleet_vehicle_id or 0 for each in seen) == sorted(vehicle.id for vehicle in vehicles)


def test_one_that_is_not_committed_yet_is_waited_for(postgres_app: Flask, fleet: Fleet) -> None:
    """A change that has its place is visible before any that comes after it: ids are in the order of commits."""
    vehicles, partner = [fleet.add_vehicle() for _ in range(2)], fleet.add_partner("Coastline Auto")
    with postgres_app.app_context():
        actor, since = Actor(1, "Reader", Role.AUDITOR, partner.company_id), changes.latest()
        close_reading()
        second = Writer(postgres_app, vehicles[1], partner, 0)
        with writing() as session:
            session.execute(changes.TURN)
            session.add(
                LoanChange(company_id=partner.company_id, fleet_vehicle_id=vehicles[0].id, changed_at=clock.now())
            )
            session.flush()
            second.end()
            # It stands in line: nothing of it is to be seen while the first may still commit.
            _until_somebody_waits(postgres_app)
            assert _read_beside(postgres_app, actor, since) == []
        second.wait()
        found = changes.after(actor, since, 10)
        assert [change.fleet_vehicle_id for change in found] == [vehicles[0].id, vehicles[1].id]


def _until_somebody_waits(app: Flask) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with db.engine.connect() as connection:
        while not connection.exec_driver_sql(waiting).scalar():
            pass


def _read_beside(app: Flask, actor: Actor, since: int) -> list[Change]:
    found: list[Change] = []

    def read() -> None:
        with app.app_context():
            found.extend(changes.after(actor, since, 10))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join(30)
    return found
