"""Remembers which days vehicles and partners are taken while the loans are being invented."""

from collections import defaultdict
from datetime import date, timedelta

Stay = tuple[date, date]


def next_working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta({5: 2, 6: 1}.get(day.weekday(), 0))


class Diary:
    """Taken half-open intervals by VIN or by person; a stay that ends on its first day takes that day."""

    def __init__(self) -> None:
        self._stays: defaultdict[object, list[Stay]] = defaultdict(list)

    def take(self, key: object, start: date, end: date) -> None:
        """Note a stay."""
        self._stays[key].append((start, max(end, start + timedelta(1))))

    def is_free(self, key: object, start: date, end: date) -> bool:
        """Whether nothing noted overlaps the stay."""
        last = max(end, start + timedelta(1))
        return all(end_taken <= start or start_taken >= last for start_taken, end_taken in self._stays[key])

    def free_from(self, key: object, start: date, days: int) -> date:
        """The first working day from `start` on with so many free days after it."""
        day = next_working_day(start)
        while not self.is_free(key, day, day + timedelta(days)):
            day = next_working_day(min(taken_end for _, taken_end in self._stays[key] if taken_end > day))
        return day

    def last_end(self, key: object) -> date | None:
        """When the latest stay ends, if there is any."""
        return max((end for _, end in self._stays[key]), default=None)
