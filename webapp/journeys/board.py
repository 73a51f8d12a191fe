"""The dispatch board: its columns, its counters, and what tells two pictures of it apart. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from webapp.dates import shown_with_weekday
from webapp.journeys.board_cards import DONE_IN_SMARTMOVING as DONE_IN_SMARTMOVING
from webapp.journeys.board_cards import NOT_READY as NOT_READY
from webapp.journeys.board_cards import READINESS_WORDS as READINESS_WORDS
from webapp.journeys.board_cards import Drawn, drawn
from webapp.journeys.board_cards import Readiness as Readiness
from webapp.journeys.board_cards import readiness as readiness
from webapp.journeys.board_filters import TESTS, WORDS, Columns, Filters
from webapp.journeys.cards import Card
from webapp.journeys.stages import ORDER, Stage


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


def board_of(cards: Sequence[Card], filters: Filters, left: Sequence[tuple[Any, ...]] = ()) -> Board:
    """The board of a day's cards, which come in arrival order, as `filters` wants it.

    `left` is what is told of jobs that are no longer among them: it is a part of the picture.
    """
    fitting = filters.fitting(cards)
    shown = filters.shown(fitting)
    is_one_place = len({card.location for card in cards}) < 2
    names_place = filters.by is Columns.STAGE and not is_one_place
    columns = _by_location(shown) if filters.by is Columns.LOCATION else _by_stage(shown, filters, names_place)
    counts = _counts(fitting, filters)
    day_words = _day_words(cards, filters)
    return Board(
        filters, columns, counts, len(shown), len(cards), day_words, _hash(columns, counts, day_words, tuple(left))
    )


def _by_stage(cards: Iterable[Card], filters: Filters, names_place: bool) -> tuple[Column, ...]:
    by_stage: dict[Stage, list[Card]] = {stage: [] for stage in ORDER if filters.stage in (None, stage)}
    for card in cards:
        by_stage[card.stage].append(card)
    return tuple(
        _column(
            stage.lower().replace("_", "-"),
            stage.label,
            (drawn(card, names_place=names_place) for card in held),
            stage.value,
        )
        for stage, held in by_stage.items()
    )


def _by_location(cards: Iterable[Card]) -> tuple[Column, ...]:
    """Only locations that have something to show, by name."""
    by_place: dict[tuple[str, int], list[Card]] = {}
    for card in cards:
        by_place.setdefault((card.location, card.location_id), []).append(card)
    return tuple(
        _column(f"at-{location_id}", name, (drawn(card, names_stage=True) for card in held))
        for (name, location_id), held in sorted(by_place.items())
    )


def _column(key: str, title: str, cards: Iterable[Drawn], stage: str = "") -> Column:
    held = tuple(cards)
    return Column(key, title, stage, held, sum(card.readiness in NOT_READY for card in held))


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


def _hash(columns: Iterable[Column], *others: object) -> str:
    # Plain tuples: named ones would spell out every name.
    told = [(column.title, *map(tuple.__repr__, column.cards)) for column in columns]
    return blake2b(repr((told, others)).encode(), digest_size=9).hexdigest()
