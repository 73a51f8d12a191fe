"""The board: rows and bars put together from what was read, ready to be printed. Pure: values in, values out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote_plus

from webapp.calendar.bars import Bar, activity_bar, addressee, laned, loan_bar, searched
from webapp.calendar.filters import ActivityFilter, Filters, Rows
from webapp.calendar.names import by_last_name, folded, last_first
from webapp.calendar.queries import ActivityFacts, LoanFacts, PartnerFacts, VehicleFacts
from webapp.dates import shown
from webapp.fleet.names import short_vin


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
    """What was read for a view.

    `company_id` is the actor's, and `own_offices` theirs (None: every one of the company): there they can plan.
    """

    vehicles: Sequence[VehicleFacts]
    partners: Sequence[PartnerFacts]
    loans: Sequence[LoanFacts]
    activities: Sequence[ActivityFacts]
    approved: frozenset[int]
    company_id: int
    may_plan: bool
    own_offices: frozenset[str] | None = None


T = TypeVar("T")
# The same few offices come up hundreds of times on a page.
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
    other = f"{vehicle.name} {short_vin(vehicle.vin)}"
    bars = [loan_bar(filters, loan, loan.partner_name, other, can_choose=_can_choose(found, loan)) for loan in loans]
    bars += [activity_bar(filters, each, addressee(each), other) for each in activities]
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
        plan=f"vin={quote_plus(vehicle.vin)}&office={_quoted(vehicle.office)}{filters.ahead}" if can_plan else "",
        search=searched(filters, f"{vehicle.name} {vehicle.vin} {vehicle.color}"),
        make=vehicle.make,
        bars=laned(bars),
    )


def _strange_row(filters: Filters, vin: str, company_id: int, activities: Iterable[ActivityFacts]) -> Row:
    bars = [activity_bar(filters, each, addressee(each), short_vin(vin)) for each in activities]
    return Row(
        key=f"x{company_id}-{''.join(letter for letter in vin if letter.isalnum())}",
        title=short_vin(vin),
        details=vin,
        warning="not in the vehicles feed",
        fms_path="",
        plan="",
        search=searched(filters, vin),
        make="",
        bars=laned(bars),
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
        loan_bar(
            filters,
            loan,
            loan.vehicle_name,
            f"{loan.partner_name} {short_vin(loan.vin)}",
            can_choose=_can_choose(found, loan),
        )
        for loan in loans
    ]
    bars += [activity_bar(filters, each, each.vehicle_name, f"{name} {short_vin(each.vin)}") for each in activities]
    can_plan = found.may_plan and company_id == found.company_id and bool(listed)
    office = filters.office or (offices or [""])[0]
    return Row(
        key=partner_key(company_id, person_id),
        title=last_first(name),
        details=" · ".join([*affiliations, *([] if is_here else offices)]),
        warning="" if listed else "not in the partners feed",
        fms_path=f"/people/list_activities/{person_id}",
        plan=f"person_id={person_id}&office={_quoted(office)}{filters.ahead}" if can_plan else "",
        search=searched(filters, f"{name} {last_first(name)} {' '.join(affiliations)}"),
        make="",
        bars=laned(bars),
        is_approved=person_id in found.approved,
    )


def _can_choose(found: Found, loan: LoanFacts) -> bool:
    """Whether the person may act on the loan: one of another office may stand on a vehicle of ours."""
    is_own = found.own_offices is None or loan.office in found.own_offices
    return found.may_plan and is_own and loan.company_id == found.company_id


def _vehicle_warning(vehicle: VehicleFacts, filters: Filters) -> str:
    if vehicle.is_gone:
        return "no longer in FMS's list"
    day = vehicle.expected_turn_in_date
    return f"turn-in {shown(day)}" if day and day <= filters.window.last else ""


def _vehicle_order(vehicle: VehicleFacts) -> tuple[str, str, str, int]:
    return vehicle.make.casefold(), vehicle.model.casefold(), vehicle.vin, vehicle.id


K = TypeVar("K")


def _grouped(values: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return dict(groups)
