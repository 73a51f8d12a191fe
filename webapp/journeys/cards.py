"""What a card of the board shows, what somebody asks to see, and whether a card is among that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from webapp.journeys.spans import Clash
from webapp.journeys.stages import Stage

Day = Literal["today", "tomorrow"] | date
# SmartMoving's numbers for completed and closed.
DONE_THERE = frozenset({10, 11})


class Only(StrEnum):
    """What a board can be narrowed to."""

    UNASSIGNED = "unassigned"
    UNCONFIRMED = "unconfirmed"
    CHANGED = "changed"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Person:
    """Somebody on a crew."""

    id: int
    name: str
    role: str


@dataclass(frozen=True)
class TruckName:
    """A truck on a journey."""

    id: int
    name: str


class Card(NamedTuple):
    """A journey as boards, lists and JSON show it; a tuple, as boards make hundreds at a time.

    `arrival_start` and `arrival_end` are minutes after midnight of the location's day. `estimated_value` is None
    for who may not see money. `is_changed`: somebody else changed it since this person looked. `overridden` names
    the fields in which what was entered here is not what the source says.
    """

    id: int
    company_id: int
    external_id: str | None
    job_number: str
    quote_number: str
    customer_name: str
    customer_phone: str
    customer_email: str
    estimated_value: Decimal | None
    scheduled_date: date
    arrival_start: int | None
    arrival_end: int | None
    origin_address: str
    destination_address: str
    service_type: str
    move_size: str
    confirmed: bool | None
    source_status: int | None
    location: str
    location_id: int
    data_source: str
    sync_status: str
    sync_error: str
    last_sync_at: datetime | None
    on_board: bool
    off_reason: str
    change_note: str
    crew_needed: int | None
    trucks_needed: int | None
    minutes_needed: int | None
    notes: str
    problem: str
    version: int
    # Up to here columns as they are read (`reading`), from here on worked out.
    stage: Stage
    stops: tuple[str, ...]
    is_changed: bool
    overridden: tuple[str, ...]
    crew: tuple[Person, ...]
    trucks: tuple[TruckName, ...]
    clashes: tuple[Clash, ...]

    @property
    def is_done_there(self) -> bool:
        """Whether SmartMoving says that the work is done: it needs nobody any more."""
        return self.source_status in DONE_THERE

    @property
    def is_unassigned(self) -> bool:
        """Whether it has nobody or no truck yet, and needs them: it could not set out."""
        return not self.is_done_there and (not self.crew or not self.trucks)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks to see: a day, and what it is narrowed to. `location` None: all in scope."""

    day: Day = "today"
    location: str | None = None
    stage: Stage | None = None
    tentative: bool = False
    text: str = ""
    only: frozenset[str] = frozenset()


SUCH: Mapping[str, Callable[[Card], bool]] = {
    Only.UNASSIGNED: lambda card: card.is_unassigned,
    # Also what nobody has said anything about; what is done needs no word any more.
    Only.UNCONFIRMED: lambda card: not card.confirmed and not card.is_done_there,
    Only.CHANGED: lambda card: card.is_changed,
    Only.PROBLEM: lambda card: bool(card.problem),
}


def matches(card: Card, wanted: Wanted) -> bool:
    """Whether the card is among what is wanted, its day aside: for lists, and for counting what a filter would show."""
    return (
        (wanted.location is None or card.location == wanted.location)
        and (wanted.stage is None or card.stage is wanted.stage)
        and all(SUCH[only](card) for only in wanted.only)
        and has_text(card, wanted.text)
    )


def has_text(card: Card, text: str) -> bool:
    """Whether every word of `text` is in its numbers, customer or addresses, upper and lower case alike."""
    if not text.strip():
        return True
    read = (
        card.job_number,
        card.quote_number,
        card.external_id or "",
        card.customer_name,
        card.origin_address,
        card.destination_address,
        *card.stops,
    )
    haystack = "\n".join(read).casefold()
    return all(word in haystack for word in text.casefold().split())


def label_of(job_number: str, customer_name: str) -> str:
    """How a journey is called among others: `41002-1 Rowan`, with what there is of it."""
    return " ".join(part for part in (job_number, customer_name) if part) or "a journey"
