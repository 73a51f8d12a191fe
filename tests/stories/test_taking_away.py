"""Taking a calendar away, in a real browser: files of what is shown, a private link, the address of a loan."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from icalendar import Calendar
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.rows import Fleet, People, Person
from tests.servers import LiveServer
from webapp.fleet.models import Partner, Vehicle
from webapp.loans import service
from webapp.loans.models import Assignment

MONDAY = date(2060, 6, 7)
VIEW = f"/calendar?office=Los+Angeles&start={MONDAY.isoformat()}&end=2060-07-04"
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("sqlite_app")]


@dataclass
class Desk:
    """A scheduler in front of a calendar with two loans, one of a partner whose name a spreadsheet would run."""

    page: Page
    app: Flask
    url: str
    person: Person
    vehicle: Vehicle
    partner: Partner
    loan: Assignment
    other: Assignment

    def open(self, address: str = VIEW) -> None:
        """Go to the calendar."""
        self.page.goto(self.url + address)

    def choose(self, name: str) -> None:
        """Take an entry of the Export menu, by keyboard alone."""
        menu = self.page.locator("#export > summary")
        menu.focus()
        self.page.keyboard.press("Enter")
        entry = self.page.locator("#export").get_by_text(name)
        for _ in range(6):
            self.page.keyboard.press("Tab")
            if entry.evaluate("each => each === document.activeElement"):
                break
        expect(entry).to_be_focused()
        self.page.keyboard.press("Enter")

    def download(self, name: str) -> Path:
        """The file that an entry of the Export menu gives, under the name it is given."""
        with self.page.expect_download() as begun:
            self.choose(name)
        path = Path(begun.value.path())
        return path.rename(path.with_name(begun.value.suggested_filename))


@pytest.fixture
def desk(app: Flask, page: Page, people: People, fleet: Fleet, live_server: Callable[[Flask], LiveServer]) -> Desk:
    """See `Desk`; signed in through the login page."""
    url, person = live_server(app).url, people()
    vehicle = fleet.add_vehicle(color="Red")
    partner, hostile = fleet.add_partner("Ana García"), fleet.add_partner("=cmd|' /C calc'!A0")
    loan = fleet.add_loan(vehicle, partner, start_day=MONDAY)
    other = fleet.add_loan(fleet.add_vehicle(color="Blue"), hostile, start_day=MONDAY)
    page.goto(f"{url}/login")
    page.fill("[name=email]", person.email)
    page.fill("[name=password]", person.password)
    page.click("main form button")
    page.wait_for_url("**/calendar**")
    return Desk(page, app, url, person, vehicle, partner, loan, other)


def test_the_export_menu_gives_what_is_filtered(desk: Desk) -> None:
    """By keyboard: a search, then both files of it; the name says office and days, no cell is a formula."""
    desk.open()
    desk.page.locator("#export > summary").click()
    assert_accessible(desk.page)
    desk.page.keyboard.press("Escape")
    whole = desk.download("CSV file")
    assert whole.name == "loans_los-angeles_2060-06-07_2060-07-04.csv"
    with whole.open(encoding="utf-8-sig", newline="") as lines:
        assert {line["Partner"] for line in csv.DictReader(lines)} == {"Ana García", "'=cmd|' /C calc'!A0"}
    desk.open(f"{VIEW}&q=garcia")
    found = desk.download("Excel file")
    assert found.name == "loans_los-angeles_2060-06-07_2060-07-04.xlsx"
    sheet = load_workbook(found)["Loans"]
    assert [(row[3].value, row[4].value) for row in sheet.iter_rows(min_row=2)] == [("Red", "Ana García")]


def test_printing_is_offered_where_scripts_run(desk: Desk) -> None:
    """The entry prints the page, also after the calendar has been drawn again by a filter."""
    desk.page.add_init_script("window.print = () => { document.title = 'printed'; };")
    desk.open()
    desk.page.locator("#week-on").click()
    expect(desk.page.locator("#calendar")).to_have_attribute("data-first", "2060-06-14")
    desk.choose("Print…")
    expect(desk.page).to_have_title("printed")
    expect(desk.page.locator("#export")).not_to_have_attribute("open", "")


def test_what_needs_a_script_is_not_offered_without(desk: Desk, browser: Browser) -> None:
    """Files, links and addresses are there for a browser without scripts; copying and printing are not shown."""
    cookies = desk.page.context.storage_state()
    with watched_page(browser, java_script_enabled=False, storage_state=cookies) as plain:
        plain.goto(desk.url + VIEW)
        plain.locator("#export > summary").click()
        expect(plain.get_by_role("link", name="Excel file")).to_be_visible()
        expect(plain.get_by_text("Print…")).not_to_be_visible()
        plain.get_by_role("link", name="Calendar link…").click()
        plain.get_by_role("button", name="Make the link of Los Angeles").click()
        expect(plain.get_by_label("Private address of")).to_be_visible()
        expect(plain.get_by_role("button", name="Copy")).not_to_be_visible()


def test_a_link_is_made_copied_read_and_revoked(desk: Desk) -> None:
    """From the menu: its address is shown once and copied, another program reads it, and revoked it is no more."""
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.open()
    desk.choose("Calendar link…")
    desk.page.get_by_role("button", name="Make the link of Los Angeles").press("Enter")
    field = desk.page.get_by_label("Private address of Los Angeles")
    expect(field).to_be_focused()
    assert_accessible(desk.page)
    address = field.input_value()
    assert re.fullmatch(re.escape(desk.url) + r"/calendar/ics/[\w-]{43}\.ics", address)
    assert "ics" not in desk.page.url
    desk.page.get_by_role("button", name="Copy", exact=True).click()
    expect(desk.page.locator("#messages")).to_contain_text("Copied.")
    assert desk.page.evaluate("navigator.clipboard.readText()") == address

    desk.page.goto(f"{desk.url}/calendar/links")
    expect(desk.page.locator("body")).not_to_contain_text("Copy the address now")
    expect(desk.page.get_by_role("row", name="Los Angeles")).to_contain_text("Not yet")
    stranger = desk.app.test_client()
    path = address.removeprefix(desk.url)
    # The weeks of this story are long after the year that a calendar shows.
    assert Calendar.from_ical(stranger.get(path).data).walk("VEVENT") == []
    desk.page.reload()
    expect(desk.page.get_by_role("row", name="Los Angeles")).not_to_contain_text("Not yet")
    assert_accessible(desk.page)
    desk.page.get_by_role("button", name="Revoke the link of Los Angeles").press("Enter")
    expect(desk.page.locator("#messages")).to_contain_text("is revoked")
    expect(desk.page.locator("main")).to_contain_text("You have none.")
    assert stranger.get(path).status_code == 404


def test_the_page_of_links_fits_a_phone(desk: Desk) -> None:
    """At 390 pixels the list is read from top to bottom, nothing off the side."""
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.open(f"/calendar/links?kind=vehicle&subject={desk.vehicle.vin}")
    desk.page.get_by_role("button", name="Make the link of").click()
    expect(desk.page.get_by_label("Private address of")).to_be_visible()
    assert_fits(desk.page)
    assert_accessible(desk.page)


def test_the_address_of_a_loan_is_copied_from_its_card_and_opens_it(desk: Desk) -> None:
    """Copied where the clipboard is closed to scripts too; it opens the calendar at the bar, or says who deleted it."""
    desk.open()
    # As in a frame, or over plain HTTP.
    desk.page.evaluate("""() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error("closed"));
        document.addEventListener("copy", () => { window.copied = document.activeElement.value; });
    }""")
    desk.page.locator(f"#b{desk.loan.id} a").click()
    desk.page.locator("#card").get_by_role("link", name="Copy link").click()
    expect(desk.page.locator("#messages")).to_contain_text("Copied.")
    address = desk.page.evaluate("window.copied")
    assert address == f"{desk.url}/calendar?loan={desk.loan.id}"
    expect(desk.page.locator("#card")).to_be_visible()

    desk.page.goto(address)
    expect(desk.page.locator("#card")).to_contain_text("Ana García")
    expect(desk.page.locator(f"#b{desk.loan.id}")).to_be_in_viewport()
    with desk.app.app_context():
        service.remove_green(desk.person.actor, desk.loan.id)
    desk.page.goto(address)
    expect(desk.page.locator("#messages")).to_contain_text(f"was deleted by {desk.person.name}")
