"""Who moves on a day, and the line of moves below the board, as read from the database and printed."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from tests.calendar.conftest import PAGE, Desk
from tests.queries_counted import queries_of
from tests.rows import DAY, People, company_id_of
from tests.servers import sign_in
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.fleet.models import Holiday, OfficeCapacity

TUESDAY = DAY + timedelta(days=1)


def add_drivers(app: Flask, drivers: int, office: str = "Los Angeles") -> None:
    with app.app_context(), writing() as session:
        company_id = company_id_of(session, app)
        session.add(OfficeCapacity(company_id=company_id, office=office, drivers_per_day=drivers, notes=""))


def add_holiday(app: Flask, day: date, name: str) -> None:
    with app.app_context(), writing() as session:
        columns = {"kind": "Holiday", "is_all_day": True, "notes": ""}
        session.add(
            Holiday(company_id=company_id_of(session, app), office="Los Angeles", day=day, name=name, **columns)
        )


def numbers(page: str) -> dict[str, str]:
    """What the line says of each day on which something moves, by day."""
    return dict(re.findall(r'id="moves-([\d-]+)"[^>]* aria-label="[^:]*: ([^"]*)"', page))


def test_the_line_counts_what_each_day_asks_of_the_drivers(desk: Desk, app: Flask) -> None:
    """Loans of ours and rows of FMS's own, a swap once, a hold not at all; against twice the drivers."""
    other, third = desk.fleet.add_vehicles(2)
    elsewhere = desk.fleet.add_vehicle(office="Miami")
    desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=DAY - timedelta(days=6), end_day=TUESDAY)
    desk.fleet.add_activity(other, desk.partner, start_day=TUESDAY)
    desk.fleet.add_activity(third, None, start_day=TUESDAY)
    desk.fleet.add_activity(elsewhere, desk.partner, start_day=TUESDAY)
    add_drivers(app, 1)
    add_drivers(app, 5, "Miami")
    assert numbers(desk.get(PAGE).text) == {
        "2026-11-17": "1 of 2 moves",
        "2026-11-24": "1 of 2 moves",
        "2026-12-01": "1 of 2 moves",
    }
    everywhere = numbers(desk.get("/calendar?office=").text)
    assert everywhere["2026-11-24"] == "2 moves"


@pytest.mark.usefixtures("sqlite_app")
def test_filters_hide_rows_but_no_moves(desk: Desk) -> None:
    """The drivers drive as well what nobody looks at; by partner it is the same line."""
    desk.fleet.add_loan(desk.vehicle, desk.partner)
    shown = numbers(desk.get(PAGE).text)
    assert shown == {"2026-11-23": "1 move", "2026-11-30": "1 move"}
    free = "&free_from=2026-11-20&free_to=2026-11-27"
    narrowings = ("&make=Lexus", "&tier=D", "&q=nobody", "&status=hold", "&activity=none", "&rows=partners", free)
    for narrowed in narrowings:
        line = desk.get(f"/calendar/capacity?office=Los+Angeles{narrowed}", fragment=True).text
        assert numbers(line) == shown, narrowed


@pytest.mark.usefixtures("sqlite_app")
def test_a_cancelled_loan_moves_nobody(desk: Desk) -> None:
    """Not even in a view that asks for cancelled loans."""
    desk.fleet.add_loan(desk.vehicle, desk.partner, status="cancelled")
    page = desk.get(f"{PAGE}&status=cancelled").text
    assert "Cancelled" in page
    assert numbers(page) == {}


@pytest.mark.usefixtures("sqlite_app")
def test_a_day_lists_who_moves(desk: Desk, app: Flask) -> None:
    """Swaps, what goes out, what comes back: partner, vehicle, state, and the way to the bar; as a page as well."""
    other = desk.fleet.add_vehicle(model="Q8")
    ours = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=DAY - timedelta(days=7), end_day=DAY)
    theirs = desk.fleet.add_activity(other, desk.partner, start_day=DAY)
    add_drivers(app, 0)
    add_holiday(app, DAY, "Founders' Day")
    address = f"/calendar/moves?office=Los+Angeles&day={DAY.isoformat()}"
    page = desk.get(address).text
    assert page.startswith("<!doctype html>")
    assert "Founders&#39; Day" in page
    for part in (desk.get(address, fragment=True).text, page):
        assert "1 of 0 moves, 1 too many" in part
        assert "Swaps (1)" in part
        assert "Torque, Wendy" in part
        assert f'href="/calendar/loans/{ours.id}"' in part
        assert f'href="/calendar/activities/{theirs.activity_id}"' in part
        assert "Picked by hand" in part


@pytest.mark.usefixtures("sqlite_app")
def test_a_day_of_all_offices_is_told_office_by_office(desk: Desk) -> None:
    """Each under its name; where nobody counted the drivers, it says so; an office out of scope is not there."""
    elsewhere = desk.fleet.add_vehicle(office="Miami")
    hidden = desk.fleet.add_vehicle(office="Chicago", model="Q9 elsewhere")
    for vehicle in (desk.vehicle, elsewhere, hidden):
        desk.fleet.add_loan(vehicle, desk.partner)
    page = desk.get(f"/calendar/moves?office=&day={DAY.isoformat()}").text
    assert "<b>Los Angeles:</b>" in page
    assert "<b>Miami:</b>" in page
    assert "nobody said how many drivers there are" in page
    assert "Q9 elsewhere" not in page
    assert desk.get(f"/calendar/moves?office=Chicago&day={DAY.isoformat()}").status_code == 404


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("day", ["", "nonsense", "9999-12-31", "2026-02-30"])
def test_an_odd_day_is_today(desk: Desk, day: str) -> None:
    """What cannot be read as a day is today."""
    assert "Thu 11-19-26" in desk.get(f"/calendar/moves?office=Los+Angeles&day={day}").text


@pytest.mark.usefixtures("sqlite_app")
def test_the_list_by_day_says_how_full_a_day_is_and_what_is_idle(desk: Desk, app: Flask) -> None:
    """A narrow screen gets the same: moves, a way to plan from a day, a box to choose a loan once, the idle rows."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    desk.fleet.add_vehicle(model="Q8 idle")
    add_drivers(app, 1)
    days = desk.get("/calendar/days?office=Los+Angeles", fragment=True).text
    assert 'aria-label="Mon 11-23-26: 1 of 2 moves"' in days
    assert 'aria-label="Plan a loan from Mon 11-23-26"' in days
    assert days.count(f'name="id" value="{loan.id}"') == 1
    assert "Vehicles with nothing in these days (1)" in days
    assert "Q8 idle" in days
    assert 'type="checkbox"' not in desk.get("/calendar/days?office=Los+Angeles").text


@pytest.mark.usefixtures("sqlite_app")
def test_who_may_not_plan_gets_no_way_to(desk: Desk, app: Flask, people: People) -> None:
    """An auditor reads the list; there is nothing to plan or to choose."""
    desk.fleet.add_loan(desk.vehicle, desk.partner)
    auditor = app.test_client()
    sign_in(auditor, people(Role.AUDITOR))
    days = auditor.get("/calendar/days?office=Los+Angeles", headers={"HX-Request": "true"}).text
    assert "1 move" in days
    assert "Plan a loan" not in days
    assert "checkbox" not in days


@pytest.mark.usefixtures("sqlite_app")
def test_the_line_costs_two_statements_however_much_is_moved(desk: Desk, app: Flask) -> None:
    """Drivers and holidays; what is counted was read for the board."""
    counts = []
    for _ in range(2):
        with app.app_context(), queries_of() as statements:
            desk.get(PAGE)
        counts.append(len(statements))
        for vehicle in desk.fleet.add_vehicles(5):
            desk.fleet.add_loan(vehicle, desk.partner)
    assert counts[0] == counts[1]
