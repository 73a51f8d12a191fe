"""A driver with a job of today, a phone signed in to My jobs, and the application behind it."""

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests.journey_rows import Yard
from tests.rows import Person
from webapp.db import db
from webapp.journeys.models import JourneyEvent, TruckJourney
from webapp.journeys.stages import Stage

# The phone tries again by itself after at most so long, and polls as often.
PATIENCE = 20_000


@dataclass
class Crew:
    """A driver with a phone, on one job of today."""

    app: Flask
    page: Page
    url: str
    driver: Person
    yard: Yard
    job: TruckJourney

    def open(self, address: str | None = None) -> None:
        """Go to the job, or elsewhere."""
        self.page.goto(self.url + (address or f"/my-jobs/{self.job.id}"))

    def tap(self, words: str) -> None:
        """Touch a button, a box or a heading."""
        self.page.get_by_text(words, exact=True).and_(self.page.locator(":visible")).first.tap()

    def box(self, words: str) -> Locator:
        """A box of the checklist."""
        return self.page.get_by_role("checkbox", name=words)

    def waits(self, count: int) -> None:
        """Wait until the phone says that so many taps wait."""
        words = re.compile(f"^{count} taps? waits? to be sent$") if count else ""
        expect(self.page.locator("#taps-waiting")).to_have_text(words, timeout=PATIENCE)

    def events(self) -> list[str]:
        """What the job's history says, oldest first."""
        with self.app.app_context():
            found = select(JourneyEvent.text).where(JourneyEvent.journey_id == self.job.id).order_by(JourneyEvent.id)
            return list(db.session.scalars(found))

    def stage(self) -> str:
        """The stage the job is in, for everybody."""
        with self.app.app_context():
            return str(db.session.scalar(select(TruckJourney.stage).where(TruckJourney.id == self.job.id)))

    def is_on_screen(self, stage: Stage) -> None:
        """Wait until the page says that the job is in that stage."""
        expect(self.page.locator(".job-head .stage-mark:visible")).to_have_text(stage.label)


def sign_in(page: Page, url: str, person: Person, leads_to: str = "/my-jobs") -> None:
    page.goto(f"{url}/login?next={leads_to}")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}{leads_to}")


@pytest.fixture
def crew(app: Flask, phone: Page, url: str, yard: Yard) -> Crew:
    """See `Crew`; signed in, at the job."""
    driver, mover = yard.driver("Kim Diaz"), yard.mover("Ola Berg")
    job = yard.journey(
        customer_name="Rowan Pike",
        customer_phone="(303) 555-0100",
        notes="Ring twice.\nPiano on the second floor.",
        crew=[driver, mover],
        trucks=[yard.truck("Truck 7")],
    )
    sign_in(phone, url, driver)
    found = Crew(app, phone, url, driver, yard, job)
    found.open()
    return found
