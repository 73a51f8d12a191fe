"""Finding on the calendar, in a real browser: by keyboard, across months and offices, in views that people keep."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.rows import Fleet, People, Person
from tests.servers import LiveServer

# A Monday long after today.
MONDAY = date(2060, 6, 7)
VIEW = f"/calendar?office=Los+Angeles&start={MONDAY}&end={MONDAY + timedelta(days=27)}"
pytestmark = pytest.mark.usefixtures("sqlite_app")


@dataclass
class Desk:
    """The calendar of two offices, served; people sign in to it."""

    url: str
    people: People
    fleet: Fleet

    def sign_in(self, page: Page, name: str, *offices: str) -> Person:
        """Sign somebody of those offices in on `page`."""
        person = self.people(locations=list(offices), name=name)
        page.goto(f"{self.url}/login")
        page.fill("[name=email]", person.email)
        page.fill("[name=password]", person.password)
        page.click("main form button")
        page.wait_for_url("**/calendar")
        return person

    def open(self, page: Page, address: str = VIEW) -> None:
        """Go to that view, and wait until its scripts are at work."""
        page.goto(self.url + address)
        page.wait_for_load_state("load")


@pytest.fixture
def desk(app: Flask, people: People, fleet: Fleet, live_server: Callable[[Flask], LiveServer]) -> Desk:
    """See `Desk`."""
    return Desk(live_server(app).url, people, fleet)


def test_a_search_leads_across_months_and_offices_by_keyboard(desk: Desk, page: Page) -> None:
    """Slash, a few words, down, Enter: the board of the other office in the other year, the card open."""
    partner = desk.fleet.add_partner("Wendy Torque", affiliation="Coastline Auto")
    here, there = desk.fleet.add_vehicle(), desk.fleet.add_vehicle(office="Miami", make="Kia", model="EV9")
    desk.fleet.add_loan(here, partner, start_day=MONDAY)
    far = desk.fleet.add_loan(there, partner, start_day=date(2061, 3, 9))
    desk.sign_in(page, "Ana Lund", "Los Angeles", "Miami")
    desk.open(page)
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search partner, vehicle, VIN or request number")
    expect(field).to_be_focused()
    page.keyboard.type("torque, wendy")
    options = page.get_by_role("listbox", name="Found at any office").get_by_role("option")
    expect(options).to_have_count(3)
    expect(page.locator(".filter-chip")).to_contain_text("Search: torque, wendy")
    expect(field).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "find-1")
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_contain_text("Kia EV9")
    expect(page).to_have_url(f"{desk.url}/calendar?office=Miami&start=2061-03-07&end=2061-04-03")
    expect(page).to_have_title("Calendar · Miami · Motorpool")
    bar = page.locator(f"#b{far.id} > a")
    expect(bar).to_be_in_viewport()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(bar).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("lexus")
    expect(page.locator("#found")).to_contain_text("Nothing is called “lexus”")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
    expect(field).to_have_value("lexus")


def test_a_partner_is_found_as_a_row(desk: Desk, page: Page) -> None:
    """Choosing a partner shows the calendar by partner, at the row, with the focus on its name."""
    for number in range(40):
        desk.fleet.add_partner(f"Tom Alba{number:02}", affiliation="Ring Report")
    desk.fleet.add_partner("Zoë Zimmer", office="Miami", affiliation="Coastline Auto")
    desk.fleet.add_vehicle()
    desk.sign_in(page, "Ana Lund", "Los Angeles", "Miami")
    desk.open(page, "/calendar?office=Los+Angeles")
    page.locator("#q").fill("zoe")
    page.get_by_role("option", name="Zimmer, Zoë").click()
    title = page.locator(".row .title", has_text="Zimmer, Zoë")
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()
    expect(page).to_have_url(f"{desk.url}/calendar?office=Miami&rows=partners")


def test_filters_are_set_in_one_menu_and_taken_off_by_chips(desk: Desk, page: Page) -> None:
    """The menu stays open while choosing; days to be free leave out what is held; each chip takes its filter off."""
    partner = desk.fleet.add_partner("Wendy Torque")
    desk.fleet.approve_make(partner, "Audi", rank="A+")
    lent = desk.fleet.add_vehicle(model="lent")
    desk.fleet.add_vehicle(model="idle")
    desk.fleet.add_vehicle(make="Kia", model="EV9")
    for number in range(14):
        desk.fleet.add_vehicle(make=f"Make {number:02}")
    desk.fleet.add_loan(lent, partner, start_day=MONDAY)
    desk.sign_in(page, "Ana Lund", "Los Angeles", "Miami")
    desk.open(page)
    rows = page.locator(".row .title")
    page.get_by_text("Filters", exact=True).click()
    make = page.get_by_role("combobox", name="Make")
    make.click()
    expect(page.get_by_role("option", name="Make 13")).to_be_attached()
    make.fill("aud")
    make.press("Enter")
    expect(rows).to_have_text(["Audi idle", "Audi lent"])
    expect(make).to_be_visible()
    page.locator("#tier").select_option("A+")
    expect(rows).to_have_text(["Audi lent"])
    page.locator("#tier").select_option("")
    expect(rows).to_have_text(["Audi idle", "Audi lent"])
    page.locator("#free-from").fill((MONDAY + timedelta(days=6)).isoformat())
    expect(rows).to_have_text(["Audi idle"])
    expect(page.locator("#free-to")).to_have_value((MONDAY + timedelta(days=13)).isoformat())
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    expect(page.locator(".dates summary")).to_contain_text("06-14-60")
    expect(page.locator(".filter-chip")).to_have_count(2)
    page.get_by_role("link", name="Remove the filter: Free 06-13-60 to 06-20-60").click()
    expect(rows).to_have_text(["Audi idle", "Audi lent"])
    page.get_by_role("link", name="Clear filters").click()
    expect(rows).to_have_count(17)
    office = page.locator("#office")
    office.select_option("")
    expect(page).to_have_title("Calendar · All offices · Motorpool")


def test_a_view_is_saved_shared_and_opened_by_another(desk: Desk, page: Page, browser: Browser) -> None:
    """Save what is shown from the menu, share it; a colleague finds it in theirs and sees the same rows."""
    desk.fleet.add_vehicle()
    desk.fleet.add_vehicle(make="Kia", model="EV9")
    desk.sign_in(page, "Ana Lund", "Los Angeles")
    desk.open(page, "/calendar?office=Los+Angeles&make=Kia")
    page.get_by_text("Views", exact=True).press("Enter")
    page.get_by_label("Save this view as").fill("Our Kias")
    page.get_by_label("shared with your company").check()
    assert_accessible(page)
    page.get_by_label("Save this view as").press("Enter")
    expect(page.locator("#messages")).to_contain_text("Saved as “Our Kias”")
    expect(page).to_have_url(f"{desk.url}/calendar?office=Los+Angeles&make=Kia")
    with watched_page(browser) as other:
        desk.sign_in(other, "Tom Alba", "Los Angeles")
        other.get_by_text("Views", exact=True).click()
        other.get_by_role("link", name="Our Kias by Ana Lund").click()
        expect(other.locator(".row .title")).to_have_text(["Kia EV9"])
        expect(other.locator(".filter-chip")).to_contain_text(["Make: Kia"])
        desk.open(other, "/calendar/views")
        assert_accessible(other)
        expect(other.get_by_role("button", name="Delete Our Kias")).to_have_count(0)


def test_finding_on_a_phone(desk: Desk, phone: Page) -> None:
    """390 pixels: the menu and the list stay within them, and what was chosen opens over the list by day."""
    partner = desk.fleet.add_partner("Wendy Torque")
    desk.fleet.add_loan(desk.fleet.add_vehicle(office="Miami"), partner, start_day=MONDAY)
    desk.sign_in(phone, "Ana Lund", "Los Angeles", "Miami")
    desk.open(phone, "/calendar?office=Los+Angeles&activity=none&free_from=2060-06-07")
    assert_fits(phone)
    phone.locator("#more-filters summary").tap()
    expect(phone.locator("#tier")).to_be_in_viewport(ratio=1)
    assert_fits(phone)
    assert_accessible(phone)
    phone.locator("#q").fill("wendy")
    option = phone.get_by_role("option", name="Torque, Wendy: Audi")
    expect(option).to_be_in_viewport(ratio=1)
    assert_fits(phone)
    option.tap()
    expect(phone.locator("#card")).to_contain_text("Audi A3 Premium Plus")
    expect(phone.locator(".day-list", has_text="Mon 06-07-60")).to_contain_text("Wendy Torque")
    assert_accessible(phone)
