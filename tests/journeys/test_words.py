"""Words for statuses, times and values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import DAY
from webapp.journeys.fields import FIELDS
from webapp.journeys.words import (
    arrival_words,
    clock_time,
    length_words,
    minutes_from,
    status_words,
    value_words,
)


def test_statuses_have_smartmoving_s_names() -> None:
    """One that nobody has named yet is told by its number, none by nothing."""
    assert [status_words(number) for number in (4, 10, 30, 77, None)] == [
        "Booked",
        "Completed",
        "Lost",
        "Status 77",
        None,
    ]


@given(st.integers(0, 1440))
def test_a_time_of_day_is_read_as_it_is_written(minutes: int) -> None:
    """To the minute, up to the day's last instant."""
    assert minutes_from(clock_time(minutes)) == minutes


@pytest.mark.parametrize(("text", "minutes"), [("8:30", 510), (" 08:30 ", 510), ("24:00", 1440), ("0:00", 0)])
def test_a_time_can_be_typed_short(text: str, minutes: int) -> None:
    """As people do."""
    assert minutes_from(text) == minutes


@pytest.mark.parametrize("text", ["", "8", "25:00", "24:01", "08:60", "8.30", "-1:00", "08:30:00", "\u0668:30"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """With words."""
    with pytest.raises(ValueError, match="is not a time such as 08:30"):
        minutes_from(text)


def test_windows_and_lengths_are_told_by_what_is_known() -> None:
    """Both ends, one of them, or none."""
    windows = [(480, 600), (480, 480), (480, None), (None, 600), (None, None)]
    assert [arrival_words(*window) for window in windows] == [
        "08:00 to 10:00",
        "08:00",
        "08:00",
        "until 10:00",
        "time open",
    ]
    assert [length_words(minutes) for minutes in (150, 120, 45, 0, None)] == [
        "2 h 30 min",
        "2 h",
        "45 min",
        "0 min",
        "",
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("scheduled_date", DAY, "11-23-26"),
        ("arrival_start", 510, "08:30"),
        ("arrival_start", None, "unknown"),
        ("minutes_needed", 90, "1 h 30 min"),
        ("location_id", 3, "Denver"),
        ("confirmed", False, "no"),
        ("confirmed", True, "yes"),
        ("stops", ["1 Oak", "2 Elm"], "1 Oak; 2 Elm"),
        ("stops", [], "nothing"),
        ("customer_name", "", "nothing"),
        ("crew_needed", 3, "3"),
    ],
)
def test_history_tells_values_in_words(name: str, value: Any, words: str) -> None:
    """As people read them, by the kind of the field."""
    assert value_words(name, value, location="Denver") == words


def test_every_field_can_be_told() -> None:
    """Also when nothing is known of it."""
    assert {value_words(name, None) for name in FIELDS} == {"unknown"}
