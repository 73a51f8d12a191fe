"""Addresses as people write them are read for what they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.fleet.places_text import Wanted, in_address, in_office_name


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("12 Elm St, Pasadena, CA 91101", Wanted("91101", "CA", ("Pasadena",))),
        ("12 Elm St, Pasadena, CA 91101-1234", Wanted("91101", "CA", ("Pasadena",))),
        ("12 Elm St\r\nPasadena, CA  91101\r\nUSA", Wanted("91101", "CA", ("Pasadena",))),
        (
            "12 Elm St Pasadena CA 91101",
            Wanted("91101", "CA", ("12 Elm St Pasadena", "Elm St Pasadena", "St Pasadena", "Pasadena")),
        ),
        ("Pasadena, CA", Wanted("", "CA", ("Pasadena",))),
        ("Pasadena, ca", Wanted("", "CA", ("Pasadena",))),
        ("Austin, Texas 78701, United States", Wanted("78701", "TX", ("Austin",))),
        ("12345 Main St, Austin, TX", Wanted("", "TX", ("Austin",))),
        ("1 K St, Washington, D.C. 20001", Wanted("20001", "DC", ("Washington",))),
        ("5 Rd, New York, New York 10001", Wanted("10001", "NY", ("New York", "York"))),
        ("91101", Wanted("91101")),
        ("PO Box 90210", Wanted()),
        ("Suite 10000", Wanted()),
        ("Calle de la", Wanted()),
        ("Pasadena", Wanted()),
        ("", Wanted()),
        (" ,\n, ", Wanted()),
    ],
)
def test_what_an_address_names(address: str, wanted: Wanted) -> None:
    """ZIP code, state and possible cities; numbers of houses, boxes and suites are no ZIP codes."""
    assert in_address(address) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Los Angeles", Wanted("", "", ("Los Angeles",))),
        ("New York", Wanted("", "", ("New York",))),
        ("Washington", Wanted("", "", ("Washington",))),
        ("Portland, ME", Wanted("", "ME", ("Portland",))),
        ("Dallas 75201", Wanted("75201", "", ("Dallas",))),
    ],
)
def test_what_an_office_is_called(name: str, wanted: Wanted) -> None:
    """A city, with its state where two are called so; a city that is also a state is a city."""
    assert in_office_name(name) == wanted


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever stands in an address, it names something or nothing."""
    for wanted in (in_address(text), in_office_name(text)):
        assert wanted.zip_code == "" or len(wanted.zip_code) == 5
        assert all(wanted.cities)
