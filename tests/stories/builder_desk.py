"""A scheduler at the chain builder in a real browser, beside a real FMS: one server for a module, fresh rows for each.

What costs seconds (an application, its server, the stand-in FMS) is there once; every test begins with its own people,
vehicles and partner, and with an FMS that holds nothing.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import delete, select, update

from tests.browsers import watched_page
from tests.conftest import settings_of
from tests.databases import Copies, plain_settings
from tests.rows import OFFICE, Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import LiveServer, signed_in_session
from webapp import create_app
from webapp.accounts.models import Location
from webapp.audit.models import AuditEntry
from webapp.db import Base, db, writing
from webapp.fleet.models import Partner, Vehicle
from webapp.loans.models import Assignment

# A Monday after everything that the stand-in FMS has planned by itself, and after today for long.
MONDAY = date(2060, 6, 7)
WEEK = timedelta(days=7)
# Ranks make the order of a suggestion plain: the better the rank, the earlier the slot.
CARS = (("Audi", "Q6 e-tron"), ("Genesis", "GV60"), ("Hyundai", "Ioniq 9"), ("Kia", "EV6 GT"), ("Mazda", "CX-90"))
RANKS = ("A+", "A", "B", "C", "D")


class House:
    """The application over HTTP, with a database that can be emptied; one FMS."""

    def __init__(self, url: str, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        # One call to FMS at a time: what a person sees of a bulk run is then the same every time.
        self.app: Flask = create_app(plain_settings(database_url=url, fms_concurrency=1, **settings_of(sandbox)))
        self.app.testing = True
        self.server = LiveServer(self.app)

    @cached_property
    def known(self) -> dict[str, list[list[str]]]:
        """What FMS knows: the same after every reset, as the stand-in invents it from its seed."""
        return {name: _rows(self.sandbox, name) for name in ("vehicles", "partners")}

    def empty(self) -> None:
        """Nobody and nothing; but the audit log gives no row away, and is not looked at here."""
        with self.app.app_context(), writing() as session:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != AuditEntry.__tablename__:
                    session.execute(delete(table))

    def close(self) -> None:
        """Answer nobody any more."""
        self.server.stop()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


class Desk:
    """See the module: five vehicles of five makes, and a partner approved for all of them."""

    def __init__(self, house: House, browser: Browser, page: Page) -> None:
        self.house, self.browser, self.page = house, browser, page
        self.url, self.sandbox = house.server.url, house.sandbox
        self.people, self.fleet = People(house.app), Fleet(house.app)
        self.person: Person = self.people(name="Ana Sample")
        vins = [row for row in house.known["vehicles"] if row[0]]
        self.vehicles: list[Vehicle] = [
            self.fleet.add_vehicle(
                row[6].strip(), vehicle_id=int(float(row[0])), make=make, model=model, fleet=make.upper()
            )
            for row, (make, model) in zip(vins, CARS, strict=False)
        ]
        person_id = int(float(house.known["partners"][0][0]))
        self.partner: Partner = self.fleet.add_partner(
            "Wendy Torque", person_id=person_id, affiliation="Coastline Auto", latitude=34.1, longitude=-118.3
        )
        for (make, _model), rank in zip(CARS, RANKS, strict=True):
            self.fleet.approve_make(self.partner, make, rank)
        self.sign_in(page.context, self.person)

    def sign_in(self, context: BrowserContext, person: Person) -> None:
        """Give a browser the session of somebody who has signed in."""
        cookies = signed_in_session(self.url, person).cookies
        context.add_cookies([{"name": one.name, "value": str(one.value), "url": self.url} for one in cookies])

    def go(self, address: str) -> None:
        """Open a page of the application."""
        self.page.goto(self.url + address)

    def ask(self, page: Page | None = None, *, count: int = 3, **query: Any) -> None:
        """Have a chain of the partner suggested from `MONDAY`, by the form that is filled in already."""
        page = page or self.page
        whom = {"person_id": self.partner.person_id} if "vin" not in query else {}
        words = {"office": OFFICE.replace(" ", "+"), "start": MONDAY, **whom, **query}
        page.goto(f"{self.url}/chains?{'&'.join(f'{name}={value}' for name, value in words.items())}")
        page.get_by_label("Loans", exact=True).fill(str(count))
        page.get_by_role("button", name="Suggest a chain").click()
        expect(page.locator("#chain-title")).to_contain_text("placed")

    def save(self, button: str = "Save", page: Page | None = None) -> None:
        """Save the open draft; the page of the chain."""
        page = page or self.page
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url(re.compile(r"/chains/[0-9a-f-]{36}"))

    def slot(self, number: int, page: Page | None = None) -> Locator:
        """A loan's card, in the builder."""
        return (page or self.page).locator(f"#slot-{number}")

    def card(self, number: int) -> Locator:
        """A loan's card, on the page of a saved chain."""
        return self.page.locator("#loans .slot").nth(number - 1)

    def message(self, words: str, page: Page | None = None) -> Locator:
        """The message with these words."""
        return (page or self.page).locator("#messages .message", has_text=words)

    def choose(self, number: int, page: Page | None = None) -> Locator:
        """Open a slot's drop-down; the list in it."""
        page = page or self.page
        page.locator(f"#choose-{number}").click()
        choices = page.locator(f"#choices-{number}")
        expect(choices.get_by_role("searchbox")).to_be_focused()
        return choices

    def pick(self, number: int, name: str, page: Page | None = None) -> None:
        """Put somebody else into a slot, by its drop-down, whether we would suggest it or not."""
        choices = self.choose(number, page)
        choices.locator(".candidate", has_text=name).get_by_role("button").first.click()
        expect(self.slot(number, page).locator("> h3")).to_contain_text(name)

    def lend(self, vehicle: Vehicle, partner: Partner, weeks: int = 0) -> None:
        """Have FMS lend a vehicle for a week, so many weeks after `MONDAY`."""
        self.fleet.add_activity(vehicle, partner, start_day=MONDAY + weeks * WEEK)

    def place_office(self, latitude: float, longitude: float) -> None:
        """Put the office on the map."""
        with self.house.app.app_context(), writing() as session:
            place = {"latitude": latitude, "longitude": longitude}
            session.execute(update(Location).where(Location.name == OFFICE).values(place))

    @contextmanager
    def beside(self, person: Person, **options: Any) -> Iterator[Page]:
        """The browser of somebody else, or another one of the same person."""
        with watched_page(self.browser, **options) as page:
            self.sign_in(page.context, person)
            yield page

    def loans(self) -> list[tuple[str, str, date]]:
        """Status, VIN and first day of every loan there is, by day."""
        loans = select(Assignment.status, Vehicle.vin, Assignment.start_day).join(
            Vehicle, Vehicle.id == Assignment.fleet_vehicle_id
        )
        with self.house.app.app_context():
            rows = db.session.execute(loans.order_by(Assignment.start_day, Assignment.id))
            return [(row[0], row[1], row[2]) for row in rows]

    def chain_ids(self) -> list[str]:
        """The ids of the saved chains."""
        with self.house.app.app_context():
            return list(
                db.session.scalars(select(Assignment.chain_id).where(Assignment.chain_id.is_not(None)).distinct())
            )


def _rows(sandbox: SandboxProcess, report: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sandbox.report(report).content.decode("utf-8-sig"))))


def titles(cards: Locator) -> list[str]:
    """What fills each card: its heading without the days above."""
    return [text.splitlines()[-1] for text in cards.locator("> h3").all_inner_texts()]


def week(number: int) -> str:
    """`Mon 06-07-60 → Mon 06-14-60`: a week, counted from `MONDAY`."""
    start = MONDAY + number * WEEK
    return f"{start:%a %m-%d-%y} → {start + WEEK:%a %m-%d-%y}"


def days_of(cards: Locator) -> list[str]:
    """The days above each card's heading."""
    found = re.compile(r"\w{3} \d\d-\d\d-\d\d")
    return [" → ".join(found.findall(text)) for text in cards.locator("> h3").all_inner_texts()]


@pytest.fixture(scope="module")
def house(
    sqlite_copies: Copies, sandbox_process: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """See `House`; on SQLite: what differs between the engines is proved where it is read and written."""
    found = House(sqlite_copies.new(tmp_path_factory.mktemp("house")), sandbox_process)
    yield found
    found.close()


@pytest.fixture
def desk(house: House, sandbox: SandboxProcess, browser: Browser, page: Page) -> Desk:
    """See `Desk`. `sandbox` is the house's FMS, alive and with nothing asked of it yet."""
    house.empty()
    return Desk(house, browser, page)
