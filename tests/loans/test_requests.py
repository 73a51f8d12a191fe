"""Requesting, unrequesting and deleting: what is sent, as whom, what is refused and kept, in the person's words."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.promise.desk import FIRST_DAY, Desk
from tests.promise.promise import assert_promise
from tests.rows import Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp.accounts.permissions import Role
from webapp.errors import Forbidden, NotFound, Refusal
from webapp.fms.models import State
from webapp.loans import requests
from webapp.loans.models import LoanEvent
from webapp.loans.states import Status

NO_REQUESTOR = "No FMS user ID is set on your profile. Ask an administrator to add it under Users."


@pytest.fixture
def desk(app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet) -> Desk:
    """A scheduler whose vehicles and partner FMS knows too."""
    return Desk(app, sandbox, people, fleet)


def test_whoever_asks_is_the_requestor(desk: Desk) -> None:
    """FMS shows the person who asked: their own FMS user id travels, not the configured one."""
    desk.person = desk.people(fms_user_id=1952)
    loan = desk.add_loan()
    desk.do(requests.request, loan)
    assert desk.sandbox.calls("POST")[0]["requestor_id"] == 1952
    assert (desk.operation(loan).requestor_id, desk.operation(loan).requested_by) == (1952, desk.person.name)


@pytest.mark.settings(fms_staging_requestor_id=1957)
def test_configured_requestor_for_who_has_none(desk: Desk) -> None:
    """Somebody without an FMS user id asks as the configured one."""
    desk.person = desk.people(fms_user_id=None)
    loan = desk.add_loan()
    desk.do(requests.request, loan)
    assert desk.sandbox.calls("POST")[0]["requestor_id"] == desk.operation(loan).requestor_id == 1957


def test_no_requestor_at_all(desk: Desk) -> None:
    """Where neither exists nothing is sent, the person reads what to do, and the attempt is in the ledger."""
    desk.person = desk.people(fms_user_id=None)
    loan = desk.add_loan()
    with pytest.raises(Refusal) as refused:
        desk.do(requests.request, loan)
    assert (refused.value.status, refused.value.code, refused.value.sentence) == (422, "no_requestor", NO_REQUESTOR)
    kept = desk.operation(loan)
    assert (kept.state, kept.error, kept.requestor_id, kept.requested_by) == (
        State.REFUSED,
        NO_REQUESTOR,
        None,
        desk.person.name,
    )
    assert desk.sandbox.calls() == []


def test_what_travels(desk: Desk) -> None:
    """The body of a create says the loan in FMS's words, ids and dates, with our reference in its notes."""
    desk.fleet.approve_make(desk.partner, "Audi")
    loan = desk.add_loan(Status.PLANNED)
    result = desk.do(requests.request, loan)
    assert (result.http_status, result.message) == (200, f"Requested in FMS (#{result.fms_request_id})")
    operation = desk.operation(loan)
    assert operation.request == {
        "request": {
            "requestor_id": 1949,
            "start_date": "06/07/60",
            "end_date": "06/14/60",
            "activity_type_id": 1,
            "activity_to": desk.partner.name,
            "reason": desk.partner.affiliation,
            "loanee_id": desk.partner.person_id,
            "requestor_notes": operation.reference,
            "requests_vehicles": [
                {
                    "vehicle_id": desk.vehicles[0].vehicle_id,
                    "notes": f"Audi A3 Premium Plus (VIN: {desk.vehicles[0].vin})",
                }
            ],
        }
    }
    assert_promise(desk)


def test_subcategory_and_reason(desk: Desk) -> None:
    """The partner's subcategory travels where there is one; without affiliation the reason is the usual one."""
    desk.partner = desk.fleet.add_partner(
        person_id=desk.partner.person_id, office="Miami", affiliation="", activity_type_subcategory_id=12
    )
    vehicle = desk.fleet.add_vehicle(vehicle_id=desk.vehicles[0].vehicle_id, office="Miami")
    desk.person = desk.people(locations=["Miami"])
    loan = desk.fleet.add_loan(vehicle, desk.partner, start_day=FIRST_DAY).id
    desk.do(requests.request, loan)
    body = (desk.operation(loan).request or {})["request"]
    assert (body["activity_type_subcategory_id"], body["reason"]) == (12, "Scheduled media partner loan")


def test_each_action_on_each_state(desk: Desk) -> None:
    """Request only what is green, unrequest only what is requested, delete neither what runs nor what is over."""
    allowed = {
        (requests.request, Status.PLANNED): Status.REQUESTED,
        (requests.request, Status.MANUAL): Status.REQUESTED,
        (requests.unrequest, Status.REQUESTED): Status.MANUAL,
        (requests.delete, Status.PLANNED): None,
        (requests.delete, Status.MANUAL): None,
        (requests.delete, Status.REQUESTED): None,
    }
    for action in (requests.request, requests.unrequest, requests.delete):
        for status in Status:
            loan = desk.add_requested()[0] if status == Status.REQUESTED else desk.add_loan()
            if status != Status.REQUESTED:
                green = status if status == Status.PLANNED else Status.MANUAL
                desk.change_row(loan, status=status, green_status=green)
            if (action, status) in allowed:
                assert desk.do(action, loan).new_status == allowed[action, status]
                assert desk.status(loan) == allowed[action, status]
                continue
            with pytest.raises(Refusal) as refused:
                desk.do(action, loan)
            assert refused.value.status == 409, (action, status)
            assert desk.status(loan) == status
    numbers = [request["id"] for request in desk.sandbox.requests()]
    # One for each green that was requested, and the one that was already and could not be requested again.
    assert len(numbers) == 3


def test_unrequest_gives_back_the_green_it_was(desk: Desk) -> None:
    """Planned loans become planned again, manual ones manual, unless a green is named."""
    planned, manual, named = desk.add_loan(Status.PLANNED), desk.add_loan(Status.MANUAL), desk.add_loan(Status.PLANNED)
    for loan in (planned, manual, named):
        desk.do(requests.request, loan)
    desk.do(requests.unrequest, planned)
    desk.do(requests.unrequest, manual)
    result = desk.do(requests.set_status, named, Status.MANUAL)
    assert (result.old_status, result.new_status, result.fms_action) == (Status.REQUESTED, Status.MANUAL, "delete")
    assert [desk.status(loan) for loan in (planned, manual, named)] == [Status.PLANNED, Status.MANUAL, Status.MANUAL]
    assert_promise(desk)


def _without_vehicle_id(desk: Desk) -> int:
    return desk.fleet.add_loan(desk.fleet.add_vehicle(vehicle_id=None), desk.partner, start_day=FIRST_DAY).id


def _held_by_fms(desk: Desk) -> int:
    loan = desk.add_loan()
    desk.fleet.add_activity(desk.vehicles[0], start_day=FIRST_DAY + timedelta(days=6))
    return loan


def _started(desk: Desk) -> int:
    return desk.fleet.add_loan(desk.vehicles[0], desk.partner, start_day=FIRST_DAY - timedelta(days=7)).id


def _of_an_unknown_partner(desk: Desk) -> int:
    loan = desk.add_loan()
    desk.change_row(loan, person_id=1)
    return loan


@pytest.mark.parametrize(
    ("arrange", "status", "code", "words"),
    [
        (_without_vehicle_id, 422, "no_vehicle_id", "has not given Audi A3 Premium Plus"),
        (_held_by_fms, 409, "held", "is held in FMS (Hold)"),
        (_started, 422, "past", "should have started already"),
        (_of_an_unknown_partner, 422, "unknown", "No partner"),
    ],
)
def test_what_came_in_between_is_checked_again(desk: Desk, arrange: Any, status: int, code: str, words: str) -> None:
    """A loan that was possible when planned is checked once more when sent; the refusal is kept in the ledger."""
    loan = arrange(desk)
    with time_machine.travel(f"{FIRST_DAY - timedelta(days=3)}T18:00:00Z"), pytest.raises(Refusal) as refused:
        desk.do(requests.request, loan)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert words in refused.value.sentence
    kept = desk.operation(loan)
    assert (kept.state, kept.code, kept.error) == (State.REFUSED, code, refused.value.sentence)
    assert desk.sandbox.calls() == []


def test_who_may(desk: Desk) -> None:
    """A role that may not plan is forbidden; a loan of another office or company does not exist."""
    loan = desk.add_loan()
    for action in (requests.request, requests.unrequest, requests.delete):
        desk.person = desk.people(Role.AUDITOR)
        with pytest.raises(Forbidden):
            desk.do(action, loan)
        desk.person = desk.people(locations=["Miami"])
        with pytest.raises(NotFound):
            desk.do(action, loan)
        desk.person = desk.people(company="Another Company")
        with pytest.raises(NotFound):
            desk.do(action, loan)
    assert desk.operations() == []
    assert desk.sandbox.calls() == []


def test_history_and_ledger_outlive_the_loan(desk: Desk) -> None:
    """A deleted loan keeps its operations and its history, with who asked for what."""
    (loan,) = desk.add_requested()
    desk.do(requests.delete, loan)
    assert [(one.kind, one.state) for one in desk.operations(loan)] == [
        ("create", State.SUCCEEDED),
        ("delete", State.SUCCEEDED),
    ]
    with desk.reading() as session:
        told = select(LoanEvent.text).where(LoanEvent.assignment_id == loan).order_by(LoanEvent.id)
        texts = list(session.scalars(told))
    number = desk.operation(loan).fms_request_id
    assert texts == [
        f"Requested in FMS (#{number}).",
        f"Request #{number} removed from FMS by {desk.person.name}.",
    ]
    assert desk.loan(loan) is None
    assert_promise(desk)


def test_a_version_guards_against_an_old_page(desk: Desk) -> None:
    """Deleting from an older picture of the loan is refused, green or requested."""
    green, (requested,) = desk.add_loan(), desk.add_requested()
    for loan in (green, requested):
        with pytest.raises(Refusal) as refused:
            desk.do(requests.delete, loan, version=99)
        assert refused.value.code == "stale"
    assert_promise(desk)
