"""Soft holds as calendars show them: a thin bar for as long as somebody is planning with a vehicle. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from webapp.calendar.bars import Bar
from webapp.calendar.filters import Filters
from webapp.calendar.grid import lanes, place
from webapp.dates import shown
from webapp.fleet.names import short_vin, vehicle_name
from webapp.loans.holds import Standing


class HoldBar(NamedTuple):
    """What a row prints of a hold. `until`: when it runs out, in seconds since 1970; the page takes it away then."""

    classes: str
    area: str
    address: str
    spoken: str
    label: str
    until: int


def hold_bars(
    filters: Filters, holds: Sequence[Standing], bars: Sequence[Bar], own_id: int | None
) -> tuple[HoldBar, ...]:
    """The bars of those holds that the window touches, each in a lane where no loan stands. `own_id`: who looks."""
    seen = [each for each in holds if filters.window.touches(each.start_day, each.end_day)]
    return tuple(_bar(filters, each, lane, own_id) for each, lane in zip(seen, _lanes(seen, bars), strict=True))


def said_of(hold: Standing, own_id: int | None) -> str:
    """Who is planning and until when, as people read it."""
    if hold.user_id == own_id:
        return f"you are planning this until {hold.time}"
    return f"being planned by {hold.user_name} until {hold.time}"


def name_of(hold: Standing) -> str:
    """The vehicle that is held."""
    return vehicle_name(hold.make, hold.model) or short_vin(hold.vin)


def _bar(filters: Filters, hold: Standing, lane: int, own_id: int | None) -> HoldBar:
    at = place(filters.window, hold.start_day, hold.end_day)
    said = said_of(hold, own_id)
    days = f"{shown(hold.start_day)} to {shown(hold.end_day)}"
    marks = ("own" if hold.user_id == own_id else "", "before" * at.begins_before, "after" * at.ends_after)
    return HoldBar(
        classes=" ".join(("being-planned", *filter(None, marks))),
        area=f"{lane}/{at.begin}/auto/{at.until}",
        address=f"/calendar/holds/{hold.id}",
        spoken=f"{said[0].upper()}{said[1:]}, {days}, {name_of(hold)} {short_vin(hold.vin)}",
        label=said,
        until=int(hold.until.timestamp()),
    )


def _lanes(holds: Sequence[Standing], bars: Sequence[Bar]) -> list[int]:
    """From 1. Loans keep the lanes they have: a row does not jump because somebody begins to plan in it."""
    taken: list[tuple[date, date, int]] = [(bar.start_day, bar.end_day, bar.lane) for bar in bars]
    found = []
    for hold in holds:
        lane = 1
        while not _is_free(lane, hold, taken):
            lane += 1
        taken.append((hold.start_day, hold.end_day, lane))
        found.append(lane)
    return found


def _is_free(lane: int, hold: Standing, taken: Sequence[tuple[date, date, int]]) -> bool:
    others = ((start_day, end_day) for start_day, end_day, number in taken if number == lane)
    return not any(any(lanes([other, (hold.start_day, hold.end_day)])) for other in others)
