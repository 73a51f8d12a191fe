"""The board: rows and bars put together from what was read, ready to be printed. Pure: values in, values out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeVar
from urllib.parse import quote_plus

from webapp.calendar.filters import ActivityFilter, Filters, Rows
from webapp.calendar.grid import Place, lanes, place
from webapp.calendar.looks import WORDS, Look, look_of_activity, look_of_loan
from webapp.calendar.names import by_last_name, folded, last_first
from webapp.calendar.queries import ActivityFacts, LoanFacts, PartnerFacts, VehicleFacts
from webapp.dates import shown
from webapp.fleet.names import short_vin
from webapp.loans.reconciled import TITLES, Flag

# What can be chosen together and requested, unrequested or deleted at once.
SELECTABLE = frozenset({Look.PLANNED, Look.MANUAL, Look.REQUESTED})
# The kinds of activity that are the ordinary case and need not be named on a bar.
ORDINARY = frozenset({"loan", "media loan"})


class Bar(NamedTuple):
    """One bar: a loan of ours, or a row of FMS's calendar that no loan of ours stands for.

    A named tuple, for a page makes hundreds. `spoken` is the whole sentence for tooltips and screen readers;
    `search` what a search looks at, empty where there is none.
    """

    address: str
    loan_id: int | None
    look: Look
    label: str
    spoken: str
    search: str
    make: str
    start_day: date
    end_day: date
    place: Place
    lane: int = 1
    is_selectable: bool = False
    is_faded: bool = False
    is_flagged: bool = False

    @property
    def classes(self) -> str:
        """Its look, and whether it stands out, goes on beyond the window or is not what was looked for."""
        words = f"{self.look.value} flagged" if self.is_flagged else self.look.value
        if self.place.begins_before:
            words += " before"
        if self.place.ends_after:
            words += " after"
        return f"{words} faded" if self.is_faded else words

    @property
    def area(self) -> str:
        """Where it stands, as CSS says it."""
        return f"{self.lane}/{self.place.begin}/auto/{self.place.until}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `key` is its id in the page, `plan` the query that opens the plan form with it filled in."""

    key: str
    title: str
    details: str
    warning: str
    fms_path: str
    plan: str
    search: str
    make: str
    bars: tuple[Bar, ...]
    is_approved: bool = False

    @property
    def printed(self) -> list[tuple[int | None, str, str, str, str, str, bool]]:
        """For each bar: loan id, classes, grid area, address, spoken, label, whether it can be chosen.

        A page prints hundreds of these, so the template unpacks them instead of asking for each by name.
        """
        return [
            (bar.loan_id, bar.classes, bar.area, bar.address, bar.spoken, bar.label, bar.is_selectable)
            for bar in self.bars
        ]


@dataclass(frozen=True)
class Board:
    """Everything of one view: rows in order, how many of the office's rows have nothing, the makes to choose."""

    rows: tuple[Row, ...]
    idle: int
    makes: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What was read for a view. `company_id` is the actor's: only there can they plan."""

    vehicles: Sequence[VehicleFacts]
    partners: Sequence[PartnerFacts]
    loans: Sequence[LoanFacts]
    activities: Sequence[ActivityFacts]
    approved: frozenset[int]
    company_id: int
    may_plan: bool


T = TypeVar("T")
# The same few dates and offices come up hundreds of times on a page.
_shown = lru_cache(maxsize=4096)(shown)
_quoted = lru_cache(maxsize=256)(quote_plus)


def vehicle_key(vehicle_id: int) -> str:
    """The id of a vehicle's row."""
    return f"v{vehicle_id}"


def partner_key(company_id: int, person_id: int) -> str:
    """The id of a partner's row."""
    return f"p{company_id}-{person_id}"


def unlinked(found: Found) -> list[ActivityFacts]:
    """FMS's rows that no loan read with them stands for: a linked loan and its activity are one bar.

    Where FMS has given the activity another vehicle or partner meanwhile, both are shown.
    """
    linked = {
        (loan.company_id, loan.activity_id, loan.vin, loan.person_id)
        for loan in found.loans
        if loan.activity_id is not None
    }
    return [
        each for each in found.activities if (each.company_id, each.activity_id, each.vin, each.person_id) not in linked
    ]


def board_by_vehicle(found: Found, filters: Filters) -> Board:
    """Rows by make and model, then VINs outside the vehicles feed that have something in the window."""
    loans = _grouped(found.loans, lambda loan: loan.fleet_vehicle_id)
    known = _grouped(
        (each for each in unlinked(found) if each.fleet_vehicle_id is not None),
        lambda each: each.fleet_vehicle_id or 0,
    )
    strange = _grouped(
        (each for each in unlinked(found) if each.fleet_vehicle_id is None),
        lambda each: (each.company_id, each.vin),
    )
    rows = [
        _vehicle_row(found, filters, vehicle, loans.get(vehicle.id, ()), known.get(vehicle.id, ()))
        for vehicle in sorted(found.vehicles, key=_vehicle_order)
    ]
    rows += [_strange_row(filters, vin, company, those) for (company, vin), those in sorted(strange.items())]
    return _filtered(rows, filters, makes=sorted({vehicle.make for vehicle in found.vehicles}))


def board_by_partner(found: Found, filters: Filters) -> Board:
    """Rows by last name; a person listed under two offices is one row, and so is one who only has bars."""
    listed = _grouped(found.partners, lambda partner: (partner.company_id, partner.person_id))
    loans = _grouped(found.loans, lambda loan: (loan.company_id, loan.person_id))
    activities = _grouped(
        (each for each in unlinked(found) if each.person_id is not None),
        lambda each: (each.company_id, each.person_id or 0),
    )
    rows = []
    for key in listed.keys() | loans.keys() | activities.keys():
        rows.append(_partner_row(found, filters, key, listed.get(key, ()), loans.get(key, ()), activities.get(key, ())))
    rows.sort(key=lambda row: (by_last_name(row.title), row.key))
    makes = {loan.make for loan in found.loans} | {each.make for each in found.activities if each.make}
    return _filtered(rows, filters, makes=sorted(makes))


def _filtered(rows: Iterable[Row], filters: Filters, makes: Sequence[str]) -> Board:
    needle = folded(filters.q)
    kept, idle = [], 0
    for row in rows:
        if not _keeps(row, filters, needle):
            continue
        idle += not row.bars
        kept.append(_faded(row, filters, needle))
    return Board(tuple(kept), idle, tuple(makes))


def _keeps(row: Row, filters: Filters, needle: str) -> bool:
    bars = _of_make(row, filters)
    if filters.make and not (bars or row.is_approved if _is_by_partner(filters) else row.make == filters.make):
        return False
    if filters.activity is ActivityFilter.WITH and not bars:
        return False
    if filters.activity is ActivityFilter.NONE and bars:
        return False
    if filters.status and not any(bar.look is filters.status for bar in row.bars):
        return False
    return not needle or needle in row.search or any(needle in bar.search for bar in row.bars)


def _of_make(row: Row, filters: Filters) -> tuple[Bar, ...]:
    """The bars that a filter by make counts: in a partner's row only those of that make."""
    if not filters.make or not _is_by_partner(filters):
        return row.bars
    return tuple(bar for bar in row.bars if bar.make == filters.make)


def _is_by_partner(filters: Filters) -> bool:
    return filters.rows is Rows.PARTNERS


def _faded(row: Row, filters: Filters, needle: str) -> Row:
    """The row with those bars faded that are not what was looked for."""
    by_bar = needle if needle not in row.search else ""
    by_make = filters.make if _is_by_partner(filters) else ""
    if not (filters.status or by_bar or by_make):
        return row

    def is_meant(bar: Bar) -> bool:
        return (
            (not filters.status or bar.look is filters.status)
            and by_bar in bar.search
            and (not by_make or bar.make == by_make)
        )

    return replace(row, bars=tuple(bar._replace(is_faded=not is_meant(bar)) for bar in row.bars))


def _vehicle_row(
    found: Found,
    filters: Filters,
    vehicle: VehicleFacts,
    loans: Iterable[LoanFacts],
    activities: Iterable[ActivityFacts],
) -> Row:
    bars = [
        _loan_bar(filters, loan, loan.partner_name, f"{vehicle.name} {short_vin(vehicle.vin)}", found) for loan in loans
    ]
    bars += [
        _activity_bar(filters, each, _addressee(each), f"{vehicle.name} {short_vin(vehicle.vin)}")
        for each in activities
    ]
    details = [vehicle.color, short_vin(vehicle.vin)]
    if not filters.office or vehicle.office != filters.office:
        details.append(vehicle.office)
    can_plan = found.may_plan and vehicle.company_id == found.company_id and not vehicle.is_gone
    return Row(
        key=vehicle_key(vehicle.id),
        title=vehicle.name,
        details=" · ".join(part for part in details if part),
        warning=_vehicle_warning(vehicle, filters),
        fms_path=f"/vehicles/list_activities/{vehicle.vehicle_id}" if vehicle.vehicle_id else "",
        plan=f"vin={quote_plus(vehicle.vin)}&office={_quoted(vehicle.office)}" if can_plan else "",
        search=_searched(filters, f"{vehicle.name} {vehicle.vin} {vehicle.color}"),
        make=vehicle.make,
        bars=_laned(bars),
    )


def _strange_row(filters: Filters, vin: str, company_id: int, activities: Iterable[ActivityFacts]) -> Row:
    bars = [_activity_bar(filters, each, _addressee(each), short_vin(vin)) for each in activities]
    return Row(
        key=f"x{company_id}-{''.join(letter for letter in vin if letter.isalnum())}",
        title=short_vin(vin),
        details=vin,
        warning="not in the vehicles feed",
        fms_path="",
        plan="",
        search=_searched(filters, vin),
        make="",
        bars=_laned(bars),
    )


def _partner_row(
    found: Found,
    filters: Filters,
    key: tuple[int, int],
    listed: Sequence[PartnerFacts],
    loans: Sequence[LoanFacts],
    activities: Sequence[ActivityFacts],
) -> Row:
    company_id, person_id = key
    names = (
        [partner.name for partner in listed]
        or [loan.partner_name for loan in loans]
        or [each.to for each in activities]
    )
    name = next((name for name in names if name), f"Person {person_id}")
    offices = sorted({partner.office for partner in listed})
    affiliations = list(dict.fromkeys(partner.affiliation for partner in listed if partner.affiliation))
    is_here = offices == [filters.office]
    bars = [
        _loan_bar(filters, loan, loan.vehicle_name, f"{loan.partner_name} {short_vin(loan.vin)}", found)
        for loan in loans
    ]
    bars += [_activity_bar(filters, each, each.vehicle_name, f"{name} {short_vin(each.vin)}") for each in activities]
    can_plan = found.may_plan and company_id == found.company_id and bool(listed)
    return Row(
        key=partner_key(company_id, person_id),
        title=last_first(name),
        details=" · ".join([*affiliations, *([] if is_here else offices)]),
        warning="" if listed else "not in the partners feed",
        fms_path=f"/people/list_activities/{person_id}",
        plan=f"person_id={person_id}&office={_quoted(filters.office or (offices or [''])[0])}" if can_plan else "",
        search=_searched(filters, f"{name} {last_first(name)} {' '.join(affiliations)}"),
        make="",
        bars=_laned(bars),
        is_approved=person_id in found.approved,
    )


def _loan_bar(filters: Filters, loan: LoanFacts, label: str, other: str, found: Found) -> Bar:
    look = look_of_loan(loan.status, loan.operation)
    number = f" #{loan.fms_request_id}" if loan.fms_request_id else ""
    said = f"{label} — checking with FMS" if look is Look.UNCERTAIN else label
    stands_out = f", {TITLES[Flag(loan.flag)]}" if loan.flag else ""
    word = f"{WORDS[look][0].lower()}{WORDS[look][1:]}"
    spoken = f"{said}, {word}{number}{stands_out}, {_days(loan.start_day, loan.end_day)}, {other}"
    return Bar(
        address=f"/calendar/loans/{loan.id}",
        loan_id=loan.id,
        look=look,
        label=said,
        spoken=spoken,
        search=_searched(filters, f"{loan.partner_name} {loan.vehicle_name} {loan.vin}{number}"),
        make=loan.make,
        start_day=loan.start_day,
        end_day=loan.end_day,
        place=place(filters.window, loan.start_day, loan.end_day),
        is_selectable=found.may_plan and look in SELECTABLE and loan.company_id == found.company_id,
        is_flagged=bool(loan.flag),
    )


def _activity_bar(filters: Filters, activity: ActivityFacts, label: str, other: str) -> Bar:
    look = look_of_activity(activity.person_id, activity.end_day, filters.today)
    kind = activity.activity_type
    if kind and kind not in label and kind.casefold() not in ORDINARY:
        label = f"{kind}: {label}" if label else kind
    at_place = place(filters.window, activity.start_day, activity.end_day)
    days = _days(activity.start_day, activity.end_day)
    if at_place.begins_before and at_place.ends_after:
        # Nothing else says when a bar that fills the window begins and ends.
        label = f"{label} {shown(activity.start_day)} → {shown(activity.end_day)}"
    return Bar(
        address=f"/calendar/activities/{activity.activity_id}",
        loan_id=None,
        look=look,
        label=label,
        spoken=f"{label}, {kind or 'activity'} in FMS, {WORDS[look].lower()}, {days}, {other}",
        search=_searched(filters, f"{activity.to} {kind} {activity.vehicle_name} {activity.vin}"),
        make=activity.make or "",
        start_day=activity.start_day,
        end_day=activity.end_day,
        place=at_place,
    )


def _searched(filters: Filters, text: str) -> str:
    """What a search compares, where there is one."""
    return folded(text) if filters.q else ""


def _addressee(activity: ActivityFacts) -> str:
    return activity.to or activity.activity_type or "In FMS"


def _laned(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """The bars by day, each in its lane (from 1)."""
    ordered = sorted(bars, key=lambda bar: (bar.start_day, bar.end_day, bar.address))
    numbers = lanes([(bar.start_day, bar.end_day) for bar in ordered])
    if not any(numbers):
        return tuple(ordered)
    return tuple(bar._replace(lane=number + 1) for bar, number in zip(ordered, numbers, strict=True))


def _vehicle_warning(vehicle: VehicleFacts, filters: Filters) -> str:
    if vehicle.is_gone:
        return "no longer in FMS's list"
    day = vehicle.expected_turn_in_date
    return f"turn-in {shown(day)}" if day and day <= filters.window.last else ""


def _vehicle_order(vehicle: VehicleFacts) -> tuple[str, str, str, int]:
    return vehicle.make.casefold(), vehicle.model.casefold(), vehicle.vin, vehicle.id


def _days(start_day: date, end_day: date) -> str:
    return f"{_shown(start_day)} to {_shown(end_day)}"


K = TypeVar("K")


def _grouped(values: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return dict(groups)
