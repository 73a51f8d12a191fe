"""The audit log in a browser: it fits and can be used by everybody, and its filter answers in place."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.audit.log_desk import PAGE, Log
from tests.audit.log_desk import log as log
from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.servers import LiveServer


@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_use_the_log(
    browser: Browser, sqlite_app: Flask, live_server: Callable[[Flask], LiveServer], log: Log, width: int
) -> None:
    """Nothing sticks out with long values either; one entry is opened; a filter leaves the rest of the page."""
    served = live_server(sqlite_app)
    long = {"notes": "x" * 300, "stops": ["1 Larch Street, Denver, CO 80202"] * 9}
    log.add(3, label="A very long name of a partner indeed " * 5, before=None, after=long)
    log.add(60, subject="journey", label="Odile 41001-1")
    with watched_page(browser, viewport={"width": width, "height": 900}) as page:
        _open(page, served, log)
        entries = page.locator(".changes > li")
        expect(entries).to_have_count(50)
        assert_fits(page)
        page.evaluate("window.stayed = true")
        page.get_by_label("Of", exact=True).select_option("loan")
        expect(entries).to_have_count(3)
        assert page.url == f"{served.url}{PAGE}?thing=loan"
        assert page.evaluate("window.stayed")
        entries.first.locator("summary").click()
        expect(entries.first.get_by_role("row", name="stops")).to_be_visible()
        assert_fits(page)
        assert_accessible(page)


def _open(page: Page, served: LiveServer, log: Log) -> None:
    page.goto(f"{served.url}/login")
    page.get_by_label("E-mail").fill(log.auditor.email)
    page.get_by_label("Password", exact=True).fill(log.auditor.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{served.url}{PAGE}")
