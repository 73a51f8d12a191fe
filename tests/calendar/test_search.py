"""Searching at any office on any day: what is found, where choosing it leads, and what it costs."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select

from tests.queries_counted import queries_of
from tests.rows import CREATED_AT, DAY, Fleet, People
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.calendar.asked import asked_view, showing, target
from webapp.calendar.filters import Filters, Rows, view_in
from webapp.calendar.looks import Look
from webapp.calendar.reading import read_board
from webapp.calendar.search import Group, search
from webapp.db import close_reading, writing
from webapp.fleet.models import Vehicle

TODAY = date(2026, 11, 19)
FAR = date(2028, 3, 6)
PLAIN: Mapping[str, str] = {}
pytestmark = pytest.mark.usefixtures("context", "november")


@pytest.fixture
def actor(people: People) -> Actor:
    """A scheduler of Los Angeles and Miami."""
    return people(locations=["Los Angeles", "Miami"]).actor


def found(actor: Actor, text: str) -> dict[str, list[str]]:
    """The titles of what is found, by kind."""
    return {group.name: [find.title for find in group.finds] for group in groups(actor, text)}


def groups(actor: Actor, text: str, address: Mapping[str, str] = PLAIN, *, most: int = 6) -> tuple[Group, ...]:
    """What is found from the view of that address."""
    return search(actor, asked_view(actor, address), text, most)


def test_partners_are_found_by_any_words_in_any_order(actor: Actor, fleet: Fleet) -> None:
    """First and last name, outlet, without accents; a word for the vehicle tells their loans apart."""
    partner = fleet.add_partner("Wendy Álvarez Torque", affiliation="Coastline Auto", office="Miami")
    fleet.add_partner("Tom Alba", affiliation="Ring Report")
    fleet.add_loan(fleet.add_vehicle("WAUZZZ8V0SA051916"), partner, start_day=FAR)
    other = fleet.add_partner("Ana Lund", affiliation="")
    fleet.add_loan(fleet.add_vehicle(make="Kia", model="EV9"), other, start_day=FAR)
    loans = ["Torque, Wendy Álvarez: Audi A3 Premium Plus \u2026SA051916"]
    for text in ("wendy torque", "Torque, Wendy", "TORQUE", "coastline", "alvarez wendy", "Álvarez"):
        assert found(actor, text) == {"Loans": loans, "Partners": ["Torque, Wendy Álvarez"]}, text
    for text in ("a3 torque", "torque sa05"):
        assert found(actor, text) == {"Loans": loans}, text


def test_vehicles_are_found_by_part_of_their_vin(actor: Actor, fleet: Fleet) -> None:
    """Any part of it, with or without the dots that stand before its last eight on the board."""
    fleet.add_vehicle("WAUZZZ8V0SA051916", make="Citroën", model="Ami")
    for text in ("SA051916", "\u2026SA051916", "zzz8v0", "citroen ami", "Citroën"):
        assert found(actor, text) == {"Vehicles": ["Citroën Ami \u2026SA051916"]}


def test_requests_are_found_by_number(actor: Actor, fleet: Fleet) -> None:
    """By their first digits; the very number stands first, whatever is sooner."""
    vehicle, partner = fleet.add_vehicle("WAUZZZ8V0SA000001"), fleet.add_partner("Ana Lund")
    for number, start in ((43725, FAR), (4372, FAR + timedelta(weeks=2))):
        fleet.add_loan(vehicle, partner, start_day=start, status="requested", fms_request_id=number)
    for text, count in (("#4372", 2), ("4372", 2), ("#43725", 1), ("#437", 2), ("#372", 0)):
        assert sum(group.total for group in groups(actor, text)) == count, text
    assert "#4372 " in groups(actor, "4372")[0].finds[0].details


def test_what_fms_has_is_found_and_a_linked_loan_once(actor: Actor, fleet: Fleet) -> None:
    """Holds by their kind, VINs outside the fleet by their letters; of a loan and its activity, the loan."""
    vehicle, partner = fleet.add_vehicle("WAUZZZ8V0SA000001"), fleet.add_partner("Ana Lund")
    fleet.add_activity(vehicle, None, start_day=FAR, activity_type="Hold For Turn In")
    fleet.add_activity("XYZSTRANGE0000042", None, start_day=FAR, activity_type="Service")
    linked = fleet.add_activity(vehicle, partner, start_day=DAY)
    fleet.add_loan(vehicle, partner, start_day=DAY, status="active", activity_id=linked.activity_id)
    fleet.add_activity(vehicle, partner, start_day=FAR, gone_at=CREATED_AT)
    assert found(actor, "turn in") == {"In FMS's calendar": ["Hold For Turn In: Audi A3 Premium Plus \u2026SA000001"]}
    assert found(actor, "strange") == {"In FMS's calendar": ["Service: \u2026E0000042"]}
    assert {name: len(finds) for name, finds in found(actor, "lund").items()} == {"Loans": 1, "Partners": 1}


def test_nothing_out_of_scope_is_found(people: People, fleet: Fleet) -> None:
    """A colleague of another office finds none of it; who may see all offices finds everything."""
    vehicle, partner = fleet.add_vehicle(office="Miami"), fleet.add_partner("Ana Lund", office="Miami")
    fleet.add_loan(vehicle, partner, start_day=FAR)
    fleet.add_activity(vehicle, partner, start_day=FAR + timedelta(weeks=9))
    assert found(people(locations=["Los Angeles"]).actor, "lund") == {}
    assert set(found(people(Role.ADMIN, locations=[]).actor, "lund")) == {"Loans", "In FMS's calendar", "Partners"}
    assert found(people(company="Another company").actor, "lund") == {}


def test_the_nearest_comes_first_and_the_rest_is_counted(actor: Actor, fleet: Fleet) -> None:
    """What is to come, the soonest first, then what is over, the latest first; and how many more there are."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner("Ana Lund")
    days = [date(2027, 1, 4), date(2026, 11, 23), date(2026, 3, 2), date(2026, 6, 1), date(2027, 6, 7)]
    for day in days:
        fleet.add_loan(vehicle, partner, start_day=day)
    (loans, _) = groups(actor, "lund", most=4)
    assert [find.details[4:12] for find in loans.finds] == ["11-23-26", "01-04-27", "06-07-27", "06-01-26"]
    assert (loans.total, loans.more) == (5, 1)


def test_odd_words_find_nothing(actor: Actor, fleet: Fleet) -> None:
    """Wildcards are letters, too little is nothing, and no number is too long."""
    fleet.add_loan(fleet.add_vehicle(), fleet.add_partner("Tom Alba"))
    for text in ("", "  ", "to", ",,,", "%%%", "___", "\\\\\\", "'\"--", "#", "9" * 80):
        assert groups(actor, text) == (), text


def test_words_that_name_the_whole_fleet(postgres_app: Flask, actor: Actor, fleet: Fleet) -> None:
    """As single letters do: they are looked for all the same, whatever the number of keys that they name."""
    fleet.add_vehicle()
    with writing() as session:
        plain = dict(session.execute(select(Vehicle.__table__)).mappings().one())
        del plain["id"]
        named = ({"vin": f"WAUZZZ8V0SB{number:06}", "vehicle_id": 10**6 + number} for number in range(9_000))
        session.execute(insert(Vehicle), [{**plain, **one} for one in named])
    (vehicles,) = groups(actor, "a u d i w z v 8 s b 0 a a a")
    assert vehicles.total == 9_001


def test_a_search_is_four_statements(actor: Actor, fleet: Fleet) -> None:
    """However much there is to find."""
    with queries_of() as few:
        search(actor, asked_view(actor, {}), "audi lund", 6)
    for vehicle in fleet.add_vehicles(5):
        fleet.add_loan(vehicle, fleet.add_partner("Ana Lund"))
    close_reading()
    with queries_of() as many:
        search(actor, asked_view(actor, {}), "audi lund", 6)
    assert len(few) <= len(many) == 4


def jumped(actor: Actor, address: str) -> Filters:
    """The view in which what `address` names is shown."""
    asked = view_in(address, TODAY)
    assert asked is not None
    values = dict(part.split("=", 1) for part in address.partition("?")[2].split("&"))
    wanted = target(actor, values)
    assert wanted is not None
    view = showing(asked, wanted)
    assert read_board(actor, view).shows(wanted.card, wanted.row), address
    return view


def test_choosing_leads_to_a_board_that_shows_it(actor: Actor, fleet: Fleet) -> None:
    """Other days, office and rows exactly where they must be; from every view, to everything found."""
    here, there = fleet.add_vehicle(), fleet.add_vehicle(office="Miami")
    partner = fleet.add_partner("Ana Lund", office="Miami")
    fleet.add_loan(here, partner, start_day=DAY)
    fleet.add_loan(there, partner, start_day=FAR)
    fleet.add_loan(there, partner, start_day=DAY, status="cancelled")
    fleet.add_activity(there, None, start_day=FAR + timedelta(weeks=9), to="Lund's hold")
    fleet.add_activity("XYZLUND0000000042", None, start_day=date(2025, 1, 6), activity_type="Service")
    for start in (
        {"office": "Los Angeles"},
        {"office": "Miami", "rows": "partners"},
        {"start": "2026-03-02", "end": "2026-03-08"},
        {"office": "Los Angeles", "rows": "partners"},
    ):
        finds = [find for text in ("lund", "audi") for group in groups(actor, text, start) for find in group.finds]
        assert len(finds) >= 8
        for find in finds:
            jumped(actor, find.address)
    kept = jumped(actor, groups(actor, "lund", {"office": "Los Angeles", "rows": "partners"})[0].finds[0].address)
    assert (kept.office, kept.rows, kept.window.first) == ("Los Angeles", Rows.PARTNERS, date(2026, 11, 16))
    far = jumped(actor, groups(actor, "lund", {"office": "Los Angeles"})[0].finds[-1].address)
    assert (far.office, far.window.first, far.window.days) == ("Miami", FAR, 28)
    cancelled = [find for find in groups(actor, "lund")[0].finds if find.look is Look.CANCELLED]
    assert jumped(actor, cancelled[0].address).status is Look.CANCELLED
