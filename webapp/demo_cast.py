"""Who and what the demo starts with beside the stand-ins' data: people to sign in as, trucks, a few crews assigned."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from webapp.accounts import service
from webapp.accounts.actor import Actor
from webapp.accounts.models import Location, User
from webapp.accounts.permissions import Role
from webapp.accounts.queries import actor_of
from webapp.db import close_reading, db
from webapp.journeys import queries as journeys
from webapp.journeys import service as journeys_service
from webapp.journeys.cards import Card, Wanted
from webapp.journeys.models import JourneyCrew, Truck
from webapp.journeys.stages import Stage

PASSWORD = "motorpool-demo"
PHOENIX, SPRINGFIELD = "Phoenix", "Springfield"
# The people of the second branch work at both: one of their jobs is double-booked, to be seen and put right.
ASSIGNED_TODAY = {PHOENIX: 2, SPRINGFIELD: 1}
BOOKED = 4
TRUCKS = {PHOENIX: ("Truck 11", "Truck 12", "Truck 14"), SPRINGFIELD: ("Truck 3", "Truck 5")}


@dataclass(frozen=True)
class Guest:
    """Somebody invented to sign in as. `remark` says what to try as them; `is_of_branches`: works with jobs."""

    email: str
    name: str
    role: Role
    locations: tuple[str, ...] = ()
    fms_user_id: int | None = None
    remark: str = ""
    is_of_branches: bool = False


GUESTS = (
    Guest(
        "scheduler@example.com",
        "Marisol Tennant",
        Role.SCHEDULER,
        ("Los Angeles",),
        1949,
        "plans and requests loans of Los Angeles",
    ),
    Guest(
        "scheduler2@example.com",
        "Gideon Farrow",
        Role.SCHEDULER,
        ("Los Angeles", "San Francisco"),
        1952,
        "the colleague at the next desk",
    ),
    Guest(
        "scheduler3@example.com",
        "Wendell Imrie",
        Role.SCHEDULER,
        ("Miami",),
        None,
        "has no FMS id: cannot send requests",
    ),
    Guest("manager@example.com", "Priya Lockhart", Role.MANAGER, ("New York", "Boston", "Phoenix"), 1957),
    Guest("auditor@example.com", "Ansel Brightwater", Role.AUDITOR, remark="sees everything, changes nothing"),
    Guest("admin@example.com", "Corinne Vasquez-Holt", Role.ADMIN, remark="manages the users"),
    Guest("super@example.com", "Thaddeus Marlowe", Role.SUPER_ADMIN, remark="may do everything"),
    Guest(
        "dispatcher@example.com",
        "Odette Farnham",
        Role.DISPATCHER,
        (PHOENIX, SPRINGFIELD),
        remark="assigns crews and trucks to the movers' jobs",
        is_of_branches=True,
    ),
    Guest("dispatcher2@example.com", "Rufus Halloway", Role.DISPATCHER, (PHOENIX,), is_of_branches=True),
    Guest(
        "driver@example.com",
        "Benedikt Marsh",
        Role.DRIVER,
        (PHOENIX,),
        remark="sees the jobs assigned to them: try it on a phone",
        is_of_branches=True,
    ),
    Guest("driver2@example.com", "Salome Quade", Role.DRIVER, (PHOENIX, SPRINGFIELD), is_of_branches=True),
    Guest("mover@example.com", "Lucan Pryce", Role.MOVER, (PHOENIX,), is_of_branches=True),
    Guest("mover2@example.com", "Tamsin Okoro-Vale", Role.MOVER, (PHOENIX, SPRINGFIELD), is_of_branches=True),
)


def operator(app: Flask) -> Actor:
    """Whoever prepares the demo: nobody who signs in."""
    company_id = service.ensure_company(app.extensions["settings"].company_name)
    return Actor(user_id=None, name="Demo", role=Role.SUPER_ADMIN, company_id=company_id)


def invite(app: Flask) -> None:
    """Add the guests that are not there yet. Branches come with SmartMoving's jobs: none is invented for a guest."""
    host = operator(app)
    company_id = host.company_id
    known = set(db.session.scalars(select(User.email)))
    places = set(db.session.scalars(select(Location.name).where(Location.company_id == company_id)))
    close_reading()
    for guest in GUESTS:
        if guest.email not in known:
            service.create_user(
                host,
                company_id=company_id,
                email=guest.email,
                name=guest.name,
                role=guest.role,
                password=PASSWORD,
                locations=tuple(name for name in guest.locations if name in places or not guest.is_of_branches),
                fms_user_id=guest.fms_user_id,
            )


def set_the_scene() -> None:
    """Give the branches trucks, and some of today's and tomorrow's jobs a crew; nothing where that was done before."""
    is_set = db.session.scalar(select(Truck.id).limit(1)) or db.session.scalar(select(JourneyCrew.user_id).limit(1))
    dispatcher = _acting("dispatcher@example.com")
    close_reading()
    if is_set or dispatcher is None:
        return
    for branch in sorted(TRUCKS.keys() & dispatcher.locations):
        trucks = [journeys_service.add_truck(dispatcher, branch, name) for name in TRUCKS[branch]]
        for wanted, count in ((Wanted("today", branch), ASSIGNED_TODAY[branch]), (Wanted("tomorrow", branch), 1)):
            # Rather what is still to be done than what SmartMoving says is done.
            found = sorted(journeys.journeys_on(dispatcher, wanted), key=lambda card: card.source_status != BOOKED)
            cards = found[:count]
            close_reading()
            _assign(dispatcher, branch, cards, trucks)


def _assign(dispatcher: Actor, branch: str, cards: Sequence[Card], trucks: Sequence[int]) -> None:
    """A driver and a mover for each, one truck each; the first of the day is on its way."""
    drivers, movers = _people(Role.DRIVER, branch), _people(Role.MOVER, branch)
    close_reading()
    if not drivers or not movers:
        return
    for number, card in enumerate(cards):
        pair = [drivers[number % len(drivers)], movers[number % len(movers)]]
        journeys_service.set_crew(dispatcher, card.id, pair)
        journeys_service.set_trucks(dispatcher, card.id, [trucks[number % len(trucks)]])
        if len(cards) > 1 and number == 0:
            journeys_service.move_stage(dispatcher, card.id, Stage.EN_ROUTE)


def _people(role: Role, branch: str) -> list[int]:
    return list(
        db.session.scalars(
            select(User.id)
            .where(User.role == role, User.is_active, User.locations.any(Location.name == branch))
            .order_by(User.id)
        )
    )


def _acting(email: str) -> Actor | None:
    found = db.session.scalar(select(User.id).where(User.email == email))
    return actor_of(found) if found is not None else None
