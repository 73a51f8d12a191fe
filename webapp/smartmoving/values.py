"""Reads single values as SmartMoving writes them: days in four forms, hours as fractions, money, telling texts."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

DAY_MINUTES = 24 * 60
LARGEST_MONEY = Decimal(10) ** 10
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?", re.DOTALL)
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TRUCKS = re.compile(r"(?<![0-9.])([0-9]{1,3})\s*(?:trucks?|vans?)\b", re.IGNORECASE)
_CREW = re.compile(r"(?<![0-9.])([0-9]{1,3})\s*(?:-?\s*)(?:crew|movers?|men|man|helpers?)\b", re.IGNORECASE)
_HOURS = re.compile(r"(?<![0-9.])([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*(?:h|hrs?|hours?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Hints:
    """What a labour charge's text lets out; None: it says nothing. `minutes` of work."""

    trucks: int | None = None
    crew: int | None = None
    minutes: int | None = None


def read_day(value: Any) -> date | None:
    """A local business day from `2026-11-22`, `2026-11-22T00:00:00`, `20261122` or 20261122; None without one.

    Whatever time or offset follows is dropped, never converted: 23:30 west of Greenwich is still that day. Raises
    `ValueError` for anything else.
    """
    if value is None or value == "":
        return None
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    found = _ISO_DAY.fullmatch(text) or _DIGITS.fullmatch(text)
    if not found:
        raise ValueError("is not a date")
    return date(*map(int, found.groups()))


def read_minutes(value: Any) -> int | None:
    """Minutes after midnight from hours as a fraction: 8.5 is 08:30; None for what is no time of a day.

    Rounded to the minute, as 7.333333 is 07:20. 24 is the day's end.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        hours = float(value)
    except ValueError:
        return None
    if not math.isfinite(hours):
        return None
    minutes = math.floor(hours * 60 + 0.5)
    return minutes if 0 <= minutes <= DAY_MINUTES else None


def read_arrival(start: Any, end: Any) -> tuple[int | None, int | None]:
    """The arrival window in minutes after midnight; an end before its start is dropped."""
    first, last = read_minutes(start), read_minutes(end)
    if first is not None and last is not None and last < first:
        last = None
    return first, last


def read_money(value: Any) -> Decimal | None:
    """Dollars from a JSON double, with two decimals; None for null, which is not 0, and for what is no amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return None
    if not amount.is_finite() or abs(amount) >= LARGEST_MONEY:
        return None
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def read_text(value: Any, most: int) -> str:
    """Text or a number as one line of at most `most` characters; empty for anything else.

    NUL is dropped, as PostgreSQL cannot keep it, and so are halves of surrogate pairs.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # A quote number may come as 20401.0.
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    clean = "".join(letter for letter in text if letter != "\0" and not "\ud800" <= letter <= "\udfff")
    return " ".join(clean.split())[:most].rstrip()


def read_hints(texts: Iterable[Any]) -> Hints:
    """Trucks, crew and time from charges' texts such as `2h @ $349.00/hr (1 truck, 5 crew)`: the most any says."""
    lines = [text for text in texts if isinstance(text, str)]
    hours = [float(found.replace(",", ".")) for text in lines for found in _HOURS.findall(_without_rate(text))]
    return Hints(
        trucks=_most(_TRUCKS, lines),
        crew=_most(_CREW, lines),
        minutes=max((round(value * 60) for value in hours if 0 < value <= 240), default=None),
    )


def _most(pattern: re.Pattern[str], lines: list[str]) -> int | None:
    return max((int(found) for text in lines for found in pattern.findall(text) if int(found)), default=None)


def _without_rate(text: str) -> str:
    """Without prices, so that `$349/hr` is not 349 hours."""
    return re.sub(r"\$\s*[0-9.,]+\s*(?:/\s*\w+)?", " ", text)
