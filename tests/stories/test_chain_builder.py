"""A chain built in a real browser: suggested, changed by hand and by keyboard, held, kept, explained."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsers import assert_accessible, assert_fits, wait_for_frame
from tests.stories.builder_desk import CARS, MONDAY, WEEK, Desk, days_of, titles, week
from tests.stories.builder_desk import desk as desk
from tests.stories.builder_desk import house as house

BEST = "best possible under the rules"


def test_a_chain_is_suggested(desk: Desk) -> None:
    """Type a last name, choose, suggest: four loans back to back, the best under the rules, money and facts beside."""
    page = desk.page
    desk.go("/chains")
    assert_accessible(page)
    partner = page.get_by_role("combobox", name="Partner")
    partner.fill("torq")
    partner.press("Enter")
    expect(page.locator("#budget-facts")).to_contain_text("Available to spend")
    expect(page.locator("#partner-facts")).to_contain_text("Torque, Wendy")
    page.get_by_label("First loan starts").fill("2060-06-07")
    page.get_by_role("button", name="Suggest a chain").click()
    expect(page.locator("#chain-title")).to_have_text("4 of 4 loans placed")
    cards = page.locator("#chain .slot")
    assert sorted(titles(cards)) == sorted(" ".join(car) for car in CARS[:4])
    assert days_of(cards) == [week(number) for number in range(4)]
    expect(page.locator("#chain")).to_contain_text(BEST)
    expect(page.locator("#chain")).to_contain_text("5 vehicles looked at")
    expect(page.locator("#chain-timeline .lane")).to_have_count(4)
    assert_accessible(page)
    page.reload()
    expect(page.locator("#chain-title")).to_have_text("4 of 4 loans placed")


def test_the_calendar_leads_to_the_builder_filled_in(desk: Desk) -> None:
    """From a vehicle's row, and from a partner's: office and vehicle, or partner, and the first day are there."""
    page = desk.page
    desk.go(f"/calendar?office=Los+Angeles&start={MONDAY}")
    page.get_by_role("link", name="Build a chain for Audi Q6 e-tron").click()
    expect(page.get_by_role("radio", name="One vehicle")).to_be_checked()
    expect(page.get_by_role("combobox", name="Vehicle")).to_have_value(re.compile(desk.vehicles[0].vin[-8:]))
    expect(page.locator("#vehicle-facts")).to_contain_text("Audi Q6 e-tron")
    expect(page.get_by_label("First loan starts")).to_have_value(MONDAY.isoformat())
    desk.go(f"/calendar?office=Los+Angeles&start={MONDAY}&rows=partners&activity=all")
    page.get_by_role("link", name="Build a chain for Torque, Wendy").click()
    expect(page.locator("#wish-office")).to_have_value("Los Angeles")
    expect(page.get_by_role("combobox", name="Partner")).to_have_value(re.compile("^Torque, Wendy"))
    expect(page.locator("#budget-facts")).to_be_visible()


def test_a_slot_is_changed_by_the_keyboard_alone(desk: Desk) -> None:
    """Open its list, search, go down, take it: the card is dashed, says so and has the focus; the others stay."""
    page, keys = desk.page, desk.page.keyboard
    desk.ask(count=3)
    before = titles(page.locator("#chain .slot"))
    page.locator("#choose-2").focus()
    keys.press("Enter")
    choices = page.locator("#choices-2")
    expect(choices.get_by_role("searchbox")).to_be_focused()
    assert_accessible(page)
    keys.type("mazda")
    expect(choices.locator(".candidate:visible")).to_have_count(1)
    expect(choices.get_by_role("status")).to_have_text("1 of 5")
    expect(choices.locator(".heading:visible")).to_have_text(["3 fit, best first"])
    keys.type("zz")
    expect(choices.locator(".heading:visible")).to_have_count(0)
    keys.press("Escape")
    expect(page.locator("#choose-2")).to_be_focused()
    keys.press("ArrowDown")
    expect(choices.get_by_role("searchbox")).to_be_focused()
    keys.type("cx-90")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(desk.slot(2)).to_contain_text("Picked by hand")
    expect(desk.slot(2)).to_have_class(re.compile("manual"))
    expect(page.locator("#choose-2")).to_be_focused()
    expect(page.locator("#chain")).to_contain_text("1 picked by hand")
    assert titles(page.locator("#chain .slot")) == [before[0], "Mazda CX-90", before[2]]
    assert_accessible(page)


def test_what_is_pinned_stays_and_the_rest_is_suggested(desk: Desk) -> None:
    """Pin one, empty another, suggest the rest; ask again for more: what was picked or pinned is where it was."""
    page = desk.page
    desk.ask(count=3)
    kept = titles(page.locator("#chain .slot"))
    page.get_by_role("button", name="Pin loan 1").click()
    expect(page.get_by_role("button", name="Unpin loan 1")).to_be_focused()
    desk.choose(2).get_by_role("button", name="Leave loan 2 empty").click()
    expect(page.locator("#chain-title")).to_have_text("2 of 3 loans placed")
    expect(desk.slot(2)).to_contain_text("Empty")
    assert_accessible(page)
    page.get_by_role("button", name="Suggest the rest").click()
    expect(page.locator("#chain-title")).to_have_text("3 of 3 loans placed")
    assert titles(page.locator("#chain .slot"))[0] == kept[0]
    assert titles(page.locator("#chain .slot"))[2] == kept[2]
    page.get_by_label("Loans", exact=True).fill("5")
    page.get_by_role("button", name="Suggest again").click()
    expect(page.locator("#chain-title")).to_have_text("5 of 5 loans placed")
    assert titles(page.locator("#chain .slot"))[0] == kept[0]
    page.get_by_role("button", name="Unpin loan 1").click()
    expect(page.get_by_role("button", name="Pin loan 1")).to_be_focused()


def test_days_change_and_loans_come_and_go(desk: Desk) -> None:
    """A longer first loan moves those after it; a day that nobody may have is refused in words; remove and add."""
    page = desk.page
    desk.ask(count=3)
    page.locator("#dates-1").click()
    page.locator("#slot-1").get_by_label("Comes back").fill((MONDAY + 2 * WEEK).isoformat())
    expect(page.locator("#back-1")).to_have_text("Mon 06-21-60")
    page.get_by_role("button", name="Change the dates").click()
    expect(desk.slot(1)).to_contain_text("dates chosen")
    assert days_of(page.locator("#chain .slot")) == ["Mon 06-07-60 → Mon 06-21-60", week(2), week(3)]
    page.locator("#dates-2").click()
    page.locator("#slot-2").get_by_label("Goes out").fill("2060-06-19")
    page.locator("#slot-2").get_by_label("Comes back").fill("2060-06-28")
    page.locator("#days-2").click()
    refused = desk.message("Sat 06-19-60 is a weekend")
    expect(refused).to_have_attribute("role", "alert")
    assert_accessible(page)
    page.get_by_role("button", name="Remove loan 2").click()
    expect(page.locator("#chain .slot")).to_have_count(2)
    assert days_of(page.locator("#chain .slot")) == ["Mon 06-07-60 → Mon 06-21-60", week(3)]
    page.get_by_role("button", name="Add a loan").click()
    expect(page.locator("#chain .slot")).to_have_count(3)
    expect(desk.slot(3)).to_contain_text("Empty")
    assert days_of(page.locator("#chain .slot"))[2] == week(4)


def test_a_partner_is_double_booked_on_purpose(desk: Desk) -> None:
    """The start moved behind what they have, and the banner says so; its switch keeps the day and names the loan."""
    page = desk.page
    desk.fleet.add_activity(
        desk.fleet.add_vehicle(make="Audi", model="A3", office="Miami"), desk.partner, start_day=MONDAY
    )
    desk.ask(count=2)
    banner = page.locator("#chain .banner").first
    expect(banner).to_contain_text("Start moved to 06-14-60")
    expect(banner).to_contain_text("The partner has Audi A3")
    assert_accessible(page)
    page.get_by_role("button", name="Keep 06-07-60 and double-book").click()
    expect(page.locator("#chain .banner")).to_contain_text("Double-booked on purpose: Audi A3")
    assert days_of(page.locator("#chain .slot")) == [week(0), week(1)]
    expect(page.get_by_role("switch", name="Allow double booking")).to_be_checked()
    lanes = page.locator("#chain-timeline .lane .gutter b")
    expect(lanes).to_have_count(3)
    expect(lanes.filter(has_text=re.compile("^Audi A3$"))).to_have_count(1)


def test_why_not(desk: Desk) -> None:
    """From a greyed choice and from the number left out: every reason at once, in a dialog that gives the focus back;
    picking it anyway stays possible where only we would not suggest it.
    """
    page = desk.page
    ring = desk.fleet.add_partner("Ring Report")
    desk.lend(desk.vehicles[0], ring)
    desk.fleet.add_history(desk.vehicles[1], desk.partner, start_day=MONDAY - 2 * WEEK)
    desk.ask(count=1)
    page.get_by_role("link", name="2 left out: why?").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("held by Ring Report 06-07-60 to 06-14-60")
    assert_accessible(page)
    dialog.get_by_role("link", name=re.compile("Why not Genesis GV60")).click()
    expect(dialog).to_contain_text("Cooldown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="2 left out: why?")).to_be_focused()
    choices = desk.choose(1)
    taken = choices.locator(".candidate", has_text="Audi Q6 e-tron")
    expect(taken).to_contain_text("held by Ring Report")
    expect(taken.get_by_role("button")).to_have_count(0)
    had = choices.locator(".candidate", has_text="Genesis GV60")
    had.get_by_role("link", name="Why not Genesis GV60?").click()
    expect(dialog).to_contain_text(f"Genesis GV60 …{desk.vehicles[1].vin[-8:]}")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    assert_accessible(page)
    page.keyboard.press("Escape")
    had.get_by_role("button", name="Pick Genesis GV60 anyway").click()
    expect(desk.slot(1)).to_contain_text("Picked by hand")
    expect(desk.slot(1).locator(".note.soft")).to_have_count(2)
    expect(page.get_by_label("a note for the history of these loans")).to_be_visible()
    assert_accessible(page)


def test_why_not_counts_the_rest_of_the_chain(desk: Desk) -> None:
    """What only another loan of the draft stands against, and who is too far from the one before, is never
    explained with "nothing is in the way".
    """
    page, dialog = desk.page, desk.page.locator("#dialog")
    desk.ask(count=2)
    other = titles(page.locator("#chain .slot"))[1]
    choices = desk.choose(1)
    greyed = choices.locator(".candidate", has_text=other)
    expect(greyed).to_contain_text("in this chain")
    greyed.get_by_role("link", name=f"Why not {other}?").click()
    expect(dialog).to_contain_text("in this chain")
    expect(dialog).not_to_contain_text("Nothing is in the way")
    desk.place_office(34.05, -118.25)
    far = desk.fleet.add_partner("Finn Faraway", latitude=37.0, longitude=-122.0)
    desk.fleet.approve_make(far, "Audi")
    page.locator("#chain").evaluate("chain => chain.removeAttribute('data-unsaved')")
    desk.ask(count=2, vin=desk.vehicles[0].vin)
    page.get_by_role("link", name="1 left out: why?").click()
    expect(dialog).to_contain_text("Too far away: 1")
    dialog.get_by_role("link", name=re.compile("Why not Fin|Why not Far")).click()
    expect(dialog.locator(".verdict")).to_be_visible()
    expect(dialog).to_contain_text("a hop is at most 50")
    expect(dialog).not_to_contain_text("Nothing is in the way")


def test_a_vehicle_goes_from_partner_to_partner(desk: Desk) -> None:
    """One vehicle: partners near each other, each hop with its miles, drawn as a map; who is not on it is named."""
    page = desk.page
    desk.place_office(34.05, -118.25)
    near = desk.fleet.add_partner("Paul Ng", latitude=34.15, longitude=-118.3)
    lost = desk.fleet.add_partner("Nora Nowhere")
    for one in (near, lost):
        desk.fleet.approve_make(one, "Audi")
    desk.ask(count=3, vin=desk.vehicles[0].vin)
    expect(page.locator("#chain-title")).to_have_text("2 of 3 loans placed")
    filled = page.locator("#chain .slot:not(.vacant)")
    assert sorted(titles(filled)) == ["Ng, Paul", "Torque, Wendy"]
    expect(desk.slot(1)).to_contain_text("miles from the office")
    expect(desk.slot(2)).to_contain_text("miles from the one before")
    drawn = page.locator("#chain-map")
    expect(drawn.locator("svg")).to_be_visible()
    expect(drawn.get_by_role("listitem")).to_have_count(2)
    assert_accessible(page)
    page.get_by_role("link", name="1 without a place on the map: who?").click()
    expect(page.locator("#dialog")).to_contain_text("Nora Nowhere")


def test_leaving_with_picks_that_are_not_saved_warns(desk: Desk) -> None:
    """A link asks first, and says that the draft stays; so does closing the page. The draft is there afterwards."""
    page = desk.page
    desk.ask(count=2)
    page.get_by_role("link", name="Calendar", exact=True).click()
    leave = page.locator("#leave")
    expect(leave).to_contain_text("Leave without saving?")
    assert_accessible(page)
    leave.get_by_role("button", name="Stay here").click()
    expect(page.locator("#chain-title")).to_have_text("2 of 2 loans placed")
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
    assert asked.value.type == "beforeunload"
    page.get_by_role("link", name="Calendar", exact=True).click()
    leave.get_by_role("link", name="Leave, and keep the draft").click()
    page.wait_for_url("**/calendar")
    desk.go("/chains")
    page.locator("#drafts").get_by_role("link", name="Torque, Wendy").click()
    expect(page.locator("#chain-title")).to_have_text("2 of 2 loans placed")


def test_a_stale_tab_is_told_and_shown_how_it_stands(desk: Desk) -> None:
    """The same draft in two tabs: what the second does on an older picture is refused, and nothing is lost."""
    page = desk.page
    desk.ask(count=2)
    with desk.beside(desk.person) as tab:
        tab.goto(page.url)
        desk.pick(1, "Mazda CX-90")
        tab.get_by_role("button", name="Remove loan 2").click()
        expect(tab.locator("#messages [role=alert]")).to_contain_text("changed")
        expect(desk.slot(1, tab)).to_contain_text("Mazda CX-90")
        expect(tab.locator("#chain .slot")).to_have_count(2)
        assert_accessible(tab)
        tab.get_by_role("button", name="Remove loan 2").click()
        expect(tab.locator("#chain .slot")).to_have_count(1)


def test_without_script(desk: Desk, browser: Browser) -> None:
    """The form, the drop-down, dates, switches and saving are plain forms and links."""
    with desk.beside(desk.person, java_script_enabled=False) as page:
        page.goto(f"{desk.url}/chains?office=Los+Angeles&start={MONDAY}")
        page.locator("#wish-person").select_option(label="Torque, Wendy · Coastline Auto")
        page.get_by_role("button", name="Show what depends on this").click()
        expect(page.locator("#budget-facts")).to_be_visible()
        page.get_by_label("Loans", exact=True).fill("2")
        page.get_by_role("button", name="Suggest a chain").click()
        expect(page.locator("#chain-title")).to_have_text("2 of 2 loans placed")
        page.get_by_role("button", name=re.compile("^Loan 1: ")).click()
        page.get_by_role("button", name=re.compile("^Pick Mazda CX-90|^Mazda CX-90")).click()
        expect(desk.slot(1, page)).to_contain_text("Mazda CX-90")
        page.locator("#dates-1").click()
        page.locator("#slot-1").get_by_label("Comes back").fill("2060-06-21")
        page.locator("#days-1").click()
        expect(desk.slot(2, page)).to_contain_text("Mon 06-21-60")
        page.get_by_role("button", name="Pin loan 2").click()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#loans .slot")).to_have_count(2)
        expect(page.locator("#loans .slot.manual")).to_have_count(2)


def test_refused_days_and_nobody_chosen_stand_at_their_fields(desk: Desk) -> None:
    """A start in the past, on a Saturday, no partner: said at the field, which has the focus; what was typed stays."""
    page = desk.page
    desk.go("/chains")
    page.get_by_role("button", name="Suggest a chain").click()
    expect(page.locator("#fault-person_id")).to_have_text("Choose a partner.")
    assert_accessible(page)
    partner = page.get_by_role("combobox", name="Partner")
    partner.fill("torque")
    partner.press("Enter")
    expect(page.locator("#partner-facts")).to_be_visible()
    for day, words in (("2060-06-12", "weekend"), ("2020-06-08", "past")):
        page.get_by_label("First loan starts").fill(day)
        page.get_by_role("button", name="Suggest a chain").click()
        expect(page.locator("#fault-start")).to_contain_text(words)
        expect(page.get_by_label("First loan starts")).to_have_value(day)
        expect(page.get_by_label("First loan starts")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_on_a_phone(desk: Desk, browser: Browser, scheme: str) -> None:
    """390 px, touched, in both colours: nothing runs off the side, axe finds nothing, and it works to the end."""
    width = {"width": 390, "height": 844}
    with desk.beside(desk.person, viewport=width, has_touch=True, color_scheme=scheme) as phone:
        desk.ask(phone, count=2)
        assert_fits(phone)
        assert_accessible(phone)
        phone.locator("#choose-1").tap()
        choices = phone.locator("#choices-1")
        expect(choices.get_by_role("searchbox")).to_be_focused()
        assert_fits(phone)
        assert_accessible(phone)
        choices.locator(".candidate", has_text="Mazda CX-90").get_by_role("button").first.tap()
        expect(desk.slot(1, phone)).to_contain_text("Picked by hand")
        phone.locator("#dates-2").tap()
        expect(phone.locator("#days-2")).to_be_visible()
        box = phone.locator("#slot-2 .menu-list").bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        phone.get_by_role("button", name="Save", exact=True).tap()
        expect(phone.locator("#loans .slot")).to_have_count(2)
        assert_accessible(phone)
        phone.locator("#bulk-ask").tap()
        expect(phone.locator("#bulk-delete")).to_be_in_viewport(ratio=1)
        assert_fits(phone)


def test_dark_and_in_the_frame_of_fms(desk: Desk) -> None:
    """Without our header, in the dark: the same builder, from suggesting to saving, stays inside the frame."""
    page = desk.page
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    desk.ask(count=3)
    assert_accessible(page)
    framed(page)
    wait_for_frame(page)
    frame = page.frame_locator("iframe")
    expect(frame.locator("html.framed")).to_be_visible()
    expect(frame.locator(".mark")).to_be_hidden()
    frame.locator("#choose-1").click()
    expect(frame.locator("#choices-1 .candidate")).to_have_count(5)
    frame.locator("#choices-1 .candidate", has_text="Mazda CX-90").get_by_role("button").first.click()
    expect(frame.locator("#slot-1")).to_contain_text("Picked by hand")
    frame.get_by_role("link", name="Calendar", exact=True).click()
    frame.locator("#leave").get_by_role("button", name="Stay here").click()
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.locator("#loans .slot")).to_have_count(3)
    # The session knows that it is framed: axe sees the same as a page of its own.
    for address in ("/chains", f"/chains/{desk.chain_ids()[0]}"):
        desk.go(address)
        expect(page.locator("html.framed")).to_be_visible()
        assert_fits(page)
        assert_accessible(page)


def framed(page: Page) -> None:
    """Show the page's own address in a frame, as FMS does."""
    page.evaluate(
        """() => {
            const frame = document.createElement("iframe");
            const src = `${location.href}&embedded=1`;
            Object.assign(frame, { src, title: "Scheduling", width: 1200, height: 800 });
            document.getElementById("chain").removeAttribute("data-unsaved");
            document.body.replaceChildren(frame);
        }"""
    )
