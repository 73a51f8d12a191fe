"""The slot cards of a draft in words: what fills each loan, what is to be said of it, and why an empty one is empty."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from webapp.chains.asking import Ask, Kind
from webapp.chains.looking.suggestion import Candidate, Placed
from webapp.chains.solving.slots import Slot
from webapp.dates import shown_with_weekday
from webapp.fleet.distances import miles_told
from webapp.fleet.names import short_vin, vehicle_name
from webapp.loans.rules import Finding, Severity
from webapp.loans.rules.money import dollars
from webapp.names import last_first

# What stands in the way of an empty slot where the suggestion did not say: nobody has asked it yet.
NOT_ASKED = "Nothing is chosen for these days yet."
# What else is said is one click away.
MOST_NOTES = 2
TONES = {Severity.HARD: "hard", Severity.SOFT: "soft", Severity.WARNING: "told"}


@dataclass(frozen=True)
class Note:
    """One finding. `tone`: hard (nobody may), soft (against the rules of suggesting), told (a warning)."""

    tone: str
    text: str


@dataclass(frozen=True)
class Card:
    """One loan of a draft. `choice` is what its drop-down shows; `look` and `badge` say how it came to be there.

    `facts` are short remarks for one line; `notes` what binds most of what the rules say, `why_not` leads to all.
    """

    index: int
    days: str
    length: str
    start_day: date
    end_day: date
    title: str
    choice: str
    look: str
    badge: str
    facts: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    why_not: str = ""
    why_not_label: str = ""
    reason: str = ""
    is_filled: bool = False
    is_pinned: bool = False
    has_chosen_days: bool = False


@dataclass(frozen=True)
class Option:
    """One candidate in a drop-down. `notes` are warnings; `reason` is the first thing in the way, `others` how
    many more there are. `can_pick` is False where nobody may.
    """

    key: str
    name: str
    detail: str
    rank: str
    is_current: bool
    can_pick: bool
    notes: tuple[str, ...] = ()
    reason: str = ""
    others: int = 0
    why_not: str = ""


@dataclass(frozen=True)
class Options:
    """The drop-down of a slot: those we would suggest, best first, and the others, by name."""

    possible: tuple[Option, ...]
    others: tuple[Option, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.possible) + len(self.others)


def cards_of(
    ask: Ask,
    slots: Iterable[Slot],
    placed: Iterable[Placed],
    reasons: Mapping[int, str],
    *,
    is_home: bool,
    draft_id: str,
) -> tuple[Card, ...]:
    """A card for every slot of a draft, by day. `reasons` say why an empty one stayed empty, by its index.

    `is_home`: the vehicles' office is the partner's own, or in the partner's loan region.
    """
    filled = {each.slot.index: each for each in placed}
    ordered = sorted(slots, key=lambda slot: (slot.period, slot.index))
    return tuple(
        _filled(ask, filled[slot.index], is_home, number == 0, draft_id)
        if slot.index in filled
        else _empty(ask, slot, reasons)
        for number, slot in enumerate(ordered)
    )


def options_of(
    ask: Ask, slot: Slot, candidates: Iterable[Candidate], current: str | int | None, draft_id: str
) -> Options:
    """The drop-down of `slot` of a draft; `current` is what fills it."""
    possible: list[Option] = []
    others: list[Option] = []
    for each in candidates:
        (possible if each.is_possible else others).append(_option(ask, slot, each, current, draft_id))
    return Options(tuple(possible), tuple(others))


def days_of(slot: Slot) -> str:
    """`Thu 12-03-26 → Thu 12-10-26`."""
    return f"{shown_with_weekday(slot.period.start_day)} → {shown_with_weekday(slot.period.end_day)}"


def why_not_address(slot: Slot, vin: str, person_id: int, draft_id: str) -> str:
    """The page with everything that the rules say of one loan, the rest of its draft counted."""
    days = {"start": slot.period.start_day.isoformat(), "end": slot.period.end_day.isoformat()}
    fields = {"vin": vin, "person_id": person_id, **days, "draft": draft_id, "loan": slot.index}
    return f"/chains/why-not?{urlencode(fields)}"


def _filled(ask: Ask, one: Placed, is_home: bool, is_first: bool, draft_id: str) -> Card:
    is_of_partner = ask.kind is Kind.PARTNER
    told = _own(one, is_of_partner)
    worst = min((finding.severity for finding in told), default=None)
    name, notes = vehicle_name(one.make, one.model) or short_vin(one.vin), _notes(told)
    return Card(
        index=one.slot.index,
        days=days_of(one.slot),
        length=_length(one.slot),
        start_day=one.slot.period.start_day,
        end_day=one.slot.period.end_day,
        title=name if is_of_partner else last_first(one.partner_name),
        choice=_joined(one.color, short_vin(one.vin)) if is_of_partner else "Another partner",
        look=_look(one, worst),
        badge="Picked by hand" if one.is_pinned else "Suggested",
        facts=_facts(one, is_of_partner, is_home, is_first),
        notes=notes[:MOST_NOTES],
        why_not=why_not_address(one.slot, one.vin, one.person_id, draft_id) if told else "",
        why_not_label=f"And {len(notes) - MOST_NOTES} more" if len(notes) > MOST_NOTES else "What the rules say",
        is_filled=True,
        is_pinned=one.is_pinned,
        has_chosen_days=one.slot.is_pinned,
    )


def _empty(ask: Ask, slot: Slot, reasons: Mapping[int, str]) -> Card:
    return Card(
        index=slot.index,
        days=days_of(slot),
        length=_length(slot),
        start_day=slot.period.start_day,
        end_day=slot.period.end_day,
        title="Empty",
        choice="Choose a vehicle" if ask.kind is Kind.PARTNER else "Choose a partner",
        look="vacant",
        badge="",
        reason=reasons.get(slot.index, NOT_ASKED),
        has_chosen_days=slot.is_pinned,
    )


def _facts(one: Placed, is_of_partner: bool, is_home: bool, is_first: bool) -> tuple[str, ...]:
    facts = [f"Rank {one.rank}" if one.rank else "Not approved"]
    if is_of_partner and is_home:
        facts.append("same office")
    if not is_of_partner and one.hop_miles is not None:
        facts.append(f"{miles_told(round(10 * one.hop_miles))} from {'the office' if is_first else 'the one before'}")
    facts.append(f"about {dollars(one.cost.quantize(Decimal(1)))}")
    return tuple(facts)


def _look(one: Placed, worst: Severity | None) -> str:
    """Red where it will be refused, amber where something is to be said, else green; dashed where it is chosen."""
    colour = {Severity.HARD: " refused", None: ""}.get(worst, " warned")
    return ("manual" if one.is_pinned else "planned") + colour


def _own(one: Placed, is_of_partner: bool) -> list[Finding]:
    """What is to be said of this loan alone: what else the partner of a partner chain has, the page says once."""
    return [finding for finding in one.findings if not (is_of_partner and finding.code == "partner_busy")]


def _notes(findings: Iterable[Finding]) -> tuple[Note, ...]:
    ordered = sorted(findings, key=lambda finding: finding.severity)
    return tuple(Note(TONES[finding.severity], finding.text) for finding in ordered)


def _option(ask: Ask, slot: Slot, one: Candidate, current: str | int | None, draft_id: str) -> Option:
    is_of_partner = ask.kind is Kind.PARTNER
    binding = [finding for finding in one.findings if finding.is_binding]
    vin, person = (str(one.key), ask.person_id) if is_of_partner else (ask.vin, int(one.key))
    notes = [finding.text for finding in one.findings if not finding.is_binding]
    return Option(
        key=str(one.key),
        name=one.name if is_of_partner else last_first(one.name),
        detail=one.detail,
        rank=one.rank or "",
        is_current=one.key == current,
        can_pick=not one.is_hard,
        notes=tuple(notes),
        reason=binding[0].text if binding else "",
        others=max(0, len(binding) - 1),
        why_not=why_not_address(slot, vin or "", person or 0, draft_id) if binding else "",
    )


def _length(slot: Slot) -> str:
    return "1 day" if slot.period.days == 1 else f"{slot.period.days} days"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
