"""What people type: usable and tidied, or named as a fault; never something a database chokes on."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import CREATED_AT, DAY
from webapp.journeys.entries import LONGEST, checked, window_fault
from webapp.journeys.fields import FIELDS, kept, read

NAMES = st.sampled_from([*FIELDS, "notes", "colour", "id", "stage"])
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.lists(st.text() | st.integers(), max_size=3)
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_every_value_is_usable_or_a_fault(values: dict[str, Any]) -> None:
    """What is usable can be kept as JSON, read back as it was, and stored by both engines."""
    usable, faults = checked(values)
    assert set(usable) | set(faults) == set(values)
    assert not set(usable) & set(faults)
    usable.pop("notes", None)
    stored = json.loads(json.dumps(kept(usable)))
    assert {name: read(name, value) for name, value in stored.items()} == usable
    text = json.dumps(stored, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()


@pytest.mark.parametrize(
    ("name", "value", "usable"),
    [
        ("customer_name", "  Rowan \n Ash ", "Rowan Ash"),
        ("customer_phone", "", ""),
        ("notes", " one\r\ntwo ", "one\ntwo"),
        ("stops", ["1 Oak ", "", " "], ["1 Oak"]),
        ("stops", ("1 Oak",), ["1 Oak"]),
        ("scheduled_date", DAY, DAY),
        ("arrival_end", 1440, 1440),
        ("confirmed", None, None),
        ("minutes_needed", None, None),
    ],
)
def test_what_is_usable_is_tidied(name: str, value: Any, usable: Any) -> None:
    """White space at the ends and between words, empty addresses."""
    assert checked({name: value}) == ({name: usable}, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scheduled_date", datetime(2026, 11, 23, tzinfo=CREATED_AT.tzinfo)),
        ("scheduled_date", DAY.replace(year=1900)),
        ("location_id", None),
        ("crew_needed", True),
        ("crew_needed", 2.0),
        ("stops", None),
        ("customer_email", "x" * (LONGEST["customer_email"] + 1)),
    ],
)
def test_what_is_not_usable_is_told(name: str, value: Any) -> None:
    """By the name of its field."""
    usable, faults = checked({name: value})
    assert (usable, list(faults)) == ({}, [name])


def test_an_arrival_window_ends_after_it_begins() -> None:
    """Or is open at its end; not at its beginning alone."""
    windows = [(480, 600), (480, 480), (480, None), (None, None), (600, 480), (None, 480)]
    assert [list(window_fault(*window)) for window in windows] == [[]] * 4 + [["arrival_end"], ["arrival_start"]]
