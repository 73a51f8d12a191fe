"""The panels as pages of their own in a browser: wide and on a phone, by day and by night, paged in place."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.rows import OFFICE, Fleet, People, Person
from tests.servers import LiveServer
from webapp.accounts.models import Location
from webapp.db import writing
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("sqlite_app")
# A Monday long after today, whenever that is; four weeks on it is another year.
MONDAY, WEEK = date(2060, 12, 6), timedelta(days=7)
NAMES = ("Wendy Torque", "Ada Quill", "Jo Vance", "Ben Ray")


class Panels:
    """A partner chain and a vehicle chain, both saved, with enough around them that every panel has something."""

    def __init__(self, app: Flask, people: People, fleet: Fleet) -> None:
        self.person: Person = people()
        partners = [
            fleet.add_partner(name, latitude=34.0 + number / 10, longitude=-118.2 + number / 20)
            for number, name in enumerate(NAMES)
        ]
        self.vehicles = fleet.add_vehicles(6, make="Land Rover", model="Range Rover Sport Autobiography")
        for number, partner in enumerate(partners):
            fleet.approve_make(partner, "Land Rover", "A+")
            fleet.add_loan(self.vehicles[0], partner, start_day=MONDAY + number * WEEK, chain_id="v")
        for number, vehicle in enumerate(self.vehicles[1:5]):
            fleet.add_loan(vehicle, partners[0], start_day=MONDAY + number * WEEK, chain_id="p", status=Status.PLANNED)
        fleet.add_activity(self.vehicles[5], partners[0], start_day=MONDAY)
        for number in range(12):
            start = date(2025, 1, 6) + number * WEEK
            fleet.add_history(self.vehicles[0], partners[0], start_day=start, clips_received=1)
        with app.app_context(), writing() as session:
            office = session.query(Location).one()
            office.latitude, office.longitude = 34.05, -118.25
        vin, person, days = self.vehicles[5].vin, partners[0].person_id, f"start={MONDAY}&end={MONDAY + WEEK}"
        self.pages = (
            f"/chains/budget?office={OFFICE}&start={MONDAY}&person_id={person}",
            f"/chains/partners/{person}?office={OFFICE}",
            f"/chains/vehicles/{self.vehicles[0].vin}",
            "/chains/timeline?chain=p",
            "/chains/timeline?chain=v",
            "/chains/map?chain=v",
            f"/chains/why-not?vin={vin}&person_id={person}&{days}",
            f"/chains/left-out?office={OFFICE}&person_id={person}&start={MONDAY}",
        )


@pytest.fixture
def panels(app: Flask, people: People, fleet: Fleet) -> Panels:
    """See `Panels`."""
    return Panels(app, people, fleet)


def sign_in(page: Page, url: str, person: Person) -> None:
    page.goto(f"{url}/login?next=/chains")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Chains", exact=True)).to_be_attached()


@pytest.mark.parametrize(("colours", "width"), [("light", 1440), ("dark", 390)])
def test_every_panel_is_a_page(
    app: Flask,
    browser: Browser,
    panels: Panels,
    live_server: Callable[[Flask], LiveServer],
    colours: str,
    width: int,
) -> None:
    """Nothing runs off its side, and axe finds nothing."""
    url = live_server(app).url
    with watched_page(browser, viewport={"width": width, "height": 900}, color_scheme=colours) as page:
        sign_in(page, url, panels.person)
        for address in panels.pages:
            answer = page.goto(url + address)
            assert answer is not None
            assert answer.ok, address
            assert_fits(page)
            assert_accessible(page)


def test_months_and_previous_loans_come_in_place(
    app: Flask, page: Page, panels: Panels, live_server: Callable[[Flask], LiveServer]
) -> None:
    """The next month keeps the focus where it was; what is beyond a month is pointed at; view all shows all."""
    url = live_server(app).url
    sign_in(page, url, panels.person)
    page.goto(f"{url}/chains/timeline?chain=v")
    expect(page.get_by_role("heading", name="Timeline, December 2060")).to_be_visible()
    expect(page.locator(".lane .bar")).to_have_count(4)
    page.get_by_role("link", name="January 2061").first.press("Enter")
    expect(page.get_by_role("heading", name="Timeline, January 2061")).to_be_visible()
    expect(page.locator("#timeline-2061-01")).to_be_focused()
    page.locator(".pointer").first.click()
    expect(page.get_by_role("heading", name="Timeline, December 2060")).to_be_visible()
    page.goto(url + panels.pages[1])
    expect(page.locator(".past .stays li")).to_have_count(8)
    page.get_by_role("link", name="View all 12").click()
    expect(page.locator(".past .stays li")).to_have_count(12)
    expect(page.locator(".past")).to_have_count(1)
    assert_accessible(page)


def test_bars_that_hand_over_meet_on_the_screen(
    app: Flask, page: Page, panels: Panels, live_server: Callable[[Flask], LiveServer]
) -> None:
    """One ends where the next begins, in the middle of the day on which the vehicle changes hands."""
    url = live_server(app).url
    sign_in(page, url, panels.person)
    page.goto(f"{url}/chains/timeline?chain=v")
    first, second = (page.locator(".lane .bar").nth(number).bounding_box() for number in range(2))
    day = page.locator(".lanes .on").nth((MONDAY + WEEK - date(2060, 11, 29)).days).bounding_box()
    assert first is not None
    assert second is not None
    assert day is not None
    middle = day["x"] + day["width"] / 2
    assert abs(first["x"] + first["width"] - middle) < 3
    assert abs(second["x"] - middle) < 3
