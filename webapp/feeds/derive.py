"""What we make of the reports once they are in: places on the map, preferred weekdays, publication rates,
how much each vehicle was lent."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import Table, literal, select, union_all
from sqlalchemy.orm import Session

from webapp import clock
from webapp.db import close_reading, db, writing
from webapp.fleet.differences import Difference, Shape, difference, write
from webapp.fleet.models import Activity, LoanHistory, PreferredWeekday, PublicationRate, Vehicle, VehicleUse
from webapp.fleet.patterns import PastLoan, preferred_weekdays, publication_rates
from webapp.fleet.places import Located, locate
from webapp.fleet.uses import Stay, vehicle_uses

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Derived:
    """What one round wrote; `weekdays`, `rates` and `uses` count rows added, changed and removed."""

    places: Located
    weekdays: int
    rates: int
    uses: int
    seconds: float


def _shape(model: Any, key: tuple[str, ...], values: tuple[str, ...]) -> Shape:
    table = model.__table__
    assert isinstance(table, Table)
    return Shape(table, key, values)


WEEKDAYS = _shape(PreferredWeekday, ("person_id", "office"), ("weekday", "loans", "share"))
RATES = _shape(PublicationRate, ("person_id", "make"), ("known", "published"))
USES = _shape(VehicleUse, ("vin",), ("loans", "usual", "last_day"))


def derive(company_id: int, confirm: Callable[[Session], None] = lambda session: None) -> Derived:
    """Bring everything derived up to date, as of today in the settings' zone; the same data cost no writing.

    `confirm` is called first in each writing transaction and raises when this runner has been replaced.
    """
    begun = time.perf_counter()
    places = locate(company_id, confirm)
    weekdays, rates, uses = _patterns(company_id, clock.today(current_app.extensions["settings"].zone), confirm)
    derived = Derived(places, weekdays, rates, uses, round(time.perf_counter() - begun, 3))
    log.info(
        "derived",
        placed=places.placed,
        unplaced=places.unplaced_partners,
        weekdays=weekdays,
        rates=rates,
        uses=uses,
        seconds=derived.seconds,
    )
    return derived


def _patterns(company_id: int, today: date, confirm: Callable[[Session], None]) -> tuple[int, int, int]:
    # All of history in one pass takes less time than finding out whose windows have moved since yesterday.
    # Read twice rather than kept: years of loans are the largest thing that a run would hold.
    weekdays = preferred_weekdays(_history(company_id), today)
    rates = publication_rates(_history(company_id), today)
    uses = {(vin,): use for vin, use in vehicle_uses(_stays(company_id), _offices(company_id), today).items()}
    close_reading()
    with writing() as session:
        confirm(session)
        counts = []
        for shape, wanted in ((WEEKDAYS, weekdays), (RATES, rates), (USES, uses)):
            found = difference(session, shape, company_id, {key: tuple(row) for key, row in wanted.items()})
            write(session, shape, company_id, found)
            counts.append(_written(found))
    return counts[0], counts[1], counts[2]


def _history(company_id: int) -> Iterator[PastLoan]:
    rows = db.session.execute(
        select(
            LoanHistory.person_id,
            LoanHistory.office,
            LoanHistory.make,
            LoanHistory.start_day,
            LoanHistory.end_day,
            LoanHistory.clips_received,
        ).where(
            LoanHistory.company_id == company_id,
            LoanHistory.gone_at.is_(None),
            LoanHistory.person_id.is_not(None),
        ),
        execution_options={"yield_per": 2000},
    )
    return (PastLoan._make(row) for row in rows)


def _stays(company_id: int) -> Iterator[Stay]:
    """What FMS knows of every vehicle, past and present; a loan that has just ended may be in both reports."""
    both = union_all(
        *(
            select(table.vin, table.activity_id, table.start_day, table.end_day, is_loan.label("is_loan")).where(
                table.company_id == company_id, table.gone_at.is_(None)
            )
            for table, is_loan in ((LoanHistory, literal(True)), (Activity, Activity.person_id.is_not(None)))
        )
    )
    return (Stay._make(row) for row in db.session.execute(both, execution_options={"yield_per": 2000}))


def _offices(company_id: int) -> dict[str, str]:
    which = select(Vehicle.vin, Vehicle.office).where(Vehicle.company_id == company_id, Vehicle.gone_at.is_(None))
    return {row.vin: row.office for row in db.session.execute(which.order_by(Vehicle.vin))}


def _written(found: Difference) -> int:
    return len(found.added) + len(found.changed) + len(found.removed)
