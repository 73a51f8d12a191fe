"""Who was left out of a chain, and why: everybody by the first reason, each with the way to all of them. Pure.

`templates/chains/_left_out.html` prints a `LeftOutPage` under the name `left_out`; it is fetched from
`/chains/left-out?draft=`, or with `kind=` and what a suggestion is asked with.
"""

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

from webapp.chains.asking import Ask, Kind
from webapp.chains.looking.suggestion import LeftOut, LeftOutLine
from webapp.chains.panels.why_page import PAGE
from webapp.dates import shown_with_weekday
from webapp.loans.periods import Period

TITLES = {
    "held": "Held on these days",
    "past": "In the past",
    "weekend": "On a weekend",
    "holiday": "On a holiday",
    "not_in_service": "Not in service yet",
    "not_approved": "Not approved for the make",
    "partner_has": "The partner has it, or is booked for it",
    "had_before": "The partner had this very vehicle",
    "no_vehicle_id": "Without an id in FMS",
    "cooldown": "Cooldown of the model",
    "yearly_cap": "As many loans of the make as a year allows",
    "over_budget": "Over budget",
    "too_far": "Too far away",
    "unknown": "Not in FMS's list",
}


@dataclass(frozen=True)
class Entry:
    """One who was left out: `text` is the first reason, `address` leads to all of them."""

    name: str
    detail: str
    text: str
    address: str


@dataclass(frozen=True)
class Group:
    """Those with one reason, by name."""

    code: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class LeftOutPage:
    """The page: groups, the largest first. `days` says of which loan the reasons are; `unplaced` could, but where?"""

    title: str
    days: str
    groups: tuple[Group, ...]
    unplaced: tuple[str, ...]


def draw_left_out(found: LeftOut, ask: Ask, first: Period | None, draft_id: str = "") -> LeftOutPage:
    """The page about an ask whose first loan has these days (None: it has no loan).

    With a draft everybody leads to what is said of them as its first loan, what else is in it counted.
    """
    groups: defaultdict[str, list[LeftOutLine]] = defaultdict(list)
    for line in found.lines:
        groups[line.finding.code].append(line)
    whose = {"draft": draft_id, "loan": 1} if draft_id else {}
    days = urlencode({"start": first.start_day, "end": first.end_day, **whose}) if first else ""
    noun = "vehicles" if ask.kind is Kind.PARTNER else "partners"
    return LeftOutPage(
        title=f"{len(found.lines)} of {found.looked_at} {noun} left out",
        days=f"{shown_with_weekday(first.start_day)} → {shown_with_weekday(first.end_day)}" if first else "",
        groups=tuple(
            Group(code, TITLES.get(code, code), tuple(_entry(line, ask, days) for line in lines))
            for code, lines in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
        ),
        unplaced=tuple(name for _, name in found.unplaced),
    )


def _entry(line: LeftOutLine, ask: Ask, days: str) -> Entry:
    return Entry(line.name, line.detail, line.finding.text, _address(line, ask, days) if days else "")


def _address(line: LeftOutLine, ask: Ask, days: str) -> str:
    # There may be hundreds of them: only what differs is encoded for each.
    key = quote_plus(str(line.key))
    if ask.kind is Kind.PARTNER:
        return f"{PAGE}?vin={key}&person_id={ask.person_id}&{days}"
    return f"{PAGE}?vin={quote_plus(ask.vin or '')}&person_id={key}&{days}"
