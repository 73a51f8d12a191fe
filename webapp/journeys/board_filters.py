"""What somebody chose to see of the board, as it stands in the address: day, columns, filters, search. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from webapp.journeys.cards import SUCH, Card, Day, Only, Wanted, matches
from webapp.journeys.stages import Stage

PAGE = "/journeys"
LONGEST_TEXT = 100
CLASH, UNREAD = "clash", "unread"
# What a board can be narrowed to, in the order of its counters: the word for one, and for several.
WORDS: Mapping[str, tuple[str, str]] = {
    Only.UNASSIGNED: ("unassigned", "unassigned"),
    Only.UNCONFIRMED: ("unconfirmed", "unconfirmed"),
    Only.CHANGED: ("changed", "changed"),
    Only.PROBLEM: ("problem", "problems"),
    CLASH: ("double-booked", "double-booked"),
    UNREAD: ("not read from SmartMoving", "not read from SmartMoving"),
}
# Beside those that programs can ask for too.
_FURTHER: Mapping[str, Callable[[Card], bool]] = {
    CLASH: lambda card: bool(card.clashes),
    UNREAD: lambda card: card.sync_status == "FAILED",
}
TESTS: Mapping[str, Callable[[Card], bool]] = {**SUCH, **_FURTHER}


class Columns(StrEnum):
    """What the columns of the board are."""

    STAGE = "stage"
    LOCATION = "location"


@dataclass(frozen=True)
class Filters:
    """One view of the board. `today` is the day by which `day` "today" and "tomorrow" are told.

    Empty strings, None and empty sets filter nothing.
    """

    today: date
    day: Day = "today"
    by: Columns = Columns.STAGE
    location: str = ""
    stage: Stage | None = None
    only: frozenset[str] = frozenset()
    tentative: bool = False
    q: str = ""

    def values(self) -> dict[str, str]:
        """The view as the address carries it; what is as usual is left out."""
        return {
            name: value
            for name, value in (
                ("day", "" if self.day == "today" else str(self.day)),
                ("by", "" if self.by is Columns.STAGE else self.by),
                ("location", self.location),
                ("stage", self.stage or ""),
                ("only", ",".join(sorted(self.only))),
                ("tentative", "1" if self.tentative else ""),
                ("q", self.q),
            )
            if value
        }

    def address(self, page: str = PAGE, **changes: Any) -> str:
        """The address of the same view with `changes` made."""
        query = urlencode(replace(self, **changes).values())
        return f"{page}?{query}" if query else page

    def toggled(self, name: str) -> str:
        """The address of the same view with the filter `name` put on, or taken off where it is on."""
        return self.address(only=self.only ^ {name})

    @property
    def date(self) -> date:
        """The day as a date."""
        if isinstance(self.day, date):
            return self.day
        return self.today + timedelta(days=1 if self.day == "tomorrow" else 0)

    def beside(self, days: int) -> str:
        """The address of the same view, `days` later."""
        return self.address(day=_named(self.date + timedelta(days=days), self.today))

    @property
    def everything(self) -> str:
        """The address of the same day and columns with nothing filtered out."""
        return self.address(location="", stage=None, only=frozenset(), q="")

    @property
    def is_narrowed(self) -> bool:
        """Whether jobs of the day may be missing because of a filter."""
        return bool(self.location or self.stage or self.only or self.q)

    @property
    def wanted(self) -> Wanted:
        """The cards to read: of the day and the location; stage, counters and search are looked at afterwards."""
        return Wanted(day=self.day, location=self.location or None, tentative=self.tentative)

    def fitting(self, cards: Iterable[Card]) -> list[Card]:
        """The cards that are on this board as far as location, stage and search decide: what counters count."""
        wanted = Wanted(location=self.location or None, stage=self.stage, text=self.q)
        return [card for card in cards if matches(card, wanted)]

    def shown(self, cards: Iterable[Card]) -> list[Card]:
        """Those of the cards that pass the filters of the counters as well."""
        tests = [TESTS[name] for name in self.only]
        return [card for card in cards if all(test(card) for test in tests)]


def read_filters(values: Mapping[str, str], today: date) -> Filters:
    """The view that an address asks for. Never fails: what cannot be read is as usual."""
    return Filters(
        today=today,
        day=_day(values.get("day", ""), today),
        by=_one_of(Columns, values.get("by"), Columns.STAGE),
        location=_text(values.get("location", "")),
        stage=_one_of(Stage, values.get("stage"), None),
        only=frozenset(values.get("only", "").split(",")) & frozenset(TESTS),
        tentative=values.get("tentative", "") == "1",
        q=_text(values.get("q", ""))[:LONGEST_TEXT],
    )


def view_in(address: str, today: date) -> Filters | None:
    """The view of the board that `address` is of; None when it is another page."""
    parts = urlsplit(address)
    return read_filters(dict(parse_qsl(parts.query)), today) if parts.path == PAGE else None


def _day(text: str, today: date) -> Day:
    if text in ("", "today"):
        return "today"
    if text == "tomorrow":
        return "tomorrow"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "today"
    # Room for the days beside it, whatever is asked for.
    return _named(day, today) if 1990 <= day.year <= 2200 else "today"


def _named(day: date, today: date) -> Day:
    if day == today:
        return "today"
    return "tomorrow" if day == today + timedelta(days=1) else day


def _text(text: str) -> str:
    # A NUL cannot even be compared by PostgreSQL.
    return text.replace("\x00", "").strip()


def _one_of(kind: Any, text: str | None, default: Any) -> Any:
    try:
        return kind(text or "")
    except ValueError:
        return default
