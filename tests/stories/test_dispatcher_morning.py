"""A dispatcher's morning in a real browser: who is missing, assigned, moved in every way, and a colleague beside."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.journey_rows import Yard
from tests.rows import Person
from webapp.accounts.queries import actor_of
from webapp.db import db
from webapp.journeys import service
from webapp.journeys.models import TruckJourney
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("sqlite_app", "monday")
# A change by others is to be seen within five seconds; a loaded machine gets some more.
PATIENCE = 15_000


@dataclass
class Desk:
    """A dispatcher of Denver at the board: one job that is ready, one that lacks everything."""

    app: Flask
    page: Page
    url: str
    yard: Yard
    ready: TruckJourney
    bare: TruckJourney
    kim: Person

    def card(self, job: TruckJourney) -> Locator:
        """The job's card."""
        return self.page.locator(f"#job-{job.id}")

    def column(self, stage: Stage) -> Locator:
        """The column of a stage."""
        return self.page.locator(f'.column[data-stage="{stage}"]')

    def is_in(self, job: TruckJourney, stage: Stage) -> None:
        """Wait until the card is in that column."""
        expect(self.column(stage).locator(f"#job-{job.id}")).to_be_visible()

    def colleague(self, act: Callable[..., object]) -> None:
        """Let another dispatcher do something meanwhile."""
        other = self.yard.dispatcher("Lee Moss")
        with self.app.app_context():
            actor = actor_of(other.user_id)
            db.session.commit()
            act(actor)


def sign_in(page: Page, url: str, person: Person, leads_to: str = "/journeys") -> None:
    page.goto(f"{url}/login?next={leads_to}")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}{leads_to}")


def fill_yard(yard: Yard) -> tuple[TruckJourney, TruckJourney, Person]:
    kim = yard.driver("Kim Diaz")
    crew = [kim, yard.mover("Ola Berg")]
    ready = yard.journey(customer_name="Rowan Pike", crew=crew, trucks=[yard.truck("Truck 7")], notes="Ring twice.")
    bare = yard.journey(customer_name="Lena Ortiz", arrival_start=9 * 60, confirmed=False, crew_needed=1)
    return ready, bare, kim


@pytest.fixture
def desk(app: Flask, page: Page, url: str, yard: Yard) -> Desk:
    """See `Desk`; signed in, at the board."""
    ready, bare, kim = fill_yard(yard)
    sign_in(page, url, yard.dispatcher("Ina Falk"))
    return Desk(app, page, url, yard, ready, bare, kim)


def test_from_missing_to_moving(desk: Desk) -> None:
    """Unassigned jobs are found, crew and truck put on with a warning, and the job set out."""
    page, bare = desk.page, desk.bare
    assert_accessible(page)
    page.get_by_role("link", name="1 unassigned").click()
    expect(desk.card(desk.ready)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"only=unassigned"))
    desk.card(bare).get_by_role("button", name="En route").click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody is on the crew yet")
    assert_accessible(page)
    page.locator("#dialog").get_by_role("link", name="Crew…").click()
    expect(page.locator("#dialog")).to_contain_text("also on")
    page.locator("#dialog").get_by_label("Kim Diaz").check()
    assert_accessible(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".message.warning")).to_contain_text("Kim Diaz is also on")
    expect(desk.card(bare).locator(".said.clash")).to_contain_text("Kim Diaz: also on")
    expect(desk.card(bare)).to_contain_text("Needs truck")
    desk.card(bare).get_by_role("link", name="Trucks 0 of 1").click()
    page.locator("#dialog").get_by_label("Truck 7").check()
    page.get_by_role("button", name="Save").click()
    expect(desk.card(bare)).to_have_count(0)
    page.get_by_role("link", name="0 unassigned").click()
    desk.card(bare).get_by_role("button", name="En route").click()
    desk.is_in(bare, Stage.EN_ROUTE)
    assert_accessible(page)


def test_a_job_goes_back_with_a_reason(desk: Desk) -> None:
    """The form asks for it, says so where it is missing, and keeps what was typed."""
    page, job = desk.page, desk.ready
    desk.card(job).get_by_role("button", name="En route").click()
    desk.is_in(job, Stage.EN_ROUTE)
    desk.card(job).get_by_role("link", name="Move…").click()
    page.get_by_label("Back to morning prep").check()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    page.get_by_label("Why does it go back?").fill("The truck broke down")
    page.get_by_role("button", name="Move", exact=True).click()
    desk.is_in(job, Stage.MORNING_PREP)
    expect(page.locator(".message.done")).to_contain_text("back to morning prep")


def test_a_card_is_dragged_to_the_next_stage(desk: Desk) -> None:
    """What dragging may not do, or must explain, comes back as the form."""
    page, job = desk.page, desk.ready
    desk.card(job).drag_to(desk.column(Stage.EN_ROUTE))
    desk.is_in(job, Stage.EN_ROUTE)
    desk.card(job).drag_to(desk.column(Stage.MORNING_PREP))
    expect(page.get_by_label("Why does it go back?")).to_be_focused()
    page.get_by_label("Why does it go back?").fill("Too early")
    page.get_by_role("button", name="Move", exact=True).click()
    desk.is_in(job, Stage.MORNING_PREP)
    desk.card(desk.bare).drag_to(desk.column(Stage.ONSITE))
    expect(page.get_by_role("alert")).to_contain_text("From morning prep it can go to en route")


def test_all_of_it_by_keyboard(desk: Desk) -> None:
    """Arrows between cards, a letter for each form, the focus back at the card."""
    page, job, bare = desk.page, desk.ready, desk.bare
    page.keyboard.press("ArrowDown")
    first, second = desk.card(job).locator("h3 a"), desk.card(bare).locator("h3 a")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    if not second.evaluate("each => each === document.activeElement"):
        page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator("#dialog-title")).to_have_text(re.compile("^Crew: .*Lena Ortiz"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(desk.card(bare)).to_contain_text("Crew 1 of 1")
    expect(second).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#dialog-title")).to_have_text(re.compile("^Move: "))
    page.keyboard.press("Escape")
    expect(second).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("pike")
    expect(desk.card(bare)).to_have_count(0)
    expect(page.locator("#q")).to_be_focused()
    expect(page).to_have_url(re.compile("q=pike"))
    page.go_back()
    expect(desk.card(bare)).to_be_visible()


def test_a_colleagues_change_comes_in_by_itself(desk: Desk) -> None:
    """Marked and told; neither what was typed nor the focus is lost; seen takes the mark off."""
    page, job = desk.page, desk.ready
    page.locator("#q").press_sequentially("pike")
    expect(desk.card(desk.bare)).to_have_count(0)
    desk.colleague(lambda actor: service.report_problem(actor, job.id, "The lift is broken"))
    expect(desk.card(job)).to_contain_text("The lift is broken", timeout=PATIENCE)
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("pike")
    expect(page.locator("#news")).to_have_text("1 changed since you looked")
    desk.card(job).get_by_role("button", name="Seen").click()
    expect(desk.card(job).locator(".change")).to_have_count(0)


def test_a_half_filled_form_survives_and_is_refused_kindly(desk: Desk) -> None:
    """The board changes behind the open form; saving says so, keeps the ticks, and goes through once more."""
    page, job = desk.page, desk.bare
    desk.card(job).get_by_role("link", name="Crew 0 of 1").click()
    page.locator("#dialog").get_by_label("Kim Diaz").check()
    lee = desk.yard.driver("Max Olm")
    desk.colleague(lambda actor: service.set_crew(actor, job.id, [lee.user_id]))
    expect(desk.card(job)).to_contain_text("Max Olm", timeout=PATIENCE)
    expect(page.locator("#dialog").get_by_label("Kim Diaz")).to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_contain_text("Somebody has changed this job meanwhile")
    expect(page.locator("#dialog").get_by_label("Kim Diaz")).to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(desk.card(job)).to_contain_text("Kim Diaz")


def test_two_dispatchers_see_each_other(desk: Desk, browser: Browser) -> None:
    """What one moves stands in the other's column within seconds, without a reload."""
    with watched_page(browser) as second:
        sign_in(second, desk.url, desk.yard.dispatcher("Noa Lind"))
        expect(second.locator(f"#job-{desk.ready.id}")).to_be_visible()
        desk.card(desk.ready).get_by_role("button", name="En route").click()
        there = second.locator(f'.column[data-stage="EN_ROUTE"] #job-{desk.ready.id}')
        expect(there).to_be_visible(timeout=PATIENCE)


def test_a_line_that_is_down_is_said_once_and_got_over(desk: Desk) -> None:
    """No heap of messages; when the server answers again, the note goes and the change is there."""
    page = desk.page
    page.route("**/journeys/changes**", lambda route: route.abort())
    expect(page.locator("#live-note")).to_contain_text("trying again", timeout=PATIENCE)
    assert page.locator("#messages .message").count() == 0
    desk.colleague(lambda actor: service.report_problem(actor, desk.ready.id, "The lift is broken"))
    page.unroute("**/journeys/changes**")
    expect(desk.card(desk.ready)).to_contain_text("The lift is broken", timeout=PATIENCE)
    expect(page.locator("#live-note")).to_be_hidden()


def test_a_sign_in_that_ended_takes_no_form_away(desk: Desk) -> None:
    """The page says so and stays, with what was typed; nobody is sent to the login page by a poll."""
    page = desk.page
    desk.card(desk.ready).get_by_role("link", name="Problem…").click()
    page.get_by_label("What is wrong?").fill("The lift is bro")
    page.context.clear_cookies()
    expect(page.locator("#live-note")).to_contain_text("You are signed out", timeout=PATIENCE)
    expect(page.get_by_label("What is wrong?")).to_have_value("The lift is bro")


def test_by_location_in_the_dark_and_on_paper(desk: Desk) -> None:
    """A column for each branch that has jobs; the day sheet for print; nobody is shut out."""
    page = desk.page
    page.emulate_media(color_scheme="dark")
    page.get_by_role("link", name="By location").click()
    expect(page.locator(".column h2")).to_have_count(1)
    assert_accessible(page)
    page.get_by_role("link", name="Tomorrow").click()
    expect(page.get_by_role("heading", name=re.compile("^No jobs on"))).to_be_visible()
    assert_accessible(page)
    page.emulate_media(color_scheme="light")
    page.goto(f"{desk.url}/journeys/sheet")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert_accessible(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("heading", name="Denver")).to_be_visible()


def test_on_a_phone(phone: Page, url: str, yard: Yard) -> None:
    """A list by stage that fits the screen, with targets for a thumb, and forms that can be sent."""
    _, bare, _ = fill_yard(yard)
    sign_in(phone, url, yard.dispatcher())
    expect(phone.locator(f"#job-{bare.id}")).to_be_visible()
    assert_fits(phone)
    assert_accessible(phone)
    phone.locator(f"#job-{bare.id}").get_by_role("link", name="Crew 0 of 1").tap()
    phone.locator("#dialog").get_by_label("Kim Diaz").check()
    assert_accessible(phone)
    phone.get_by_role("button", name="Save").tap()
    expect(phone.locator(f"#job-{bare.id}")).to_contain_text("Crew 1 of 1")


def test_without_script(browser: Browser, url: str, yard: Yard) -> None:
    """Filters, forms and steps are plain forms and links."""
    ready, bare, _ = fill_yard(yard)
    with watched_page(browser, java_script_enabled=False) as page:
        sign_in(page, url, yard.dispatcher())
        page.get_by_label("Search job or quote number").fill("ortiz")
        page.get_by_role("button", name="Show").click()
        expect(page.locator(f"#job-{ready.id}")).to_have_count(0)
        page.locator(f"#job-{bare.id}").get_by_role("link", name="Crew 0 of 1").click()
        page.get_by_label("Kim Diaz").check()
        page.get_by_role("button", name="Save").click()
        expect(page).to_have_url(re.compile(r"/journeys\?q=ortiz$"))
        expect(page.locator("#messages")).to_contain_text("crew of 1 saved")
        page.locator(f"#job-{bare.id}").get_by_role("button", name="En route").click()
        expect(page.get_by_role("alert")).to_contain_text("There is no truck on it yet")


def test_inside_the_frame_of_fms(desk: Desk) -> None:
    """With less room and no header, a card still says everything that it says outside."""
    words = desk.card(desk.ready).inner_text()
    desk.page.evaluate("document.documentElement.classList.add('framed')")
    assert desk.card(desk.ready).inner_text() == words
    assert "Kim Diaz, Ola Berg" in words
