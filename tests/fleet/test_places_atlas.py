"""ZIP codes and cities are found in the packaged data, and what is doubtful is not guessed."""

import sys
from math import hypot

import pytest

from tests.atlas import look_up
from webapp.fleet import places
from webapp.fleet.places_text import in_address, in_office_name


@pytest.mark.parametrize(
    ("address", "near", "by"),
    [
        ("12 Elm St, Pasadena, CA 91101", (34.15, -118.14), "zip"),
        ("Pasadena, CA", (34.15, -118.14), "city"),
        ("Pasadena, TX", (29.68, -95.19), "city"),
        ("7 Oak Blvd St. Louis MO", (38.63, -90.25), "city"),
        ("7 Oak Blvd, Pasadena, CA 10001", (34.15, -118.14), "city"),
        ("7 Oak Blvd, Nowhere At All, CA 10001", (40.75, -74.0), "zip"),
        ("7 Oak Blvd, Pasadena, CA 99999", (34.15, -118.14), "city"),
        ("O'Fallon, IL", (38.59, -89.91), "city"),
    ],
)
def test_addresses_are_found(address: str, near: tuple[float, float], by: str) -> None:
    """By ZIP code, else by city and state; a ZIP code of another state is a slip where the city is known."""
    (found,) = look_up([in_address(address)])
    assert found is not None
    assert found[2] == by
    assert hypot(found[0] - near[0], found[1] - near[1]) < 0.15


@pytest.mark.parametrize("address", ["Nowhere At All, CA", "99999", "12 Elm St", ""])
def test_what_is_nowhere_stays_nowhere(address: str) -> None:
    """No coordinates are better than wrong ones."""
    assert look_up([in_address(address)]) == [None]


@pytest.mark.parametrize(
    ("office", "near"),
    [
        ("Los Angeles", (34.05, -118.29)),
        ("Portland", (45.52, -122.65)),
        ("Portland, ME", (43.66, -70.27)),
        ("Columbus", (39.98, -82.99)),
        ("New York", (40.75, -73.98)),
        ("Toronto", None),
    ],
)
def test_offices_are_found_by_their_city(office: str, near: tuple[float, float] | None) -> None:
    """Of cities of one name the largest, by its ZIP codes; of equals none: Toronto is not in Ohio."""
    (found,) = look_up([in_office_name(office)])
    assert (found is None) == (near is None)
    if found and near:
        assert hypot(found[0] - near[0], found[1] - near[1]) < 0.15


def test_the_process_of_its_own_answers_the_same_and_leaves_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some 40 MB of ZIP codes are not kept by a server that needs them for a second a night."""
    monkeypatch.delitem(sys.modules, "zipcodes", raising=False)
    asked = [in_address("12 Elm St, Pasadena, CA 91101"), in_address("nowhere"), in_office_name("Dallas")]
    answers = places.look_up(asked)
    assert "zipcodes" not in sys.modules
    assert answers == look_up(asked)
    assert places.look_up([]) == []
