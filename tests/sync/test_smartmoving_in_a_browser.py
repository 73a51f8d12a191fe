"""SmartMoving on the sync page and the branches page in a browser: watched, changed, on a phone, in the dark."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.rows import People
from tests.sandbox_process import SandboxProcess
from tests.servers import LiveServer
from tests.sync.test_page_in_a_browser import PATIENCE, sign_in
from webapp.accounts.permissions import Role
from webapp.sync import smartmoving_runs

pytestmark = pytest.mark.usefixtures("sqlite_app", "noon")
PHONE = {"width": 390, "height": 844}


def test_a_look_is_started_watched_and_told(
    movers_app: Flask,
    movers: SandboxProcess,
    page: Page,
    people: People,
    live_server: Callable[[Flask], LiveServer],
) -> None:
    """Sync now, see how far it is, a job that cannot be read is named with the reason; the second look reads it."""
    server = live_server(movers_app)
    sign_in(page, server.url, people(Role.SUPER_ADMIN))
    jobs = page.get_by_role("region", name="SmartMoving", exact=True)
    expect(jobs.get_by_text("Never brought yet")).to_be_visible()
    assert_accessible(page)
    movers.switch_smartmoving(page_seconds=2)
    movers.fault("smartmoving:opportunity", "broken")
    jobs.get_by_role("button", name="Sync now for jobs").click()
    expect(jobs.get_by_text("A run is going on since")).to_be_visible()
    expect(jobs.get_by_role("button", name=re.compile("Syncing"))).to_be_disabled()
    assert_accessible(page)
    history = page.locator("#jobs-history")
    expect(history.get_by_text("In part")).to_be_visible(timeout=PATIENCE)
    expect(jobs.get_by_text("1 job could not be read").first).to_be_visible()
    expect(jobs.locator(".jobs-failed li")).to_have_count(1)
    expect(jobs.get_by_text("less than a minute ago")).to_be_visible()
    assert_accessible(page)

    movers.switch_smartmoving(page_seconds=0)
    jobs.get_by_role("button", name="Sync now for jobs").click()
    expect(history.get_by_text("Succeeded")).to_be_visible(timeout=PATIENCE)
    expect(jobs.locator(".jobs-failed")).to_have_count(0)
    expect(jobs.locator(".said")).to_have_text(re.compile("^[0-9]+ jobs: .*1 changed$"))


def test_a_branch_is_given_another_zone(
    movers_app: Flask, page: Page, people: People, live_server: Callable[[Flask], LiveServer]
) -> None:
    """By keyboard: open, type, a wrong name is refused beside the field, a right one is taken, and back."""
    with movers_app.app_context():
        smartmoving_runs.run_smartmoving("command")
    server = live_server(movers_app)
    sign_in(page, server.url, people(Role.SUPER_ADMIN))
    page.get_by_role("link", name="Branches").click()
    row = page.get_by_role("row", name=re.compile("^Phoenix"))
    expect(row).to_contain_text("America/Phoenix its region's")
    row.locator("summary").press("Enter")
    field = row.get_by_label("Time zone of Phoenix")
    field.fill("Mars/Olympus")
    field.press("Enter")
    expect(row.get_by_text("There is no time zone of that name.")).to_be_visible()
    expect(field).to_be_focused()
    assert_accessible(page)
    field.fill("America/Denver")
    field.press("Enter")
    expect(row).to_contain_text("America/Denver set by hand")
    expect(page.get_by_text("The branch's time zone is set.")).to_be_visible()
    expect(row.locator("summary")).to_be_focused()
    row.locator("summary").press("Enter")
    row.get_by_role("button", name="Back to its region's").click()
    expect(row).to_contain_text("America/Phoenix its region's")
    assert_accessible(page)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_pages_fit_a_phone(
    movers_app: Flask,
    movers: SandboxProcess,
    browser: Browser,
    people: People,
    live_server: Callable[[Flask], LiveServer],
    tmp_path: Path,
    colours: str,
) -> None:
    """390 px without sideways scrolling, in both colours and framed; axe finds nothing."""
    movers.fault("smartmoving:opportunity", "broken")
    with movers_app.app_context():
        smartmoving_runs.run_smartmoving("command")
        movers.fault("smartmoving:any", "unauthorized")
        smartmoving_runs.run_smartmoving("scheduled")
    server = live_server(movers_app)
    with watched_page(browser, viewport=PHONE, color_scheme=colours, has_touch=True) as page:
        sign_in(page, server.url, people(Role.SUPER_ADMIN))
        for address in ("/sync", "/sync/branches", "/sync?embedded=1", "/sync/branches?embedded=1"):
            page.goto(server.url + address)
            for summary in page.locator("main summary").all()[:3]:
                summary.click()
            page.screenshot(path=tmp_path / f"{address.strip('/').replace('/', '-').partition('?')[0]}-{colours}.png")
            assert_fits(page)
            assert_accessible(page)


def test_without_script_a_look_can_be_made(
    movers_app: Flask, browser: Browser, people: People, live_server: Callable[[Flask], LiveServer]
) -> None:
    """The button starts a run, the page renews itself while it goes on, and shows its end."""
    server = live_server(movers_app)
    with watched_page(browser, java_script_enabled=False) as page:
        sign_in(page, server.url, people(Role.SUPER_ADMIN))
        page.get_by_role("button", name="Sync now for jobs").click()
        expect(page.locator("#jobs-history .badge", has_text="Succeeded")).to_be_visible(timeout=PATIENCE)
