"""An invented moving company: its branches, customers, their opportunities and jobs around one day."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from webapp.sandbox.generate import mover_jobs as jobs
from webapp.sandbox.generate.mover_branches import Row, invent_branches, new_id, service_types
from webapp.sandbox.generate.mover_jobs import Home
from webapp.sandbox.generate.mover_towns import SMALL_TOWNS, TOWNS
from webapp.sandbox.generate.people import FIRST_NAMES, LAST_NAMES, ODD_NAMES

# New customers for each service day; with those who pack the day before it is 190, 20 and 1,900 a day.
CUSTOMERS_A_DAY = {"full": 176, "small": 18, "ten": 1_760}
DAYS_BACK, DAYS_ON = 7, 14

NEW_LEAD, LEAD, TENTATIVE, BOOKED, COMPLETED, CLOSED, CANCELLED, LOST, BAD_LEAD = 0, 1, 3, 4, 10, 11, 20, 30, 50
STATUSES = (BOOKED, COMPLETED, CLOSED, LOST, CANCELLED, NEW_LEAD, LEAD, TENTATIVE, BAD_LEAD)
# By whether the day is over, runs, or is coming.
STATUS_WEIGHTS = {
    -1: (4, 39, 8, 32, 6, 2, 2, 3, 4),
    0: (47, 4, 0, 32, 6, 2, 2, 3, 4),
    1: (51, 0, 0, 32, 6, 2, 2, 3, 4),
}
LEAD_STATUSES = {
    BOOKED: ("Booked", "Won", "Deposit paid", "Lost - price", "Cancelled - reopened", None),
    LOST: ("Lost - price", "Lost - competitor", "No response", "Booked elsewhere", "Deposit paid", None),
}
OTHER_LEAD_STATUSES = ("Contacted", "New", "Follow up", "Completed!", None)
MOVE_SIZES = (
    ("Studio", 240.0),
    ("1 Bedroom Apartment", 420.0),
    ("2 Bedroom Apartment ", 612.5),
    ("3 Bedroom House", 1_260.0),
    ("4 Bedroom House", 1_890.0),
    ("Office (Small)", None),
    ("Few Items", 90.0),
    (None, 500.0),
)
BRANCHLESS = ("Head Office - OLD", "Corporate 2.0", "Web leads", None)
# How a detail writes its branch's name (see payloads.respelled); 0 is as it is.
SPELLINGS, SPELLING_WEIGHTS = range(7), (82, 4, 4, 3, 3, 2, 2)


def invent_movers(scale_name: str, today: date, seed: int) -> dict[str, list[Row]]:
    """The rows of every SmartMoving table as it stands on `today`, by table name."""
    random = Random(f"{seed}/movers/{today}")
    towns = [town for town in TOWNS if scale_name != "small" or town.city in SMALL_TOWNS]
    branches = invent_branches(towns, random)
    book = MoverBook(today, homes_of(branches), random)
    for offset in range(-DAYS_BACK, DAYS_ON + 1):
        book.fill_day(today + timedelta(offset), CUSTOMERS_A_DAY[scale_name])
    about: list[Row] = [("today", today.isoformat()), ("scale", scale_name), ("seed", str(seed))]
    return {"smartmoving_about": about, "smartmoving_branches": branches, "smartmoving_services": service_types()} | (
        book.tables()
    )


def homes_of(branches: Sequence[Sequence[object]]) -> list[Home]:
    """What the branches' rows say of where they stand."""
    return [Home(str(row[0]), str(row[6]), str(row[7]), str(row[8]), str(row[9])) for row in branches]


class MoverBook:
    """Collects invented customers with all that belongs to them; knows the day and the branches."""

    def __init__(self, today: date, homes: list[Home], random: Random, last_quote: int = 20_400) -> None:
        self.today, self.random, self._homes, self._quote = today, random, homes, last_quote
        # A big town has many times the customers of a small one.
        self._weights = [random.uniform(0.4, 3.0) for _ in homes]
        self.customers: list[Row] = []
        self.opportunities: list[Row] = []
        self.jobs: list[Row] = []

    def tables(self) -> dict[str, list[Row]]:
        """The rows by table name."""
        return {
            "smartmoving_customers": self.customers,
            "smartmoving_opportunities": self.opportunities,
            "smartmoving_jobs": self.jobs,
        }

    def fill_day(self, day: date, count: int) -> None:
        """So many new customers who move on this day."""
        for _ in range(count):
            self.add_customer(day)

    def add_customer(self, day: date) -> None:
        """A customer whose move is on this day; some with a second quote, or another move months away."""
        random = self.random
        home = random.choices(self._homes, self._weights)[0]
        customer_id = self._customer(home)
        weights = STATUS_WEIGHTS[(day > self.today) - (day < self.today)]
        self._opportunity(customer_id, home, random.choices(STATUSES, weights)[0], self._plan(day))
        kind = random.random()
        if kind < 0.06:
            away = day + timedelta(random.randint(45, 300) * random.choice((-1, 1)))
            past = away < self.today
            status = random.choices((COMPLETED if past else BOOKED, LOST, CANCELLED), (45, 40, 15))[0]
            self._opportunity(customer_id, home, status, [(away, jobs.job_type(random))])
        elif kind < 0.08:
            self._opportunity(customer_id, home, LOST, [(day, jobs.MOVING)])

    def add_one(self, day: date, status: int) -> str:
        """A customer with a single moving job on this day, at any of the branches; the opportunity's id."""
        home = self.random.choice(self._homes)
        self._opportunity(self._customer(home), home, status, [(day, jobs.MOVING)])
        return str(self.opportunities[-1][0])

    def _plan(self, day: date) -> list[tuple[date | None, int]]:
        """The days and kinds of one opportunity's jobs."""
        kind = self.random.random()
        if kind < 0.08:
            return [(day - timedelta(1), jobs.PACKING), (day, jobs.MOVING)]
        if kind < 0.105:
            return [(day, jobs.MOVING), (day, jobs.UNLOADING)]
        if kind < 0.125:
            return [(day, jobs.STORAGE_IN), (day + timedelta(self.random.randint(30, 150)), jobs.STORAGE_OUT)]
        if kind < 0.135:
            return [(day, jobs.MOVING), (None, jobs.UNLOADING)]
        return [(day, jobs.job_type(self.random))]

    def _customer(self, home: Home) -> str:
        random, number = self.random, new_id(self.random)
        name = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
        phone, mail = _phone(home, random), f"{name.lower().replace(' ', '.')}{random.randint(1, 99)}@example.com"
        kind = random.random()
        if kind < 0.03:
            name = random.choice(ODD_NAMES)
        elif kind < 0.06:
            name = f" {name.replace(' ', '  ')} " if kind < 0.05 else name.upper()
        self.customers.append(
            (
                number,
                name,
                None if kind > 0.97 else phone,
                random.choice(("Mobile", "Home", "Work", None)),
                None if random.random() < 0.06 else mail,
                jobs.address(home, random) if random.random() < 0.5 else None,
                json.dumps([_phone(home, random)] if random.random() < 0.05 else []),
            )
        )
        return number

    def _opportunity(self, customer_id: str, home: Home, status: int, plan: Sequence[tuple[date | None, int]]) -> None:
        random, number = self.random, new_id(self.random)
        self._quote += random.randint(1, 3)
        lines = [
            line
            for place, (day, kind) in enumerate(plan, start=1)
            for line in self._job(number, home, status, place, day, kind)
        ]
        branchless = random.random() < 0.012
        first_day = min((day for day, _ in plan if day), default=self.today)
        self.opportunities.append(
            (
                number,
                customer_id,
                self._quote,
                status,
                None if branchless else home.branch_id,
                random.choice(BRANCHLESS) if branchless else None,
                random.choices(SPELLINGS, SPELLING_WEIGHTS)[0],
                random.choice(LEAD_STATUSES.get(status, OTHER_LEAD_STATUSES)),
                self._move_size(),
                jobs.total(lines, random),
                self._assignee(),
                self._created_at(first_day),
                False,
            )
        )

    def _job(
        self, opportunity_id: str, home: Home, status: int, place: int, day: date | None, kind: int
    ) -> list[dict[str, object]]:
        """Add a job; its estimated charges."""
        random = self.random
        charges = jobs.charges(random, is_done=status in (COMPLETED, CLOSED))
        window = jobs.arrival(random)
        self.jobs.append(
            (
                new_id(random),
                opportunity_id,
                place,
                None if random.random() < 0.01 else f"{self._quote}-{place}",
                day.isoformat() if day else None,
                kind,
                status == BOOKED and random.random() < 0.62,
                json.dumps(jobs.addresses(home, self._homes, random), ensure_ascii=False),
                json.dumps(window) if window else None,
                json.dumps(charges),
                json.dumps(jobs.crew(random)),
                random.randint(4, 20) / 2 if random.random() < 0.5 else None,
                False,
            )
        )
        return charges["estimated"]

    def _move_size(self) -> str | None:
        if self.random.random() < 0.05:
            return None
        name, volume = self.random.choice(MOVE_SIZES)
        return json.dumps({"name": name, "volume": volume})

    def _assignee(self) -> str | None:
        if self.random.random() < 0.1:
            return None
        # Few sellers: the same names come again, each with an id of its own.
        who = self.random.randrange(12)
        name = f"{FIRST_NAMES[who]} {LAST_NAMES[who * 4]}"
        return json.dumps({"id": new_id(Random(name)), "name": name if who else None})

    def _created_at(self, day: date) -> str:
        created = datetime.combine(min(day, self.today), time()) - timedelta(
            days=self.random.randint(1, 45), microseconds=self.random.randrange(86_400_000_000)
        )
        return f"{created.isoformat(timespec='microseconds')}{self.random.randrange(10)}Z"


def _phone(home: Home, random: Random) -> str:
    """A number of the range kept for fiction (555-01xx), in one of the ways people type it."""
    area, line = home.area_code, f"01{random.randrange(100):02d}"
    return random.choices((f"({area}) 555-{line}", f"{area}555{line}", f"+1 {area}-555-{line}"), (6, 3, 1))[0]
