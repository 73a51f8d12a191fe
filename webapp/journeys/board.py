"""The dispatch board: its columns, how ready each job is, its counters, and every word that a card prints. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, Protocol

from webapp.dates import shown_with_weekday
from webapp.journeys.board_filters import TESTS, WORDS, Columns, Filters
from webapp.journeys.cards import Card
from webapp.journeys.fields import FIELDS
from webapp.journeys.phone import dialled, map_of
from webapp.journeys.spans import Clash, Span
from webapp.journeys.stages import ORDER, Stage, following
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


class Address(NamedTuple):
    """An address, with a map of it."""

    text: str
    map: str


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
    origin: Address | None
    destination: Address | None
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
    has_problem: bool


@dataclass(frozen=True)
class Column:
    """One column: a stage or a location, with its cards in arrival order. `stage` is empty for a location."""

    key: str
    title: str
    stage: str
    cards: tuple[Drawn, ...]
    short: int

    @property
    def words(self) -> str:
        """`12 jobs, 3 short`, said under its title."""
        said = f"{len(self.cards)} job{'' if len(self.cards) == 1 else 's'}"
        return f"{said}, {self.short} not ready" if self.short else said


@dataclass(frozen=True)
class Count:
    """A counter: how many jobs are so, and the address that shows only these, or all again where it `is_on`."""

    name: str
    number: int
    words: str
    address: str
    is_on: bool


@dataclass(frozen=True)
class Board:
    """What the board shows. `total`: what the day has before filters but the location; `hash` tells pictures apart."""

    filters: Filters
    columns: tuple[Column, ...]
    counts: tuple[Count, ...]
    shown: int
    total: int
    day_words: str
    hash: str


def board_of(cards: Sequence[Card], filters: Filters) -> Board:
    """The board of a day's cards, which come in arrival order, as `filters` wants it."""
    fitting = [card for card in cards if filters.fits(card)]
    shown = [card for card in fitting if filters.shows(card)] if filters.only else fitting
    is_one_place = len({card.location for card in cards}) < 2
    names_place = filters.by is Columns.STAGE and not is_one_place
    columns = _by_location(shown) if filters.by is Columns.LOCATION else _by_stage(shown, filters, names_place)
    counts = _counts(fitting, filters)
    day_words = _day_words(cards, filters)
    return Board(filters, columns, counts, len(shown), len(cards), day_words, _hash(columns, counts, day_words))


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


NOT_READY = frozenset({Readiness.PROBLEM, Readiness.NEEDS_BOTH, Readiness.NEEDS_CREW, Readiness.NEEDS_TRUCK})


def drawn(card: Card, *, names_place: bool = False, names_stage: bool = False) -> Drawn:
    """The card in words; with its location or its stage where the column does not say it."""
    ready = readiness(card)
    next_stage = following(card.stage)
    between = max(len(card.stops) - 2, 0)
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
        origin=_address(card.origin_address),
        destination=_address(card.destination_address),
        stops=f"+{between} stop{'' if between == 1 else 's'}" if between else "",
        facts=" · ".join(part for part in (card.service_type, card.move_size, _length(card)) if part),
        place=" · ".join(part for part in (number, place, stage) if part),
        crew=", ".join(person.name for person in card.crew) or "Nobody yet",
        crew_count=_of(len(card.crew), card.crew_needed),
        trucks=", ".join(truck.name for truck in card.trucks) or "No truck yet",
        trucks_count=_of(len(card.trucks), card.trucks_needed),
        notes=card.notes,
        problem=card.problem,
        warnings=clash_words(card.clashes),
        marks=marks(card),
        change=(card.change_note or "Changed since you looked.") if card.is_changed else "",
        next_stage=next_stage.value if next_stage else "",
        next_words=next_stage.label if next_stage else "",
        has_problem=bool(card.problem),
    )


def marks(card: Card) -> tuple[str, ...]:
    """The short words under a card's title that are about the booking itself."""
    found = []
    if not card.on_board:
        found.append(card.off_reason or "Off the board")
    if card.source_status in DONE_IN_SMARTMOVING:
        found.append("Done in SmartMoving")
    if not card.confirmed:
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


def _by_stage(cards: Iterable[Card], filters: Filters, names_place: bool) -> tuple[Column, ...]:
    by_stage: dict[Stage, list[Card]] = {stage: [] for stage in ORDER if filters.stage in (None, stage)}
    for card in cards:
        by_stage[card.stage].append(card)
    return tuple(
        Column(
            stage.lower().replace("_", "-"),
            stage.label,
            stage.value,
            tuple(drawn(card, names_place=names_place) for card in held),
            _not_ready(held),
        )
        for stage, held in by_stage.items()
    )


def _by_location(cards: Iterable[Card]) -> tuple[Column, ...]:
    """Only locations that have something to show, by name."""
    by_place: dict[tuple[str, int], list[Card]] = {}
    for card in cards:
        by_place.setdefault((card.location, card.location_id), []).append(card)
    return tuple(
        Column(f"at-{location_id}", name, "", tuple(drawn(card, names_stage=True) for card in held), _not_ready(held))
        for (name, location_id), held in sorted(by_place.items())
    )


def _not_ready(cards: Iterable[Card]) -> int:
    return sum(readiness(card) in NOT_READY for card in cards)


def _counts(cards: Sequence[Card], filters: Filters) -> tuple[Count, ...]:
    numbers = Counter(name for card in cards for name, test in TESTS.items() if test(card))
    return tuple(
        Count(name, numbers[name], words[numbers[name] != 1], filters.toggled(name), name in filters.only)
        for name, words in WORDS.items()
        # What is usual at zero says nothing there; what the person chose stays, so that it can be taken off.
        if numbers[name] or name in filters.only or name in ("unassigned", "unconfirmed")
    )


def _day_words(cards: Iterable[Card], filters: Filters) -> str:
    """`Today, Sun 11-22-26`; where branches have different days at the moment, both."""
    days = sorted({card.scheduled_date for card in cards}) or [filters.date]
    told = " and ".join(shown_with_weekday(day) for day in days)
    return f"{str(filters.day).capitalize()}, {told}" if filters.day in ("today", "tomorrow") else told


def _hash(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=9).hexdigest()


def _of(number: int, needed: int | None) -> str:
    return f"{number} of {needed}" if needed else str(number)


def _length(card: Card) -> str:
    return length_words(card.minutes_needed)


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    return Address(text, map_of(text)) if text.strip() else None


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
