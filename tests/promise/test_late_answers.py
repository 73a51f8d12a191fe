"""Answers that come after everybody has given up: a process that slept, and what happened to the loan meanwhile."""

from datetime import timedelta

import pytest

from tests.promise.desk import FIRST_DAY, Desk
from tests.promise.promise import assert_promise
from tests.promise.troupe import ASLEEP, DONE, KILLED, Troupe
from webapp.fms import recovery
from webapp.fms.models import State
from webapp.fms.service import Verdict, settle
from webapp.loans import requests, service
from webapp.loans.service import Change
from webapp.loans.states import Status

SLEEP = "sleep before the call"


def given_up(desk: Desk, troupe: Troupe, loan: int, step: str = SLEEP) -> None:
    """A request whose process fell asleep, which recovery has meanwhile found to be absent from FMS."""
    assert troupe.perform(desk, [{"action": "create", "loan": loan, "step": step}]) == [ASLEEP]
    desk.pass_time()
    desk.recover()
    assert (desk.operation(loan).state, desk.operation(loan).code) == (State.FAILED, "absent")


def test_a_late_request_is_adopted(desk: Desk, troupe: Troupe) -> None:
    """A request that reaches FMS after it was called absent turns its loan magenta, and its bulk row knows."""
    loan = desk.add_loan(Status.PLANNED)
    given_up(desk, troupe, loan)
    assert troupe.wake() == [DONE]
    assert desk.status(loan) == Status.REQUESTED
    assert_promise(desk)


@pytest.mark.parametrize("meanwhile", ["moved", "deleted", "requested again"])
def test_a_late_request_without_its_loan_is_removed(desk: Desk, troupe: Troupe, meanwhile: str) -> None:
    """Where the loan is gone, says something else or has another request, recovery removes the late one."""
    loan = desk.add_loan()
    given_up(desk, troupe, loan)
    if meanwhile == "moved":
        desk.do(service.change, loan, Change(end_day=FIRST_DAY + timedelta(days=4)))
    elif meanwhile == "deleted":
        desk.do(requests.delete, loan)
    else:
        desk.do(requests.request, loan)
    assert troupe.wake() == [DONE]
    late = desk.operations(loan)[-1]
    assert late.state == State.UNCERTAIN
    assert "after it had been given up" in late.error
    desk.recover()
    assert_promise(desk)
    assert len(desk.sandbox.requests()) == (1 if meanwhile == "requested again" else 0)


def test_two_late_requests_of_one_loan(desk: Desk, troupe: Troupe) -> None:
    """Two that were given up and arrive after all do not get into each other's way, even without look-up."""
    loan = desk.add_loan()
    desk.sandbox.lookup("off")
    cases = [{"action": "create", "loan": loan, "step": SLEEP}]
    assert troupe.perform(desk, cases) == [ASLEEP]
    desk.pass_time()
    desk.recover()
    desk.do(settle, desk.operation(loan).id, Verdict.ABSENT)
    assert troupe.perform(desk, cases) == [ASLEEP]
    desk.pass_time()
    desk.recover()
    desk.do(settle, desk.operation(loan).id, Verdict.ABSENT)
    desk.do(requests.delete, loan)
    assert troupe.wake() == [DONE, DONE]
    assert len(desk.sandbox.requests()) == 2
    desk.recover()
    assert_promise(desk)


def test_late_and_nobody_left_to_hear_it(desk: Desk, troupe: Troupe) -> None:
    """A process that wakes, sends and dies: recovery keeps looking for what it gave up, and adopts it."""
    loan = desk.add_loan()
    given_up(desk, troupe, loan, "sleep before the call, die answered")
    assert troupe.wake() == [KILLED]
    assert [request["id"] for request in desk.sandbox.requests()]
    desk.recover()
    assert_promise(desk)
    assert desk.status(loan) == Status.REQUESTED


def test_what_was_given_up_is_looked_for_less_and_less(desk: Desk, troupe: Troupe) -> None:
    """On every run within the hour, then once an hour, and not for ever; when nothing was given up, never."""
    loan = desk.add_loan()
    desk.recover()
    assert desk.sandbox.calls("GET") == []
    desk.sandbox.fault("create", "error_before")
    desk.do(requests.request, loan)
    desk.pass_time()
    looks = []
    for minutes in (0, 1, 58, 2, 30, 31, 60 * 24 * 8):
        desk.pass_time(minutes * 60)
        before = len(desk.sandbox.calls("GET"))
        desk.recover()
        looks.append(len(desk.sandbox.calls("GET")) - before)
    assert looks == [1, 1, 1, 0, 0, 1, 0]


def test_nothing_is_sent_by_a_process_that_overslept(desk: Desk, troupe: Troupe) -> None:
    """Who wakes too late to begin the call does not begin it."""
    loan = desk.add_loan()
    assert troupe.perform(desk, [{"action": "create", "loan": loan, "step": "sleep after transaction 1"}]) == [ASLEEP]
    desk.pass_time(11)
    assert troupe.wake() == [DONE]
    assert desk.operation(loan).state == State.FAILED
    assert desk.sandbox.calls("POST") == []
    assert_promise(desk)


@pytest.mark.parametrize("verdict", [Verdict.PRESENT, Verdict.ABSENT])
def test_answer_of_a_create_against_a_persons_word(desk: Desk, troupe: Troupe, verdict: Verdict) -> None:
    """Whatever a person said of an uncertain request, FMS's own answer decides when it comes."""
    loan = desk.add_loan()
    desk.sandbox.lookup("off")
    assert troupe.perform(desk, [{"action": "create", "loan": loan, "step": "sleep answered"}]) == [ASLEEP]
    desk.pass_time()
    desk.recover()
    ended = desk.do(settle, desk.operation(loan).id, verdict, 9999)
    assert ended.state == (State.SUCCEEDED if verdict is Verdict.PRESENT else State.FAILED)
    assert troupe.wake() == [DONE]
    assert_promise(desk)
    assert desk.status(loan) == Status.REQUESTED


@pytest.mark.parametrize("action", ["unrequest", "remove"])
@pytest.mark.parametrize("verdict", [Verdict.PRESENT, Verdict.ABSENT])
def test_answer_of_a_removal_against_a_persons_word(desk: Desk, troupe: Troupe, verdict: Verdict, action: str) -> None:
    """A removal that FMS carried out is never left as a magenta bar, even where a person said it was still there."""
    (loan,) = desk.add_requested()
    assert troupe.perform(desk, [{"action": action, "loan": loan, "step": "sleep answered"}]) == [ASLEEP]
    desk.pass_time()
    with desk.app.app_context():
        # What recovery does first, without its own try at the removal.
        recovery._mark_interrupted()
    desk.do(settle, desk.operation(loan).id, verdict)
    assert troupe.wake() == [DONE]
    assert_promise(desk)
    assert desk.status(loan) == (Status.MANUAL if action == "unrequest" else None)


def test_settled_while_recovery_is_removing(desk: Desk, troupe: Troupe) -> None:
    """Recovery that is about to write a removal finds it settled by hand, and the bar still tells the truth."""
    (loan,) = desk.add_requested()
    desk.sandbox.fault("delete", "error_before", times=3)
    desk.do(requests.unrequest, loan)
    assert troupe.perform(desk, [{"action": "recover", "step": "recovery sleeps answered"}]) == [ASLEEP]
    desk.do(settle, desk.operation(loan).id, Verdict.PRESENT)
    assert desk.status(loan) == Status.REQUESTED
    assert troupe.wake() == [DONE]
    assert_promise(desk)
    assert desk.status(loan) == Status.MANUAL


def test_person_asks_again_while_an_old_removal_is_under_way(desk: Desk, troupe: Troupe) -> None:
    """A removal that wakes up late cannot touch the request that was made since."""
    (loan,) = desk.add_requested()
    assert troupe.perform(desk, [{"action": "unrequest", "loan": loan, "step": SLEEP}]) == [ASLEEP]
    desk.pass_time()
    desk.recover()
    desk.do(requests.request, loan)
    assert troupe.wake() == [DONE]
    assert_promise(desk)
    assert desk.status(loan) == Status.REQUESTED
    assert len(desk.sandbox.requests()) == 1


def test_loan_that_vanished_under_an_open_request(desk: Desk, troupe: Troupe) -> None:
    """Should a loan ever be gone while its request is under way, the request is removed from FMS."""
    loan = desk.add_loan()
    assert troupe.perform(desk, [{"action": "create", "loan": loan, "step": "sleep answered"}]) == [ASLEEP]
    desk.delete_row(loan)
    assert troupe.wake() == [DONE]
    desk.recover()
    assert_promise(desk)
    assert desk.sandbox.requests() == []


def test_approval_is_not_undone_by_a_late_acceptance(desk: Desk, troupe: Troupe) -> None:
    """A loan that the activity feed has made blue stays blue when its own answer comes at last."""
    loan = desk.add_loan()
    assert troupe.perform(desk, [{"action": "create", "loan": loan, "step": "sleep answered"}]) == [ASLEEP]
    desk.change_row(loan, status=Status.ACTIVE, activity_id=700_001)
    assert troupe.wake() == [DONE]
    assert desk.status(loan) == Status.ACTIVE
    assert_promise(desk)
