"""A scheduler at a desk with a vehicle and a partner: what most tests of loans begin with."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests.rows import DAY, OFFICE, Fleet, People
from webapp.accounts.actor import Actor
from webapp.db import Base, close_reading, db, writing
from webapp.fleet.models import Partner, Vehicle
from webapp.loans import queries, service
from webapp.loans.models import Assignment
from webapp.loans.queries import Loan
from webapp.loans.rules import Assessment
from webapp.loans.service import Planned

WEEK = timedelta(days=7)


class Desk:
    """A scheduler of Los Angeles with one vehicle and one approved partner at hand."""

    def __init__(self, people: People, fleet: Fleet) -> None:
        self.fleet = fleet
        self.actor: Actor = people().actor
        self.vehicle: Vehicle = fleet.add_vehicle("WAUZZZ8V0SA051916")
        self.partner: Partner = fleet.add_partner("Coastline Auto")
        fleet.approve_make(self.partner, "Audi")

    def plan(self, start_day: date = DAY, end_day: date | None = None, **given: Any) -> Planned:
        """Plan the vehicle for the partner, a week from `start_day` unless told otherwise."""
        values: dict[str, Any] = {
            "vin": self.vehicle.vin,
            "person_id": self.partner.person_id,
            "office": OFFICE,
            "start_day": start_day,
            "end_day": end_day or start_day + WEEK,
            **given,
        }
        return service.plan(values.pop("actor", self.actor), **values)

    def planned(self, **given: Any) -> Loan:
        """The same, as it can be read afterwards."""
        return queries.loan(self.actor, self.plan(**given).assignment_id)

    def check(self, start_day: date = DAY, end_day: date | None = None, **given: Any) -> Assessment:
        """What the rules say of such a loan; nothing is written."""
        values: dict[str, Any] = {
            "vin": self.vehicle.vin,
            "person_id": self.partner.person_id,
            "office": OFFICE,
            "start_day": start_day,
            "end_day": end_day or start_day + WEEK,
            **given,
        }
        # As a request begins: else this would still read what an earlier look saw.
        close_reading()
        return service.check(values.pop("actor", self.actor), **values)

    def codes(self, start_day: date = DAY, end_day: date | None = None, **given: Any) -> list[str]:
        """The code of each."""
        return [finding.code for finding in self.check(start_day, end_day, **given).findings]

    def put(self, *rows: Base) -> None:
        """Store rows of the desk's company."""
        with writing() as session:
            for row in rows:
                row.company_id = self.actor.company_id  # type: ignore[attr-defined]
            session.add_all(rows)

    def history(self, loan: Loan) -> list[str]:
        """What the loan's history says, newest first."""
        return [entry.text for entry in queries.history(self.actor, loan.id)]


def count_of_loans() -> int:
    return len(db.session.scalars(select(Assignment.id)).all())
