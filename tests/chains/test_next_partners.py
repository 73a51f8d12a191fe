"""Possible next partners of a vehicle: the rules of suggesting, best first, and whoever is left out with why."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from tests.calendar.conftest import november as november
from tests.queries_counted import queries_of
from tests.rows import OFFICE, Fleet, People
from tests.servers import sign_in
from webapp.accounts.models import Location
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.chains.looking.next_partners import next_partners
from webapp.chains.looking.suggesting import suggest
from webapp.chains.looking.suggestion import NextPartners
from webapp.chains.panels.next_partners_page import draw_next
from webapp.db import close_reading, writing
from webapp.errors import InvalidInput, NotFound
from webapp.fleet.models import Partner, PreferredWeekday, Vehicle
from webapp.loans.periods import Period

pytestmark = pytest.mark.usefixtures("november")
MONDAY = date(2026, 11, 30)
WANTED = Period(MONDAY, MONDAY + timedelta(days=7))


class Town:
    """A vehicle of Los Angeles, an office on the map, and partners around it."""

    def __init__(self, app: Flask, people: People, fleet: Fleet) -> None:
        self.app, self.fleet = app, fleet
        self.actor = people().actor
        self.vehicle: Vehicle = fleet.add_vehicle("WAUZZZ8V0SA051916")
        with app.app_context(), writing() as session:
            office = session.query(Location).one()
            office.latitude, office.longitude = 34.05, -118.25

    def partner(self, name: str, rank: str = "A", miles: float = 5, **columns: object) -> Partner:
        """A partner who may borrow the vehicle, so many miles north of the office."""
        one = self.fleet.add_partner(name, latitude=34.05 + miles / 69, longitude=-118.25, **columns)
        self.fleet.approve_make(one, "Audi", rank)
        return one

    def next(self, wanted: Period = WANTED, vin: str = "") -> NextPartners:
        """Who could have the vehicle."""
        with self.app.app_context():
            found = next_partners(self.actor, vin or self.vehicle.vin, wanted)
            close_reading()
            return found


@pytest.fixture
def town(app: Flask, people: People, fleet: Fleet) -> Town:
    """See `Town`."""
    return Town(app, people, fleet)


@pytest.fixture
def small_town(sqlite_app: Flask, people: People, fleet: Fleet) -> Town:
    """The same where the database does not matter."""
    return Town(sqlite_app, people, fleet)


def names(found: NextPartners) -> list[str]:
    return [one.candidate.name for one in found.possible]


def test_the_best_come_first_with_what_speaks_for_them(town: Town, app: Flask) -> None:
    """By rank and way; when they last had one, and on which weekday they mostly start; a place unknown comes last."""
    near, far = town.partner("Wendy Torque"), town.partner("Ada Quill", miles=40)
    best, nowhere = town.partner("Jo Vance", "A+"), town.fleet.add_partner("Ben Ray")
    town.fleet.approve_make(nowhere, "Audi", "A+")
    other = town.fleet.add_vehicle(make="Kia", model="EV9")
    town.fleet.add_history(other, best, start_day=date(2026, 9, 7))
    with app.app_context(), writing() as session:
        thursday = {"weekday": 3, "loans": 18, "share": Decimal("0.6")}
        session.add(PreferredWeekday(company_id=1, person_id=near.person_id, office=OFFICE, **thursday))
    found = town.next()
    assert names(found) == ["Jo Vance", "Wendy Torque", "Ada Quill", "Ben Ray"]
    assert found.period == WANTED
    page = draw_next(found, WANTED, may_plan=True)
    assert [(one.name, one.reasons) for one in page.possible] == [
        ("Vance, Jo", "rank A+ · last had one until 09-14-26"),
        ("Torque, Wendy", "rank A · no loan of theirs is known · mostly starts on Thursdays"),
        ("Quill, Ada", "rank A · no loan of theirs is known"),
        ("Ray, Ben", "rank A+ · no loan of theirs is known · no place on the map"),
    ]
    assert page.possible[2].detail == f"{far.affiliation} · Los Angeles · 40 miles"
    assert (page.days, page.moved, page.left_out) == ("Mon 11-30-26 → Mon 12-07-26", "", 0)


def test_who_is_possible_is_who_would_be_suggested(town: Town) -> None:
    """Report 2: not who had it, is booked for it, is not approved, or is too far; each of them is counted."""
    had, booked, far = town.partner("Had It"), town.partner("Is Booked"), town.partner("Far Away", miles=400)
    pending, good = town.partner("Is Pending", "Pending"), town.partner("Wendy Torque")
    town.fleet.add_partner("Not Approved")
    town.fleet.add_history(town.vehicle, had, start_day=date(2025, 3, 3))
    town.fleet.add_loan(town.vehicle, booked, start_day=MONDAY + timedelta(days=21))
    found = town.next()
    assert names(found) == [good.name]
    assert (found.left_out, found.looked_at) == (5, 6)
    with town.app.app_context():
        suggested = suggest(town.actor, found.ask)
    assert [one.partner_name for one in suggested.placed] == [good.name]
    assert suggested.left_out == found.left_out
    assert not {far.name, pending.name} & set(names(found))


def test_what_the_rules_remark_is_said(town: Town) -> None:
    """A partner with another vehicle on these days is possible, and told; the turn-in as well."""
    busy = town.partner("Wendy Torque")
    kia = town.fleet.add_vehicle(make="Kia", model="EV9")
    town.fleet.add_activity(kia, busy, start_day=MONDAY)
    (one,) = town.next().possible
    assert [finding.code for finding in one.candidate.findings] == ["partner_busy"]
    assert "Kia EV9" in one.candidate.findings[0].text
    # FMS's calendar has it until after the vehicle goes out: nobody says that it came back on that day.
    earlier = town.partner("Ada Quill")
    town.fleet.add_activity(kia, earlier, start_day=MONDAY - timedelta(days=4))
    reasons = {one.name: one.reasons for one in draw_next(town.next(), WANTED, may_plan=False).possible}
    assert reasons["Quill, Ada"] == "rank A · has one up to these days"


def test_days_that_cannot_be_are_moved_and_said(small_town: Town) -> None:
    """A weekend, or another's loan: the first days after that would do, in words."""
    good, other = small_town.partner("Wendy Torque"), small_town.fleet.add_partner("Somebody Else")
    small_town.fleet.add_loan(small_town.vehicle, other, start_day=MONDAY)
    found = small_town.next()
    assert found.period == Period(MONDAY + timedelta(days=7), MONDAY + timedelta(days=14))
    page = draw_next(found, WANTED, may_plan=True)
    assert page.moved == "No loan of that length can start on Mon 11-30-26: these are the first days after."
    assert page.possible[0].plan == (
        f"/calendar/plan?vin={small_town.vehicle.vin}&person_id={good.person_id}&office=Los+Angeles"
        "&start_day=2026-12-07&end_day=2026-12-14"
    )
    assert page.possible[0].chain == f"/chains?person_id={good.person_id}&office=Los+Angeles&start=2026-12-07"


def test_whoever_may_not_plan_is_offered_no_form(small_town: Town) -> None:
    """The names and the reasons stay."""
    small_town.partner("Wendy Torque")
    (one,) = draw_next(small_town.next(), WANTED, may_plan=False).possible
    assert (one.plan, one.chain) == ("", "")
    assert one.panel.startswith("/calendar/partners/")


def test_days_and_vehicles_that_nobody_may_ask_for(small_town: Town, people: People) -> None:
    """Longer than a loan may be, backwards, an unknown VIN, another office's."""
    theirs = small_town.fleet.add_vehicle(office="Miami")
    for days in (0, 15):
        with pytest.raises(InvalidInput):
            small_town.next(Period(MONDAY, MONDAY + timedelta(days=days)))
    for vin in ("NOSUCH", theirs.vin):
        with pytest.raises(NotFound):
            small_town.next(vin=vin)


def test_as_many_queries_for_fifty_as_for_one(small_town: Town) -> None:
    """No query per partner."""
    counts = []
    for number in (1, 49):
        for each in range(number):
            small_town.partner(f"Partner Nr{number}{each}")
        with small_town.app.app_context():
            with queries_of() as statements:
                found = next_partners(small_town.actor, small_town.vehicle.vin, WANTED)
            close_reading()
        counts.append(len(statements))
    assert len(found.possible) == 50
    assert counts[0] == counts[1] <= 18


@pytest.mark.parametrize("role", list(Role))
def test_next_partners_are_for_who_may_look_at_loans(small_town: Town, people: People, role: Role) -> None:
    """A fragment for the panel, a page of its own; the way to plan only for who may."""
    small_town.partner("Wendy Torque")
    client = small_town.app.test_client()
    sign_in(client, people(role))
    address = f"/chains/next-partners?vin={small_town.vehicle.vin}&start={MONDAY}&end={MONDAY + timedelta(days=7)}"
    page = client.get(address)
    assert page.status_code == (200 if Permission.VIEW_LOANS in TABLE[role] else 403)
    if page.status_code == 200:
        fragment = client.get(address, headers={"HX-Request": "true"}).text
        assert "<html" in page.text
        assert "<html" not in fragment
        assert "Torque, Wendy" in fragment
        assert ("/calendar/plan?" in fragment) is (Permission.PLAN_LOANS in TABLE[role])
