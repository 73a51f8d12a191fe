"""Every state and province has a zone that exists; the usual splits are where they are."""

from zoneinfo import ZoneInfo

import pytest

from webapp.sandbox.generate.mover_towns import TOWNS
from webapp.smartmoving.zones import region_of, regions, zone_of


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("TX", "TX"), ("tx ", "TX"), ("Texas", "TX"), ("TEXAS", "TX"), ("Québec", "QC"), ("quebec", "QC"),
        ("N.Y.", "NY"), ("new  york", "NY"), ("District of Columbia", "DC"), ("Newfoundland", "NL"), ("PQ", "QC"),
        ("", ""), ("Bavaria", ""), ("XX", ""),
    ],
)  # fmt: skip
def test_regions_as_people_type_them(state: str, code: str) -> None:
    """Code or name, in any case, with or without accents; what is none is none."""
    assert region_of(state) == code


def test_every_region_has_a_zone_that_exists() -> None:
    """All 50 states, the capital, Puerto Rico and the 13 provinces and territories."""
    assert len(regions()) == 52 + 13
    for code, (name, zone) in regions().items():
        assert ZoneInfo(zone)
        assert region_of(name) == code


@pytest.mark.parametrize(
    ("region", "place", "zone"),
    [
        ("TX", (31.76, -106.49), "America/Denver"),
        ("TX", (29.76, -95.37), "America/Chicago"),
        ("FL", (30.42, -87.22), "America/Chicago"),
        ("FL", (30.44, -84.28), "America/New_York"),
        ("TN", (36.16, -86.78), "America/Chicago"),
        ("TN", (35.96, -83.92), "America/New_York"),
        ("TN", (35.05, -85.31), "America/New_York"),
        ("KY", (38.25, -85.76), "America/New_York"),
        ("KY", (36.99, -86.44), "America/Chicago"),
        ("IN", (41.59, -87.35), "America/Chicago"),
        ("IN", (37.97, -87.57), "America/Chicago"),
        ("IN", (39.77, -86.16), "America/Indiana/Indianapolis"),
        ("ID", (47.68, -116.78), "America/Los_Angeles"),
        ("ID", (43.62, -116.2), "America/Denver"),
        ("OR", (44.03, -116.96), "America/Denver"),
        ("OR", (45.52, -122.68), "America/Los_Angeles"),
        ("ND", (46.81, -100.78), "America/Chicago"),
        ("ND", (46.88, -102.79), "America/Denver"),
        ("SD", (44.08, -103.23), "America/Denver"),
        ("NE", (41.87, -103.67), "America/Denver"),
        ("KS", (39.35, -101.71), "America/Denver"),
        ("MI", (45.82, -88.07), "America/Menominee"),
        ("MI", (46.55, -87.4), "America/Detroit"),
        ("ON", (49.77, -94.49), "America/Winnipeg"),
        ("ON", (48.38, -89.25), "America/Toronto"),
        ("BC", (49.51, -115.77), "America/Edmonton"),
        ("BC", (56.25, -120.85), "America/Dawson_Creek"),
        ("BC", (49.28, -123.12), "America/Vancouver"),
        ("NL", (53.3, -60.33), "America/Goose_Bay"),
        ("NL", (47.56, -52.71), "America/St_Johns"),
        ("AZ", (33.45, -112.07), "America/Phoenix"),
        ("", (33.45, -112.07), ""),
    ],
)
def test_splits(region: str, place: tuple[float, float], zone: str) -> None:
    """A city on the other side of its state's line has the other zone."""
    assert zone_of(region, *place) == zone


def test_every_town_of_the_invented_company_has_a_zone() -> None:
    """Also without coordinates."""
    for town in TOWNS:
        assert ZoneInfo(zone_of(town.state))
        assert ZoneInfo(zone_of(town.state, town.latitude, town.longitude))
