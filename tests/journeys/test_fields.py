"""Source and overrides: which value counts, and that addresses agree."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.rows import DAY
from webapp.journeys.fields import FIELDS, differing, effective, kept, with_ends

ADDRESS = st.sampled_from(["", "1 Oak", "2 Elm", "3 Fir"])


def test_what_was_entered_counts_before_the_source() -> None:
    """And is read as its column holds it; a field that the source lacks is left out."""
    source = kept({"scheduled_date": DAY, "arrival_start": 480, "move_size": "Studio"})
    overrides: dict[str, dict[str, Any]] = {"scheduled_date": {"value": "2026-11-24"}, "arrival_start": {"value": None}}
    assert effective(source, overrides) == {
        "scheduled_date": DAY.replace(day=24),
        "arrival_start": None,
        "move_size": "Studio",
    }
    assert differing(source, overrides) == ["scheduled_date", "arrival_start"]
    assert differing(source, {"move_size": {"value": "Studio"}}) == []


@given(origin=ADDRESS, destination=ADDRESS, stops=st.lists(ADDRESS.filter(bool), max_size=4), entered=st.sets(
    st.sampled_from(["origin_address", "destination_address", "stops"]), min_size=1
))  # fmt: skip
def test_all_addresses_begin_and_end_where_the_journey_does(
    origin: str, destination: str, stops: list[str], entered: set[str]
) -> None:
    """Whichever was entered, it is kept, and the others follow."""
    values: dict[str, Any] = {"origin_address": origin, "destination_address": destination, "stops": stops}
    fitting = with_ends(values, entered)
    for name in entered - {"stops"}:
        assert fitting[name] == values[name]
    found = fitting["stops"]
    first, last = fitting["origin_address"], fitting["destination_address"]
    assert found[:1] == [first] or not first
    assert found[-1:] == [last] or not last
    if entered == {"stops"}:
        assert found == stops


def test_untouched_addresses_stay_as_smartmoving_gave_them() -> None:
    """Also when they do not fit: they are its, not ours."""
    values = {"origin_address": "1 Oak", "destination_address": "2 Elm", "stops": ["3 Fir"]}
    assert with_ends(values, ()) == values


def test_every_field_has_a_label_of_its_own() -> None:
    """So that history can be read."""
    assert len({field.label for field in FIELDS.values()}) == len(FIELDS)
