"""Tells in a sentence what a source changed about a journey. Never money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.journeys.fields import FIELDS, read
from webapp.journeys.words import TENTATIVE, status_words, value_words

MOST_TEXT = 500
# A status with which a job belongs on the board (booked, completed, closed), and one with which it is taken off.
ON_BOARD = frozenset({4, 10, 11})
TAKEN_OFF = frozenset({20, 30, 50})
# Told by their ends, unless only the middle changed.
ENDS = ("origin_address", "destination_address")


@dataclass(frozen=True)
class Change:
    """What changed: a sentence (empty: nothing that people need to read), and before and after as JSON.

    `is_news`: who looked at the journey before is told that it has changed.
    """

    text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    is_news: bool = False


def off_reason(status: int | None) -> str:
    """Why a job of this status is off the board; empty where it is on it. A status nobody named is tentative."""
    if status in ON_BOARD:
        return ""
    return f"{status_words(status)} in SmartMoving" if status in TAKEN_OFF else TENTATIVE


def told(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    was_on_board: bool,
    is_on_board: bool,
    status_before: int | None,
    status: int,
    names: Mapping[int, str],
    is_first_reading: bool,
) -> Change:
    """The change from `before` to `after`, both as `source` keeps them. `names` are locations' by id.

    At the first reading of its detail a journey only fills up; then its day and status alone are news.
    """
    changed = [name for name in FIELDS if name in after and before.get(name) != after[name]]
    if any(name in changed for name in ENDS):
        changed = [name for name in changed if name != "stops"]
    parts = []
    if was_on_board != is_on_board:
        # What was only tentative comes for the first time.
        back = "Back on" if off_reason(status_before) != TENTATIVE else "On"
        parts.append(f"{back if is_on_board else 'Off'} the board: {status_words(status)} in SmartMoving.")
    elif status != status_before:
        parts.append(f"{status_words(status)} in SmartMoving, was {status_words(status_before) or 'unknown'}.")
    if "scheduled_date" in changed and before.get("scheduled_date"):
        first, second = (_words("scheduled_date", values, names) for values in (before, after))
        parts.append(f"SmartMoving moved it from {first} to {second}.")
    is_news = bool(parts)
    others = [name for name in changed if name != "scheduled_date"]
    if is_first_reading and others:
        parts.append("Its details were read.")
    elif others:
        listed = ", ".join(
            f"{FIELDS[name].label.lower()}: {_words(name, after, names)} (was {_words(name, before, names)})"
            for name in others
        )
        parts.append(f"SmartMoving changed {listed}.")
        is_news = True
    details = {
        "before": {name: before.get(name) for name in changed},
        "after": {name: after[name] for name in changed},
    }
    return Change(" ".join(parts)[:MOST_TEXT], details if changed else {}, is_news)


def _words(name: str, values: Mapping[str, Any], names: Mapping[int, str]) -> str:
    value = values.get(name)
    location = names.get(value, "") if name == "location_id" and value is not None else ""
    return value_words(name, read(name, value) if value is not None else None, location=location)
