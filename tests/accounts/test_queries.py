"""What other rooms ask about offices and people."""

from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.rows import People
from webapp.accounts import queries
from webapp.accounts.models import Location
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.errors import Forbidden


@pytest.fixture
def offices(app: Flask, people: People) -> None:
    """Three offices and a branch of ours, one office of another company."""
    ours = people(locations=["Los Angeles", "Atlanta", "Chicago"], email="somebody@example.com").company_id
    people(company="Sample Movers", locations=["Boston"])
    with app.app_context(), writing() as session:
        session.add(Location(company_id=ours, name="Branch", is_office=False))
        session.add(Location(company_id=ours, name="Honolulu", is_office=True, timezone="Pacific/Honolulu"))


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize(
    ("role", "own", "seen"),
    [
        (Role.SUPER_ADMIN, [], ["Atlanta", "Boston", "Chicago", "Honolulu", "Los Angeles"]),
        (Role.ADMIN, [], ["Atlanta", "Chicago", "Honolulu", "Los Angeles"]),
        (Role.AUDITOR, [], ["Atlanta", "Chicago", "Honolulu", "Los Angeles"]),
        (Role.SCHEDULER, ["Los Angeles", "Atlanta"], ["Atlanta", "Los Angeles"]),
        (Role.MANAGER, [], []),
        (Role.DRIVER, ["Atlanta"], ["Atlanta"]),
    ],
)
def test_everybody_sees_the_offices_in_scope(
    app: Flask, people: People, role: Role, own: list[str], seen: list[str]
) -> None:
    """All companies', the own company's or one's own; sorted, branches left out; none without locations."""
    actor = people(role, locations=own).actor
    with app.app_context():
        assert queries.offices(actor) == seen


@pytest.mark.usefixtures("offices")
def test_a_day_begins_in_the_zone_of_the_office(app: Flask, people: People) -> None:
    """Its own zone, else the one of the settings, also for an office nobody knows."""
    company_id = people().company_id
    with app.app_context():
        assert queries.zone_of(company_id, "Honolulu") == ZoneInfo("Pacific/Honolulu")
        assert queries.zone_of(company_id, "Atlanta") == app.extensions["settings"].zone
        assert queries.zone_of(company_id, "Nowhere") == app.extensions["settings"].zone


def test_somebody_as_an_actor(app: Flask, people: People) -> None:
    """The same value a request of theirs would act with; None for the unknown and the deactivated."""
    person, gone = people(Role.MANAGER, locations=["Atlanta", "Los Angeles"]), people(is_active=False)
    with app.app_context():
        assert queries.actor_of(person.user_id) == person.actor
        assert queries.actor_of(gone.user_id) is None
        assert queries.actor_of(999) is None


def test_a_company_is_found_by_name(app: Flask, people: People) -> None:
    """Its id, or None."""
    company_id = people(company="Sample Movers").company_id
    with app.app_context():
        assert queries.company_named("Sample Movers") == company_id
        assert queries.company_named("Nobody's") is None


def test_people_are_listed_for_those_who_manage_them(app: Flask, people: People) -> None:
    """A SUPER_ADMIN sees everybody, an ADMIN the own company, others nobody."""
    boss, admin, scheduler = people(Role.SUPER_ADMIN), people(Role.ADMIN), people()
    stranger = people(company="Sample Movers")
    with app.app_context():
        everybody = {person.email for person in queries.people(boss.actor)}
        assert everybody == {boss.email, admin.email, scheduler.email, stranger.email}
        assert {person.email for person in queries.people(admin.actor)} == everybody - {stranger.email}
        with pytest.raises(Forbidden):
            queries.people(scheduler.actor)
