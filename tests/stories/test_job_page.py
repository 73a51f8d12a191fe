"""A dispatcher and one job, in a real browser: change it, see both values, tick, add one by hand, keep the trucks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, wait_for_frame, watched_page
from tests.journey_rows import Yard
from tests.rows import People, Person
from tests.servers import LiveServer
from tests.stories.crew_desk import sign_in
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.journeys import service
from webapp.journeys.models import TruckJourney

pytestmark = pytest.mark.usefixtures("sqlite_app", "monday")
PHONE = {"width": 390, "height": 844}


@dataclass
class Desk:
    """A dispatcher of Denver at one job of today."""

    app: Flask
    page: Page
    url: str
    person: Person
    yard: Yard
    job: TruckJourney

    def open(self, address: str = "") -> None:
        """Go to the job, or to what is below its address."""
        self.page.goto(f"{self.url}/journeys/{self.job.id}{address}")

    def press(self, words: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=words, exact=True).click()

    def says(self, words: str) -> None:
        """Wait until a message says so."""
        expect(self.page.locator("#messages")).to_contain_text(words)

    def has_focus(self, selector: str) -> None:
        """Wait until that element has the focus."""
        expect(self.page.locator(selector)).to_be_focused()

    def stored(self) -> TruckJourney:
        """The job as the database has it."""
        with self.app.app_context():
            found = db.session.get_one(TruckJourney, self.job.id)
            db.session.refresh(found)
            db.session.expunge(found)
            return found


@pytest.fixture
def desk(monday: None, app: Flask, page: Page, live_server: Callable[[Flask], LiveServer], yard: Yard) -> Desk:
    """See `Desk`; signed in, at the job."""
    person = yard.dispatcher("Odette Farnham")
    job = yard.journey(customer_name="Rowan Pike", notes="Ring twice.", crew=[yard.driver("Kim Diaz")])
    url = live_server(app).url
    sign_in(page, url, person, f"/journeys/{job.id}")
    return Desk(app, page, url, person, yard, job)


def test_a_changed_time_is_shown_beside_smartmovings_until_that_is_used(desk: Desk) -> None:
    """Change by form, both values side by side, back to SmartMoving's with one button; the reader is not lost."""
    page = desk.page
    assert_accessible(page)
    page.get_by_role("link", name="Change", exact=True).click()
    page.wait_for_url(re.compile("/edit$"))
    assert_accessible(page)
    page.get_by_label("Arrival from").fill("09:30")
    page.get_by_label("Arrival to").fill("11:00")
    desk.press("Save")
    page.wait_for_url(re.compile(f"/journeys/{desk.job.id}$"))
    desk.says("Saved.")
    both = page.get_by_role("group", name="Arrival from")
    expect(both).to_contain_text(re.compile(r"Here\s+09:30\s+Odette Farnham, 11-23-26 1\d:\d\d MST"))
    expect(both).to_contain_text(re.compile(r"SmartMoving\s+08:00"))
    expect(page.locator(".when")).to_contain_text("09:30 to 11:00")
    assert_accessible(page)
    desk.press("Use SmartMoving's: Arrival to")
    desk.says("Arrival to: as in SmartMoving from now on.")
    desk.has_focus("#both-head")
    expect(page.get_by_role("group", name="Arrival to")).to_have_count(0)
    desk.press("Use SmartMoving's: Arrival from")
    desk.says("Arrival from: as in SmartMoving from now on.")
    expect(page.get_by_text("Nothing: every field is as in SmartMoving.")).to_be_visible()
    assert_accessible(page)
    assert (desk.stored().arrival_start, desk.stored().overrides) == (480, {})
    expect(page.locator(".history")).to_contain_text("Arrival from: 08:00 instead of 09:30.")


def test_ticks_keep_the_focus_and_are_told(desk: Desk) -> None:
    """By keyboard, one after the other: each says what it did, the focus stays where it is, and the page too."""
    page = desk.page
    box = page.get_by_role("checkbox", name="Addresses and access checked")
    expect(box).to_have_attribute("aria-checked", "false")
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_have_attribute("aria-checked", "true")
    desk.says("Ticked: Addresses and access checked.")
    desk.has_focus("#tick-addresses_checked")
    expect(page.locator("#ticks-head")).to_contain_text("1 of 22")
    page.keyboard.press("Tab")
    desk.has_focus("#tick-customer_called")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Customer called")).to_have_attribute("aria-checked", "true")
    desk.has_focus("#tick-customer_called")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(box).to_have_attribute("aria-checked", "false")
    desk.says("No longer ticked: Addresses and access checked.")
    assert_accessible(page)


def test_what_a_colleague_does_appears_without_a_reload(desk: Desk) -> None:
    """Within seconds, announced, the focus kept; and nothing is confirmed by that."""
    page = desk.page
    page.clock.install()
    desk.open()
    page.get_by_role("checkbox", name="Papers signed").focus()
    with desk.app.app_context():
        service.report_problem(desk.yard.dispatcher("Gil Ames").actor, desk.job.id, "The lift is broken.")
    page.clock.fast_forward(5_000)
    expect(page.locator(".banner.refused")).to_have_text(re.compile("The lift is broken"))
    expect(page.locator("#live")).to_have_text("This page was updated: the job has changed.")
    desk.has_focus("#tick-papers_signed")
    assert_accessible(page)
    desk.press("Seen")
    expect(page.get_by_role("button", name="Seen")).to_have_count(0)
    expect(page.locator(".banner.refused")).to_be_visible()
    page.context.set_offline(True)
    page.clock.fast_forward(11_000)
    expect(page.locator("#live")).to_have_text("This page is not up to date: our server cannot be reached.")
    expect(page.locator("#messages .failed")).to_have_count(0)
    page.context.set_offline(False)
    page.clock.fast_forward(5_000)
    expect(page.locator("#live")).to_have_text("")


def test_two_dispatchers_and_a_stale_form(desk: Desk) -> None:
    """The second to save reads what the first changed, keeps what was typed, and saves again."""
    page = desk.page
    desk.open("/edit")
    page.get_by_label("Arrival from").fill("09:30")
    page.get_by_label("Notes for the crew").fill("Ring three times.")
    with desk.app.app_context():
        other = desk.yard.dispatcher("Gil Ames").actor
        service.change(other, desk.job.id, {"arrival_start": 540, "move_size": "4 rooms"})
    desk.press("Save")
    banner = page.locator(".banner.warning")
    expect(banner).to_contain_text("Arrival from: 09:00 (you typed 09:30)")
    expect(banner).to_contain_text("Size: 4 rooms")
    expect(banner).to_be_focused()
    expect(page.get_by_label("Arrival from")).to_have_value("09:30")
    expect(page.get_by_label("Size")).to_have_value("4 rooms")
    assert_accessible(page)
    desk.press("Save")
    page.wait_for_url(re.compile(f"/journeys/{desk.job.id}$"))
    found = desk.stored()
    assert (found.arrival_start, found.move_size, found.notes) == (570, "4 rooms", "Ring three times.")


def test_a_job_by_hand_on_and_off_the_board(desk: Desk) -> None:
    """Faults in place with the focus at the first; then it is on the board, off it with a reason, and on it again."""
    page = desk.page
    page.goto(f"{desk.url}/journeys/new")
    assert_accessible(page)
    page.get_by_label("Crew needed").fill("many")
    desk.press("Add the job")
    desk.has_focus("#job-customer_name")
    expect(page.locator("#fault-crew_needed")).to_have_text("Crew needed is not a number.")
    assert_accessible(page)
    page.get_by_label("Name").fill("Ash Quill")
    page.get_by_label("Crew needed").fill("2")
    page.get_by_label("All addresses").fill("1 Oak Street\n2 Elm Street")
    desk.press("Add the job")
    page.wait_for_url(re.compile(r"/journeys/\d+$"))
    desk.says("The job is on the board.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ash Quill")
    expect(page.get_by_text("Still needed: 2 people and 1 truck.")).to_be_visible()
    page.get_by_text("Take it off the board").first.click()
    assert_accessible(page)
    page.get_by_label("Why?").fill("The customer called it off.")
    page.locator("#take-off").click()
    desk.says("The job is off the board.")
    expect(page.locator("#messages .message")).to_have_count(1)
    expect(page.locator(".banner.warning")).to_contain_text("The customer called it off.")
    desk.has_focus("#job")
    assert_accessible(page)
    desk.press("Put back on the board")
    desk.says("The job is on the board again.")
    expect(page.locator(".badges")).not_to_contain_text("Off the board")
    expect(page.get_by_role("button", name="Put back on the board")).to_have_count(0)


def test_trucks_are_kept_in_place(desk: Desk) -> None:
    """Add, a name that is taken, rename, out of use and back: each where it was done, the focus where it was."""
    page = desk.page
    page.goto(f"{desk.url}/journeys/trucks")
    assert_accessible(page)
    for _ in range(2):
        page.get_by_label("Name of the truck").fill("Truck 7")
        desk.press("Add the truck")
        expect(page.get_by_role("rowheader", name="Truck 7")).to_be_visible()
    expect(page.locator("#truck-fault")).to_have_text("There is a truck Truck 7 at Denver already.")
    desk.has_focus("#truck-name")
    assert_accessible(page)
    page.get_by_label("Rename Truck 7").click()
    page.get_by_label("New name of Truck 7").fill("Big Blue")
    desk.press("Save")
    expect(page.get_by_role("rowheader", name="Big Blue")).to_be_visible()
    desk.press("Take Big Blue out of use")
    expect(page.get_by_role("rowheader", name="Big Blue Out of use")).to_be_visible()
    again = page.get_by_role("button", name="Use Big Blue again")
    expect(again).to_be_focused()
    assert_accessible(page)
    again.click()
    expect(page.get_by_text("Out of use", exact=True)).to_have_count(0)


def test_forms_open_over_the_page_and_give_the_focus_back(desk: Desk) -> None:
    """Crew, trucks, problem, stages: in a dialog, refused in it, then told and drawn again with nothing reloaded."""
    page = desk.page
    desk.yard.mover("Ola Berg")
    truck = desk.yard.truck("Truck 7")
    desk.yard.journey(trucks=[truck])
    page.evaluate("window.isSamePage = true")
    dialog = page.get_by_role("dialog")
    page.get_by_role("link", name="Change the crew").click()
    expect(dialog.get_by_label("Kim Diaz")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    desk.has_focus("#job-crew")
    page.get_by_role("link", name="Change the crew").click()
    dialog.get_by_label("Ola Berg").check()
    dialog.get_by_role("button", name="Save").click()
    desk.says("crew of 2 saved")
    expect(page.locator("#job")).to_contain_text("Ola Berg")
    desk.has_focus("#job-crew")
    page.get_by_role("link", name="Assign trucks").click()
    dialog.get_by_label("Truck 7").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".clashes")).to_contain_text("Truck 7 is also on")
    expect(page.locator("#messages .warning")).to_be_visible()
    desk.has_focus("#job-trucks")
    page.get_by_role("link", name="Problem…").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("#refusal")).to_be_visible()
    assert_accessible(page)
    dialog.get_by_role("textbox").fill("The lift is broken.")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#job .banner.refused")).to_contain_text("The lift is broken.")
    desk.has_focus("#job-problem")
    page.get_by_role("link", name="Move…").click()
    assert_accessible(page)
    dialog.get_by_role("button", name="Move").click()
    expect(page.locator("[aria-current=step]")).to_have_text("En route")
    expect(dialog).to_have_count(0)
    assert page.evaluate("window.isSamePage")
    assert_accessible(page)


def fill_up(desk: Desk) -> None:
    """Give the job everything that a page can show: both values, a problem, a clash, a failed reading, long words."""
    kim, truck = desk.yard.driver("Maximiliana Featherstonehaugh-Cholmondeley"), desk.yard.truck("Truck 7")
    desk.yard.journey(crew=[kim], trucks=[truck])
    desk.yard.assign(desk.job, kim, truck)
    with desk.app.app_context():
        other = desk.yard.dispatcher("Gil Ames").actor
        long = {"move_size": "3 bedrooms, a piano and " + "x" * 40, "stops": ["1 Oak Street", "2 Elm", "3 Ash Court"]}
        service.change(other, desk.job.id, {**long, "arrival_start": 570})
        service.report_problem(other, desk.job.id, "The lift is broken.")
        service.tick(other, desk.job.id, "papers_signed", True)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_every_window(desk: Desk, browser: Browser, colours: str, width: int) -> None:
    """No sideways scrolling, every button at least 24 px high, axe finds nothing; all that a page can show is there."""
    fill_up(desk)
    options: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "color_scheme": colours}
    with watched_page(browser, **options) as page:
        sign_in(page, desk.url, desk.person, f"/journeys/{desk.job.id}")
        for address in (f"/journeys/{desk.job.id}", f"/journeys/{desk.job.id}/edit", "/journeys/trucks"):
            page.goto(desk.url + address)
            assert_fits(page)
            low = page.evaluate(
                """() => [...document.querySelectorAll("main :is(button, .button, summary)")].filter((each) =>
                    each.checkVisibility() && each.getBoundingClientRect().height < 24).map((each) => each.outerHTML)"""
            )
            assert low == []
            assert_accessible(page)


def test_an_auditor_reads_the_same_page(desk: Desk, browser: Browser, people: People) -> None:
    """All that there is to read, nothing to press: no form and no button, and still nobody is shut out."""
    fill_up(desk)
    with watched_page(browser) as page:
        sign_in(page, desk.url, people(Role.AUDITOR), f"/journeys/{desk.job.id}")
        expect(page.get_by_role("group", name="Arrival from")).to_contain_text("08:00")
        expect(page.get_by_text("Papers signed: done")).to_be_visible()
        expect(page.locator("main :is(button, form, input, a[data-dialog])")).to_have_count(0)
        assert_accessible(page)
        page.goto(f"{desk.url}/journeys/trucks")
        expect(page.get_by_role("rowheader", name="Truck 7")).to_be_visible()
        expect(page.locator("main :is(button, form, input)")).to_have_count(0)
        assert_accessible(page)


def test_without_script_the_same_forms_work(desk: Desk, browser: Browser) -> None:
    """Tick, change with a fault, use SmartMoving's, move on, add a truck: every form is an ordinary one as well."""
    with watched_page(browser, java_script_enabled=False) as page:
        sign_in(page, desk.url, desk.person, f"/journeys/{desk.job.id}")
        page.get_by_role("checkbox", name="Papers signed").click()
        expect(page.get_by_role("checkbox", name="Papers signed")).to_have_attribute("aria-checked", "true")
        page.get_by_role("link", name="Change", exact=True).click()
        page.get_by_label("Time needed").fill("long")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#fault-minutes_needed")).to_have_text("Time needed is not a length such as 2:30.")
        page.get_by_label("Time needed").fill("3:15")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("group", name="Time needed")).to_contain_text("3 h 15 min")
        page.get_by_role("button", name="Use SmartMoving's: Time needed").click()
        expect(page.get_by_role("group", name="Time needed")).to_have_count(0)
        page.goto(f"{desk.url}/journeys/trucks")
        page.get_by_label("Name of the truck").fill("Truck 7")
        page.get_by_role("button", name="Add the truck").click()
        page.goto(f"{desk.url}/journeys/{desk.job.id}")
        page.get_by_role("link", name="Assign trucks").click()
        page.get_by_label("Truck 7").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Move on: en route").click()
        expect(page.locator("[aria-current=step]")).to_have_text("En route")
    assert desk.stored().overrides == {}


def test_in_the_frame_it_has_no_header_and_follows(desk: Desk) -> None:
    """Framed by FMS the job is the same page without our header; its links and forms stay in the frame."""
    page = desk.page
    page.evaluate(
        """() => {
            const frame = document.createElement("iframe");
            Object.assign(frame, { src: `${location.href}?embedded=1`, width: 900, height: 700 });
            document.body.replaceChildren(frame);
        }"""
    )
    wait_for_frame(page)
    frame = page.frame_locator("iframe")
    expect(frame.locator("html.framed")).to_be_visible()
    expect(frame.locator(".mark")).to_be_hidden()
    frame.get_by_role("checkbox", name="Papers signed").click()
    expect(frame.get_by_role("checkbox", name="Papers signed")).to_have_attribute("aria-checked", "true")
    frame.get_by_role("link", name="Change", exact=True).click()
    frame.get_by_label("Size").fill("4 rooms")
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_role("group", name="Size")).to_contain_text("4 rooms")
    assert page.url == f"{desk.url}/journeys/{desk.job.id}"
