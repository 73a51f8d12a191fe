"""Building on the page: every action as a plain form and by HTMX, refused in place, never on an older picture."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.chains.builder_desk import BuilderDesk, draft_in, words
from tests.chains.builder_desk import desk as desk
from tests.loans.conftest import THURSDAY_MORNING
from tests.loans.conftest import november as november
from tests.rows import DAY, Fleet, People
from webapp.chains.models import Draft
from webapp.db import db
from webapp.loans.models import Assignment, SoftHold
from webapp.loans.states import Status

WEEK = timedelta(weeks=1)


def loans(desk: BuilderDesk) -> list[tuple[str | None, str]]:
    """Chain and status of every loan there is."""
    with desk.app.app_context():
        found = db.session.execute(select(Assignment.chain_id, Assignment.status).order_by(Assignment.start_day))
        return [(chain_id, status) for chain_id, status in found]


def page_of(desk: BuilderDesk, address: str) -> str:
    """The page with the draft open."""
    answer = desk.get("/chains", draft=address.rpartition("/")[2])
    assert answer.status_code == 200
    return answer.text


def test_a_suggestion_by_a_plain_form(app: Flask, november: None, people: People, fleet: Fleet) -> None:
    """On both engines: the post leads to the draft, which is filled, and saving it leads to the chain."""
    desk = BuilderDesk(app, people, fleet)
    answer = desk.send("/chains/drafts", **desk.wishes())
    assert (answer.status_code, answer.location.startswith("/chains?draft=")) == (303, True)
    address = f"/chains/drafts/{draft_in(answer.location)}"
    assert len(desk.opened(address).picks) == 3
    saved = desk.send(f"{address}/save", version=desk.opened(address).version)
    assert saved.status_code == 303
    assert loans(desk) == [(saved.location.rpartition("/")[2], Status.PLANNED)] * 3


def test_a_suggestion_by_htmx_draws_the_regions(desk: BuilderDesk) -> None:
    """Chain, form, facts, timeline and drafts in one answer; the address names the draft from now on."""
    answer = desk.post("/chains/drafts", **desk.wishes())
    assert answer.status_code == 200
    assert re.fullmatch(r"/chains\?draft=[0-9a-f-]{36}", answer.headers["HX-Push-Url"])
    assert answer.text.lstrip().startswith('<section id="chain"')
    for region in ("chain-form", "panels", "around", "drafts"):
        assert re.search(rf'id="{region}"[^>]*hx-swap-oob="true"', answer.text), region
    assert "3 of 3 loans placed." in answer.text
    assert "Suggest again" in answer.text


def test_building_by_hand_begins_with_empty_cards(desk: BuilderDesk) -> None:
    """Each with its days, saying that nothing is chosen; nothing can be saved yet."""
    address = desk.begin(how="hand")
    page = page_of(desk, address)
    assert page.count("Nothing is chosen for these days yet.") == 3
    assert "0 of 3 loans placed" in words(desk.get("/chains", draft=address.rpartition("/")[2]))
    assert 'id="save"' not in page


def test_faults_come_back_at_their_fields(desk: BuilderDesk) -> None:
    """As the form, filled as it was; also without script."""
    wishes = desk.wishes(person_id="", days="30", makes_offered="1")
    answer = desk.post("/chains/drafts", **wishes)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#chain-form")
    assert "Choose a partner." in words(answer)
    assert 'id="fault-days"' in answer.text
    plain = desk.send("/chains/drafts", **wishes)
    assert plain.status_code == 422
    assert plain.text.startswith("<!doctype html>")
    assert 'value="30"' in plain.text


@pytest.mark.parametrize(
    ("start", "sentence"),
    [("2026-11-18", "is in the past"), ("2026-11-21", "is a weekend"), ("2126-11-23", "Give the day")],
)
def test_a_start_nobody_may_ask_for(desk: BuilderDesk, start: str, sentence: str) -> None:
    """In the past, on a weekend, beyond what FMS's years say: at the field, nothing is begun."""
    answer = desk.post("/chains/drafts", **desk.wishes(start=start))
    assert answer.status_code == 422
    assert sentence in words(answer)
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_an_office_out_of_scope_is_not_found(desk: BuilderDesk) -> None:
    """Whatever a form says; it becomes a message, and the page stays."""
    answer = desk.post("/chains/drafts", **desk.wishes(office="Boston"))
    assert answer.status_code == 404
    assert "There is no office Boston that you may plan for." in words(answer)
    assert 'id="chain"' not in answer.text


def test_asking_again_keeps_what_was_picked(desk: BuilderDesk) -> None:
    """In the same draft; what is asked for changes, the pick stays."""
    address = desk.begin()
    chosen = desk.vehicles[4].vin
    assert desk.act(address, "slots/1/pick", key=chosen).status_code == 200
    draft = desk.opened(address)
    again = desk.post("/chains/drafts", **desk.wishes(count="4", draft=draft.id, version=draft.version))
    assert "HX-Push-Url" not in again.headers
    assert (len(desk.opened(address).picks), desk.opened(address).picks[1]) == (4, chosen)
    assert "the best around the 1 picked by hand" in words(again)


def test_another_partner_begins_another_draft(desk: BuilderDesk) -> None:
    """The one before stays in the list."""
    address = desk.begin()
    other = desk.fleet.add_partner("Ana García")
    desk.fleet.approve_make(other, "Audi")
    draft = desk.opened(address)
    answer = desk.post(
        "/chains/drafts", **desk.wishes(person_id=other.person_id, draft=draft.id, version=draft.version)
    )
    assert draft_in(answer.headers["HX-Push-Url"]) != draft.id
    assert f"/chains?draft={draft.id}" in answer.text


def test_another_office_begins_another_draft(desk: BuilderDesk) -> None:
    """Its vehicles are others; what was picked of the first office's stays in the draft before."""
    address = desk.begin()
    desk.act(address, "slots/1/pick", key=desk.vehicles[4].vin)
    draft = desk.opened(address)
    answer = desk.post("/chains/drafts", **desk.wishes(office="Miami", draft=draft.id, version=draft.version))
    assert draft_in(answer.headers["HX-Push-Url"]) != draft.id
    assert desk.opened(address) == draft


def test_a_pick_by_hand_is_pinned_and_said(desk: BuilderDesk) -> None:
    """Its card says who chose it; a screen reader hears the loan and how far the chain is."""
    address = desk.begin()
    answer = desk.act(address, "slots/2/pick", key=desk.vehicles[4].vin)
    assert answer.status_code == 200
    said = re.search(r'hx-swap-oob="innerHTML:#said">([^<]*)', answer.text)
    assert said
    assert said.group(1).startswith("Loan 2: Audi RS 6, Mon 11-30-26 → Mon 12-07-26.")
    assert "Picked by hand" in words(answer)
    assert "1 picked by hand, the others suggested" in words(answer)
    assert 'id="chain-form"' not in answer.text
    assert re.search(r'id="budget-facts"[^>]*hx-swap-oob="true"', answer.text)


def test_a_rule_for_suggestions_can_be_overruled(desk: BuilderDesk) -> None:
    """The card keeps the reason, a note may say why all the same, and the loan's history keeps it."""
    kia = desk.fleet.add_vehicle(make="Kia", model="EV6")
    address = desk.begin(count="1")
    answer = desk.act(address, "slots/1/pick", key=kia.vin)
    assert answer.status_code == 200
    assert "Wendy Torque is not approved for Kia." in words(answer)
    assert 'name="remark"' in answer.text
    assert desk.act(address, "save", remark="She asked for it.").status_code == 200
    assert loans(desk)[0][1] == Status.MANUAL


def test_what_is_held_cannot_be_picked(desk: BuilderDesk) -> None:
    """409, with the page as it stands and the sentence that names the holder."""
    address = desk.begin()
    desk.hold(desk.vehicles[4], DAY, DAY + WEEK)
    answer = desk.act(address, "slots/1/pick", key=desk.vehicles[4].vin)
    assert answer.status_code == 409
    assert answer.text.lstrip().startswith('<section id="chain"')
    assert 'class="message refused"' in answer.text
    assert "held by Rita Ring 11-23-26 to 11-30-26" in words(answer)


def test_an_older_picture_changes_nothing(desk: BuilderDesk) -> None:
    """409 in place, with the chain as it stands now; without script as a page."""
    address = desk.begin()
    old = desk.opened(address).version
    desk.act(address, "slots/1/pick", key=desk.vehicles[4].vin)
    before = desk.opened(address)
    for answer in (
        desk.post(f"{address}/slots/2/remove", version=old),
        desk.send(f"{address}/slots/2/remove", version=old),
        desk.post(f"{address}/save", version=old),
    ):
        assert answer.status_code == 409
        assert "This chain" in words(answer)
        assert f'value="{before.version}"' in answer.text
    assert desk.opened(address) == before
    assert loans(desk) == []


@pytest.mark.parametrize("version", ["", "x", "-1"])
def test_a_form_without_a_version_is_out_of_date(desk: BuilderDesk, version: str) -> None:
    """It changes nothing."""
    address = desk.begin()
    before = desk.opened(address)
    assert desk.post(f"{address}/add", version=version).status_code == 422
    assert desk.opened(address) == before


@pytest.mark.parametrize("key", ["", "x" * 300, "NOSUCHVIN"])
def test_what_is_no_vehicle_cannot_be_picked(desk: BuilderDesk, key: str) -> None:
    """Whatever is sent."""
    address = desk.begin()
    before = desk.opened(address)
    assert desk.act(address, "slots/1/pick", key=key).status_code in (404, 422)
    assert desk.opened(address) == before


def test_pins_dates_and_loans_by_form(desk: BuilderDesk) -> None:
    """Pin, unpin, empty, add, other dates, remove, suggest the rest: each answers with the chain as it is then."""
    address = desk.begin()
    assert "Unpin" in words(desk.act(address, "slots/1/pin"))
    assert "Unpin" not in words(desk.act(address, "slots/1/unpin"))
    assert "2 of 3 loans placed" in words(desk.act(address, "slots/2/clear"))
    assert "2 of 4 loans placed" in words(desk.act(address, "add"))
    moved = words(desk.act(address, "slots/1/days", start_day="2026-11-24", end_day="2026-11-27"))
    assert "1 · Tue 11-24-26 → Fri 11-27-26 · dates chosen" in moved
    assert "2 · Fri 11-27-26 → Fri 12-04-26" in moved
    assert "4 of 4 loans placed" in words(desk.act(address, "suggest"))
    assert "3 of 3 loans placed" in words(desk.act(address, "slots/4/remove"))


def test_actions_without_script_lead_back(desk: BuilderDesk) -> None:
    """303 to the page with the draft."""
    address = desk.begin()
    for action, fields in (
        ("slots/1/pin", {}),
        ("slots/1/pick", {"key": desk.vehicles[4].vin}),
        ("slots/1/days", {"start_day": "2026-11-24", "end_day": "2026-11-30"}),
        ("slots/2/clear", {}),
        ("suggest", {}),
        ("add", {}),
        ("slots/4/remove", {}),
        ("ask", {"respect_budgets": "false"}),
    ):
        answer = desk.send(f"{address}/{action}", version=desk.opened(address).version, **fields)
        assert (answer.status_code, answer.location) == (303, f"/chains?draft={address.rpartition('/')[2]}"), action


def test_days_nobody_may_have_are_refused_in_place(desk: BuilderDesk) -> None:
    """The end before the start, a weekend, nothing at all."""
    address = desk.begin()
    for start, end in (("2026-11-30", "2026-11-24"), ("2026-11-28", "2026-12-04"), ("", "")):
        answer = desk.act(address, "slots/1/days", start_day=start, end_day=end)
        assert answer.status_code == 422
        assert 'class="message refused"' in answer.text


def test_the_banner_keeps_the_start_and_double_books(desk: BuilderDesk) -> None:
    """A moved start is said, with what it went around; one click keeps it, and says what overlaps."""
    other = desk.fleet.add_vehicle(make="Kia", model="EV6")
    desk.fleet.add_activity(other, desk.partner, start_day=DAY, end_day=DAY + WEEK)
    address = desk.begin()
    moved = words(desk.get("/chains", draft=address.rpartition("/")[2]))
    assert "Start moved to 11-30-26, 3 of 3 placed. The partner has Kia EV6" in moved
    assert "Keep 11-23-26 and double-book" in moved
    kept = words(desk.act(address, "ask", allow_double_booking="true"))
    assert "Double-booked on purpose: Kia EV6" in kept
    assert "11-23-26 to 11-30-26 overlaps loan 1" in kept
    assert "Start moved" not in kept


def test_empty_loans_say_why_and_what_could_be_given_up(desk: BuilderDesk) -> None:
    """Only makes that were chosen are offered again; then the chain is full."""
    desk.fleet.add_vehicle(make="Kia", model="EV6")
    desk.fleet.approve_make(desk.partner, "Kia", "B")
    address = desk.begin(makes="Kia", makes_offered="2", count="2")
    page = words(desk.get("/chains", draft=address.rpartition("/")[2]))
    assert "1 of 2 loans placed the most that fit under the rules" in page
    assert "Every model that is free on these days is in this chain already." in page
    assert "Save 1 of 2 and request" in page
    assert "2 of 2 loans placed" in words(desk.act(address, "ask", makes=""))


def test_saving_leads_to_the_chain(desk: BuilderDesk) -> None:
    """The draft and its holds are gone with it; sent twice, it is saved once."""
    address = desk.begin()
    version = desk.opened(address).version
    answer = desk.post(f"{address}/save", version=version)
    target = answer.headers["HX-Redirect"]
    assert target == f"/chains/{loans(desk)[0][0]}"
    assert desk.post(f"{address}/save", version=version).headers["HX-Redirect"] == target
    assert len(loans(desk)) == 3
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SoftHold)) == 0


def test_a_vehicle_taken_meanwhile_stops_saving(desk: BuilderDesk) -> None:
    """409, loan by loan, at the card it is about; nothing is saved, and the draft is still there."""
    address = desk.begin()
    draft = desk.opened(address)
    taken = next(vehicle for vehicle in desk.vehicles if vehicle.vin == draft.picks[2])
    desk.hold(taken, DAY + WEEK, DAY + 2 * WEEK)
    answer = desk.act(address, "save")
    assert answer.status_code == 409
    assert "Loan 2" in words(answer)
    assert "Not possible:" in words(answer)
    assert re.search(r'class="slot planned refused" id="slot-2"', answer.text)
    assert loans(desk) == []
    assert desk.opened(address).picks == draft.picks


def test_discarding_leads_back_to_whom_it_was_for(desk: BuilderDesk) -> None:
    """Also where it is gone already; from the list, the open draft stays."""
    address, other = desk.begin(), desk.begin(start="2026-12-07")
    answer = desk.post(f"{address}/discard")
    assert answer.headers["HX-Redirect"].startswith("/chains?office=Los+Angeles&person_id=")
    assert desk.send(f"{address}/discard").status_code == 303
    third = desk.begin(start="2027-01-11")
    listed = desk.post(f"{third}/discard", open=other.rpartition("/")[2])
    assert listed.status_code == 200
    assert other.rpartition("/")[2] in listed.text
    assert third.rpartition("/")[2] not in listed.text


def test_the_open_page_holds_its_vehicles_on(desk: BuilderDesk) -> None:
    """Until a quarter of an hour from then, in the office's time; a draft that is gone is said."""
    address = desk.begin()
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=10)):
        answer = desk.post(f"{address}/touch")
        assert answer.status_code == 200
        assert "held for you until 10:25 PST" in words(answer)
    desk.post(f"{address}/discard")
    gone = desk.post(f"{address}/touch")
    assert gone.status_code == 404
    assert "See your drafts" in words(gone)


def test_what_another_plans_is_told(desk: BuilderDesk) -> None:
    """In the drop-down and on the card, as a warning: it may be taken knowingly."""
    first = desk.begin(count="1", how="hand")
    desk.act(first, "slots/1/pick", key=desk.vehicles[0].vin)
    desk.become(desk.people())
    answer = desk.send("/chains/drafts", **desk.wishes(count="1", how="hand"))
    address = f"/chains/drafts/{draft_in(answer.location)}"
    options = words(desk.fragment(f"{address}/slots/1"))
    assert "is being planned by another scheduler until 10:15 PST" in options
    picked = desk.post(f"{address}/slots/1/pick", version=1, key=desk.vehicles[0].vin)
    assert picked.status_code == 200
    assert "is being planned by another scheduler until 10:15 PST" in words(picked)


def test_a_colleagues_draft_cannot_be_touched(desk: BuilderDesk) -> None:
    """404 on every action, and nothing changed."""
    address = desk.begin()
    before = desk.opened(address)
    client: FlaskClient = desk.client
    token = desk.token
    desk.become(desk.people())
    actions = ("ask", "suggest", "add", "save", "touch", "slots/1/pick", "slots/1/days", "slots/1/clear", "slots/1/pin")
    for action in (*actions, "slots/1/unpin", "slots/1/remove"):
        answer = desk.post(
            f"{address}/{action}", version=1, key=desk.vehicles[4].vin, start_day="2026-11-24", end_day="2026-11-30"
        )
        assert answer.status_code == 404, action
    desk.post(f"{address}/discard")
    desk.client, desk.token = client, token
    assert desk.opened(address) == before
