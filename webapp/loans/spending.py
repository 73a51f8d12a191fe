"""Reading money: what each fleet of an office may still spend by quarter, and what loans to a partner cost."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from flask import current_app
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.fleet.makes import budget_fleet, make_key
from webapp.fleet.models import Budget, LoanCost, Vehicle
from webapp.loans.models import Assignment
from webapp.loans.periods import Quarter, quarter_of
from webapp.loans.rules.facts import Account, Costs
from webapp.loans.rules.money import cost_of_loan
from webapp.loans.states import Status

# FMS's figure holds what is active.
UNSPENT = (Status.PLANNED, Status.MANUAL, Status.REQUESTED)
NOTHING = Decimal(0)
CENT = Decimal("0.01")
Accounts = dict[tuple[str, Quarter], Account]
# Statements are built once: here that takes longer than the database needs to answer.
COSTS = (
    select(LoanCost.person_id, LoanCost.make, LoanCost.cost)
    .where(
        LoanCost.company_id == bindparam("company_id"),
        LoanCost.person_id.in_(bindparam("person_ids", expanding=True)),
    )
    .order_by(LoanCost.make)
)
BUDGETS = select(Budget.fleet, Budget.year, Budget.quarter, Budget.allocation, Budget.amount_used).where(
    Budget.company_id == bindparam("company_id"),
    Budget.office == bindparam("office"),
    Budget.year >= bindparam("year"),
    Budget.gone_at.is_(None),
)
LOANS_TO_PAY = (
    select(Assignment.id, Assignment.person_id, Assignment.start_day, Vehicle.make, Vehicle.fleet)
    .join(Vehicle, Vehicle.id == Assignment.fleet_vehicle_id)
    .where(
        Assignment.company_id == bindparam("company_id"),
        Assignment.office == bindparam("office"),
        Assignment.status.in_(UNSPENT),
        Assignment.start_day >= bindparam("first"),
        Assignment.start_day < bindparam("end"),
        # Says nothing new, but there is an index on it.
        Assignment.end_day > bindparam("first"),
    )
)


def fleet_of(vehicle_fleet: str, make: str) -> str:
    """The fleet under which money is kept for a vehicle; where FMS names none, its make's."""
    return budget_fleet(vehicle_fleet or make)


def accounts_of(
    session: Session,
    company_id: int,
    office: str,
    since: Quarter,
    *,
    fleet: str | None = None,
    but_not: Assignment | None = None,
) -> Accounts:
    """The office's accounts to which something was allocated, of `since` and later; `fleet` None: of every fleet.

    `planned` is the estimated cost of our planned, manual and requested loans that start in the quarter, without
    the loan `but_not`.
    """
    allocated, used = _budgets(session, company_id, office, since, fleet)
    if not allocated:
        return {}
    planned = _planned(session, company_id, office, allocated.keys(), but_not)
    return {key: Account(amount, used[key], planned[key]) for key, amount in allocated.items()}


def costs_of(session: Session, company_id: int, person_ids: Collection[int]) -> dict[int, Costs]:
    """What loans cost each of these partners: imported by make, else their average, else DEFAULT_LOAN_COST."""
    default = Decimal(current_app.extensions["settings"].default_loan_cost)
    by_make: dict[int, dict[str, Decimal]] = {person_id: {} for person_id in person_ids}
    rows = session.execute(COSTS, {"company_id": company_id, "person_ids": list(by_make)})
    for person_id, make, cost in rows:
        by_make[person_id][make_key(make)] = cost
    return {
        person_id: Costs((sum(costs.values(), NOTHING) / len(costs)).quantize(CENT) if costs else default, costs)
        for person_id, costs in by_make.items()
    }


def _budgets(
    session: Session, company_id: int, office: str, since: Quarter, fleet: str | None
) -> tuple[dict[tuple[str, Quarter], Decimal], dict[tuple[str, Quarter], Decimal]]:
    allocated: defaultdict[tuple[str, Quarter], Decimal] = defaultdict(Decimal)
    used: defaultdict[tuple[str, Quarter], Decimal] = defaultdict(Decimal)
    rows = session.execute(BUDGETS, {"company_id": company_id, "office": office, "year": since.year})
    for name, year, number, allocation, amount_used in rows:
        # Toyota's and Lexus's rows, should there be both, are one account.
        key = budget_fleet(name), Quarter(year, number)
        if key[1] < since or fleet not in (None, key[0]):
            continue
        used[key] += amount_used or NOTHING
        if allocation is not None:
            allocated[key] += allocation
    return allocated, used


def _planned(
    session: Session,
    company_id: int,
    office: str,
    keys: Collection[tuple[str, Quarter]],
    but_not: Assignment | None,
) -> dict[tuple[str, Quarter], Decimal]:
    first, last = (limit(quarter for _, quarter in keys) for limit in (min, max))
    which = {"company_id": company_id, "office": office, "first": first.first_day, "end": last.next.first_day}
    mine = but_not.id if but_not is not None else None
    loans = [
        (row.person_id, make_key(row.make), key)
        for row in session.execute(LOANS_TO_PAY, which)
        if (key := (fleet_of(row.fleet, row.make), quarter_of(row.start_day))) in keys and row.id != mine
    ]
    costs = costs_of(session, company_id, {person_id for person_id, _, _ in loans}) if loans else {}
    planned: defaultdict[tuple[str, Quarter], Decimal] = defaultdict(Decimal)
    for person_id, make, key in loans:
        planned[key] += cost_of_loan(costs[person_id], make)
    return planned
