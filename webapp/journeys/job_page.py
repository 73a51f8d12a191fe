"""A job's page in words: what its card, its source and its history say, ready to print. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from hashlib import blake2b
from urllib.parse import quote

from webapp.dates import shown
from webapp.journeys import phone
from webapp.journeys.board import READINESS_WORDS, Readiness, readiness
from webapp.journeys.cards import Card
from webapp.journeys.detail import Detail, Event
from webapp.journeys.stages import ORDER, Stage
from webapp.journeys.words import SOURCES, SYNC_STATUSES, arrival_words, length_words, status_words

CONFIRMED = {True: "by the customer", False: "not yet", None: "not said"}
NOT_KNOWN = "not known"
# A badge's colour means one thing: base.css.
BADGES = {
    Readiness.PROBLEM: "failed",
    Readiness.READY: "planned",
    Readiness.UNDER_WAY: "active",
    Readiness.DONE: "over",
}
NEEDS = "sending"
FINISHED = (Stage.COMPLETED, Stage.AUDITED)
BY_HAND = ("manual", "Added by hand")
UNREAD = {"FAILED": ("failed", "Not read from SmartMoving"), "PENDING": ("sending", "Details not read yet")}


@dataclass(frozen=True)
class StageMark:
    """One stage of the stepper: `state` is `done`, `here` or `ahead`."""

    stage: Stage
    label: str
    state: str


@dataclass(frozen=True)
class Both:
    """A field that says something else here than in SmartMoving. `who` entered it here, and when."""

    name: str
    label: str
    here: str
    theirs: str
    who: str


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    when: str
    who: str
    kind: str
    text: str


@dataclass(frozen=True)
class Page:
    """What the template prints.

    `badges` are colours and words of how it stands, first how ready it is; `needs` says what is missing, if anything.
    `call`, `mail` and `route` are addresses of links, empty where there is nothing to call, write to or drive.
    """

    title: str
    number: str
    when: str
    badges: Sequence[tuple[str, str]]
    needs: str
    stages: Sequence[StageMark]
    call: str
    mail: str
    places: Sequence[phone.Place]
    route: str
    crew: str
    trucks: str
    facts: Sequence[tuple[str, str]]
    source: Sequence[tuple[str, str]]
    both: Sequence[Both]
    ticks: str
    history: Sequence[Line]


def page_of(found: Detail, events: Sequence[Event]) -> Page:
    """The page of a job with its history, newest first. Times are those of the job's location."""
    card = found.card
    stops = phone.places(card)
    items = [item for part in found.checklist for item in part.items]
    return Page(
        title=card.customer_name or "Customer not named",
        number=card.job_number or card.quote_number,
        when=arrival_words(card.arrival_start, card.arrival_end),
        badges=_badges(card),
        needs=_needs(card),
        stages=_stages(card.stage),
        call=phone.dialled(card.customer_phone),
        mail=_mail(card.customer_email),
        places=stops,
        route=phone.route_of(stop.address for stop in stops),
        crew=_of(len(card.crew), card.crew_needed),
        trucks=_of(len(card.trucks), card.trucks_needed),
        facts=_facts(card),
        source=_source(found),
        both=_both(found),
        ticks=_of(sum(item.is_done for item in items), len(items)),
        history=[
            Line(told(event.happened_at, found.zone), event.actor_name, event.kind, event.text) for event in events
        ],
    )


def picture(found: Detail, page: Page) -> str:
    """A short text that is another one as soon as the page would look otherwise."""
    return blake2b(repr((found.card, found.checklist, found.forward, page)).encode(), digest_size=9).hexdigest()


def told(moment: datetime, zone: tzinfo) -> str:
    """`11-23-26 14:05 MST`, as the clock at the location showed it."""
    local = moment.astimezone(zone)
    return f"{shown(local.date())} {local:%H:%M} {local.tzname()}"


def money(amount: Decimal) -> str:
    """`$1,250.00`."""
    return f"${amount:,.2f}"


def _badges(card: Card) -> list[tuple[str, str]]:
    ready = readiness(card)
    # Nobody waits for what is off the board, and done is done: said once, with who says so where we do not.
    is_told = card.on_board and not (ready is Readiness.DONE and card.stage not in FINISHED)
    found = [(BADGES.get(ready, NEEDS), READINESS_WORDS[ready])] if is_told or card.problem else []
    if card.is_done_there:
        found.append((BADGES[Readiness.DONE], "Done in SmartMoving"))
    if not card.on_board:
        found.append(("over", "Off the board"))
    if card.data_source == "MANUAL":
        found.append(BY_HAND)
    if card.sync_status in UNREAD:
        found.append(UNREAD[card.sync_status])
    return found


def _stages(here: Stage) -> list[StageMark]:
    place = ORDER.index(here)
    states = ["done"] * place + ["here"] + ["ahead"] * (len(ORDER) - place - 1)
    return [StageMark(stage, stage.label, state) for stage, state in zip(ORDER, states, strict=True)]


def _needs(card: Card) -> str:
    """`Still needed: 2 people and 1 truck.`, as the board counts it; a job asks for one of each at least."""
    if card.is_done_there or not card.on_board or card.stage in FINISHED:
        return ""
    people = max(card.crew_needed or 1, 1) - len(card.crew)
    trucks = max(card.trucks_needed or 1, 1) - len(card.trucks)
    missing = [
        f"{number} {word if number == 1 else words}"
        for number, word, words in ((people, "person", "people"), (trucks, "truck", "trucks"))
        if number > 0
    ]
    return f"Still needed: {' and '.join(missing)}." if missing else ""


def _mail(address: str) -> str:
    """The link that writes to `address`; what is no address, as text of others may be, gets none."""
    return f"mailto:{quote(address, safe='@')}" if address.count("@") == 1 and not address.startswith("@") else ""


def _of(number: int, of: int | None) -> str:
    return f"{number} of {of}" if of else str(number)


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
        lines.append(("Last change there", told(card.last_sync_at, found.zone) if card.last_sync_at else "never"))
    lines.append(("On our list since", told(found.created_at, found.zone)))
    return [(label, words) for label, words in lines if words]


def _both(found: Detail) -> list[Both]:
    return [
        Both(
            name=one.field.name,
            label=one.field.label,
            here=one.here,
            theirs=one.theirs,
            who=", ".join(part for part in (one.by, told(one.at, found.zone) if one.at else "") if part),
        )
        for one in found.differences
    ]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
