"""One row of the board, from what was read of a vehicle or a partner. Pure: values in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus

from webapp.calendar.bars import Bar, activity_bar, addressee, laned, loan_bar, searched
from webapp.calendar.filters import Filters
from webapp.calendar.found import Found
from webapp.calendar.holding import HoldBar
from webapp.calendar.panels.addresses import partner_panel, vehicle_panel
from webapp.calendar.queries import ActivityFacts, LoanFacts, PartnerFacts, VehicleFacts
from webapp.calendar.uses import USUAL, Use, use_of
from webapp.dates import shown
from webapp.fleet.names import short_vin
from webapp.names import last_first

# The same few offices come up hundreds of times on a page.
_quoted = lru_cache(maxsize=256)(quote_plus)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `key` is its id in the page, `panel` the address of what is known of it (empty: nothing
    but its bars), `plan` the query that opens the plan form with it filled in.

    `is_approved` and `is_free` answer what the view asks of a partner's rank, and of the days to be free. `holds` is
    what is being planned in it: no bars, for nothing is booked.
    """

    key: str
    title: str
    details: str
    warning: str
    fms_path: str
    panel: str
    plan: str
    search: str
    make: str
    bars: tuple[Bar, ...]
    is_approved: bool = False
    is_free: bool = False
    holds: tuple[HoldBar, ...] = ()
    use: Use = USUAL

    @property
    def printed(self) -> list[tuple[int | None, str, str, str, str, str, bool, str]]:
        """For each bar: loan id, classes, grid area, address, spoken, label, whether it can be chosen, its grip.

        A page prints hundreds of these, so the template unpacks them instead of asking for each by name.
        """
        return [
            (bar.loan_id, bar.classes, bar.area, bar.address, bar.spoken, bar.label, bar.is_selectable, bar.grip)
            for bar in self.bars
        ]


def vehicle_key(vehicle_id: int) -> str:
    """The id of a vehicle's row."""
    return f"v{vehicle_id}"


def partner_key(company_id: int, person_id: int) -> str:
    """The id of a partner's row."""
    return f"p{company_id}-{person_id}"


def vehicle_row(
    found: Found,
    filters: Filters,
    vehicle: VehicleFacts,
    loans: Iterable[LoanFacts],
    activities: Iterable[ActivityFacts],
) -> Row:
    """The row of a vehicle, with what stands in it."""
    other = f"{vehicle.name} {short_vin(vehicle.vin)}"
    bars = [loan_bar(filters, loan, loan.partner_name, other, can_choose=_can_choose(found, loan)) for loan in loans]
    bars += [activity_bar(filters, each, addressee(each), other) for each in activities]
    if found.ranks or found.outlets:
        people = [*(loan.person_id for loan in loans), *(each.person_id for each in activities)]
        bars = [_of_partner(found, vehicle, bar, who) for bar, who in zip(bars, people, strict=True)]
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
        panel=vehicle_panel(vehicle.vin) if vehicle.company_id == found.company_id else "",
        plan=f"vin={quote_plus(vehicle.vin)}&office={_quoted(vehicle.office)}{filters.ahead}" if can_plan else "",
        search=searched(filters, f"{vehicle.name} {vehicle.vin} {vehicle.color}"),
        make=vehicle.make,
        bars=laned(bars),
        use=use_of(vehicle, filters.today, has_bars=bool(bars)),
        is_free=not vehicle.is_gone and (vehicle.company_id, vehicle.vin) not in found.taken,
    )


def strange_row(filters: Filters, vin: str, company_id: int, activities: Iterable[ActivityFacts]) -> Row:
    """The row of a VIN outside the vehicles feed."""
    bars = [activity_bar(filters, each, addressee(each), short_vin(vin)) for each in activities]
    return Row(
        key=f"x{company_id}-{''.join(letter for letter in vin if letter.isalnum())}",
        title=short_vin(vin),
        details=vin,
        warning="not in the vehicles feed",
        fms_path="",
        panel="",
        plan="",
        search=searched(filters, vin),
        make="",
        bars=laned(bars),
    )


def partner_row(
    found: Found,
    filters: Filters,
    key: tuple[int, int],
    listed: Sequence[PartnerFacts],
    loans: Sequence[LoanFacts],
    activities: Sequence[ActivityFacts],
) -> Row:
    """The row of a person: listed under any number of offices, or under none and known by what stands in it."""
    company_id, person_id = key
    # Read in no order: whoever is listed twice, or not at all, is called the same every time.
    listed = sorted(listed, key=lambda partner: partner.office)
    names = (
        [partner.name for partner in listed]
        or [loan.partner_name for loan in sorted(loans, key=lambda loan: loan.id)]
        or [each.to for each in sorted(activities, key=lambda each: each.activity_id)]
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
    is_told = company_id == found.company_id and bool(listed)
    can_plan = found.may_plan and is_told
    office = filters.office or (offices or [""])[0]
    return Row(
        key=partner_key(company_id, person_id),
        title=last_first(name),
        details=" · ".join([*affiliations, *([] if is_here else offices)]),
        warning="" if listed else "not in the partners feed",
        fms_path=f"/people/list_activities/{person_id}",
        panel=partner_panel(person_id, office) if is_told and office else "",
        plan=f"person_id={person_id}&office={_quoted(office)}{filters.ahead}" if can_plan else "",
        search=searched(filters, f"{name} {last_first(name)} {' '.join(affiliations)}"),
        make="",
        bars=laned(bars),
        is_approved=found.is_approved(filters, *key),
        is_free=bool(listed) and key not in found.taken,
    )


def _of_partner(found: Found, vehicle: VehicleFacts, bar: Bar, person_id: int | None) -> Bar:
    """The bar with what filters ask of who has the vehicle: their rank for it, what they write for."""
    outlet = found.outlets.get((vehicle.company_id, person_id or 0), "")
    rank = found.rank(vehicle.company_id, person_id, vehicle.make)
    return bar._replace(rank=rank, search=f"{bar.search} {outlet}")


def _can_choose(found: Found, loan: LoanFacts) -> bool:
    """Whether the person may act on the loan: one of another office may stand on a vehicle of ours."""
    is_own = found.own_offices is None or loan.office in found.own_offices
    return found.may_plan and is_own and loan.company_id == found.company_id


def _vehicle_warning(vehicle: VehicleFacts, filters: Filters) -> str:
    if vehicle.is_gone:
        return "no longer in FMS's list"
    day = vehicle.expected_turn_in_date
    return f"turn-in {shown(day)}" if day and day <= filters.window.last else ""
