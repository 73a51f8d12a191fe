"""The spreadsheets the demo imports: invented allocations, holidays, drivers, rules and costs of loans."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

from openpyxl import Workbook
from sqlalchemy import func, select

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.db import close_reading, db
from webapp.feeds.sheet_schema import BUDGETS, OPERATIONS
from webapp.feeds.sheet_service import apply_file
from webapp.fleet.models import ApprovedMake, Budget, Rule, Vehicle
from webapp.loans.periods import Quarter, quarter_of

# Loans a year and days between loans of one model, by rank.
RULES = {"A+": (12, 30), "A": (10, 30), "B": (6, 45), "C": (4, 60), "D": (2, 90)}
# So that most days of the demo can be driven, a few hardly, and one or the other not.
VEHICLES_PER_DRIVER = 18
BUDGET_HEADER = ("Office", "Fleet", "Year", "Quarter", "Budget")
HEADERS = {
    "ops_capacity": ("Office", "Drivers Per Day", "Notes"),
    "holiday_blackout_dates": ("Office", "Date", "Holiday Name", "Type", "All_Day", "Start_Time", "End_Time", "Notes"),
    "rules": (
        *("Make", "Rank", "Loan Cap Per Year", "Pub Rate Requirement", "Cooldown Period"),
        *("Soft vs. Hard Constraint", "Rule Description", "Notes"),
    ),
    "loan_costs": ("Person_ID", "Name", "Make", "Cost"),
}
Rows = Iterable[Sequence[Any]]


def import_sheets(operator: Actor) -> None:
    """Import allocations and operating data through the service of the page; nothing where that was done before."""
    is_done = db.session.scalar(select(Rule.id).limit(1)) is not None
    allocations = list(_allocations(operator.company_id, quarter_of(_today())))
    sheets = _operations(operator.company_id, _today().year)
    close_reading()
    if is_done or not allocations:
        return
    apply_file(operator, "Budgets.csv", _as_csv([BUDGET_HEADER, *allocations]), (BUDGETS,))
    apply_file(operator, "Operations.xlsx", _as_workbook(sheets), OPERATIONS)


def holidays(year: int) -> Iterator[tuple[date, str]]:
    """The days of `year` on which the demo's offices hand out nothing."""
    november = date(year, 11, 1)
    thanksgiving = november + timedelta(days=(3 - november.weekday()) % 7 + 21)
    yield date(year, 1, 1), "New Year's Day"
    yield date(year, 7, 4), "Independence Day"
    yield thanksgiving, "Thanksgiving"
    yield thanksgiving + timedelta(days=1), "Day after Thanksgiving"
    yield date(year, 12, 24), "Christmas Eve"
    yield date(year, 12, 25), "Christmas Day"


def _allocations(company_id: int, current: Quarter) -> Iterator[Sequence[Any]]:
    """For this quarter and the next, about what was spent: some fleets are over it, some have nothing allocated."""
    spent = db.session.execute(
        select(Budget.office, Budget.fleet, Budget.amount_used)
        .where(Budget.company_id == company_id, Budget.year == current.year, Budget.quarter == current.number)
        .order_by(Budget.office, Budget.fleet)
    )
    for office, fleet, used in spent:
        if _drawn(f"{office} {fleet}", 12) == 0:
            continue
        for quarter in (current, current.next):
            percent = 96 + _drawn(f"{office} {fleet} {quarter}", 50)
            yield office, fleet, quarter.year, quarter.number, round((used or Decimal(0)) * percent / 10_000) * 100


def _operations(company_id: int, year: int) -> dict[str, Rows]:
    approvals = db.session.execute(
        select(ApprovedMake.person_id, ApprovedMake.name, ApprovedMake.make)
        .where(ApprovedMake.company_id == company_id, ApprovedMake.gone_at.is_(None))
        .order_by(ApprovedMake.person_id, ApprovedMake.make)
    ).all()
    counted = db.session.execute(
        select(Vehicle.office, func.count().label("vehicles"))
        .where(Vehicle.company_id == company_id)
        .group_by(Vehicle.office)
        .order_by(Vehicle.office)
    )
    offices = {row.office: row.vehicles for row in counted}
    makes = sorted({approval.make for approval in approvals})
    days = [day for of in (year, year + 1) for day in holidays(of)]
    return {
        "ops_capacity": [(office, 1 + vehicles // VEHICLES_PER_DRIVER, "") for office, vehicles in offices.items()],
        "holiday_blackout_dates": [
            (office, day, name, "Holiday", "Yes", None, None, "") for office in offices for day, name in days
        ],
        "rules": [
            (make, rank, cap, "50%", f"{cooldown} days", "Soft", "", "")
            for make in makes
            for rank, (cap, cooldown) in RULES.items()
        ],
        "loan_costs": [
            (person_id, name, make, 180 + 20 * _drawn(f"{person_id} {make}", 25))
            for person_id, name, make in approvals
            if _drawn(f"{make} {person_id}", 3) == 0
        ],
    }


def _today() -> date:
    """The day it is now, roughly: budgets and holidays are of the year's quarters."""
    return clock.now().date()


def _drawn(text: str, below: int) -> int:
    """A number from 0 that is the same for the same text every time."""
    return crc32(text.encode()) % below


def _as_csv(rows: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _as_workbook(sheets: dict[str, Rows]) -> bytes:
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(HEADERS[name])
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
