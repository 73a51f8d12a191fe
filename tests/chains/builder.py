"""Somebody who builds chains at an office of Los Angeles: rows to put there, and what the builder says to them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.rows import OFFICE, Fleet, Person
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.chains.asking import Ask, Kind
from webapp.chains.looking import suggesting
from webapp.chains.looking.suggestion import Suggestion
from webapp.db import Base, close_reading, writing
from webapp.fleet.models import Budget, Partner, Vehicle

# The Monday after next, seen from Thursday 11-19-26.
START = date(2026, 11, 30)
WEEK = timedelta(days=7)
DOWNTOWN = {"latitude": 34.05, "longitude": -118.24}
MODELS = ("A3", "A4", "A5", "A6", "A7", "A8", "Q3", "Q5", "Q7", "Q8")


@dataclass
class Builder:
    """A scheduler of Los Angeles. Services need an application context around the test, JSON a client instead."""

    person: Person
    fleet: Fleet
    client: FlaskClient

    @property
    def actor(self) -> Actor:
        """The scheduler as services know them."""
        return self.person.actor

    def audis(self, count: int, **columns: Any) -> list[Vehicle]:
        """As many Audis, each of another model."""
        return [self.fleet.add_vehicle(make="Audi", model=model, **columns) for model in MODELS[:count]]

    def partner(self, *makes: str, rank: str = "A", **columns: Any) -> Partner:
        """A partner downtown who may have these makes."""
        found = self.fleet.add_partner(**{"name": "Wendy Torque", **DOWNTOWN, **columns})
        for make in makes:
            self.fleet.approve_make(found, make, rank)
        return found

    def ask(self, whose: Partner | Vehicle, **given: Any) -> Ask:
        """Four loans of a week from `START`, unless told otherwise."""
        is_partner = isinstance(whose, Partner)
        who = {"person_id": whose.person_id} if isinstance(whose, Partner) else {"vin": whose.vin}
        kind = Kind.PARTNER if is_partner else Kind.VEHICLE
        return Ask(**{"kind": kind, "office": OFFICE, "start": START, **who, **given})

    def suggest(self, whose: Partner | Vehicle, **given: Any) -> Suggestion:
        """What is suggested."""
        # As a request begins: else this would still read what an earlier look saw.
        close_reading()
        return suggesting.suggest(self.actor, self.ask(whose, **given))

    def get(self, whose: Partner | Vehicle, **given: Any) -> TestResponse:
        """The same as JSON; None leaves a parameter out."""
        kind, who = ("partner", "person_id") if isinstance(whose, Partner) else ("vehicle", "vin")
        key = whose.person_id if isinstance(whose, Partner) else whose.vin
        query = {"office": OFFICE, who: key, "start": START.isoformat(), **given}
        return self.client.get(
            f"/api/chains/{kind}", query_string={name: value for name, value in query.items() if value is not None}
        )

    def allocate(self, amount: int, *, fleet: str = "AUDI", year: int = 2026, quarter: int = 4) -> None:
        """Money of a fleet in a quarter; nothing is used of it."""
        amounts = {"allocation": Decimal(amount), "amount_used": Decimal(0)}
        self.put(Budget(office=OFFICE, fleet=fleet, year=year, quarter=quarter, **amounts))

    def place_office(self) -> None:
        """Put Los Angeles on the map; inside an application context."""
        with writing() as session:
            office = session.scalars(select(Location).where(Location.name == OFFICE)).one()
            office.latitude, office.longitude = DOWNTOWN["latitude"], DOWNTOWN["longitude"]

    def put(self, *rows: Base) -> None:
        """Store rows of the company; inside an application context."""
        with writing() as session:
            for row in rows:
                row.company_id = self.person.company_id  # type: ignore[attr-defined]
            session.add_all(rows)


def vins(found: Suggestion) -> list[str]:
    """The VINs of the chain, in the order of days."""
    return [one.vin for one in found.placed]
