"""Single values as SmartMoving writes them, and as it might."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.smartmoving.values import Hints, read_arrival, read_day, read_hints, read_minutes, read_money, read_text

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22",
        "2026-11-22T00:00:00",
        "2026-11-22T23:59:59.9999999",
        "2026-11-22T23:30:00-08:00",
        "2026-11-22T00:30:00+14:00",
        "2026-11-22T00:00:00Z",
        "2026-11-22 17:00",
        "20261122",
        " 20261122 ",
        20261122,
    ],
)
def test_a_day_in_each_of_its_forms(written: Any) -> None:
    """Whatever time or offset follows, the day is the day that is written: it is never converted."""
    assert read_day(written) == DAY


@pytest.mark.parametrize(
    "written",
    ["tomorrow", "2026-13-01", "20260230", 0, 2026, "22.11.2026", 20261122.5, True, {"day": 1}, [], "2026-11-221"],
)
def test_what_is_no_day(written: Any) -> None:
    """Nothing else is guessed at."""
    with pytest.raises(ValueError, match=r"date|month|day"):
        read_day(written)


@pytest.mark.parametrize("written", [None, ""])
def test_no_day(written: Any) -> None:
    """Null and nothing are no date, which is not a broken one."""
    assert read_day(written) is None


@given(st.dates(), st.sampled_from(["T00:00:00", "T23:59:59+14:00", "T00:00:01-12:00", "Z", ""]))
def test_every_day_survives(day: date, tail: str) -> None:
    """All forms of all days say the same."""
    if tail != "Z":
        assert read_day(day.isoformat() + tail) == day
    assert read_day(f"{day.year:04}{day.month:02}{day.day:02}") == day


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        (8.5, 510), (0, 0), (7.333333333333333, 440), (10.75, 645), (12, 720), (24, 1440), (24.0, 1440), ("8.5", 510),
        (8.9999999, 540), (24.5, None), (-1, None), (None, None), (True, None), ("soon", None),
        (float("nan"), None), (float("inf"), None), ([8], None),
    ],
)  # fmt: skip
def test_hours_as_minutes(hours: Any, minutes: int | None) -> None:
    """8.5 is 08:30; what is no time of a day is unknown."""
    assert read_minutes(hours) == minutes


@given(st.integers(0, 1440))
def test_every_minute_survives_being_a_fraction(minutes: int) -> None:
    """Hours as doubles lose no minute."""
    assert read_minutes(minutes / 60) == minutes


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        (8, 10, (480, 600)), (8, None, (480, None)), (None, 10, (None, 600)), (None, None, (None, None)),
        (14, 12, (840, None)), (9, 9, (540, 540)), (8, 25, (480, None)),
    ],
)  # fmt: skip
def test_arrival_windows(start: Any, end: Any, window: tuple[int | None, int | None]) -> None:
    """An end before its start, or beyond the day, is dropped."""
    assert read_arrival(start, end) == window


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (None, None), (0, "0.00"), (0.0, "0.00"), (19.990000000000002, "19.99"), (1234.5, "1234.50"), (1.005, "1.01"),
        ("77.10", "77.10"), (True, None), ("a lot", None), (float("nan"), None), (1e300, None), ({}, None),
    ],
)  # fmt: skip
def test_money(written: Any, amount: str | None) -> None:
    """Doubles become cents; null is unknown, not nought."""
    assert read_money(written) == (None if amount is None else Decimal(amount))


@given(st.integers(-(10**9), 10**9))
def test_cents_survive_being_doubles(cents: int) -> None:
    """Every amount survives division and multiplication by a hundred, dust included."""
    assert read_money(cents / 100) == read_money(cents * 0.01) == Decimal(cents) / 100


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("  Ann   Lee\u00a0", "Ann Lee"), (20401, "20401"), (20401.0, "20401"), (None, ""), (True, ""), ({}, ""),
        ("a\0b", "ab"), ("\ud83d", ""), ("line\nbreak", "line break"), ("x" * 50, "x" * 40),
    ],
)  # fmt: skip
def test_text(written: Any, text: str) -> None:
    """One line, cut to its column, without what PostgreSQL cannot keep."""
    assert read_text(written, 40) == text


@pytest.mark.parametrize(
    ("words", "hints"),
    [
        ("2h @ $349.00/hr (1 truck, 5 crew)", Hints(1, 5, 120)),
        ("2.5 h @ $1,049.50 / hr (2 Trucks, 4 Crew)", Hints(2, 4, 150)),
        ("6h@$149/hr(3 trucks,3 crew)", Hints(3, 3, 360)),
        ("3.00h @ $149.00/hr (3 crew)", Hints(None, 3, 180)),
        ("4 hours, 2 movers", Hints(None, 2, 240)),
        ("Flat rate", Hints()),
        ("$349/hr", Hints()),
        ("", Hints()),
        (None, Hints()),
        (7, Hints()),
        ("0 trucks, 0 crew", Hints()),
        ("999999 crew", Hints()),
    ],
)
def test_hints_from_a_labour_charge(words: Any, hints: Hints) -> None:
    """Crew, trucks and hours are read from what people see; the rate is never an hour."""
    assert read_hints([words]) == hints


@given(ANYTHING)
def test_nothing_crashes_a_reader(value: Any) -> None:
    """Whatever JSON holds is read, or refused by `ValueError` alone."""
    read_minutes(value), read_money(value), read_text(value, 40), read_hints([value]), read_arrival(value, value)
    with suppress(ValueError):
        read_day(value)
