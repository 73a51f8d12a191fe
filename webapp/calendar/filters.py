"""What the person chose to look at, as it stands in the address: office, days, rows, filters. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from webapp.calendar.grid import DEFAULT_DAYS, MOST_DAYS, Window, default_window
from webapp.calendar.looks import Look
from webapp.dates import shown
from webapp.loans.periods import Period, next_weekday

PAGE = "/calendar"
# For how long a vehicle or partner is wanted free where only one of the two days is given.
FREE_DAYS = 7
LONGEST_SEARCH = 100


class Rows(StrEnum):
    VEHICLES = "vehicles"
    PARTNERS = "partners"


class ActivityFilter(StrEnum):
    ALL = "all"
    WITH = "with"
    NONE = "none"


class Tier(StrEnum):
    """How FMS ranks a partner for a make."""

    A_PLUS = "A+"
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    PENDING = "Pending"


@dataclass(frozen=True)
class Filters:
    """One view of the calendar. Empty strings and None filter nothing.

    `free` are the days on which a vehicle or partner of a row must have nothing. `usual_office` is the one that
    the plain address means to this person. `notice` tells what of the address could not be followed.
    """

    window: Window
    today: date
    rows: Rows = Rows.VEHICLES
    office: str = ""
    make: str = ""
    tier: Tier | None = None
    status: Look | None = None
    activity: ActivityFilter = ActivityFilter.ALL
    free: Period | None = None
    q: str = ""
    usual_office: str = ""
    notice: str = ""

    def address(self, **changes: Any) -> str:
        """The page's address with `changes` made; what is as usual is left out."""
        view = replace(self, **changes)
        usual = default_window(view.today)
        values = {
            "start": "" if view.window == usual else view.window.first.isoformat(),
            "end": "" if view.window == usual else view.window.last.isoformat(),
            "rows": "" if view.rows is Rows.VEHICLES else view.rows,
            "make": view.make,
            "tier": view.tier or "",
            "status": view.status or "",
            "activity": "" if view.activity is ActivityFilter.ALL else view.activity,
            "free_from": view.free.start_day.isoformat() if view.free else "",
            "free_to": view.free.end_day.isoformat() if view.free else "",
            "q": view.q,
        }
        named = {name: str(value) for name, value in values.items() if value}
        if view.office or view.usual_office:
            named = {"office": view.office, **named}
        query = urlencode(named)
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
    def place(self) -> str:
        """Whose calendar it is, as titles say it."""
        return self.office or "All offices"

    @property
    def is_narrowed(self) -> bool:
        """Whether rows of the office may be missing because of a filter."""
        return replace(self, **NO_FILTER) != self

    def without_filters(self) -> "Filters":
        """The same rows of the same office in the same days, every one of them."""
        return replace(self, **NO_FILTER)

    def warned(self, sentence: str) -> "Filters":
        """The same view, which tells `sentence` too."""
        return replace(self, notice=f"{self.notice} {sentence}".strip())


# What a view without any filter has.
NO_FILTER: dict[str, Any] = {
    "make": "",
    "tier": None,
    "status": None,
    "activity": ActivityFilter.ALL,
    "free": None,
    "q": "",
}


def name_in(text: str) -> str:
    """The name of an office or a make in `text`: no NUL, with which PostgreSQL would not even compare a name."""
    return text.replace("\x00", "").strip()


def read_filters(values: Mapping[str, str], today: date, usual_office: str = "") -> Filters:
    """The view that an address asks for. Never fails: what cannot be read is as usual, and said in `notice`."""
    window, about_days = _window(values, today)
    free, about_free = _free(values)
    view = Filters(
        window=window,
        today=today,
        rows=_one_of(Rows, values.get("rows"), Rows.VEHICLES),
        office=name_in(values.get("office", usual_office)),
        make=name_in(values.get("make", "")),
        # An unwritten plus is a space to whoever reads an address.
        tier=_one_of(Tier, values.get("tier", "").replace(" ", "+"), None),
        status=_one_of(Look, values.get("status"), None),
        activity=_one_of(ActivityFilter, values.get("activity"), ActivityFilter.ALL),
        free=free,
        q=name_in(values.get("q", ""))[:LONGEST_SEARCH].strip(),
        usual_office=usual_office,
    )
    for sentence in (about_days, about_free, *_unknown(values, view)):
        view = view.warned(sentence)
    return view


def view_in(address: str, today: date, usual_office: str = "") -> Filters | None:
    """The view of the calendar page that `address` is of; None when it is another page."""
    parts = urlsplit(address)
    if parts.path != PAGE:
        return None
    return read_filters(dict(parse_qsl(parts.query, keep_blank_values=True)), today, usual_office)


def _unknown(values: Mapping[str, str], view: Filters) -> list[str]:
    """A sentence for each choice of the address that there is not."""
    read = {"rows": view.rows, "tier": view.tier, "status": view.status, "activity": view.activity}
    usual = {"rows": "vehicles are shown", "tier": "all ranks are shown", "status": "every status is shown"}
    return [
        f"There is no {name} \u201c{values[name].strip()[:40]}\u201d; {usual.get(name, 'all are shown')}."
        for name, value in read.items()
        if values.get(name, "").strip() and (value or "") != values[name].replace(" ", "+")
    ]


def _free(values: Mapping[str, str]) -> tuple[Period | None, str]:
    """The days asked to be free: a week where one of the two is given."""
    first, until = _day(values.get("free_from")), _day(values.get("free_to"))
    wrong = [name for name in ("free_from", "free_to") if values.get(name) and _day(values.get(name)) is None]
    if wrong:
        return None, "The days that should be free could not be read; busy ones are shown too."
    if first is None and until is None:
        return None, ""
    first = first or (until or date.max) - timedelta(days=FREE_DAYS)
    until = until or first + timedelta(days=FREE_DAYS)
    if until <= first:
        week = Period(first, first + timedelta(days=FREE_DAYS))
        return week, f"Free until before it begins: a week from {shown(first)} is meant."
    return Period(first, until), ""


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
        usual = Window(first, first + timedelta(days=DEFAULT_DAYS - 1))
        return usual, "The end was before the start; four weeks are shown."
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
