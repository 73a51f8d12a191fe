"""Reading for many at once finds what reading for one finds, one by one; on both engines."""

from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask

from tests.calendar.conftest import november as november
from tests.chains.worlds import HOME, MAKES, START, TODAY, World, build
from webapp.chains.looking.loan_reading import loans_of_make, loans_of_people, occupations_at, prefixes_of
from webapp.db import close_reading, db
from webapp.fleet.makes import ALIASES, make_key
from webapp.loans.occupations import loans_of_partner, occupations_of_vehicle
from webapp.loans.periods import Period
from webapp.loans.rules.facts import PartnerLoan

pytestmark = pytest.mark.usefixtures("november")
SEEDS = range(20)
MEANWHILE = Period(START, START + timedelta(days=14))


@pytest.fixture
def worlds(app: Flask) -> list[World]:
    """Twenty companies in one database."""
    with app.app_context():
        return [build(seed) for seed in SEEDS]


def test_vehicles_are_held_by_the_same(app: Flask, worlds: list[World]) -> None:
    """Of an office's vehicles, and of one that is asked for by its VIN."""
    with app.app_context():
        session, found = db.session(), 0
        for world in worlds:
            company_id, others = world.actor.company_id, [one for one in world.vehicles if one.office != HOME]
            held = occupations_at(session, company_id, HOME, [one.vin for one in others[:1]], TODAY)
            for vehicle in (*(one for one in world.vehicles if one.office == HOME), *others[:1]):
                expected = occupations_of_vehicle(session, vehicle, TODAY)
                assert Counter(held.get(vehicle.vin, ())) == Counter(expected), vehicle.vin
                found += len(expected)
            assert not any(vehicle.vin in held for vehicle in others[1:])
        assert found > 100
        close_reading()


def test_people_have_the_same_loans(app: Flask, worlds: list[World]) -> None:
    """Ours, FMS's and those that are over, each once, whoever FMS has given an activity of ours to."""
    with app.app_context():
        session, found = db.session(), 0
        for world in worlds:
            people = {one.person_id for one in world.partners}
            loans = loans_of_people(session, world.actor.company_id, people)
            for person_id in people:
                expected = loans_of_partner(session, world.actor.company_id, person_id)
                assert Counter(loans.get(person_id, ())) == Counter(expected), person_id
                found += len(expected)
        assert found > 200
        close_reading()


def test_of_a_make_nothing_that_rules_look_at_is_missing(app: Flask, worlds: list[World]) -> None:
    """All of the VIN, of the make under any spelling what is not long over, of everything else what is not over."""
    with app.app_context():
        session = db.session()
        for world in worlds:
            people = {one.person_id for one in world.partners}
            vehicle = world.vehicles[0]
            key = make_key(vehicle.make)
            since = TODAY - timedelta(days=100)
            loans, busy = (loans_of_make(session, vehicle, people, since, days) for days in (None, MEANWHILE))
            for person_id in people:
                every = loans_of_partner(session, world.actor.company_id, person_id)
                late = {one for one in every if one.make_key == key and one.occupation.end_day >= since}
                wanted = late | {one for one in every if one.vin == vehicle.vin}
                assert wanted <= set(loans.get(person_id, ()))
                also = {one for one in every if not one.is_over and one.occupation.period.overlaps(MEANWHILE)}
                assert wanted | also <= set(busy.get(person_id, ())) <= set(every)
        close_reading()


@pytest.mark.parametrize(
    "name", [*ALIASES, *(name for names in MAKES for name in names), "Škoda", "škoda", "Q", "Q PR - Press"]
)
def test_no_spelling_of_a_make_is_passed_over(name: str) -> None:
    """In capitals, without, and with a space too many."""
    prefixes = prefixes_of(make_key(name))
    assert {name[:2], name[:2].upper(), name[:2].lower(), name[:2].capitalize()} <= set(prefixes)


def test_nobody_is_asked_about(app: Flask) -> None:
    """An empty list of people or VINs is an empty answer, not a broken statement."""
    with app.app_context():
        world = build(0)
        company_id = world.actor.company_id
        none: dict[int, tuple[PartnerLoan, ...]] = {}
        assert loans_of_people(db.session(), company_id, []) == none
        assert loans_of_make(db.session(), world.vehicles[0], [], TODAY, None) == none
        assert occupations_at(db.session(), company_id, "Nowhere", [], TODAY) == {}
        close_reading()
