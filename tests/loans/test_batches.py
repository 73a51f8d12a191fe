"""Bulk runs: every row reported, a few calls at a time, and a run that is killed is finished by the next process."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.background import wait_for_runs
from tests.promise.desk import FIRST_DAY, Desk
from tests.promise.promise import assert_promise
from tests.promise.troupe import DONE, KILLED, Troupe
from tests.rows import Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp.accounts.models import User
from webapp.db import writing
from webapp.errors import InvalidInput, NotFound
from webapp.loans import batches, requests
from webapp.loans.models import BatchKind, RowState
from webapp.loans.queries import BatchProgress, batch
from webapp.loans.states import Status
from webapp.rest import Answer, RestClient

pytestmark = pytest.mark.settings(fms_concurrency=3)


@pytest.fixture
def desk(app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet) -> Desk:
    """A scheduler whose vehicles and partner FMS knows too."""
    return Desk(app, sandbox, people, fleet)


@pytest.fixture(scope="module")
def troupe() -> Iterator[Troupe]:
    """Processes that work on runs and may be killed."""
    with Troupe() as running:
        yield running


def begin(desk: Desk, ids: list[int], kind: BatchKind = BatchKind.REQUEST) -> str:
    """A run that is written and not started."""
    return str(desk.do(batches.create, kind, ids))


def run(desk: Desk, batch_id: str) -> None:
    """Work on a run until it ends."""
    with desk.app.app_context():
        batches.run(batch_id)


def resume(desk: Desk) -> None:
    """What the job does."""
    with desk.app.app_context():
        batches.resume()


def progress(desk: Desk, batch_id: str) -> BatchProgress:
    """How far a run is."""
    with desk.reading():
        found: BatchProgress = batch(desk.actor, batch_id)
        return found


def states(desk: Desk, batch_id: str) -> list[str]:
    """The state of each row."""
    return [row.state for row in progress(desk, batch_id).rows]


def test_goes_on_past_failures(desk: Desk) -> None:
    """Each row is reported by itself: done, refused by us, refused by FMS, in doubt, unknown."""
    fine, requested = desk.add_loan(), desk.add_requested()[0]
    no_id = desk.fleet.add_loan(desk.fleet.add_vehicle(vehicle_id=None), desk.partner, start_day=FIRST_DAY).id
    theirs = desk.add_loan(company_id=desk.people(company="Another Company").company_id)
    refused, lost = desk.add_loans(2)
    ids = [refused, lost, fine, requested, no_id, theirs, 999_999]
    with desk.app.app_context():
        desk.app.extensions["bulk_slots"] = threading.Semaphore(1)
    desk.sandbox.fault("create", "refuse", text="No")
    desk.sandbox.fault("create", "reset_after")
    batch_id = begin(desk, ids)
    run(desk, batch_id)
    found = progress(desk, batch_id)
    assert [(row.assignment_id, row.state, row.code) for row in found.rows] == [
        (refused, RowState.FAILED, "fms_refused"),
        (lost, RowState.UNCERTAIN, "uncertain"),
        (fine, RowState.SUCCEEDED, ""),
        (requested, RowState.FAILED, "requested"),
        (no_id, RowState.FAILED, "no_vehicle_id"),
        (theirs, RowState.FAILED, "not_found"),
        (999_999, RowState.FAILED, "not_found"),
    ]
    done = found.rows[2]
    assert (done.created_in_fms, done.fms_request_id, done.text) == (True, desk.operation(fine).fms_request_id, "")
    assert found.rows[0].text == "FMS refused it: No"
    assert found.rows[5].label == f"Loan {theirs}", "a loan out of scope is not named"
    assert (found.is_finished, found.done, found.total) == (True, 7, 7)
    assert {one.batch_id for one in desk.operations(fine)} == {batch_id}
    desk.settle_everything()
    assert_promise(desk)


def test_row_in_doubt_is_settled_later(desk: Desk) -> None:
    """A row in doubt becomes what recovery, or a person, finds out long after the run."""
    found, absent = desk.add_loans(2)
    with desk.app.app_context():
        desk.app.extensions["bulk_slots"] = threading.Semaphore(1)
    desk.sandbox.fault("create", "reset_after")
    desk.sandbox.fault("create", "error_before")
    batch_id = begin(desk, [found, absent])
    run(desk, batch_id)
    assert states(desk, batch_id) == [RowState.UNCERTAIN, RowState.UNCERTAIN]
    desk.settle_everything()
    rows = progress(desk, batch_id).rows
    assert [(row.state, row.created_in_fms) for row in rows] == [(RowState.SUCCEEDED, True), (RowState.FAILED, False)]
    assert "safe to request it again" in rows[1].text
    assert_promise(desk)


def test_row_adopted_after_it_was_given_up(desk: Desk) -> None:
    """A row that failed because FMS seemed not to have it succeeds when FMS turns out to have it."""
    (loan,) = desk.add_loans(1)
    desk.sandbox.fault("create", "error_before")
    batch_id = begin(desk, [loan])
    run(desk, batch_id)
    desk.settle_everything()
    assert states(desk, batch_id) == [RowState.FAILED]
    assert desk.post_to_fms(desk.operation(loan).request).status_code == 201
    desk.settle_everything()
    assert states(desk, batch_id) == [RowState.SUCCEEDED]
    assert_promise(desk)


@pytest.mark.parametrize(
    ("kind", "left"), [(BatchKind.UNREQUEST, [Status.PLANNED, Status.MANUAL]), (BatchKind.DELETE, [None, None])]
)
def test_taking_back_many(desk: Desk, kind: BatchKind, left: list[str | None]) -> None:
    """Unrequest restores the green each was; delete takes loans with their requests, and green ones without."""
    ids = [desk.add_loan(Status.PLANNED), desk.add_loan(Status.MANUAL)]
    first = begin(desk, ids)
    run(desk, first)
    green = desk.add_loan()
    batch_id = begin(desk, [*ids, green], kind)
    run(desk, batch_id)
    rows = progress(desk, batch_id).rows
    assert [row.deleted_from_fms for row in rows] == [True, True, False]
    assert rows[2].state == (RowState.FAILED if kind == BatchKind.UNREQUEST else RowState.SUCCEEDED)
    assert [desk.status(loan) for loan in ids] == left
    assert_promise(desk)


def test_how_many(desk: Desk) -> None:
    """At least one and at most a hundred; the same loan twice is one row."""
    for ids in ([], list(range(1, 102))):
        with pytest.raises(InvalidInput):
            begin(desk, ids)
    assert len(states(desk, begin(desk, list(range(1, 101))))) == 100
    assert len(states(desk, begin(desk, [1, 2, 1, 2]))) == 2


@pytest.fixture
def in_flight(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many calls to FMS were under way whenever another began."""
    lock, now, seen, call = threading.Lock(), [0], [], RestClient.call
    # Nobody goes on before there are three, so that three are really possible.
    gate = threading.Barrier(3, timeout=60)

    def counted(self: RestClient, *arguments: Any, **named: Any) -> Answer:
        with lock:
            now[0] += 1
            seen.append(now[0])
        try:
            gate.wait()
            return call(self, *arguments, **named)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(RestClient, "call", counted)
    return seen


def test_a_few_at_a_time(desk: Desk, in_flight: list[int]) -> None:
    """FMS never sees more than FMS_CONCURRENCY calls at once, also when two people run at the same time."""
    runs = [begin(desk, desk.add_loans(6)) for _ in range(2)]
    threads = [threading.Thread(target=run, args=(desk, batch_id)) for batch_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(in_flight) == 3
    assert [states(desk, batch_id) for batch_id in runs] == [[RowState.SUCCEEDED] * 6] * 2
    assert_promise(desk)


@pytest.mark.parametrize("step", ["third claimed", "third call", "third finished", "sent, unanswered", "answered"])
@pytest.mark.parametrize("kind", [BatchKind.REQUEST, BatchKind.DELETE])
def test_killed_in_the_middle(desk: Desk, troupe: Troupe, kind: BatchKind, step: str) -> None:
    """A run whose process is killed is finished by the next: no row is done twice, none is forgotten."""
    ids = desk.add_loans(6) if kind == BatchKind.REQUEST else [*desk.add_requested(4), *desk.add_loans(2)]
    batch_id = begin(desk, ids, kind)
    assert troupe.perform(desk, [{"action": "bulk", "batch": batch_id, "step": step}]) == [KILLED]
    resume(desk)
    assert not progress(desk, batch_id).is_finished, "a run that may still be worked on is left alone"
    desk.wait_until_quiet()
    desk.pass_time()
    # Two processes take it up at once, and one of them dies too.
    troupe.perform(desk, [{"action": "resume", "step": "first finished"}, {"action": "resume"}])
    desk.pass_time()
    desk.recover()
    resume(desk)
    desk.settle_everything()
    resume(desk)
    found = progress(desk, batch_id)
    assert found.is_finished
    assert found.counts[RowState.SUCCEEDED] + found.counts[RowState.FAILED] == 6
    done = {row.assignment_id for row in found.rows if row.state == RowState.SUCCEEDED}
    wanted = {loan for loan in ids if desk.status(loan) == (Status.REQUESTED if kind == BatchKind.REQUEST else None)}
    assert done == wanted
    applied = Counter(call["reference"] for call in desk.sandbox.calls("POST") if call["applied"])
    assert max(applied.values()) == 1
    # What failed was in the hands of a process that was killed; FMS never had it, so it can be asked again.
    assert {row.code for row in found.rows if row.state == RowState.FAILED} <= {"absent"}
    assert_promise(desk)


def test_a_row_that_was_refused_just_before_the_crash(desk: Desk, troupe: Troupe) -> None:
    """A refusal that was recorded, but not yet in the row, is taken over into the row."""
    no_id = desk.fleet.add_loan(desk.fleet.add_vehicle(vehicle_id=None), desk.partner, start_day=FIRST_DAY).id
    fine = desk.add_loan()
    batch_id = begin(desk, [no_id, fine])
    case = {"action": "bulk", "batch": batch_id, "step": "first finished"}
    assert troupe.perform(desk, [case]) == [KILLED]
    desk.wait_until_quiet()
    desk.pass_time()
    desk.recover()
    resume(desk)
    row, other = progress(desk, batch_id).rows
    assert (row.state, row.code) == (RowState.FAILED, "no_vehicle_id")
    assert progress(desk, batch_id).is_finished
    assert other.state in (RowState.SUCCEEDED, RowState.FAILED)
    assert_promise(desk)


def test_a_green_loan_deleted_just_before_the_crash(desk: Desk, troupe: Troupe) -> None:
    """A green loan leaves no operation behind; its row is done when the loan is gone."""
    planned = desk.plan()
    batch_id = begin(desk, [planned], BatchKind.DELETE)
    case = {"action": "bulk", "batch": batch_id, "step": "first finished"}
    assert troupe.perform(desk, [case]) == [KILLED]
    assert desk.status(planned) is None
    desk.pass_time()
    resume(desk)
    assert states(desk, batch_id) == [RowState.SUCCEEDED]


def test_two_processes_take_it_up_at_once(desk: Desk, troupe: Troupe) -> None:
    """Of several that find a run abandoned one takes it, and every row is started once."""
    batch_id = begin(desk, desk.add_loans(6))
    desk.pass_time()
    assert troupe.perform(desk, [{"action": "resume"}] * 4) == [DONE] * 4
    assert states(desk, batch_id) == [RowState.SUCCEEDED] * 6
    assert len(desk.sandbox.calls("POST")) == 6
    assert_promise(desk)


def test_begun_by_somebody_who_may_not_any_more(desk: Desk) -> None:
    """A run whose person was deactivated fails row by row, and sends nothing."""
    batch_id = begin(desk, desk.add_loans(2))
    with desk.app.app_context(), writing() as session:
        session.execute(update(User).where(User.id == desk.person.user_id).values(is_active=False))
    desk.pass_time()
    resume(desk)
    rows = progress(desk, batch_id).rows
    assert [(row.state, row.text) for row in rows] == [
        (RowState.FAILED, "Whoever started this run may not sign in any more.")
    ] * 2
    assert desk.sandbox.calls() == []


def test_a_row_that_breaks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that breaks on our side fails its row; the others go on, and recovery settles what was sent."""
    ids = desk.add_loans(3)
    told: Callable[..., Any] = requests._told

    def broken(assignment_id: int, *others: Any) -> Any:
        if assignment_id == ids[1]:
            raise RuntimeError("the disk is full")
        return told(assignment_id, *others)

    monkeypatch.setattr(requests, "_told", broken)
    batch_id = begin(desk, ids)
    run(desk, batch_id)
    assert states(desk, batch_id) == [RowState.SUCCEEDED] * 3
    monkeypatch.setattr(requests, "carry_out", broken)
    other = begin(desk, [desk.add_loan()])
    run(desk, other)
    (row,) = progress(desk, other).rows
    assert (row.state, row.code) == (RowState.UNCERTAIN, "internal")
    desk.settle_everything()
    assert states(desk, other) == [RowState.FAILED]
    assert_promise(desk)


def test_in_the_background(desk: Desk) -> None:
    """A started run goes on when nobody watches, and is the person's own: others find nothing there."""
    batch_id = desk.do(batches.start, BatchKind.REQUEST, desk.add_loans(2))
    wait_for_runs()
    assert states(desk, batch_id) == [RowState.SUCCEEDED] * 2
    with desk.app.app_context(), pytest.raises(NotFound):
        batch(desk.people().actor, batch_id)
    assert_promise(desk)
