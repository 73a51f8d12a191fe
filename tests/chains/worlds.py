"""Small random worlds in a real database: spellings that differ, people at two offices, loans that are known twice.

Every world is a company of its own, so that one database holds as many as a test wants.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from webapp.accounts.actor import Actor
from webapp.accounts.models import Company, Location, User
from webapp.accounts.permissions import Role
from webapp.db import Base, writing
from webapp.fleet.makes import make_key
from webapp.fleet.models import (
    Activity,
    ApprovedMake,
    Budget,
    Holiday,
    LoanCost,
    LoanHistory,
    Partner,
    PublicationRate,
    Rule,
    Vehicle,
)
from webapp.loans.models import Assignment, SoftHold
from webapp.loans.states import Status

# Thursday; worlds are asked about from the Monday after next, and across New Year.
TODAY = date(2026, 11, 19)
START = date(2026, 12, 7)
NOW = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
HOME, AWAY = "Los Angeles", "San Diego"
# Both spellings of a make occur, in every kind of row.
MAKES = (("Audi", "AUDI"), ("Volkswagen", "VW"), ("Land Rover", "Range  Rover"), ("Lexus", "lexus "))
MODELS = ("One", "Two", "Three")
RANKS = ("A+", "A", "B", "C", "D", "Pending")
ANGELENO, BORDER, FAR = (34.05, -118.24), (33.2, -117.4), (37.77, -122.42)


@dataclass
class World:
    """What was put into the database; `actor` sees all of it."""

    actor: Actor
    vehicles: list[Vehicle]
    partners: list[Partner]

    @property
    def home_vins(self) -> list[str]:
        """The VINs that stand at `HOME`, in FMS's list."""
        return sorted(one.vin for one in self.vehicles if one.office == HOME and one.gone_at is None)

    @property
    def known_people(self) -> list[int]:
        """The person ids in FMS's list."""
        return sorted({one.person_id for one in self.partners if one.gone_at is None})


def build(seed: int, *, vehicles: int = 9, people: int = 7, is_crowded: bool = True) -> World:
    """A world out of a number; inside an application context. `is_crowded`: most things are in the way of others."""
    world = _Builder(Random(seed), seed, is_crowded)
    return world.build(vehicles, people)


class _Builder:
    """Makes the rows of one world."""

    def __init__(self, random: Random, seed: int, is_crowded: bool) -> None:
        self.random, self.seed, self.is_crowded = random, seed, is_crowded
        self.rows: list[Base] = []
        self.activity_id = 1000

    def build(self, vehicles: int, people: int) -> World:
        """Everything, in one transaction."""
        with writing() as session:
            company = Company(name=f"World {self.seed}")
            session.add(company)
            session.flush()
            self.company_id = company.id
            user, colleague = self._user("scheduler"), self._user("colleague")
            session.add_all([*self._offices(), user, colleague])
            fleet = [self._vehicle(number) for number in range(vehicles)]
            listed = [row for number in range(people) for row in self._listings(number)]
            session.add_all([*fleet, *listed])
            session.flush()
            self._terms(listed)
            self._past(fleet, listed)
            self._coming(fleet, listed, [user.id, colleague.id])
            session.add_all(self.rows)
            session.flush()
            for row in (*fleet, *listed, user):
                session.refresh(row)
            session.expunge_all()
        actor = Actor(user.id, "Scheduler", Role.ADMIN, self.company_id, None, frozenset({HOME}))
        return World(actor, fleet, listed)

    def _user(self, name: str) -> User:
        return User(
            company_id=self.company_id,
            email=f"{name}{self.seed}@example.com",
            name="Scheduler",
            role=Role.ADMIN,
            password_hash="",
            created_at=NOW,
        )

    def _offices(self) -> list[Location]:
        is_placed = self.random.random() < 0.85
        point = {"latitude": ANGELENO[0], "longitude": ANGELENO[1]} if is_placed else {}
        return [
            Location(company_id=self.company_id, name=HOME, is_office=True, **point),
            Location(company_id=self.company_id, name=AWAY, is_office=True),
        ]

    def _make(self) -> str:
        return self.random.choice(self.random.choice(MAKES))

    def _vehicle(self, number: int) -> Vehicle:
        random = self.random
        make = self._make()
        return Vehicle(
            company_id=self.company_id,
            vin=f"VIN{random.randrange(1000):03}{number:02}{self.seed % 1000:03}",
            vehicle_id=None if random.random() < 0.08 else 5000 + number,
            year=2026,
            make=make,
            model=random.choice(MODELS),
            model_short_name="",
            office=HOME if random.random() < 0.8 else AWAY,
            fleet="" if random.random() < 0.5 else f"{make} PR - Press",
            notes="",
            color=random.choice(["Silver", ""]),
            in_service_date=random.choice([None, None, date(2026, 12, 15)]),
            expected_turn_in_date=random.choice([None, None, date(2026, 12, 10)]),
            gone_at=NOW if random.random() < 0.05 else None,
        )

    def _listings(self, number: int) -> list[Partner]:
        random = self.random
        offices = random.choice([[HOME], [HOME], [AWAY], [HOME, AWAY]])
        point = random.choice([ANGELENO, BORDER, FAR, (34.3, -118.5), None])
        return [
            Partner(
                company_id=self.company_id,
                person_id=3000 + number,
                name=f"{random.choice(['Ann', 'Zoë'])} Nr{number}",
                address="",
                office=office,
                default_loan_region=random.choice([HOME, AWAY]),
                notes_instructions="",
                affiliation=random.choice(["Weekly Torque", ""]),
                latitude=point[0] + number / 100 if point else None,
                longitude=point[1] if point else None,
                gone_at=NOW if random.random() < 0.03 else None,
            )
            for office in offices
        ]

    def _terms(self, listed: list[Partner]) -> None:
        """Approvals, limits, money, holidays and what gets published."""
        random, mine = self.random, {"company_id": self.company_id}
        for person_id in sorted({one.person_id for one in listed}):
            # In an order that is the same in every process: each draws from `random`.
            for make in [name for names in MAKES for name in names if random.random() < 0.55]:
                gone = NOW if random.random() < 0.05 else None
                ranks = RANKS if random.random() < 0.7 else ("A", "B")
                values = {"name": "", "make": make, "rank": random.choice(ranks), "gone_at": gone}
                self.rows.append(ApprovedMake(person_id=person_id, **values, **mine))
            for names in MAKES:
                if random.random() < 0.4:
                    cost = Decimal(random.choice(["250.50", "400", "612.25"]))
                    self.rows.append(
                        LoanCost(person_id=person_id, name="", make=random.choice(names), cost=cost, **mine)
                    )
                if random.random() < 0.5:
                    counts = {"known": random.choice([0, 4]), "published": random.choice([0, 1, 3])}
                    key = make_key(names[0])
                    self.rows.append(PublicationRate(person_id=person_id, make=key, **counts, **mine))
        for names in MAKES:
            key = make_key(names[0])
            self.rows.append(PublicationRate(person_id=0, make=key, known=10, published=random.randrange(10), **mine))
            for rank in RANKS[:5]:
                if random.random() < 0.4:
                    self.rows.append(
                        Rule(
                            make=random.choice(names),
                            rank=rank,
                            cooldown_days=random.choice([None, 0, 7, 60]),
                            loan_cap_per_year=random.choice([None, None, 1, 2, 4]),
                            is_hard=False,
                            description="",
                            notes="",
                            **mine,
                        )
                    )
            for year, quarter in ((2026, 4), (2027, 1)):
                if random.random() < 0.6:
                    amounts = {
                        "allocation": random.choice([None, Decimal(600), Decimal(1500), Decimal("9000.75")]),
                        "amount_used": random.choice([None, Decimal(0), Decimal("350.25"), Decimal(1600)]),
                    }
                    where = {"office": random.choice([HOME, HOME, AWAY]), "fleet": names[0].upper()}
                    self.rows.append(Budget(year=year, quarter=quarter, **where, **amounts, **mine))
        if random.random() < 0.6:
            day = date(2026, 12, random.choice([14, 15, 21, 25]))
            times: dict[str, Any] = {"kind": "", "is_all_day": True, "notes": ""}
            self.rows.append(Holiday(office=random.choice([HOME, AWAY]), day=day, name="Parade", **times, **mine))

    def _past(self, fleet: list[Vehicle], listed: list[Partner]) -> None:
        """FMS's history, of vehicles that are in the fleet and of others."""
        random = self.random
        for number in range(random.randrange(14 if self.is_crowded else 5)):
            vehicle = random.choice(fleet)
            is_ours = random.random() < 0.7
            start = TODAY - timedelta(days=random.choice([20, 30, 60, 200, 330, 700]))
            self.rows.append(
                LoanHistory(
                    company_id=self.company_id,
                    # Some are in FMS's calendar, too, or are loans of ours.
                    activity_id=random.choice([900 + number, 1000 + number, 1001 + number]),
                    vin=vehicle.vin if is_ours else f"OTHER{number}",
                    person_id=random.choice(listed).person_id if random.random() < 0.9 else None,
                    make=vehicle.make if is_ours else self._make(),
                    model=vehicle.model if is_ours else random.choice(MODELS),
                    year=2026,
                    model_short_name="",
                    start_day=start,
                    end_day=start + timedelta(days=random.choice([0, 7, 14])),
                    office=HOME,
                    name="As FMS had it",
                    partner_address="",
                    region="",
                    gone_at=NOW if random.random() < 0.05 else None,
                )
            )
        seen: set[int] = set()
        for row in [row for row in self.rows if isinstance(row, LoanHistory)]:
            if row.activity_id in seen:
                self.rows.remove(row)
            seen.add(row.activity_id)

    def _coming(self, fleet: list[Vehicle], listed: list[Partner], users: list[int]) -> None:
        """FMS's calendar, our own loans (some of them what is in it), and what others are planning."""
        random, busy = self.random, dict[str, list[tuple[date, date]]]()
        for _ in range(random.randrange(16 if self.is_crowded else 5)):
            self._activity(random.choice(fleet), random.choice(listed))
        for _ in range(random.randrange(16 if self.is_crowded else 5)):
            vehicle, partner = random.choice(fleet), random.choice(listed)
            start = TODAY + timedelta(days=random.choice([-40, -10, 3, 10, 18, 25, 32, 39, 46]))
            end = start + timedelta(days=random.choice([1, 7, 14]))
            if any(start < other_end and other < end for other, other_end in busy.get(vehicle.vin, [])):
                continue
            status = random.choice(list(Status))
            if status in (Status.PLANNED, Status.MANUAL, Status.REQUESTED):
                busy.setdefault(vehicle.vin, []).append((start, end))
            self._loan(vehicle, partner, start, end, status)
        if random.random() < 0.5:
            days = {"start_day": START, "end_day": START + timedelta(days=7)}
            who = {"company_id": self.company_id, "fleet_vehicle_id": random.choice(fleet).id}
            until = NOW + timedelta(minutes=random.choice([-5, 12]))
            self.rows.append(SoftHold(user_id=random.choice(users), plan_id="plan", until=until, **days, **who))

    def _activity(self, vehicle: Vehicle, partner: Partner) -> None:
        random = self.random
        self.activity_id += 1
        has_person = random.random() < 0.75
        start = TODAY + timedelta(days=random.choice([-20, -3, 2, 12, 18, 25, 33, 44]))
        self.rows.append(
            Activity(
                company_id=self.company_id,
                activity_id=self.activity_id,
                person_id=partner.person_id if has_person else None,
                vin=vehicle.vin if random.random() < 0.9 else "OUTSIDER",
                activity_type="Loan" if has_person else "Service",
                start_day=start,
                end_day=start + timedelta(days=random.choice([0, 7, 21])),
                to=random.choice([partner.name, ""]),
                partner_address="",
                region="",
                gone_at=NOW if random.random() < 0.05 else None,
            )
        )

    def _loan(self, vehicle: Vehicle, partner: Partner, start: date, end: date, status: Status) -> None:
        # What FMS made of it may by now have another vehicle, or be another partner's.
        linked = self.random.randint(1000, self.activity_id + 1) if self.random.random() < 0.5 else None
        self.rows.append(
            Assignment(
                company_id=self.company_id,
                fleet_vehicle_id=vehicle.id,
                person_id=partner.person_id,
                partner_name=partner.name,
                office=self.random.choice([HOME, AWAY]),
                start_day=start,
                end_day=end,
                status=str(status),
                green_status="manual",
                activity_id=linked,
                created_at=NOW,
                updated_at=NOW,
            )
        )
