"""The form of a job: its values as people type them, what was posted, and what is wrong with that, field by field.

Each input travels with what it held when it was drawn, so that only what the person changed is entered here. What
a colleague or SmartMoving changed meanwhile is not undone by saving an older page.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.journeys.cards import Card
from webapp.journeys.entries import checked
from webapp.journeys.fields import DAY, FIELDS, MINUTES, NUMBER, TEXTS, YES_NO
from webapp.journeys.words import NOTHING, clock_time, minutes_from

NOTES = "notes"
# The first and the last address follow from the list of all of them.
NAMES = (
    *("customer_name", "customer_phone", "customer_email", "scheduled_date", "arrival_start", "arrival_end"),
    *("location_id", "stops", "service_type", "move_size", "confirmed"),
    *("crew_needed", "trucks_needed", "minutes_needed", NOTES),
)
NEEDED = ("customer_name", "scheduled_date", "location_id")
LABELS = {name: FIELDS[name].label for name in NAMES if name in FIELDS} | {NOTES: "Notes"}
CONFIRMED = (("", "Not said"), ("yes", "Yes"), ("no", "No"))
SEEN = "seen-"
_LENGTH = re.compile(r"([0-9]{1,4})(?::([0-5][0-9]))?")
_NUMBER = re.compile(r"[0-9]{1,10}")
# What a browser's own inputs for days and times can hold; anything else they would show as empty, and send so.
_NATIVE = {"date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "time": re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")}


@dataclass(frozen=True)
class JobForm:
    """What the form prints: texts by field, as drawn and as typed; faults by field (empty name: of the whole).

    `journey_id` None: a new job. `theirs` are SmartMoving's values where ours are others, `changed` the fields that
    somebody else changed meanwhile, both in words.
    """

    title: str
    address: str
    button: str
    values: Mapping[str, str]
    seen: Mapping[str, str]
    locations: Sequence[tuple[int, str]]
    journey_id: int | None = None
    is_manual: bool = False
    theirs: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    changed: Sequence[str] = ()

    @property
    def types(self) -> dict[str, str]:
        """The type of the input of each day and time; `text` for what the browser's own could not show."""
        return {name: _type(name, self.values[name]) for name in ("scheduled_date", "arrival_start", "arrival_end")}

    @property
    def first_fault(self) -> str:
        """The field to go to: the first with a fault, in the order of the page."""
        return next((name for name in NAMES if name in self.faults), "")

    def words(self, name: str) -> str:
        """What stands in an input, as a sentence names it."""
        text = self.values[name]
        if name == "location_id":
            text = {str(number): words for number, words in self.locations}.get(text, text)
        if name == "confirmed":
            text = dict(CONFIRMED).get(text, text)
        return "; ".join(text.split("\n")) or NOTHING


def texts_of(card: Card) -> dict[str, str]:
    """The card's values as inputs hold them."""
    return {name: _written(name, getattr(card, name)) for name in NAMES}


def blank(day: date, location_id: int | None) -> dict[str, str]:
    """A new job's inputs: that day and place, else nothing."""
    known = {"scheduled_date": day.isoformat(), "location_id": str(location_id or "")}
    return {name: known.get(name, "") for name in NAMES}


def typed(posted: Mapping[str, str], otherwise: Mapping[str, str]) -> dict[str, str]:
    """What stands in the inputs, line ends as we keep them; `otherwise` where an input was not sent."""
    return {name: _lines(posted.get(name, otherwise[name])) for name in NAMES}


def seen(posted: Mapping[str, str], otherwise: Mapping[str, str]) -> dict[str, str]:
    """What stood in the inputs when the form was drawn; `otherwise` where that was not sent."""
    return {name: _lines(posted.get(f"{SEEN}{name}", otherwise[name])) for name in NAMES}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The fields in which two sets of inputs differ, white space aside."""
    return [name for name in NAMES if _compared(name, before[name]) != _compared(name, after[name])]


def missing(texts: Mapping[str, str]) -> dict[str, str]:
    """The faults of a new job's inputs that are empty and must not be."""
    return {name: "is missing" for name in NEEDED if not texts[name].strip()}


def read(texts: Mapping[str, str], names: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Those inputs as values of their columns, tidied, and what is wrong with the others of them."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name in names:
        try:
            values[name] = _read(name, texts[name].strip())
        except ValueError as fault:
            faults[name] = str(fault)
    usable, further = checked(values)
    return usable, faults | further


def _compared(name: str, text: str) -> str:
    """Inputs of one line lose line ends by themselves, which is no change of anybody's."""
    return text.strip() if name in ("stops", NOTES) else " ".join(text.split())


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _type(name: str, text: str) -> str:
    native = "date" if FIELDS[name].kind == DAY else "time"
    return native if not text or _NATIVE[native].fullmatch(text) else "text"


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    kind = FIELDS[name].kind if name in FIELDS else ""
    if kind == DAY:
        return str(value.isoformat())
    if name == "minutes_needed":
        return f"{value // 60}:{value % 60:02}"
    if kind == MINUTES:
        return clock_time(value)
    if kind == TEXTS:
        return "\n".join(value)
    if kind == YES_NO:
        return "yes" if value else "no"
    return _lines(str(value))


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
    found = _LENGTH.fullmatch(text)
    if not found:
        raise ValueError("is not a length such as 2:30")
    return int(found[1]) * 60 + int(found[2] or 0)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number")
    return int(text)


def _yes_no(text: str) -> bool | None:
    if text not in ("", "yes", "no"):
        raise ValueError("is neither yes nor no")
    return {"yes": True, "no": False}.get(text)


READERS: Mapping[str, Callable[[str], Any]] = {
    DAY: _day,
    MINUTES: _minutes,
    NUMBER: _number,
    YES_NO: _yes_no,
    TEXTS: lambda text: [line for line in text.split("\n") if line.strip()],
}
