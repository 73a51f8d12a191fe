"""What is known of a vehicle and a partner, opened beside the calendar in a real browser, and planned from there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsers import assert_accessible, assert_fits, wait_for_frame, watched_page
from tests.calendar.conftest import november as november
from tests.rows import Fleet, People, Person
from tests.servers import LiveServer
from webapp.fleet.models import Partner, Vehicle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sqlite_app", "november"),
    pytest.mark.settings(fms_staging_url="https://fms.example.com", fms_staging_token="a-token"),
]
VIEW = "/calendar?office=Los+Angeles"
TODAY = date(2026, 11, 19)


@dataclass
class Desk:
    """A scheduler at the calendar of Los Angeles on Thursday 11-19-26."""

    url: str
    person: Person
    vehicle: Vehicle
    partner: Partner
    loan_id: int

    def sign_in(self, page: Page, address: str = VIEW) -> None:
        """Sign in, and go to a view."""
        page.goto(f"{self.url}/login")
        page.fill("[name=email]", self.person.email)
        page.fill("[name=password]", self.person.password)
        page.click("main form button")
        page.wait_for_url("**/calendar")
        page.goto(self.url + address)


@pytest.fixture
def desk(app: Flask, people: People, fleet: Fleet, live_server: Callable[[Flask], LiveServer]) -> Desk:
    """See `Desk`: an Audi that Wendy Torque had twelve times and has next week, whom else it could go to, and a Kia."""
    vehicle = fleet.add_vehicle("WAUZZZ8V0SA051916")
    partner = fleet.add_partner("Wendy Torque")
    for name, rank in (("Jo Vance", "A"), ("Ada Quill", "B")):
        fleet.approve_make(fleet.add_partner(name), "Audi", rank)
    fleet.approve_make(partner, "Audi")
    fleet.add_vehicle(make="Kia", model="EV9")
    for week in range(12):
        start = date(2026, 1, 5) + timedelta(days=14 * week)
        fleet.add_history(vehicle, partner, start_day=start, clips_received=week % 2)
    loan = fleet.add_loan(vehicle, partner, start_day=TODAY + timedelta(days=4))
    return Desk(live_server(app).url, people(), vehicle, partner, loan.id)


def title(page: Page, words: str) -> Locator:
    return page.locator("#board .title", has_text=words)


def panel(page: Page) -> Locator:
    return page.locator("#panel")


def test_from_a_row_to_a_planned_loan_by_keyboard(desk: Desk, page: Page) -> None:
    """Enter on the row opens the panel beside it; a gap says who could have the vehicle next and why not the others;
    planned from there, the panel tells of it; Escape gives the focus back to the row."""
    desk.sign_in(page)
    title(page, "Audi").focus()
    page.keyboard.press("Enter")
    heading = panel(page).get_by_role("heading", name="Audi A3 Premium Plus …SA051916")
    expect(heading).to_be_focused()
    row, side = title(page, "Audi").bounding_box(), panel(page).bounding_box()
    assert row is not None
    assert side is not None
    assert row["x"] + row["width"] < side["x"]
    bars = page.locator("#board .bars").first.bounding_box()
    assert bars is not None
    assert bars["x"] + bars["width"] <= side["x"]
    expect(panel(page)).to_contain_text("Going to: Wendy Torque Mon 11-23-26")
    expect(panel(page)).to_contain_text("4 days, 2 weekdays")
    assert_accessible(page)
    gap = panel(page).locator(".gaps > li", has_text="from Mon 11-30-26 on")
    gap.get_by_text("Possible next partners").press("Enter")
    expect(gap.locator(".nexts .name")).to_have_text(["Vance, Jo", "Quill, Ada"])
    gap.get_by_text("1 left out, and why").press("Enter")
    expect(gap.locator(".left-out")).to_contain_text("Wendy Torque")
    assert_accessible(page)
    gap.get_by_role("link", name="Why not Wendy Torque").press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("No day mends it: nobody is lent the same vehicle twice.")
    assert_accessible(page)
    expect(page.get_by_role("dialog", name="Audi A3 Premium Plus …SA051916 for Wendy Torque")).to_be_visible()
    dialog.get_by_role("button", name="Close").press("Enter")
    expect(dialog).to_be_hidden()
    expect(gap.get_by_role("link", name="Why not Wendy Torque")).to_be_focused()
    expect(panel(page)).to_be_visible()
    gap.get_by_role("link", name="Plan it for Vance, Jo").press("Enter")
    expect(dialog.locator("#loan-start")).to_have_value("2026-11-30")
    dialog.get_by_role("button", name="Plan it").press("Enter")
    expect(page.locator("#board .bar")).to_have_count(2)
    expect(panel(page)).to_contain_text("Coming off: Jo Vance Mon 12-07-26")
    heading.focus()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(title(page, "Audi")).to_be_focused()


def test_all_of_a_partner_and_back_to_the_vehicle(desk: Desk, page: Page) -> None:
    """From a bar's card to its vehicle and its partner; View all shows all; one leads back; FMS is a way of its own."""
    desk.sign_in(page)
    expect(page.get_by_role("link", name="Audi A3 Premium Plus in FMS")).to_have_attribute(
        "href", f"https://fms.example.com/vehicles/list_activities/{desk.vehicle.vehicle_id}"
    )
    page.locator(f"#b{desk.loan_id} a").click()
    page.locator("#card").get_by_role("link", name="Wendy Torque").click()
    expect(panel(page).get_by_role("heading", name="Torque, Wendy")).to_be_focused()
    expect(page.locator("#card")).to_be_hidden()
    previous = panel(page).locator(".past .stays li")
    expect(previous).to_have_count(8)
    panel(page).get_by_role("link", name="View all 12").click()
    expect(previous).to_have_count(12)
    panel(page).get_by_role("link", name="Audi A3 Premium Plus").first.click()
    page.locator("#card").get_by_role("link", name="Audi A3 Premium Plus").click()
    expect(panel(page)).to_contain_text("Around Mon 11-23-26")
    expect(panel(page)).to_contain_text("Has it Wendy Torque Mon 11-23-26 → Mon 11-30-26")
    assert_accessible(page)
    panel(page).get_by_text("Possible next partners").last.click()
    panel(page).get_by_role("link", name="Vance, Jo", exact=True).click()
    expect(panel(page).get_by_role("heading", name="Vance, Jo")).to_be_focused()
    panel(page).get_by_role("button", name="Back").click()
    expect(panel(page).get_by_role("heading", name="Audi A3 Premium Plus")).to_be_focused()
    panel(page).get_by_role("button", name="Close the facts").click()
    expect(page.locator(f"#b{desk.loan_id} a")).to_be_focused()


def test_on_a_phone_it_fills_the_screen(desk: Desk, browser: Browser) -> None:
    """From the list by day, in the dark: nothing runs off its side, and Escape leads back to the list."""
    with watched_page(browser, viewport={"width": 390, "height": 800}, color_scheme="dark") as page:
        desk.sign_in(page)
        page.locator(".day-list .bar a", has_text="Wendy Torque").first.click()
        page.locator("#card").get_by_role("link", name="Audi A3 Premium Plus").click()
        expect(panel(page).get_by_role("heading", name="Audi A3 Premium Plus")).to_be_focused()
        box = panel(page).bounding_box()
        assert box is not None
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 800)
        panel(page).get_by_text("Possible next partners").last.click()
        expect(panel(page).locator(".nexts .name")).to_have_text(["Vance, Jo", "Quill, Ada"])
        assert_fits(page)
        assert_accessible(page)
        page.keyboard.press("Escape")
        expect(panel(page)).to_be_hidden()


def test_in_the_frame_it_stays_inside_what_is_seen(desk: Desk, page: Page) -> None:
    """A frame taller than the window: the panel ends where the window does, and none of it is above."""
    desk.sign_in(page)
    page.evaluate(
        """() => {
            const frame = document.createElement("iframe");
            const src = `${location.href}&embedded=1`;
            Object.assign(frame, { src, title: "Scheduling", width: 1300, height: 1800 });
            document.body.replaceChildren(frame);
            document.body.style.height = "auto";
        }"""
    )
    wait_for_frame(page)
    frame = page.frame_locator("iframe")
    frame.locator("#board .title", has_text="Audi").click()
    expect(frame.locator("#panel h2").first).to_be_focused()
    page.evaluate("scrollTo(0, 300)")
    expect(frame.locator("#panel")).to_be_in_viewport(ratio=0.99)
    expect(frame.get_by_role("button", name="Close the facts")).to_be_in_viewport(ratio=1)


def test_a_vehicle_that_is_no_more_says_so(desk: Desk, page: Page, app: Flask) -> None:
    """Where it cannot be told of, a message says why, and nothing opens."""
    desk.sign_in(page)
    page.evaluate("document.querySelector('#board .title').setAttribute('href', '/calendar/vehicles/NOSUCH')")
    page.locator("#board .title").first.click()
    expect(page.locator("#messages")).to_contain_text("There is no such vehicle, or you may not see it.")
    expect(panel(page)).to_be_hidden()
