"""From a view to the lines of a file: the board as the page reads it, and what its bars leave unsaid."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeVar

from sqlalchemy import select

from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.calendar import queries
from webapp.calendar.exports_lines import Line, Told, idle_lines, lines_of
from webapp.calendar.filters import Filters
from webapp.calendar.found import Found
from webapp.calendar.reading import read_drawn
from webapp.db import close_reading, db
from webapp.fleet.models import Partner
from webapp.loans.models import LoanNote

# Of ids in one statement: both engines take more, none takes any number.
SLICE = 5000
T = TypeVar("T")


@dataclass(frozen=True)
class Taken:
    """What a view gives to take away: a line for each of its bars, and one for each row that has none."""

    lines: Sequence[Line]
    idle: Sequence[Line]


def read_lines(actor: Actor, filters: Filters, site: str, zone: tzinfo) -> Taken:
    """Every line of a view; links begin with `site`, notes say when they were written in `zone`.

    Leaves no transaction open, as whoever takes a large file away over a slow line would hold it for long.
    """
    found, board = read_drawn(actor, filters)
    told = Told(_vehicles(actor, found), _affiliations(actor, found), _notes(actor, found, zone), site)
    close_reading()
    return Taken(lines_of(found, board, told), idle_lines(found, board))


def _vehicles(actor: Actor, found: Found) -> dict[int, tuple[str, str]]:
    known = {each.id: (each.color, each.office) for each in found.vehicles}
    drawn = {each.fleet_vehicle_id for each in found.loans} | {each.fleet_vehicle_id for each in found.activities}
    for numbers in _slices([number for number in drawn - known.keys() if number is not None]):
        known |= {each.id: (each.color, each.office) for each in queries.vehicles_with_ids(actor, numbers)}
    return known


def _affiliations(actor: Actor, found: Found) -> dict[tuple[int, int], str]:
    names: dict[tuple[int, int], list[str]] = defaultdict(list)
    drawn = {each.person_id for each in found.loans} | {each.person_id for each in found.activities}
    for numbers in _slices([number for number in drawn if number is not None]):
        rows = db.session.execute(
            select(Partner.company_id, Partner.person_id, Partner.affiliation)
            .where(
                in_scope(actor, Partner.company_id, Partner.office),
                Partner.gone_at.is_(None),
                Partner.affiliation != "",
                Partner.person_id.in_(numbers),
            )
            .order_by(Partner.id)
        )
        for company_id, person_id, affiliation in rows:
            names[company_id, person_id].append(affiliation)
    return {who: ", ".join(dict.fromkeys(said)) for who, said in names.items()}


def _notes(actor: Actor, found: Found, zone: tzinfo) -> dict[int, str]:
    notes: dict[int, list[str]] = defaultdict(list)
    for numbers in _slices([loan.id for loan in found.loans]):
        rows = db.session.execute(
            select(LoanNote.assignment_id, LoanNote.written_at, LoanNote.actor_name, LoanNote.text)
            .where(
                in_company(actor, LoanNote.company_id),
                LoanNote.assignment_id.in_(numbers),
                LoanNote.removed_at.is_(None),
            )
            .order_by(LoanNote.id)
        )
        for loan_id, written_at, name, text in rows:
            notes[loan_id].append(f"{written_at.astimezone(zone):%m-%d-%y} {name}: {text}")
    return {loan_id: "\n".join(said) for loan_id, said in notes.items()}


def _slices(values: Collection[T]) -> Iterator[list[T]]:
    ordered = list(values)
    for begin in range(0, len(ordered), SLICE):
        yield ordered[begin : begin + SLICE]
