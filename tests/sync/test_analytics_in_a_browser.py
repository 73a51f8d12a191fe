"""The analytics page in a browser: in both colours, on a phone, on paper; axe finds nothing."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.journey_rows import MONDAY_MORNING, Yard
from tests.rows import DAY, People, Person, company_id_of
from tests.servers import LiveServer
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.journeys.stages import Stage
from webapp.smartmoving.models import SmartMovingCall
from webapp.sync.models import RunKind, RunStatus, SyncRun

pytestmark = pytest.mark.usefixtures("sqlite_app", "monday")
PLACES = ("Denver", "Boulder", "Fort Collins with a name that is longer than a chart has room")


@pytest.fixture
def company(app: Flask, people: People) -> Yard:
    """A month of work: jobs of three branches with crews and trucks, runs and calls."""
    yard, dice = Yard(app, people), random.Random(4)
    crews = [yard.driver(f"Driver Nr{number}") for number in range(6)]
    trucks = [yard.truck(f"Truck {number}") for number in range(4)]
    for place in (yard.location(name, "America/Denver") for name in PLACES):
        for day in range(-30, 8):
            yard.journeys(
                dice.randint(0, 4),
                place,
                day=DAY + timedelta(days=day),
                service_type=dice.choice(["Moving", "Packing", "Load only"]),
                stage=dice.choice(list(Stage)),
                confirmed=dice.choice([True, True, False]),
                estimated_value=Decimal(dice.randint(500, 9000)),
                minutes_needed=dice.choice([None, 90, 240, 480]),
                crew=dice.sample(crews, 2),
                trucks=[dice.choice(trucks)],
            )
    with app.app_context(), writing() as session:
        company_id = company_id_of(session, app)
        for hours in range(400):
            moment = MONDAY_MORNING - timedelta(hours=hours)
            status = dice.choice([RunStatus.SUCCEEDED] * 8 + [RunStatus.PARTIAL, RunStatus.FAILED])
            session.add(
                SyncRun(
                    company_id=company_id,
                    kind=RunKind.SMARTMOVING,
                    trigger="schedule",
                    status=status,
                    started_at=moment,
                    finished_at=moment + timedelta(seconds=dice.uniform(3, 40)),
                )
            )
            outcome = dice.choice(["ok"] * 9 + ["throttled"])
            session.add(SmartMovingCall(company_id=company_id, called_at=moment, kind="customers", outcome=outcome))
    return yard


def open_page(page: Page, url: str, person: Person) -> None:
    page.goto(f"{url}/login?next=/analytics")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Analytics")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_it_reads_on_a_screen_and_on_a_phone(
    app: Flask,
    browser: Browser,
    people: People,
    company: Yard,
    live_server: Callable[[Flask], LiveServer],
    colours: str,
) -> None:
    """Every drawing has its table beside it; nothing scrolls sideways but drawings and tables; axe finds nothing."""
    url = live_server(app).url
    with watched_page(browser, color_scheme=colours) as page:
        open_page(page, url, people(Role.MANAGER, locations=list(PLACES)))
        expect(page.get_by_role("img", name="Jobs by day")).to_be_visible()
        expect(page.get_by_role("img", name="Booked value by day")).to_be_visible()
        assert_accessible(page)
        for summary in page.locator(".figures summary").all():
            summary.click()
        expect(page.get_by_role("table")).to_have_count(9)
        assert_accessible(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert_fits(page)
        assert_accessible(page)


def test_the_filters_lead_to_other_figures(
    app: Flask, page: Page, company: Yard, live_server: Callable[[Flask], LiveServer]
) -> None:
    """Choose a branch and days, and the address has them."""
    open_page(page, live_server(app).url, company.dispatcher(locations=list(PLACES)))
    page.get_by_role("combobox", name="Location").select_option("Boulder")
    page.get_by_label("From").fill("2026-11-20")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".what")).to_contain_text("Fri 11-20-26")
    assert "location=Boulder" in page.url
    page.get_by_role("link", name="This month", exact=True).click()
    expect(page.locator(".what")).to_contain_text("Sun 11-01-26")
    assert "location=Boulder" in page.url


def test_on_paper_every_table_is_there(
    app: Flask, page: Page, company: Yard, live_server: Callable[[Flask], LiveServer]
) -> None:
    """What is folded on the screen is printed; buttons and filters are not."""
    open_page(page, live_server(app).url, company.dispatcher(locations=list(PLACES)))
    expect(page.locator("#days table")).to_be_hidden()
    page.emulate_media(media="print")
    for table in page.locator(".figures table").all():
        expect(table).to_be_visible()
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.get_by_role("img", name="Jobs by day")).to_be_visible()
