"""The second factor as a person meets it: in Chromium, by keyboard alone, on paper and on a phone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.accounts.factors import STEP, shown_secret
from tests.browsers import assert_accessible, assert_fits, watched_page
from tests.rows import PASSWORD, People
from tests.servers import LiveServer
from webapp import clock
from webapp.accounts.permissions import Role


def type_and_enter(page: Page, label: str, text: str) -> None:
    """Type into what has the focus, which is the field of that label, and press Enter."""
    expect(page.get_by_label(label)).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(f"{url}/login")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(f"{url}/login")


def test_it_is_set_up_and_signed_in_with_by_keyboard(
    sqlite_app: Flask,
    people: People,
    live_server: Callable[[Flask], LiveServer],
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Set up, download the codes, sign in on a phone with a code, then with a recovery code; nothing needs a mouse."""
    person, url = people(Role.MANAGER, locations=[]), live_server(sqlite_app).url
    # Our clock stands still, at what browsers hold for the time as well: a slow machine lets no code run out.
    moment = datetime.now(UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    with watched_page(browser) as page:
        sign_in(page, url, person.email)
        page.goto(f"{url}/account")
        page.locator("#begin-present").focus()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("img", name="QR code for your authenticator")).to_be_visible()
        assert_accessible(page)
        secret = shown_secret(page.content())
        page.get_by_label("Code of your authenticator").focus()
        page.keyboard.type("12345")
        page.keyboard.press("Enter")
        expect(page.locator("#code-fault")).to_contain_text("This code is not right")
        type_and_enter(page, "Code of your authenticator", pyotp.TOTP(secret).at(moment))
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        assert_accessible(page)
        shown = page.locator(".codes code").all_inner_texts()
        page.set_viewport_size({"width": 390, "height": 844})
        assert_fits(page)
        boxes = [box for code in page.locator(".codes code").all() if (box := code.bounding_box())]
        assert len({round(box["y"]) for box in boxes}) == 10, "codes stand beside each other on a phone"
        page.set_viewport_size({"width": 1280, "height": 720})
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").press("Enter")
        kept = download.value.path().read_text()
        assert re.findall(r"^[a-z2-9-]{29}$", kept, re.MULTILINE) == shown
        page.goto(f"{url}/account")
        expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
        assert_accessible(page)
    with watched_page(browser, viewport={"width": 390, "height": 844}, has_touch=True) as phone:
        sign_in(phone, url, person.email)
        expect(phone.get_by_label("Code of your authenticator")).to_be_focused()
        assert_accessible(phone)
        assert_fits(phone)
        # The code just used to set it up is no good any more; the next one is taken a step early.
        phone.keyboard.type(pyotp.TOTP(secret).at(moment + STEP))
        phone.keyboard.press("Enter")
        expect(phone).to_have_url(f"{url}/calendar")
        phone.goto(f"{url}/account")
        assert_fits(phone)
    with watched_page(browser) as page:
        sign_in(page, url, person.email)
        page.get_by_text("The phone is lost").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        type_and_enter(page, "One of your recovery codes", "not-a-code")
        expect(page.get_by_role("alert")).to_contain_text("This code is not right")
        assert_accessible(page)
        type_and_enter(page, "One of your recovery codes", shown[0].upper())
        expect(page.locator("#messages")).to_contain_text("9 are left")
