"""How the reports write values: text to number, day, money or name, each refused with a reason.

Every converter takes the text of one cell and raises `ValueError` with words that follow the column's name.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import ceil

Value = str | int | date | Decimal | None
Convert = Callable[[str], Value]

LARGEST_NUMBER = 2_147_483_647
LARGEST_MONEY = Decimal("9999999999.99")
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST_TEXT = 20_000

SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})")
MONTH = re.compile(r"(\d{1,2})/(\d{4})")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}.*)?")
NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?")
VIN = re.compile(r"[A-Z0-9-]{5,17}")
WHOLE_VIN = re.compile(r"(?=[A-Z]*\d)[A-HJ-NPR-Z0-9]{17}")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def day(text: str) -> date:
    """A day in any form the reports use: `MM/DD/YY[YY]`, `MM-DD-YY[YY]`, `M/YYYY` (its first), ISO."""
    found = optional_day(text)
    if found is None:
        raise ValueError("is blank")
    return found


def optional_day(text: str) -> date | None:
    """The same; blank is None."""
    text = text.strip()
    if not text:
        return None
    if match := SLASHED.fullmatch(text):
        month, _, day_of_month, year = match.groups()
        return _date(text, 2000 + int(year) if len(year) == 2 else int(year), int(month), int(day_of_month))
    if match := MONTH.fullmatch(text):
        return _date(text, int(match[2]), int(match[1]), 1)
    if match := ISO.fullmatch(text):
        return _date(text, int(match[1]), int(match[2]), int(match[3]))
    raise ValueError(f"is not a date: {_quoted(text)}")


def identifier(text: str) -> int:
    """A number of FMS's: `123`, `123.0`, `1,234`."""
    found = optional_identifier(text)
    if found is None:
        raise ValueError("is blank")
    return found


def optional_identifier(text: str) -> int | None:
    """The same; blank is None."""
    number = optional_integer(text)
    if number == 0:
        raise ValueError("is not an id: 0")
    return number


def optional_integer(text: str) -> int | None:
    """A whole number from 0, with or without separators and `.0`; blank is None."""
    number = _number(text)
    if number is None:
        return None
    if number != int(number):
        raise ValueError(f"is not a whole number: {_quoted(text)}")
    return int(number)


def optional_mileage(text: str) -> int | None:
    """Miles, `2,151`, rounded to whole ones; blank is None."""
    number = _number(text)
    return None if number is None else round(number)


def optional_count(text: str) -> int | None:
    """Clips: anything but zero was published, so a fraction counts as one more; blank is unknown."""
    number = _number(text)
    return None if number is None else ceil(number)


def year(text: str) -> int:
    """A year of four digits: `2026`, `2,026`."""
    found = optional_year(text)
    if found is None:
        raise ValueError("is blank")
    return found


def optional_year(text: str) -> int | None:
    """The same; blank is None."""
    number = optional_integer(text)
    if number is not None and not FIRST_YEAR <= number <= LAST_YEAR:
        raise ValueError(f"is not a year: {_quoted(text)}")
    return number


def quarter(text: str) -> int:
    """1 to 4, also written `Q3`."""
    number = optional_integer(text.strip().upper().removeprefix("Q"))
    if number is None or not 1 <= number <= 4:
        raise ValueError(f"is not a quarter: {_quoted(text)}")
    return number


def money(text: str) -> Decimal:
    """US dollars: `$1,234.50`, `-$20`, `(20.00)`. Raises `ValueError` for a blank."""
    plain = text.strip().replace("$", "").replace(" ", "")
    is_negative = plain.startswith("-") or (plain.startswith("(") and plain.endswith(")"))
    number = _number(plain.strip("-()"), shown=text)
    if number is None:
        raise ValueError("is blank")
    if number > LARGEST_MONEY:
        raise ValueError(f"is too large: {_quoted(text)}")
    amount = number.quantize(Decimal("0.01"))
    return -amount if is_negative else amount


def vin(text: str) -> str:
    """A VIN, trimmed and in upper case."""
    found = text.strip().upper()
    if not VIN.fullmatch(found):
        raise ValueError(f"is not a VIN: {_quoted(found)}" if found else "is blank")
    return found


def rank(text: str) -> str:
    """A+, A, B, C, D or Pending."""
    found = text.strip().capitalize()
    if found not in {"A+", "A", "B", "C", "D", "Pending"}:
        raise ValueError(f"is not a rank: {_quoted(text)}" if found else "is blank")
    return found


def person_name(text: str) -> str:
    """A person's name of at most 200 characters; a number is none, it comes from a neighbouring column."""
    found = text.strip()
    if not found:
        raise ValueError("is blank")
    if not any(letter.isalpha() for letter in found):
        raise ValueError(f"is not a name: {_quoted(found)}")
    return str(_name(found))


def fleet_name(text: str) -> str:
    """A fleet as the spend report names it, in upper case: `VW`, `TOYOTA`."""
    found = " ".join(text.upper().split())
    if not found:
        raise ValueError("is blank")
    if len(found) > 120:
        raise ValueError(f"is longer than 120 characters: {_quoted(found)}")
    return found


def text_up_to(limit: int = LONGEST_TEXT, *, is_required: bool = False) -> Convert:
    """A converter for text of at most `limit` characters: trimmed, line breaks as `\\n`."""

    def convert(text: str) -> str:
        found = text.strip()
        if "\r" in found:
            found = found.replace("\r\n", "\n").replace("\r", "\n")
        if len(found) > limit:
            raise ValueError(f"is longer than {limit} characters: {_quoted(found)}")
        if not found.isprintable() and UNPRINTABLE.search(found):
            raise ValueError(f"holds unprintable characters: {_quoted(found)}")
        if is_required and not found:
            raise ValueError("is blank")
        return found

    return convert


_name = text_up_to(200)


def _date(text: str, year: int, month: int, day_of_month: int) -> date:
    try:
        found = date(year, month, day_of_month)
    except ValueError:
        raise ValueError(f"is not a date: {_quoted(text)}") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"is not a date: {_quoted(text)}")
    return found


def _number(text: str, shown: str | None = None) -> Decimal | None:
    text = text.strip()
    if not text:
        return None
    if not NUMBER.fullmatch(text) or not text.isascii():
        raise ValueError(f"is not a number: {_quoted(shown or text)}")
    number = Decimal(text.replace(",", ""))
    if shown is None and number > LARGEST_NUMBER:
        raise ValueError(f"is too large: {_quoted(text)}")
    return number


def _quoted(text: str) -> str:
    shown = text.strip()
    return f"“{shown[:40]}…”" if len(shown) > 40 else f"“{shown}”"
