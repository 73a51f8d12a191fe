"""What the calendar reads: in scope, in the window, in as many queries for 200 rows as for 10."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.queries_counted import queries_of
from tests.rows import DAY, Fleet, People
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.calendar.board_rows import Row
from webapp.calendar.filters import Filters, Rows, read_filters
from webapp.calendar.grid import Window
from webapp.calendar.looks import Look
from webapp.calendar.queries import loans
from webapp.calendar.reading import Touched, read_board, read_rows
from webapp.db import close_reading, writing
from webapp.fleet.models import Vehicle
from webapp.fms.models import Operation
from webapp.loans.models import Assignment

pytestmark = pytest.mark.usefixtures("november", "context")
VIEW = read_filters({"start": "2026-11-16"}, date(2026, 11, 19))
LATER = datetime(2026, 11, 19, 19, 0, tzinfo=UTC)


def titles(actor: Actor, view: Filters = VIEW) -> list[str]:
    return [row.title for row in read_board(actor, view).rows]


def bars(actor: Actor, view: Filters = VIEW) -> list[tuple[str, Look]]:
    return [(bar.address, bar.look) for row in read_board(actor, view).rows for bar in row.bars]


@pytest.mark.parametrize("rows", list(Rows))
def test_as_many_queries_for_many_rows_as_for_few(people: People, fleet: Fleet, rows: Rows) -> None:
    """No query per row: the board of 200 vehicles is read with the queries of ten."""
    actor = people().actor
    partners = [fleet.add_partner() for _ in range(20)]
    counts = []
    for count in (10, 190):
        for index, vehicle in enumerate(fleet.add_vehicles(count)):
            fleet.add_loan(vehicle, partners[index % 20])
            fleet.add_activity(vehicle, partners[index % 20], start_day=DAY - timedelta(days=7))
        with queries_of() as statements:
            board = read_board(actor, replace(VIEW, rows=rows))
        counts.append(len(statements))
        close_reading()
    assert sum(len(row.bars) for row in board.rows) == 400
    assert counts[0] == counts[1] <= 5


def test_one_row_is_read_alone(people: People, fleet: Fleet) -> None:
    """A swap reads the row that changed, the same as the page would print it."""
    actor, partner = people().actor, fleet.add_partner()
    vehicles = fleet.add_vehicles(3)
    loans = [fleet.add_loan(vehicle, partner) for vehicle in vehicles]
    for rows in Rows:
        view = replace(VIEW, rows=rows)
        touched = Touched(loans[1].company_id, vehicles[1].id, partner.person_id)
        with queries_of() as statements:
            (row,) = read_rows(actor, view, [touched, touched])
        assert len(statements) <= 4
        assert row == next(each for each in read_board(actor, view).rows if each.key == row.key)


def test_a_row_stays_under_the_hand_whatever_the_filters(people: People, fleet: Fleet) -> None:
    """What no longer fits the filter after the action is still drawn again, not left as it was."""
    actor, vehicle, partner = people().actor, fleet.add_vehicle(), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status="requested", fms_request_id=1)
    view = replace(VIEW, status=Look.MANUAL, q="nothing", make="Kia")
    rows: tuple[Row, ...] = read_rows(actor, view, [Touched(loan.company_id, vehicle.id, partner.person_id)])
    assert [bar.look for bar in rows[0].bars] == [Look.REQUESTED]


def test_scope_keeps_other_offices_and_companies_out(people: People, fleet: Fleet, app: Flask) -> None:
    """A scheduler sees the own offices; an administrator all of the company; nobody another company's."""
    scheduler, admin = people().actor, people(Role.ADMIN).actor
    stranger = people(Role.ADMIN, company="Another company").actor
    partner = fleet.add_partner()
    fleet.add_vehicle(make="Audi", model="Here")
    there = fleet.add_vehicle(make="Audi", model="There", office="Miami")
    fleet.add_loan(there, partner)
    fleet.add_activity(there, partner, start_day=DAY + timedelta(days=9))
    assert titles(scheduler) == ["Audi Here"]
    assert titles(admin) == ["Audi Here", "Audi There"]
    assert titles(admin, replace(VIEW, office="Miami")) == ["Audi There"]
    assert len(bars(admin)) == 2
    assert bars(scheduler) == []
    assert titles(stranger) == titles(people(locations=[]).actor) == []


def test_a_partner_of_another_company_brings_nobody_to_the_office(people: People, fleet: Fleet) -> None:
    """FMS's numbers of two companies may be the same; each company's partners are its own."""
    admin, stranger = people(Role.ADMIN).actor, people(Role.ADMIN, company="Another company").actor
    partner = fleet.add_partner(office="Miami")
    fleet.add_loan(fleet.add_vehicle(office="Miami"), partner)
    fleet.add_partner(person_id=partner.person_id, company_id=stranger.company_id)
    window = Window(DAY, DAY + timedelta(days=7))
    assert loans(admin, window, office="Los Angeles", people_of_office=True) == []
    assert len(loans(admin, window, office="Miami", people_of_office=True)) == 1


def test_vins_outside_the_fleet_show_without_an_office(people: People, fleet: Fleet) -> None:
    """They belong to no office, so no office's view has them; the view of all has."""
    actor = people().actor
    fleet.add_activity("ZZZ00000012345678", fleet.add_partner())
    assert titles(actor) == ["…12345678"]
    assert titles(actor, replace(VIEW, office="Los Angeles")) == []


def test_a_vehicle_that_moved_or_vanished_keeps_its_loans_in_sight(people: People, fleet: Fleet) -> None:
    """A loan is shown where it was planned and where its vehicle is now, also when FMS dropped the vehicle."""
    actor, partner = people().actor, fleet.add_partner()
    moved, gone, idle = fleet.add_vehicles(3, model="A3")
    fleet.add_loan(moved, partner, office="Los Angeles")
    fleet.add_loan(gone, partner)
    with writing() as session:
        session.get_one(Vehicle, moved.id).office = "Miami"
        for each in (gone, idle):
            session.get_one(Vehicle, each.id).gone_at = LATER
    assert len(titles(actor, replace(VIEW, office="Los Angeles"))) == 2
    assert len(titles(people(Role.ADMIN).actor, replace(VIEW, office="Miami"))) == 1


def test_what_touches_the_window_is_there_and_nothing_else(people: People, fleet: Fleet) -> None:
    """A loan that comes back on the first morning or goes out on the last day is seen; the days beyond are not."""
    actor, partner, vehicle = people().actor, fleet.add_partner(), fleet.add_vehicle()
    first, last = VIEW.window.first, VIEW.window.last
    periods = [
        (first - timedelta(days=7), first),
        (last, last + timedelta(days=7)),
        (first - timedelta(days=14), first - timedelta(days=7)),
        (last + timedelta(days=7), last + timedelta(days=14)),
    ]
    for start, end in periods:
        fleet.add_loan(vehicle, partner, start_day=start, end_day=end)
        fleet.add_activity("ZZZ00000012345678", partner, start_day=start, end_day=end)
    assert len(bars(actor)) == 4


def test_the_ledger_decides_the_look(people: People, fleet: Fleet) -> None:
    """A loan being sent or not confirmed looks so; settled operations and other subjects change nothing."""
    actor, partner = people().actor, fleet.add_partner()
    cases = [
        ("loan", "sending", Look.SENDING),
        ("loan", "uncertain", Look.UNCERTAIN),
        ("loan", "failed", Look.MANUAL),
        ("loan", "succeeded", Look.MANUAL),
        ("other", "uncertain", Look.MANUAL),
    ]
    for number, (subject, state, _) in enumerate(cases):
        loan: Assignment = fleet.add_loan(fleet.add_vehicle(model=f"A{number}"), partner)
        with writing() as session:
            session.add(
                Operation(
                    reference=f"R{number}",
                    company_id=loan.company_id,
                    office=loan.office,
                    kind="create",
                    state=state,
                    subject=subject,
                    assignment_id=loan.id,
                    label="",
                    requested_by="",
                    created_at=LATER,
                    sent_at=LATER,
                    deadline_at=LATER,
                )
            )
    assert [look for _, look in bars(actor)] == [look for *_, look in cases]


def test_cancelled_and_vanished_rows_are_not_shown_unless_asked_for(people: People, fleet: Fleet) -> None:
    """Cancelled loans show when one filters for them; vanished activities do not."""
    actor, partner, vehicle = people().actor, fleet.add_partner(), fleet.add_vehicle()
    loan = fleet.add_loan(vehicle, partner, status="cancelled")
    fleet.add_activity(vehicle, partner, gone_at=LATER)
    assert bars(actor) == []
    assert bars(actor, replace(VIEW, status=Look.CANCELLED)) == [(f"/calendar/loans/{loan.id}", Look.CANCELLED)]
