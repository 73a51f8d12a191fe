"""FMS that dies, is busy, refuses our token, repeats it, or answers what nobody expected."""

import threading

import pytest
from sqlalchemy import inspect, select

from tests.promise.desk import Desk
from tests.promise.promise import assert_promise
from webapp.fms import outcomes
from webapp.fms.models import State
from webapp.loans import requests
from webapp.loans.models import LoanEvent
from webapp.loans.requests import Result
from webapp.loans.states import Status


@pytest.mark.parametrize("action", ["create", "unrequest"])
def test_fms_dies_in_the_middle(desk: Desk, action: str) -> None:
    """FMS that dies after it did what we asked, before it said so: amber while it is down, the truth when it is up."""
    loan = desk.add_loan() if action == "create" else desk.add_requested()[0]
    desk.sandbox.fault("any", "slow_after", seconds=30)
    held_before = len(desk.sandbox.requests())
    results: list[Result] = []
    act = requests.request if action == "create" else requests.unrequest
    thread = threading.Thread(target=lambda: results.append(desk.do(act, loan)))
    thread.start()
    while len(desk.sandbox.requests()) == held_before:
        assert thread.is_alive()
    desk.sandbox.kill()
    thread.join()
    assert (results[0].code, results[0].http_status) == ("uncertain", 202)
    desk.pass_time()
    desk.recover()
    assert desk.operation(loan).state == State.UNCERTAIN
    desk.sandbox.start()
    desk.recover()
    assert_promise(desk)
    assert desk.status(loan) == (Status.REQUESTED if action == "create" else Status.MANUAL)


def test_fms_is_down(desk: Desk) -> None:
    """FMS that cannot be reached at all: nothing was sent, the loan is as it was, and nothing is uncertain."""
    loan, (requested,) = desk.add_loan(Status.PLANNED), desk.add_requested()
    desk.sandbox.kill()
    for act, one in ((requests.request, loan), (requests.unrequest, requested), (requests.delete, requested)):
        result = desk.do(act, one)
        assert (result.http_status, result.code, result.message) == (502, "fms_unreachable", outcomes.UNREACHABLE)
    assert (desk.status(loan), desk.status(requested)) == (Status.PLANNED, Status.REQUESTED)
    desk.sandbox.start()
    assert_promise(desk)


def test_fms_refuses_in_its_own_words(desk: Desk) -> None:
    """A refusal is read out in FMS's words, and changes nothing."""
    loan, (requested,) = desk.add_loan(), desk.add_requested()
    desk.sandbox.fault("any", "refuse", times=2, text="Vehicle is at the body shop")
    for act, one in ((requests.request, loan), (requests.unrequest, requested)):
        result = desk.do(act, one)
        assert (result.http_status, result.message) == (502, "FMS refused it: Vehicle is at the body shop")
    assert_promise(desk)


def test_fms_refuses_our_token(desk: Desk) -> None:
    """401 tells people to tell an administrator."""
    desk.sandbox.fault("any", "unauthorized", times=1)
    result = desk.do(requests.request, desk.add_loan())
    assert (result.code, result.message) == (
        "fms_unauthorized",
        "FMS says: Access denied. FMS refuses our token; tell an administrator.",
    )
    assert_promise(desk)


@pytest.mark.parametrize("action", ["create", "unrequest"])
@pytest.mark.parametrize(("retry_after", "calls"), [(0, 2), (60, 1), (None, 1)])
def test_fms_is_busy(desk: Desk, action: str, retry_after: int | None, calls: int) -> None:
    """429 is asked again where FMS says to come back within the time a person waits, else nothing was sent."""
    loan = desk.add_loan() if action == "create" else desk.add_requested()[0]
    method = "POST" if action == "create" else "DELETE"
    before = len(desk.sandbox.calls(method))
    desk.sandbox.fault("any", "busy", retry_after=retry_after)
    result = desk.do(requests.request if action == "create" else requests.unrequest, loan)
    assert len(desk.sandbox.calls(method)) - before == calls
    expected = (200, "") if calls == 2 else (502, "fms_busy")
    assert (result.http_status, result.code) == expected
    assert_promise(desk)


def test_request_that_is_gone_already(desk: Desk) -> None:
    """404 to a removal says that what was wanted is so."""
    unrequested, removed = desk.add_requested(2)
    desk.sandbox.reset()
    assert desk.do(requests.unrequest, unrequested).how == "done"
    assert desk.do(requests.delete, removed).how == "done"
    assert (desk.status(unrequested), desk.status(removed)) == (Status.MANUAL, None)
    assert_promise(desk)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("refuse", "Bad header: Token {}"),
        ("unauthorized", "{} is not known"),
        ("error_before", "<pre>Authorization: Token {}</pre>"),
        ("html_before", "<p>" + "x" * 1985 + "{}</p>"),
        ("html_before", "{}" * 3),
    ],
)
def test_a_token_that_fms_repeats_is_not_kept(desk: Desk, fault: str, text: str) -> None:
    """However FMS echoes our token, no part of it reaches the ledger, the history, or the person."""
    loan, (requested,) = desk.add_loan(), desk.add_requested()
    token = desk.sandbox.token
    desk.sandbox.fault("any", fault, times=None, text=text.format(*[token] * 3))
    messages = [desk.do(requests.request, loan).message, desk.do(requests.unrequest, requested).message]
    with desk.reading() as session:
        events = [event.text for event in session.scalars(select(LoanEvent))]
    columns = [column.key for column in inspect(type(desk.operation(loan))).columns]
    stored = [str(getattr(one, name)) for one in desk.operations() for name in columns]
    assert any("[hidden]" in one for one in stored)
    # The stored part of a cut token would begin as it does.
    assert [one for one in (*messages, *events, *stored) if token[:6] in one] == []


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800 half", "x" * 5000])
def test_words_that_a_database_cannot_keep(desk: Desk, text: str) -> None:
    """FMS's words are kept and read out whatever characters are in them."""
    loan = desk.add_loan()
    desk.sandbox.fault("create", "refuse", text=text)
    result = desk.do(requests.request, loan)
    assert (result.http_status, desk.operation(loan).state) == (502, State.FAILED)
    assert_promise(desk)
