"""Recovery itself: killed at every step, run by several processes at once, and one poisoned operation."""

import pytest

from tests.promise.desk import Desk
from tests.promise.promise import assert_promise
from tests.promise.troupe import DONE, KILLED, Troupe
from webapp.fms import recovery
from webapp.fms.exchange import Ended, finish
from webapp.fms.models import State
from webapp.fms.outcomes import Outcome
from webapp.fms.service import Verdict, settle
from webapp.loans import requests
from webapp.loans.states import Status

STEPS = ("marked", "before the call", "sent, unanswered", "recovery answered", "in transaction 2")


def leave_open(desk: Desk, troupe: Troupe) -> list[int]:
    """A request that FMS has, one that it has not, a removal it did and one it did not, all without an answer."""
    asked = desk.add_requested(2)
    ids = [*desk.add_loans(2), *asked]
    steps = ("sent, unanswered", "before the call") * 2
    actions = ("create", "create", "unrequest", "remove")
    cases = [
        {"action": action, "loan": loan, "step": step} for action, loan, step in zip(actions, ids, steps, strict=True)
    ]
    assert troupe.perform(desk, cases) == [KILLED] * 4
    desk.wait_until_quiet()
    desk.pass_time()
    return ids


def test_recovery_killed_at_every_step(desk: Desk, troupe: Troupe) -> None:
    """A recovery that dies anywhere leaves the next one nothing but work."""
    ids = leave_open(desk, troupe)
    for step in STEPS:
        assert troupe.perform(desk, [{"action": "recover", "step": step}]) == [KILLED]
    desk.recover()
    assert_promise(desk)
    assert [desk.status(loan) for loan in ids] == [Status.REQUESTED, Status.MANUAL, Status.MANUAL, None]


def test_several_recoveries_at_once(desk: Desk, troupe: Troupe) -> None:
    """However many processes recover at once, each outcome is written once."""
    ids = leave_open(desk, troupe)
    assert troupe.perform(desk, [{"action": "recover"}] * 4) == [DONE] * 4
    assert_promise(desk)
    assert [desk.status(loan) for loan in ids] == [Status.REQUESTED, Status.MANUAL, Status.MANUAL, None]
    assert [one.subject for one in desk.operations() if one.subject != "loan"] == []


def test_recovery_tells_what_it_did(desk: Desk, troupe: Troupe) -> None:
    """`flask fms recover` names every operation that it settled, and says what remains and why."""
    ids = leave_open(desk, troupe)
    run = desk.app.test_cli_runner().invoke
    lines = run(args=["fms", "recover"]).output.splitlines()
    assert lines[-1] == "4 settled, 0 still uncertain."
    created, absent, taken, removed = (desk.operation(loan) for loan in ids)
    number = created.fms_request_id
    assert set(lines[:-1]) == {
        f"operation {created.id} (create): succeeded. Requested in FMS (#{number})",
        f"operation {absent.id} (create): failed. {absent.error}",
        f"operation {taken.id} (delete): succeeded. Removed from FMS",
        f"operation {removed.id} (delete): succeeded. Removed from FMS",
    }
    desk.sandbox.lookup("off")
    desk.sandbox.fault("create", "reset_after")
    desk.do(requests.request, desk.add_loan())
    assert run(args=["fms", "recover"]).output.splitlines() == [
        "FMS does not answer look-ups; uncertain requests wait for evidence or for a person.",
        "0 settled, 1 still uncertain.",
    ]


def test_one_that_cannot_be_written_does_not_hold_up_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation whose outcome breaks when it is written is left for later; the others are settled."""
    ids = desk.add_loans(3)
    desk.sandbox.fault("create", "reset_after", times=3)
    for loan in ids:
        desk.do(requests.request, loan)
    poisoned = desk.operation(ids[1]).id

    def broken(operation_id: int, outcome: Outcome) -> Ended:
        if operation_id == poisoned:
            raise RuntimeError("the disk is full")
        return finish(operation_id, outcome)

    monkeypatch.setattr(recovery, "finish", broken)
    desk.recover()
    assert [desk.status(loan) for loan in ids] == [Status.REQUESTED, Status.MANUAL, Status.REQUESTED]
    monkeypatch.undo()
    desk.recover()
    assert_promise(desk)


def test_removal_that_fms_declines(desk: Desk) -> None:
    """A removal in doubt that FMS declines, as it has approved the request, is over: the bar stays magenta."""
    (loan,) = desk.add_requested()
    desk.sandbox.fault("delete", "error_before", times=3)
    desk.do(requests.unrequest, loan)
    number = desk.operation(loan).fms_request_id
    assert number is not None
    desk.sandbox.approve(number)
    desk.recover()
    assert desk.operation(loan).state == State.FAILED
    assert "approved" in desk.operation(loan).error
    assert_promise(desk)


def test_removal_in_doubt_and_a_refused_token(desk: Desk) -> None:
    """What FMS says of our token tells nothing of the removal that came before: it stays in doubt."""
    (loan,) = desk.add_requested()
    desk.sandbox.fault("delete", "error_after")
    desk.sandbox.fault("delete", "unauthorized", times=3)
    result = desk.do(requests.unrequest, loan)
    assert result.code == "uncertain"
    desk.recover()
    assert desk.operation(loan).state == State.UNCERTAIN
    desk.sandbox.clear()
    desk.recover()
    assert_promise(desk)
    assert desk.status(loan) == Status.MANUAL


def test_removal_settled_by_hand_is_not_repeated(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal that a person settles while recovery is busy with another is not sent any more."""
    first, second = desk.add_requested(2)
    desk.sandbox.fault("delete", "error_before", times=6)
    for loan in (first, second):
        desk.do(requests.unrequest, loan)
    other = desk.operation(second)

    def slow(operation_id: int, outcome: Outcome) -> Ended:
        settle(desk.actor, other.id, Verdict.PRESENT)
        return finish(operation_id, outcome)

    monkeypatch.setattr(recovery, "finish", slow)
    desk.recover()
    assert [request["id"] for request in desk.sandbox.requests()] == [other.fms_request_id]
    assert_promise(desk)


def test_a_create_that_was_doubled_on_its_way(desk: Desk) -> None:
    """Where something between us and FMS sent our create twice, one is kept and the other removed."""
    loan = desk.add_loan()
    desk.sandbox.fault("create", "reset_after")
    desk.do(requests.request, loan)
    body = desk.operation(loan).request
    assert desk.post_to_fms(body).status_code == 201
    assert len(desk.sandbox.requests()) == 2
    desk.recover()
    assert len(desk.sandbox.requests()) == 1
    assert_promise(desk, may_be_doubled=True)
