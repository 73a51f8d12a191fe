"""What schedulers reported about the system before (product.md), as far as saved chains mend it: by number."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.chains.saved_desk import ChainDesk, week
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_site import Site, looks, message, run
from tests.chains.saved_site import site as site
from tests.promise.promise import assert_promise
from webapp.chains.saved import saving
from webapp.fleet.models import Vehicle
from webapp.loans import service
from webapp.loans.states import Status


def test_report_5_a_chain_is_magenta_only_where_fms_has_it(desk: ChainDesk, site: Site) -> None:
    """Whatever part of a chain FMS refuses keeps its colour and its reason; FMS's own table says the same."""
    chain_id, ids = desk.chain(3)
    desk.sandbox.fault("create", "refuse", text="Vehicle is reserved for an event", times=2)
    ended = run(site, chain_id, "request", shown=ids)
    assert sorted(looks(ended).values()) == ["planned", "planned", "requested"]
    assert ended.text.count("FMS refused it: Vehicle is reserved for an event") >= 2
    assert_promise(desk)


def test_report_13_checked_again_when_sent(desk: ChainDesk, site: Site) -> None:
    """A loan that FMS's feed brought in since: told on the card, refused when sent, and the holder is named."""
    saved = desk.do(saving.save, desk.draft(desk.vehicles[:3]), 1)
    ids = list(saved.assignment_ids)
    ring = desk.fleet.add_partner("Ring Report")
    desk.fleet.add_activity(desk.vehicles[1], ring, start_day=week(1).start_day)
    page = site.get(f"/chains/{saved.chain_id}")
    assert "is held by Ring Report 06-14-60 to 06-21-60." in page.text
    ended = run(site, saved.chain_id, "request", shown=ids)
    assert looks(ended) == dict(zip(ids, ["requested", "planned", "requested"], strict=True))
    assert "1 failed" in ended.text
    assert "Genesis GV60" in ended.text
    assert ended.text.count("is held by Ring Report 06-14-60 to 06-21-60.") == 2, "in the report, and on the card"
    assert len(desk.sandbox.requests()) == 2
    assert_promise(desk)


@pytest.mark.parametrize("how", ["all", "chosen"])
def test_report_14_deleting_a_chain_deletes_that_chain(desk: ChainDesk, site: Site, how: str) -> None:
    """The partner's other manual loans, and other chains, stay."""
    chain_id, ids = desk.chain(2, Status.MANUAL)
    _, others = desk.chain(2, Status.MANUAL, start_week=4)
    alone = desk.fleet.add_loan(desk.vehicles[0], desk.partner, start_day=week(8).start_day, status=Status.MANUAL).id
    run(site, chain_id, "delete", **({"shown": ids} if how == "all" else {"id": ids}))
    assert desk.ids_of_everything() == [*others, alone]


def test_report_14_opening_the_builder_deletes_nothing(desk: ChainDesk, site: Site) -> None:
    """Looking at chains, copying one, and beginning and throwing away a draft leave every loan where it is."""
    chain_id, _ = desk.chain(2)
    desk.chain(1, Status.MANUAL, start_week=4)
    before = desk.ids_of_everything()
    for path in ("/chains", "/chains/saved", f"/chains/{chain_id}", f"/chains/{chain_id}/copy"):
        assert site.get(path).status_code == 200
    copied = site.send(f"/chains/{chain_id}/copy", person_id=desk.partner.person_id, start="2060-10-04")
    continued = site.send(f"/chains/{chain_id}/continue")
    for answer in (copied, continued):
        assert answer.status_code == 303, answer.text
        assert site.get(answer.location).status_code == 200
    assert len(desk.drafts()) == 2
    assert desk.ids_of_everything() == before
    assert desk.sandbox.calls() == []


def swap(desk: ChainDesk, site: Site, chain_id: str, loan: int, vehicle: Vehicle) -> Any:
    """Another vehicle in place of the loan's, as the form posts it."""
    row = desk.loan(loan)
    assert row is not None
    return site.post(f"/chains/{chain_id}/loans/{loan}/swap", version=row.version, key=vehicle.vin)


def assert_as_it_was(desk: ChainDesk, loan: int, before: Any) -> None:
    """The loan has its vehicle, partner and days as before."""
    row = desk.loan(loan)
    assert row is not None
    assert (row.fleet_vehicle_id, row.person_id, row.start_day, row.end_day) == (
        before.fleet_vehicle_id,
        before.person_id,
        before.start_day,
        before.end_day,
    )


@pytest.mark.parametrize("status", [Status.PLANNED, Status.REQUESTED])
def test_report_15_a_swap_that_cannot_be_saved_loses_nothing(desk: ChainDesk, site: Site, status: Status) -> None:
    """The vehicle was taken since the list was drawn: refused with the holder; loan and request stay as they were."""
    chain_id, ids = desk.chain(2) if status == Status.PLANNED else desk.requested_chain(2)
    before, requested = desk.loan(ids[0]), desk.sandbox.requests()
    desk.fleet.add_loan(desk.vehicles[3], desk.fleet.add_partner("Ring Report"), start_day=week(0).start_day)
    answer = swap(desk, site, chain_id, ids[0], desk.vehicles[3])
    assert answer.status_code == 409
    assert "held by Ring Report" in answer.text
    assert_as_it_was(desk, ids[0], before)
    assert desk.status(ids[0]) == status
    assert desk.sandbox.requests() == requested
    assert desk.sandbox.calls("DELETE") == []
    assert_promise(desk)


def taken_between(desk: ChainDesk, vehicle: Vehicle) -> Callable[..., Any]:
    """A change of a loan that finds its vehicle given away since the request was taken back."""
    change = service.change

    def overtaken(*arguments: Any, **named: Any) -> Any:
        desk.fleet.add_loan(vehicle, desk.fleet.add_partner("Ring Report"), start_day=week(0).start_day)
        return change(*arguments, **named)

    return overtaken


def test_report_15_a_swap_whose_save_fails_leaves_no_request(desk: ChainDesk, site: Site) -> None:
    """Taken in the moment after FMS gave the request up: the slot is there, green, as it was; FMS has nothing."""
    chain_id, ids = desk.requested_chain(2)
    before = desk.loan(ids[0])
    desk.monkeypatch.setattr(service, "change", taken_between(desk, desk.vehicles[3]))
    answer = swap(desk, site, chain_id, ids[0], desk.vehicles[3])
    assert answer.status_code == 409
    kind, words = message(answer)
    assert kind == "refused"
    assert "held by Ring Report" in words
    assert "The request had been taken back before: the loan is green, and as it was." in words
    assert looks(answer) == {ids[0]: "planned", ids[1]: "requested"}
    assert_as_it_was(desk, ids[0], before)
    assert len(desk.sandbox.requests()) == 1
    assert_promise(desk)


def test_report_15_fms_refuses_the_new_request(desk: ChainDesk, site: Site) -> None:
    """The loan is there with its new vehicle, green, with FMS's reason; FMS keeps neither request."""
    chain_id, ids = desk.requested_chain(2)
    desk.sandbox.fault("create", "refuse", text="Vehicle is at the body shop")
    answer = swap(desk, site, chain_id, ids[0], desk.vehicles[3])
    assert answer.status_code == 502
    kind, words = message(answer)
    assert kind == "failed"
    assert words.startswith("FMS refused it: Vehicle is at the body shop. The old request is taken back;")
    assert "the loan stays, green and changed: Kia EV6 GT" in words
    assert looks(answer) == {ids[0]: "manual", ids[1]: "requested"}
    row = desk.loan(ids[0])
    assert row is not None
    assert row.fleet_vehicle_id == desk.vehicles[3].id
    assert len(desk.sandbox.requests()) == 1
    assert_promise(desk)


@pytest.mark.parametrize("fault", ["unauthorized", "error_before"])
def test_report_15_fms_does_not_give_the_request_up(desk: ChainDesk, site: Site, fault: str) -> None:
    """Where the old request is not surely gone nothing is changed: the loan and FMS agree, now or after recovery."""
    chain_id, ids = desk.requested_chain(2)
    before = desk.loan(ids[0])
    desk.sandbox.fault("delete", fault, times=9)
    answer = swap(desk, site, chain_id, ids[0], desk.vehicles[3])
    assert answer.status_code == (502 if fault == "unauthorized" else 202)
    assert "Nothing" in message(answer)[1]
    assert_as_it_was(desk, ids[0], before)
    desk.settle_everything()
    assert_promise(desk)


def test_report_15_a_swap_in_one_step(desk: ChainDesk, site: Site) -> None:
    """Where all goes well FMS has one request for the slot, with the new vehicle, and the loan is its bar."""
    chain_id, ids = desk.requested_chain(2)
    answer = swap(desk, site, chain_id, ids[0], desk.vehicles[3])
    assert answer.status_code == 200
    assert looks(answer) == {ids[0]: "requested", ids[1]: "requested"}
    held = {request["requestsVehicles"][0]["requestsVehicle"]["vehicleId"] for request in desk.sandbox.requests()}
    assert held == {desk.vehicles[3].vehicle_id, desk.vehicles[1].vehicle_id}
    assert_promise(desk)
