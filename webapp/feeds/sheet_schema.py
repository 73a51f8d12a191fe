"""The spreadsheets people keep: their columns with the headers that really occur, and which table each fills."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from functools import cached_property
from typing import Any

from webapp.feeds.parse_values import day, identifier, money, quarter, rank, text_up_to, year
from webapp.fleet.differences import Shape
from webapp.fleet.makes import budget_fleet, make_key
from webapp.fleet.models import Budget, Holiday, LoanCost, OfficeCapacity, Rule

NOT_A_LETTER = re.compile(r"[\W_]+")
DAYS = re.compile(r"(\d{1,4})(?:\.0+)?\s*(?:d|days?)?", re.IGNORECASE)
COUNT = re.compile(r"(\d{1,6})(?:\.0+)?")
PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(%?)")
CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::\d{2})?\s*([ap])?\.?(?:m\.?)?", re.IGNORECASE)
YES, NO = {"y", "yes", "true", "1", "x"}, {"n", "no", "false", "0"}
NO_LIMIT = {"", "-", "none", "no", "unlimited", "n/a"}
BROKEN = {"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}

Value = Any
Convert = Callable[[str], Value]


class CellFault(ValueError):
    """What is wrong with a row, at the column of `field`."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def header_key(text: str) -> str:
    """What two spellings of a header have in common: `Start_Time` and `start time` are one."""
    return NOT_A_LETTER.sub("", text).casefold()


@dataclass(frozen=True)
class SheetColumn:
    """A column: the title as people mostly write it, others that occur, and how a cell is read."""

    title: str
    field: str
    convert: Convert
    also: tuple[str, ...] = ()
    is_required: bool = True

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every header under which it is known."""
        return frozenset(header_key(title) for title in (self.title, *self.also))


@dataclass(frozen=True)
class SheetKind:
    """One kind of sheet. `replaces`: what is not in it is removed; otherwise it stays.

    `finish` makes of a row's fields the row to store, and may raise `CellFault`. `is_summed`: rows of one key
    are parts of one sum.
    """

    name: str
    title: str
    model: type[Any]
    columns: tuple[SheetColumn, ...]
    key: tuple[str, ...]
    replaces: bool = True
    is_summed: bool = False
    finish: Callable[[dict[str, Value]], dict[str, Value]] = lambda row: row
    revives: bool = False

    @cached_property
    def shape(self) -> Shape:
        """The table and the columns it fills."""
        fields = [column.field for column in self.columns if column.field not in self.key]
        return Shape(self.model.__table__, self.key, (*fields, *(["gone_at"] if self.revives else [])))


def blank_or(convert: Convert) -> Convert:
    """The same converter; blank is None."""
    return lambda text: convert(text) if text.strip() else None


def days(text: str) -> int | None:
    """`30`, `30 days`; blank is None."""
    if text.strip().casefold() in NO_LIMIT:
        return None
    return int(_match(DAYS, text, "is not a number of days")[1])


def limit(text: str) -> int | None:
    """Loans a year; blank or `unlimited` is None."""
    if text.strip().casefold() in NO_LIMIT:
        return None
    return int(_match(COUNT, text, "is not a number of loans")[1])


def count(text: str) -> int:
    """A whole number from 0."""
    return int(_match(COUNT, text, "is not a whole number")[1])


def percent(text: str) -> Decimal | None:
    """A percentage from 0 to 100: `75 %`, `75`, and `0.75` as a spreadsheet keeps 75 %; blank is None."""
    if not text.strip():
        return None
    found = _match(PERCENT, text, "is not a percentage")
    number = Decimal(found[1])
    if not found[2] and number <= 1:
        number *= 100
    if number > 100:
        raise ValueError(f"is more than 100 %: “{text.strip()}”")
    return number.quantize(Decimal("0.01"))


def amount(text: str) -> Decimal:
    """US dollars from 0."""
    found = money(text)
    if found < 0:
        raise ValueError(f"is less than nothing: “{text.strip()}”")
    return found


def is_hard(text: str) -> bool:
    """`Hard` or `Soft`."""
    word = text.strip().casefold().split(" ")[0]
    if word not in ("hard", "soft"):
        raise ValueError(f"is neither Hard nor Soft: “{text.strip()[:40]}”" if word else "is blank; write Hard or Soft")
    return word == "hard"


def yes_or_no(text: str) -> bool | None:
    """Yes, no, or None where nothing is said."""
    word = text.strip().casefold()
    if word and word not in YES | NO:
        raise ValueError(f"is neither yes nor no: “{text.strip()[:40]}”")
    return word in YES if word else None


def clock(text: str) -> time | None:
    """A time of day: `13:30`, `1:30 PM`; blank is None."""
    # A time in a cell that is formatted as a date carries one.
    plain = text.strip().rpartition(" ")[2] if re.match(r"\d{4}-\d{2}-\d{2} ", text.strip()) else text.strip()
    if not plain:
        return None
    found = _match(CLOCK, plain, "is not a time of day")
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or (not half and found[2] is None):
        raise ValueError(f"is not a time of day: “{plain[:40]}”")
    return time(hour, minute)


def fleet(text: str) -> str:
    """The fleet under which money is kept."""
    return _named(budget_fleet(text), 120)


def make(text: str) -> str:
    """A make under its one name."""
    return _named(make_key(text), 80)


def _holiday(row: dict[str, Value]) -> dict[str, Value]:
    """All day unless a time is given; with `All_Day` no, both times."""
    if row["is_all_day"] is None:
        row["is_all_day"] = row["start_time"] is None and row["end_time"] is None
    if row["is_all_day"]:
        return {**row, "start_time": None, "end_time": None}
    for field in ("start_time", "end_time"):
        if row[field] is None:
            raise CellFault(field, "is blank, though the holiday is not for all day")
    if row["start_time"] >= row["end_time"]:
        raise CellFault("end_time", "is not after Start_Time")
    return row


def _match(pattern: re.Pattern[str], text: str, complaint: str) -> re.Match[str]:
    plain = text.strip().replace(",", "")
    found = pattern.fullmatch(plain) if plain.isascii() else None
    if found is None:
        raise ValueError(f"{complaint}: “{text.strip()[:40]}”" if plain else "is blank")
    return found


def _named(name: str, longest: int) -> str:
    return str(text_up_to(longest, is_required=True)(name))


OFFICE = "office"
text = text_up_to()
office = text_up_to(120, is_required=True)
notes = SheetColumn("Notes", "notes", text, ("Notea", "Note"), is_required=False)

BUDGETS = SheetKind(
    "budgets",
    "Budgets",
    Budget,
    (
        SheetColumn("Office", OFFICE, office),
        SheetColumn("Fleet", "fleet", fleet, ("Make",)),
        SheetColumn("Year", "year", year),
        SheetColumn("Quarter", "quarter", quarter, ("Qtr",)),
        SheetColumn("Budget", "allocation", amount, ("Allocation", "Budget Amount", "Amount")),
    ),
    ("office", "fleet", "year", "quarter"),
    replaces=False,
    is_summed=True,
    revives=True,
)
CAPACITY = SheetKind(
    "ops_capacity",
    "Capacity of the offices",
    OfficeCapacity,
    (
        SheetColumn("Office", OFFICE, office),
        SheetColumn("Drivers Per Day", "drivers_per_day", count, ("Drivers",)),
        notes,
    ),
    ("office",),
)
HOLIDAYS = SheetKind(
    "holiday_blackout_dates",
    "Holidays and blackout dates",
    Holiday,
    (
        SheetColumn("Office", OFFICE, office),
        SheetColumn("Date", "day", day, ("Day",)),
        SheetColumn("Holiday Name", "name", text_up_to(120, is_required=True), ("Holiday", "Name")),
        SheetColumn("Type", "kind", text_up_to(80), is_required=False),
        SheetColumn("All_Day", "is_all_day", yes_or_no, is_required=False),
        SheetColumn("Start_Time", "start_time", clock, is_required=False),
        SheetColumn("End_Time", "end_time", clock, is_required=False),
        notes,
    ),
    ("office", "day"),
    finish=_holiday,
)
RULES = SheetKind(
    "rules",
    "Rules",
    Rule,
    (
        SheetColumn("Make", "make", make),
        SheetColumn("Rank", "rank", rank),
        SheetColumn("Loan Cap Per Year", "loan_cap_per_year", limit, ("Loan Cap",)),
        SheetColumn(
            "Pub Rate Requirement",
            "publication_rate",
            percent,
            (":ub Rate Requirement", "Publication Rate Requirement", "Pub Rate"),
        ),
        SheetColumn("Cooldown Period", "cooldown_days", days, ("Cooldown", "Cooldown Days", "Cooldown Period Days")),
        SheetColumn(
            "Soft vs. Hard Constraint", "is_hard", is_hard, ("Soft vs. Hard Contraint", "Soft or Hard", "Constraint")
        ),
        SheetColumn("Rule Description", "description", text, ("Description",), is_required=False),
        notes,
    ),
    ("make", "rank"),
)
COSTS = SheetKind(
    "loan_costs",
    "Costs of loans",
    LoanCost,
    (
        SheetColumn("Person_ID", "person_id", identifier),
        SheetColumn("Name", "name", text_up_to(200), is_required=False),
        SheetColumn("Make", "make", make),
        SheetColumn("Cost", "cost", amount, ("Loan Cost",)),
    ),
    ("person_id", "make"),
)

OPERATIONS = (CAPACITY, HOLIDAYS, RULES, COSTS)
KINDS = (BUDGETS, *OPERATIONS)
