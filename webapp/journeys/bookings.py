"""Reading who and what is held when, across all locations of a company, so that clashes are seen."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_company
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Permission
from webapp.journeys.cards import label_of
from webapp.journeys.models import JourneyCrew, JourneyTruck, Truck, TruckJourney
from webapp.journeys.spans import Booking, Clash, Kind, busy, clashes


def clashes_on(session: Session, actor: Actor, days: Collection[date]) -> dict[int, tuple[Clash, ...]]:
    """The clashes of those days by journey, in two queries. Journeys out of the actor's sight are not named.

    For the desk only: a crew is not told where its colleagues are.
    """
    if not actor.may(Permission.VIEW_JOBS) or not days:
        return {}
    on_days = _on_board(actor, days)
    people = JourneyCrew.user_id.in_(_held_twice(JourneyCrew, JourneyCrew.user_id, on_days))
    trucks = JourneyTruck.truck_id.in_(_held_twice(JourneyTruck, JourneyTruck.truck_id, on_days))
    return dict(clashes(_bookings(session, actor, [*on_days, people], [*on_days, trucks])))


def bookings_on(session: Session, actor: Actor, day: date) -> list[Booking]:
    """Everything that is held on a day, in two queries: for choosing who and what is still free."""
    on_day = _on_board(actor, [day])
    return _bookings(session, actor, on_day, on_day)


def _on_board(actor: Actor, days: Collection[date]) -> list[ColumnElement[bool]]:
    return [
        in_company(actor, TruckJourney.company_id),
        TruckJourney.scheduled_date.in_(sorted(days)),
        TruckJourney.on_board.is_(True),
    ]


def _held_twice(
    holding: type[JourneyCrew] | type[JourneyTruck], holder: Any, on_days: list[ColumnElement[bool]]
) -> Select[tuple[int]]:
    """Who has more than one journey on a day: nobody else can clash, and these are few."""
    return (
        select(holder)
        .join(TruckJourney, TruckJourney.id == holding.journey_id)
        .where(*on_days)
        .group_by(holder, TruckJourney.scheduled_date)
        .having(func.count() > 1)
    )


def _bookings(
    session: Session, actor: Actor, crew_where: list[ColumnElement[bool]], truck_where: list[ColumnElement[bool]]
) -> list[Booking]:
    crew = _of_journey(User.id, User.name).join(JourneyCrew, JourneyCrew.user_id == User.id)
    trucks = _of_journey(Truck.id, Truck.name).join(JourneyTruck, JourneyTruck.truck_id == Truck.id)
    found = []
    for kind, statement, holding, where in (
        (Kind.PERSON, crew, JourneyCrew, crew_where),
        (Kind.TRUCK, trucks, JourneyTruck, truck_where),
    ):
        rows = session.execute(
            statement.join(TruckJourney, TruckJourney.id == holding.journey_id)
            .join(Location, Location.id == TruckJourney.location_id)
            .where(*where)
        )
        found += [_booking(actor, kind, row) for row in rows]
    return found


def _of_journey(holder_id: Any, name: Any) -> Select[*tuple[Any, ...]]:
    return select(
        holder_id.label("holder_id"),
        name.label("name"),
        TruckJourney.id.label("journey_id"),
        TruckJourney.company_id,
        TruckJourney.scheduled_date,
        TruckJourney.arrival_start,
        TruckJourney.arrival_end,
        TruckJourney.minutes_needed,
        TruckJourney.job_number,
        TruckJourney.customer_name,
        Location.name.label("location"),
    )


def _booking(actor: Actor, kind: Kind, row: Row[Any]) -> Booking:
    return Booking(
        journey_id=row.journey_id,
        span=busy(row.scheduled_date, row.arrival_start, row.arrival_end, row.minutes_needed),
        kind=kind,
        id=row.holder_id,
        name=row.name,
        label=label_of(row.job_number, row.customer_name),
        is_shown=actor.reaches(row.company_id, row.location),
    )
