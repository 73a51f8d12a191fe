"""What people type into a journey's fields: what is usable of it, tidied, and what is wrong with the rest."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from webapp.journeys.fields import DAY, FIELDS, MINUTES, NUMBER, TEXTS, YES_NO

EARLIEST, LATEST = date(1990, 1, 1), date(2200, 12, 31)
MIDNIGHT = 24 * 60
MOST_STOPS = 20
LONGEST_ADDRESS = 500
LONGEST = {
    "customer_name": 200,
    "customer_phone": 40,
    "customer_email": 254,
    "origin_address": LONGEST_ADDRESS,
    "destination_address": LONGEST_ADDRESS,
    "service_type": 80,
    "move_size": 80,
}
LONGEST_NOTE = 5_000
LARGEST = {"crew_needed": 99, "trucks_needed": 99, "minutes_needed": 7 * MIDNIGHT, "location_id": 2**31 - 1}
# A journey is somewhere, on some day.
NEVER_UNKNOWN = ("scheduled_date", "location_id")


def plain(text: str) -> str:
    """The text without what no database keeps and nobody can read: NUL and halves of characters."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def checked(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The usable values of columns, tidied, and for every other field what is wrong with it.

    `notes` is taken beside the fields of `FIELDS`; any other name is a fault.
    """
    usable: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, value in values.items():
        try:
            usable[name] = _checked(name, value)
        except ValueError as fault:
            faults[name] = str(fault)
    return usable, faults


def window_fault(arrival_start: int | None, arrival_end: int | None) -> dict[str, str]:
    """What is wrong with the two ends of an arrival window together, if anything."""
    if arrival_end is None:
        return {}
    if arrival_start is None:
        return {"arrival_start": "is missing: there is an end but no beginning"}
    return {} if arrival_start <= arrival_end else {"arrival_end": "is before the beginning"}


def checked_note(text: Any, longest: int = LONGEST_NOTE) -> str:
    """A text of several lines. Raises `ValueError`."""
    return _text(text, longest)


def _checked(name: str, value: Any) -> Any:
    if name == "notes":
        return checked_note(value)
    if name not in FIELDS:
        raise ValueError("is not a field of a job")
    if value is None and (name in NEVER_UNKNOWN or FIELDS[name].kind not in NULLABLE):
        raise ValueError("is missing")
    return None if value is None else CHECKS[FIELDS[name].kind](name, value)


def _day(_name: str, value: Any) -> date:
    if type(value) is not date or not EARLIEST <= value <= LATEST:
        raise ValueError("is not a day such as 2026-11-26")
    return value


def _minutes(_name: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MIDNIGHT:
        raise ValueError("is not a time such as 08:30")
    return value


def _number(name: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST[name]:
        raise ValueError(f"is not a number from 0 to {LARGEST[name]}")
    return value


def _yes_no(_name: str, value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("is neither true nor false")
    return value


def _one_line(name: str, value: Any) -> str:
    return " ".join(_text(value, LONGEST[name]).split())


def _addresses(_name: str, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > MOST_STOPS:
        raise ValueError(f"is not a list of at most {MOST_STOPS} addresses")
    lines = [" ".join(_text(each, LONGEST_ADDRESS).split()) for each in value]
    return [line for line in lines if line]


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a text")
    tidy = plain(value).replace("\r\n", "\n").strip()
    if len(tidy) > longest:
        raise ValueError(f"is longer than {longest} characters")
    return tidy


NULLABLE = (MINUTES, NUMBER, YES_NO)
CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    DAY: _day,
    MINUTES: _minutes,
    NUMBER: _number,
    YES_NO: _yes_no,
    TEXTS: _addresses,
    "text": _one_line,
}
