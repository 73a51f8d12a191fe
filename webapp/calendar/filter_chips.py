"""What the toolbar says of a view: which filters are on, in words, and what there is to choose from. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.calendar.filters import ActivityFilter, Filters, Rows, Tier
from webapp.calendar.looks import WORDS, Look
from webapp.dates import shown
from webapp.loans.periods import Period

# From here on a list is typed into rather than looked through.
MANY = 12


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it says, and the address of the view without it."""

    label: str
    address: str


@dataclass(frozen=True)
class Choice:
    """A value of a list, as it is sent and as it is read."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Choices:
    """One list of the toolbar. `about` says what choosing means here; `is_long` one that is better typed into."""

    name: str
    label: str
    about: str
    listed: tuple[Choice, ...]

    @property
    def is_long(self) -> bool:
        """Whether it has so many values that one would rather type."""
        return len(self.listed) > MANY


def chips(view: Filters) -> list[Chip]:
    """Every filter that is on, in the order of the toolbar."""
    said: list[tuple[str, str, Any]] = []
    if view.make:
        said.append((_about_make(view), "make", ""))
    if view.tier:
        said.append((_about_tier(view), "tier", None))
    if view.status:
        said.append((f"Status: {WORDS[view.status]}", "status", None))
    if view.activity is not ActivityFilter.ALL:
        said.append((activity_words(view)[view.activity], "activity", ActivityFilter.ALL))
    if view.free:
        said.append((f"Free {_days(view.free)}", "free", None))
    if view.q:
        said.append((f"Search: {view.q}", "q", ""))
    return [Chip(label, view.address(**{name: usual})) for label, name, usual in said]


def toolbar_choices(view: Filters, makes: Sequence[str], offices: Sequence[str]) -> dict[str, Choices]:
    """The lists of the toolbar by name, each complete, with what is chosen marked."""
    everything = "All offices" if len(offices) != 1 else "All"
    ranks = (
        "Partners with this rank for the make, or for any"
        if _by_partner(view)
        else ("Vehicles that a partner of this rank for their make has in these days")
    )
    words = activity_words(view)
    return {
        "office": _choices("office", "Office", "", view.office, [("", everything), *_same(offices)]),
        "make": _choices("make", "Make", _make_meaning(view), view.make, [("", "All"), *_same(makes)]),
        "tier": _choices("tier", "Rank", ranks, view.tier or "", [("", "All"), *_same(list(Tier))]),
        "status": _choices(
            "status", "Status", "", view.status or "", [("", "All"), *((look.value, WORDS[look]) for look in Look)]
        ),
        "activity": _choices(
            "activity",
            "Activity",
            _told(words),
            view.activity,
            [(each.value, SHORT[each]) for each in SHORT],
        ),
    }


SHORT = {ActivityFilter.ALL: "All", ActivityFilter.WITH: "With", ActivityFilter.NONE: "None"}


def activity_words(view: Filters) -> dict[ActivityFilter, str]:
    """What all, with and none mean in this view."""
    if _by_partner(view) and view.make:
        return {
            ActivityFilter.ALL: f"Approved for {view.make}, or having one",
            ActivityFilter.WITH: f"With a loan of {view.make} in these days",
            ActivityFilter.NONE: f"Approved for {view.make}, with none in these days",
        }
    return {
        ActivityFilter.ALL: "Busy or idle",
        ActivityFilter.WITH: "With anything in these days",
        ActivityFilter.NONE: "With nothing in these days",
    }


def _told(words: Mapping[ActivityFilter, str]) -> str:
    return "; ".join(f"{SHORT[each].lower()}: {said[0].lower()}{said[1:]}" for each, said in words.items())


def _choices(name: str, label: str, about: str, chosen: str, listed: Sequence[tuple[str, str]]) -> Choices:
    if chosen and chosen not in (value for value, _ in listed):
        listed = [*listed, (chosen, chosen)]
    return Choices(name, label, about, tuple(Choice(value, text, value == chosen) for value, text in listed))


def _same(values: Sequence[str]) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


def _make_meaning(view: Filters) -> str:
    return "Partners approved for the make, or having one in these days" if _by_partner(view) else ""


def _about_make(view: Filters) -> str:
    return f"Make: {view.make}, approved or having one" if _by_partner(view) else f"Make: {view.make}"


def _about_tier(view: Filters) -> str:
    rank = "Rank pending" if view.tier is Tier.PENDING else f"Rank {view.tier}"
    if _by_partner(view):
        return f"{rank} for {view.make or 'any make'}"
    return f"With a partner of {rank[0].lower()}{rank[1:]}"


def _days(free: Period) -> str:
    return f"{shown(free.start_day)} to {shown(free.end_day)}"


def _by_partner(view: Filters) -> bool:
    return view.rows is Rows.PARTNERS
