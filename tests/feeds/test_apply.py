"""A report is applied as a difference: afterwards the table says what the report says, and nothing else changed."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from tests.feeds.reports import BY_NAME, cells, numbered, read
from tests.rows import Fleet
from webapp.accounts.models import Location
from webapp.accounts.service import ensure_company
from webapp.db import db, writing
from webapp.feeds.apply import Applied, ReportShifted, apply
from webapp.feeds.parse import Parsed
from webapp.feeds.parse_schema import (
    APPROVED_MAKES,
    BUDGET_SPENDING,
    FEEDS,
    PARTNERS,
    VEHICLES,
    Feed,
)
from webapp.feeds.tables import TARGETS
from webapp.fleet.models import Budget, Vehicle
from webapp.loans.models import Assignment

MOMENT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
numbers = count(1)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def company() -> int:
    """A company without data."""
    return ensure_company("Motorpool")


def do(company_id: int, parsed: Parsed, moment: datetime = MOMENT) -> Applied:
    """Apply in a transaction of its own."""
    with writing() as session:
        return apply(session, company_id, parsed, moment)


def stored(company_id: int, feed: Feed, *, gone: bool = False) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What the table holds for a company (or what is marked as gone), keyed and ordered as a report is read."""
    table = TARGETS[feed.name].table
    condition = table.c.gone_at.is_not(None) if gone else table.c.gone_at.is_(None)
    fields = [table.c[name] for name in feed.fields]
    rows = db.session.execute(select(*fields).where(table.c.company_id == company_id, condition))
    found = {tuple(row[place] for place in feed.key_places): tuple(row) for row in rows}
    db.session.rollback()
    return found


def entire(company_id: int, table: Any) -> list[tuple[Any, ...]]:
    """Every column of every row."""
    rows = db.session.execute(select(table).where(table.c.company_id == company_id).order_by(table.c.id))
    found = [tuple(row) for row in rows]
    db.session.rollback()
    return found


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_report_becomes_rows_and_again_changes_nothing(company: int, feed: Feed) -> None:
    """The first import inserts all; the same again writes nothing at all."""
    parsed = read(feed, numbered(feed, 12))
    assert do(company, parsed) == Applied(inserted=12)
    assert stored(company, feed) == parsed.rows
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    assert do(company, parsed, MOMENT + timedelta(days=1)) == Applied(unchanged=12)
    event.remove(db.engine, "before_cursor_execute", note)
    assert not [text for text in statements if text.split()[0] in ("INSERT", "UPDATE", "DELETE")]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_only_the_difference_is_written(company: int, feed: Feed) -> None:
    """New, changed, vanished, returned and unchanged rows are told apart; ids stay."""
    do(company, read(feed, numbered(feed, 10)))
    ids = {row[0] for row in entire(company, TARGETS[feed.name].table)}
    changed = {
        "vehicles": {"color": "Cement"},
        "approved_makes": {"rank": "B"},
        "budget_spending": {"amount_used": "$9.00"},
        "partners": {"address": "elsewhere"},
    }.get(feed.name, {"region": "Miami"})
    second = read(feed, numbered(feed, 4) + numbered(feed, 2, first=5, **changed) + numbered(feed, 3, first=20))
    assert do(company, second) == Applied(inserted=3, updated=2, gone=4, unchanged=4)
    assert stored(company, feed) == second.rows
    assert len(stored(company, feed, gone=True)) == 4
    third = read(feed, numbered(feed, 10) + numbered(feed, 3, first=20))
    assert do(company, third) == Applied(updated=2 + 4, unchanged=7)
    assert stored(company, feed) == third.rows
    assert ids <= {row[0] for row in entire(company, TARGETS[feed.name].table)}


def test_a_vanished_row_keeps_the_moment_it_vanished(company: int) -> None:
    """Later imports do not mark it again."""
    do(company, read(VEHICLES, numbered(VEHICLES, 3)))
    do(company, read(VEHICLES, numbered(VEHICLES, 2)), MOMENT)
    assert do(company, read(VEHICLES, numbered(VEHICLES, 2)), MOMENT + timedelta(days=1)) == Applied(unchanged=2)
    gone = db.session.scalars(select(Vehicle.gone_at).where(Vehicle.gone_at.is_not(None))).all()
    assert gone == [MOMENT]


@pytest.mark.parametrize(
    ("feed", "damage"),
    [
        (VEHICLES, {"year": "?"}),
        (PARTNERS, {"name": ""}),
        (PARTNERS, {"office": ""}),
        (APPROVED_MAKES, {"rank": "?"}),
        (BUDGET_SPENDING, {"amount_used": "?"}),
    ],
)
def test_yesterdays_record_of_a_bad_row_stays(company: int, feed: Feed, damage: dict[str, str]) -> None:
    """A row that is there but cannot be read has not vanished, and is not changed."""
    before = read(feed, numbered(feed, 30))
    do(company, before)
    after = read(feed, [*numbered(feed, 28), *numbered(feed, 1, first=29, **damage)])
    assert do(company, after) == Applied(unchanged=28, gone=1)
    kept = list(before.rows)[28]
    assert stored(company, feed)[kept] == before.rows[kept]


def test_a_row_shifted_alone_keeps_its_vehicle(company: int) -> None:
    """Even in a row of the wrong width the VIN is recognised."""
    do(company, read(VEHICLES, numbered(VEHICLES, 30)))
    rows = numbered(VEHICLES, 30)
    rows[7].insert(2, "Jr.")
    assert do(company, read(VEHICLES, rows)) == Applied(unchanged=29)


def test_another_companys_rows_are_left_alone(company: int) -> None:
    """An import knows one company."""
    other = ensure_company("Another")
    do(other, read(VEHICLES, numbered(VEHICLES, 5)))
    before = entire(other, TARGETS["vehicles"].table)
    do(company, read(VEHICLES, numbered(VEHICLES, 2, first=4)))
    assert entire(other, TARGETS["vehicles"].table) == before


def test_a_loan_of_a_vanished_vehicle_is_untouched(app: Flask, fleet: Fleet) -> None:
    """Rows of the schedulers are not the importer's, and what they point at stays."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    fleet.add_loan(vehicle, partner)
    table = Assignment.__table__
    before = entire(vehicle.company_id, table)
    do(vehicle.company_id, read(VEHICLES, numbered(VEHICLES, 2, first=500)))
    do(vehicle.company_id, read(PARTNERS, numbered(PARTNERS, 2, first=900)))
    assert entire(vehicle.company_id, table) == before
    assert db.session.get_one(Vehicle, vehicle.id).gone_at == MOMENT


def test_every_office_becomes_a_place(company: int) -> None:
    """Offices of vehicles and of partners can be chosen; a branch of that name becomes an office too."""
    with writing() as session:
        session.add(Location(company_id=company, name="Miami"))
    do(company, read(VEHICLES, [cells(VEHICLES)]))
    do(company, read(PARTNERS, [cells(PARTNERS, office="Miami"), cells(PARTNERS, office="Detroit")]))
    places = db.session.execute(select(Location.name, Location.is_office).where(Location.company_id == company))
    assert sorted(map(tuple, places)) == [("Detroit", True), ("Los Angeles", True), ("Miami", True)]


def budget(company_id: int, fleet: str) -> tuple[Decimal | None, Decimal | None, bool]:
    """Allocation, spend, and whether the row is there."""
    db.session.rollback()
    row = db.session.scalars(select(Budget).where(Budget.company_id == company_id, Budget.fleet == fleet)).one()
    return row.allocation, row.amount_used, row.gone_at is None


def test_spend_leaves_allocations_alone(company: int) -> None:
    """Allocation belongs to the spreadsheet: spend comes and goes beside it, and no row with one is gone."""
    with writing() as session:
        for fleet in ("AUDI", "TOYOTA/LEXUS"):
            session.add(
                Budget(
                    company_id=company,
                    office="Los Angeles",
                    fleet=fleet,
                    year=2026,
                    quarter=4,
                    allocation=Decimal(5000),
                )
            )
    rows = [cells(BUDGET_SPENDING, fleet=fleet) for fleet in ("AUDI", "VW", "TOYOTA", "LEXUS")]
    assert do(company, read(BUDGET_SPENDING, rows)) == Applied(inserted=1, updated=2)
    assert budget(company, "AUDI") == (Decimal(5000), Decimal("1234.50"), True)
    assert budget(company, "TOYOTA/LEXUS") == (Decimal(5000), Decimal("2469.00"), True)
    assert budget(company, "VOLKSWAGEN") == (None, Decimal("1234.50"), True)
    assert do(company, read(BUDGET_SPENDING, rows[2:])) == Applied(gone=2, unchanged=1)
    assert budget(company, "AUDI") == (Decimal(5000), None, True)
    assert budget(company, "VOLKSWAGEN")[2] is False
    assert do(company, read(BUDGET_SPENDING, rows[2:])) == Applied(unchanged=1)
    assert do(company, read(BUDGET_SPENDING, rows)) == Applied(updated=2, unchanged=1)
    assert budget(company, "VOLKSWAGEN") == (None, Decimal("1234.50"), True)


def test_a_report_that_shifted_is_not_applied(company: int) -> None:
    """Found out beside what is stored, it leaves the table as it was."""
    do(company, read(VEHICLES, numbered(VEHICLES, 20)))
    before = entire(company, TARGETS["vehicles"].table)
    shifted = [[*row[:13], "new", *row[13:]] for row in numbered(VEHICLES, 21)]
    with pytest.raises(ReportShifted, match="color would shift"):
        do(company, read(VEHICLES, shifted))
    assert entire(company, TARGETS["vehicles"].table) == before


def test_all_or_nothing(company: int) -> None:
    """When a row cannot be written, no row of the report is."""
    do(company, read(VEHICLES, numbered(VEHICLES, 5)))
    before = entire(company, TARGETS["vehicles"].table)
    parsed = read(VEHICLES, numbered(VEHICLES, 9, first=3, color="Cement"))
    key = list(parsed.rows)[-1]
    parsed.rows[key] = (*parsed.rows[key][:2], None, *parsed.rows[key][3:])
    with pytest.raises(Exception, match=r"(?i)null"):
        do(company, parsed)
    db.session.rollback()
    assert entire(company, TARGETS["vehicles"].table) == before


def test_readers_see_the_old_or_the_new_state(app: Flask, company: int) -> None:
    """While a report is being written, everybody else still sees yesterday's rows, and can read them."""
    before, after = read(VEHICLES, numbered(VEHICLES, 6)), read(VEHICLES, numbered(VEHICLES, 9, first=4))
    do(company, before)
    seen: list[dict[tuple[Any, ...], tuple[Any, ...]]] = []

    def look() -> None:
        with app.app_context():
            seen.append(stored(company, VEHICLES))

    def look_elsewhere() -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    with writing() as session:
        apply(session, company, after, MOMENT)
        look_elsewhere()
    look_elsewhere()
    assert seen == [before.rows, after.rows]


snapshots = st.dictionaries(
    st.integers(1, 8),
    st.fixed_dictionaries({"text": st.sampled_from(["", "Zoë “O'Hara”", "a,b\nc"]), "amount": st.integers(0, 3)}),
    max_size=8,
)


def snapshot(feed: Feed, rows: dict[int, dict[str, Any]]) -> Parsed:
    """A report of numbered rows that differ in a text or an amount."""
    table = []
    for number, values in rows.items():
        varied = {
            "vehicles": {"notes": values["text"], "current_mileage": str(values["amount"])},
            "partners": {"address": values["text"], "affiliation": f"Paper {values['amount']}"},
            "loan_history": {"name": values["text"], "clips_received": str(values["amount"])},
            "current_activity": {"to": values["text"], "person_id": "7" * values["amount"]},
            "approved_makes": {"name": values["text"], "rank": "ABCD"[values["amount"]]},
            "budget_spending": {"amount_used": f"${values['amount']},000.10"},
        }[feed.name]
        table += numbered(feed, 1, first=number, **varied)
    return read(feed, table)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(BY_NAME)), first=snapshots, second=snapshots)
def test_any_report_after_any_other_gives_exactly_the_second(
    app: Flask, name: str, first: dict[int, Any], second: dict[int, Any]
) -> None:
    """Whatever was stored, an import leaves what the report says; twice changes nothing; nothing is deleted."""
    feed = BY_NAME[name]
    company_id = ensure_company(f"Company {next(numbers)}")
    before, after = snapshot(feed, first), snapshot(feed, second)
    do(company_id, before)
    applied = do(company_id, after)
    assert stored(company_id, feed) == after.rows
    both = before.rows.keys() & after.rows.keys()
    assert applied == Applied(
        inserted=len(after.rows.keys() - before.rows.keys()),
        updated=sum(before.rows[key] != after.rows[key] for key in both),
        gone=len(before.rows.keys() - after.rows.keys()),
        unchanged=sum(before.rows[key] == after.rows[key] for key in both),
    )
    whole = entire(company_id, TARGETS[name].table)
    assert len(whole) == len(before.rows.keys() | after.rows.keys())
    assert do(company_id, after) == Applied(unchanged=len(after.rows))
    assert entire(company_id, TARGETS[name].table) == whole
