"""The trucks of a location, kept by the desk: SmartMoving knows nothing of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Location
from webapp.accounts.permissions import Permission
from webapp.db import writing
from webapp.errors import NotFound
from webapp.journeys.entries import plain
from webapp.journeys.errors import NameTaken, invalid
from webapp.journeys.marks import bump
from webapp.journeys.models import Truck

LONGEST_NAME = 60
NO_LOCATION = "There is no such location, or you may not see it."
NO_TRUCK = "There is no such truck, or you may not see it."


def add_truck(actor: Actor, location: str, name: str) -> int:
    """Add a truck at the location of that name in the actor's company; its id.

    Raises `Forbidden`, `NotFound` for a location out of scope, `InvalidInput` (field `name`), `NameTaken`.
    """
    actor.require(Permission.EDIT_JOBS)
    called = plain(location)
    if not actor.reaches(actor.company_id, called):
        raise NotFound(NO_LOCATION)
    with _unique(name, called), writing() as session:
        place = session.scalar(select(Location).where(Location.company_id == actor.company_id, Location.name == called))
        if place is None:
            raise NotFound(NO_LOCATION)
        truck = Truck(company_id=place.company_id, location_id=place.id, name=_name(session, place, name))
        session.add(truck)
        session.flush()
        bump(session, place.company_id)
        return truck.id


def rename_truck(actor: Actor, truck_id: int, name: str) -> None:
    """Give a truck another name. Raises as `add_truck` does."""
    with _unique(name, "its location"), writing() as session:
        truck, place = _truck(session, actor, truck_id)
        if truck.name != name.strip():
            truck.name = _name(session, place, name, but=truck)
            session.flush()
            bump(session, place.company_id)


def set_truck_active(actor: Actor, truck_id: int, is_active: bool) -> None:
    """Take a truck out of use, or back into it: what it is on already stays. Raises `Forbidden`, `NotFound`."""
    with writing() as session:
        truck, place = _truck(session, actor, truck_id)
        if truck.is_active is not is_active:
            truck.is_active = is_active
            session.flush()
            bump(session, place.company_id)


def _truck(session: Session, actor: Actor, truck_id: int) -> tuple[Truck, Location]:
    actor.require(Permission.EDIT_JOBS)
    row = session.execute(
        select(Truck, Location)
        .join(Location, Location.id == Truck.location_id)
        .where(Truck.id == truck_id)
        .with_for_update(of=Truck)
    ).one_or_none()
    if row is None or not actor.reaches(row.Truck.company_id, row.Location.name):
        raise NotFound(NO_TRUCK)
    return row.Truck, row.Location


def _name(session: Session, place: Location, name: str, *, but: Truck | None = None) -> str:
    """The name, tidied, that no other truck of the place has, upper and lower case alike."""
    wanted = " ".join(plain(name).split())
    if not wanted or len(wanted) > LONGEST_NAME:
        raise invalid("name", f"needs 1 to {LONGEST_NAME} characters")
    others = session.execute(select(Truck.id, Truck.name).where(Truck.location_id == place.id))
    if any(row.name.casefold() == wanted.casefold() for row in others if but is None or row.id != but.id):
        raise NameTaken(wanted, place.name)
    return wanted


@contextmanager
def _unique(name: str, location: str) -> Iterator[None]:
    """Where somebody else was quicker than our look, the database's own guard says so."""
    try:
        yield
    except IntegrityError as error:
        raise NameTaken(plain(name).strip()[:LONGEST_NAME], location) from error
