"""A chain saved, sent to FMS and changed afterwards, in a real browser against a real FMS; two people at once."""

import re

from playwright.sync_api import expect

from tests.browsers import assert_accessible
from tests.stories.builder_desk import MONDAY, WEEK, Desk, titles, week
from tests.stories.builder_desk import desk as desk
from tests.stories.builder_desk import house as house

REFUSED = "Vehicle is reserved for an event"
# How many cards are magenta, whenever that changes.
COUNTING = """() => {
    window.seen = [];
    const count = () => {
        const number = document.querySelectorAll("#loans .slot.requested").length;
        if (window.seen.at(-1) !== number) window.seen.push(number);
    };
    count();
    new MutationObserver(count).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def test_one_magenta_after_the_other_and_one_refusal(desk: Desk) -> None:
    """Save and request: each card turns as FMS accepts it. One it refuses stays green and says why; retried, it is
    magenta too, and FMS holds four requests.
    """
    page = desk.page
    desk.sandbox.fault("create", "refuse", text=REFUSED)
    desk.sandbox.latency(1)
    desk.ask(count=4)
    desk.save("Save and request")
    page.evaluate(COUNTING)
    expect(page.locator("#run progress")).to_be_visible()
    # Before axe, under which the page does not get to ask how far the run is.
    expect(page.locator("#loans .slot.requested")).not_to_have_count(0)
    assert_accessible(page)
    run = page.locator("#run")
    expect(run).to_contain_text("3 of 4 requested")
    seen = page.evaluate("window.seen")
    # The page looks once a second: a step may be missed, not all of them.
    assert seen == sorted(seen)
    assert seen[-1] == 3
    assert {1, 2} & set(seen)
    expect(page.locator("#loans .slot.planned")).to_have_count(1)
    expect(run).to_contain_text(f"FMS refused it: {REFUSED}")
    assert_accessible(page)
    desk.sandbox.latency(0)
    page.get_by_role("button", name="Retry the 1 failed").click()
    expect(page.locator("#loans .slot.requested")).to_have_count(4)
    expect(run).to_contain_text("1 of 1 requested")
    numbers = [request["id"] for request in desk.sandbox.requests()]
    assert len(numbers) == 4
    # What stands around the chain says the same: its timeline, and what the partner is to have.
    for region in ("#loans", "#chain-timeline", "#standing-facts"):
        for number in numbers:
            expect(page.locator(region)).to_contain_text(f"#{number}")
    page.get_by_role("button", name="Put away").click()
    expect(run).to_have_count(0)
    assert_accessible(page)


def test_closing_the_tab_loses_nothing(desk: Desk) -> None:
    """While the run goes on the person leaves; the chain is on the list, and its page has the report."""
    page = desk.page
    desk.sandbox.latency(0.5)
    desk.ask(count=2)
    desk.save("Save and request")
    desk.go("/chains")
    page.locator("#saved-list").get_by_role("link", name=re.compile("Wendy|Torque")).first.click()
    expect(page.locator("#run")).to_contain_text("2 of 2 requested")
    expect(page.locator("#loans .slot.requested")).to_have_count(2)


def test_one_loan_of_the_chain_is_deleted_and_the_others_stay(desk: Desk) -> None:
    """Delete asks first, takes the request in FMS along, and leaves the other loans and their requests."""
    page = desk.page
    desk.ask(count=3)
    desk.save("Save and request")
    expect(page.locator("#loans .slot.requested")).to_have_count(3)
    left = [title for title in titles(page.locator("#loans .slot")) if title != titles(desk.card(2))[0]]
    desk.card(2).locator("summary", has_text="Delete").click()
    expect(desk.card(2)).to_contain_text("Delete this loan, and its request in FMS?")
    desk.card(2).get_by_role("button", name="Delete it loan 2").click()
    expect(page.locator("#loans .slot")).to_have_count(2)
    assert titles(page.locator("#loans .slot")) == left
    assert len(desk.sandbox.requests()) == 2
    assert_accessible(page)


def test_a_requested_loan_is_swapped_in_one_step(desk: Desk) -> None:
    """Every candidate of those days in a dialog, searched; unrequest, swap and request again are one button."""
    page = desk.page
    desk.ask(count=2)
    desk.save("Save and request")
    expect(page.locator("#loans .slot.requested")).to_have_count(2)
    desk.card(1).get_by_role("link", name="Swap… loan 1").click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    expect(dialog.locator(".candidate")).to_have_count(5)
    assert_accessible(page)
    page.keyboard.type("mazda")
    expect(dialog.locator(".candidate:visible")).to_have_count(1)
    dialog.get_by_role("radio", name=re.compile("Mazda CX-90")).check()
    dialog.get_by_role("button", name="Unrequest, swap, request again").click()
    expect(dialog).not_to_be_visible()
    expect(desk.card(1)).to_contain_text("Mazda CX-90")
    expect(desk.card(1)).to_have_class(re.compile("requested"))
    held = {request["requestsVehicles"][0]["requestsVehicle"]["vehicleVin"] for request in desk.sandbox.requests()}
    assert held == {vin for _status, vin, _day in desk.loans()}
    assert len(held) == 2


def test_two_schedulers_with_the_same_vehicle(desk: Desk) -> None:
    """The second sees that somebody plans with it, until when, takes it knowingly and saves; the first is refused
    with vehicle, days and holder, keeps the draft, and finds another.
    """
    page, colleague = desk.page, desk.people(name="Ben Example")
    ring = desk.fleet.add_partner("Ring Report")
    desk.fleet.approve_make(ring, "Audi")
    desk.ask(count=1)
    expect(desk.slot(1)).to_contain_text("Audi Q6 e-tron")
    with desk.beside(colleague) as other:
        desk.ask(other, count=1, person_id=ring.person_id)
        expect(desk.slot(1, other)).to_contain_text("being planned by another scheduler until")
        assert_accessible(other)
        desk.save(page=other)
        expect(other.locator("#loans .slot")).to_have_count(1)
    page.get_by_role("button", name="Save", exact=True).click()
    refused = desk.message("held by Ring Report 06-07-60 to 06-14-60")
    expect(refused).to_contain_text("Audi Q6 e-tron")
    expect(refused).to_have_attribute("role", "alert")
    expect(desk.slot(1)).to_have_class(re.compile("refused"))
    expect(desk.slot(1)).to_contain_text("Not possible:")
    assert_accessible(page)
    assert len(desk.loans()) == 1
    desk.pick(1, "Genesis GV60")
    desk.save()
    expect(desk.card(1)).to_contain_text("Genesis GV60")


def test_what_was_saved_leads_to_its_chain(desk: Desk) -> None:
    """Going back from it, and acting in a tab that still shows the draft: the chain, and nothing twice."""
    page = desk.page
    desk.ask(count=2)
    with desk.beside(desk.person) as tab:
        tab.goto(page.url)
        desk.save()
        tab.get_by_role("button", name="Remove loan 2").click()
        expect(tab.locator("#messages [role=alert]")).to_contain_text("it was saved")
        assert_accessible(tab)
        tab.locator("#messages").get_by_role("link", name="See the saved chain").click()
        tab.locator("#leave").get_by_role("link", name="Leave").click()
        expect(tab.locator("#loans .slot")).to_have_count(2)
    page.go_back()
    expect(page.locator("#loans .slot")).to_have_count(2)
    assert len(desk.loans()) == 2


def test_a_vehicle_taken_between_saving_and_sending(desk: Desk) -> None:
    """FMS lends it to somebody else meanwhile: the chain says so, and requesting it is refused with the way there."""
    page = desk.page
    desk.ask(count=2)
    desk.save()
    vin = desk.loans()[1][1]
    taken = next(vehicle for vehicle in desk.vehicles if vehicle.vin == vin)
    desk.lend(taken, desk.fleet.add_partner("Ring Report"), weeks=1)
    page.get_by_role("button", name="Request all 2").click()
    expect(page.locator("#run")).to_contain_text("1 of 2 requested")
    expect(page.locator("#run")).to_contain_text("held by Ring Report 06-14-60 to 06-21-60")
    expect(desk.card(2)).to_contain_text("held by Ring Report")
    assert len(desk.sandbox.requests()) == 1
    assert_accessible(page)


def test_chosen_loans_are_unrequested_and_the_chain_goes_on(desk: Desk) -> None:
    """Tick one, take its request back: green again. Other days for it; then the chain is continued in the builder."""
    page = desk.page
    desk.ask(count=2)
    desk.save("Save and request")
    expect(page.locator("#run")).to_contain_text("2 of 2 requested")
    page.get_by_role("checkbox", name=re.compile("^Choose loan 2")).check()
    expect(page.locator("#chosen")).to_have_text("1 of 2 chosen")
    page.get_by_role("button", name="Unrequest 1 chosen").click()
    expect(page.locator("#loans .slot.planned")).to_have_count(1)
    assert len(desk.sandbox.requests()) == 1
    desk.card(2).get_by_role("link", name="Dates… of loan 2").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Comes back").fill((MONDAY + 3 * WEEK).isoformat())
    expect(dialog.locator(".findings")).to_contain_text("Nothing is in the way")
    assert_accessible(page)
    dialog.locator(".button.primary").click()
    expect(desk.card(2)).to_contain_text("Mon 06-28-60")
    page.get_by_role("button", name="Continue…").click()
    expect(page.locator("#chain")).to_contain_text("goes on from a saved chain")
    expect(desk.slot(1)).to_contain_text(week(3).split(" → ", maxsplit=1)[0])
