"""A job's page in words: what its card, its source and its history say, ready to print. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from webapp.dates import shown
from webapp.journeys import phone
from webapp.journeys.cards import Card
from webapp.journeys.detail import Detail, Event
from webapp.journeys.stages import ORDER, Stage
from webapp.journeys.words import SOURCES, SYNC_STATUSES, arrival_words, length_words, status_words

CONFIRMED = {True: "by the customer", False: "not yet", None: "not said"}
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class StageMark:
    """One stage of the stepper: `state` is `done`, `here` or `ahead`."""

    stage: Stage
    label: str
    state: str


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    when: str
    who: str
    kind: str
    text: str


@dataclass(frozen=True)
class Page:
    """What the template prints. `needs` says what is missing before the job can set out; empty: nothing."""

    title: str
    when: str
    stages: Sequence[StageMark]
    needs: str
    call: str
    places: Sequence[phone.Place]
    route: str
    facts: Sequence[tuple[str, str]]
    source: Sequence[tuple[str, str]]
    history: Sequence[Line]


def page_of(found: Detail, events: Sequence[Event]) -> Page:
    """The page of a job with its history, newest first. Times are those of the job's location."""
    card = found.card
    stops = phone.places(card)
    return Page(
        title=card.customer_name or "Customer not named",
        when=arrival_words(card.arrival_start, card.arrival_end),
        stages=_stages(card.stage),
        needs=_needs(card),
        call=phone.dialled(card.customer_phone),
        places=stops,
        route=phone.route_of(stop.address for stop in stops),
        facts=_facts(card),
        source=_source(found),
        history=[
            Line(told(event.happened_at, found.zone), event.actor_name, event.kind, event.text) for event in events
        ],
    )


def told(moment: datetime, zone: tzinfo) -> str:
    """`11-23-26 14:05 MST`, as the clock at the location showed it."""
    local = moment.astimezone(zone)
    return f"{shown(local.date())} {local:%H:%M} {local.tzname()}"


def money(amount: Decimal) -> str:
    """`$1,250.00`."""
    return f"${amount:,.2f}"


def _stages(here: Stage) -> list[StageMark]:
    place = ORDER.index(here)
    states = ["done"] * place + ["here"] + ["ahead"] * (len(ORDER) - place - 1)
    return [StageMark(stage, stage.label, state) for stage, state in zip(ORDER, states, strict=True)]


def _needs(card: Card) -> str:
    if card.stage is not Stage.MORNING_PREP or not card.is_unassigned:
        return ""
    missing = [name for name, held in (("a crew", card.crew), ("a truck", card.trucks)) if not held]
    return f"It needs {' and '.join(missing)} before it can set out."


def _facts(card: Card) -> list[tuple[str, str]]:
    """Label and words; what is not known is said to be so, as the desk has to find out."""
    found = [
        ("Service", card.service_type),
        ("Size", card.move_size),
        ("Crew needed", _number(card.crew_needed)),
        ("Trucks needed", _number(card.trucks_needed)),
        ("Time needed", length_words(card.minutes_needed)),
        ("Confirmed", CONFIRMED[card.confirmed]),
        ("Location", card.location),
    ]
    if card.estimated_value is not None:
        found.append(("Estimate of the whole booking", money(card.estimated_value)))
    return [(label, words or NOT_KNOWN) for label, words in found]


def _source(found: Detail) -> list[tuple[str, str]]:
    card = found.card
    lines = [
        ("Comes from", SOURCES.get(card.data_source, card.data_source)),
        ("Status there", status_words(card.source_status) or ""),
        ("Job", card.job_number),
        ("Quote", card.quote_number),
    ]
    if not found.is_manual:
        lines.append(("Sync", SYNC_STATUSES.get(card.sync_status, card.sync_status)))
        lines.append(("Last heard of", told(card.last_sync_at, found.zone) if card.last_sync_at else "never"))
    return [(label, words) for label, words in lines if words]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
