"""How ways are told: near ones to a tenth of a mile, and none that is too long as if it were not."""

import pytest

from webapp.fleet.distances import miles_beyond, miles_told, tenth_miles


@pytest.mark.parametrize(
    ("tenths", "words"),
    [(0, "0 miles"), (5, "0.5 miles"), (10, "1 mile"), (45, "4.5 miles"), (70, "7 miles"), (174, "17 miles")],
)
def test_a_way_in_words(tenths: int, words: str) -> None:
    """As the map, the cards and the lists tell it."""
    assert miles_told(tenths) == words


@pytest.mark.parametrize(("tenths", "words"), [(501, "51 miles"), (510, "51 miles"), (12_340, "1,234 miles")])
def test_a_way_that_is_too_long_reads_so(tenths: int, words: str) -> None:
    """50.1 miles are not "50 miles" where a hop is at most 50."""
    assert miles_beyond(tenths) == words


def test_a_known_distance() -> None:
    """Los Angeles to San Francisco is some 347 miles as the crow flies."""
    assert tenth_miles((34.0522, -118.2437), (37.7749, -122.4194)) == pytest.approx(3471, abs=10)
