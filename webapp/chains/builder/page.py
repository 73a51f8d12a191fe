"""What the builder's page prints of a draft: how far the chain came and why no further, its banner, its cards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.queries import zone_of
from webapp.chains.asking import Ask, Kind
from webapp.chains.builder.cards import Card, cards_of
from webapp.chains.drafting.queries import DraftLine, OpenDraft
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Placed
from webapp.chains.solving.objective import is_home
from webapp.chains.solving.slots import MOST_LOANS, Calendar
from webapp.chains.solving.values import Status
from webapp.dates import shown, shown_with_weekday
from webapp.db import db
from webapp.fleet.names import full_name
from webapp.loans.availability import in_the_way
from webapp.loans.facts import partner_of, vehicle_of
from webapp.loans.periods import Period, next_weekday
from webapp.names import last_first

NOTHING_FITS = {
    Status.NONE: "Nothing fits under the rules.",
    Status.BUDGET_BLOCKED: "Nothing fits within the budgets; without them something would.",
}


@dataclass(frozen=True)
class Switch:
    """A button that asks again with one wish changed: a field of the form and its value."""

    label: str
    name: str
    value: str


@dataclass(frozen=True)
class Banner:
    """What threading did: never silently. `detail` says what it went around."""

    text: str
    detail: str = ""
    switch: Switch | None = None


@dataclass(frozen=True)
class ChainPage:
    """A draft in words. `words` are how good the suggestion is; `looked_at`, `left_out`, `unplaced` count candidates.

    `overlaps` heads the `conflicts`, where they are told at all; `reasons` say why loans are empty, `switches` what
    could be given up for them.
    """

    id: str
    version: int
    address: str
    whose: str
    placed: str
    words: str
    looked_at: str
    left_out: str
    unplaced: str
    left_out_address: str
    banner: Banner | None
    notes: tuple[str, ...]
    overlaps: str
    conflicts: tuple[str, ...]
    reasons: tuple[str, ...]
    switches: tuple[Switch, ...]
    cards: tuple[Card, ...]
    thing: str
    save: str
    held: str
    continues: str
    can_add: bool
    has_empty: bool

    @property
    def is_overruled(self) -> bool:
        """Whether something picked is against the rules of suggesting: then a note says why all the same."""
        return any(note.tone == "soft" for card in self.cards for note in card.notes)

    @property
    def is_unsaved(self) -> bool:
        """Whether something is picked that would be missed."""
        return any(card.is_filled for card in self.cards)


@dataclass(frozen=True)
class DraftEntry:
    """A draft in the list of one's own."""

    id: str
    address: str
    title: str
    details: str
    is_open: bool


def chain_page(actor: Actor, draft: OpenDraft) -> ChainPage:
    """The page of an opened draft."""
    session: Session = db.session()
    ask, zone = draft.ask, zone_of(actor.company_id, draft.ask.office)
    name, homes = _whose(session, actor, ask)
    reasons = {empty.slot.index: empty.text for empty in draft.unfilled}
    home = is_home(ask.office, homes)
    cards = cards_of(ask, draft.slots, draft.placed, reasons, is_home=home, draft_id=draft.id)
    filled, outcome = len(draft.picks), draft.outcome
    days = f"{shown(draft.slots[0].period.start_day)} to {shown(draft.slots[-1].period.end_day)}" if cards else ""
    thing = "vehicle" if ask.kind is Kind.PARTNER else "partner"
    return ChainPage(
        id=draft.id,
        version=draft.version,
        address=f"/chains/drafts/{draft.id}",
        whose=" · ".join(part for part in (name, ask.office, days) if part),
        placed=f"{filled} of {_loans(max(ask.count, len(cards)))} placed",
        words=_words(draft),
        looked_at=f"{_counted(outcome.looked_at, thing)} looked at" if outcome else "",
        left_out=f"{outcome.left_out} left out: why?" if outcome and outcome.left_out else "",
        unplaced=f"{len(outcome.unplaced)} without a place on the map: who?" if outcome and outcome.unplaced else "",
        left_out_address=f"/chains/left-out?{urlencode({'draft': draft.id})}",
        banner=_banner(actor, draft),
        notes=draft.notes,
        overlaps=_overlaps(draft),
        conflicts=tuple(conflict.text for conflict in draft.conflicts),
        reasons=_reasons(draft),
        switches=_switches(draft),
        cards=cards,
        thing=thing,
        save="" if not filled else "Save" if filled == len(cards) else f"Save {filled} of {len(cards)}",
        held=clock_time(draft.held_until, zone),
        continues=f"/chains/{draft.chain_id}" if draft.chain_id else "",
        can_add=len(cards) < MOST_LOANS,
        has_empty=filled < len(cards),
    )


def entries_of(lines: Iterable[DraftLine], zone: tzinfo, open_id: str | None) -> tuple[DraftEntry, ...]:
    """One's drafts as the list prints them."""
    return tuple(
        DraftEntry(
            id=line.id,
            address=f"/chains?draft={line.id}",
            title=last_first(line.title) if line.kind is Kind.PARTNER else line.title,
            details=" · ".join(
                [
                    line.office,
                    f"from {shown(line.start_day)}",
                    f"{line.filled} of {_loans(line.count)} chosen",
                    f"last changed {line.touched_at.astimezone(zone):%m-%d-%y %H:%M %Z}",
                    *(["goes on from a saved chain"] if line.chain_id else []),
                ]
            ),
            is_open=line.id == open_id,
        )
        for line in lines
    )


def _whose(session: Session, actor: Actor, ask: Ask) -> tuple[str, tuple[str, ...]]:
    """Whose chain it is, and the offices that count as a partner's own."""
    if ask.kind is Kind.VEHICLE:
        vehicle = vehicle_of(session, actor.company_id, ask.vin or "")
        return (full_name(vehicle.make, vehicle.model, vehicle.vin) if vehicle else ask.vin or ""), ()
    partner = partner_of(session, actor.company_id, ask.person_id or 0, ask.office)
    if partner is None:
        return f"Person {ask.person_id}", ()
    return last_first(partner.name), (partner.office, partner.default_loan_region)


def _words(draft: OpenDraft) -> str:
    """How good the suggestion is. A chain that a person changed since is nobody's best."""
    outcome, by_hand = draft.outcome, sum(placed.is_pinned for placed in draft.placed)
    if outcome is None or (by_hand and by_hand == len(draft.picks)):
        return "by hand"
    if any(map(_no_longer_fits, draft.placed)):
        return "suggested, but not all of it fits any more"
    if outcome.is_changed:
        return f"{by_hand} picked by hand, the others suggested" if by_hand else "suggested, and changed since"
    rest = f"the best around the {by_hand} picked by hand" if by_hand else "best possible under the rules"
    return {
        Status.OPTIMAL: rest,
        Status.FEASIBLE: "the best found in the time the solver has; there may be a better one",
        Status.PARTIAL: "the most that fit under the rules",
    }.get(outcome.status, "")


def _no_longer_fits(placed: Placed) -> bool:
    """Whether the rules say of a suggested loan by now what they did not say when it was suggested."""
    return not placed.is_pinned and any(finding.is_binding for finding in placed.findings)


def _banner(actor: Actor, draft: OpenDraft) -> Banner | None:
    """Where the start was moved: to when, around what, and what it takes to keep it."""
    ask, first = draft.ask, draft.slots[0] if draft.slots else None
    if first is None or first.is_pinned or first.period.start_day == ask.start or not draft.banner:
        return None
    # Whatever stands between the day that was asked for and the one it became is why.
    calendar = suggesting.calendar_of(actor, ask, is_begun=True)
    busy = in_the_way(Period(ask.start, first.period.start_day), calendar.busy)
    closed = _closed(calendar, max((one.period.end_day for one in busy), default=ask.start), first.period.start_day)
    if ask.kind is Kind.VEHICLE:
        detail = f"The vehicle is {_listed([one.sentence() for one in busy])}.{closed}" if busy else closed.strip()
        return Banner(f"{draft.banner}.", detail)
    held = _listed([f"{one.vehicle_name} {one.dates}" for one in busy])
    detail = f"The partner has {held}.{closed}" if busy else closed.strip()
    keep = Switch(f"Keep {shown(ask.start)} and double-book", "allow_double_booking", "true")
    return Banner(f"{draft.banner}.", detail, keep if busy and not ask.allow_double_booking else None)


def _closed(calendar: Calendar, start: date, end: date) -> str:
    """The holidays from `start` until `end`, on which nothing goes out: ` Thu 11-26-26 is a holiday of the office.`"""
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    shut = [shown_with_weekday(day) for day in days if day in calendar.holidays and day == next_weekday(day)]
    if not shut:
        return ""
    return f" {_listed(shut)} {'is a holiday' if len(shut) == 1 else 'are holidays'} of the office."


def _overlaps(draft: OpenDraft) -> str:
    """What to call that loans overlap what is booked. A vehicle that is taken is told on its cards, in red."""
    if not draft.conflicts or draft.ask.kind is Kind.VEHICLE:
        return ""
    met = {index for conflict in draft.conflicts for index in conflict.slots}
    chosen = {slot.index for slot in draft.slots if slot.is_pinned}
    is_meant = draft.ask.allow_double_booking or met <= chosen
    return "Double-booked on purpose" if is_meant else "Booked since this chain was suggested"


def _reasons(draft: OpenDraft) -> tuple[str, ...]:
    """Why loans are empty: said once, with the loans it is said of, and for what does not exist at all."""
    said: dict[str, list[int]] = {}
    for empty in draft.unfilled:
        said.setdefault(empty.text, []).append(empty.slot.index)
    found = [f"{_named(indexes)}: {text}" for text, indexes in said.items()]
    status = draft.outcome.status if draft.outcome else None
    missing = draft.ask.count - len(draft.slots)
    if draft.outcome and missing > 0:
        found.append(f"There is no room for {_loans(missing)} more before FMS's calendar ends.")
    return (*([NOTHING_FITS[status]] if status in NOTHING_FITS and not draft.picks else []), *found)


def _switches(draft: OpenDraft) -> tuple[Switch, ...]:
    """What could be given up for a fuller chain; only what is asked for can be."""
    ask, outcome = draft.ask, draft.outcome
    if outcome is None or draft.is_full:
        return ()
    codes = {*outcome.excluded, *(empty.code for empty in draft.unfilled)}
    found = []
    if ask.respect_budgets and "over_budget" in codes:
        found.append(Switch("Do not respect budgets", "respect_budgets", "false"))
    if ask.is_strict:
        found.append(Switch("Allow other models too", "strict", "false"))
    if ask.makes:
        found.append(Switch("Allow all approved makes", "makes", ""))
    if ask.tiers:
        found.append(Switch("Allow every rank", "tiers", ""))
    return tuple(found)


def _named(indexes: list[int]) -> str:
    numbers = [str(index) for index in sorted(indexes)]
    return f"Loan{'s' * (len(numbers) > 1)} {_listed(numbers)}"


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def clock_time(until: datetime | None, zone: tzinfo) -> str:
    """`10:42 PST`; empty for no time."""
    return f"{until.astimezone(zone):%H:%M %Z}" if until else ""


def _loans(count: int) -> str:
    return _counted(count, "loan")


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
