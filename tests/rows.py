"""People and fleet rows that tests put into a database, with defaults that make sense together."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.models import Company, Location, User
from webapp.accounts.permissions import Role
from webapp.db import Base, writing
from webapp.fleet.models import Activity, ApprovedMake, LoanHistory, Partner, Vehicle
from webapp.loans.models import Assignment
from webapp.loans.states import Status

OFFICE = "Los Angeles"
PASSWORD = "a password for tests"
# As weak as argon2 allows: tests prove who gets in, not how long a thief would need.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = CHEAP_HASHER.hash(PASSWORD)
CREATED_AT = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in to the application under test."""

    user_id: int
    email: str
    name: str
    role: Role
    company_id: int
    fms_user_id: int | None
    locations: frozenset[str]
    password: str = PASSWORD

    @property
    def actor(self) -> Actor:
        """The person as services know them."""
        return Actor(self.user_id, self.name, self.role, self.company_id, self.fms_user_id, self.locations)


class People:
    """Adds people to one application: `people(role=Role.SCHEDULER, locations=["Los Angeles"])`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._numbers = itertools.count(1)

    def __call__(
        self,
        role: Role | str = Role.SCHEDULER,
        *,
        locations: list[str] | None = None,
        fms_user_id: int | None = 1949,
        company: str | None = None,
        name: str | None = None,
        email: str | None = None,
        is_active: bool = True,
        must_change_password: bool = False,
    ) -> Person:
        """A person with that role at those offices (none given: Los Angeles) of a company (the settings')."""
        number = next(self._numbers)
        places = [OFFICE] if locations is None else locations
        with self._app.app_context(), writing() as session:
            company_id = company_id_of(session, self._app, company)
            user = User(
                company_id=company_id,
                email=email or f"person{number}@example.com",
                name=name or f"Person {number}",
                role=str(Role(role)),
                password_hash=PASSWORD_HASH,
                fms_user_id=fms_user_id,
                is_active=is_active,
                must_change_password=must_change_password,
                created_at=CREATED_AT,
                locations=[office_named(session, company_id, place) for place in places],
            )
            session.add(user)
            session.flush()
            return Person(user.id, user.email, user.name, Role(role), company_id, fms_user_id, frozenset(places))


class Fleet:
    """Adds rows of the fleet to one application; each comes back detached, with all columns loaded."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._numbers = itertools.count(1)

    def add_vehicle(self, vin: str | None = None, **columns: Any) -> Vehicle:
        """A vehicle of Los Angeles; `vin` and `vehicle_id` are made up where not given."""
        return self.add_vehicles(1, vin=vin, **columns)[0]

    def add_vehicles(self, count: int, **columns: Any) -> list[Vehicle]:
        """`count` vehicles in one transaction."""
        return self._store([self._vehicle(dict(columns)) for _ in range(count)])

    def add_partner(self, name: str | None = None, **columns: Any) -> Partner:
        """A partner of Los Angeles; `person_id` is made up where not given."""
        number = next(self._numbers)
        values: dict[str, Any] = {
            "person_id": 3000 + number,
            "name": name or f"Partner Nr{number}",
            "address": "",
            "office": OFFICE,
            "default_loan_region": OFFICE,
            "notes_instructions": "",
            "affiliation": "Weekly Torque",
            **columns,
        }
        return self._store([Partner(**values)])[0]

    def add_activity(
        self,
        vehicle: Vehicle | str,
        partner: Partner | None = None,
        *,
        start_day: date = DAY,
        end_day: date | None = None,
        **columns: Any,
    ) -> Activity:
        """What FMS's calendar has for a vehicle (or a VIN): a week's loan, or a hold without a partner."""
        number = next(self._numbers)
        values: dict[str, Any] = {
            "activity_id": 700_000 + number,
            "person_id": partner.person_id if partner else None,
            "vin": vehicle if isinstance(vehicle, str) else vehicle.vin,
            "activity_type": "Loan" if partner else "Hold",
            "start_day": start_day,
            "end_day": end_day or start_day + timedelta(days=7),
            "to": partner.name if partner else "",
            "partner_address": "",
            "region": OFFICE,
            **columns,
        }
        return self._store([Activity(**values)])[0]

    def add_history(
        self, vehicle: Vehicle, partner: Partner, *, start_day: date, end_day: date | None = None, **columns: Any
    ) -> LoanHistory:
        """A loan of a week that is over, as FMS's history has it; nothing is known of what was published."""
        values: dict[str, Any] = {
            "activity_id": 600_000 + next(self._numbers),
            "vin": vehicle.vin,
            "person_id": partner.person_id,
            "make": vehicle.make,
            "model": vehicle.model,
            "year": vehicle.year,
            "model_short_name": vehicle.model_short_name,
            "start_day": start_day,
            "end_day": end_day or start_day + timedelta(days=7),
            "office": vehicle.office,
            "name": partner.name,
            "partner_address": "",
            "region": vehicle.office,
            **columns,
        }
        return self._store([LoanHistory(**values)])[0]

    def approve_make(self, partner: Partner, make: str, rank: str = "A", **columns: Any) -> ApprovedMake:
        """Let a partner borrow a make."""
        values = {"person_id": partner.person_id, "name": partner.name, "make": make, "rank": rank, **columns}
        return self._store([ApprovedMake(**values)])[0]

    def add_loan(
        self,
        vehicle: Vehicle,
        partner: Partner,
        *,
        start_day: date = DAY,
        end_day: date | None = None,
        status: Status | str = Status.MANUAL,
        **columns: Any,
    ) -> Assignment:
        """A loan of ours as if planned earlier, past every rule but those of the database."""
        green = status if status in (Status.MANUAL, Status.PLANNED) else Status.MANUAL
        values: dict[str, Any] = {
            "fleet_vehicle_id": vehicle.id,
            "person_id": partner.person_id,
            "partner_name": partner.name,
            "office": vehicle.office,
            "start_day": start_day,
            "end_day": end_day or start_day + timedelta(days=7),
            "status": str(status),
            "green_status": str(green),
            "version": 1,
            "created_at": CREATED_AT,
            "updated_at": CREATED_AT,
            **columns,
        }
        return self._store([Assignment(**values)])[0]

    def add_weeks(self, vehicles: Sequence[Vehicle], partner: Partner, *, weeks: int) -> None:
        """Loans of a week, one after another from DAY on, requested, of each of `vehicles`; in one transaction."""
        with self._app.app_context(), writing() as session:
            company_id = company_id_of(session, self._app)
            session.add_all(
                Assignment(
                    company_id=company_id,
                    fleet_vehicle_id=vehicle.id,
                    person_id=partner.person_id,
                    partner_name=partner.name,
                    office=vehicle.office,
                    start_day=DAY + timedelta(weeks=week),
                    end_day=DAY + timedelta(weeks=week + 1),
                    status=Status.REQUESTED,
                    green_status=Status.MANUAL,
                    created_at=CREATED_AT,
                    updated_at=CREATED_AT,
                )
                for vehicle in vehicles
                for week in range(weeks)
            )

    def _vehicle(self, columns: dict[str, Any]) -> Vehicle:
        number = next(self._numbers)
        if columns.get("vin") is None:
            columns["vin"] = f"WAUZZZ8V0KA{number:06d}"
        values: dict[str, Any] = {
            "vehicle_id": 89_000 + number,
            "year": 2026,
            "make": "Audi",
            "model": "A3 Premium Plus",
            "model_short_name": "A3",
            "office": OFFICE,
            "fleet": "Audi PR - Press",
            "notes": "",
            "color": "Silver",
            **columns,
        }
        return Vehicle(**values)

    def _store(self, rows: list[Row]) -> list[Row]:
        with self._app.app_context(), writing() as session:
            company_id = company_id_of(session, self._app)
            for row in rows:
                if getattr(row, "company_id", None) is None:
                    row.company_id = company_id  # type: ignore[attr-defined]
                if "office" in row.__mapper__.columns:
                    office_named(session, row.company_id, row.office)  # type: ignore[attr-defined]
            session.add_all(rows)
            session.flush()
            for row in rows:
                session.refresh(row)
            session.expunge_all()
            return rows


def company_id_of(session: Session, app: Flask, name: str | None = None) -> int:
    """The id of the company of that name (default: the settings'), made when it is not there."""
    wanted = name or app.extensions["settings"].company_name
    company = session.scalar(select(Company).where(Company.name == wanted))
    if company is None:
        company = Company(name=wanted)
        session.add(company)
        session.flush()
    return company.id


def office_named(session: Session, company_id: int, name: str) -> Location:
    """An office of a company, made when it is not there."""
    office = session.scalar(select(Location).where(Location.company_id == company_id, Location.name == name))
    if office is None:
        office = Location(company_id=company_id, name=name, is_office=True)
        session.add(office)
        session.flush()
    return office
