"""Who and what can be put on a journey, and what each of them would clash with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor, in_scope
from webapp.accounts.models import Location, User, user_locations
from webapp.accounts.permissions import Permission
from webapp.db import db
from webapp.journeys.bookings import bookings_on
from webapp.journeys.cards import Card
from webapp.journeys.crews import CREW_ROLES
from webapp.journeys.models import Truck
from webapp.journeys.spans import Booking, Clash, Kind, Place, busy, clashes

# No journey: what would be held, were it chosen.
_SUPPOSED = 0


@dataclass(frozen=True)
class CrewChoice:
    """A driver or mover who could be on a crew. `clashes`: what else holds them then."""

    id: int
    name: str
    role: str
    is_assigned: bool = False
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True)
class TruckChoice:
    """A truck in use that could be on a journey. `clashes`: what else holds it then."""

    id: int
    name: str
    is_assigned: bool = False
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True)
class TruckRow:
    """A truck as the page of trucks lists it."""

    id: int
    name: str
    location: str
    is_active: bool


def crew_choices(
    actor: Actor, location: str | None = None, *, role: str | None = None, card: Card | None = None
) -> list[CrewChoice]:
    """Active drivers and movers of a location in scope (None: of any), by role and name. Raises `Forbidden`.

    With a `card`: those who could be on that journey or are, with what they would clash with.
    """
    actor.require(Permission.EDIT_JOBS)
    statement = _people(actor)
    if location is not None:
        statement = statement.where(Location.name == location)
    if role is not None:
        statement = statement.where(User.role == role)
    if card is not None:
        statement = statement.where(Location.id == card.location_id)
    choices = [CrewChoice(row.id, row.name, row.role) for row in db.session.execute(statement)]
    if card is None:
        return choices
    assigned = [CrewChoice(person.id, person.name, person.role, is_assigned=True) for person in card.crew]
    known = {choice.id for choice in assigned}
    everybody = sorted([*assigned, *(one for one in choices if one.id not in known)], key=_by_role)
    held = _held(db.session(), actor, card, Kind.PERSON, {one.id: one.name for one in everybody})
    return [replace(one, clashes=held.get(one.id, ())) for one in everybody]


def truck_choices(actor: Actor, location: str | None = None, *, card: Card | None = None) -> list[TruckChoice]:
    """Trucks in use of a location in scope (None: of any), by name; with a `card` as `crew_choices`."""
    actor.require(Permission.EDIT_JOBS)
    in_use = [row for row in trucks(actor, location) if row.is_active]
    if card is None:
        return [TruckChoice(row.id, row.name) for row in in_use]
    own = {row.id for row in in_use if row.location == card.location}
    assigned = {truck.id: truck.name for truck in card.trucks}
    named = {**{row.id: row.name for row in in_use if row.id in own}, **assigned}
    held = _held(db.session(), actor, card, Kind.TRUCK, named)
    return [
        TruckChoice(truck_id, name, truck_id in assigned, held.get(truck_id, ()))
        for truck_id, name in sorted(named.items(), key=lambda item: (item[1].casefold(), item[0]))
    ]


def trucks(actor: Actor, location: str | None = None) -> list[TruckRow]:
    """All trucks of the locations in scope, or of one of them, by location and name. Raises `Forbidden`."""
    actor.require(Permission.VIEW_JOBS)
    statement = (
        select(Truck.id, Truck.name, Location.name, Truck.is_active)
        .join(Location, Location.id == Truck.location_id)
        .where(in_scope(actor, Truck.company_id, Location.name))
        .order_by(Location.name, Truck.name, Truck.id)
    )
    if location is not None:
        statement = statement.where(Location.name == location)
    return [TruckRow(*row) for row in db.session.execute(statement)]


def _people(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(User.id, User.name, User.role)
        .join(user_locations, user_locations.c.user_id == User.id)
        .join(Location, Location.id == user_locations.c.location_id)
        .where(User.is_active, User.role.in_(CREW_ROLES), in_scope(actor, User.company_id, Location.name))
        .distinct()
        .order_by(User.role, User.name, User.id)
    )


def _by_role(choice: CrewChoice) -> tuple[str, str, int]:
    return choice.role, choice.name, choice.id


def _held(
    session: Session, actor: Actor, card: Card, kind: Kind, named: Mapping[int, str]
) -> dict[int, tuple[Clash, ...]]:
    """What each of them would clash with on the card's journey, by the same definition that flags clashes."""
    span = busy(card.scheduled_date, card.arrival_start, card.arrival_end, card.minutes_needed)
    taken = [
        booking
        for booking in bookings_on(session, actor, [card.scheduled_date])
        if booking.kind is kind and booking.id in named and booking.place.journey_id != card.id
    ]
    supposed = [Booking(kind, each, name, Place(_SUPPOSED, span, "")) for each, name in named.items()]
    found: dict[int, tuple[Clash, ...]] = {}
    for clash in clashes([*taken, *supposed]).get(_SUPPOSED, ()):
        found[clash.id] = (*found.get(clash.id, ()), clash)
    return found
