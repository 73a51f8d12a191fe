"""Who takes part and what there is to work with: people, vehicles, partners, branches, jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import func, select

from tests.rows import People, Person
from webapp import clock
from webapp.accounts.models import Location
from webapp.accounts.permissions import Role
from webapp.db import close_reading, db, writing
from webapp.fleet.models import ApprovedMake, Partner, Vehicle
from webapp.journeys.models import JourneyCrew, Truck, TruckJourney

# Schedulers of one office meet over its vehicles; these few are wanted more than the others.
OFFICES, HOT = 4, 8
BRANCHES, CREWS, TRUCKS = 8, 8, 4


@dataclass(frozen=True)
class Office:
    """An office: its vehicles (VIN and make), and for each make the partners that FMS lists for it."""

    name: str
    vehicles: Sequence[tuple[str, str]]
    partners: Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Branch:
    """A branch of the movers: its jobs, and who and what can be sent."""

    name: str
    journeys: Sequence[int]
    crew: Sequence[int]
    trucks: Sequence[int]


@dataclass(frozen=True)
class Cast:
    """Everybody and everything. `days` are those on which loans may begin: weekdays from tomorrow on."""

    schedulers: Sequence[tuple[Person, Office]]
    dispatchers: Sequence[tuple[Person, Branch]]
    crews: Sequence[tuple[Person, Branch]]
    operator: Person
    days: Sequence[date]


def assembled(app: Flask, schedulers: int, dispatchers: int) -> Cast:
    """Add the people, the trucks and the crews to the database; what there is, as everybody knows it."""
    people = People(app)
    with app.app_context():
        offices = _offices()
        names = _largest_branches()
        today = clock.today(app.extensions["settings"].zone)
    crews = [
        (people(Role.DRIVER if number % 2 else Role.MOVER, locations=[names[number % len(names)]]))
        for number in range(CREWS)
    ]
    with app.app_context():
        branches = [_branch(name, [one for one in crews if name in one.locations]) for name in names]
    by_name = {branch.name: branch for branch in branches}
    return Cast(
        schedulers=[
            (people(Role.SCHEDULER, locations=[offices[number % len(offices)].name]), offices[number % len(offices)])
            for number in range(schedulers)
        ],
        dispatchers=[
            (people(Role.DISPATCHER, locations=[names[number % len(names)]]), branches[number % len(names)])
            for number in range(dispatchers)
        ],
        crews=[(one, by_name[next(iter(one.locations))]) for one in crews],
        operator=people(Role.SUPER_ADMIN),
        days=[day for day in (today + timedelta(days=ahead) for ahead in range(1, 60)) if day.weekday() < 5],
    )


def _offices() -> list[Office]:
    rows = db.session.execute(
        select(Vehicle.office, Vehicle.vin, Vehicle.make).where(Vehicle.vehicle_id.is_not(None)).order_by(Vehicle.vin)
    ).all()
    approvals = db.session.execute(
        select(ApprovedMake.make, ApprovedMake.person_id, Partner.office)
        .join(Partner, Partner.person_id == ApprovedMake.person_id)
        .order_by(ApprovedMake.person_id)
    ).all()
    close_reading()
    vehicles: dict[str, list[tuple[str, str]]] = {}
    for office, vin, make in rows:
        vehicles.setdefault(office, []).append((vin, make))
    largest = sorted(vehicles, key=lambda office: -len(vehicles[office]))[:OFFICES]
    found = []
    for office in largest:
        partners: dict[str, list[int]] = {}
        for make, person_id, home in approvals:
            if home == office:
                partners.setdefault(make, []).append(person_id)
        usable = [pair for pair in vehicles[office] if partners.get(pair[1])]
        found.append(Office(office, usable, partners))
    return found


def _largest_branches() -> list[str]:
    """Those with most jobs on their boards of today and tomorrow, as far as any have."""
    counted = db.session.execute(
        select(Location.name, func.count())
        .join(TruckJourney, TruckJourney.location_id == Location.id)
        .where(TruckJourney.on_board)
        .group_by(Location.name)
        .order_by(func.count().desc(), Location.name)
        .limit(BRANCHES)
    ).all()
    close_reading()
    return [name for name, _ in counted]


def _branch(name: str, crew: Sequence[Person]) -> Branch:
    """The branch with trucks, and somebody on each of its first jobs."""
    with writing() as session:
        location = session.scalars(select(Location).where(Location.name == name)).one()
        trucks = [
            Truck(company_id=location.company_id, location_id=location.id, name=f"Truck {number}", is_active=True)
            for number in range(1, TRUCKS + 1)
        ]
        session.add_all(trucks)
        session.flush()
        journeys = session.scalars(
            select(TruckJourney.id)
            .where(TruckJourney.location_id == location.id, TruckJourney.on_board)
            .order_by(TruckJourney.id)
        ).all()
        for journey_id in journeys[:4]:
            session.add_all(
                JourneyCrew(journey_id=journey_id, user_id=one.user_id, assigned_at=clock.now()) for one in crew
            )
        return Branch(name, list(journeys), [one.user_id for one in crew], [truck.id for truck in trucks])
