"""A crew's day on a phone, in a real browser, over lines that fail in every way they do in basements and lifts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.stories.crew_desk import Crew, sign_in
from tests.stories.crew_desk import crew as crew
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("sqlite_app", "monday")


PHONE = {"width": 390, "height": 844}


def test_a_whole_day(crew: Crew) -> None:
    """From the list to the last tick: everything reaches the desk, the page fits, nobody is shut out."""
    page = crew.page
    page.clock.install()
    crew.open("/my-jobs")
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("Rowan Pike")).tap()
    expect(page.locator(".arrival")).to_have_text("08:00 to 10:00")
    expect(page.get_by_role("link", name="Call (303) 555-0100")).to_have_attribute("href", "tel:3035550100")
    expect(page.get_by_role("link", name="Route")).to_have_attribute("href", re.compile("waypoints="))
    expect(page.get_by_text("Ola Berg")).to_be_visible()
    assert_accessible(page)
    crew.tap("Truck inspected, fuel checked")
    expect(crew.box("Truck inspected, fuel checked")).to_be_checked()
    crew.waits(0)
    for words, stage in (("Start driving", Stage.EN_ROUTE), ("Arrived", Stage.ONSITE)):
        page.get_by_role("button", name=words).tap()
        crew.is_on_screen(stage)
        crew.waits(0)
        assert crew.stage() == stage
        page.clock.fast_forward(1000)
    expect(page.locator("#phase-pickup")).to_have_attribute("open", "")
    expect(page.locator("#phase-morning_prep")).not_to_have_attribute("open", "")
    for words in (
        "Walked through with the customer",
        "Existing damage photographed",
        "Floors and door frames protected",
        "Everything on the inventory loaded",
    ):
        crew.tap(words)
    crew.waits(0)
    expect(page.locator("#phase-transport")).to_have_attribute("open", "")
    assert_accessible(page)
    crew.tap("Report a problem")
    page.get_by_label("What is wrong?").fill("The lift is out of order.")
    page.get_by_role("button", name="Tell the desk").tap()
    expect(page.locator(".problem-said")).to_have_text("The lift is out of order.")
    crew.waits(0)
    assert_accessible(page)
    crew.tap("It is solved")
    expect(page.locator(".problem-box")).to_be_hidden()
    crew.waits(0)
    page.get_by_role("button", name="Job done").tap()
    expect(page.get_by_text("Job done. The desk takes it from here.")).to_be_visible()
    crew.waits(0)
    assert crew.stage() == Stage.COMPLETED
    assert_accessible(page)


def test_nothing_moves_under_the_thumb(crew: Crew) -> None:
    """A tap that waits is marked without moving the box that will be touched next."""
    crew.page.context.set_offline(True)
    following = crew.box("Customer told when we arrive")
    following.scroll_into_view_if_needed()
    before = following.bounding_box()
    crew.tap("Paperwork on board")
    crew.waits(1)
    expect(crew.page.get_by_text("waiting", exact=True).and_(crew.page.locator(":visible"))).to_have_count(1)
    assert following.bounding_box() == before


def test_back_goes_with_a_reason(crew: Crew) -> None:
    """Started too early: back to the stage before, and the history says why."""
    page = crew.page
    page.clock.install()
    crew.open()
    page.get_by_role("button", name="Start driving").tap()
    crew.waits(0)
    page.clock.fast_forward(1000)
    page.locator("#back-en_route summary").tap()
    page.locator("#back-en_route textarea").fill("The truck would not start.")
    page.locator("#back-en_route button").tap()
    crew.is_on_screen(Stage.MORNING_PREP)
    crew.waits(0)
    assert crew.stage() == Stage.MORNING_PREP
    assert "The truck would not start." in crew.events()[-1]


@pytest.fixture
def plain_phone(browser: Browser) -> Iterator[Page]:
    """A phone whose browser runs no script."""
    with watched_page(browser, viewport=PHONE, has_touch=True, java_script_enabled=False) as page:
        yield page


def test_without_script_the_same_forms_work(crew: Crew, plain_phone: Page) -> None:
    """Every tap is an ordinary form as well."""
    sign_in(plain_phone, crew.url, crew.driver)
    plain_phone.goto(f"{crew.url}/my-jobs/{crew.job.id}")
    plain_phone.get_by_role("checkbox", name="Paperwork on board").tap()
    expect(plain_phone.get_by_role("checkbox", name="Paperwork on board")).to_have_attribute("aria-checked", "true")
    plain_phone.get_by_role("button", name="Start driving").tap()
    expect(plain_phone.get_by_role("button", name="Arrived")).to_be_visible()
    assert len(crew.events()) == 2


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 390])
def test_it_fits_the_phone_and_the_thumb(crew: Crew, browser: Browser, colours: str, width: int) -> None:
    """No sideways scrolling, everything to tap at least 48 px high, the main step within reach; axe finds nothing."""
    phone = {"width": width, "height": 780}
    with watched_page(browser, viewport=phone, color_scheme=colours, has_touch=True, is_mobile=True) as page:
        sign_in(page, crew.url, crew.driver)
        for address in ("/my-jobs", f"/my-jobs/{crew.job.id}"):
            page.goto(crew.url + address)
            assert_fits(page)
            low = page.evaluate(
                """() => [...document.querySelectorAll("main :is(a, button, summary)")].filter(
                    (each) => each.checkVisibility() && each.getBoundingClientRect().height < 48
                ).map((each) => each.outerHTML)"""
            )
            assert low == []
            assert_accessible(page)
        box = page.get_by_role("button", name="Start driving").bounding_box()
        assert box
        assert box["y"] > 640
