"""Several bars at once, undo through FMS, notes and the history of a loan, in a real browser against a real FMS."""

import os
import re
from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import assert_accessible
from tests.stories.test_calendar_in_a_browser import MONDAY, Desk
from tests.stories.test_calendar_in_a_browser import desk as desk

pytestmark = pytest.mark.usefixtures("sqlite_app")
WEEK = timedelta(days=7)


def keep(page: Page, name: str) -> None:
    """A picture for whoever wants to look, where MOTORPOOL_PICTURES names a folder."""
    folder = os.environ.get("MOTORPOOL_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def test_several_bars_are_moved_after_a_look(desk: Desk) -> None:
    """Choose a range with Shift, look at what would come of each, move them through FMS; the one that stays says why;
    then all of it is undone in a run."""
    page = desk.page
    first = [desk.add_loan(0), desk.add_loan(0, start_day=MONDAY + WEEK)]
    second = [desk.add_loan(1), desk.add_loan(1, start_day=MONDAY + WEEK)]
    desk.fleet.add_activity(desk.vehicles[1], None, start_day=MONDAY + 2 * WEEK)
    desk.open()
    desk.bar(first[0]).locator("a").focus()
    page.keyboard.press("r")
    expect(desk.bar(first[0])).to_have_class(re.compile("requested"))
    desk.bar(first[0]).locator("a").focus()
    page.keyboard.press("x")
    desk.bar(second[1]).locator("a").click(modifiers=["Shift"])
    expect(page.locator("#bulk .count")).to_have_text("4 chosen")
    page.locator("#month-on").click()
    expect(page.locator("#bulk .count")).to_have_text("4 chosen, 4 not in these days")
    page.locator("#month-back").click()
    expect(page.locator("#bulk .count")).to_have_text("4 chosen")
    page.get_by_role("button", name="Move by days…").click()
    ask = page.locator("#bulk-ask")
    expect(ask).to_contain_text("2 loans move 7 days later; 2 stay.")
    expect(ask).to_contain_text("held in FMS")
    expect(ask).to_contain_text("1 of them is requested in FMS: it will be taken back and requested again")
    assert_accessible(page)
    keep(page, "move-ask")
    ask.get_by_label("By how many days").fill("14")
    ask.get_by_role("button", name="Look").click()
    expect(ask).to_contain_text("3 loans move 14 days later; 1 stay")
    desk.sandbox.fault("create", "refuse", text="No more requests for this week")
    ask.get_by_role("button", name="Move the 3, 1 of them through FMS").click()
    panel = page.locator("#batch")
    expect(panel).to_contain_text("2 of 3 moved · 1 failed")
    expect(panel).to_contain_text("It is changed, and not requested. FMS refused it: No more requests for this week")
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(page.locator("#bulk")).not_to_be_visible()
    assert_accessible(page)
    keep(page, "moved")
    panel.get_by_role("button", name="Undo").click()
    expect(panel).to_contain_text("3 of 3 undone")
    expect(desk.bar(first[0])).to_have_class(re.compile("requested"))
    assert len(desk.sandbox.requests()) == 1
    keep(page, "undone")


def test_undo_goes_through_fms_by_key(desk: Desk) -> None:
    """Delete a requested loan, Ctrl+Z: planned again and requested under a new number; Z lists no more than there is,
    Shift+Z takes it back, the list undoes one step by name."""
    loan_id = desk.add_loan()
    page, keyboard = desk.page, desk.page.keyboard
    desk.open()
    desk.bar(loan_id).locator("a").focus()
    keyboard.press("r")
    expect(desk.bar(loan_id)).to_have_class(re.compile("requested"))
    (old,) = desk.sandbox.requests()
    keyboard.press("Delete")
    expect(page.get_by_role("button", name="Delete it")).to_be_focused()
    keyboard.press("Enter")
    expect(desk.bar(loan_id)).to_have_count(0)
    keyboard.press("Control+z")
    expect(desk.message("Undone: Audi A0")).to_contain_text("requested in FMS as #")
    expect(desk.bar(loan_id)).to_have_class(re.compile("requested"))
    (new,) = desk.sandbox.requests()
    assert new["id"] != old["id"]
    keyboard.press("z")
    expect(desk.bar(loan_id)).to_have_class(re.compile("manual"))
    expect(desk.message("taken back in FMS")).to_be_visible()
    keyboard.press("Shift+Z")
    expect(desk.bar(loan_id)).to_have_class(re.compile("requested"))
    page.get_by_role("link", name="What you did last, to undo").click()
    steps = page.locator("#deeds .steps > li")
    expect(steps.first).to_contain_text("Undoing it takes it back in FMS.")
    assert_accessible(page)
    keep(page, "deeds")
    steps.first.get_by_role("button", name=re.compile("^Undo: Requested")).click()
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(desk.bar(loan_id)).to_have_class(re.compile("manual"))
    assert desk.sandbox.requests() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_notes_and_history(desk: Desk, scheme: Literal["light", "dark"]) -> None:
    """W writes a note, its bar is marked and says it; the history has FMS's own answer; a note is taken back."""
    loan_id = desk.add_loan()
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    desk.open()
    bar = desk.bar(loan_id).locator("a")
    bar.focus()
    page.keyboard.press("r")
    expect(desk.bar(loan_id)).to_have_class(re.compile("requested"))
    bar.focus()
    page.keyboard.press("w")
    card = page.locator("#card")
    text = card.get_by_label("What should everybody know?")
    expect(text).to_be_focused()
    text.fill("Keys at the gate")
    card.get_by_role("button", name="Keep the note").click()
    expect(desk.bar(loan_id)).to_have_class(re.compile("noted"))
    expect(bar).to_have_attribute("aria-label", re.compile("note: Keys at the gate"))
    expect(card.locator(".note")).to_contain_text("Keys at the gate")
    assert_accessible(page)
    keep(page, f"note-{scheme}")
    card.locator(".history summary").click()
    card.get_by_role("link", name="All of it, with what FMS answered").click()
    past = page.locator("#dialog .past")
    expect(past).to_contain_text("HTTP 201")
    past.get_by_text("What FMS said").click()
    expect(past.locator("pre").first).to_contain_text('"request"')
    assert_accessible(page)
    keep(page, f"history-{scheme}")
    page.keyboard.press("Escape")
    bar.click()
    card.get_by_role("button", name="Take back").click()
    expect(desk.bar(loan_id)).not_to_have_class(re.compile("noted"))
