"""What schedulers reported about the system before (product.md), as far as chains meet FMS: by number, against one."""

import html
from datetime import date

import pytest
from werkzeug.test import TestResponse

from tests.chains.builder_site import words_of
from tests.chains.saved_desk import ChainDesk, week
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_site import Site, looks, message
from tests.chains.saved_site import site as site
from tests.promise.promise import assert_promise
from webapp.loans.states import Status
from webapp.sync import service

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")
REFUSED = "Vehicle is reserved for an event"


def request_all(site: Site, chain_id: str) -> TestResponse:
    """Request every green loan of a chain by its page's button; what the page gets when the run is over."""
    ids = [loan.id for loan in site.desk.loans_of(chain_id)]
    began = site.post(f"/chains/{chain_id}/bulk", kind="request", shown=ids)
    assert began.status_code == 200, began.text
    return site.watched(chain_id, began)


def numbers(desk: ChainDesk, chain_id: str) -> list[int | None]:
    """FMS's number of each loan of the chain, by start."""
    return [loan.fms_request_id for loan in desk.loans_of(chain_id)]


def why_not(site: Site, vin: str, person_id: int, start: date) -> list[str]:
    """The codes of what stands between a vehicle and a partner for a week."""
    days = {"start": start.isoformat(), "end": (week(1).start_day - week(0).start_day + start).isoformat()}
    query = {"vin": vin, "person_id": person_id, **days}
    answer = site.client.get("/api/chains/why-not", query_string=query)
    assert answer.status_code == 200, answer.text
    return [reason["code"] for reason in answer.get_json()["reasons"]]


def sync(desk: ChainDesk) -> None:
    """Read what FMS reports now."""
    with desk.app.app_context():
        service.run_feeds("manual")


def test_report_5_magenta_is_what_fms_has_and_green_says_why(site: Site, desk: ChainDesk) -> None:
    """Save and request with one refusal: magenta has FMS's number, green FMS's words, for a colleague who sees no
    run of it, too; trying again mends it.
    """
    desk.sandbox.fault("create", "refuse", text=REFUSED)
    saved = site.send(f"/chains/drafts/{desk.draft(desk.vehicles[:3])}/save", version=1, then="request")
    chain_id = saved.location.rpartition("/")[2]
    page = site.watched(chain_id, site.get(saved.location))
    assert sorted(looks(page).values()) == ["planned", "requested", "requested"]
    held = {request["id"] for request in desk.sandbox.requests()}
    assert set(numbers(desk, chain_id)) == {None, *held}
    assert f"FMS refused it: {REFUSED}" in words_of(page)
    assert "2 of 3 requested" in words_of(page)
    assert_promise(desk)
    (left,) = [loan.id for loan in desk.loans_of(chain_id) if loan.status == Status.PLANNED]
    mine, desk.person = desk.person, desk.people(fms_user_id=1952)
    colleague = Site(desk, desk.app.test_client())
    assert f"FMS refused it: {REFUSED}" in words_of(colleague.get(f"/chains/{chain_id}"))
    desk.person = mine
    again = site.watched(chain_id, site.post(f"/chains/{chain_id}/bulk", kind="request", id=[left]))
    assert set(looks(again).values()) == {"requested"}
    assert "FMS refused it" not in words_of(colleague.get(f"/chains/{chain_id}"))
    assert_promise(desk)


def test_report_6_fms_shows_who_sent_it_as_the_requestor(desk: ChainDesk) -> None:
    """Not who saved the chain, and not whoever is set for everybody: the one who pressed the button."""
    mine, ids = desk.chain(2)
    desk.person = desk.people(fms_user_id=1952)
    colleague = Site(desk, desk.app.test_client())
    colleague.post(f"/chains/{mine}/loans/{ids[0]}/request")
    desk.person = desk.people(fms_user_id=1957)
    request_all(Site(desk, desk.app.test_client()), mine)
    asked = {request["id"]: request["requestorId"] for request in desk.sandbox.requests()}
    assert [asked[number] for number in numbers(desk, mine) if number] == [1952, 1957]


def test_report_9_after_approval_a_loan_is_blue_and_there_once(site: Site, desk: ChainDesk) -> None:
    """FMS approves one of three: its card and its bar on the timeline turn blue, and no second one stands beside."""
    chain_id, ids = desk.requested_chain(3)
    approved = numbers(desk, chain_id)[0]
    assert approved is not None
    desk.sandbox.approve(approved)
    sync(desk)
    page = site.get(f"/chains/{chain_id}")
    assert looks(page) == dict(zip(ids, ["active", "requested", "requested"], strict=True))
    month = f"{week(0).start_day:%Y-%m}"
    timeline = site.get(f"/chains/timeline?chain={chain_id}&month={month}").text
    bars = [look for look in ("active", "requested") for _ in range(timeline.count(f'class="bar {look}'))]
    assert bars == ["active", "requested", "requested"]


def test_report_13_a_saved_chain_is_checked_again_when_it_is_sent(site: Site, desk: ChainDesk) -> None:
    """A loan has come in between: the chain's page says so before, FMS is not asked for that one, and who has the
    vehicle, and when, is told with the way there. The others go out.
    """
    chain_id, ids = desk.chain(3)
    ring = desk.fleet.add_partner("Ring Report")
    desk.fleet.add_activity(desk.vehicles[1], ring, start_day=date(2060, 6, 16))
    held = "held by Ring Report 06-16-60 to 06-23-60"
    assert held in words_of(site.get(f"/chains/{chain_id}"))
    page = request_all(site, chain_id)
    assert looks(page) == dict(zip(ids, ["requested", "planned", "requested"], strict=True))
    assert "2 of 3 requested" in words_of(page)
    assert held in words_of(page)
    assert len(desk.sandbox.calls("POST")) == 2
    one = site.post(f"/chains/{chain_id}/loans/{ids[1]}/request")
    assert (one.status_code, message(one)[0]) == (409, "refused")
    assert held in html.unescape(message(one)[1])
    assert 'href="/calendar?start=2060-06-16&amp;activity_id=' in one.text
    assert_promise(desk)


@pytest.mark.parametrize(
    ("target", "fault", "status", "swapped", "said"),
    [
        ("create", "refuse", "manual", True, "The old request is taken back; the loan stays, green and changed"),
        ("delete", "refuse", "requested", False, "Nothing was changed."),
        ("create", None, "requested", True, "Requested in FMS"),
    ],
)
def test_report_15_a_swap_loses_neither_the_loan_nor_a_request(
    site: Site, desk: ChainDesk, target: str, fault: str | None, status: str, swapped: bool, said: str
) -> None:
    """Whatever FMS answers on the way, the loan is there, says how it stands, and FMS holds what is magenta."""
    chain_id, ids = desk.requested_chain(3)
    if fault:
        desk.sandbox.fault(target, fault, text=REFUSED)
    was, other = desk.vehicles[1], desk.vehicles[3]
    version = desk.loans_of(chain_id)[1].version
    answer = site.post(f"/chains/{chain_id}/loans/{ids[1]}/swap", version=version, key=other.vin)
    loans = desk.loans_of(chain_id)
    assert [loan.id for loan in loans] == ids
    assert (loans[1].status, loans[1].vin) == (status, (other if swapped else was).vin)
    assert said in html.unescape(message(answer)[1])
    assert_promise(desk)


def test_report_15_a_green_swap_that_is_refused_leaves_the_loan_as_it_was(site: Site, desk: ChainDesk) -> None:
    """The other vehicle is held: the form says by whom, and nothing was deleted first."""
    chain_id, ids = desk.chain(2)
    desk.fleet.add_activity(desk.vehicles[3], desk.fleet.add_partner("Ring Report"), start_day=week(1).start_day)
    before = desk.loans_of(chain_id)
    answer = site.post(f"/chains/{chain_id}/loans/{ids[1]}/swap", version=1, key=desk.vehicles[3].vin)
    assert answer.status_code == 409
    assert "held by Ring Report 06-14-60 to 06-21-60" in words_of(answer)
    assert desk.loans_of(chain_id) == before


def test_report_20_what_fms_refuses_holds_no_vehicle(site: Site, desk: ChainDesk) -> None:
    """Staff refuse a request of a chain: with the next report its loan is no longer magenta, the chain says why, and
    the vehicle may be planned for the next partner.
    """
    chain_id, ids = desk.requested_chain(2)
    vin, ring = desk.vehicles[0].vin, desk.fleet.add_partner("Ring Report")
    assert "held" in why_not(site, vin, ring.person_id, week(0).start_day)
    number = numbers(desk, chain_id)[0]
    assert number is not None
    desk.sandbox.refuse(number, REFUSED)
    sync(desk)
    assert "held" not in why_not(site, vin, ring.person_id, week(0).start_day)
    page = site.get(f"/chains/{chain_id}")
    assert looks(page) == dict(zip(ids, ["cancelled", "requested"], strict=True))
    assert f"FMS refused request #{number}: {REFUSED}" in words_of(page)
    assert site.get(f"/chains/timeline?chain={chain_id}&month=2060-06").text.count('class="bar requested') == 1
