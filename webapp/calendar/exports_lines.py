"""The lines of a file that is taken away: what the board shows, one line for each bar. Pure: values in, values out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from webapp.calendar.bars import Bar, addressee
from webapp.calendar.board import Board
from webapp.calendar.board_rows import partner_key, vehicle_key
from webapp.calendar.filters import Filters
from webapp.calendar.found import Found, unlinked
from webapp.calendar.looks import WORDS
from webapp.calendar.queries import ActivityFacts, LoanFacts
from webapp.exports import clean
from webapp.loans.reconciled import TITLES, Flag

NOTHING = "Nothing in these days"


class Line(NamedTuple):
    """One loan, one row of FMS's calendar, or a vehicle or partner with nothing in these days.

    `days` counts nights out, as the card does. Texts are clean: every format can hold them as they are.
    """

    office: str = ""
    vehicle: str = ""
    vin: str = ""
    color: str = ""
    partner: str = ""
    affiliation: str = ""
    start_day: date | None = None
    end_day: date | None = None
    days: int | None = None
    state: str = ""
    request_number: int | None = None
    activity_type: str = ""
    activity_number: int | None = None
    chain: str = ""
    stands_out: str = ""
    notes: str = ""
    link: str = ""


HEADER = (
    *("Office", "Vehicle", "VIN", "Color", "Partner", "Affiliation", "Goes out", "Comes back", "Days", "State"),
    *("Request in FMS", "Activity type", "Activity in FMS", "Chain", "Stands out", "Notes", "Link"),
)


@dataclass(frozen=True)
class Told:
    """What lines tell beyond what a bar is drawn from.

    `vehicles` gives color and office by our id, `affiliations` by company and FMS's person id, `notes` by loan;
    `site` is where links lead, without a slash at its end.
    """

    vehicles: Mapping[int, tuple[str, str]]
    affiliations: Mapping[tuple[int, int], str]
    notes: Mapping[int, str]
    site: str


def lines_of(found: Found, board: Board, told: Told) -> list[Line]:
    """A line for every bar that is what was looked for, in the order of the board."""
    kinds = {(each.company_id, each.activity_id): each.activity_type for each in found.activities}
    facts = _facts_by_bar(found)
    lines = []
    for row in board.rows:
        for bar in row.bars:
            of_bar = facts[bar.address, bar.start_day, bar.end_day]
            # What is neither (a vehicle that somebody is planning with) is nothing to take away.
            if of_bar and not bar.is_faded:
                lines.append(_line(of_bar.pop(0), bar, told, kinds))
    return lines


def idle_lines(found: Found, board: Board) -> list[Line]:
    """A line for every row of the board that has nothing in these days."""
    idle = [row.key for row in board.rows if not row.bars]
    vehicles = {vehicle_key(each.id): each for each in found.vehicles}
    lines = []
    for key in idle:
        if key in vehicles:
            vehicle = vehicles[key]
            line = Line(
                office=vehicle.office, vehicle=vehicle.name, vin=vehicle.vin, color=vehicle.color, state=NOTHING
            )
            lines.append(_cleaned(line))
    wanted = {key: number for number, key in enumerate(idle)}
    partners = [each for each in found.partners if partner_key(each.company_id, each.person_id) in wanted]
    partners.sort(key=lambda each: (wanted[partner_key(each.company_id, each.person_id)], each.office))
    lines += [
        _cleaned(Line(office=each.office, partner=each.name, affiliation=each.affiliation, state=NOTHING))
        for each in partners
    ]
    return lines


def summary(filters: Filters, lines: int, made: str) -> list[tuple[str, str]]:
    """What the file holds, in words: office, days, filters, who made it and when."""
    look = WORDS[filters.status] if filters.status else ""
    told = (
        ("Office", filters.office or "All offices"),
        ("From", filters.window.first.isoformat()),
        ("To", filters.window.last.isoformat()),
        ("Rows", str(filters.rows)),
        *((name, value) for name, value in _narrowed(filters, look) if value),
        ("Lines", str(lines)),
        ("Made", made),
    )
    return [(name, clean(value)) for name, value in told]


def _narrowed(filters: Filters, look: str) -> list[tuple[str, str]]:
    return [
        ("Make", filters.make),
        ("Tier", str(filters.tier or "")),
        ("State", look),
        ("Activity", "" if filters.activity == "all" else str(filters.activity)),
        ("Free", f"{filters.free.start_day} to {filters.free.end_day}" if filters.free else ""),
        ("Search", filters.q),
    ]


def _facts_by_bar(found: Found) -> dict[tuple[str, date, date], list[LoanFacts | ActivityFacts]]:
    """What each bar was drawn from, by its address and days: two companies may share an activity's number."""
    facts: dict[tuple[str, date, date], list[LoanFacts | ActivityFacts]] = defaultdict(list)
    for loan in found.loans:
        facts[f"/calendar/loans/{loan.id}", loan.start_day, loan.end_day].append(loan)
    for activity in unlinked(found):
        facts[f"/calendar/activities/{activity.activity_id}", activity.start_day, activity.end_day].append(activity)
    return facts


def _line(facts: LoanFacts | ActivityFacts, bar: Bar, told: Told, kinds: Mapping[tuple[int, int], str]) -> Line:
    color, office = told.vehicles.get(facts.fleet_vehicle_id or 0, ("", ""))
    line = Line(
        vehicle=facts.vehicle_name,
        vin=facts.vin,
        color=color,
        affiliation=told.affiliations.get((facts.company_id, facts.person_id or 0), ""),
        start_day=facts.start_day,
        end_day=facts.end_day,
        days=(facts.end_day - facts.start_day).days,
        state=WORDS[bar.look],
        activity_number=facts.activity_id,
    )
    if isinstance(facts, LoanFacts):
        line = line._replace(
            office=facts.office,
            partner=facts.partner_name,
            request_number=facts.fms_request_id,
            activity_type=kinds.get((facts.company_id, facts.activity_id or 0), ""),
            chain=facts.chain_id or "",
            stands_out=TITLES[Flag(facts.flag)] if facts.flag else "",
            notes=told.notes.get(facts.id, ""),
            link=f"{told.site}/calendar?loan={facts.id}",
        )
    else:
        line = line._replace(
            office=office or facts.region,
            partner=addressee(facts),
            activity_type=facts.activity_type,
            link=f"{told.site}/calendar?activity_id={facts.activity_id}",
        )
    return _cleaned(line)


def _cleaned(line: Line) -> Line:
    return Line._make(clean(value) if isinstance(value, str) else value for value in line)
