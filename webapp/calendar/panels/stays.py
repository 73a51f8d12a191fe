"""Stays of vehicles as panels list them: now, to come, over; with what was published, said honestly. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from webapp.calendar.looks import WORDS, Look
from webapp.dates import days_shown
from webapp.fleet.names import short_vin, vehicle_name
from webapp.fleet.patterns import months_before
from webapp.names import last_first

FIRST_SHOWN = 8
MONTHS = 12


class Publication(StrEnum):
    """What became of a loan that is over. Nobody knowing is not the same as nothing."""

    PUBLISHED = "published"
    NOT_PUBLISHED = "not published"
    UNKNOWN = "not known yet"


@dataclass(frozen=True, slots=True)
class Stay:
    """A vehicle with somebody, or held by FMS for something, over days as FMS or we say them.

    `partner` is empty and `person_id` None where `kind` (FMS's type of activity) is nobody's. `clips`: what was
    published of it, None: nobody knows. `address` is its card on the calendar, empty where there is none or the
    person may not see it.
    """

    start_day: date
    end_day: date
    vin: str
    make: str
    model: str
    color: str
    person_id: int | None
    partner: str
    look: Look
    kind: str = ""
    clips: int | None = None
    loan_id: int | None = None
    fms_request_id: int | None = None
    chain_id: str | None = None
    address: str = ""

    @property
    def vehicle(self) -> str:
        """`Audi A3 Premium Plus`; the last eight of the VIN where FMS names neither make nor model."""
        return vehicle_name(self.make, self.model) or short_vin(self.vin)

    @property
    def holder(self) -> str:
        """Whom or what it is for."""
        return self.partner or self.kind or "In FMS"

    @property
    def word(self) -> str:
        """What state it is in: `Requested in FMS #4381`, `Media Loan in FMS`, `Over`."""
        if self.fms_request_id is not None and self.look is Look.REQUESTED:
            return f"{WORDS[self.look]} #{self.fms_request_id}"
        return f"{self.kind} in FMS" if self.kind and self.look is not Look.OVER else WORDS[self.look]

    @property
    def publication(self) -> Publication:
        """What is known of what was published of it."""
        if self.clips is None:
            return Publication.UNKNOWN
        return Publication.PUBLISHED if self.clips > 0 else Publication.NOT_PUBLISHED


@dataclass(frozen=True)
class Line:
    """A stay as a list shows it: `title` is the vehicle or the holder, whichever the list is not of itself."""

    title: str
    detail: str
    days: str
    word: str
    look: str
    address: str
    publication: str = ""


@dataclass(frozen=True)
class Sorted:
    """Stays by time: under way on a day (the day it comes back included), to come, and over, the latest first."""

    now: tuple[Stay, ...]
    coming: tuple[Stay, ...]
    past: tuple[Stay, ...]


def by_time(stays: Iterable[Stay], today: date) -> Sorted:
    """The stays, sorted by their days as seen from `today`."""
    now, coming, past = [], [], []
    for stay in stays:
        if stay.look is Look.OVER or stay.end_day < today:
            past.append(stay)
        elif stay.start_day > today:
            coming.append(stay)
        else:
            now.append(stay)
    past.sort(key=lambda stay: (stay.end_day, stay.start_day, stay.vin), reverse=True)
    return Sorted(tuple(now), tuple(coming), tuple(past))


def year_of(past: Iterable[Stay], today: date) -> str:
    """`18 loans in 12 months: 14 published, 3 not published, 1 not known yet`: those that ended in these months."""
    first = months_before(today, MONTHS)
    ended = [stay for stay in past if stay.person_id is not None and first < stay.end_day <= today]
    if not ended:
        return f"No loan in {MONTHS} months"
    counts = [(kind, sum(stay.publication is kind for stay in ended)) for kind in Publication]
    told = ", ".join(f"{count} {kind}" for kind, count in counts if count)
    return f"{len(ended)} loan{'s' * (len(ended) > 1)} in {MONTHS} months: {told}"


def lines_by_vehicle(stays: Sequence[Stay], *, is_past: bool = False) -> tuple[Line, ...]:
    """The lines of a partner's list."""
    return tuple(
        _line(stay, stay.vehicle, " · ".join(part for part in (stay.color, short_vin(stay.vin)) if part), is_past)
        for stay in stays
    )


def lines_by_holder(stays: Sequence[Stay], *, is_past: bool = False) -> tuple[Line, ...]:
    """The lines of a vehicle's list."""
    return tuple(_line(stay, last_first(stay.partner) or stay.holder, "", is_past) for stay in stays)


def _line(stay: Stay, title: str, detail: str, is_past: bool) -> Line:
    return Line(
        title=title,
        detail=detail,
        days=days_shown(stay.start_day, stay.end_day),
        word=stay.word,
        look=stay.look.value,
        address=stay.address,
        publication=_told(stay) if is_past and stay.person_id is not None else "",
    )


def _told(stay: Stay) -> str:
    if stay.clips is None or stay.clips < 1:
        return stay.publication
    return f"{stay.publication} · {stay.clips} clip{'s' * (stay.clips > 1)}"
