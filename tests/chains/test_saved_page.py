"""The page of a saved chain: what it shows of each loan, to whom, and what each may do; without scripts too."""

import re

import pytest
from flask import Flask

from tests.chains.saved_desk import ChainDesk, week
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_site import Site, looks, message
from tests.chains.saved_site import site as site
from tests.rows import Fleet
from webapp.accounts.permissions import Role
from webapp.loans.reconciled import Flag
from webapp.loans.states import Status

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")
UNKNOWN = "00000000-0000-4000-8000-000000000001"


def card(text: str, loan_id: int) -> str:
    """The card of a loan."""
    found = re.search(rf'<li class="slot [a-z]+" id="loan-{loan_id}">.*?</li>', text, re.DOTALL)
    assert found
    return found.group(0)


def test_a_card_for_each_loan(desk: ChainDesk, site: Site) -> None:
    """By day, with the calendar's looks and words, FMS's number, ways into FMS and to the calendar."""
    chain_id, ids = desk.requested_chain(2)
    green = desk.fleet.add_loan(
        desk.vehicles[2], desk.partner, start_day=week(2).start_day, status=Status.MANUAL, chain_id=chain_id
    ).id
    page = site.get(f"/chains/{chain_id}")
    assert looks(page) == {ids[0]: "requested", ids[1]: "requested", green: "manual"}
    first = card(page.text, ids[0])
    number = desk.operation(ids[0]).fms_request_id
    assert f"Requested in FMS #{number}" in first
    assert f"/vehicles/list_activities/{desk.vehicles[0].vehicle_id}" in first
    assert f"/people/list_activities/{desk.partner.person_id}" in first
    assert f'href="/calendar?start=2060-06-07&amp;loan={ids[0]}"' in first
    assert "Mon 06-07-60" in first
    assert "Picked by hand" in card(page.text, green)
    assert "Unrequest" in first
    assert "Unrequest" not in card(page.text, green)


def test_what_stands_now_is_said(desk: ChainDesk, site: Site) -> None:
    """Findings of the rules with a way to what is in the way, and what FMS's calendar makes somebody look into."""
    chain_id, ids = desk.chain(2)
    ring = desk.fleet.add_partner("Ring Report")
    other = desk.fleet.add_activity(desk.vehicles[0], ring, start_day=week(0).start_day)
    desk.change_row(ids[1], flag=Flag.NEVER_ACTIVATED)
    page = site.get(f"/chains/{chain_id}").text
    assert 'class="note hard"' in card(page, ids[0])
    assert f'href="/calendar?start=2060-06-07&amp;activity_id={other.activity_id}"' in card(page, ids[0])
    assert "FMS never activated this" in card(page, ids[1])
    assert "rank A" in card(page, ids[1])


def test_who_still_plans_with_its_vehicle_is_no_matter_of_a_loan(desk: ChainDesk, site: Site) -> None:
    """The loan holds it: the colleague is told, in the builder and when saving; the card of the loan says nothing."""
    chain_id, ids = desk.chain(2)
    desk.draft(desk.vehicles[:2], person=desk.people())
    assert "being planned by another scheduler" not in card(site.get(f"/chains/{chain_id}").text, ids[0])


def test_a_vehicle_chain_is_told_by_its_partners(desk: ChainDesk, site: Site) -> None:
    """The vehicle is the title, the partners are the cards, last name first; the hops are drawn beside it."""
    ana = desk.fleet.add_partner("Ana Alder", latitude=34.05, longitude=-118.24)
    wendy = desk.fleet.add_partner("Wendy Torque", latitude=34.05, longitude=-118.44)
    for number, partner in enumerate((ana, wendy)):
        desk.fleet.add_loan(desk.vehicles[0], partner, start_day=week(number).start_day, chain_id=UNKNOWN)
    page = site.get(f"/chains/{UNKNOWN}").text
    assert f'<h1 id="chain-title">Audi Q6 e-tron …{desk.vehicles[0].vin[-8:]}</h1>' in page
    assert "Torque, Wendy" in page
    assert "11 miles from the one before" in page
    assert 'id="chain-map"' in page
    assert 'id="chain-timeline"' in page


def test_what_is_over_or_active_can_only_be_looked_at(desk: ChainDesk, site: Site) -> None:
    """FMS has approved it, or it is over, or cancelled: shown with the reason, and nothing to do or to tick."""
    chain_id, ids = desk.chain(3)
    for loan, status in zip(ids, (Status.COMPLETED, Status.ACTIVE, Status.CANCELLED), strict=True):
        desk.change_row(loan, status=status, reason="FMS refused it." if status == Status.CANCELLED else "")
    page = site.get(f"/chains/{chain_id}")
    assert looks(page) == dict(zip(ids, ("over", "active", "cancelled"), strict=True))
    assert "FMS refused it." in page.text
    assert 'type="checkbox"' not in page.text
    assert "nothing can be done to them here" in page.text
    for form in ("swap", "dates"):
        assert site.get(f"/chains/{chain_id}/loans/{ids[1]}/{form}").status_code == 409
    assert site.post(f"/chains/{chain_id}/bulk", kind="delete", shown=ids).status_code == 409


def test_while_fms_is_asked_nothing_else_can_be_done(desk: ChainDesk, site: Site) -> None:
    """A loan that FMS did not confirm cannot be ticked, and the page says what everybody waits for."""
    chain_id, ids = desk.chain(1)
    desk.sandbox.fault("create", "error_before")
    site.post(f"/chains/{chain_id}/loans/{ids[0]}/request")
    page = site.get(f"/chains/{chain_id}")
    assert looks(page) == {ids[0]: "uncertain"}
    assert "Nothing can be done to these loans until FMS has answered." in page.text
    assert f'href="/calendar/loans/{ids[0]}">Settle it' in page.text


def test_an_auditor_sees_all_and_has_no_form(desk: ChainDesk) -> None:
    """Every loan with its state and findings, but nothing to press but looking; and a post is refused."""
    chain_id, ids = desk.requested_chain(1)
    desk.person = desk.people(Role.AUDITOR, locations=[])
    site = Site(desk, desk.app.test_client())
    page = site.get(f"/chains/{chain_id}")
    assert looks(page) == {ids[0]: "requested"}
    main = page.text.split("<main")[1].split("</main>")[0]
    assert "<form" not in main
    assert "/swap" not in main
    assert 'type="checkbox"' not in main
    assert f'href="/chains/{chain_id}"' in site.get("/chains/saved").text
    for path in ("bulk", "copy", "continue", f"loans/{ids[0]}/swap", f"loans/{ids[0]}/delete"):
        assert site.post(f"/chains/{chain_id}/{path}").status_code == 403


def test_a_chain_out_of_scope_is_not_there(desk: ChainDesk) -> None:
    """For another office, another company or nobody's id: 404, and no loan of it can be touched."""
    chain_id, ids = desk.chain(1)
    for person in (desk.people(locations=["Miami"]), desk.people(company="Another Company")):
        desk.person = person
        site = Site(desk, desk.app.test_client())
        for path in ("", "/copy", "/around", f"/loans/{ids[0]}/swap", f"/loans/{ids[0]}/dates"):
            assert site.get(f"/chains/{chain_id}{path}", page="/chains").status_code == 404, path
        for path in ("/bulk", "/copy", "/continue", f"/loans/{ids[0]}/swap", f"/loans/{ids[0]}/delete"):
            assert site.post(f"/chains/{chain_id}{path}", kind="delete", shown=ids).status_code == 404, path
    assert desk.ids_of_everything() == ids
    assert site.get(f"/chains/{UNKNOWN}").status_code == 404
    assert site.get("/chains/not-an-id").status_code == 404


def test_a_colleagues_office_is_shown_and_left_alone(desk: ChainDesk, fleet: Fleet) -> None:
    """A loan of another office on a vehicle that stands at ours: seen, without anything to press."""
    miami = desk.people(locations=["Miami"])
    vehicle = fleet.add_vehicle(office="Miami")
    loan = fleet.add_loan(vehicle, desk.partner, start_day=week(0).start_day, chain_id=UNKNOWN, office="Los Angeles")
    desk.person = miami
    site = Site(desk, desk.app.test_client())
    page = site.get(f"/chains/{UNKNOWN}")
    assert looks(page) == {loan.id: "manual"}
    assert "<form" not in page.text.split("<main")[1]
    assert site.post(f"/chains/{UNKNOWN}/loans/{loan.id}/delete").status_code == 404
    assert desk.ids_of_everything() == [loan.id]


def test_without_scripts(desk: ChainDesk, site: Site) -> None:
    """Done goes back to the page, which says so; refused is that page with the status; progress has a way to look."""
    chain_id, ids = desk.chain(2)
    page = f"/chains/{chain_id}"
    begun = site.send(f"{page}/bulk", kind="request", id=ids[:1])
    assert begun.status_code == 303
    assert begun.location.startswith(f"{page}?run=")
    shown = site.get(begun.location)
    assert "Put away" in shown.text or "Show how far it is" in shown.text
    site.watched(chain_id, shown)
    done = site.send(f"{page}/loans/{ids[1]}/request")
    assert (done.status_code, done.location) == (303, page)
    assert "Requested in FMS (#" in site.get(page).text
    refused = site.send(f"{page}/loans/{ids[1]}/request")
    assert refused.status_code == 409
    assert "already requested" in refused.text
    assert 'id="loans"' in refused.text
    nothing = site.send(f"{page}/bulk", kind="explode", shown=ids)
    assert (nothing.status_code, message(nothing)[0]) == (422, "refused")
    for loan in ids:
        last = site.send(f"{page}/loans/{loan}/delete", version=2)
    assert (last.status_code, last.location) == (303, "/chains/saved")


def test_a_run_that_deleted_everything_still_reports(desk: ChainDesk, site: Site) -> None:
    """The page that was being watched shows the report; whoever comes later finds nothing there."""
    chain_id, ids = desk.chain(1)
    begun = site.send(f"/chains/{chain_id}/bulk", kind="delete", shown=ids)
    site.watched(chain_id, site.get(begun.location))
    page = site.get(begun.location)
    assert (page.status_code, "1 of 1 deleted" in page.text) == (200, True)
    assert site.get(f"/chains/{chain_id}").status_code == 404
    assert site.get(f"/chains/{chain_id}?run={UNKNOWN}").status_code == 404


def test_polling_answers_only_what_is_new(desk: ChainDesk, site: Site) -> None:
    """204 while no row has changed; somebody else's run is not there; an open form is left alone."""
    chain_id, ids = desk.chain(1)
    ended = site.watched(chain_id, site.post(f"/chains/{chain_id}/bulk", kind="request", shown=ids))
    run = re.search(r"/runs/([0-9a-f-]{36})/dismiss", ended.text)
    assert run
    address = f"/chains/{chain_id}/runs/{run.group(1)}"
    assert site.get(f"{address}?mark=s.", page="/x").status_code == 204
    again = site.get(f"{address}?mark=w", page="/x")
    assert again.status_code == 200
    assert "chainDone" not in again.headers["HX-Trigger-After-Settle"]
    desk.person = desk.people()
    other = Site(desk, desk.app.test_client())
    assert other.get(address, page="/x").status_code == 404


def test_around_a_chain(desk: ChainDesk, site: Site) -> None:
    """What follows the chain's loans comes alone for HTMX, in the month that is shown; without it the page does."""
    chain_id, _ = desk.chain(4)
    part = site.get(f"/chains/{chain_id}/around?month=2060-07", page=f"/chains/{chain_id}")
    assert "Timeline, July 2060" in part.text
    for name in ("chain-timeline", "budget-facts"):
        assert re.search(rf'id="{name}"[^>]* hx-swap-oob="true"', part.text)
    assert "Timeline, June 2060" in site.get(f"/chains/{chain_id}/around?month=x", page="/x").text
    assert site.get(f"/chains/{chain_id}/around").status_code == 303


def test_the_calendars_card_leads_to_the_chain(desk: ChainDesk, site: Site, app: Flask) -> None:
    """From the bar of a loan to the chain it belongs to."""
    chain_id, ids = desk.chain(1)
    assert f'href="/chains/{chain_id}"' in site.get(f"/calendar/loans/{ids[0]}").text
