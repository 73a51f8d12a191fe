"""Finding loans, rows of FMS's calendar, vehicles and partners by a few words, at any office in scope, on any day.

Names are looked through as they are sorted: without accents, word by word in any order. What the words name is found
first (partners and vehicles, all of the company); loans are then those of what was found, by their keys.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    Select,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.actor import Actor, in_company, in_scope
from webapp.calendar.filters import Filters, Rows
from webapp.calendar.looks import WORDS, Look, look_of_activity, look_of_loan
from webapp.calendar.queries import ACTIVITY_COLUMNS, LOAN_COLUMNS, VEHICLE_OF_ACTIVITY, ActivityFacts, LoanFacts
from webapp.dates import shown_with_weekday
from webapp.db import db, is_sqlite
from webapp.fleet.models import Activity, Partner, Vehicle
from webapp.fleet.names import full_name, short_vin
from webapp.fms.models import Operation
from webapp.loans.models import Assignment
from webapp.loans.queries import IS_UNDER_WAY
from webapp.loans.states import Status
from webapp.names import by_last_name, folded, last_first, words_of

# Less would name half of what there is.
LEAST = 3
# One letter may name the whole fleet: with more such words a statement holds more keys than a database takes.
MOST_WORDS = 8
LITERALLY = str.maketrans({"/": "//", "%": "/%", "_": "/_"})
# As many digits as FMS's request numbers may have.
DIGITS = 10


@dataclass(frozen=True)
class Find:
    """Something found: what it is, what tells it from others, and the address that shows it on the board."""

    address: str
    title: str
    details: str
    look: Look | None = None


@dataclass(frozen=True)
class Group:
    """Finds of one kind, the nearest first; `total` is how many there are in all."""

    name: str
    finds: tuple[Find, ...]
    total: int

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.total - len(self.finds)


@dataclass(frozen=True)
class Named:
    """What each word of a search names: ids of people, of vehicles, and VINs, by word."""

    people: dict[str, set[int]]
    vehicles: dict[str, set[int]]
    vins: dict[str, set[str]]


def search(actor: Actor, view: Filters, text: str, most: int) -> tuple[Group, ...]:
    """What `text` names, at most `most` of a kind; nothing for less than `LEAST` letters or digits.

    Each leads to `view` with the days, the office and the rows changed that must be.
    """
    # The longest say most of what is meant; what a word is written twice for says nothing.
    words = sorted(dict.fromkeys(words_of(text)), key=len, reverse=True)[:MOST_WORDS]
    if len("".join(words)) < LEAST:
        return ()
    named = Named({}, {}, {})
    base = replace(view, q="")
    partners = _partners(actor, base, words, most, named)
    vehicles = _vehicles(actor, base, words, most, named)
    groups = (_loans(actor, base, words, most, named), _activities(actor, base, words, most, named), partners, vehicles)
    return tuple(group for group in groups if group.total)


def _partners(actor: Actor, view: Filters, words: Sequence[str], most: int, named: Named) -> Group:
    texts = (Partner.name, Partner.affiliation)
    columns = (Partner.company_id, Partner.person_id, *texts, Partner.office, Partner.gone_at)
    rows = _candidates(select(*columns).where(in_company(actor, Partner.company_id)), texts, words)
    found: dict[tuple[int, int], tuple[str, str, str]] = {}
    for company_id, person_id, name, affiliation, office, gone_at in rows:
        text = folded(f"{name} {affiliation}")
        has = [word for word in words if word in text]
        for word in has:
            named.people.setdefault(word, set()).add(person_id)
        if len(has) == len(words) and gone_at is None and actor.reaches(company_id, office):
            found.setdefault((company_id, person_id), (name, affiliation, office))
    listed = sorted(found.items(), key=lambda item: (by_last_name(item[1][0]), item[0]))
    finds = (
        Find(
            _leading(replace(view, rows=Rows.PARTNERS), "person_id", person_id),
            last_first(name),
            " \N{MIDDLE DOT} ".join(part for part in (affiliation, office) if part),
        )
        for (_, person_id), (name, affiliation, office) in listed[:most]
    )
    return Group("Partners", tuple(finds), len(found))


def _vehicles(actor: Actor, view: Filters, words: Sequence[str], most: int, named: Named) -> Group:
    texts = (Vehicle.make, Vehicle.model, Vehicle.vin)
    columns = (Vehicle.id, Vehicle.company_id, *texts, Vehicle.office, Vehicle.color, Vehicle.gone_at)
    rows = _candidates(select(*columns).where(in_company(actor, Vehicle.company_id)), texts, words)
    found = []
    for vehicle_id, company_id, make, model, vin, office, color, gone_at in rows:
        text = folded(f"{make} {model} {vin}")
        has = [word for word in words if word in text]
        for word in has:
            named.vehicles.setdefault(word, set()).add(vehicle_id)
            named.vins.setdefault(word, set()).add(vin)
        if len(has) == len(words) and gone_at is None and actor.reaches(company_id, office):
            found.append((make.casefold(), model.casefold(), vin, make, model, color, office))
    finds = (
        Find(
            _leading(replace(view, rows=Rows.VEHICLES), "vin", vin),
            full_name(make, model, vin),
            " \N{MIDDLE DOT} ".join(part for part in (color, office) if part),
        )
        for _, _, vin, make, model, color, office in sorted(found)[:most]
    )
    return Group("Vehicles", tuple(finds), len(found))


def _loans(actor: Actor, view: Filters, words: Sequence[str], most: int, named: Named) -> Group:
    meant = [_ids(actor, word, named) for word in words]
    if not all(meant):
        return Group("Loans", (), 0)
    first, *others = (union(*each).subquery() for each in meant)
    statement = (
        select(func.count().over(), *LOAN_COLUMNS, Operation.state)
        .select_from(first)
        .join(Assignment, Assignment.id == first.c.id)
        .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
        .outerjoin(Operation, IS_UNDER_WAY)
        .where(
            in_company(actor, Assignment.company_id),
            or_(
                in_scope(actor, Assignment.company_id, Assignment.office),
                in_scope(actor, Vehicle.company_id, Vehicle.office),
            ),
            *(first.c.id.in_(select(other.c.id)) for other in others),
        )
        .order_by(_is_number(words), *_nearest(view, Assignment.start_day, Assignment.end_day), Assignment.id)
    )
    rows: Sequence[Any] = db.session.execute(statement.limit(most)).all()
    finds = (_loan(view, LoanFacts(*row[1:])) for row in rows)
    return Group("Loans", tuple(finds), rows[0][0] if rows else 0)


def _activities(actor: Actor, view: Filters, words: Sequence[str], most: int, named: Named) -> Group:
    texts = (Activity.to, Activity.activity_type, Activity.vin)
    answers = [
        or_(
            _among(Activity.person_id, named.people.get(word, ())),
            _among(Activity.vin, named.vins.get(word, ())),
            *(_contains(text, word) for text in texts),
        )
        for word in words
    ]
    # Of a loan of ours and the row that FMS made of it, the loan is drawn.
    is_ours = exists().where(
        Assignment.company_id == Activity.company_id,
        Assignment.activity_id == Activity.activity_id,
        Assignment.person_id == Activity.person_id,
        Assignment.fleet_vehicle_id == Vehicle.id,
        Assignment.status != Status.CANCELLED,
    )
    statement = (
        select(func.count().over(), *ACTIVITY_COLUMNS)
        .outerjoin(Vehicle, VEHICLE_OF_ACTIVITY)
        .where(
            in_company(actor, Activity.company_id),
            Activity.gone_at.is_(None),
            or_(Vehicle.id.is_(None), in_scope(actor, Vehicle.company_id, Vehicle.office)),
            *answers,
            ~is_ours,
        )
        .order_by(*_nearest(view, Activity.start_day, Activity.end_day), Activity.activity_id)
    )
    rows: Sequence[Any] = db.session.execute(statement.limit(most)).all()
    finds = (_activity(view, ActivityFacts(*row[1:])) for row in rows)
    return Group("In FMS's calendar", tuple(finds), rows[0][0] if rows else 0)


def _ids(actor: Actor, word: str, named: Named) -> list[Select[int]]:
    """The ids of loans that `word` names, by each of its meanings: apart, for then each uses its index."""
    company = in_company(actor, Assignment.company_id)
    people, vehicles, numbers = named.people.get(word), named.vehicles.get(word), _numbered(word)
    ids = []
    if people:
        ids.append(select(Assignment.id).where(company, _among(Assignment.person_id, people)))
    if vehicles:
        ids.append(select(Assignment.id).where(_among(Assignment.fleet_vehicle_id, vehicles)))
    if numbers:
        ids.append(select(Assignment.id).where(or_(*numbers)))
    return ids


def _loan(view: Filters, loan: LoanFacts) -> Find:
    look = look_of_loan(loan.status, loan.operation)
    number = f" #{loan.fms_request_id}" if loan.fms_request_id else ""
    days = f"{shown_with_weekday(loan.start_day)} to {shown_with_weekday(loan.end_day)}"
    title = f"{last_first(loan.partner_name)}: {loan.vehicle_name} {short_vin(loan.vin)}"
    parts = (days, f"{WORDS[look]}{number}", loan.office)
    return Find(_leading(view, "loan", loan.id), title, " \N{MIDDLE DOT} ".join(parts), look)


def _activity(view: Filters, activity: ActivityFacts) -> Find:
    look = look_of_activity(activity.person_id, activity.end_day, view.today)
    days = f"{shown_with_weekday(activity.start_day)} to {shown_with_weekday(activity.end_day)}"
    who = last_first(activity.to) if activity.person_id else activity.to or activity.activity_type
    name = f"{activity.vehicle_name} {short_vin(activity.vin)}" if activity.make else short_vin(activity.vin)
    parts = (days, activity.activity_type, activity.region)
    details = " \N{MIDDLE DOT} ".join(part for part in parts if part)
    return Find(_leading(view, "activity_id", activity.activity_id), f"{who}: {name}", details, look)


def _leading(view: Filters, name: str, value: object) -> str:
    address = view.address()
    return f"{address}{'&' if '?' in address else '?'}{name}={value}"


def _candidates(
    statement: Select[*tuple[Any, ...]], texts: Sequence[InstrumentedAttribute[str]], words: Sequence[str]
) -> Sequence[Any]:
    """Rows that have a word, and those that may have one under accents: who reads them looks again."""
    conditions = [_contains(text, word) for word in words for text in texts]
    return db.session.execute(statement.where(or_(*conditions, _is_accented(texts[0] + texts[1])))).all()


def _among(column: InstrumentedAttribute[Any], keys: Iterable[int | str]) -> ColumnElement[bool]:
    """Whether it is one of the keys, of which there may be thousands: PostgreSQL takes them as one value."""
    if is_sqlite():
        return column.in_(keys)
    return column == any_(literal(list(keys), ARRAY(column.type)))


def _contains(text: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    pattern = f"%{word.translate(LITERALLY)}%"
    # SQLite's own comparison ignores capitals; asking it to lower both sides takes three times as long.
    return text.like(pattern, escape="/") if is_sqlite() else text.ilike(pattern, escape="/")


def _is_accented(text: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether there is any letter beyond plain ASCII: it takes more than one byte."""
    octets = func.length(cast(text, LargeBinary)) if is_sqlite() else func.octet_length(text)
    return octets != func.length(text)


def _numbered(word: str) -> list[ColumnElement[bool]]:
    """Request numbers that begin with the digits of `word`: ranges, for which there is an index."""
    digits = word.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= DIGITS):
        return []
    first = int(digits)
    ranges = ((first * 10**more, (first + 1) * 10**more - 1) for more in range(DIGITS - len(digits) + 1))
    return [Assignment.fms_request_id.between(low, high) for low, high in ranges]


def _is_number(words: Collection[str]) -> ColumnElement[int]:
    """Puts the request of exactly that number first."""
    numbers = [int(word.removeprefix("#")) for word in words if _numbered(word)]
    return case((Assignment.fms_request_id.in_(numbers), 0), else_=1)


def _nearest(view: Filters, start_day: Any, end_day: Any) -> list[ColumnElement[Any]]:
    """What is out or to come, the soonest first; then what is over, the latest first."""
    is_over = end_day < view.today
    return [case((is_over, 1), else_=0), case((~is_over, start_day)), end_day.desc()]
