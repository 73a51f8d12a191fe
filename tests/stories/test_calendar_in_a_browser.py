"""A scheduler's morning on the calendar, in a real browser against a real FMS."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect

from tests.browsers import assert_accessible, assert_fits
from tests.rows import Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from tests.servers import LiveServer
from webapp.fleet.models import Partner, Vehicle

# A Monday after everything that the stand-in FMS has planned by itself, and after today for long.
MONDAY = date(2060, 6, 7)
VIEW = f"/calendar?office=Los+Angeles&start={MONDAY.isoformat()}"
pytestmark = pytest.mark.usefixtures("sqlite_app")


class Held:
    """What the page has sent and the server not seen yet: time that passes as long as a test needs it to."""

    def __init__(self, page: Page, addresses: str) -> None:
        self._page, self._addresses, self._routes = page, addresses, list[Route]()
        page.route(addresses, lambda route: self._routes.append(route))

    def let_go(self) -> None:
        """Send it on."""
        for route in self._routes:
            route.continue_()
        self._page.unroute(self._addresses)


@dataclass
class Desk:
    """A scheduler in front of the calendar, with vehicles and a partner that FMS knows."""

    page: Page
    url: str
    person: Person
    fleet: Fleet
    sandbox: SandboxProcess
    vehicles: list[Vehicle]
    partner: Partner

    def add_loan(self, vehicle: int = 0, **columns: object) -> int:
        """A green loan of a vehicle in the first week shown; its id."""
        return self.fleet.add_loan(self.vehicles[vehicle], self.partner, **{"start_day": MONDAY, **columns}).id  # type: ignore[arg-type]

    def open(self, address: str = VIEW) -> None:
        """Go to the calendar."""
        self.page.goto(self.url + address)

    def bar(self, loan_id: int) -> Locator:
        """The bar of a loan."""
        return self.page.locator(f"#b{loan_id}")

    def hold(self, addresses: str) -> "Held":
        """Keep what the page sends to `addresses` from the server until it is let go."""
        return Held(self.page, addresses)

    def message(self, words: str) -> Locator:
        """The message with these words."""
        return self.page.locator("#messages .message", has_text=words)


@pytest.fixture
def desk(
    app: Flask,
    page: Page,
    people: People,
    fleet: Fleet,
    sandbox: SandboxProcess,
    live_server: Callable[[Flask], LiveServer],
) -> Desk:
    """See `Desk`; signed in through the login page."""
    url = live_server(app).url
    person = people()
    rows = [
        list(csv.reader(io.StringIO(sandbox.report(name).content.decode("utf-8-sig"))))
        for name in ("vehicles", "partners")
    ]
    known = [row for row in rows[0] if row[0]][:3]
    vehicles = [
        fleet.add_vehicle(row[6].strip(), vehicle_id=int(float(row[0])), model=f"A{n}") for n, row in enumerate(known)
    ]
    partner = fleet.add_partner("Ana García", person_id=int(float(rows[1][0][0])))
    fleet.approve_make(partner, "Audi")
    page.goto(f"{url}/login")
    page.fill("[name=email]", person.email)
    page.fill("[name=password]", person.password)
    page.click("main button[type=submit], main form button")
    page.wait_for_url("**/calendar")
    return Desk(page, url, person, fleet, sandbox, vehicles, partner)


def test_a_loan_is_requested_from_its_bar_and_undone(desk: Desk) -> None:
    """Open the bar, press the button: working at once, magenta when FMS has it, Undo makes it green again."""
    loan_id = desk.add_loan()
    desk.open()
    held = desk.hold("**/request")
    desk.bar(loan_id).locator("a").click()
    desk.page.get_by_role("button", name="Request in FMS").click()
    expect(desk.bar(loan_id)).to_have_class("bar manual working")
    expect(desk.page.locator('#card [data-act="request"]')).to_be_disabled()
    held.let_go()
    expect(desk.bar(loan_id)).to_have_class("bar requested")
    (request,) = desk.sandbox.requests()
    expect(desk.message(f"Requested in FMS (#{request['id']})")).to_be_visible()
    expect(desk.page.locator("#card")).not_to_be_visible()
    expect(desk.bar(loan_id).locator("a")).to_be_focused()
    desk.page.get_by_role("button", name="Undo").click()
    expect(desk.bar(loan_id)).to_have_class("bar manual")
    assert desk.sandbox.requests() == []


def test_only_the_row_that_changed_is_swapped(desk: Desk) -> None:
    """The rest of the board stays the very same elements, and its place."""
    loan_id, other = desk.add_loan(), desk.add_loan(1)
    desk.open()
    desk.page.evaluate("id => { document.getElementById('b' + id).dataset.mark = 'mine'; }", other)
    desk.bar(loan_id).locator("a").click()
    desk.page.get_by_role("button", name="Request in FMS").click()
    expect(desk.bar(loan_id)).to_have_class("bar requested")
    expect(desk.bar(other)).to_have_attribute("data-mark", "mine")


def test_a_refusal_stays_until_dismissed(desk: Desk) -> None:
    """FMS refuses: the bar keeps its colour, the reason stays, the card is still open to try again."""
    loan_id = desk.add_loan()
    desk.sandbox.fault("create", "refuse", text="Vehicle is reserved for an event")
    desk.open()
    desk.bar(loan_id).locator("a").click()
    desk.page.get_by_role("button", name="Request in FMS").click()
    message = desk.message("reserved for an event")
    expect(message).to_have_attribute("role", "alert")
    expect(desk.bar(loan_id)).to_have_class("bar manual")
    expect(desk.page.locator("#card")).to_be_visible()
    message.get_by_role("button", name="Dismiss").click()
    expect(message).not_to_be_visible()


def test_what_fms_did_not_confirm_is_amber_and_settled(desk: Desk) -> None:
    """No answer: hatched amber, the card offers to settle it; checking again finds it in FMS."""
    loan_id = desk.add_loan()
    desk.sandbox.fault("create", "error_after")
    desk.open()
    desk.bar(loan_id).locator("a").click()
    desk.page.get_by_role("button", name="Request in FMS").click()
    expect(desk.bar(loan_id)).to_have_class("bar uncertain")
    expect(desk.bar(loan_id).locator("a")).to_contain_text("checking with FMS")
    desk.page.get_by_role("button", name="Check again").click()
    expect(desk.bar(loan_id)).to_have_class("bar requested")


def test_a_slow_answer_does_not_disturb_who_went_on(desk: Desk) -> None:
    """FMS takes its time: the person opens another bar meanwhile, and its card stays when the answer comes."""
    loan_id, other = desk.add_loan(), desk.add_loan(1)
    desk.open()
    held = desk.hold("**/request")
    desk.bar(loan_id).locator("a").click()
    desk.page.get_by_role("button", name="Request in FMS").click()
    desk.page.keyboard.press("Escape")
    desk.bar(other).locator("a").click()
    expect(desk.page.locator("#card")).to_contain_text("Audi A1")
    held.let_go()
    expect(desk.bar(loan_id)).to_have_class("bar requested")
    expect(desk.message("Requested in FMS")).to_be_visible()
    expect(desk.page.locator("#card")).to_contain_text("Audi A1")


def test_the_keyboard_alone_is_enough(desk: Desk) -> None:
    """Arrows between bars and rows, R requests, U unrequests, Delete asks and deletes, Escape gives the focus back."""
    loan_id, other = desk.add_loan(), desk.add_loan(1)
    desk.open()
    keyboard = desk.page.keyboard
    first, second = desk.bar(loan_id).locator("a"), desk.bar(other).locator("a")
    first.focus()
    keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    keyboard.press("Enter")
    expect(desk.page.locator("#card")).to_be_visible()
    keyboard.press("Escape")
    expect(first).to_be_focused()
    keyboard.press("r")
    expect(desk.bar(loan_id)).to_have_class("bar requested")
    expect(first).to_be_focused()
    keyboard.press("u")
    expect(desk.bar(loan_id)).to_have_class("bar manual")
    expect(first).to_be_focused()
    keyboard.press("Delete")
    expect(desk.page.get_by_role("button", name="Delete it")).to_be_focused()
    keyboard.press("Enter")
    expect(desk.bar(loan_id)).to_have_count(0)
    desk.page.get_by_role("button", name="Undo").click()
    expect(desk.page.locator(".bar.manual")).to_have_count(2)
    keyboard.press("/")
    expect(desk.page.locator("#q")).to_be_focused()
    keyboard.press("Escape")
    desk.page.locator("#q").blur()
    keyboard.press("?")
    expect(desk.page.locator("#keys")).to_be_visible()


def test_days_chosen_in_a_row_open_the_form_filled(desk: Desk) -> None:
    """Drag over the days, choose the partner by typing, see what the rules say, plan: the bar is there."""
    desk.open()
    row = desk.page.locator(f"#v{desk.vehicles[0].id} .bars")
    box = row.bounding_box()
    assert box
    day = box["width"] / 28
    y = box["y"] + box["height"] / 2
    desk.page.mouse.move(box["x"] + day * 7.5, y)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] + day * 9.5, y, steps=3)
    desk.page.mouse.up()
    form = desk.page.locator("#dialog form")
    expect(form.locator("[name=start_day]")).to_have_value((MONDAY + timedelta(days=7)).isoformat())
    expect(form.locator("[name=end_day]")).to_have_value((MONDAY + timedelta(days=9)).isoformat())
    expect(form.get_by_role("combobox", name="Vehicle")).to_have_value(f"Audi A0 …{desk.vehicles[0].vin[-8:]} · Silver")
    partner = form.get_by_role("combobox", name="Partner")
    partner.fill("garcia")
    partner.press("Enter")
    expect(partner).to_have_value("García, Ana · Weekly Torque")
    expect(form.get_by_text("Nothing is in the way.")).to_be_visible()
    assert_accessible(desk.page)
    form.get_by_role("button", name="Plan it").click()
    expect(desk.page.locator("#dialog")).not_to_be_visible()
    expect(row.locator(".bar.manual")).to_have_count(1)
    desk.page.get_by_role("button", name="Undo").click()
    expect(row.locator(".bar")).to_have_count(0)


def test_a_fault_stands_at_its_field(desk: Desk) -> None:
    """A vehicle that is held: the form stays open, with the holder named at the vehicle."""
    desk.add_loan()
    desk.open()
    desk.page.get_by_role("link", name="Plan a loan of Audi A0").focus()
    desk.page.keyboard.press("Enter")
    form = desk.page.locator("#dialog form")
    partner = form.get_by_role("combobox", name="Partner")
    partner.fill("garcia")
    partner.press("Enter")
    form.locator("[name=start_day]").fill(MONDAY.isoformat())
    form.locator("[name=end_day]").fill((MONDAY + timedelta(days=2)).isoformat())
    expect(form.locator(".finding.hard")).to_contain_text("held by Ana García")
    form.get_by_role("button", name="Plan it").click()
    expect(form.locator("#fault-vin")).to_contain_text("held by Ana García")
    expect(form.get_by_role("combobox", name="Vehicle")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_role("combobox", name="Vehicle")).to_be_focused()
    assert_accessible(desk.page)


def test_the_focus_is_where_the_next_step_is(desk: Desk) -> None:
    """A card opens at its first action and keeps the focus when FMS refuses; a planned loan has it at its bar."""
    loan_id = desk.add_loan()
    desk.open()
    desk.bar(loan_id).locator("a").focus()
    desk.page.keyboard.press("Enter")
    button = desk.page.locator('#card [data-act="request"]')
    expect(button).to_be_focused()
    desk.sandbox.fault("create", "refuse")
    desk.page.keyboard.press("Enter")
    expect(desk.message("FMS refused it")).to_be_visible()
    expect(button).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(desk.bar(loan_id).locator("a")).to_be_focused()
    desk.page.get_by_role("link", name="Plan a loan of Audi A1").focus()
    desk.page.keyboard.press("Enter")
    partner = desk.page.locator("#dialog").get_by_role("combobox", name="Partner")
    partner.fill("garcia")
    partner.press("Enter")
    desk.page.locator("#dialog [name=start_day]").fill((MONDAY + timedelta(days=14)).isoformat())
    desk.page.locator("#dialog [name=end_day]").fill((MONDAY + timedelta(days=21)).isoformat())
    desk.page.locator("#dialog").get_by_role("button", name="Plan it").press("Enter")
    expect(desk.message("Planned Audi A1")).to_be_visible()
    expect(desk.page.locator(".bar.manual > a:focus")).to_have_attribute("aria-label", re.compile("06-21-60"))


def test_a_loan_outside_the_days_shown_is_opened_all_the_same(desk: Desk) -> None:
    """The FMS log leads to `?loan=`, whatever days the calendar happens to show: the card tells which they are."""
    loan_id = desk.add_loan()
    desk.open(f"/calendar?loan={loan_id}")
    expect(desk.page.locator("#card")).to_contain_text("Mon 06-07-60")
    expect(desk.page.locator("#card")).to_be_in_viewport(ratio=1)


def test_chosen_bars_are_requested_together(desk: Desk) -> None:
    """Choose three, request them: progress, each row as it ends, and the result is there after closing the tab."""
    ids = [desk.add_loan(number) for number in range(3)]
    desk.open()
    desk.page.get_by_role("region", name="Chosen loans").or_(desk.page.locator("#bulk")).first.wait_for(
        state="attached"
    )
    desk.bar(ids[0]).locator("a").focus()
    desk.page.keyboard.press("x")
    expect(desk.page.locator("#bulk .count")).to_have_text("1 chosen")
    desk.page.get_by_text("Choose all shown…").click()
    desk.page.locator("[data-choose=manual]").click()
    expect(desk.page.locator("#bulk .count")).to_have_text("3 chosen")
    desk.page.locator("#bulk").get_by_role("button", name="Request in FMS").click()
    for loan_id in ids:
        expect(desk.bar(loan_id)).to_have_class("bar requested")
    expect(desk.page.locator("#batch")).to_contain_text("3 of 3 requested")
    assert len(desk.sandbox.requests()) == 3
    desk.page.goto("about:blank")
    desk.open()
    expect(desk.page.locator("#batch")).to_contain_text("3 of 3 requested")
    expect(desk.page.locator("#batch .badge.requested")).to_have_count(3)
    desk.page.get_by_role("button", name="Put away").click()
    expect(desk.page.locator("#batch")).to_be_empty()


def test_filters_live_in_the_address(desk: Desk) -> None:
    """Choosing rows, searching and paging change the address; going back and reloading bring the view back."""
    desk.add_loan()
    desk.open()
    desk.page.get_by_text("Partners", exact=True).click()
    expect(desk.page.locator(".row .title")).to_have_text(["García, Ana"])
    assert "rows=partners" in desk.page.url
    desk.page.locator("#q").fill("nobody")
    expect(desk.page.get_by_text("Nothing matches")).to_be_visible()
    expect(desk.page.locator("#q")).to_be_focused()
    desk.page.reload()
    expect(desk.page.get_by_text("Nothing matches")).to_be_visible()
    desk.page.go_back()
    expect(desk.page.locator(".row .title")).to_have_text(["García, Ana"])
    desk.page.locator("#board").focus()
    desk.page.keyboard.press("]")
    expect(desk.page.locator("summary", has_text="06-14-60")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("rows", ["vehicles", "partners"])
def test_nobody_is_shut_out(desk: Desk, scheme: str, rows: str) -> None:
    """axe finds nothing: on the board with every look, an open card, the keys, in light and dark."""
    for number, status in enumerate(("manual", "planned", "requested", "active", "completed")):
        desk.add_loan(
            start_day=MONDAY + timedelta(days=4 * number),
            end_day=MONDAY + timedelta(days=4 * number + 4),
            status=status,
        )
    desk.fleet.add_activity(desk.vehicles[1], None, start_day=MONDAY, end_day=MONDAY)
    desk.sandbox.fault("create", "error_before")
    unsure = desk.add_loan(2)
    desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    desk.open(f"{VIEW}&rows={rows}")
    assert_accessible(desk.page)
    desk.bar(unsure).locator("a").click()
    desk.page.get_by_role("button", name="Request in FMS").click()
    expect(desk.bar(unsure)).to_have_class("bar uncertain")
    expect(desk.page.get_by_role("button", name="Check again")).to_be_visible()
    assert_accessible(desk.page)


def test_a_phone_shows_a_list_by_day(desk: Desk, phone: Page) -> None:
    """390 px wide: no sideways scrolling, today's list, a card, and a request from it."""
    loan_id = desk.add_loan()
    phone.context.add_cookies(desk.page.context.cookies())  # type: ignore[arg-type]
    phone.goto(desk.url + VIEW)
    entry = phone.locator(f'.day-list a[href="/calendar/loans/{loan_id}"]').first
    expect(entry).to_be_visible()
    assert_fits(phone)
    assert_accessible(phone)
    entry.tap()
    phone.get_by_role("button", name="Request in FMS").tap()
    expect(phone.locator(".day-list .bar.requested").first).to_be_visible()
