"""A moving company's yard for tests: branches, journeys, crews and trucks, with defaults that make sense together."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rows import CREATED_AT, DAY, People, Person, company_id_of
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Role
from webapp.db import Base, writing
from webapp.journeys import queries
from webapp.journeys.cards import Card
from webapp.journeys.fields import FIELDS, kept
from webapp.journeys.models import DataSource, JourneyCrew, JourneyTruck, SyncStatus, Truck, TruckJourney
from webapp.journeys.stages import Stage

DENVER = "Denver"
# Monday 11-23-26, ten in the morning in Denver and seven in Honolulu: `DAY` is today in every zone used here.
MONDAY_MORNING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)

Row = TypeVar("Row", bound=Base)


class Yard:
    """Adds rows of a moving company to one application; each comes back detached, with all columns loaded.

    There is a branch in Denver from the start; `dispatcher`, `driver` and `mover` belong to it unless told
    otherwise. `company` names another company than the settings'.
    """

    def __init__(self, app: Flask, people: People) -> None:
        self._app = app
        self._people = people
        self._numbers = itertools.count(1)
        self.denver = self.location(DENVER, "America/Denver")

    def location(
        self, name: str = DENVER, timezone: str | None = None, *, company: str | None = None, **columns: Any
    ) -> Location:
        """A branch from SmartMoving of that name, made or changed; `timezone` None: the settings' zone."""
        number = next(self._numbers)
        values: dict[str, Any] = {
            "timezone": timezone,
            "data_source": DataSource.SMARTMOVING,
            "external_id": f"branch-{number}",
            **columns,
        }
        with self._app.app_context(), writing() as session:
            company_id = company_id_of(session, self._app, company)
            found = session.scalar(select(Location).where(Location.company_id == company_id, Location.name == name))
            branch = found or Location(company_id=company_id, name=name, is_office=False)
            for column, value in values.items():
                setattr(branch, column, value)
            return _stored(session, [branch])[0]

    def journey(self, location: Location | None = None, *, day: date = DAY, **columns: Any) -> TruckJourney:
        """A booked job of SmartMoving's, arriving 08:00 to 10:00 and lasting two hours, in the stage morning prep.

        Its `source` says what its columns say, unless `source` is given; `crew` and `trucks` assign.
        """
        return self.journeys(1, location, day=day, **columns)[0]

    def journeys(
        self, count: int, location: Location | None = None, *, day: date = DAY, **columns: Any
    ) -> list[TruckJourney]:
        """`count` such journeys in one transaction."""
        crew: Iterable[Person] = columns.pop("crew", ())
        trucks: Iterable[Truck] = columns.pop("trucks", ())
        with self._app.app_context(), writing() as session:
            rows = _stored(session, [self._journey(location or self.denver, day, columns) for _ in range(count)])
            _assign(session, rows, crew, trucks)
            return rows

    def assign(self, journey: TruckJourney, *who: Person | Truck) -> None:
        """Put people and trucks on a journey, past every rule and without a word in its history."""
        with self._app.app_context(), writing() as session:
            people = [one for one in who if isinstance(one, Person)]
            _assign(session, [journey], people, [one for one in who if isinstance(one, Truck)])

    def truck(self, name: str | None = None, location: Location | None = None, **columns: Any) -> Truck:
        """A truck of a branch, in use."""
        branch = location or self.denver
        values = {"company_id": branch.company_id, "location_id": branch.id, "is_active": True, **columns}
        with self._app.app_context(), writing() as session:
            return _stored(session, [Truck(name=name or f"Truck {next(self._numbers)}", **values)])[0]

    def driver(self, name: str | None = None, **values: Any) -> Person:
        """A driver of Denver."""
        return self._people(Role.DRIVER, **{"name": name, "locations": [DENVER], **values})

    def mover(self, name: str | None = None, **values: Any) -> Person:
        """A mover of Denver."""
        return self._people(Role.MOVER, **{"name": name, "locations": [DENVER], **values})

    def dispatcher(self, name: str | None = None, **values: Any) -> Person:
        """A dispatcher of Denver."""
        return self._people(Role.DISPATCHER, **{"name": name, "locations": [DENVER], **values})

    def _journey(self, location: Location, day: date, columns: dict[str, Any]) -> TruckJourney:
        number = 41_000 + next(self._numbers)
        values: dict[str, Any] = {
            "company_id": location.company_id,
            "location_id": location.id,
            "data_source": DataSource.SMARTMOVING,
            "job_id": f"job-{number}",
            "opportunity_id": f"opportunity-{number}",
            "external_id": f"sm_job_{number}-1",
            "job_number": f"{number}-1",
            "quote_number": str(number),
            "source_status": 4,
            "sync_status": SyncStatus.SYNCED,
            "last_sync_at": CREATED_AT,
            "overrides": {},
            "customer_name": f"Customer Nr{number}",
            "customer_phone": "3035550100",
            "customer_email": f"customer{number}@example.com",
            "scheduled_date": day,
            "arrival_start": 8 * 60,
            "arrival_end": 10 * 60,
            "origin_address": f"{number} Larch Street, Denver, CO 80202",
            "destination_address": f"{number} Aspen Court, Boulder, CO 80301",
            "service_type": "Moving",
            "move_size": "2 bedrooms",
            "confirmed": True,
            "crew_needed": 2,
            "trucks_needed": 1,
            "minutes_needed": 120,
            "stage": Stage.MORNING_PREP,
            "on_board": True,
            "version": 1,
            "created_at": CREATED_AT,
            "updated_at": CREATED_AT,
            **columns,
        }
        values.setdefault("stops", [values["origin_address"], values["destination_address"]])
        values.setdefault("source", kept({name: values[name] for name in FIELDS}))
        return TruckJourney(**values)


def card_of(actor: Actor, journey_id: int) -> Card:
    """The journey's card as the actor sees it, with an application context around."""
    return queries.journey(actor, journey_id).card


def told(actor: Actor, journey_id: int) -> list[str]:
    """The journey's history, newest first."""
    return [event.text for event in queries.history(actor, journey_id)]


def _stored(session: Session, rows: list[Row]) -> list[Row]:
    session.add_all(rows)
    session.flush()
    for row in rows:
        session.refresh(row)
        session.expunge(row)
    return rows


def _assign(session: Session, journeys: list[TruckJourney], people: Iterable[Person], trucks: Iterable[Truck]) -> None:
    for journey in journeys:
        for person in people:
            session.add(JourneyCrew(journey_id=journey.id, user_id=person.user_id, assigned_at=CREATED_AT))
        for truck in trucks:
            session.add(JourneyTruck(journey_id=journey.id, truck_id=truck.id, assigned_at=CREATED_AT))
