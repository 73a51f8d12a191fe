"""One bar: from a loan of ours, or from a row of FMS's calendar, to what is printed. Pure: values in, values out."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from webapp.calendar.filters import Filters
from webapp.calendar.grid import Place, lanes, place
from webapp.calendar.looks import WORDS, Look, look_of_activity, look_of_loan
from webapp.calendar.queries import ActivityFacts, LoanFacts
from webapp.dates import shown
from webapp.loans.notes import brief
from webapp.loans.reconciled import TITLES, Flag
from webapp.names import folded

# The same few dates come up hundreds of times on a page.
_shown = lru_cache(maxsize=4096)(shown)
# What can be chosen together and requested, unrequested or deleted at once.
SELECTABLE = frozenset({Look.PLANNED, Look.MANUAL, Look.REQUESTED})
# The kinds of activity that are the ordinary case and need not be named on a bar.
ORDINARY = frozenset({"loan", "media loan"})


class Bar(NamedTuple):
    """One bar: a loan of ours, or a row of FMS's calendar that no loan of ours stands for.

    A named tuple, for a page makes hundreds. `spoken` is the whole sentence for tooltips and screen readers;
    `search` what a search looks at, empty where there is none; `grip` what moving it takes: days and version;
    `rank` that of its partner for its make, where a filter asks for it.
    """

    address: str
    loan_id: int | None
    look: Look
    label: str
    spoken: str
    search: str
    make: str
    start_day: date
    end_day: date
    place: Place
    lane: int = 1
    is_selectable: bool = False
    is_faded: bool = False
    is_flagged: bool = False
    is_noted: bool = False
    grip: str = ""
    rank: str = ""

    @property
    def classes(self) -> str:
        """Its look, and whether it stands out, goes on beyond the window or is not what was looked for."""
        words = f"{self.look.value} flagged" if self.is_flagged else self.look.value
        if self.is_noted:
            words += " noted"
        if self.place.begins_before:
            words += " before"
        if self.place.ends_after:
            words += " after"
        return f"{words} faded" if self.is_faded else words

    @property
    def area(self) -> str:
        """Where it stands, as CSS says it."""
        return f"{self.lane}/{self.place.begin}/auto/{self.place.until}"


def loan_bar(filters: Filters, loan: LoanFacts, label: str, other: str, *, can_choose: bool) -> Bar:
    """The bar of a loan: `label` is what its row does not say, `other` what it does, for who hears the bar alone."""
    look = look_of_loan(loan.status, loan.operation)
    number = f" #{loan.fms_request_id}" if loan.fms_request_id else ""
    said = f"{label} — checking with FMS" if look is Look.UNCERTAIN else label
    stands_out = f", {TITLES[Flag(loan.flag)]}" if loan.flag else ""
    word = f"{WORDS[look][0].lower()}{WORDS[look][1:]}"
    is_selectable = can_choose and look in SELECTABLE
    noted = f"; note: {brief(loan.note)}" if loan.note else ""
    spoken = (
        f"{said}, {word}{number}{stands_out}, {_days(loan.start_day, loan.end_day)}, {other}{_turn_in(loan)}{noted}"
    )
    return Bar(
        address=f"/calendar/loans/{loan.id}",
        loan_id=loan.id,
        look=look,
        label=said,
        spoken=spoken,
        search=searched(filters, f"{loan.partner_name} {loan.vehicle_name} {loan.vin}{number}"),
        make=loan.make,
        start_day=loan.start_day,
        end_day=loan.end_day,
        place=place(filters.window, loan.start_day, loan.end_day),
        is_selectable=is_selectable,
        is_flagged=bool(loan.flag),
        is_noted=loan.note is not None,
        grip=f"{loan.start_day} {loan.end_day} {loan.version}" if is_selectable else "",
    )


def activity_bar(filters: Filters, activity: ActivityFacts, label: str, other: str) -> Bar:
    """The bar of a row of FMS's own; `label` and `other` as for `loan_bar`."""
    look = look_of_activity(activity.person_id, activity.end_day, filters.today)
    kind = activity.activity_type
    if kind and kind not in label and kind.casefold() not in ORDINARY:
        label = f"{kind}: {label}" if label else kind
    at_place = place(filters.window, activity.start_day, activity.end_day)
    days = _days(activity.start_day, activity.end_day)
    if at_place.begins_before and at_place.ends_after:
        # Nothing else says when a bar that fills the window begins and ends.
        label = f"{label} {shown(activity.start_day)} → {shown(activity.end_day)}"
    return Bar(
        address=f"/calendar/activities/{activity.activity_id}",
        loan_id=None,
        look=look,
        label=label,
        spoken=f"{label}, {kind or 'activity'} in FMS, {WORDS[look].lower()}, {days}, {other}{_turn_in(activity)}",
        search=searched(filters, f"{activity.to} {kind} {activity.vehicle_name} {activity.vin}"),
        make=activity.make or "",
        start_day=activity.start_day,
        end_day=activity.end_day,
        place=at_place,
    )


def searched(filters: Filters, text: str) -> str:
    """What a search compares, where there is one."""
    return folded(text) if filters.q else ""


def addressee(activity: ActivityFacts) -> str:
    """Whom or what FMS names for the row."""
    return activity.to or activity.activity_type or "In FMS"


def laned(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """The bars by day, each in its lane (from 1)."""
    ordered = sorted(bars, key=lambda bar: (bar.start_day, bar.end_day, bar.address))
    numbers = lanes([(bar.start_day, bar.end_day) for bar in ordered])
    if not any(numbers):
        return tuple(ordered)
    return tuple(bar._replace(lane=number + 1) for bar, number in zip(ordered, numbers, strict=True))


def _days(start_day: date, end_day: date) -> str:
    return f"{_shown(start_day)} to {_shown(end_day)}"


def _turn_in(fact: LoanFacts | ActivityFacts) -> str:
    """When the vehicle is expected to be turned in, where that is before it is back."""
    return f", expected turn-in {_shown(fact.turn_in)}" if fact.turn_in and fact.turn_in < fact.end_day else ""
