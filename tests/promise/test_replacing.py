"""Unrequest, change and request again, as one confirmed step: killed between its parts, and refused in time."""

from datetime import date, timedelta

import pytest
import time_machine

from tests.promise.desk import FIRST_DAY, Desk
from tests.promise.promise import assert_promise
from tests.promise.troupe import KILLED, Troupe
from webapp.errors import Refusal
from webapp.loans import requests
from webapp.loans.service import Change
from webapp.loans.states import Status

STEPS = (
    "in transaction 1",
    "before the call",
    "sent, unanswered",
    "answered",
    "in transaction 2",
    "taken back",
    "changed",
    "second call",
    "second answer",
)


def test_killed_between_its_parts(desk: Desk, troupe: Troupe) -> None:
    """Wherever the process dies, the loan is there, green or magenta, and FMS holds what it shows."""
    loans = desk.add_requested(len(STEPS))
    cases = [
        {"action": "replace", "loan": loan, "step": step, "end": (desk.week_of(loan) + timedelta(days=4)).isoformat()}
        for loan, step in zip(loans, STEPS, strict=True)
    ]
    assert troupe.perform(desk, cases) == [KILLED] * len(cases)
    desk.settle_everything()
    assert_promise(desk)
    assert None not in [desk.status(loan) for loan in loans]


def test_replaced(desk: Desk) -> None:
    """The old request goes, the loan is changed, and a new request comes with what it now says."""
    (loan,) = desk.add_requested()
    old = desk.operation(loan).fms_request_id
    end_day = FIRST_DAY + timedelta(days=4)
    result = desk.do(requests.replace_requested, loan, Change(end_day=end_day))
    assert (result.how, result.old_status, result.new_status) == ("done", Status.REQUESTED, Status.REQUESTED)
    assert result.fms_request_id != old
    row = desk.loan(loan)
    assert row is not None
    assert row.end_day == end_day
    assert_promise(desk)


def test_new_request_fails(desk: Desk) -> None:
    """Where FMS refuses the new request the loan stays green, changed, with the reason."""
    (loan,) = desk.add_requested()
    desk.sandbox.fault("create", "refuse", text="Vehicle is at the body shop")
    end_day = FIRST_DAY + timedelta(days=4)
    result = desk.do(requests.replace_requested, loan, Change(end_day=end_day))
    assert (result.http_status, result.message) == (502, "FMS refused it: Vehicle is at the body shop")
    row = desk.loan(loan)
    assert row is not None
    assert (row.status, row.end_day) == (Status.MANUAL, end_day)
    assert_promise(desk)


def test_removal_in_doubt(desk: Desk) -> None:
    """Where FMS does not confirm the removal, nothing is changed and nothing new is asked."""
    (loan,) = desk.add_requested()
    desk.sandbox.fault("delete", "error_before", times=3)
    result = desk.do(requests.replace_requested, loan, Change(end_day=FIRST_DAY + timedelta(days=4)))
    assert result.code == "uncertain"
    row = desk.loan(loan)
    assert row is not None
    assert row.end_day == FIRST_DAY + timedelta(days=7)
    desk.settle_everything()
    assert_promise(desk)


@pytest.mark.parametrize("obstacle", ["no FMS id", "held", "weekend", "started", "no requestor", "stale"])
def test_what_cannot_be_requested_again_is_not_taken_back(desk: Desk, obstacle: str) -> None:
    """Everything that would refuse the new request refuses the step before the old one is given up."""
    (loan,) = desk.add_requested()
    wish = Change(end_day=FIRST_DAY + timedelta(days=4))
    today = date(2060, 6, 1)
    if obstacle == "no FMS id":
        wish = Change(vin=desk.fleet.add_vehicle(vehicle_id=None).vin)
    elif obstacle == "held":
        other = desk.add_loan()
        row = desk.loan(other)
        assert row is not None
        wish = Change(vin=next(one.vin for one in desk.vehicles if one.id == row.fleet_vehicle_id))
    elif obstacle == "weekend":
        wish = Change(start_day=FIRST_DAY + timedelta(days=5), end_day=FIRST_DAY + timedelta(days=9))
    elif obstacle == "started":
        today = FIRST_DAY + timedelta(days=2)
    elif obstacle == "no requestor":
        desk.person = desk.people(fms_user_id=None)
    elif obstacle == "stale":
        wish = Change(version=1, end_day=wish.end_day)
    with time_machine.travel(f"{today}T18:00:00Z"), pytest.raises(Refusal) as refused:
        desk.do(requests.replace_requested, loan, wish)
    codes = {"no FMS id": "no_vehicle_id", "no requestor": "no_requestor", "started": "past"}
    assert refused.value.code == codes.get(obstacle, obstacle)
    assert desk.sandbox.calls("DELETE") == []
    assert desk.status(loan) == Status.REQUESTED
    assert_promise(desk)
