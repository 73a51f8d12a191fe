"""The builder's page over HTTP: empty, filled in, with a draft; its form's refreshing; every candidate of a slot."""

import re
from datetime import timedelta

import pytest

from tests.chains.builder_desk import BuilderDesk, words
from tests.chains.builder_desk import desk as desk
from tests.loans.conftest import november as november
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE
from webapp.accounts.permissions import Role

WEEK = timedelta(weeks=1)


def test_first_use_explains_itself(desk: BuilderDesk) -> None:
    """One line says what a chain is; the office is evident, the start is shown with its weekday."""
    answer = desk.get("/chains")
    said = words(answer)
    assert answer.status_code == 200
    assert "Choose a partner: the chain is loans of one vehicle after another" in said
    assert re.search(r"<option selected>Los Angeles</option>", answer.text)
    assert "Thu 11-19-26" in said


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({"office": OFFICE, "person_id": "{person}", "start": "2026-12-01"}, 'value="{person}" selected'),
        ({"office": OFFICE, "vin": "{vin}", "start": "2026-12-01"}, 'value="{vin}" selected'),
    ],
)
def test_the_calendar_opens_it_filled_in(desk: BuilderDesk, query: dict[str, str], chosen: str) -> None:
    """With office and partner or vehicle, the start, and what is known of them."""
    names = {"person": str(desk.partner.person_id), "vin": desk.vehicles[0].vin}
    page = desk.get("/chains", **{name: value.format(**names) for name, value in query.items()}).text
    assert chosen.format(**names) in page
    assert "Tue 12-01-26" in page
    assert "Available to spend" in page


def test_the_calendars_rows_lead_here(desk: BuilderDesk) -> None:
    """Of vehicles and of partners, with their office; and so does the form that plans one loan."""
    row = f"/chains?vin={desk.vehicles[0].vin}&amp;office=Los+Angeles"
    assert row in desk.get("/calendar", office=OFFICE).text
    person = f"/chains?person_id={desk.partner.person_id}&amp;office=Los+Angeles"
    assert person in desk.get("/calendar", office=OFFICE, rows="partners").text
    plan = desk.get("/calendar/plan", office=OFFICE, vin=desk.vehicles[0].vin, start_day="2026-12-01").text
    assert f"vin={desk.vehicles[0].vin}&amp;start=2026-12-01" in plan


def test_a_draft_opens_with_its_cards(desk: BuilderDesk) -> None:
    """Slots in order with dates and weekdays, name, colour and last eight of the VIN, rank; no score anywhere."""
    address = desk.begin()
    answer = desk.get("/chains", draft=address.rpartition("/")[2])
    said = words(answer)
    assert "3 of 3 loans placed best possible under the rules · 5 vehicles looked at" in said
    assert "Torque, Wendy · Los Angeles · 11-23-26 to 12-14-26" in said
    assert re.search(
        r"1 · Mon 11-23-26 → Mon 11-30-26 Audi \S+.* Silver · …SA05191\d Suggested Rank A\+ · same office", said
    )
    assert "score" not in answer.text.lower()
    assert "objective" not in answer.text.lower()


def test_the_page_says_that_picks_are_not_saved(desk: BuilderDesk) -> None:
    """Only while there are any: leaving asks, with what really happens to the draft."""
    address = desk.begin()
    page = desk.get("/chains", draft=address.rpartition("/")[2]).text
    assert "data-unsaved" in page
    assert "The draft stays on the server: it is listed under “Your drafts”" in page
    by_hand = desk.begin(how="hand", start="2026-12-07")
    assert "data-unsaved" not in desk.get("/chains", draft=by_hand.rpartition("/")[2]).text


def test_drafts_are_listed_as_not_saved(desk: BuilderDesk) -> None:
    """Each can be opened and discarded; somebody else's are not there."""
    address = desk.begin()
    page = desk.get("/chains")
    assert "Your drafts not saved yet" in words(page)
    assert f'href="/chains?draft={address.rpartition("/")[2]}"' in page.text
    desk.become(desk.people())
    assert address not in desk.get("/chains").text


@pytest.mark.parametrize("draft", ["00000000-0000-0000-0000-000000000001", "nonsense", "\x00"])
def test_a_draft_that_is_not_there_is_said(desk: BuilderDesk, draft: str) -> None:
    """With the page as it is without one."""
    answer = desk.get("/chains", draft=draft)
    assert answer.status_code == 404
    assert "You are not building this chain" in words(answer)
    assert 'id="chain-form"' in answer.text


def test_a_colleagues_draft_is_not_shown(desk: BuilderDesk) -> None:
    """Nor are its candidates."""
    address = desk.begin()
    desk.become(desk.people())
    assert desk.get("/chains", draft=address.rpartition("/")[2]).status_code == 404
    assert desk.fragment(f"{address}/slots/1").status_code == 404


def test_who_may_only_look_builds_nothing(desk: BuilderDesk) -> None:
    """Auditors see saved chains and facts, and neither the form nor drafts."""
    desk.become(desk.people(Role.AUDITOR))
    answer = desk.get("/chains", office=OFFICE, person_id=str(desk.partner.person_id))
    assert answer.status_code == 200
    assert 'id="chain-form"' not in answer.text
    assert "Saved chains" in answer.text
    assert "Torque, Wendy" in answer.text
    assert desk.fragment("/chains/form").status_code == 403


def test_roles_without_loans_do_not_get_in(desk: BuilderDesk) -> None:
    """By the permission table."""
    desk.become(desk.people(Role.DISPATCHER))
    assert desk.get("/chains").status_code == 403


def test_another_office_refreshes_what_depends_on_it(desk: BuilderDesk) -> None:
    """The vehicle that is not there any more vanishes, and that is said where it is seen and heard."""
    wishes = desk.wishes(kind="vehicle", office="Miami", vin=desk.vehicles[0].vin)
    answer = desk.fragment("/chains/form", **wishes)
    assert answer.status_code == 200
    assert "stands in Los Angeles, so it is no longer chosen" in words(answer)
    assert f'value="{desk.vehicles[0].vin}" selected' not in answer.text
    assert re.search(r'hx-swap-oob="innerHTML:#said">[^<]*stands in Los Angeles', answer.text)
    assert answer.headers["HX-Replace-Url"] == "/chains?office=Miami&kind=vehicle&start=2026-11-23"


def test_another_partner_brings_their_makes_and_facts(desk: BuilderDesk) -> None:
    """Ranks, models, and the panels beside, in one answer; all makes stay all."""
    other = desk.fleet.add_partner("Ana García")
    desk.fleet.add_vehicle(make="Kia", model="EV6")
    desk.fleet.approve_make(other, "Kia", "B")
    answer = desk.fragment("/chains/form", **desk.wishes(person_id=other.person_id, makes=["Audi"], makes_offered="1"))
    assert "Kia B" in words(answer)
    assert "no longer chosen" not in answer.text
    assert "García, Ana" in words(answer)


def test_without_script_the_form_refreshes_as_a_page(desk: BuilderDesk) -> None:
    """The same address as a page, with everything that was filled in; posted, as a token belongs in no address."""
    answer = desk.send("/chains/form", **desk.wishes(days="3"))
    assert answer.text.startswith("<!doctype html>")
    assert 'name="days" min="1" max="14" value="3"' in answer.text


def test_a_slot_offers_everybody(desk: BuilderDesk) -> None:
    """Best first, the chosen one marked; what is held is greyed with its reason, and nobody may pick it."""
    desk.fleet.add_vehicles(60, model="Q5")
    address = desk.begin(count="1")
    desk.hold(desk.vehicles[4], DAY, DAY + WEEK)
    answer = desk.fragment(f"{address}/slots/1")
    assert answer.text.count('class="candidate"') == 65
    assert "64 fit, best first" in words(answer)
    assert "1 not suggested, and why" in words(answer)
    greyed = answer.text[answer.text.index("1 not suggested") :]
    assert "held by Rita Ring 11-23-26 to 11-30-26" in greyed
    assert "Why not?" in greyed
    assert "Pick anyway" not in greyed
    assert answer.text.count("chosen now") == 1


def test_what_only_binds_suggestions_can_be_picked_knowingly(desk: BuilderDesk) -> None:
    """Not approved: greyed with the reason, beside it "Pick anyway"."""
    kia = desk.fleet.add_vehicle(make="Kia", model="EV6")
    answer = desk.fragment(f"{desk.begin()}/slots/1")
    greyed = answer.text[answer.text.index("not suggested") :]
    assert "Wendy Torque is not approved for Kia." in greyed
    assert f'value="{kia.vin}" aria-label="Pick Kia EV6 anyway"' in greyed
    assert f"/chains/why-not?vin={kia.vin}&amp;person_id={desk.partner.person_id}&amp;start=2026-11-23" in greyed


def test_a_vehicle_chain_offers_partners(desk: BuilderDesk) -> None:
    """By name, with how far they are; those without a place on the map are told apart."""
    desk.fleet.approve_make(desk.fleet.add_partner("Nora Nowhere"), "Audi")
    address = desk.begin(kind="vehicle", vin=desk.vehicles[0].vin, count="1", how="hand")
    said = words(desk.fragment(f"{address}/slots/1"))
    assert "Torque, Wendy" in said
    assert "Nowhere, Nora" in said


def test_candidates_are_a_page_without_script(desk: BuilderDesk) -> None:
    """With a way back."""
    address = desk.begin()
    answer = desk.get(f"{address}/slots/2")
    assert answer.text.startswith("<!doctype html>")
    assert f'href="/chains?draft={address.rpartition("/")[2]}"' in answer.text


def test_a_slot_that_is_not_there_is_not_found(desk: BuilderDesk) -> None:
    """As is a draft that was discarded."""
    address = desk.begin()
    assert desk.fragment(f"{address}/slots/9").status_code == 404
    desk.send(f"{address}/discard")
    assert desk.fragment(f"{address}/slots/1").status_code == 404


def test_the_page_reads_as_much_for_a_large_fleet(desk: BuilderDesk) -> None:
    """No query per vehicle, partner or candidate."""
    address = desk.begin()
    draft = address.rpartition("/")[2]

    def both() -> int:
        with desk.app.app_context(), queries_of() as statements:
            assert desk.get("/chains", draft=draft).status_code == 200
            assert desk.fragment(f"{address}/slots/2").status_code == 200
        return len(statements)

    before = both()
    desk.fleet.add_vehicles(40, model="Q5")
    for number in range(20):
        desk.fleet.approve_make(desk.fleet.add_partner(f"Ada Nr{number}"), "Audi")
    assert both() <= before
