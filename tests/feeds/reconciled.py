"""Loans, activities and operations to reconcile, and what became of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from tests.rows import CREATED_AT
from webapp.db import close_reading, db, writing
from webapp.feeds.reconcile import Reconciled, reconcile
from webapp.fleet.models import Activity
from webapp.loans.models import Assignment, LoanEvent

WEEK = timedelta(days=7)


NOTHING = Reconciled()


@pytest.fixture
def november() -> Iterator[None]:
    """It is Thursday 11-19-26, ten in the morning in Los Angeles, and goes on from there."""
    with time_machine.travel(datetime(2026, 11, 19, 18, 0, tzinfo=UTC)):
        yield


def stored(loan: Assignment) -> Assignment:
    """The loan as it is in the database now."""
    close_reading()
    found = db.session.get_one(Assignment, loan.id, populate_existing=True)
    db.session.expunge(found)
    close_reading()
    return found


def entries(loan: Assignment) -> list[tuple[str, str]]:
    """Who did what to the loan, oldest first."""
    rows = db.session.execute(
        select(LoanEvent.actor_name, LoanEvent.text).where(LoanEvent.assignment_id == loan.id).order_by(LoanEvent.id)
    ).all()
    close_reading()
    return [(row[0], row[1]) for row in rows]


def run(loan: Assignment, changed: int = 1, **options: Any) -> Assignment:
    """Reconcile, be sure that doing it again changes nothing, and tell how the loan stands."""
    assert reconcile(loan.company_id, **options).changed == changed
    after = stored(loan)
    written = entries(loan)
    assert reconcile(loan.company_id, **options) == NOTHING
    assert (stored(loan).version, entries(loan)) == (after.version, written)
    return after


def take_away(activity: Activity) -> None:
    """The activity is not in the next feed."""
    with writing() as session:
        session.execute(update(Activity).where(Activity.id == activity.id).values(gone_at=CREATED_AT))


def move(activity: Activity, **columns: Any) -> None:
    """The activity is different in the next feed."""
    with writing() as session:
        session.execute(update(Activity).where(Activity.id == activity.id).values(**columns))
