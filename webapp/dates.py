"""How dates are shown to people: as FMS beside us shows them, `MM-DD-YY`; and how a filter is given one."""

from datetime import date

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def shown(day: date) -> str:
    """`11-26-26`."""
    return day.strftime("%m-%d-%y")


def shown_with_weekday(day: date) -> str:
    """`Thu 11-26-26`. Names are English whatever the server's locale."""
    return f"{WEEKDAYS[day.weekday()]} {shown(day)}"


def days_shown(start_day: date, end_day: date) -> str:
    """`11-26-26 → 12-03-26`; one day alone where it begins and ends on it."""
    return shown(start_day) if end_day <= start_day else f"{shown(start_day)} → {shown(end_day)}"


def filtered_day(text: str) -> date:
    """The day that a filter names as `2026-11-26`. Raises `ValueError`, also for years in which nothing happened."""
    day = date.fromisoformat(text)
    # At the ends of the calendar there is no day after, nor a midnight in every zone.
    if not 1000 <= day.year <= 9000:
        raise ValueError("nothing is of that year")
    return day
