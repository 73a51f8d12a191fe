"""Taps of a crew over a bad line: none is lost, none counts twice, none is sent as somebody else."""

import re

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import delete, select, update

from tests.browsers import assert_accessible
from tests.rows import People
from tests.stories.crew_desk import PATIENCE, Crew, sign_in
from tests.stories.crew_desk import crew as crew
from webapp.accounts.models import UserSession
from webapp.db import db, writing
from webapp.journeys.models import JourneyCrew, JourneyEvent, TruckJourney
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("sqlite_app", "monday")


def test_taps_made_offline_arrive_once_and_in_order(crew: Crew) -> None:
    """Three ticks and a stage without a line are seen at once, wait, and all arrive in their order."""
    page = crew.page
    page.context.set_offline(True)
    for words in ("Truck inspected, fuel checked", "Paperwork on board", "Customer told when we arrive"):
        crew.tap(words)
        expect(crew.box(words)).to_be_checked()
    page.get_by_role("button", name="Start driving").tap()
    crew.is_on_screen(Stage.EN_ROUTE)
    expect(page.get_by_role("button", name="Arrived")).to_be_visible()
    crew.waits(4)
    assert_accessible(page)
    assert crew.events() == []
    page.context.set_offline(False)
    crew.waits(0)
    events = crew.events()
    assert len(events) == 4
    assert [name in said for name, said in zip(("Truck", "Paperwork", "Customer", "route"), events, strict=True)] == [
        True
    ] * 4
    assert crew.stage() == Stage.EN_ROUTE
    expect(page.locator(".waits:visible")).to_have_count(0)


def test_an_answer_that_gets_lost_doubles_nothing(crew: Crew) -> None:
    """The server did it and the line broke before it could say so: the tap is sent again and done once."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    crew.page.route(re.compile("/(tick|stage)$"), lose, times=2)
    crew.tap("Paperwork on board")
    crew.page.get_by_role("button", name="Start driving").tap()
    crew.waits(0)
    assert len(lost) == 2
    assert len(crew.events()) == 2
    assert crew.stage() == Stage.EN_ROUTE


def test_a_page_that_is_not_ours_takes_no_tap(crew: Crew) -> None:
    """A hotel's sign-in page answers 200 to anything; the tap waits for our own server."""
    crew.page.route(re.compile("/tick$"), lambda route: route.fulfill(status=200, body="Welcome to our lobby"), times=1)
    crew.tap("Paperwork on board")
    crew.waits(1)
    crew.waits(0)
    assert len(crew.events()) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_in_trouble_keeps_the_tap(crew: Crew, status: int) -> None:
    """Whatever is our fault is tried again."""

    def fail(route: Route) -> None:
        mark = route.request.headers["x-tap"]
        route.fulfill(status=status, body="no", headers={"X-Tap": mark})

    crew.page.route(re.compile("/tick$"), fail, times=1)
    crew.tap("Paperwork on board")
    crew.waits(1)
    crew.waits(0)
    assert len(crew.events()) == 1


def test_taps_wait_while_the_page_is_closed(crew: Crew) -> None:
    """Closed with taps waiting, opened again elsewhere in My jobs: they are sent."""
    context = crew.page.context
    context.set_offline(True)
    crew.tap("Paperwork on board")
    crew.page.get_by_role("button", name="Start driving").tap()
    crew.waits(2)
    crew.page.close()
    context.set_offline(False)
    assert crew.events() == []
    crew.page = context.new_page()
    crew.open("/my-jobs")
    crew.waits(0)
    assert len(crew.events()) == 2
    expect(crew.page.locator(".stage-mark")).to_have_text("En route")


def test_waiting_taps_are_shown_on_a_page_loaded_since(crew: Crew) -> None:
    """Loaded while its taps cannot be sent, the page shows what was tapped, not what the server knows."""
    page = crew.page
    page.route(re.compile("/(tick|stage)$"), lambda route: route.abort())
    crew.tap("Paperwork on board")
    page.get_by_role("button", name="Start driving").tap()
    crew.waits(2)
    page.reload()
    crew.is_on_screen(Stage.EN_ROUTE)
    expect(crew.box("Paperwork on board")).to_have_attribute("aria-checked", "true")
    crew.waits(2)
    page.unroute_all()
    page.get_by_text("What waits").tap()
    page.get_by_role("button", name="Send now").tap()
    crew.waits(0)
    assert len(crew.events()) == 2


def test_an_ended_sign_in_keeps_the_taps(crew: Crew) -> None:
    """Signed out by the server: the phone says so, keeps the taps, and sends them after signing in again."""
    with crew.app.app_context(), writing() as session:
        session.execute(delete(UserSession))
    crew.tap("Paperwork on board")
    gate = crew.page.get_by_role("link", name="Sign in again; your taps are kept")
    expect(gate).to_be_visible()
    crew.waits(1)
    assert_accessible(crew.page)
    gate.tap()
    crew.page.get_by_label("E-mail").fill(crew.driver.email)
    crew.page.get_by_label("Password").fill(crew.driver.password)
    crew.page.get_by_role("button", name="Sign in").click()
    expect(crew.box("Paperwork on board")).to_be_checked()
    crew.waits(0)
    assert len(crew.events()) == 1


def test_a_page_older_than_the_sign_in_still_sends(crew: Crew) -> None:
    """Signed in anew in another tab, the old page's token is worthless; it fetches another and loses no tap."""
    other = crew.page.context.new_page()
    crew.page.context.clear_cookies()
    sign_in(other, crew.url, crew.driver)
    crew.page.bring_to_front()
    crew.tap("Paperwork on board")
    crew.waits(0)
    assert len(crew.events()) == 1


def test_nobody_sends_the_taps_of_somebody_else(crew: Crew, people: People) -> None:
    """A colleague signs in on the same phone: the taps wait for who made them, and are done in that name."""
    page, context = crew.page, crew.page.context
    other = crew.yard.driver("Sam Poe")
    crew.yard.assign(crew.job, other)
    context.set_offline(True)
    crew.tap("Paperwork on board")
    crew.waits(1)
    context.clear_cookies()
    page.route(re.compile("/tick$"), lambda route: route.abort())
    context.set_offline(False)
    second = context.new_page()
    sign_in(second, crew.url, other)
    page.unroute_all()
    page.bring_to_front()
    page.get_by_text("What waits").tap()
    page.get_by_role("button", name="Send now").tap()
    expect(page.get_by_text("Somebody else is signed in now; your taps wait for you")).to_be_visible()
    assert crew.events() == []
    context.clear_cookies()
    sign_in(second, crew.url, crew.driver)
    expect(second.locator("#taps-waiting")).to_have_text("")
    expect(second.locator("#taps-time")).to_have_text(re.compile("Up to date"))
    expect(page.locator("#taps-waiting")).to_have_text("", timeout=PATIENCE)
    with crew.app.app_context():
        assert list(db.session.scalars(select(JourneyEvent.user_id))) == [crew.driver.user_id]


def test_a_page_of_somebody_else_becomes_theirs_who_signed_in(crew: Crew) -> None:
    """Another driver signs in on the same phone: a page still open turns into theirs, and shows no job of the first."""
    crew.open("/my-jobs")
    expect(crew.page.get_by_text("Rowan Pike")).to_be_visible()
    crew.page.context.clear_cookies()
    second = crew.page.context.new_page()
    sign_in(second, crew.url, crew.yard.driver("Sam Poe"))
    crew.page.bring_to_front()
    expect(crew.page.get_by_text("No job is assigned to you today.")).to_be_visible(timeout=PATIENCE)
    expect(crew.page.get_by_text("Sam Poe")).to_be_visible()


def test_a_refusal_drops_the_tap_and_says_why(crew: Crew) -> None:
    """What the server refuses is not tried for ever: the page shows what is true, with the reason in words."""
    with crew.app.app_context(), writing() as session:
        session.execute(update(TruckJourney).values(stage=Stage.ONSITE))
    crew.page.get_by_role("button", name="Start driving").tap()
    message = crew.page.locator("#messages .message.refused")
    expect(message).to_contain_text("Not done: Start driving. It is on site already.")
    crew.is_on_screen(Stage.ONSITE)
    crew.waits(0)
    assert crew.events() == []
    assert_accessible(crew.page)


def test_a_job_that_was_given_to_others_says_so(crew: Crew) -> None:
    """Taken off the job while its page is open, a crew reads that at its next tap."""
    with crew.app.app_context(), writing() as session:
        session.execute(delete(JourneyCrew).where(JourneyCrew.user_id == crew.driver.user_id))
    crew.tap("Paperwork on board")
    expect(crew.page.locator("#messages .message.refused")).to_contain_text("Not done: Paperwork on board.")
    expect(crew.page.get_by_text("It may have been given to somebody else.")).to_be_visible()
    assert_accessible(crew.page)


def test_a_trembling_thumb_takes_one_step(crew: Crew) -> None:
    """Two touches in quick succession at one place are one: the next step has moved under the thumb by then."""
    place = crew.page.get_by_role("button", name="Start driving").bounding_box()
    assert place
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    crew.page.touchscreen.tap(x, y)
    crew.page.touchscreen.tap(x, y)
    crew.is_on_screen(Stage.EN_ROUTE)
    crew.waits(0)
    assert crew.stage() == Stage.EN_ROUTE
    assert len(crew.events()) == 1


def test_two_tabs_send_each_tap_once(crew: Crew) -> None:
    """The same queue in two tabs: each tap arrives once, and both show what is true."""
    page, context = crew.page, crew.page.context
    second = context.new_page()
    second.goto(page.url)
    context.set_offline(True)
    for words in ("Truck inspected, fuel checked", "Paperwork on board"):
        second.get_by_role("checkbox", name=words).tap()
    expect(page.locator("#taps-waiting")).to_have_text("2 taps wait to be sent")
    context.set_offline(False)
    for each in (page, second):
        expect(each.locator("#taps-waiting")).to_have_text("", timeout=PATIENCE)
        expect(each.get_by_role("checkbox", name="Paperwork on board")).to_have_attribute("aria-checked", "true")
    assert len(crew.events()) == 2
