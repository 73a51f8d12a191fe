"""Two people at one calendar, each in a browser of their own: what one does the other sees, and nothing moves."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlalchemy import update

from tests.browsers import assert_accessible, watched_page
from tests.known_to_fms import add_partner, add_vehicles
from tests.rows import Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import LiveServer
from webapp import clock
from webapp.accounts.sessions import end_all_sessions
from webapp.db import writing
from webapp.fleet.models import Partner, Vehicle
from webapp.loans import holds
from webapp.loans.models import SoftHold
from webapp.loans.periods import Period

MONDAY = date(2060, 6, 7)
VIEW = f"/calendar?office=Los+Angeles&start={MONDAY.isoformat()}"
SCROLLED = "document.getElementById('board').scrollTop"
pytestmark = pytest.mark.usefixtures("sqlite_app")


@dataclass
class Two:
    """Wendy, who acts, and Bo, who has his own things to do; the vehicles they both see."""

    app: Flask
    wendy: Page
    bo: Page
    people: tuple[Person, Person]
    fleet: Fleet
    vehicles: list[Vehicle]
    partner: Partner

    def loan(self, vehicle: int, **columns: object) -> int:
        """A green loan of a vehicle in the first week shown."""
        return self.fleet.add_loan(self.vehicles[vehicle], self.partner, **{"start_day": MONDAY, **columns}).id  # type: ignore[arg-type]

    def open(self) -> None:
        """Both look at the same weeks."""
        for page in (self.wendy, self.bo):
            page.goto(page.url.split("/calendar")[0] + VIEW)
            page.wait_for_load_state("load")


def bar(page: Page, loan_id: int) -> Locator:
    return page.locator(f"#b{loan_id}")


def sign_in(page: Page, url: str, person: Person) -> None:
    page.goto(f"{url}/login")
    page.fill("[name=email]", person.email)
    page.fill("[name=password]", person.password)
    page.click("main form button")
    page.wait_for_url("**/calendar*")


@pytest.fixture
def two(
    app: Flask,
    page: Page,
    browser: Browser,
    people: People,
    fleet: Fleet,
    sandbox: SandboxProcess,
    live_server: Callable[[Flask], LiveServer],
) -> Iterator[Two]:
    """See `Two`."""
    url = live_server(app).url
    wendy, bo = people(name="Wendy Torque"), people(name="Bo Marsh")
    # Those that FMS knows come first on the board, too.
    vehicles, partner = add_vehicles(sandbox, fleet, 3), add_partner(sandbox, fleet)
    fleet.approve_make(partner, "Audi")
    vehicles += [fleet.add_vehicle(model=f"Q{number:02}") for number in range(27)]
    with watched_page(browser) as other:
        sign_in(page, url, wendy)
        sign_in(other, url, bo)
        yield Two(app, page, other, (wendy, bo), fleet, vehicles, partner)


def test_others_are_followed_and_nothing_moves(two: Two) -> None:
    """A loan is requested, another deleted, one planned: Bo's page shows all of it under his open card, his choice,
    his focus and where he had scrolled to."""
    requested, deleted, mine = two.loan(0), two.loan(1), two.loan(20)
    # What is planned beside it makes its row higher.
    two.fleet.add_activity(two.vehicles[4], two.partner, start_day=MONDAY)
    two.open()
    bo = two.bo
    bar(bo, mine).locator("input").check(force=True)
    bar(bo, mine).locator("a").focus()
    bo.evaluate(f"{SCROLLED} = 400")
    assert bo.evaluate(SCROLLED) > 0
    seen = bar(bo, mine).bounding_box()
    bar(two.wendy, requested).locator("a").click()
    two.wendy.get_by_role("button", name="Request in FMS").click()
    expect(bar(bo, requested)).to_have_class("bar requested")
    bar(two.wendy, deleted).locator("a").click()
    two.wendy.locator("#card [data-act=ask-delete]").click()
    two.wendy.get_by_role("button", name="Delete it").click()
    expect(bar(bo, deleted)).to_have_count(0)
    planned = two.loan(4)
    expect(bar(bo, planned)).to_have_class("bar manual")
    assert bar(bo, mine).bounding_box() == seen
    expect(bar(bo, mine).locator("a")).to_be_focused()
    expect(bar(bo, mine).locator("input")).to_be_checked()
    expect(bo.locator("#bulk .count")).to_have_text("1 chosen")
    assert bo.locator("#messages .message").count() == 0


def test_what_is_open_is_told(two: Two) -> None:
    """An open card is drawn again; a form that is being filled keeps what was typed and says who changed its loan."""
    loan = two.loan(0)
    two.open()
    bar(two.bo, loan).locator("a").click()
    expect(two.bo.get_by_role("button", name="Request in FMS")).to_be_visible()
    bar(two.wendy, loan).locator("a").click()
    two.wendy.get_by_role("button", name="Request in FMS").click()
    expect(two.bo.locator("#card .badge")).to_contain_text("Requested in FMS")
    expect(two.bo.locator("#live-said")).to_contain_text("Requested in FMS")
    two.bo.keyboard.press("Escape")
    other = two.loan(1)
    expect(bar(two.bo, other)).to_be_visible()
    two.bo.goto(two.bo.url)
    bar(two.bo, other).locator("a").click()
    two.bo.locator("#card a[href$='/change']").click()
    two.bo.fill("#dialog [name=note]", "Half a sen")
    bar(two.wendy, other).locator("a").click()
    two.wendy.locator("#card [data-act=ask-delete]").click()
    two.wendy.get_by_role("button", name="Delete it").click()
    expect(two.bo.locator("#dialog .live-note")).to_contain_text("Wendy Torque: Deleted")
    expect(two.bo.locator("#dialog [name=note]")).to_have_value("Half a sen")
    assert_accessible(two.bo)


def test_what_is_being_planned_is_seen(two: Two) -> None:
    """While Wendy's form is open her vehicle says so in Bo's row; when she saves, the loan is there instead."""
    two.open()
    row = two.bo.locator(f"#v{two.vehicles[0].id}")
    two.wendy.locator(f"#v{two.vehicles[0].id} .plan").focus()
    two.wendy.keyboard.press("Enter")
    two.wendy.fill("#loan-start", MONDAY.isoformat())
    two.wendy.fill("#loan-end", (MONDAY + timedelta(days=7)).isoformat())
    two.wendy.locator("#loan-end").blur()
    held = row.locator(".being-planned a")
    expect(held).to_contain_text("being planned by Wendy Torque until")
    expect(row.locator(".bar input")).to_have_count(0)
    held.click()
    expect(two.bo.locator("#card")).to_contain_text("whoever saves first has the vehicle")
    assert_accessible(two.bo)
    two.bo.keyboard.press("Escape")
    two.wendy.locator("#dialog .loan-form .close").click()
    expect(held).to_have_count(0)


def test_the_last_word_of_a_plan_is_what_others_see(two: Two) -> None:
    """What a form says of itself waits for what it said before, however long that is on its way."""
    two.open()
    sent = list[Route]()

    def keep_the_first(route: Route) -> None:
        sent.append(route)
        if len(sent) > 1:
            route.continue_()

    two.wendy.route("**/calendar/holds", keep_the_first)
    two.wendy.locator(f"#v{two.vehicles[0].id} .plan").focus()
    two.wendy.keyboard.press("Enter")
    two.wendy.fill("#loan-start", MONDAY.isoformat())
    two.wendy.fill("#loan-end", (MONDAY + timedelta(days=9)).isoformat())
    two.wendy.locator("#loan-end").blur()
    expect(two.wendy.locator("#dialog .reading")).to_contain_text("9 days")
    assert len(sent) == 1
    sent[0].continue_()
    held = two.bo.locator(f"#v{two.vehicles[0].id} .being-planned a")
    expect(held).to_have_attribute("aria-label", re.compile("to 06-16-60"))


def test_a_plan_runs_out_by_itself(two: Two) -> None:
    """A hold whose time is over leaves open pages too, though nothing is written then."""
    two.open()
    wendy = two.people[0].actor
    with two.app.app_context(), writing() as session:
        period = Period(MONDAY, MONDAY + timedelta(days=7))
        holds.hold(session, wendy, "a plan", [holds.Wish(two.vehicles[0].id, period)])
        session.flush()
        session.execute(update(SoftHold).values(until=clock.now() + timedelta(seconds=7)))
    held = two.bo.locator(f"#v{two.vehicles[0].id} .being-planned")
    expect(held).to_be_visible()
    expect(held).to_have_count(0)


def test_nothing_is_drawn_under_a_hand_that_holds_something(two: Two) -> None:
    """While the pointer is down on the board the page waits, and follows at once when it is let go."""
    two.open()
    bo, box = two.bo, two.bo.locator(f"#v{two.vehicles[2].id} .bars").bounding_box()
    assert box
    bo.mouse.move(box["x"] + 300, box["y"] + 10)
    bo.mouse.down()
    asked: list[str] = []
    bo.on("request", lambda request: asked.append(request.url) if "/changes" in request.url else None)
    loan = two.loan(5)
    with two.wendy.expect_response("**/calendar/changes*"):
        pass
    with two.wendy.expect_response("**/calendar/changes*"):
        pass
    assert (asked, bar(bo, loan).count()) == ([], 0)
    bo.mouse.up()
    bo.keyboard.press("Escape")
    expect(bar(bo, loan)).to_be_visible()


def test_a_sign_in_that_ended(two: Two) -> None:
    """The page leads to the login; a form that is half filled is not carried away."""
    loan = two.loan(0)
    two.open()
    bar(two.bo, loan).locator("a").click()
    two.bo.locator("#card a[href$='/change']").click()
    two.bo.fill("#dialog [name=note]", "Half a sen")
    with two.app.app_context():
        for person in two.people:
            assert person.actor.user_id
            end_all_sessions(person.actor.user_id)
    two.wendy.wait_for_url("**/login?next=/calendar*")
    expect(two.bo.locator("#messages")).to_contain_text("Your sign-in has ended")
    expect(two.bo.locator("#dialog [name=note]")).to_have_value("Half a sen")


def test_the_list_of_a_phone(two: Two, browser: Browser) -> None:
    """By day as well: what is planned appears, and what the person opened stays open."""
    two.open()
    url = two.bo.url
    with watched_page(browser, viewport={"width": 390, "height": 844}, has_touch=True) as phone:
        sign_in(phone, url.split("/calendar")[0], two.people[1])
        phone.goto(url)
        expect(phone.locator("#days")).to_be_visible()
        loan = two.loan(3)
        expect(phone.locator(f"#days a[href='/calendar/loans/{loan}']").first).to_be_attached()
