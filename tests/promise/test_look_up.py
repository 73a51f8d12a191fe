"""What the undocumented look-up may be used for: finding our requests, and, with care, that one is absent."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.promise.desk import FIRST_DAY, READ_TIMEOUT, Desk
from tests.promise.promise import assert_promise
from tests.rows import OFFICE
from webapp.errors import Refusal
from webapp.fms.models import State
from webapp.loans import requests, service
from webapp.loans.service import Change
from webapp.loans.states import Status


def lose_answer(desk: Desk, fault: str = "reset_after") -> int:
    """A loan whose request is uncertain; its id. FMS has it unless `fault` happens before."""
    loan = desk.add_loan()
    desk.sandbox.fault("create", fault)
    assert desk.do(requests.request, loan).code == "uncertain"
    return loan


def test_without_look_up_it_stays_amber_and_holds(desk: Desk) -> None:
    """Not found out: the loan stays green and amber, holds its vehicle, and refuses every other action with 409."""
    loan = lose_answer(desk)
    desk.sandbox.lookup("off")
    for _ in range(2):
        desk.pass_time()
        report = desk.recover()
        assert (report.can_look_up, report.waiting, report.settled) == (False, 1, [])
    assert (desk.status(loan), desk.operation(loan).state) == (Status.MANUAL, State.UNCERTAIN)
    actions: dict[str, Callable[[], object]] = {
        "request": lambda: desk.do(requests.request, loan),
        "unrequest": lambda: desk.do(requests.unrequest, loan),
        "delete": lambda: desk.do(requests.delete, loan),
        "move": lambda: desk.do(service.change, loan, Change(end_day=FIRST_DAY + timedelta(days=3))),
        "recolour": lambda: desk.do(service.recolour, loan, Status.PLANNED),
    }
    for name, action in actions.items():
        with pytest.raises(Refusal) as refused:
            action()
        assert (refused.value.status, refused.value.code) == (409, "uncertain"), name
    with pytest.raises(Refusal) as held:
        desk.do(
            service.plan,
            vin=desk.vehicles[0].vin,
            person_id=desk.partner.person_id,
            office=OFFICE,
            start_day=FIRST_DAY,
            end_day=FIRST_DAY + timedelta(days=7),
        )
    assert (held.value.status, held.value.code) == (409, "held")
    assert len(desk.sandbox.calls("POST")) == 1
    desk.sandbox.lookup("on")
    desk.recover()
    assert_promise(desk)
    assert desk.status(loan) == Status.REQUESTED


@pytest.mark.parametrize("mode", ["on", "paged", "bare"])
def test_every_shape_of_list_finds_and_misses(desk: Desk, mode: str) -> None:
    """A list under a name, in pages or bare: what is in it is adopted, what is not in it is absent."""
    there = lose_answer(desk)
    missing = lose_answer(desk, "reset_before")
    for _ in range(30):
        # Others use FMS too, and push ours to the second page.
        body = {"request": {**(desk.operation(there).request or {})["request"], "requestor_notes": "by phone"}}
        assert desk.post_to_fms(body).status_code == 201
    desk.sandbox.lookup(mode)
    desk.pass_time()
    desk.recover()
    assert (desk.status(there), desk.operation(there).state) == (Status.REQUESTED, State.SUCCEEDED)
    assert (desk.status(missing), desk.operation(missing).code) == (Status.MANUAL, "absent")
    assert "safe to request it again" in desk.operation(missing).error


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("error_before", {}),
        ("unauthorized", {}),
        ("busy", {}),
        ("html", {}),
        ("html_before", {}),
        ("truncated", {}),
        ("cut", {}),
        ("reset_after", {}),
        pytest.param("never", {}, marks=pytest.mark.settings(fms_read_timeout=READ_TIMEOUT)),
        ("no_id", {}),
    ],
)
def test_a_look_up_that_fails_is_not_absence(desk: Desk, fault: str, options: dict[str, object]) -> None:
    """Whatever a look-up answers but a list of requests: nothing is concluded from it."""
    loan = lose_answer(desk)
    desk.pass_time()
    desk.sandbox.fault("lookup", fault, times=None, **options)
    report = desk.recover()
    assert (report.can_look_up, report.settled) == (False, [])
    assert desk.operation(loan).state == State.UNCERTAIN
    desk.sandbox.clear()
    desk.recover()
    assert_promise(desk)


@pytest.mark.parametrize("mode", ["off", "html"])
def test_no_look_up_at_all(desk: Desk, mode: str) -> None:
    """An address that is not there, or answers a page, is no look-up."""
    loan = lose_answer(desk)
    desk.sandbox.lookup(mode)
    desk.pass_time()
    assert desk.recover().can_look_up is False
    assert desk.operation(loan).state == State.UNCERTAIN


def test_absence_needs_time(desk: Desk) -> None:
    """FMS may still be working on it: a look-up within FMS_SETTLE_SECONDS of the call says nothing of absence."""
    loan = lose_answer(desk, "error_before")
    settle_seconds = desk.app.extensions["settings"].fms_settle_seconds
    desk.pass_time(settle_seconds - 10)
    assert desk.recover().can_look_up is True
    assert desk.operation(loan).state == State.UNCERTAIN
    desk.pass_time(10)
    desk.recover()
    assert desk.operation(loan).code == "absent"
    assert desk.do(requests.request, loan).how == "done"
    assert_promise(desk)


def test_presence_needs_none(desk: Desk) -> None:
    """What a look-up shows is there, however young."""
    loan = lose_answer(desk)
    desk.recover()
    assert desk.status(loan) == Status.REQUESTED
    assert_promise(desk)


def test_a_list_without_any_of_ours_is_not_believed(desk: Desk) -> None:
    """A list that shows none of the requests that FMS confirmed today is not the whole list: nobody is absent."""
    desk.add_requested()
    loan = lose_answer(desk, "error_before")
    desk.sandbox.reset()
    desk.pass_time()
    assert desk.recover().can_look_up is True
    assert desk.operation(loan).state == State.UNCERTAIN
    # A day later there is nothing left to judge the list by.
    desk.pass_time(25 * 3600)
    desk.recover()
    assert desk.operation(loan).code == "absent"


def test_refused_by_staff_before_we_knew(desk: Desk) -> None:
    """A request that FMS's people refused while its answer was lost is not adopted; their reason is kept."""
    loan = lose_answer(desk)
    desk.sandbox.refuse(desk.sandbox.requests()[0]["id"], "Reserved for an event")
    desk.recover()
    operation = desk.operation(loan)
    assert (operation.state, desk.status(loan)) == (State.FAILED, Status.MANUAL)
    assert "refused" in operation.error
    assert "Reserved for an event" in operation.error
    assert_promise(desk)


def test_accepted_without_a_number(desk: Desk) -> None:
    """2xx without an id: magenta at once, its number found by its reference."""
    loan = desk.add_loan()
    desk.sandbox.fault("create", "no_id")
    result = desk.do(requests.request, loan)
    assert (result.http_status, result.message) == (202, "FMS accepted it but sent no id; looking it up.")
    row = desk.loan(loan)
    assert row is not None
    assert (row.status, row.fms_request_id) == (Status.REQUESTED, None)
    desk.recover()
    assert_promise(desk)


def test_accepted_without_a_number_and_not_there(desk: Desk) -> None:
    """2xx without an id that FMS then does not have: the bar goes back to the green it was."""
    loan = desk.add_loan(Status.PLANNED)
    desk.sandbox.fault("create", "no_id")
    desk.do(requests.request, loan)
    desk.sandbox.reset()
    desk.pass_time()
    desk.recover()
    assert (desk.status(loan), desk.operation(loan).code) == (Status.PLANNED, "absent")
    assert_promise(desk)


def test_reference_among_what_staff_wrote(desk: Desk) -> None:
    """Our reference is found although FMS's people wrote around it."""
    loan = lose_answer(desk, "error_before")
    body = desk.operation(loan).request or {}
    notes = f"Called them. {desk.operation(loan).reference}; deliver early"
    assert desk.post_to_fms({"request": {**body["request"], "requestor_notes": notes}}).status_code == 201
    desk.recover()
    assert desk.status(loan) == Status.REQUESTED
