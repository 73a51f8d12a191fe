"""The log in a browser: filters, pages and settlements in place, for everybody."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.fms.ledger_desk import LABEL, PAGE, Ledger
from tests.fms.ledger_desk import admin as admin
from tests.fms.ledger_desk import auditor as auditor
from tests.fms.ledger_desk import ledger as ledger
from tests.rows import Person
from tests.servers import LiveServer
from webapp.fms.models import State
from webapp.fms.outcomes import CHECKING


@pytest.fixture
def served(sqlite_app: Flask, live_server: Callable[[Flask], LiveServer]) -> LiveServer:
    """The application over real HTTP, for a browser; the engine cannot matter there."""
    return live_server(sqlite_app)


def open_log(page: Page, served: LiveServer, person: Person, query: str = "") -> None:
    """Sign in and open the log."""
    page.goto(f"{served.url}/login")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{served.url}{PAGE}{query}")


def test_in_a_browser_filters_pages_and_settlements_answer_in_place(
    page: Page, served: LiveServer, ledger: Ledger, admin: Person
) -> None:
    """The address follows, Back works, focus is where the fault is, and the rest of the page stays."""
    ledger.add(70)
    uncertain = ledger.add(state="uncertain", error=CHECKING, fms_request_id=None, milliseconds=None)
    open_log(page, served, admin)
    rows = page.locator("tr.line")
    expect(rows).to_have_count(50)
    page.evaluate("window.stayed = true")
    page.get_by_label("State").select_option("uncertain")
    expect(rows).to_have_count(1)
    assert page.url == f"{served.url}{PAGE}?state=uncertain"
    number = page.get_by_label("Its number in FMS")
    number.fill("4001")
    page.get_by_role("button", name="It is in FMS", exact=True).click()
    expect(page.locator(f"#fault-{uncertain}")).to_have_text(f"Request #4001 already belongs to {LABEL}.")
    expect(number).to_have_value("4001")
    expect(number).to_be_focused()
    number.fill("5000")
    number.press("Enter")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Requested in FMS (#5000)")).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(rows).to_have_count(21)
    assert page.url == f"{served.url}{PAGE}?page=2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_the_log(
    browser: Browser, served: LiveServer, ledger: Ledger, admin: Person, scheme: Any, width: int
) -> None:
    """Axe finds nothing, in light and dark, on a desk and on a phone; nothing is cut off at the side."""
    for state in State:
        ledger.add(state=state, error=CHECKING if state in {"uncertain", "failed"} else "")
    ledger.add(kind="delete", state="uncertain", error=CHECKING)
    viewport = {"width": width, "height": 844}
    with watched_page(browser, viewport=viewport, color_scheme=scheme) as page:
        open_log(page, served, admin)
        expect(page.locator("tr.line")).to_have_count(6)
        assert_accessible(page)
        assert_fits(page)
        small = "[...document.querySelectorAll('.ledger :is(button, a.button, input, select)')]"
        assert page.evaluate(f"{small}.filter(one => one.offsetHeight && one.offsetHeight < 24).length") == 0
        page.goto(f"{served.url}{PAGE}?loan=999")
        expect(page.get_by_text("Nothing matches")).to_be_visible()
        assert_accessible(page)
