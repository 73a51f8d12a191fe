"""The days a sweep covers: today and tomorrow wherever the company has a branch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


def window_of(moment: datetime, zones: Iterable[tzinfo]) -> Window:
    """From the earliest local today to the latest local tomorrow of `zones`, of which there is at least one."""
    todays = [moment.astimezone(zone).date() for zone in zones]
    return Window(min(todays), max(todays) + timedelta(days=1))
