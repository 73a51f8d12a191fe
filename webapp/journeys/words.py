"""How journeys are told in words: statuses, sources, times of day, lengths, the values of fields."""

import re
from typing import Any

from webapp.dates import shown
from webapp.journeys.fields import DAY, FIELDS, MINUTES, TEXTS, YES_NO

# SmartMoving's numbers (smartmoving.md, section 1).
STATUSES = {
    0: "New lead",
    1: "Lead in progress",
    3: "Opportunity",
    4: "Booked",
    10: "Completed",
    11: "Closed",
    20: "Cancelled",
    30: "Lost",
    50: "Bad lead",
}
SOURCES = {"SMARTMOVING": "SmartMoving", "MANUAL": "By hand"}
SYNC_STATUSES = {"SYNCED": "Up to date", "PENDING": "Details not read yet", "FAILED": "Could not be read"}
# The reason with which a journey that is not booked yet is off the board, to be shown when asked for.
TENTATIVE = "Tentative in SmartMoving"
UNKNOWN = "unknown"
NOTHING = "nothing"
_TIME = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


def status_words(source_status: int | None) -> str | None:
    """`Booked`; a number that nobody has named yet is told as it is; None without one."""
    return None if source_status is None else STATUSES.get(source_status, f"Status {source_status}")


def clock_time(minutes: int) -> str:
    """Minutes after midnight as `08:30`; the day's last instant is `24:00`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes_from(text: str) -> int:
    """`08:30` as minutes after midnight, up to `24:00`. Raises `ValueError`."""
    found = _TIME.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found else -1
    if not 0 <= minutes <= 24 * 60:
        raise ValueError("is not a time such as 08:30")
    return minutes


def arrival_words(arrival_start: int | None, arrival_end: int | None) -> str:
    """`08:00 to 10:00`, `08:00`, `until 10:00`, or `time open`."""
    if arrival_start is None:
        return "time open" if arrival_end is None else f"until {clock_time(arrival_end)}"
    if arrival_end is None or arrival_end == arrival_start:
        return clock_time(arrival_start)
    return f"{clock_time(arrival_start)} to {clock_time(arrival_end)}"


def length_words(minutes: int | None) -> str:
    """`2 h 30 min`, `45 min`, `3 h`; empty where it is unknown."""
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} min")
    return " ".join(parts)


def value_words(name: str, value: Any, *, location: str = "") -> str:
    """The value of the field `name` as history tells it; `location` is the name behind a `location_id`."""
    kind = FIELDS[name].kind
    if value is None:
        return UNKNOWN
    if name == "location_id":
        return location or NOTHING
    if name == "minutes_needed":
        return length_words(value)
    if kind == DAY:
        return shown(value)
    if kind == MINUTES:
        return clock_time(value)
    if kind == YES_NO:
        return "yes" if value else "no"
    return ("; ".join(value) if kind == TEXTS else str(value)) or NOTHING
