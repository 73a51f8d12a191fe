"""The form of a job: its values as people type them, what was posted, and what is wrong with that, field by field.

Each input travels with what it held when it was drawn, so that only what the person changed is entered here. What
a colleague or SmartMoving changed meanwhile is not undone by saving an older page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.journeys.cards import Card
from webapp.journeys.fields import DAY, FIELDS, MINUTES, NUMBER, TEXTS, YES_NO
from webapp.journeys.words import clock_time, minutes_from

NOTES = "notes"
# The first and the last address follow from the list of all of them.
NAMES = (
    *("customer_name", "customer_phone", "customer_email", "scheduled_date", "arrival_start", "arrival_end"),
    *("location_id", "stops", "service_type", "move_size", "confirmed"),
    *("crew_needed", "trucks_needed", "minutes_needed", NOTES),
)
LABELS = {name: FIELDS[name].label for name in NAMES if name in FIELDS} | {NOTES: "Notes"}
CONFIRMED = (("", "Not said"), ("yes", "Yes"), ("no", "No"))
SEEN = "seen-"


@dataclass(frozen=True)
class JobForm:
    """What the form prints: texts by field, as drawn and as typed; faults by field (empty name: of the whole).

    `journey_id` None: a new job. `changed` names the fields that somebody else changed meanwhile, in words.
    """

    title: str
    address: str
    button: str
    values: Mapping[str, str]
    seen: Mapping[str, str]
    locations: Sequence[tuple[int, str]]
    version: int | None = None
    journey_id: int | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    changed: Sequence[str] = ()


def texts_of(card: Card) -> dict[str, str]:
    """The card's values as inputs hold them."""
    return {name: _written(name, getattr(card, name)) for name in NAMES}


def blank(day: date, location_id: int | None) -> dict[str, str]:
    """A new job's inputs: that day and place, else nothing."""
    known = {"scheduled_date": day.isoformat(), "location_id": str(location_id or "")}
    return {name: known.get(name, "") for name in NAMES}


def typed(posted: Mapping[str, str]) -> dict[str, str]:
    """What stands in the inputs; line ends as we keep them."""
    return {name: posted.get(name, "").replace("\r\n", "\n") for name in NAMES}


def seen(posted: Mapping[str, str]) -> dict[str, str]:
    """What stood in the inputs when the form was drawn."""
    return {name: posted.get(f"{SEEN}{name}", "").replace("\r\n", "\n") for name in NAMES}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The fields in which two sets of inputs differ, white space aside."""
    return [name for name in NAMES if before[name].strip() != after[name].strip()]


def read(texts: Mapping[str, str], names: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Those inputs as values of their columns, and what is wrong with the others of them."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name in names:
        try:
            values[name] = _read(name, texts[name].strip())
        except ValueError as fault:
            faults[name] = str(fault)
    return values, faults


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    kind = FIELDS[name].kind if name in FIELDS else ""
    if kind == DAY:
        return str(value.isoformat())
    if kind == MINUTES or name == "minutes_needed":
        return clock_time(value)
    if kind == TEXTS:
        return "\n".join(value)
    if kind == YES_NO:
        return "yes" if value else "no"
    return str(value)


def _read(name: str, text: str) -> Any:
    if name == "minutes_needed":
        return _length(text)
    return READERS.get(FIELDS[name].kind if name in FIELDS else "", str)(text)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day such as 2026-11-26") from None


def _minutes(text: str) -> int | None:
    return minutes_from(text) if text else None


def _length(text: str) -> int | None:
    """Hours and minutes, `2:30`, or hours alone, `2`."""
    if not text:
        return None
    hours, _, minutes = text.partition(":")
    if not (_is_number(hours) and (not minutes or (_is_number(minutes) and int(minutes) < 60))):
        raise ValueError("is not a length such as 2:30")
    return int(hours) * 60 + int(minutes or 0)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not _is_number(text):
        raise ValueError("is not a number")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _yes_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


READERS: Mapping[str, Callable[[str], Any]] = {
    DAY: _day,
    MINUTES: _minutes,
    NUMBER: _number,
    YES_NO: _yes_no,
    TEXTS: lambda text: [line for line in text.splitlines() if line.strip()],
}
