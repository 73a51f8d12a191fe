"""Reading who has what and when for many vehicles, or many partners, at once: as `loans.occupations` does for one.

A handful of queries of columns, for a thousand rows as for one; tests hold both ways of reading against each other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.fleet.makes import ALIASES, make_key, model_key
from webapp.fleet.models import Activity, LoanHistory, Vehicle
from webapp.fleet.names import full_name, short_vin
from webapp.loans.availability import Occupation
from webapp.loans.models import Assignment
from webapp.loans.occupations import ACTIVITIES, OUR_LOANS
from webapp.loans.rules.facts import PartnerLoan
from webapp.loans.states import BLOCKING, Status

Found = Row[*tuple[Any, ...]]
NEVER = date(9999, 12, 31)
# FMS spells a make in several ways; two letters leave few rows of others, which are then told apart exactly.
LETTERS = 2


def spelt_like(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether a make begins as one of the spellings of `prefixes_of` does: every spelling of a make, and some more."""
    return func.upper(func.substr(func.ltrim(column), 1, LETTERS)).in_(bindparam("prefixes", expanding=True))


def prefixes_of(key: str) -> list[str]:
    """How the spellings of a make begin, whichever letters the database takes for capitals."""
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
HISTORY_OF_PEOPLE = select(
    LoanHistory.activity_id,
    LoanHistory.person_id,
    LoanHistory.vin,
    LoanHistory.name,
    LoanHistory.start_day,
    LoanHistory.end_day,
    LoanHistory.make,
    LoanHistory.model,
).where(
    LoanHistory.company_id == bindparam("company_id"),
    LoanHistory.person_id.is_not(None),
    LoanHistory.gone_at.is_(None),
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
# Of a make or a VIN at any date; of everything else what is not over on a day.
OF_MAKE = (
    LOANS_TO_PEOPLE.where(
        or_(
            spelt_like(Vehicle.make),
            Vehicle.vin == bindparam("vin"),
            and_(Assignment.status != Status.COMPLETED, Assignment.end_day > bindparam("busy_from")),
        )
    ),
    ACTIVITIES_WITH_PEOPLE.where(
        or_(spelt_like(Vehicle.make), Activity.vin == bindparam("vin"), Activity.end_day >= bindparam("busy_from"))
    ),
    HISTORY_OF_PEOPLE.where(or_(spelt_like(LoanHistory.make), LoanHistory.vin == bindparam("vin"))),
)
THEIRS: BindParameter[Any] = bindparam("people", expanding=True)
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
        found[row.vin].append(_of_loan(row))
        linked.add((row.vin, row.activity_id))
    for other in session.execute(HOLDING_ACTIVITIES, which):
        if (other.vin, other.activity_id) not in linked:
            found[other.vin].append(_of_activity(other))
    return {vin: tuple(occupations) for vin, occupations in found.items()}


def loans_of_make(
    session: Session, company_id: int, vin: str, make: str, people: Collection[int], busy_from: date | None
) -> Mapping[int, tuple[PartnerLoan, ...]]:
    """Of each of `people` the loans of this VIN and make, at any date, and what they have on `busy_from` or later.

    None: nothing else. By person id, without those who have none; three queries.
    """
    which = {
        "company_id": company_id,
        "vin": vin,
        "prefixes": prefixes_of(make_key(make)),
        "busy_from": busy_from or NEVER,
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
        found[row.person_id].append(_partner_loan(row, _of_loan(row), is_over=row.status == Status.COMPLETED))
    for row in activities:
        found[row.person_id].append(_partner_loan(row, _of_activity(row)))
    for row in past:
        found[row.person_id].append(_partner_loan(row, _of_history(row), is_over=True))
    return {person_id: tuple(mine) for person_id, mine in found.items()}


def _of(people: Collection[int], rows: Iterable[Found]) -> Iterable[Found]:
    wanted = frozenset(people)
    return [row for row in rows if row.person_id in wanted]


def _of_loan(row: Found) -> Occupation:
    name = full_name(row.make, row.model, row.vin)
    return Occupation(row.start_day, row.end_day, row.partner_name, name, row.person_id, assignment_id=row.id)


def _of_activity(row: Found) -> Occupation:
    holder = (row.to or row.activity_type) if row.person_id else row.activity_type
    name = full_name(row.make, row.model, row.vin) if row.make else short_vin(row.vin)
    return Occupation(row.start_day, row.end_day, holder, name, row.person_id, activity_id=row.activity_id)


def _of_history(row: Found) -> Occupation:
    name = full_name(row.make, row.model, row.vin)
    return Occupation(row.start_day, row.end_day, row.name, name, row.person_id, activity_id=row.activity_id)


def _partner_loan(row: Found, occupation: Occupation, *, is_over: bool = False) -> PartnerLoan:
    key = model_key(row.make, row.model) if row.make else None
    return PartnerLoan(occupation, row.vin, key[0] if key else None, key, is_over)
