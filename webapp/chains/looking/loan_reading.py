"""Reading who has what and when for many vehicles, or many partners, at once: as `loans.occupations` does for one.

A handful of queries of columns, for a thousand rows as for one; tests hold both ways of reading against each other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, exists, func, or_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.fleet.makes import ALIASES, make_key
from webapp.fleet.models import Activity, LoanHistory, Vehicle
from webapp.loans.availability import Occupation
from webapp.loans.models import Assignment
from webapp.loans.occupations import (
    ACTIVITIES,
    OUR_LOANS,
    PAST_LOANS,
    days_linked,
    of_loan,
    of_past_loan,
    of_row,
    partner_loan,
)
from webapp.loans.periods import Period
from webapp.loans.rules.facts import PartnerLoan
from webapp.loans.states import BLOCKING, Status

Found = Row[*tuple[Any, ...]]
NEVER = date(9999, 12, 31)
# FMS spells a make in several ways; two letters leave few rows of others, which are then told apart exactly.
LETTERS = 2


def spelt_like(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether a make begins as one of the spellings of `prefixes_of` does: every spelling of a make, and some more."""
    return func.substr(column, 1, LETTERS).in_(bindparam("prefixes", expanding=True))


def prefixes_of(key: str) -> list[str]:
    """How the spellings of a make may begin, in capitals or not."""
    found = set()
    for name in (key, *(alias for alias, meant in ALIASES.items() if meant == key)):
        for start in (name[:LETTERS], f"{name} "[:LETTERS]):
            first, rest = start[:1], start[1:]
            found |= {one + other for one in (first, first.lower()) for other in (rest, rest.lower())}
    return sorted(found)


# Statements are built once: here that takes longer than the database needs to answer.
HOLDING_LOANS = OUR_LOANS.where(
    Vehicle.company_id == bindparam("company_id"),
    or_(Vehicle.office == bindparam("office"), Vehicle.vin.in_(bindparam("vins", expanding=True))),
    Assignment.status.in_(BLOCKING),
    Assignment.end_day > bindparam("since"),
)
HOLDING_ACTIVITIES = ACTIVITIES.where(
    or_(Vehicle.office == bindparam("office"), Activity.vin.in_(bindparam("vins", expanding=True))),
    # One that ends on the day it begins occupies that day.
    Activity.end_day >= bindparam("since"),
)
# A loan of ours and what FMS made of it are one, and so are what its calendar and its history say of one.
IS_OUR_LOAN = exists().where(
    Assignment.company_id == bindparam("company_id"),
    Assignment.status != Status.CANCELLED,
)
LOANS_TO_PEOPLE = OUR_LOANS.where(
    Assignment.company_id == bindparam("company_id"), Assignment.status != Status.CANCELLED
)
ACTIVITIES_WITH_PEOPLE = ACTIVITIES.where(
    Activity.person_id.is_not(None),
    ~IS_OUR_LOAN.where(
        Assignment.activity_id == Activity.activity_id, Assignment.person_id == Activity.person_id
    ).correlate(Activity),
)
HISTORY_OF_PEOPLE = PAST_LOANS.where(
    ~IS_OUR_LOAN.where(
        Assignment.activity_id == LoanHistory.activity_id, Assignment.person_id == LoanHistory.person_id
    ).correlate(LoanHistory),
    ~exists()
    .where(
        Activity.company_id == LoanHistory.company_id,
        Activity.activity_id == LoanHistory.activity_id,
        Activity.person_id == LoanHistory.person_id,
        Activity.gone_at.is_(None),
    )
    .correlate(LoanHistory),
)
THEIRS: BindParameter[Any] = bindparam("people", expanding=True)
# Of a VIN at any date, of a make from a day on; of everything else what is not over and meets a period.
OF_MAKE = (
    LOANS_TO_PEOPLE.where(
        or_(
            Vehicle.vin == bindparam("vin"),
            and_(Assignment.end_day >= bindparam("since"), spelt_like(Vehicle.make)),
            and_(
                Assignment.status != Status.COMPLETED,
                Assignment.end_day > bindparam("first"),
                Assignment.start_day < bindparam("end"),
            ),
        )
    ),
    ACTIVITIES_WITH_PEOPLE.where(
        or_(
            Activity.vin == bindparam("vin"),
            spelt_like(Vehicle.make),
            and_(Activity.end_day >= bindparam("first"), Activity.start_day < bindparam("end")),
        )
    ),
    # Two questions, as each has an index of its own.
    union_all(
        HISTORY_OF_PEOPLE.where(LoanHistory.vin == bindparam("vin")),
        HISTORY_OF_PEOPLE.where(
            LoanHistory.person_id.in_(THEIRS),
            LoanHistory.end_day >= bindparam("since"),
            LoanHistory.vin != bindparam("vin"),
            spelt_like(LoanHistory.make),
        ),
    ),
)
OF_PEOPLE = (
    LOANS_TO_PEOPLE.where(Assignment.person_id.in_(THEIRS)),
    ACTIVITIES_WITH_PEOPLE.where(Activity.person_id.in_(THEIRS)),
    HISTORY_OF_PEOPLE.where(LoanHistory.person_id.in_(THEIRS)),
)


def occupations_at(
    session: Session, company_id: int, office: str, vins: Collection[str], since: date
) -> Mapping[str, tuple[Occupation, ...]]:
    """What holds the vehicles of an office, and those of `vins`, on `since` or later, by VIN: two queries."""
    which = {"company_id": company_id, "office": office, "vins": list(vins), "since": since}
    found: defaultdict[str, list[Occupation]] = defaultdict(list)
    linked = set()
    for row in session.execute(HOLDING_LOANS, which):
        found[row.vin].append(of_loan(row))
        linked.add((row.vin, days_linked(row)))
    for other in session.execute(HOLDING_ACTIVITIES, which):
        if (other.vin, days_linked(other)) not in linked:
            found[other.vin].append(of_row(other))
    return {vin: tuple(occupations) for vin, occupations in found.items()}


def loans_of_make(
    session: Session, vehicle: Vehicle, people: Collection[int], since: date, during: Period | None
) -> Mapping[int, tuple[PartnerLoan, ...]]:
    """Of each of `people` the loans of this VIN, those of its make that ended on `since` or later, and whatever they
    have `during` a period (None: nothing). By person id, without those who have none; three queries.
    """
    which = {
        "company_id": vehicle.company_id,
        "vin": vehicle.vin,
        "prefixes": prefixes_of(make_key(vehicle.make)),
        "people": list(people),
        "since": since,
        "first": during.start_day if during else NEVER,
        "end": during.end_day if during else NEVER,
    }
    return _loans(session, OF_MAKE, which, people)


def loans_of_people(
    session: Session, company_id: int, people: Collection[int]
) -> Mapping[int, tuple[PartnerLoan, ...]]:
    """Every loan of these people, by person id, without those who have none: three queries."""
    return _loans(session, OF_PEOPLE, {"company_id": company_id, "people": list(people)}, people)


def _loans(
    session: Session, statements: Any, which: Mapping[str, object], people: Collection[int]
) -> Mapping[int, tuple[PartnerLoan, ...]]:
    found: defaultdict[int, list[PartnerLoan]] = defaultdict(list)
    loans, activities, past = (_of(people, session.execute(statement, which)) for statement in statements)
    for row in loans:
        found[row.person_id].append(partner_loan(row, of_loan(row), is_over=row.status == Status.COMPLETED))
    for row in activities:
        found[row.person_id].append(partner_loan(row, of_row(row)))
    for row in past:
        found[row.person_id].append(partner_loan(row, of_past_loan(row), is_over=True))
    return {person_id: tuple(mine) for person_id, mine in found.items()}


def _of(people: Collection[int], rows: Iterable[Found]) -> Iterable[Found]:
    wanted = frozenset(people)
    return [row for row in rows if row.person_id in wanted]
