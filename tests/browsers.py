"""A real Chromium for tests, and what every page must bear in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]
DESKTOP = {"width": 1440, "height": 900}
# Milliseconds. Long, as a busy machine is no fault of the page; what is awaited ends the wait.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium. Without one a test is skipped; in CI it fails."""
    path = which("chromium") or which("chromium-browser") or which("google-chrome")
    if path is None:
        reason = "Chromium is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=Path(path), args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a fresh profile; a script that fails on it, or that our policy blocks, fails the test."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    context.close()
    assert not faults


def assert_accessible(page: Page) -> None:
    """Assert that axe finds nothing that shuts somebody out of the page as it is now."""
    page.wait_for_load_state("load")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def assert_fits(page: Page) -> None:
    """Assert that nothing runs off the side of the loaded page: before its style sheet came, any page is too wide."""
    page.wait_for_load_state("load")
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1], f"{page.url} is {widths[0]} px wide in a window of {widths[1]} px"


def wait_for_frame(page: Page) -> None:
    """Until the page's own site has come in its frame, scripts and all: a click before that leads elsewhere."""
    page.wait_for_function(
        """() => {
            const inside = document.querySelector("iframe").contentWindow;
            return inside.location.href.includes("embedded") && inside.document.readyState === "complete";
        }"""
    )
