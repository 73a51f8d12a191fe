"""A job as its crew reads it on a phone: where to be when, whom to call, how to get there, what to do next. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from webapp.dates import shown_with_weekday
from webapp.journeys.cards import Card, Person
from webapp.journeys.checklists import Phase
from webapp.journeys.stages import LAST_OF_CREW, ORDER, Stage, following, is_of_crew, preceding
from webapp.journeys.words import arrival_words, length_words

MAPS = "https://www.google.com/maps"
# What the one big button says while a job is at that stage.
NEXT_WORDS = {
    Stage.MORNING_PREP: "Start driving",
    Stage.EN_ROUTE: "Arrived",
    Stage.ONSITE: "Job done",
}
# Which part of the checklist belongs to a stage; the first of them that is not all ticked is at hand.
PHASES_AT = {
    Stage.MORNING_PREP: (Phase.MORNING_PREP,),
    Stage.EN_ROUTE: (Phase.PICKUP,),
    Stage.ONSITE: (Phase.PICKUP, Phase.TRANSPORT, Phase.DELIVERY, Phase.COMPLETION),
    Stage.COMPLETED: (Phase.COMPLETION,),
    Stage.AUDITED: (Phase.COMPLETION,),
}


@dataclass(frozen=True)
class Step:
    """A step from stage `at` to stage `to`; `words` are on its button."""

    at: Stage
    to: Stage
    words: str


@dataclass(frozen=True)
class Place:
    """A stop: what it is (`From`, `Stop 2`, `To`), its address, and a map of it."""

    role: str
    address: str
    map_address: str


def next_steps() -> list[Step]:
    """The crew's way forward, stage by stage."""
    return [Step(at, to, NEXT_WORDS[at]) for at in NEXT_WORDS if (to := following(at))]


def steps_back() -> list[Step]:
    """The crew's way back, stage by stage."""
    return [Step(at, to, f"Back to {to.label.lower()}") for at in ORDER if (to := preceding(at)) and is_of_crew(at, to)]


def stages_of(phase: Phase) -> list[Stage]:
    """The stages at which `phase` may be at hand."""
    return [stage for stage in ORDER if phase in PHASES_AT[stage]]


def phase_at_hand(stage: Stage, complete: Iterable[Phase]) -> Phase:
    """The part of the checklist to open: the first of the stage with something left, else its last."""
    done = set(complete)
    return next((phase for phase in PHASES_AT[stage] if phase not in done), PHASES_AT[stage][-1])


def day_words(day: date, today: date) -> str:
    """`Today`, `Tomorrow`, `Yesterday`, with the date, or the date alone."""
    near = {today: "Today", today + timedelta(days=1): "Tomorrow", today - timedelta(days=1): "Yesterday"}
    return f"{near[day]}, {shown_with_weekday(day)}" if day in near else shown_with_weekday(day)


def is_open(card: Card) -> bool:
    """Whether the crew still has work on it."""
    return ORDER.index(card.stage) < ORDER.index(LAST_OF_CREW)


def places(card: Card) -> list[Place]:
    """The stops in travel order, each with a map; what has no address is left out."""
    addresses = [stop for stop in card.stops if stop.strip()] or [
        address for address in (card.origin_address, card.destination_address) if address.strip()
    ]
    last = len(addresses) - 1
    return [Place(_role(number, last), address, map_of(address)) for number, address in enumerate(addresses)]


def map_of(address: str) -> str:
    """A map with that address on it."""
    return f"{MAPS}/search/?{urlencode({'api': 1, 'query': address})}"


def route_of(addresses: Iterable[str]) -> str:
    """The way from where the phone is through all the addresses; empty where there is none."""
    stops = list(addresses)
    if not stops:
        return ""
    query = {"api": "1", "destination": stops[-1], "travelmode": "driving"}
    if stops[:-1]:
        query["waypoints"] = "|".join(stops[:-1])
    return f"{MAPS}/dir/?{urlencode(query)}"


def dialled(phone: str) -> str:
    """The number as a link dials it: digits, a leading plus, an extension after a pause; empty without digits."""
    number, _, extension = phone.lower().partition("x")
    digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    further = "".join(sign for sign in extension if sign.isascii() and sign.isdigit())
    if not digits:
        return ""
    plus = "+" if number.strip().startswith("+") else ""
    return f"tel:{plus}{digits}{',' + further if further else ''}"


def arrival(card: Card) -> str:
    """`08:00 to 10:00`, or that the time is open."""
    return arrival_words(card.arrival_start, card.arrival_end)


def facts(card: Card) -> list[tuple[str, str]]:
    """What kind of work it is, label and words; only what is known."""
    confirmed = {True: "By the customer", False: "Not yet: call ahead", None: ""}[card.confirmed]
    found = (
        ("Service", card.service_type),
        ("Size", card.move_size),
        ("Time needed", length_words(card.minutes_needed)),
        ("Confirmed", confirmed),
        ("Trucks", ", ".join(truck.name for truck in card.trucks)),
        ("Job", card.job_number),
    )
    return [(label, words) for label, words in found if words]


def mates(card: Card, user_id: int | None) -> list[Person]:
    """Who else is on the crew."""
    return [person for person in card.crew if person.id != user_id]


def missing(card: Card) -> str:
    """Why the job cannot set out yet, as far as the desk has to help; empty: nothing is missing."""
    if card.stage is Stage.MORNING_PREP and not card.trucks:
        return "No truck is on this job yet. Ask the desk before you set out."
    return ""


def _role(number: int, last: int) -> str:
    if number == 0:
        return "From" if last else "At"
    return "To" if number == last else f"Stop {number + 1}"
