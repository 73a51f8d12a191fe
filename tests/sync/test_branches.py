"""The branches page: each branch's zone and who set it, by hand and back, by state, for those who may."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.journey_rows import DENVER, Yard
from tests.rows import DAY, People
from tests.servers import csrf_token, sign_in
from tests.sync.movers import NOON
from tests.sync.test_page import FRAGMENT, shown
from tests.sync.test_queries import counted
from webapp.accounts.models import Location
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.errors import Forbidden, InvalidInput, NotFound
from webapp.journeys.marks import mark
from webapp.smartmoving.models import RegionZone
from webapp.smartmoving.zone_service import set_branch_zone, set_region_zone
from webapp.sync.branches import branches

PAGE = "/sync/branches"


@pytest.fixture
def yard(app: Flask, people: People) -> Iterator[Yard]:
    """Branches in Denver, in Pensacola (Florida's west), in Tampa and one without a place; a morning on Monday."""
    with time_machine.travel(NOON + timedelta(days=4), tick=False):
        yard = Yard(app, people)
        by_region = {"timezone_by": "region"}
        yard.location(
            DENVER, "America/Denver", region="CO", external_data={"name": "DENVER 🗻", "city": "Denver"}, **by_region
        )
        west: dict[str, Any] = {"latitude": 30.42, "longitude": -87.2}
        yard.location(
            "Pensacola", "America/Chicago", region="FL", external_data={"city": "Pensacola"}, **west, **by_region
        )
        yard.location("Tampa", "America/New_York", region="FL", **by_region)
        yard.location("Somewhere", None)
        yield yard


def zones(app: Flask) -> dict[str, tuple[str | None, str]]:
    """Each branch's zone and who set it."""
    with app.app_context():
        rows = db.session.execute(select(Location.name, Location.timezone, Location.timezone_by))
        return {name: (zone, by) for name, zone, by in rows if name != "Los Angeles"}


def branch_id(app: Flask, name: str) -> int:
    with app.app_context():
        return db.session.scalars(select(Location.id).where(Location.name == name)).one()


def test_a_branch_is_set_by_hand_and_back(app: Flask, yard: Yard, people: People) -> None:
    """By hand no state's zone reaches it; back it follows its state, and its place where the state is split."""
    admin = people(Role.SUPER_ADMIN).actor
    pensacola = branch_id(app, "Pensacola")
    with app.app_context():
        before = mark(admin.company_id)
        set_branch_zone(admin, pensacola, " America/Denver ")
        assert mark(admin.company_id) == before + 1
        assert set_region_zone(admin, "FL", "America/Detroit") == 1
    assert zones(app)["Pensacola"] == ("America/Denver", "hand")
    assert zones(app)["Tampa"] == ("America/Detroit", "region")
    with app.app_context():
        set_branch_zone(admin, pensacola, "")
        assert zones(app)["Pensacola"] == ("America/Detroit", "region")
        assert set_region_zone(admin, "FL", "") == 2
        assert db.session.scalars(select(RegionZone)).all() == []
    assert zones(app)["Pensacola"] == ("America/Chicago", "region")
    assert zones(app)["Tampa"] == ("America/New_York", "region")
    with app.app_context():
        set_branch_zone(admin, branch_id(app, "Somewhere"), "Pacific/Honolulu")
        set_branch_zone(admin, branch_id(app, "Somewhere"), "")
    assert zones(app)["Somewhere"] == (None, "")


def test_a_state_is_changed_twice(app: Flask, yard: Yard, people: People) -> None:
    """The later word counts; what does not change a branch changes none."""
    admin = people(Role.SUPER_ADMIN).actor
    with app.app_context():
        assert set_region_zone(admin, "CO", "America/Phoenix") == 1
        assert set_region_zone(admin, "CO", "America/Boise") == 1
        assert set_region_zone(admin, "CO", "America/Boise") == 0
        assert set_region_zone(admin, "ME", "America/Halifax") == 0
    assert zones(app)[DENVER] == ("America/Boise", "region")


def test_what_is_no_zone_state_or_branch_is_refused(app: Flask, yard: Yard, people: People) -> None:
    """The field is named; an office of the press fleet is no branch; who may not is refused first."""
    admin = people(Role.SUPER_ADMIN).actor
    office = branch_id(app, "Los Angeles")
    with app.app_context():
        for nonsense in ("Mars/Olympus", "../etc/passwd", "America", "\0", "x" * 300):
            with pytest.raises(InvalidInput) as told:
                set_branch_zone(admin, branch_id(app, DENVER), nonsense)
            assert "timezone" in told.value.fields
        with pytest.raises(InvalidInput):
            set_region_zone(admin, "CO", "Mars/Olympus")
        for unknown in ("", "XX", "co"):
            with pytest.raises(NotFound):
                set_region_zone(admin, unknown, "America/Denver")
        for number in (office, 999_999):
            with pytest.raises(NotFound):
                set_branch_zone(admin, number, "America/Denver")
        with pytest.raises(Forbidden):
            set_branch_zone(people(Role.ADMIN).actor, 999_999, "nonsense")
    assert zones(app)[DENVER] == ("America/Denver", "region")


def test_branches_are_told_with_their_jobs_of_today(app: Flask, yard: Yard, people: People) -> None:
    """By name, pictures and capitals aside; each counts its own today, in two queries; scope holds."""
    late = yard.location("🚚 aurora", "Asia/Tokyo")
    yard.journeys(3)
    yard.journey(on_board=False)
    yard.journey(late, day=DAY)
    yard.journey(late, day=DAY + timedelta(days=1))
    admin, dispatcher = people(Role.ADMIN).actor, people(Role.DISPATCHER, locations=[DENVER]).actor
    with app.app_context(), counted() as statements:
        found = branches(admin, admin.company_id)
    assert len(statements) == 2
    assert [(one.name, one.jobs_today) for one in found] == [
        ("🚚 aurora", 1),
        (DENVER, 3),
        ("Pensacola", 0),
        ("Somewhere", 0),
        ("Tampa", 0),
    ]
    denver = next(one for one in found if one.name == DENVER)
    assert (denver.their_name, denver.city, denver.region) == ("DENVER 🗻", "Denver", "CO")
    assert (denver.timezone, denver.set_by) == ("America/Denver", "region")
    assert [one.set_by for one in found if one.name == "Somewhere"] == ["default"]
    with app.app_context():
        assert [one.name for one in branches(dispatcher, dispatcher.company_id)] == [DENVER]


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_all_locations_reads_and_who_runs_syncs_changes(
    sqlite_app: Flask, yard: Yard, client: FlaskClient, people: People, role: Role
) -> None:
    """403 for the others; forms are absent for who may only read."""
    sign_in(client, people(role))
    answer = client.get(PAGE)
    assert answer.status_code == (200 if role in (Role.SUPER_ADMIN, Role.ADMIN, Role.AUDITOR) else 403)
    assert ("<form" in answer.get_data(as_text=True).partition("<main")[2]) == (role is Role.SUPER_ADMIN)
    if role is not Role.SUPER_ADMIN:
        form = {"csrf_token": csrf_token(client), "timezone": "America/Boise"}
        for address in (f"{PAGE}/{branch_id(sqlite_app, DENVER)}/zone", f"{PAGE}/regions/CO/zone"):
            assert client.post(address, data=form).status_code == 403
    assert zones(sqlite_app)[DENVER] == ("America/Denver", "region")


def test_forms_work_without_script(sqlite_app: Flask, yard: Yard, client: FlaskClient, people: People) -> None:
    """Set, back, a state, a wrong name: each answers with a page that says what happened."""
    sign_in(client, people(Role.SUPER_ADMIN))
    token = {"csrf_token": csrf_token(client)}
    address = f"{PAGE}/{branch_id(sqlite_app, 'Tampa')}/zone"
    assert client.post(address, data={**token, "timezone": "America/Chicago"}).headers["Location"] == PAGE
    page = shown(client, PAGE)
    assert "The branch&#39;s time zone is set." in page
    assert "set by hand" in page
    assert "Back to its region&#39;s" in page or "Back to its region's" in page
    client.post(address, data={**token, "timezone": "America/Chicago", "back": "1"})
    assert zones(sqlite_app)["Tampa"] == ("America/New_York", "region")
    client.post(f"{PAGE}/regions/FL/zone", data={**token, "timezone": "America/Detroit"})
    page = shown(client, PAGE)
    assert "Set. 2 branches changed with it." in page
    assert "set here; usually America/New_York" in page
    wrong = client.post(address, data={**token, "timezone": "Mars/Olympus"})
    assert wrong.status_code == 422
    assert "There is no time zone of that name." in wrong.get_data(as_text=True)
    assert 'value="Mars/Olympus"' in wrong.get_data(as_text=True)


def test_only_the_lists_are_drawn_again(sqlite_app: Flask, yard: Yard, client: FlaskClient, people: People) -> None:
    """With script: the lists and a message; a fault beside its field, with 422."""
    sign_in(client, people(Role.SUPER_ADMIN))
    token = {"csrf_token": csrf_token(client)}
    answer = client.post(f"{PAGE}/regions/CO/zone", data={**token, "timezone": "America/Boise"}, headers=FRAGMENT)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "<html" in page, "Set. 1 branch changed with it." in page) == (200, False, True)
    faulty = client.post(f"{PAGE}/regions/ME/zone", data={**token, "timezone": "Mars"}, headers=FRAGMENT)
    assert faulty.status_code == 422
    assert 'aria-describedby="fault-region-ME"' in faulty.get_data(as_text=True)


def test_a_desk_without_branches_is_told_so(sqlite_app: Flask, client: FlaskClient, people: People) -> None:
    """The regions are there all the same."""
    sign_in(client, people(Role.ADMIN))
    page = shown(client, PAGE)
    assert "No branch yet." in page
    assert "Colorado" in page
