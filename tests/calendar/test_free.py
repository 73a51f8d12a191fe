"""Who is free on given days: as many vehicles and partners at once as the rules say one by one."""

from datetime import date, timedelta
from random import Random

import pytest

from tests.rows import CREATED_AT, Fleet, People
from webapp.accounts.actor import Actor
from webapp.calendar.asked import asked_view
from webapp.calendar.filters import Filters
from webapp.calendar.reading import read_board
from webapp.db import close_reading, db
from webapp.fleet.models import Partner, Vehicle
from webapp.loans.availability import in_the_way
from webapp.loans.free import busy_people, held_vins
from webapp.loans.occupations import loans_of_partner, occupations_of_vehicle
from webapp.loans.periods import Period

FIRST = date(2026, 11, 2)
pytestmark = pytest.mark.usefixtures("context", "november")


def _world(fleet: Fleet) -> tuple[list[Vehicle], list[Partner]]:
    """Vehicles and partners with loans in every status, rows of FMS of no, one and many days, and history."""
    random = Random(6)
    vehicles, partners = fleet.add_vehicles(8), [fleet.add_partner() for _ in range(6)]
    for number, vehicle in enumerate(vehicles):
        start = FIRST + timedelta(days=random.randrange(12))
        for status in random.sample(["manual", "planned", "requested", "active", "completed", "cancelled"], 3):
            end = start + timedelta(days=random.randint(1, 9))
            fleet.add_loan(vehicle, random.choice(partners), start_day=start, end_day=end, status=status)
            start = end + timedelta(days=random.randrange(3))
        for partner in (None, random.choice(partners)):
            start = FIRST + timedelta(days=random.randrange(30))
            end = start + timedelta(days=random.choice([0, 0, 4]))
            gone_at = None if number % 3 else CREATED_AT
            fleet.add_activity(vehicle, partner, start_day=start, end_day=end, gone_at=gone_at)
        fleet.add_history(vehicle, random.choice(partners), start_day=FIRST - timedelta(days=random.randrange(20)))
    return vehicles, partners


def test_what_is_held_is_what_the_rules_say_of_each(people: People, fleet: Fleet) -> None:
    """For every window of one to eight days: one is taken exactly where the rules find something."""
    actor = people().actor
    vehicles, partners = _world(fleet)
    session = db.session()
    occupied = {each.vin: occupations_of_vehicle(session, each, date.min) for each in vehicles}
    busy = {
        each.person_id: [one.occupation for one in loans_of_partner(session, each.company_id, each.person_id)]
        for each in partners
    }
    seen = set()
    for offset in range(-12, 36):
        for days in (1, 3, 8):
            wanted = Period(FIRST + timedelta(days=offset), FIRST + timedelta(days=offset + days))
            held = {vin for vin, those in occupied.items() if in_the_way(wanted, those)}
            assert {vin for _, vin in held_vins(session, actor, wanted)} == held
            some = {each.vin: each.id for each in vehicles[:3]}
            assert {vin for _, vin in held_vins(session, actor, wanted, some)} == held & set(some)
            people_busy = {person for person, those in busy.items() if in_the_way(wanted, those)}
            assert {person for _, person in busy_people(session, actor, wanted)} == people_busy
            seen |= {("vehicles", len(held)), ("people", len(people_busy))}
    assert len(seen) > 8, "some windows are free, some are not"
    close_reading()


def _titles(view: Filters, actor: Actor) -> list[str]:
    return [row.title for row in read_board(actor, view).rows]


def test_days_outside_the_window_and_rows_of_fms_count(people: People, fleet: Fleet) -> None:
    """Free in March means free in March, whatever weeks are shown; a hold of one day in FMS takes the day."""
    actor = people().actor
    partner = fleet.add_partner("Wendy Torque")
    fleet.add_partner("Tom Alba")
    lent, held, _ = (fleet.add_vehicle(model=model) for model in ("lent", "held", "idle"))
    fleet.add_loan(lent, partner, start_day=date(2027, 3, 1), end_day=date(2027, 3, 8))
    fleet.add_activity(held, None, start_day=date(2027, 3, 9), end_day=date(2027, 3, 9))
    cases = {
        ("2027-03-01", "2027-03-08"): ["Audi held", "Audi idle"],
        ("2027-03-08", "2027-03-09"): ["Audi held", "Audi idle", "Audi lent"],
        ("2027-03-08", "2027-03-10"): ["Audi idle", "Audi lent"],
        ("2027-03-07", "2027-03-10"): ["Audi idle"],
    }
    for (first, until), titles in cases.items():
        view = asked_view(actor, {"office": "Los Angeles", "free_from": first, "free_to": until})
        assert _titles(view, actor) == titles, (first, until)
    view = asked_view(actor, {"rows": "partners", "free_from": "2027-03-07", "free_to": "2027-03-08"})
    assert _titles(view, actor) == ["Alba, Tom"]
