"""Every form in which the reports write a value is read as what it means, or refused with a reason."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.feeds import parse_values
from webapp.feeds.parse_values import Convert, Value, text_up_to

DAY = date(2026, 3, 7)
READ: list[tuple[Convert, str, Value]] = [
    (parse_values.day, "03/07/26", DAY),
    (parse_values.day, "3/7/26", DAY),
    (parse_values.day, "03/07/2026", DAY),
    (parse_values.day, "03-07-26", DAY),
    (parse_values.day, "03-07-2026", DAY),
    (parse_values.day, "2026-03-07", DAY),
    (parse_values.day, " 2026-03-07T00:00:00 ", DAY),
    (parse_values.day, "3/2026", date(2026, 3, 1)),
    (parse_values.day, "12/2026", date(2026, 12, 1)),
    (parse_values.day, "01/01/99", date(2099, 1, 1)),
    (parse_values.day, "02/29/28", date(2028, 2, 29)),
    (parse_values.optional_day, "  ", None),
    (parse_values.identifier, "123", 123),
    (parse_values.identifier, "123.0", 123),
    (parse_values.identifier, " 12,345.0 ", 12_345),
    (parse_values.optional_identifier, "", None),
    (parse_values.optional_year, "2,025", 2025),
    (parse_values.optional_year, "2025", 2025),
    (parse_values.optional_year, "2025.0", 2025),
    (parse_values.optional_year, "", None),
    (parse_values.optional_mileage, "2,151", 2151),
    (parse_values.optional_mileage, "1,002,151.6", 1_002_152),
    (parse_values.optional_count, "3", 3),
    (parse_values.optional_count, "0", 0),
    (parse_values.optional_count, "0.0", 0),
    (parse_values.optional_count, "0.5", 1),
    (parse_values.optional_count, "", None),
    (parse_values.quarter, "4", 4),
    (parse_values.quarter, "4.0", 4),
    (parse_values.quarter, "Q1", 1),
    (parse_values.money, "$1,234.50", Decimal("1234.50")),
    (parse_values.money, "1234.5", Decimal("1234.50")),
    (parse_values.money, "-$20", Decimal("-20.00")),
    (parse_values.money, "($20.00)", Decimal("-20.00")),
    (parse_values.money, "$0", Decimal("0.00")),
    (parse_values.vin, "  wauzzz8v0ka000001 ", "WAUZZZ8V0KA000001"),
    (parse_values.rank, "a+", "A+"),
    (parse_values.rank, "PENDING", "Pending"),
    (parse_values.fleet_name, " land   rover ", "LAND ROVER"),
    (text_up_to(), " Zoë O'Hara-Núñez, “Ed” ", "Zoë O'Hara-Núñez, “Ed”"),
    (text_up_to(), "one\r\ntwo\rthree", "one\ntwo\nthree"),
    (text_up_to(), "", ""),
]
REFUSED: list[tuple[Convert, str, str]] = [
    (parse_values.day, "", "is blank"),
    (parse_values.day, "02/30/26", "is not a date"),
    (parse_values.day, "13/01/26", "is not a date"),
    (parse_values.day, "13/2026", "is not a date"),
    (parse_values.day, "03/07-26", "is not a date"),
    (parse_values.day, "7/26", "is not a date"),
    (parse_values.day, "n/a", "is not a date: “n/a”"),
    (parse_values.day, "03/07/0026", "is not a date"),
    (parse_values.identifier, "", "is blank"),
    (parse_values.identifier, "12.5", "is not a whole number"),
    (parse_values.identifier, "-3", "is not a number"),
    (parse_values.identifier, "1,23", "is not a number"),
    (parse_values.identifier, "0", "is not an id"),
    (parse_values.identifier, "99999999999", "is too large"),
    (parse_values.identifier, "٣", "is not a number"),
    (parse_values.optional_year, "26", "is not a year"),
    (parse_values.quarter, "5", "is not a quarter"),
    (parse_values.quarter, "", "is not a quarter"),
    (parse_values.money, "", "is blank"),
    (parse_values.money, "twelve", "is not a number: “twelve”"),
    (parse_values.money, "$99,999,999,999.00", "is too large"),
    (parse_values.vin, "", "is blank"),
    (parse_values.vin, "Los Angeles", "is not a VIN"),
    (parse_values.vin, "WAUZZZ8V0KA0000012", "is not a VIN"),
    (parse_values.rank, "Audi", "is not a rank"),
    (parse_values.rank, "", "is blank"),
    (parse_values.fleet_name, " ", "is blank"),
    (text_up_to(3), "four", "is longer than 3 characters"),
    (text_up_to(is_required=True), "  ", "is blank"),
    (text_up_to(), "bell\x07", "holds unprintable characters"),
]


@pytest.mark.parametrize(("convert", "text", "value"), READ)
def test_a_value_is_read(convert: Convert, text: str, value: Value) -> None:
    """Each format that really occurs is read as what it means."""
    assert convert(text) == value


@pytest.mark.parametrize(("convert", "text", "reason"), REFUSED)
def test_a_value_is_refused_with_a_reason(convert: Convert, text: str, reason: str) -> None:
    """What cannot be meant is refused in words that say what is wrong with it."""
    with pytest.raises(ValueError, match=reason):
        convert(text)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_of_this_century_is_read_in_every_form(day: date) -> None:
    """Two-digit years are 20xx; no form confuses day and month."""
    for form in ("%m/%d/%y", "%m/%d/%Y", "%m-%d-%y", "%Y-%m-%d"):
        assert parse_values.day(day.strftime(form)) == day
    assert parse_values.day(f"{day.month}/{day.year}") == day.replace(day=1)


@given(st.text())
def test_no_text_breaks_a_converter(text: str) -> None:
    """Whatever a cell holds, it is read or refused: no other error comes out."""
    for convert in {convert for convert, *_ in [*READ, *REFUSED]}:
        with suppress(ValueError):
            convert(text)
