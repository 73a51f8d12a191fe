"""From the request to FMS's word, in a real browser: approved, refused, swapped, forgotten; after the feeds ran."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browsers import assert_accessible
from tests.known_to_fms import add_loans
from tests.rows import Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import LiveServer
from webapp.loans import requests
from webapp.loans.models import Assignment
from webapp.loans.states import Status
from webapp.sync import service

# A Monday after everything that the stand-in FMS has planned by itself, and after today for long.
MONDAY = date(2060, 6, 7)
VIEW = f"/calendar?office=Los+Angeles&start={MONDAY.isoformat()}&activity=with"
pytestmark = pytest.mark.usefixtures("sqlite_app")


@pytest.fixture
def scheduler(people: People) -> Person:
    return people()


@pytest.fixture
def signed_in(
    app: Flask, page: Page, scheduler: Person, live_server: Callable[[Flask], LiveServer]
) -> Callable[[str], None]:
    """`signed_in(address)` goes to a page of the application as the scheduler."""
    url = live_server(app).url
    page.goto(f"{url}/login")
    page.fill("[name=email]", scheduler.email)
    page.fill("[name=password]", scheduler.password)
    page.click("main button[type=submit], main form button")
    page.wait_for_url("**/calendar")

    def go(address: str) -> None:
        page.goto(url + address)

    return go


def request(app: Flask, scheduler: Person, loan: Assignment) -> int:
    """Ask FMS for the loan; its number there."""
    with app.app_context():
        number = requests.request(scheduler.actor, loan.id).fms_request_id
    assert number is not None
    return number


def sync(app: Flask) -> None:
    with app.app_context():
        service.run_feeds("manual")


def test_approved_and_refused(
    app: Flask,
    page: Page,
    fleet: Fleet,
    sandbox: SandboxProcess,
    scheduler: Person,
    signed_in: Callable[[str], None],
) -> None:
    """FMS approves one on other days and refuses the other: one blue bar that says what changed, one cancelled."""
    approved, refused = add_loans(sandbox, fleet, 2, start_day=MONDAY)
    numbers = [request(app, scheduler, loan) for loan in (approved, refused)]
    signed_in(VIEW)
    expect(page.locator(f"#b{approved.id}")).to_have_class("bar requested")
    days = {"start_date": (MONDAY + timedelta(1)).isoformat(), "end_date": (MONDAY + timedelta(8)).isoformat()}
    sandbox.approve(numbers[0], **days)
    sandbox.refuse(numbers[1], "Vehicle is reserved for an event")
    sync(app)

    signed_in(VIEW)
    bar = page.locator(f"#b{approved.id}")
    expect(bar).to_have_class("bar active")
    # After approval the same loan showed magenta and blue: it is one bar.
    expect(page.locator(f"#v{approved.fleet_vehicle_id} .bar")).to_have_count(1)
    expect(page.locator(f"#b{refused.id}")).to_have_count(0)
    assert_accessible(page)
    bar.locator("a").click()
    card = page.locator("#card")
    expect(card).to_contain_text("Tue 06-08-60 → Tue 06-15-60")
    expect(card.get_by_role("link", name="Activity in FMS")).to_be_visible()
    card.locator(".history summary").click()
    expect(card).to_contain_text("FMS changed the dates: 06-07-60 to 06-14-60 became 06-08-60 to 06-15-60.")

    signed_in(f"{VIEW}&status=cancelled")
    page.locator(f"#b{refused.id} a").click()
    expect(card).to_contain_text(f"FMS refused request #{numbers[1]}: Vehicle is reserved for an event.")


def test_called_off_after_approval(
    app: Flask,
    page: Page,
    fleet: Fleet,
    sandbox: SandboxProcess,
    scheduler: Person,
    signed_in: Callable[[str], None],
) -> None:
    """FMS cancels what it had approved: the bar goes, the vehicle is free, and FMS's words are kept."""
    (loan,) = add_loans(sandbox, fleet, 1, start_day=MONDAY)
    number = request(app, scheduler, loan)
    sandbox.approve(number)
    sync(app)
    sandbox.cancel(number, "Recalled by the maker")
    sync(app)
    signed_in(f"{VIEW}&status=cancelled")
    page.locator(f"#b{loan.id} a").click()
    expect(page.locator("#card")).to_contain_text(f"FMS cancelled request #{number}: Recalled by the maker.")
    signed_in(VIEW)
    expect(page.locator(f"#b{loan.id}")).to_have_count(0)


def test_what_fms_never_activated_stands_out(
    app: Flask, page: Page, fleet: Fleet, sandbox: SandboxProcess, signed_in: Callable[[str], None]
) -> None:
    """A mark on the magenta bar, words for who cannot see it, and what to do on its card."""
    start = date(2026, 11, 2)
    (loan,) = add_loans(sandbox, fleet, 1, start_day=start, status=Status.REQUESTED, fms_request_id=999_999)
    sync(app)
    signed_in(f"/calendar?office=Los+Angeles&start={start.isoformat()}")
    bar = page.locator(f"#b{loan.id}")
    expect(bar).to_have_class("bar requested flagged")
    assert "FMS never activated this" in (bar.locator("a").get_attribute("aria-label") or "")
    assert_accessible(page)
    bar.locator("a").click()
    expect(page.locator("#card")).to_contain_text("FMS never activated this. It should have started")
