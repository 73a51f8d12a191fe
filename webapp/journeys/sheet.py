"""The day sheet: a day's jobs for paper, a block for each location in arrival order, with boxes to tick by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.journeys import queries
from webapp.journeys.board_cards import Drawn, drawn
from webapp.journeys.board_filters import PAGE
from webapp.journeys.board_views import filters_of
from webapp.journeys.cards import Card
from webapp.journeys.days import zone

blueprint = Blueprint("sheet", __name__, url_prefix=f"{PAGE}/sheet")
BOXES = ("Customer called", "Crew told", "Truck out", "Paperwork back")
MOST_LINES = 8


@dataclass(frozen=True)
class Line:
    """A job on paper: the card's words, every stop, and lines on which to write who is still missing."""

    card: Drawn
    stops: tuple[str, ...]
    crew: tuple[tuple[str, str], ...]
    open_places: int


@dataclass(frozen=True)
class Block:
    """A location's part: its day and its jobs in arrival order."""

    location: str
    day: date
    lines: tuple[Line, ...]


@blueprint.get("")
@requires(Permission.VIEW_JOBS)
def page() -> ResponseReturnValue:
    """The sheet of the day, narrowed as the board in the address is."""
    actor = current_actor()
    filters = filters_of(request.args)
    cards = filters.shown(filters.fitting(queries.journeys_on(actor, filters.wanted)))
    printed_at = clock.now().astimezone(zone(None))
    return render_template(
        "journeys/sheet.html", filters=filters, blocks=blocks_of(cards), boxes=BOXES, printed_at=printed_at
    )


def blocks_of(cards: Iterable[Card]) -> list[Block]:
    """A block for each location that has jobs and each of its days, by name; jobs stay in arrival order."""
    by_place: dict[tuple[str, int, date], list[Card]] = {}
    for card in cards:
        by_place.setdefault((card.location, card.location_id, card.scheduled_date), []).append(card)
    return [
        Block(location, day, tuple(_line(card) for card in held))
        for (location, _, day), held in sorted(by_place.items())
    ]


def _line(card: Card) -> Line:
    ends = tuple(address for address in (card.origin_address, card.destination_address) if address)
    return Line(
        drawn(card, names_stage=True),
        card.stops or ends,
        tuple((person.name, person.role.lower()) for person in card.crew),
        min(max((card.crew_needed or 1) - len(card.crew), 0), MOST_LINES),
    )
