"""The sync page in a browser: a run watched, a refusal explained and overridden, on a phone, in the dark, framed."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.rows import People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import LiveServer
from webapp.accounts.permissions import Role
from webapp.sync import service

pytestmark = pytest.mark.usefixtures("sqlite_app")
PATIENCE = 30_000


def sign_in(page: Page, url: str, person: Person) -> None:
    page.goto(f"{url}/login?next=/sync")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sync")).to_be_visible()


def test_a_refused_report_is_explained_and_imported_once_anyway(
    app: Flask,
    page: Page,
    people: People,
    sandbox: SandboxProcess,
    live_server: Callable[[Flask], LiveServer],
) -> None:
    """Sync, watch it, see partners refused with yesterday's data kept, read what to do, import them anyway."""
    server = live_server(app)
    sign_in(page, server.url, people(Role.SUPER_ADMIN))
    expect(page.get_by_text("No run yet.")).to_be_visible()
    assert_accessible(page)
    sandbox.fault("report:loan_history", "slow", seconds=2)
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("of 6 reports done")).to_be_visible()
    expect(page.get_by_role("button", name="Syncing ...")).to_be_disabled()
    assert_accessible(page)
    expect(page.locator("#sync-history .badge", has_text="Succeeded")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#data-age")).to_have_text(re.compile("^FMS data .* today$"))
    rows = page.locator("tr.feed", has_text="Partners").locator(".rows").inner_text()
    assert rows.replace(",", "").isdigit()

    sandbox.fault("report:partners", "shrunk")
    page.get_by_role("button", name="Sync now").click()
    partners = page.locator("tr.feed", has_text="Partners")
    expect(partners.get_by_text("Refused")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#sync-history .badge", has_text="In part")).to_be_visible(timeout=PATIENCE)
    expect(partners.locator(".rows")).to_have_text(rows)
    expect(partners.get_by_text("If FMS really has so few rows now")).to_be_visible()
    sandbox.fault("report:partners", "shrunk")
    partners.get_by_text("Import anyway, this once").click()
    assert_accessible(page)
    partners.get_by_role("button", name="Import partners anyway").click()
    expect(partners.get_by_text("Imported")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#sync-history .badge", has_text="Succeeded")).to_have_count(2, timeout=PATIENCE)
    expect(partners.locator(".rows")).not_to_have_text(rows)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_page_fits_a_phone_and_the_frame(
    app: Flask,
    browser: Browser,
    people: People,
    sandbox: SandboxProcess,
    live_server: Callable[[Flask], LiveServer],
    colours: str,
) -> None:
    """390 px without sideways scrolling, in both colours, without header in the frame; axe finds nothing."""
    with app.app_context():
        service.run_feeds("nightly")
        sandbox.fault("report:vehicles", "html")
        sandbox.fault("report:partners", "bad_rows", percent=5)
        service.run_feeds("nightly")
    server = live_server(app)
    phone = {"width": 390, "height": 844}
    with watched_page(browser, viewport=phone, color_scheme=colours, has_touch=True) as page:
        sign_in(page, server.url, people(Role.SUPER_ADMIN))
        assert_fits(page)
        assert_accessible(page)
        page.goto(f"{server.url}/sync?embedded=1")
        assert_fits(page)
        assert_accessible(page)


def test_without_script_everything_can_be_done(
    app: Flask,
    browser: Browser,
    people: People,
    sandbox: SandboxProcess,
    live_server: Callable[[Flask], LiveServer],
) -> None:
    """The button starts a run, the page renews itself while it goes on, and shows its end."""
    server = live_server(app)
    with watched_page(browser, java_script_enabled=False) as page:
        sign_in(page, server.url, people(Role.SUPER_ADMIN))
        page.get_by_role("button", name="Sync now").click()
        expect(page.locator("#sync-history .badge", has_text="Succeeded")).to_be_visible(timeout=PATIENCE)
