"""Branches become locations: named, told apart, renamed, adopted, given zones and places."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.rows import People
from tests.smartmoving.desk import Desk
from webapp.accounts.models import Location
from webapp.accounts.permissions import Role
from webapp.accounts.service import ensure_office
from webapp.db import db, writing
from webapp.smartmoving import queries, service
from webapp.smartmoving.branch_names import normal_name
from webapp.smartmoving.branches import UNASSIGNED, UNASSIGNED_ID, known_branches
from webapp.smartmoving.outcomes import GONE


def location(desk: Desk, **conditions: Any) -> Location:
    """One location, detached."""
    with desk.app.app_context():
        found = db.session.scalars(select(Location).filter_by(**conditions)).one()
        db.session.expunge_all()
        return found


def test_every_branch_is_a_location(desk: Desk) -> None:
    """By its id, with a readable name, region, zone and place; those of one name are told apart."""
    desk.sync()
    truth = {branch["id"]: branch for branch in desk.sandbox.smartmoving_state()["branches"]}
    with desk.inside():
        found = {one.branch_id: one for one in queries.branches(desk.company_id) if not one.is_unassigned}
    assert found.keys() == truth.keys()
    for branch_id, one in found.items():
        if truth[branch_id]["has_location"]:
            assert (one.region, one.timezone_by) == (truth[branch_id]["state"], "region")
            assert one.timezone
            assert one.latitude is not None
    springfields = sorted(one.name for one in found.values() if one.name.startswith("Springfield"))
    assert len(springfields) == 2
    assert springfields[0] == "Springfield"
    assert springfields[1] in ("Springfield · IL", "Springfield · MO")
    montreal = next(one for one in found.values() if normal_name(one.name).startswith("montreal"))
    assert montreal.name == montreal.name.strip()


def test_a_renamed_branch_renames_its_location(desk: Desk) -> None:
    """Its id stays, its journeys stay, and details that write the new name find it in the same run."""
    desk.sync()
    branch = desk.sandbox.smartmoving_state()["branches"][0]
    before = location(desk, external_id=branch["id"])
    desk.sandbox.change_branch(branch["id"], name="Harbour Side")
    one = desk.sandbox.add_customer(desk.day, branch_id=branch["id"])
    made = len(desk.calls())
    report = desk.sync()
    assert sorted(desk.calls()[made:]) == ["branches", "customers", "opportunity"]
    after = location(desk, external_id=branch["id"])
    assert (after.id, after.name) == (before.id, "Harbour Side")
    assert desk.journey(one["jobs"][0]["id"]).location_id == before.id
    assert report.warnings == ()


def test_two_branches_may_swap_their_names(desk: Desk) -> None:
    """No name is in the way of itself."""
    desk.sync()
    towns = {one["city"]: one for one in desk.sandbox.smartmoving_state()["branches"]}
    first, second = towns["Tulsa"], towns["Phoenix"]
    names = [location(desk, external_id=one["id"]).name for one in (first, second)]
    desk.sandbox.change_branch(first["id"], name=second["name"])
    desk.sandbox.change_branch(second["id"], name=first["name"])
    desk.moment += timedelta(hours=21)
    desk.sync()
    assert [location(desk, external_id=one["id"]).name for one in (second, first)] == names


def test_a_branch_that_matches_nothing_goes_to_unassigned(desk: Desk) -> None:
    """Never to a default city: with a warning, and the branches were read again before."""
    desk.sync()
    one = desk.sandbox.add_customer(desk.day)
    desk.sandbox.change_opportunity(one["id"], branch_name="Nowhere at all")
    made = len(desk.calls())
    report = desk.sync()
    assert desk.calls()[made:].count("branches") == 1
    assert location(desk, id=desk.journey(one["jobs"][0]["id"]).location_id).external_id == UNASSIGNED_ID
    assert report.warnings == (f"Quote {one['quote_number']} of the branch Nowhere at all went to {UNASSIGNED}.",)
    assert report.is_good


def test_a_branch_that_opens_later_gets_its_jobs(desk: Desk) -> None:
    """What waited under Unassigned moves as soon as the branches are read, without its detail being read again."""
    desk.sync()
    first, second = (desk.sandbox.add_customer(desk.day) for _ in range(2))
    desk.sandbox.change_opportunity(first["id"], branch_name="Brand New")
    desk.sandbox.change_opportunity(second["id"], status=3, branch_name="Nowhere at all")
    desk.sync()
    opened = desk.sandbox.add_branch(name="Brand  NEW")
    desk.sandbox.change_opportunity(second["id"], status=4)
    made = len(desk.calls())
    desk.sync()
    assert sorted(desk.calls()[made:]) == ["branches", "customers", "opportunity"]
    places = [location(desk, id=desk.journey(one["jobs"][0]["id"]).location_id) for one in (first, second)]
    assert [place.external_id for place in places] == [opened["id"], UNASSIGNED_ID]
    assert desk.journey(first["jobs"][0]["id"]).sync_status == "SYNCED"


def test_a_branch_that_opens_later_brings_back_nothing_that_was_taken_off(desk: Desk) -> None:
    """A job that SmartMoving no longer has stays off the board, though its branch is known now."""
    desk.sync()
    gone = desk.sandbox.add_customer(desk.day)
    desk.sandbox.change_opportunity(gone["id"], branch_name="Brand New")
    desk.sync()
    desk.sandbox.delete_opportunity(gone["id"])
    desk.sync()
    desk.sandbox.add_branch(name="Brand New")
    # The branches are read again when no sweep covers its day any more: what came back would stay.
    desk.moment += timedelta(days=1)
    desk.sync()
    journey = desk.journey(gone["jobs"][0]["id"])
    assert (journey.on_board, journey.off_reason) == (False, GONE)


def test_two_branches_of_one_name_and_no_phone_to_tell_them_apart(desk: Desk) -> None:
    """Where neither phone nor the origin's state decides, the job is Unassigned rather than somewhere."""
    desk.sync()
    first, second = [one for one in desk.sandbox.smartmoving_state()["branches"] if one["name"] == "Springfield"]
    for branch in (first, second):
        desk.sandbox.change_branch(branch["id"], phone="")
    one = desk.sandbox.add_customer(desk.day, branch_id=first["id"])
    job = one["jobs"][0]
    desk.sandbox.change_opportunity(one["id"], jobs=[{"id": job["id"], "addresses": ["1 First Street"]}])
    desk.sync()
    assert desk.board()[job["id"]]["branch_id"] == UNASSIGNED_ID
    address = f"1 First Street, Springfield, {first['state']}"
    desk.sandbox.change_opportunity(
        one["id"], jobs=[{"id": job["id"], "addresses": [address], "date": (desk.day + timedelta(1)).isoformat()}]
    )
    desk.sync()
    assert desk.board()[job["id"]]["branch_id"] == first["id"]


def test_an_existing_location_of_the_name_becomes_the_branch(desk: Desk) -> None:
    """Of one name they are one place; a press office keeps its name when the branch is renamed."""
    with desk.app.app_context(), writing() as session:
        office = ensure_office(session, desk.company_id, "Tulsa").id
    desk.sync()
    branch = next(one for one in desk.sandbox.smartmoving_state()["branches"] if one["city"] == "Tulsa")
    assert location(desk, name="Tulsa").id == office
    assert location(desk, name="Tulsa").external_id == branch["id"]
    desk.sandbox.change_branch(branch["id"], name="Tulsa Two")
    opened = desk.sandbox.add_branch(name="Tulsa")
    desk.moment += timedelta(hours=21)
    desk.sync()
    assert (location(desk, id=office).name, location(desk, id=office).external_id) == ("Tulsa", branch["id"])
    assert location(desk, external_id=opened["id"]).name.startswith("Tulsa · ")


def test_zones_set_by_hand_stay(desk: Desk) -> None:
    """A branch's own zone and a region's own zone outlive the next reading; without them the table counts."""
    people = People(desk.app)
    desk.sync()
    actor = people(Role.SUPER_ADMIN).actor
    with desk.inside():
        branches = {one.name_there: one for one in queries.branches(desk.company_id)}
        phoenix, honolulu = branches["Phoenix"], next(one for name, one in branches.items() if "Honolulu" in name)
        service.set_branch_zone(actor, phoenix.location_id, "America/Denver")
        service.set_region_zone(actor, "HI", "America/Anchorage")
    desk.moment += timedelta(hours=21)
    desk.sync()
    assert location(desk, id=phoenix.location_id).timezone == "America/Denver"
    assert location(desk, id=phoenix.location_id).timezone_by == "hand"
    assert location(desk, id=honolulu.location_id).timezone == "America/Anchorage"


def test_a_branch_that_closed_gets_no_more_jobs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its location stays with its journeys; its name means nobody until it is listed again."""
    from webapp.smartmoving.client import SmartMovingClient

    desk.sync()
    listed = SmartMovingClient.branches
    with monkeypatch.context() as patch:
        patch.setattr(SmartMovingClient, "branches", lambda self: listed(self)[1:])
        desk.moment += timedelta(hours=21)
        desk.sync()
    closed = desk.sandbox.smartmoving_state()["branches"][0]
    with desk.app.app_context():
        assert not known_branches(desk.company_id).knows(closed["name"])
    assert not (location(desk, external_id=closed["id"]).external_data or {})["is_listed"]
    desk.moment += timedelta(hours=21)
    desk.sync()
    with desk.app.app_context():
        assert known_branches(desk.company_id).knows(closed["name"])


def test_an_empty_list_of_branches_is_not_believed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """All branches stay, and the report says so."""
    from webapp.smartmoving.client import SmartMovingClient

    desk.sync()
    desk.moment += timedelta(hours=21)
    monkeypatch.setattr(SmartMovingClient, "branches", lambda self: [])
    report = desk.sync()
    assert "SmartMoving lists no branch; those known before stay." in report.warnings
    with desk.inside():
        assert all(one.is_listed for one in queries.branches(desk.company_id) if not one.is_unassigned)
