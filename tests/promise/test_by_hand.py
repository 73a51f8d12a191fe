"""Uncertain operations settled by people who looked in FMS, where FMS does not let us look."""

import threading
from typing import Any

import pytest

from tests.promise.desk import Desk
from tests.promise.promise import assert_promise
from webapp.accounts.permissions import Role
from webapp.errors import Forbidden, NotFound, Refusal
from webapp.fms.models import State
from webapp.fms.service import Verdict, settle
from webapp.loans import requests
from webapp.loans.states import Status


def uncertain_create(desk: Desk, fault: str = "reset_after") -> int:
    """A loan whose request has no answer; its id."""
    loan = desk.add_loan()
    desk.sandbox.fault("create", fault)
    desk.do(requests.request, loan)
    return loan


def uncertain_delete(desk: Desk, fault: str, action: Any = requests.unrequest) -> int:
    """A loan whose removal has no answer; its id."""
    (loan,) = desk.add_requested()
    # Where the first try does it, the ones after it do not tell.
    for one in (fault, "error_before", "error_before"):
        desk.sandbox.fault("delete", one)
    assert desk.do(action, loan).code == "uncertain"
    return loan


def settled(desk: Desk, loan: int, verdict: Verdict, number: int | None = None) -> Any:
    """What settling the newest operation of a loan brings."""
    return desk.do(settle, desk.operation(loan).id, verdict, number)


def test_request_that_is_in_fms(desk: Desk) -> None:
    """'It is in FMS', with its number: the loan is magenta, and can be unrequested by that number."""
    desk.sandbox.lookup("off")
    loan = uncertain_create(desk)
    number = desk.sandbox.requests()[0]["id"]
    ended = settled(desk, loan, Verdict.PRESENT, number)
    assert (ended.state, ended.sentence) == (State.SUCCEEDED, f"Requested in FMS (#{number})")
    assert_promise(desk)
    assert desk.operation(loan).code == "confirmed"
    desk.do(requests.unrequest, loan)
    assert_promise(desk)


def test_request_that_is_not_in_fms(desk: Desk) -> None:
    """'It is not in FMS': the loan is green and free to be requested again, and the ledger says who said so."""
    desk.sandbox.lookup("off")
    loan = uncertain_create(desk, "error_before")
    settled(desk, loan, Verdict.ABSENT)
    assert desk.person.name in desk.operation(loan).error
    assert desk.do(requests.request, loan).how == "done"
    assert_promise(desk)


def test_check_again(desk: Desk) -> None:
    """'Check again' says that FMS does not let us look, and settles this one operation as soon as it does."""
    desk.sandbox.lookup("off")
    loan, other = uncertain_create(desk), uncertain_create(desk)
    report = settled(desk, loan, Verdict.CHECK)
    assert (report.can_look_up, report.settled, report.waiting) == (False, [], 1)
    desk.sandbox.lookup("on")
    report = settled(desk, loan, Verdict.CHECK)
    assert ([ended.operation_id for ended in report.settled], report.waiting) == ([desk.operation(loan).id], 0)
    assert desk.operation(other).state == State.UNCERTAIN


@pytest.mark.parametrize(("action", "status"), [(requests.unrequest, Status.MANUAL), (requests.delete, None)])
def test_removal_that_happened(desk: Desk, action: Any, status: str | None) -> None:
    """'It is not in FMS' of a removal: done, as if FMS had said so."""
    loan = uncertain_delete(desk, "error_after", action)
    settled(desk, loan, Verdict.ABSENT)
    assert desk.status(loan) == status
    assert_promise(desk)


def test_removal_that_did_not_happen(desk: Desk) -> None:
    """'It is in FMS' of a removal: still requested, and it can be asked for again."""
    loan = uncertain_delete(desk, "error_before")
    settled(desk, loan, Verdict.PRESENT)
    assert (desk.status(loan), desk.operation(loan).state) == (Status.REQUESTED, State.FAILED)
    assert_promise(desk)
    assert desk.do(requests.unrequest, loan).how == "done"
    assert_promise(desk)


def test_removal_checked_again(desk: Desk) -> None:
    """'Check again' of a removal repeats it."""
    loan = uncertain_delete(desk, "error_before")
    assert settled(desk, loan, Verdict.CHECK).settled[0].state == State.SUCCEEDED
    assert_promise(desk)


@pytest.mark.parametrize("number", [None, 0, -4, 10**12])
def test_number_that_is_none(desk: Desk, number: int | None) -> None:
    """A number is needed, and must be one that FMS could have given."""
    desk.sandbox.lookup("off")
    loan = uncertain_create(desk)
    with pytest.raises(Refusal) as refused:
        settled(desk, loan, Verdict.PRESENT, number)
    assert (refused.value.status, refused.value.sentence) == (
        422,
        "Enter the number that FMS shows for this request.",
    )


def test_number_of_another_loan(desk: Desk) -> None:
    """A number that another loan has is refused by that loan's name; FMS need not be asked."""
    (other,) = desk.add_requested()
    desk.sandbox.lookup("off")
    loan = uncertain_create(desk)
    with pytest.raises(Refusal, match=f"#{desk.operation(other).fms_request_id} already belongs to Audi A3"):
        settled(desk, loan, Verdict.PRESENT, desk.operation(other).fms_request_id)
    assert desk.operation(loan).state == State.UNCERTAIN


def test_number_that_fms_shows_otherwise(desk: Desk) -> None:
    """Where FMS lets us look, a number that is not there, or carries another's reference, is refused."""
    loan, other = uncertain_create(desk), uncertain_create(desk)
    numbers = {request["requestorNotes"]: request["id"] for request in desk.sandbox.requests()}
    theirs = numbers[desk.operation(other).reference]
    with pytest.raises(Refusal, match="another loan's"):
        settled(desk, loan, Verdict.PRESENT, theirs)
    with pytest.raises(Refusal, match="FMS shows no open request #9999"):
        settled(desk, loan, Verdict.PRESENT, 9999)
    settled(desk, loan, Verdict.PRESENT, numbers[desk.operation(loan).reference])
    desk.recover()
    assert_promise(desk)


def test_one_number_entered_twice_at_once(desk: Desk) -> None:
    """Two people who enter one number for two loans at the same instant: one of them is refused."""
    desk.sandbox.lookup("off")
    loans = [uncertain_create(desk), uncertain_create(desk, "error_before")]
    number = desk.sandbox.requests()[0]["id"]
    ids, gate, ends = [desk.operation(loan).id for loan in loans], threading.Barrier(2), []

    def enter(operation_id: int) -> None:
        gate.wait()
        try:
            ends.append(desk.do(settle, operation_id, Verdict.PRESENT, number).state)
        except Refusal as refusal:
            ends.append(refusal.code)

    threads = [threading.Thread(target=enter, args=(operation_id,)) for operation_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["number_taken", State.SUCCEEDED]


def test_mistaken_number_gives_way_to_the_truth(desk: Desk) -> None:
    """A number given to the wrong loan by hand goes to the loan whose reference FMS shows under it."""
    desk.sandbox.lookup("off")
    right, wrong = uncertain_create(desk), uncertain_create(desk, "error_before")
    settled(desk, wrong, Verdict.PRESENT, desk.sandbox.requests()[0]["id"])
    desk.sandbox.lookup("on")
    desk.recover()
    assert (desk.status(right), desk.status(wrong)) == (Status.REQUESTED, Status.MANUAL)
    assert "another loan's" in desk.operation(wrong).error
    assert_promise(desk)


def test_who_may_settle(desk: Desk) -> None:
    """Whoever may plan the office's loans: an auditor may not, and other offices' people find nothing there."""
    desk.sandbox.lookup("off")
    operation_id = desk.operation(uncertain_create(desk)).id
    with desk.app.app_context():
        with pytest.raises(Forbidden):
            settle(desk.people(Role.AUDITOR).actor, operation_id, Verdict.ABSENT)
        with pytest.raises(NotFound):
            settle(desk.people(locations=["Miami"]).actor, operation_id, Verdict.ABSENT)
        with pytest.raises(NotFound):
            settle(desk.people(company="Another Company").actor, operation_id, Verdict.ABSENT)
        assert settle(desk.people().actor, operation_id, Verdict.ABSENT)
        with pytest.raises(Refusal) as settled_before:
            settle(desk.actor, operation_id, Verdict.PRESENT, 4372)
    assert settled_before.value.code == "settled"
