"""The map of a chain: every partner and hop where they are, nothing hidden, and the same in words."""

import itertools
from datetime import date, timedelta
from math import hypot
from xml.etree import ElementTree

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar.conftest import november as november
from tests.queries_counted import queries_of
from tests.rows import OFFICE, Fleet, People
from tests.servers import sign_in
from webapp.accounts.models import Location
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.chains.panels.hop_map import HEIGHT, MARK, WIDTH, HopMap, Spot, draw_map
from webapp.chains.panels.map_reading import read_map
from webapp.chains.panels.picture_reading import read_picture
from webapp.db import close_reading, writing
from webapp.fleet.distances import tenth_miles

SVG = "{http://www.w3.org/2000/svg}"
LOS_ANGELES, PASADENA, IRVINE = (34.05, -118.25), (34.15, -118.14), (33.68, -117.79)
DESK = Spot(OFFICE, LOS_ANGELES)
START = date(2026, 12, 7)


def read(found: HopMap) -> ElementTree.Element:
    return ElementTree.fromstring(str(found.drawing).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def stops(*points: tuple[float, float] | None, name: str = "Partner") -> list[Spot]:
    return [Spot(f"{name} {number}", point, number, "planned", "days") for number, point in enumerate(points, 1)]


def marks(drawing: ElementTree.Element) -> dict[int, tuple[float, float]]:
    """Where the marks of the stops are, by number."""
    found = {}
    for group in drawing.iter(f"{SVG}g"):
        if group.get("class", "").startswith("stop"):
            circle, number = group.find(f"{SVG}circle"), group.findtext(f"{SVG}text")
            assert circle is not None
            assert number is not None
            found[int(number)] = (float(circle.get("cx", "")), float(circle.get("cy", "")))
    return found


def dots(found: HopMap) -> list[str | None]:
    """Who is drawn faintly."""
    circles = read(found).iter(f"{SVG}circle")
    return [each.findtext(f"{SVG}title") for each in circles if each.get("class") == "other"]


def words(drawing: ElementTree.Element, kind: str) -> list[str]:
    return [each.text or "" for each in drawing.iter(f"{SVG}text") if each.get("class") == kind]


def test_hops_lead_from_the_office_from_one_to_the_next() -> None:
    """In words for everybody: to whom, from where, how far, and altogether."""
    found = draw_map(DESK, stops(PASADENA, IRVINE))
    assert [(hop.number, hop.name, hop.origin, hop.miles) for hop in found.hops] == [
        (1, "Partner 1", "Los Angeles", "9.3 miles"),
        (2, "Partner 2", "Partner 1", "38 miles"),
    ]
    assert found.total == "48 miles altogether"
    assert (found.nearby, found.unplaced) == (0, ())
    drawing = read(found)
    said = drawing.findtext(f"{SVG}desc")
    assert said == "1. Partner 1, 9.3 miles from Los Angeles. 2. Partner 2, 38 miles from Partner 1."
    assert words(drawing, "miles") == ["9.3 miles", "38 miles"]
    assert sorted(words(drawing, "name")) == ["Los Angeles", "Partner 1", "Partner 2"]
    assert words(drawing, "scale-words") == ["10 miles"]


def test_the_miles_of_a_short_way_stand_beside_it() -> None:
    """On a line that they would hide, they are above or below; a long one carries them."""
    drawing = read(draw_map(DESK, stops((34.05, -118.35), (34.05, -117.6))))
    at = {text.text: float(text.get("y", "")) for text in drawing.iter(f"{SVG}text") if text.get("class") == "miles"}
    (_x, line), *_ = marks(drawing).values()
    assert abs(at["43 miles"] - 4 - line) < 1
    assert abs(at["5.7 miles"] - 4 - line) > 7


def test_north_is_up_and_a_mile_is_a_mile_either_way() -> None:
    """Distances on the picture are in proportion to those on the ground, in every direction."""
    found = marks(read(draw_map(DESK, stops(PASADENA, IRVINE, (34.05, -118.6)))))
    assert found[1][1] < found[2][1]
    assert found[3][0] < found[1][0] < found[2][0]
    points = {1: PASADENA, 2: IRVINE, 3: (34.05, -118.6)}
    ratios = [
        hypot(found[one][0] - found[two][0], found[one][1] - found[two][1]) / tenth_miles(points[one], points[two])
        for one, two in itertools.combinations(points, 2)
    ]
    assert max(ratios) / min(ratios) < 1.02


def test_partners_without_a_place_are_told_not_lost() -> None:
    """The ways there and on from there are not counted, as in the solver; an office that is nowhere, too."""
    found = draw_map(DESK, stops(PASADENA, None, IRVINE))
    assert [hop.miles for hop in found.hops] == ["9.3 miles", "", ""]
    assert found.unplaced == ("Partner 2",)
    assert found.total == "9.3 miles altogether, as far as it is known"
    assert "2. Partner 2, from Partner 1, how far is not known." in (read(found).findtext(f"{SVG}desc") or "")
    nowhere = draw_map(Spot("Office", None), stops(None))
    assert (str(nowhere.drawing), nowhere.total, len(nowhere.hops)) == ("", "", 1)
    assert sorted(marks(read(draw_map(Spot("Office", None), stops(PASADENA, IRVINE))))) == [1, 2]


def test_four_partners_at_one_address_are_four_marks() -> None:
    """They stand around it, each with a thread to the place; the hops between them are of no miles."""
    found = draw_map(DESK, stops(PASADENA, PASADENA, PASADENA, PASADENA))
    places = marks(read(found))
    assert len(places) == 4
    for one, other in itertools.combinations(places.values(), 2):
        assert hypot(one[0] - other[0], one[1] - other[1]) >= 2 * MARK
    assert [hop.miles for hop in found.hops][1:] == ["0 miles"] * 3


def test_others_are_faint_and_only_where_they_are_in_the_picture() -> None:
    """Without a chain those within reach of the office; with one, those that lie within its picture."""
    others = [Spot("Near", (33.9, -118.0)), Spot("Far", (40.7, -74.0)), Spot("Nowhere", None)]
    assert draw_map(DESK, [], others).nearby == 1
    drawn = draw_map(DESK, stops(IRVINE), others)
    assert drawn.nearby == 1
    assert dots(drawn) == ["Near"]
    assert draw_map(DESK, []).drawing


def test_it_crosses_the_date_line_the_short_way() -> None:
    """From one side to the other it is some miles, not the whole globe."""
    found = draw_map(Spot("Office", (52.0, 179.9)), stops((52.0, -179.9)))
    (x, y) = marks(read(found))[1]
    assert x > WIDTH / 2
    assert abs(y - HEIGHT / 2) < 1


coordinates = st.tuples(st.floats(24, 49), st.floats(-124, -67))
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=40)


@given(
    coordinates,
    st.lists(st.tuples(names, st.none() | coordinates | st.sampled_from([LOS_ANGELES, PASADENA])), max_size=10),
    st.lists(st.tuples(names, coordinates), max_size=20),
)
def test_any_chain_is_drawn_inside_its_frame(
    office: tuple[float, float],
    chain: list[tuple[str, tuple[float, float] | None]],
    others: list[tuple[str, tuple[float, float]]],
) -> None:
    """Whatever names and places: well-formed, inside, no mark on another, the sum of the hops as in the solver."""
    spots = [Spot(name, point, number, "manual") for number, (name, point) in enumerate(chain, 1)]
    found = draw_map(Spot("<Office> & more", office), spots, [Spot(name, point) for name, point in others])
    drawing = read(found)
    places = marks(drawing)
    assert sorted(places) == [spot.number for spot in spots if spot.point]
    for x, y in places.values():
        assert MARK <= x <= WIDTH - MARK
        assert MARK <= y <= HEIGHT - MARK
    for one, other in itertools.combinations(places.values(), 2):
        assert max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= 2 * MARK
    path = [office, *(spot.point for spot in spots)]
    known = [(one, other) for one, other in itertools.pairwise(path) if one and other]
    assert sum(bool(hop.miles) for hop in found.hops) == len(known)
    whole = sum(tenth_miles(one, other) for one, other in known)
    if whole >= 100:
        assert found.total.startswith(f"{whole / 10:,.0f} miles")


# --- read from the database


@pytest.fixture
def chain(fleet: Fleet, app: Flask) -> str:
    """A saved vehicle chain of two partners in Pasadena and Irvine, others approved and not; its id."""
    vehicle = fleet.add_vehicle(make="Volkswagen")
    for number, (name, point) in enumerate((("Jo Vance", PASADENA), ("Ada Quill", IRVINE))):
        partner = fleet.add_partner(name, latitude=point[0], longitude=point[1])
        fleet.approve_make(partner, "VW")
        fleet.add_loan(vehicle, partner, start_day=START + number * timedelta(7), chain_id="c")
    for name, office, rank in (("Near", OFFICE, "B"), ("Pending", OFFICE, "Pending"), ("Elsewhere", "Miami", "A")):
        other = fleet.add_partner(name, office=office, latitude=33.9, longitude=-118.0)
        fleet.approve_make(other, "VW", rank)
    fleet.approve_make(fleet.add_partner("Vast", latitude=33.9, longitude=-118.0), "Volvo")
    with app.app_context(), writing() as session:
        for place in session.query(Location):
            place.latitude, place.longitude = LOS_ANGELES
    return "c"


@pytest.mark.usefixtures("november", "context")
def test_a_saved_chain_with_who_else_could_take_the_vehicle(people: People, chain: str) -> None:
    """Approved under any spelling, not pending, listed where the person may see it; each once."""
    actor, admin = people().actor, people(Role.ADMIN).actor
    found = read_map(actor, read_picture(actor, None, chain))
    assert [(hop.name, hop.miles, hop.days) for hop in found.hops] == [
        ("Vance, Jo", "9.3 miles", "12-07-26 → 12-14-26"),
        ("Quill, Ada", "38 miles", "12-14-26 → 12-21-26"),
    ]
    assert dots(found) == ["Near"]
    assert read_map(admin, read_picture(admin, None, chain)).nearby == 2


@pytest.mark.usefixtures("november", "context")
def test_a_partner_chain_has_one_way(people: People, fleet: Fleet, app: Flask) -> None:
    """From the office to the partner; whoever has no place is told."""
    partner = fleet.add_partner("Jo Vance")
    for number, vehicle in enumerate(fleet.add_vehicles(2)):
        fleet.add_loan(vehicle, partner, start_day=START + number * timedelta(7), chain_id="p")
    actor = people().actor
    found = read_map(actor, read_picture(actor, None, "p"))
    assert [(hop.name, hop.miles) for hop in found.hops] == [("Vance, Jo", "")]
    assert found.unplaced == ("Vance, Jo",)


@pytest.mark.usefixtures("november", "context")
def test_as_many_queries_for_many_partners_as_for_few(people: People, fleet: Fleet, chain: str) -> None:
    """The office, the chain's partners, the make, everybody approved for it."""
    actor = people().actor
    picture = read_picture(actor, None, chain)
    counts = []
    for number in (0, 12):
        for _ in range(number):
            fleet.approve_make(fleet.add_partner(latitude=34.0, longitude=-118.0), "VW")
        with queries_of() as statements:
            found = read_map(actor, picture)
        counts.append(len(statements))
        close_reading()
    assert found.nearby == 13
    assert counts == [4, 4]


@pytest.mark.usefixtures("november")
@pytest.mark.parametrize("role", list(Role))
def test_who_may_look(sqlite_app: Flask, people: People, chain: str, role: Role) -> None:
    """By the permission table; a fragment or a page."""
    client = sqlite_app.test_client()
    sign_in(client, people(role))
    answer = client.get(f"/chains/map?chain={chain}")
    assert answer.status_code == (200 if Permission.VIEW_LOANS in TABLE[role] else 403)
    assert ("<svg" in answer.text) is (answer.status_code == 200)
