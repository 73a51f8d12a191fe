"""Planning, moving and stretching loans on the board: by mouse, by keyboard, by touch; asked before harm is done."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browsers import assert_accessible
from tests.stories.test_calendar_in_a_browser import MONDAY, VIEW, Desk
from tests.stories.test_calendar_in_a_browser import desk as desk

pytestmark = pytest.mark.usefixtures("sqlite_app")
WEEK = timedelta(days=7)


def days_of(desk: Desk, loan_id: int) -> str:
    """From when to when the bar says the loan is."""
    spoken = desk.bar(loan_id).locator("a").get_attribute("aria-label")
    found = re.search(r"\d\d-\d\d-\d\d to \d\d-\d\d-\d\d", spoken or "")
    assert found
    return found[0]


def said(start: date, end: date) -> str:
    return f"{start:%m-%d-%y} to {end:%m-%d-%y}"


def row_of(desk: Desk, vehicle: int) -> Locator:
    return desk.page.locator(f"#v{desk.vehicles[vehicle].id}")


def one_day(desk: Desk) -> float:
    """How wide a day is, in pixels."""
    box = desk.page.locator("#board .bars").first.bounding_box()
    assert box
    return box["width"] / 28


def take(desk: Desk, loan_id: int, at: float = 0.5) -> tuple[float, float]:
    """Press the mouse on a bar, at this part of its width; where that is."""
    box = desk.bar(loan_id).bounding_box()
    assert box
    x, y = box["x"] + box["width"] * at, box["y"] + box["height"] / 2
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    return x, y


def drag(desk: Desk, loan_id: int, days: float, *, at: float = 0.5, down: float = 0) -> None:
    """Drag a bar by that many days, and so many pixels down, and let it go."""
    x, y = take(desk, loan_id, at)
    desk.page.mouse.move(x + days * one_day(desk), y + down, steps=4)
    desk.page.mouse.up()


def down_to(desk: Desk, vehicle: int) -> float:
    """How far below the first vehicle's row that of another is."""
    boxes = [row_of(desk, number).bounding_box() for number in (0, vehicle)]
    assert boxes[0]
    assert boxes[1]
    return boxes[1]["y"] - boxes[0]["y"]


def moves_sent(page: Page) -> list[str]:
    """Every move that the page sends from now on."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/move") else None)
    return sent


def test_a_bar_is_moved_stretched_and_put_into_another_row(desk: Desk) -> None:
    """Nothing is sent while it is in the hand; let go it stands there, and Undo puts it back."""
    loan_id = desk.add_loan()
    desk.open()
    sent = moves_sent(desk.page)
    x, y = take(desk, loan_id)
    desk.page.mouse.move(x + 2 * one_day(desk), y, steps=4)
    expect(desk.page.locator(".tip.hand")).to_have_text("Wed 06-09-60 → Wed 06-16-60 · 7 days")
    assert desk.page.evaluate("document.documentElement.dataset.busy") == "drag"
    assert sent == []
    desk.page.mouse.up()
    expect(desk.message("Moved to Wed 06-09-60 → Wed 06-16-60 · 7 days")).to_be_visible()
    assert days_of(desk, loan_id) == said(MONDAY + timedelta(days=2), MONDAY + timedelta(days=9))
    expect(desk.page.locator("#card")).not_to_be_visible()
    expect(desk.page.locator(".ghost")).to_have_count(0)
    expect(desk.bar(loan_id).locator("a")).to_be_focused()
    assert desk.page.evaluate("'busy' in document.documentElement.dataset") is False
    drag(desk, loan_id, 3, at=0.995)
    expect(desk.bar(loan_id).locator("a")).to_have_attribute("aria-label", re.compile("06-09-60 to 06-21-60"))
    drag(desk, loan_id, -1, at=0.005)
    expect(desk.bar(loan_id).locator("a")).to_have_attribute("aria-label", re.compile("06-08-60 to 06-21-60"))
    drag(desk, loan_id, 1, down=down_to(desk, 1))
    expect(row_of(desk, 1).locator(f"#b{loan_id}")).to_be_visible()
    assert days_of(desk, loan_id) == said(MONDAY + timedelta(days=2), MONDAY + timedelta(days=15))
    desk.page.get_by_role("button", name="Undo").last.click()
    expect(row_of(desk, 0).locator(f"#b{loan_id}")).to_be_visible()
    assert len(sent) == 4


def test_a_click_stays_a_click_and_escape_leaves_all_as_it_was(desk: Desk) -> None:
    """A hand that trembles opens the card; Escape in the middle of a drag sends nothing and opens nothing."""
    loan_id = desk.add_loan()
    desk.open()
    sent = moves_sent(desk.page)
    x, y = take(desk, loan_id)
    desk.page.mouse.move(x + 2, y + 1)
    desk.page.mouse.up()
    expect(desk.page.locator("#card")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#card")).not_to_be_visible()
    x, y = take(desk, loan_id)
    desk.page.mouse.move(x + 3 * one_day(desk), y, steps=3)
    expect(desk.page.locator(".ghost")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".ghost")).to_have_count(0)
    desk.page.mouse.move(x + 4 * one_day(desk), y)
    desk.page.mouse.up()
    expect(desk.page.locator("#card")).not_to_be_visible()
    expect(desk.bar(loan_id)).to_have_class("bar manual")
    assert sent == []


def test_a_bar_that_goes_on_beyond_the_days_shown_is_moved_by_its_own_days(desk: Desk) -> None:
    """Begun before the window: its hidden edge is not to be taken, and moving counts from its real first day."""
    begun = MONDAY - timedelta(days=3)
    loan_id = desk.add_loan(start_day=begun)
    other = desk.add_loan(1, start_day=MONDAY + timedelta(days=25))
    desk.open()
    drag(desk, loan_id, 3, at=0.01)
    expect(desk.bar(loan_id).locator("a")).to_have_attribute("aria-label", re.compile(said(MONDAY, MONDAY + WEEK)))
    drag(desk, other, -2)
    moved = said(MONDAY + timedelta(days=23), MONDAY + timedelta(days=30))
    expect(desk.bar(other).locator("a")).to_have_attribute("aria-label", re.compile(moved))


def test_what_is_in_the_way_leaves_the_bar_where_it_was(desk: Desk) -> None:
    """Dropped on somebody's days: refused with who has it, the way there, and every reason."""
    loan_id = desk.add_loan()
    other = desk.add_loan(start_day=MONDAY + 2 * WEEK)
    desk.open()
    x, y = take(desk, loan_id)
    desk.page.mouse.move(x + 10 * one_day(desk), y, steps=4)
    expect(desk.page.locator(".ghost.taken")).to_be_visible()
    desk.page.mouse.up()
    message = desk.message("held by Ana García 06-21-60 to 06-28-60")
    expect(message.get_by_role("link", name="Show it")).to_have_attribute("href", re.compile(f"loan={other}"))
    expect(message.get_by_role("link", name="Why not?")).to_have_attribute("href", re.compile("/chains/why-not"))
    assert days_of(desk, loan_id) == said(MONDAY, MONDAY + WEEK)
    expect(desk.page.locator(".ghost, .lifted")).to_have_count(0)
    expect(desk.bar(loan_id).locator("a")).to_be_focused()


def test_a_rule_that_warns_is_read_before_the_move_is_made(desk: Desk) -> None:
    """Not approved: the question stands at the bar; Cancel leaves it, Move anyway makes it."""
    stranger = desk.fleet.add_partner("Tom Alba")
    loan_id = desk.add_loan()
    desk.open(f"{VIEW}&rows=partners")
    row = desk.page.locator(f"#p{desk.person.company_id}-{stranger.person_id}")
    there, here = row.bounding_box(), desk.bar(loan_id).bounding_box()
    assert there
    assert here
    drag(desk, loan_id, 0, down=there["y"] + 20 - here["y"])
    ask = desk.page.get_by_role("dialog", name="Move it all the same?")
    expect(ask).to_contain_text("Tom Alba is not approved for Audi.")
    expect(ask.get_by_role("button", name="Move anyway")).to_be_focused()
    expect(row.locator(".ghost")).to_be_visible()
    assert_accessible(desk.page)
    ask.get_by_role("button", name="Cancel").click()
    expect(desk.page.locator(".ghost, .lifted")).to_have_count(0)
    expect(row.locator(".bar")).to_have_count(0)
    drag(desk, loan_id, 0, down=there["y"] + 20 - here["y"])
    ask.get_by_role("button", name="Move anyway").click()
    expect(row.locator(f"#b{loan_id}")).to_be_visible()
    expect(ask).not_to_be_visible()
    expect(desk.message("Noted: Tom Alba is not approved for Audi")).to_be_visible()


def test_a_requested_loan_asks_before_fms_is_asked(desk: Desk) -> None:
    """Unrequest, move, request again: only after the person said so, and FMS ends with one request on the new days."""
    loan_id = desk.add_loan()
    desk.open()
    desk.bar(loan_id).locator("a").click()
    desk.page.get_by_role("button", name="Request in FMS").click()
    expect(desk.bar(loan_id)).to_have_class("bar requested")
    (old,) = desk.sandbox.requests()
    drag(desk, loan_id, 1)
    ask = desk.page.get_by_role("dialog", name="Unrequest, move and request again?")
    expect(ask).to_contain_text("FMS cannot change a request.")
    assert [one["id"] for one in desk.sandbox.requests()] == [old["id"]]
    ask.get_by_role("button", name="Unrequest, move, request again").click()
    expect(desk.bar(loan_id).locator("a")).to_have_attribute("aria-label", re.compile("06-08-60 to 06-15-60"))
    expect(desk.bar(loan_id)).to_have_class("bar requested")
    (new,) = desk.sandbox.requests()
    assert new["id"] != old["id"]
    assert (new["startDate"], new["endDate"]) == ("06/08/60", "06/15/60")


def test_what_only_fms_may_change_says_so_and_stays(desk: Desk) -> None:
    """An active loan is not taken up, by hand or by key, and says why."""
    loan_id = desk.add_loan(status="active", activity_id=1)
    desk.open()
    sent = moves_sent(desk.page)
    x, y = take(desk, loan_id)
    desk.page.mouse.move(x + 3 * one_day(desk), y, steps=3)
    expect(desk.page.locator(".tip.hand")).to_have_text("FMS has approved this loan. It can only be changed in FMS.")
    expect(desk.page.locator(".ghost")).to_have_count(0)
    desk.page.mouse.up()
    desk.bar(loan_id).locator("a").focus()
    desk.page.keyboard.press("m")
    expect(desk.page.locator("#hand-said")).to_have_text(re.compile("It can only be changed in FMS."))
    assert sent == []


def test_the_keyboard_moves_and_stretches(desk: Desk) -> None:
    """M takes the loan up; arrows, Shift, Alt and rows move it; it is said at each step; Enter lets it go."""
    loan_id = desk.add_loan()
    desk.page.emulate_media(reduced_motion="reduce")
    desk.open()
    link, keys, heard = desk.bar(loan_id).locator("a"), desk.page.keyboard, desk.page.locator("#hand-said")
    link.focus()
    keys.press("m")
    expect(heard).to_contain_text("Moving Audi A0, Mon 06-07-60 to Mon 06-14-60, 7 days.")
    assert_accessible(desk.page)
    keys.press("ArrowRight")
    expect(heard).to_have_text("Tue 06-08-60 to Tue 06-15-60, 7 days")
    keys.press("Shift+ArrowRight")
    expect(heard).to_have_text("Tue 06-08-60 to Wed 06-16-60, 8 days")
    keys.press("Alt+ArrowRight")
    expect(heard).to_have_text("Wed 06-09-60 to Wed 06-16-60, 7 days")
    keys.press("ArrowDown")
    expect(heard).to_have_text("Wed 06-09-60 to Wed 06-16-60, 7 days, Audi A1")
    keys.press("Escape")
    expect(heard).to_have_text("Left where it was.")
    expect(link).to_be_focused()
    assert days_of(desk, loan_id) == said(MONDAY, MONDAY + WEEK)
    for key in ("m", "ArrowRight", "ArrowDown", "Enter"):
        keys.press(key)
    expect(row_of(desk, 1).locator(f"#b{loan_id}")).to_be_visible()
    assert days_of(desk, loan_id) == said(MONDAY + timedelta(days=1), MONDAY + timedelta(days=8))
    expect(desk.bar(loan_id).locator("a")).to_be_focused()


def test_days_are_chosen_by_keyboard(desk: Desk) -> None:
    """N puts a cursor on the days, Shift and arrows choose a week Thursday to Thursday, Enter opens the form."""
    loan_id = desk.add_loan()
    desk.open()
    keys, heard = desk.page.keyboard, desk.page.locator("#hand-said")
    desk.bar(loan_id).locator("a").focus()
    keys.press("n")
    cursor = desk.page.locator(".day-cursor")
    expect(cursor).to_be_focused()
    expect(cursor).to_have_attribute("aria-label", "Audi A0, Mon 06-14-60, free")
    for key in ["ArrowRight"] * 3 + ["Shift+ArrowRight"] * 7:
        keys.press(key)
    expect(heard).to_have_text("Thu 06-17-60 to Thu 06-24-60, 7 days, free")
    assert_accessible(desk.page)
    for key in ["ArrowLeft"] * 14:
        keys.press(key)
    expect(heard).to_have_text("Thu 06-10-60, taken by Ana García")
    keys.press("ArrowDown")
    expect(cursor).to_have_attribute("aria-label", "Audi A1, Thu 06-10-60, free")
    keys.press("Shift+ArrowRight")
    keys.press("Enter")
    form = desk.page.locator("#dialog form")
    expect(form.locator("[name=start_day]")).to_have_value("2060-06-10")
    expect(form.locator("[name=end_day]")).to_have_value("2060-06-11")
    expect(form.get_by_role("combobox", name="Vehicle")).to_have_value(re.compile("Audi A1"))
    keys.press("Escape")
    expect(cursor).to_have_count(0)


def test_a_finger_scrolls_and_a_long_press_chooses_days(desk: Desk, browser: Any) -> None:
    """On a touch screen a bar is not dragged: the board scrolls; days are chosen after a long press."""
    loan_id = desk.add_loan()
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    context.add_cookies(desk.page.context.cookies())
    tablet = context.new_page()
    tablet.goto(desk.url + VIEW)
    sent = moves_sent(tablet)
    session = context.new_cdp_session(tablet)

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    box = tablet.locator(f"#b{loan_id}").bounding_box()
    touch("touchStart", box["x"] + 40, box["y"] + 10)
    touch("touchMove", box["x"] + 140, box["y"] + 10)
    expect(tablet.locator(".ghost")).to_have_count(0)
    touch("touchEnd")
    expect(tablet).to_have_url(desk.url + VIEW)  # a swipe at the left edge is not "one page back"
    bars = tablet.locator(f"#v{desk.vehicles[0].id} .bars").bounding_box()
    day, y = bars["width"] / 28, bars["y"] + bars["height"] / 2
    touch("touchStart", bars["x"] + 14.5 * day, y)
    tablet.locator(".ghost.choosing").wait_for()
    touch("touchMove", bars["x"] + 16.5 * day, y)
    expect(tablet.locator(".tip.hand")).to_have_text("Mon 06-21-60 → Wed 06-23-60 · 2 days · free")
    touch("touchEnd")
    expect(tablet.locator("#dialog [name=start_day]")).to_have_value("2060-06-21")
    expect(tablet.locator("#dialog [name=end_day]")).to_have_value("2060-06-23")
    assert sent == []
    context.close()


def test_two_people_at_one_loan(desk: Desk) -> None:
    """The second form is refused with who moved it where; what was typed stands beside it; one click takes it over."""
    loan_id = desk.add_loan()
    desk.open()
    desk.page.route("**/calendar/changes*", lambda route: route.abort())
    desk.bar(loan_id).locator("a").focus()
    desk.page.keyboard.press("c")
    form = desk.page.locator("#dialog form")
    form.locator("[name=end_day]").fill("2060-06-17")
    other = desk.page.context.new_page()
    other.goto(desk.url + VIEW)
    other.locator(f"#b{loan_id} a").focus()
    for key in ("m", "ArrowRight", "Enter"):
        other.keyboard.press(key)
    expect(other.locator("#messages .message", has_text="Moved to")).to_be_visible()
    other.close()
    form.get_by_role("button", name="Change it").click()
    expect(form).to_contain_text(re.compile(rf"{desk.person.name}, .*Changed to Audi A0 .* 06-08-60 to 06-15-60"))
    expect(form.locator("[name=start_day]")).to_have_value("2060-06-08")
    expect(form.locator("[name=end_day]")).to_have_value("2060-06-17")
    expect(form).to_contain_text("Now: Tue 06-15-60")
    assert_accessible(desk.page)
    form.get_by_role("button", name="Use mine all the same").click()
    expect(desk.bar(loan_id).locator("a")).to_have_attribute("aria-label", re.compile("06-08-60 to 06-17-60"))


def test_a_loan_is_copied_and_a_warning_is_read_once(desk: Desk) -> None:
    """D fills the form with the next free days; the button says that there was something to read."""
    loan_id = desk.add_loan()
    desk.add_loan(start_day=MONDAY + WEEK)
    desk.open()
    desk.bar(loan_id).locator("a").focus()
    desk.page.keyboard.press("d")
    form = desk.page.locator("#dialog form")
    expect(form.locator("[name=start_day]")).to_have_value("2060-06-21")
    expect(form.locator("[name=end_day]")).to_have_value("2060-06-28")
    expect(form.locator(".finding").first).to_be_visible()
    form.get_by_role("button", name="Plan it anyway").click()
    expect(desk.message("Planned Audi A0")).to_be_visible()
    expect(row_of(desk, 0).locator(".bar.manual")).to_have_count(3)


def test_who_lost_the_bar_is_still_in_its_row(desk: Desk) -> None:
    """Deleted, brought back and undone by key: the focus goes to the row's name, the console stays empty."""
    complaints: list[str] = []
    desk.page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    loan_id = desk.add_loan(1)
    desk.open()
    name = row_of(desk, 1).locator(".title")
    desk.bar(loan_id).locator("a").focus()
    desk.page.keyboard.press("Delete")
    expect(desk.page.locator("#card form button:focus")).to_be_visible()
    desk.page.keyboard.press("Enter")
    expect(desk.bar(loan_id)).to_have_count(0)
    expect(name).to_be_focused()
    desk.page.keyboard.press("z")
    expect(desk.message("Undone")).to_be_visible()
    expect(row_of(desk, 1).locator(".bar")).to_have_count(1)
    row_of(desk, 1).locator(".bar a").focus()
    desk.page.keyboard.press("Shift+z")
    expect(desk.message("Done again")).to_be_visible()
    expect(row_of(desk, 1).locator(".bar")).to_have_count(0)
    expect(name).to_be_focused()
    assert complaints == []


def test_a_refused_move_draws_no_card_that_is_not_open(desk: Desk) -> None:
    """What stands in the way is said; the console has the refusal alone and no part without a place."""
    complaints: list[str] = []
    desk.page.on("console", lambda said: complaints.append(said.text) if "oobErrorNoTarget" in said.text else None)
    loan_id = desk.add_loan()
    desk.add_loan(1)
    desk.open()
    drag(desk, loan_id, 0, down=down_to(desk, 1))
    expect(desk.message("Audi A1").get_by_role("link", name="Show it")).to_be_visible()
    assert complaints == []


def test_a_row_is_named_while_one_works_in_it(desk: Desk) -> None:
    """The buttons of a row cover its name only at the name, and there both are told in full."""
    vehicle = desk.fleet.add_vehicle(model="A3 with a name that is much longer than the column of names")
    desk.open()
    row = desk.page.locator(f"#v{vehicle.id}")
    # Who listens hears the name once, and none of its buttons.
    spoken = f"Audi {vehicle.model}, {vehicle.color} · …{vehicle.vin[-8:]}"
    expect(desk.page.get_by_role("rowheader", name=spoken, exact=True)).to_be_visible()
    row.locator(".bars").hover()
    expect(row.locator(".plan")).to_have_css("opacity", "0")
    row.locator(".title").hover(position={"x": 5, "y": 8})
    expect(row.locator(".plan")).to_have_css("opacity", "1")
    expect(desk.page.locator(".tip:not(.hand)")).to_have_text(spoken)
