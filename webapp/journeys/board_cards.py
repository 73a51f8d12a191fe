"""A card of the board in words, how ready its job is, and the boxes of the forms that a card opens. Pure."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

from webapp.journeys.cards import Card
from webapp.journeys.fields import FIELDS
from webapp.journeys.phone import dialled, map_of
from webapp.journeys.spans import Clash, Span
from webapp.journeys.stages import Stage, following
from webapp.journeys.words import arrival_words, length_words

# SmartMoving's statuses that mean the work is over there.
DONE_IN_SMARTMOVING = (10, 11)
UNDER_WAY = frozenset({Stage.EN_ROUTE, Stage.ONSITE})


class Readiness(StrEnum):
    """What stands between a job and its work; the value is the class that colours it."""

    PROBLEM = "problem"
    NEEDS_BOTH = "needs-both"
    NEEDS_CREW = "needs-crew"
    NEEDS_TRUCK = "needs-truck"
    READY = "ready"
    UNDER_WAY = "under-way"
    DONE = "done"


READINESS_WORDS = {
    Readiness.PROBLEM: "Problem",
    Readiness.NEEDS_BOTH: "Needs crew, truck",
    Readiness.NEEDS_CREW: "Needs crew",
    Readiness.NEEDS_TRUCK: "Needs truck",
    Readiness.READY: "Ready",
    Readiness.UNDER_WAY: "Under way",
    Readiness.DONE: "Done",
}
NOT_READY = frozenset({Readiness.PROBLEM, Readiness.NEEDS_BOTH, Readiness.NEEDS_CREW, Readiness.NEEDS_TRUCK})


class Drawn(NamedTuple):
    """A card as it is printed: nothing is left to work out, as a board prints hundreds."""

    id: int
    version: int
    readiness: str
    readiness_words: str
    arrival: str
    customer: str
    phone: str
    dial: str
    origin: str
    origin_map: str
    destination: str
    destination_map: str
    stops: str
    facts: str
    place: str
    crew: str
    crew_count: str
    trucks: str
    trucks_count: str
    notes: str
    problem: str
    warnings: tuple[str, ...]
    marks: tuple[str, ...]
    change: str
    next_stage: str
    next_words: str


def readiness(card: Card) -> Readiness:
    """How ready a job is. It needs crew while it has fewer people than asked for, and at least one; trucks alike.

    What is done, here or by SmartMoving's word, needs nobody.
    """
    if card.problem:
        return Readiness.PROBLEM
    if card.is_done_there or card.stage in (Stage.COMPLETED, Stage.AUDITED):
        return Readiness.DONE
    needs_crew = len(card.crew) < max(card.crew_needed or 1, 1)
    needs_truck = len(card.trucks) < max(card.trucks_needed or 1, 1)
    if needs_crew and needs_truck:
        return Readiness.NEEDS_BOTH
    if needs_crew or needs_truck:
        return Readiness.NEEDS_CREW if needs_crew else Readiness.NEEDS_TRUCK
    return Readiness.UNDER_WAY if card.stage in UNDER_WAY else Readiness.READY


def drawn(card: Card, *, names_place: bool = False, names_stage: bool = False) -> Drawn:
    """The card in words; with its location or its stage where the column does not say it."""
    ready = readiness(card)
    next_stage = following(card.stage)
    between = max(len(card.stops) - 2, 0)
    facts = card.service_type, card.move_size, length_words(card.minutes_needed)
    number, place = card.job_number or card.quote_number, card.location if names_place else ""
    stage = card.stage.label if names_stage else ""
    return Drawn(
        id=card.id,
        version=card.version,
        readiness=ready.value,
        readiness_words=READINESS_WORDS[ready],
        arrival=arrival_words(card.arrival_start, card.arrival_end),
        customer=card.customer_name or "Customer not named",
        phone=card.customer_phone,
        dial=dialled(card.customer_phone) if card.customer_phone else "",
        origin=card.origin_address,
        origin_map=_map(card.origin_address),
        destination=card.destination_address,
        destination_map=_map(card.destination_address),
        stops=f"+{between} stop{'' if between == 1 else 's'}" if between else "",
        facts=" · ".join(part for part in facts if part),
        place=" · ".join(part for part in (number, place, stage) if part),
        crew=", ".join(person.name for person in card.crew) or "Nobody yet",
        crew_count=_of(len(card.crew), card.crew_needed),
        trucks=", ".join(truck.name for truck in card.trucks) or "No truck yet",
        trucks_count=_of(len(card.trucks), card.trucks_needed),
        notes=card.notes,
        problem=card.problem,
        warnings=clash_words(card.clashes) if card.clashes else (),
        marks=marks(card),
        change=(card.change_note or "Changed since you looked.") if card.is_changed else "",
        next_stage=next_stage.value if next_stage else "",
        next_words=next_stage.label if next_stage else "",
    )


def marks(card: Card) -> tuple[str, ...]:
    """The short words under a card's title that are about the booking itself."""
    found = []
    if not card.on_board:
        found.append(card.off_reason or "Off the board")
    if card.source_status in DONE_IN_SMARTMOVING:
        found.append("Done in SmartMoving")
    if not card.confirmed and not card.is_done_there:
        found.append("Not confirmed" if card.confirmed is False else "Confirmation unknown")
    if card.data_source == "MANUAL":
        found.append("Added by hand")
    if card.overridden:
        names = ", ".join(FIELDS[name].label.lower() for name in card.overridden)
        found.append(f"Changed here: {names}")
    if card.sync_status == "FAILED":
        found.append("Not read from SmartMoving" + (f": {card.sync_error}" if card.sync_error else ""))
    elif card.sync_status == "PENDING":
        found.append("Details not read yet")
    return tuple(found)


def clash_words(clashes: Iterable[Clash]) -> tuple[str, ...]:
    """`Kim Diaz, Truck 7: also on 41002-1 Rowan, 08:00 to 12:00`: one for each other job, as crews go together."""
    names: dict[tuple[str, Span], list[str]] = {}
    for clash in clashes:
        names.setdefault((clash.label or "another job", clash.span), []).append(clash.name)
    return tuple(f"{', '.join(held)}: also on {label}, {span}" for (label, span), held in names.items())


def _of(number: int, needed: int | None) -> str:
    return f"{number} of {needed}" if needed else str(number)


@lru_cache(maxsize=4096)
def _map(address: str) -> str:
    return map_of(address) if address else ""


class Choice(Protocol):
    """Who or what could be on a journey."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def is_assigned(self) -> bool: ...
    @property
    def clashes(self) -> tuple[Clash, ...]: ...


class Option(NamedTuple):
    """Somebody or a truck that a form offers: `busy` says what else holds them then."""

    id: int
    name: str
    role: str
    is_ticked: bool
    busy: tuple[str, ...]


def option_of(choice: Choice, ticked: Collection[int] | None = None, role: str = "") -> Option:
    """The choice as a box: ticked as it is assigned, or as it was ticked in a form that comes back."""
    return Option(
        choice.id,
        choice.name,
        role,
        choice.is_assigned if ticked is None else choice.id in ticked,
        tuple(f"also on {clash.label or 'another job'}, {clash.span}" for clash in choice.clashes),
    )
