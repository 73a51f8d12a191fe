"""Seeing a whole day on the calendar, in a real browser: days paged by key, who moves, the list by day, paper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browsers import assert_accessible, assert_fits
from tests.rows import Fleet, People, company_id_of
from tests.servers import LiveServer
from webapp.db import writing
from webapp.fleet.models import Holiday, OfficeCapacity, Partner, Vehicle

# A Monday after today for long, so that nothing here depends on the day it is.
MONDAY = date(2060, 6, 7)
VIEW = f"/calendar?office=Los+Angeles&start={MONDAY.isoformat()}"
pytestmark = pytest.mark.usefixtures("sqlite_app")


@dataclass
class Desk:
    """A scheduler whose office has two vehicles: one comes back from its partner when the other goes there."""

    url: str
    fleet: Fleet
    vehicles: list[Vehicle]
    partner: Partner
    loans: list[int]
    sign_in: Callable[[Page], None]

    def open(self, page: Page, address: str = VIEW) -> None:
        """Sign in and go there."""
        self.sign_in(page)
        page.goto(self.url + address)


@pytest.fixture
def desk(app: Flask, people: People, fleet: Fleet, live_server: Callable[[Flask], LiveServer]) -> Desk:
    """See `Desk`; one driver, and a holiday on the second Friday."""
    url, person = live_server(app).url, people()
    vehicles = [fleet.add_vehicle(model=f"A{number}") for number in range(2)]
    partner = fleet.add_partner("Ana García")
    fleet.approve_make(partner, "Audi")
    swap = MONDAY + timedelta(days=8)
    loans = [
        fleet.add_loan(vehicles[0], partner, start_day=MONDAY, end_day=swap).id,
        fleet.add_loan(vehicles[1], partner, start_day=swap).id,
    ]
    with app.app_context(), writing() as session:
        here = {"company_id": company_id_of(session, app), "office": "Los Angeles", "notes": ""}
        session.add(OfficeCapacity(drivers_per_day=1, **here))
        friday = {"day": MONDAY + timedelta(days=11), "name": "Founders' Day", "kind": "Holiday", "is_all_day": True}
        session.add(Holiday(**here, **friday))

    def sign_in(page: Page) -> None:
        page.goto(f"{url}/login")
        page.fill("[name=email]", person.email)
        page.fill("[name=password]", person.password)
        page.click("main form button")
        page.wait_for_url("**/calendar")

    return Desk(url, fleet, vehicles, partner, loans, sign_in)


def test_days_are_paged_by_key_and_the_row_is_kept(desk: Desk, page: Page) -> None:
    """A week on, four weeks on, a date: the days change, the person stays where they were."""
    desk.open(page)
    row = page.locator(f"#v{desk.vehicles[1].id}")
    row.locator(".bar > a").focus()
    page.keyboard.press("]")
    expect(page.locator("#calendar")).to_have_attribute("data-first", "2060-06-14")
    expect(row.locator(".bar > a")).to_be_focused()
    page.keyboard.press("}")
    expect(page.locator("#calendar")).to_have_attribute("data-first", "2060-07-12")
    expect(page.locator(".month").first).to_have_text("July 2060")
    expect(row.locator(":focus")).to_have_count(1)
    page.keyboard.press("Shift+PageUp")
    expect(page.locator("#calendar")).to_have_attribute("data-first", "2060-06-14")
    page.keyboard.press("g")
    expect(page.locator("#go")).to_be_focused()
    page.locator("#go").fill("2061-01-06")
    expect(page.locator("#calendar")).to_have_attribute("data-first", "2061-01-03")
    expect(page.locator("#calendar")).to_have_attribute("data-days", "28")


def test_a_day_of_moves_is_opened_by_key_and_leads_to_the_bar(desk: Desk, page: Page) -> None:
    """Arrows go from day to day, Enter says who moves, the loan there opens at its bar."""
    desk.open(page)
    moves = page.locator("#capacity a.load")
    expect(moves).to_have_text(["1", "1", "1"])
    moves.first.focus()
    page.keyboard.press("ArrowRight")
    expect(moves.nth(1)).to_be_focused()
    expect(page.locator(".tip:not(.hand)")).to_have_text("Tue 06-15-60: 1 of 2 moves")
    page.keyboard.press("Escape")
    expect(page.locator(".tip:not(.hand)")).to_be_hidden()
    page.keyboard.press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("heading", name="Swaps (1)")).to_be_visible()
    expect(dialog).to_contain_text("García, Ana")
    assert_accessible(page)
    dialog.locator("a.to-bar").first.click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#card")).to_contain_text("Ana García")


def test_what_others_lend_is_counted_when_a_row_is_drawn_again(desk: Desk, page: Page) -> None:
    """A loan that is deleted takes its moves with it, without a reload."""
    desk.open(page)
    page.locator(f"#b{desk.loans[0]} > a").focus()
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="Delete it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#b{desk.loans[0]}")).to_have_count(0)
    expect(page.locator("#capacity a.load")).to_have_count(2)


def test_every_overlap_is_seen(desk: Desk, page: Page) -> None:
    """Five of FMS's rows over each other stand in five lanes, none behind another."""
    for number in range(5):
        desk.fleet.add_activity(desk.vehicles[0], None, start_day=MONDAY + timedelta(days=10 + number))
    desk.open(page)
    bars = page.locator(f"#v{desk.vehicles[0].id} .bar.hold")
    expect(bars).to_have_count(5)
    tops = {round(box["y"]) for box in (bars.nth(number).bounding_box() for number in range(5)) if box}
    assert len(tops) == 5


def test_a_phone_lists_the_days_and_is_a_whole_tool(desk: Desk, phone: Page) -> None:
    """How full each day is, planning from a day, choosing loans, searching, paging: all by thumb at 390 pixels."""
    desk.open(phone)
    monday = phone.locator(".day-list", has=phone.get_by_role("heading", name="Mon 06-07-60"))
    expect(monday.get_by_role("link", name="Mon 06-07-60: 1 of 2 moves")).to_be_visible()
    expect(phone.locator(".board")).to_be_hidden()
    assert_fits(phone)
    assert_accessible(phone)
    monday.get_by_role("checkbox").check()
    expect(phone.locator("#bulk .count")).to_have_text("1 chosen")
    monday.get_by_role("checkbox").uncheck()
    monday.get_by_role("link", name="Plan a loan from").click()
    expect(phone.locator("#loan-start")).to_have_value(MONDAY.isoformat())
    phone.locator("#dialog").get_by_role("button", name="Close").click()
    phone.locator("#week-on").click()
    expect(phone.locator("#calendar")).to_have_attribute("data-first", "2060-06-14")
    swap = phone.locator(".day-list", has=phone.get_by_role("heading", name="Tue 06-15-60"))
    expect(swap.locator("li")).to_have_count(2)
    swap.get_by_role("link", name="A1").click()
    expect(phone.locator("#card").get_by_role("button", name="Request in FMS")).to_be_visible()
    assert_fits(phone)


def test_dark_and_on_paper(desk: Desk, page: Page) -> None:
    """In the dark nobody is shut out; paper has no controls, says whose days they are, and gives each look a letter."""
    page.emulate_media(color_scheme="dark")
    desk.open(page)
    expect(page.locator(".day.holiday")).to_contain_text("Founders' Day")
    assert_accessible(page)
    page.emulate_media(media="print", color_scheme="light")
    expect(page.locator(".printed")).to_contain_text("Los Angeles · vehicles · Mon 06-07-60 to Sun 07-04-60")
    # Shortly after midnight, where that is.
    page.clock.set_fixed_time(page.evaluate("Date.parse('2060-06-07T00:05') / 1000"))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#printed")).to_contain_text("06-07-60 00:05 ")
    for control in (".toolbar", ".plan", "#card"):
        expect(page.locator(control).first).to_be_hidden()
    bar = page.locator(f"#b{desk.loans[0]} > a")
    bar.focus()
    expect(bar).to_have_css("outline-width", "0px")
    letter = bar.evaluate("link => getComputedStyle(link, '::before').content")
    assert letter == '"H"'
    assert page.locator(".days").evaluate("head => getComputedStyle(head).display") == "table-header-group"
