"""What the person chose to look at, as it stands in the address: office, days, rows, filters. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from webapp.calendar.grid import DEFAULT_DAYS, MOST_DAYS, Window, default_window
from webapp.calendar.looks import Look
from webapp.loans.periods import next_weekday

PAGE = "/calendar"


class Rows(StrEnum):
    VEHICLES = "vehicles"
    PARTNERS = "partners"


class ActivityFilter(StrEnum):
    ALL = "all"
    WITH = "with"
    NONE = "none"


@dataclass(frozen=True)
class Filters:
    """One view of the calendar. Empty strings and None filter nothing.

    `notice` tells the person what of the address could not be followed.
    """

    window: Window
    today: date
    rows: Rows = Rows.VEHICLES
    office: str = ""
    make: str = ""
    status: Look | None = None
    activity: ActivityFilter = ActivityFilter.ALL
    q: str = ""
    notice: str = ""

    def address(self, **changes: Any) -> str:
        """The page's address with `changes` made; what is as usual is left out."""
        view = replace(self, **changes)
        usual = default_window(view.today)
        values = {
            "office": view.office,
            "rows": "" if view.rows is Rows.VEHICLES else view.rows,
            "start": "" if view.window == usual else view.window.first.isoformat(),
            "end": "" if view.window == usual else view.window.last.isoformat(),
            "make": view.make,
            "status": view.status or "",
            "activity": "" if view.activity is ActivityFilter.ALL else view.activity,
            "q": view.q,
        }
        query = urlencode({name: str(value) for name, value in values.items() if value})
        return f"{PAGE}?{query}" if query else PAGE

    def later(self, days: int) -> str:
        """The address of the same view, `days` later."""
        return self.address(window=self.window.moved(days))

    def at_today(self) -> str:
        """The address of the same view with as many days from the Monday of this week."""
        return self.address(window=default_window(self.today, self.window.days))

    @property
    def ahead(self) -> str:
        """For whoever has paged into the future: the day on which a chain would begin there, for its address."""
        if self.window.first <= self.today:
            return ""
        return f"&start={next_weekday(self.window.first).isoformat()}"

    @property
    def is_narrowed(self) -> bool:
        """Whether rows of the office may be missing because of a filter."""
        return bool(self.make or self.status or self.q or self.activity is not ActivityFilter.ALL)


def name_in(text: str) -> str:
    """The name of an office or a make in `text`: no NUL, with which PostgreSQL would not even compare a name."""
    return text.replace("\x00", "").strip()


def read_filters(values: Mapping[str, str], today: date) -> Filters:
    """The view that an address asks for. Never fails: what cannot be read is as usual, and said in `notice`."""
    window, notice = _window(values, today)
    return Filters(
        window=window,
        today=today,
        rows=_one_of(Rows, values.get("rows"), Rows.VEHICLES),
        office=name_in(values.get("office", "")),
        make=name_in(values.get("make", "")),
        status=_one_of(Look, values.get("status"), None),
        activity=_one_of(ActivityFilter, values.get("activity"), ActivityFilter.ALL),
        q=values.get("q", "").strip()[:100],
        notice=notice,
    )


def view_in(address: str, today: date) -> Filters | None:
    """The view of the calendar page that `address` is of; None when it is another page."""
    parts = urlsplit(address)
    return read_filters(dict(parse_qsl(parts.query)), today) if parts.path == PAGE else None


def _window(values: Mapping[str, str], today: date) -> tuple[Window, str]:
    first, last = _day(values.get("start")), _day(values.get("end"))
    wrong = [name for name in ("start", "end") if values.get(name) and _day(values.get(name)) is None]
    if wrong:
        return default_window(today), "The dates in the address could not be read; these are the usual weeks."
    if first is None:
        usual = default_window(last or today)
        first = usual.first
    if last is None:
        last = first + timedelta(days=DEFAULT_DAYS - 1)
    if last < first:
        return Window(
            first, first + timedelta(days=DEFAULT_DAYS - 1)
        ), "The end was before the start; four weeks are shown."
    if (last - first).days >= MOST_DAYS:
        return Window(first, first + timedelta(days=MOST_DAYS - 1)), f"At most {MOST_DAYS} days are shown at once."
    return Window(first, last), ""


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    # Room for a window on either side, whatever is asked for.
    return day if 1990 <= day.year <= 2200 else None


def _one_of(kind: Any, text: str | None, default: Any) -> Any:
    try:
        return kind(text or "")
    except ValueError:
        return default
