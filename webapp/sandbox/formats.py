"""How reports write values: mostly one way per column, with odd ones strewn in, the same ones every time."""

from collections.abc import Callable
from datetime import date
from zlib import crc32


def is_odd(percent: int, *key: object) -> bool:
    """Whether this cell is among the `percent` odd ones; depends on nothing but its key."""
    return crc32("/".join(map(str, key)).encode()) % 1000 < percent * 10


def short_year(day: date) -> str:
    """MM/DD/YY."""
    return f"{day:%m/%d/%y}"


def long_year(day: date) -> str:
    """MM/DD/YYYY."""
    return f"{day:%m/%d/%Y}"


def dashed(day: date) -> str:
    """MM-DD-YY."""
    return f"{day:%m-%d-%y}"


def month(day: date) -> str:
    """M/YYYY, the first of the month."""
    return f"{day.month}/{day.year}"


def iso(day: date) -> str:
    """YYYY-MM-DD."""
    return day.isoformat()


DateStyle = Callable[[date], str]
ODD_STYLES: tuple[DateStyle, ...] = (iso, dashed, long_year, short_year)


def written_day(iso_day: str | None, usual: DateStyle, *key: object) -> str:
    """A stored day in the column's usual style, or one in fifty in another; blank stays blank."""
    if not iso_day:
        return ""
    day = date.fromisoformat(iso_day)
    if is_odd(2, *key):
        return ODD_STYLES[crc32("/".join(map(str, key)).encode()) // 1000 % len(ODD_STYLES)](day)
    return usual(day)


def with_separators(number: int) -> str:
    """2,151; years are written so too."""
    return f"{number:,}"


def identifier(number: int | None, *key: object) -> str:
    """An id, one in ten as float text (`123.0`); a missing one is blank."""
    if number is None:
        return ""
    return f"{number}.0" if is_odd(10, *key) else str(number)


def dollars(cents: int, *key: object) -> str:
    """$1,234.50, now and then without sign and separators."""
    return f"{cents / 100:.2f}" if is_odd(5, *key) else f"${cents / 100:,.2f}"


def vin(text: str, *key: object) -> str:
    """A VIN, now and then in lower case or padded with spaces."""
    if is_odd(1, "lower", *key):
        return text.lower()
    return f" {text}  " if is_odd(1, "padded", *key) else text
