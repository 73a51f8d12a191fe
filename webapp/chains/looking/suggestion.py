"""What the chain builder answers: the suggestion, the cards of its picks, candidates of a slot, who was left out, and
who could have a vehicle next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from webapp.chains.asking import Ask
from webapp.chains.shapes import SlotJson, SuggestionJson
from webapp.chains.solving.slots import Slot, Threaded
from webapp.chains.solving.values import Status, Unfilled
from webapp.loans.periods import Period
from webapp.loans.rules import Finding

# A VIN on a partner chain, a person id on a vehicle chain.
Key = str | int


@dataclass(frozen=True)
class Candidate:
    """Something that could fill one slot, and everything the rules say of it there, the rest of the chain counted.

    `detail` tells it from others of its name. `is_possible`: nothing binds what we suggest; `is_hard`: nobody may.
    `hop_miles` is the way there on a vehicle chain, where it is known; `is_unplaced`: nobody knows where it is.
    """

    key: Key
    name: str
    detail: str
    rank: str | None
    findings: tuple[Finding, ...]
    is_possible: bool
    is_hard: bool
    hop_miles: float | None = None
    is_unplaced: bool = False


@dataclass(frozen=True)
class Placed:
    """A filled slot as its card shows it, every finding included; what nobody knows (any more) is `unknown`.

    `vehicle_id` and `person_id` are FMS's, `fleet_vehicle_id` is ours (None: no such vehicle). `cost` in US
    dollars, `fleet` whose budget pays. `hop_miles` as for `Candidate`.
    """

    slot: Slot
    fleet_vehicle_id: int | None
    vin: str
    vehicle_id: int | None
    make: str
    model: str
    color: str
    person_id: int
    partner_name: str
    rank: str | None
    is_pinned: bool
    findings: tuple[Finding, ...]
    cost: Decimal
    fleet: str
    hop_miles: float | None = None


@dataclass(frozen=True)
class LeftOutLine:
    """Somebody who fits in no slot: their first obstacle in their first slot."""

    key: Key
    name: str
    detail: str
    finding: Finding


@dataclass(frozen=True)
class LeftOut:
    """Everybody looked at who fits in no slot, by name; `counts` of them by code.

    `unplaced` are those who could, but have no coordinates. Makes, models and tiers that the person did not
    choose are not looked at.
    """

    looked_at: int
    lines: tuple[LeftOutLine, ...]
    counts: Mapping[str, int]
    unplaced: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class NextPartner:
    """One who could have it. `last_end` is when the latest of their loans ended (None: none is known), where
    `has_one` is not said: then one goes on up to these days. `weekday` (Monday 0): on which theirs mostly start.
    """

    candidate: Candidate
    last_end: date | None
    has_one: bool
    weekday: int | None

    @property
    def person_id(self) -> int:
        """FMS's number of the person."""
        return int(self.candidate.key)


@dataclass(frozen=True)
class NextPartners:
    """Everybody who could have the vehicle of `ask` in the one loan that was threaded.

    `left_out` counts those of the `looked_at` partners who could not.
    """

    ask: Ask
    vehicle_name: str
    threaded: Threaded
    possible: tuple[NextPartner, ...]
    left_out: int
    looked_at: int

    @property
    def period(self) -> Period | None:
        """The days of the loan; None where the calendar has no room for it."""
        return self.threaded.slots[0].period if self.threaded.slots else None


@dataclass(frozen=True)
class Suggestion:
    """The answer to an `asking.Ask`. `objective` in points; `seconds` altogether, and by part of the work.

    `excluded` counts whoever fits in no slot, by code; `left_out` is their sum, `unplaced` (person id and name)
    are apart. `looked_at` counts those of the chosen makes, models and tiers.
    """

    status: Status
    threaded: Threaded
    objective: float
    placed: tuple[Placed, ...]
    unfilled: tuple[Unfilled, ...]
    excluded: Mapping[str, int]
    unplaced: tuple[tuple[int, str], ...]
    looked_at: int
    left_out: int
    seconds: float
    seconds_by_part: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> SuggestionJson:
        """The suggestion as interface.md writes it."""
        return {
            "status": self.status,
            "requested_start": self.threaded.requested_start.isoformat(),
            "actual_start": _iso(self.threaded.actual_start),
            "objective": self.objective,
            "slots": [_slot(placed) for placed in self.placed],
            "conflicts": [{"text": one.text, "slots": list(one.slots)} for one in self.threaded.conflicts],
            "excluded": dict(self.excluded),
            "unplaced": [{"person_id": person_id, "partner_name": name} for person_id, name in self.unplaced],
            "seconds": round(self.seconds, 3),
        }


def _slot(placed: Placed) -> SlotJson:
    return {
        "index": placed.slot.index,
        "start_day": placed.slot.period.start_day.isoformat(),
        "end_day": placed.slot.period.end_day.isoformat(),
        "vin": placed.vin,
        "vehicle_id": placed.vehicle_id,
        "make": placed.make,
        "model": placed.model,
        "person_id": placed.person_id,
        "partner_name": placed.partner_name,
        "warnings": [{"code": finding.code, "text": finding.text} for finding in placed.findings],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
