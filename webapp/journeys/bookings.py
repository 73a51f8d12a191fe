"""Reading who and what is held when, across all locations of a company, so that clashes are seen."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User
from webapp.journeys.cards import label_of
from webapp.journeys.models import JourneyCrew, JourneyTruck, Truck, TruckJourney
from webapp.journeys.scope import of_companies
from webapp.journeys.spans import Booking, Kind, Place, busy

# The ids of people and of trucks.
Held = Mapping[Kind, Collection[int]]


def bookings_on(session: Session, actor: Actor, days: Collection[date]) -> list[Booking]:
    """Everything that is held on those days, in two queries. Journeys out of the actor's sight are not named."""
    return [*_people(session, actor, days), *_trucks(session, actor, days)]


def bookings_elsewhere(
    session: Session, actor: Actor, days: Collection[date], held: Held, journeys: Collection[int]
) -> list[Booking]:
    """What these people and trucks are on beside `journeys` on those days: few rows, in two queries at the most."""
    elsewhere = TruckJourney.id.not_in(journeys)
    # Plus nothing: SQLite would otherwise go through all that each of them has ever been on, not through the day.
    found: list[Booking] = []
    if people := held[Kind.PERSON]:
        found += _people(session, actor, days, elsewhere, (JourneyCrew.user_id + 0).in_(people))
    if trucks := held[Kind.TRUCK]:
        found += _trucks(session, actor, days, elsewhere, (JourneyTruck.truck_id + 0).in_(trucks))
    return found


def place_of(row: Any, *, is_shown: bool = True) -> Place:
    """A journey, given by anything with its columns, as it holds people and trucks."""
    span = busy(row.scheduled_date, row.arrival_start, row.arrival_end, row.minutes_needed)
    return Place(row.id, span, label_of(row.job_number, row.customer_name), is_shown)


def _people(
    session: Session, actor: Actor, days: Collection[date], *conditions: ColumnElement[bool]
) -> Iterator[Booking]:
    statement = (
        _places(User.id, User.name)
        .join(JourneyCrew, JourneyCrew.user_id == User.id)
        .join(TruckJourney, TruckJourney.id == JourneyCrew.journey_id)
    )
    return _read(session, actor, Kind.PERSON, statement, days, conditions)


def _trucks(
    session: Session, actor: Actor, days: Collection[date], *conditions: ColumnElement[bool]
) -> Iterator[Booking]:
    statement = (
        _places(Truck.id, Truck.name)
        .join(JourneyTruck, JourneyTruck.truck_id == Truck.id)
        .join(TruckJourney, TruckJourney.id == JourneyTruck.journey_id)
    )
    return _read(session, actor, Kind.TRUCK, statement, days, conditions)


def _places(holder_id: Any, name: Any) -> Select[*tuple[Any, ...]]:
    return select(
        holder_id.label("holder_id"),
        name.label("name"),
        TruckJourney.id,
        TruckJourney.company_id,
        TruckJourney.scheduled_date,
        TruckJourney.arrival_start,
        TruckJourney.arrival_end,
        TruckJourney.minutes_needed,
        TruckJourney.job_number,
        TruckJourney.customer_name,
        Location.name.label("location"),
    )


def _read(
    session: Session,
    actor: Actor,
    kind: Kind,
    statement: Select[*tuple[Any, ...]],
    days: Collection[date],
    conditions: Collection[ColumnElement[bool]],
) -> Iterator[Booking]:
    rows = session.connection().execute(
        statement.join(Location, Location.id == TruckJourney.location_id).where(
            of_companies(actor),
            TruckJourney.scheduled_date.in_(sorted(days)),
            TruckJourney.on_board.is_(True),
            *conditions,
        )
    )
    return (_booking(actor, kind, row) for row in rows)


def _booking(actor: Actor, kind: Kind, row: Row[Any]) -> Booking:
    return Booking(kind, row.holder_id, row.name, place_of(row, is_shown=actor.reaches(row.company_id, row.location)))
