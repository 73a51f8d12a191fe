"""Who moves on a day: what goes out, comes back and is swapped, as a dialog and as a page; the line of moves alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.calendar.bars import addressee
from webapp.calendar.capacity import Kind, Load, Move, Trip, load_of, moves_of
from webapp.calendar.capacity_reading import read_day_line, read_holidays, read_most_moves
from webapp.calendar.day_line import trips_of
from webapp.calendar.filters import PAGE, Filters
from webapp.calendar.found import Found
from webapp.calendar.grid import Window, default_window
from webapp.calendar.looks import WORDS, Look, look_of_activity, look_of_loan
from webapp.calendar.reading import read_found
from webapp.calendar.views import view_asked_for
from webapp.dates import shown_with_weekday
from webapp.fleet.names import short_vin
from webapp.htmx import is_fragment
from webapp.names import by_last_name, last_first

blueprint = Blueprint("calendar_moves", __name__, url_prefix=PAGE)
HEADINGS = {Kind.SWAP: "Swaps", Kind.OUT: "Go out", Kind.BACK: "Come back", Kind.STAYS: "Stay where they are"}


@dataclass(frozen=True)
class Shown:
    """A loan in the list of a day: which vehicle, how its bar looks, and the address of its card."""

    partner: str
    vehicle: str
    look: Look
    word: str
    address: str


@dataclass(frozen=True)
class ShownMove:
    """One drive: what is fetched, what is brought."""

    partner: str
    back: Shown | None
    out: Shown | None


@dataclass(frozen=True)
class ShownOffice:
    """An office's day: how full it is, and its moves under headings."""

    name: str
    load: Load
    groups: Sequence[tuple[str, Sequence[ShownMove]]]


@blueprint.get("/moves")
@requires(Permission.VIEW_LOANS)
def moves() -> ResponseReturnValue:
    """Who moves at an office on a day; without an office at each that the person may see."""
    actor = current_actor()
    asked = view_asked_for(actor)
    day = _day(asked)
    filters = Filters(Window(day, day), asked.today, office=asked.office)
    found = read_found(actor, filters)
    named = _named(found, filters)
    most = read_most_moves(actor)
    by_office = sorted(moves_of(trips_of(found, filters.office), day, day).items())
    values = {
        "title": " · ".join(part for part in (shown_with_weekday(day), filters.office) if part),
        "one": bool(filters.office),
        "holiday": read_holidays(actor, filters.office, day).get(day, ""),
        "offices": [_office(office, listed, most.get(office), named) for (office, _), listed in by_office],
        "calendar_address": filters.address(window=_window_with(day, filters.today)),
    }
    return render_template("calendar/_moves.html" if is_fragment() else "calendar/moves.html", **values)


@blueprint.get("/capacity")
@requires(Permission.VIEW_LOANS)
def capacity() -> ResponseReturnValue:
    """The line of moves of a view alone, for a board on which a row was drawn again."""
    actor = current_actor()
    filters = view_asked_for(actor)
    line = read_day_line(actor, filters, read_found(actor, filters))
    return render_template("calendar/_capacity.html", line=line)


def _day(asked: Filters) -> date:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return asked.today
    return day if 1990 <= day.year <= 2200 else asked.today


def _window_with(day: date, today: date) -> Window:
    usual = default_window(today)
    return usual if usual.touches(day, day) else default_window(day)


def _office(name: str, listed: Sequence[Move], most: int | None, named: Mapping[str, Shown]) -> ShownOffice:
    groups = []
    for kind, heading in HEADINGS.items():
        those = [_shown_move(move, named) for move in listed if move.kind is kind]
        if those:
            groups.append((heading, sorted(those, key=_order)))
    return ShownOffice(name, load_of(listed, most), groups)


def _order(move: ShownMove) -> tuple[tuple[str, str], str]:
    first = move.out or move.back
    return by_last_name(move.partner), first.address if first else ""


def _shown_move(move: Move, named: Mapping[str, Shown]) -> ShownMove:
    def shown(trip: Trip | None) -> Shown | None:
        return None if trip is None else named[trip.address]

    return ShownMove(last_first(named[move.trip.address].partner), shown(move.back), shown(move.out))


def _named(found: Found, filters: Filters) -> dict[str, Shown]:
    """What to call each loan that was read, by the address of its card."""
    named: dict[str, Shown] = {}
    for loan in found.loans:
        look = look_of_loan(loan.status, loan.operation)
        address = f"{PAGE}/loans/{loan.id}"
        vehicle = f"{loan.vehicle_name} {short_vin(loan.vin)}"
        named[address] = Shown(loan.partner_name, vehicle, look, WORDS[look], address)
    for each in found.activities:
        look = look_of_activity(each.person_id, each.end_day, filters.today)
        address = f"{PAGE}/activities/{each.activity_id}"
        vehicle = f"{each.vehicle_name} {short_vin(each.vin)}"
        named[address] = Shown(addressee(each), vehicle, look, WORDS[look], address)
    return named
