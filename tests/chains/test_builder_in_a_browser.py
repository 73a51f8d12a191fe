"""The builder's small parts in a real browser: lists that open and close, faults, dates, every width."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browsers import assert_accessible, assert_fits
from tests.chains.draft_desk import MODELS
from tests.rows import OFFICE, Fleet, People, Person
from tests.servers import LiveServer
from webapp.fleet.models import Partner, Vehicle

# A Monday long after today, whatever day it is.
MONDAY = date(2060, 6, 7)
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("sqlite_app")]


class Desk:
    """A scheduler of two offices, five vehicles and an approved partner, served over real HTTP."""

    def __init__(self, url: str, people: People, fleet: Fleet) -> None:
        self.url, self.fleet = url, fleet
        self.person: Person = people(locations=[OFFICE, "Miami"])
        self.vehicles: list[Vehicle] = [
            fleet.add_vehicle(f"WAUZZZ8V0SA05191{number}", model=model) for number, model in enumerate(MODELS)
        ]
        self.kia = fleet.add_vehicle("KNAE1234567890123", make="Kia", model="EV6")
        self.partner: Partner = fleet.add_partner("Wendy Torque", latitude=34.1, longitude=-118.3)
        fleet.approve_make(self.partner, "Audi", "A+")

    def sign_in(self, page: Page) -> None:
        """As the login page does."""
        page.goto(f"{self.url}/login")
        page.fill("[name=email]", self.person.email)
        page.fill("[name=password]", self.person.password)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/calendar*")

    def open(self, page: Page) -> None:
        """The builder for the partner from that Monday on."""
        self.sign_in(page)
        page.goto(f"{self.url}/chains?office={OFFICE}&person_id={self.partner.person_id}&start={MONDAY.isoformat()}")

    def suggested(self, page: Page) -> None:
        """With a suggestion on it."""
        self.open(page)
        page.click("#suggest")
        expect(page.locator("#chain-title")).to_have_text("4 of 4 loans placed")


@pytest.fixture
def desk(app: Flask, people: People, fleet: Fleet, live_server: Callable[[Flask], LiveServer]) -> Desk:
    """See `Desk`."""
    return Desk(live_server(app).url, people, fleet)


def test_the_drop_down_closes_with_escape_and_beside_it(desk: Desk, page: Page) -> None:
    """Escape gives the focus back to what opened it."""
    desk.suggested(page)
    page.click("#choose-1")
    expect(page.locator("#choices-1 .candidate").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#choices-1")).to_be_hidden()
    expect(page.locator("#choose-1")).to_be_focused()
    page.click("#choose-1")
    expect(page.locator("#choices-1 .candidate").first).to_be_visible()
    page.click("#chain-title")
    expect(page.locator("#choices-1")).to_be_hidden()


def test_a_fault_gets_the_focus(desk: Desk, page: Page) -> None:
    """At the field that has to be mended."""
    desk.open(page)
    page.click("#wish-makes")
    page.click("[data-tick=none]")
    page.keyboard.press("Escape")
    page.click("#suggest")
    expect(page.locator("#fault-makes")).to_be_visible()
    expect(page.locator("#wish-makes")).to_be_focused()
    page.click("#wish-makes")
    page.click("[data-tick=all]")
    page.keyboard.press("Escape")
    expect(page.locator("#sum-makes")).to_have_text("Audi A+")
    page.click("#suggest")
    expect(page.locator(".slot")).to_have_count(4)
    expect(page.locator("#fault-makes")).to_have_count(0)


def test_another_office_drops_what_is_not_there_aloud(desk: Desk, page: Page) -> None:
    """The field is emptied, a sentence says why where it is seen and heard, and the focus stays where it was."""
    desk.sign_in(page)
    page.goto(f"{desk.url}/chains?office={OFFICE}&vin={desk.kia.vin}")
    page.focus("#wish-office")
    page.select_option("#wish-office", "Miami")
    expect(page.locator("#depends .banner")).to_contain_text("stands in Los Angeles, so it is no longer chosen")
    expect(page.locator("#said")).to_contain_text("stands in Los Angeles")
    expect(page.locator("#wish-vin")).to_have_value("")
    expect(page.locator("#wish-office")).to_be_focused()


def test_other_dates_by_a_small_form(desk: Desk, page: Page) -> None:
    """Shown with their weekday while they are chosen; the loans after it follow."""
    desk.suggested(page)
    page.click("#dates-1")
    page.fill("#slot-1 [name=end_day]", (MONDAY + timedelta(days=4)).isoformat())
    expect(page.locator("#back-1")).to_have_text("Fri 06-11-60")
    page.click("#days-1")
    expect(page.locator("#slot-2 h3")).to_contain_text("Fri 06-11-60")
    expect(page.locator("#slot-1 h3")).to_contain_text("dates chosen")


def test_the_open_page_holds_its_vehicles_on(desk: Desk, page: Page) -> None:
    """Every few minutes, by itself; and once where it is opened again."""
    page.clock.install()
    desk.suggested(page)
    with page.expect_response("**/touch") as renewed:
        page.clock.fast_forward("05:00")
    assert renewed.value.status == 200
    expect(page.locator("#held")).to_contain_text("held for you until")
    with page.expect_response("**/touch") as again:
        page.goto(page.url)
    assert again.value.status == 200


def test_going_back_shows_what_was_there(desk: Desk, page: Page) -> None:
    """From a chain to the form before it; what opens there still opens."""
    desk.suggested(page)
    page.go_back()
    expect(page.locator("#chain-title")).to_have_text("Which partner?")
    expect(page.locator("#wish-person")).to_have_value("Torque, Wendy · Weekly Torque")
    page.click("#suggest")
    page.click("#choose-1")
    page.locator("#choices-1 .candidate", has_text="Kia EV6").get_by_role("link").click()
    expect(page.locator("#dialog")).to_contain_text("not approved for Kia")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#dialog-body")).to_be_empty()


def test_it_fits_and_shuts_nobody_out(desk: Desk, page: Page) -> None:
    """At every width, whatever is open: nothing runs off the side, and axe finds nothing."""
    desk.suggested(page)
    page.click("#choose-1")
    page.locator("#choices-1 .candidate", has_text="Kia EV6").get_by_role("button").click()
    expect(page.locator("#slot-1 .note").first).to_contain_text("not approved for Kia")
    expect(page.locator("[name=remark]")).to_be_visible()
    for width in (1440, 1024, 760, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert_fits(page)
        for choice in ("#choose-1", "#choose-4"):
            page.click(choice)
            expect(page.locator(".candidates")).to_be_visible()
            assert_fits(page)
            if width == 1440:
                assert_accessible(page)
            page.keyboard.press("Escape")
        page.click("#dates-4")
        assert_fits(page)
    page.click("#wish-makes")
    assert_accessible(page)
