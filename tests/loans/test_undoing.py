"""Undoing: through FMS where needed, once, never over somebody else's change, and back to the very beginning."""

import threading
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.promise.desk import FIRST_DAY, Desk
from tests.promise.promise import assert_promise
from tests.queries_counted import queries_of
from tests.rows import OFFICE, Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Role
from webapp.db import writing
from webapp.errors import Forbidden, NotFound, Refusal
from webapp.loans import batches, deeds, moving, queries, requests, service, undoing
from webapp.loans.models import Assignment, BatchKind, BatchRow, Deed, RowState
from webapp.loans.service import Change, LoanWish
from webapp.loans.states import Status

pytestmark = pytest.mark.settings(fms_concurrency=3)
WEEK = timedelta(days=7)


@pytest.fixture
def desk(app: Flask, sandbox: SandboxProcess, people: People, fleet: Fleet) -> Desk:
    """A scheduler whose vehicles and partner FMS knows too, and who may lend them."""
    desk = Desk(app, sandbox, people, fleet)
    for make in sorted({vehicle.make for vehicle in desk.vehicles}):
        fleet.approve_make(desk.partner, make)
    return desk


def steps(desk: Desk) -> tuple[undoing.Step, ...]:
    """What the person is offered to undo."""
    with desk.reading():
        return undoing.steps(desk.actor)


def undo(desk: Desk, step_id: str | None = None) -> BatchRow:
    """Undo a step, by default the newest; its only row."""
    batch_id = claim(desk, step_id)
    with desk.app.app_context():
        batches.run_alone(batch_id)
    (row,) = rows(desk, batch_id)
    return row


def claim(desk: Desk, step_id: str | None = None) -> str:
    """The run that is to undo it, yet to be begun."""
    newest = next(step.step_id for step in steps(desk) if not step.is_undo) if step_id is None else step_id
    return str(desk.do(undoing.claim, newest))


def age(desk: Desk, by: timedelta) -> None:
    """Make every deed so much older."""
    with desk.app.app_context(), writing() as session:
        for deed in session.scalars(select(Deed)):
            deed.done_at -= by


def rows(desk: Desk, batch_id: str) -> list[BatchRow]:
    """The rows of a run."""
    with desk.reading():
        return list(queries.batch(desk.actor, batch_id).rows)


def held(desk: Desk) -> list[int]:
    """The numbers of the requests that FMS holds."""
    return [request["id"] for request in desk.sandbox.requests() if request["status"] == "open"]


def picture(desk: Desk) -> tuple[Any, Any]:
    """Every loan but for its numbers and versions, and what FMS holds."""
    with desk.reading() as session:
        loans = sorted(
            (loan.id, loan.fleet_vehicle_id, loan.person_id, loan.start_day, loan.end_day, loan.status)
            for loan in session.scalars(select(Assignment))
        )
    fms = sorted(
        (one["startDate"], one["endDate"], one["requestsVehicles"][0]["requestsVehicle"]["vehicleId"])
        for one in desk.sandbox.requests()
        if one["status"] == "open"
    )
    return loans, fms


def test_each_deed_is_undone_and_done_again(desk: Desk) -> None:
    """Plan, change, request, unrequest, delete: undone one after the other, through FMS, and redone."""
    loan = desk.plan()
    desk.do(service.change, loan, Change(1, end_day=FIRST_DAY + timedelta(days=9)))
    desk.do(requests.request, loan)
    desk.do(requests.unrequest, loan)
    desk.do(requests.request, loan)
    desk.do(requests.delete, loan)
    assert [step.meaning for step in steps(desk)][:3] == [
        "plans it again; it is requested in FMS again, under a new number",
        "takes it back in FMS",
        "it is requested in FMS again, under a new number",
    ]
    seen = []
    for _ in range(6):
        assert undo(desk).state == RowState.SUCCEEDED
        seen.append((desk.status(loan), len(held(desk))))
    assert seen == [
        (Status.REQUESTED, 1),
        (Status.MANUAL, 0),
        (Status.REQUESTED, 1),
        (Status.MANUAL, 0),
        (Status.MANUAL, 0),
        (None, 0),
    ]
    with desk.reading():
        assert undoing.newest(desk.actor) is None
    for _ in range(6):
        with desk.reading():
            again = undoing.newest(desk.actor, is_undo=True)
        assert again is not None
        assert undo(desk, again.step_id).state == RowState.SUCCEEDED
    assert desk.status(loan) is None
    assert held(desk) == []
    assert_promise(desk)


def test_a_replacement_is_one_step(desk: Desk) -> None:
    """Unrequest, change and request again is undone as one: the old days, requested under a new number."""
    (loan,) = desk.add_requested()
    old = desk.loan(loan)
    desk.do(requests.replace_requested, loan, Change(end_day=FIRST_DAY + timedelta(days=9)))
    (number,) = held(desk)
    assert "under a new number" in steps(desk)[0].meaning
    row = undo(desk)
    now = desk.loan(loan)
    assert now is not None
    assert old is not None
    assert (now.status, now.end_day, row.fms_request_id) == (Status.REQUESTED, old.end_day, now.fms_request_id)
    assert held(desk) != [number]
    assert_promise(desk)


def test_a_deleted_loan_comes_back_as_itself(desk: Desk) -> None:
    """Under its own id, with its history, and with a version that no older form has."""
    loan = desk.plan()
    desk.do(requests.delete, loan, version=1)
    undo(desk)
    there = desk.loan(loan)
    assert there is not None
    assert there.version == 2
    with desk.reading():
        history = [entry.text.split(".")[0].split(" ")[0] for entry in queries.history(desk.actor, loan)]
    assert sorted(history) == ["Deleted", "Planned", "Planned"]


def test_what_somebody_else_changed_stays(desk: Desk) -> None:
    """Who changed it is said, nothing is touched, and FMS is not asked."""
    loan = desk.plan()
    other = desk.people(name="Ben Ames").actor
    with desk.app.app_context():
        service.change(other, loan, Change(end_day=FIRST_DAY + timedelta(days=3)))
    (step,) = steps(desk)
    assert "has been changed since" in step.why_not
    assert "Ben Ames" in step.why_not
    with pytest.raises(Refusal, match="Ben Ames"):
        claim(desk)
    with desk.app.app_context():
        service.remove_green(other, loan)
    with pytest.raises(Refusal, match="Ben Ames: Deleted"):
        claim(desk)
    assert desk.sandbox.calls() == []


def test_changed_between_claiming_and_undoing(desk: Desk) -> None:
    """The version counts when it is done, not only when it was asked; the step can then be looked at again."""
    loan = desk.plan()
    batch_id = claim(desk)
    with desk.app.app_context():
        service.change(desk.people().actor, loan, Change(end_day=FIRST_DAY + timedelta(days=3)))
        batches.run_alone(batch_id)
    (row,) = rows(desk, batch_id)
    assert (row.state, row.code) == (RowState.FAILED, "stale")
    assert [step.why_not != "" for step in steps(desk)] == [True]


def test_never_twice(desk: Desk) -> None:
    """A double click, two tabs: one of them undoes it, the other reads that it is undone."""
    desk.plan()
    (step,) = steps(desk)
    got: list[str] = []

    def press() -> None:
        try:
            got.append(undo(desk, step.step_id).state)
        except Refusal as refusal:
            got.append(refusal.code)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [RowState.SUCCEEDED, "undone", "undone", "undone"]


def test_not_while_fms_is_silent(desk: Desk) -> None:
    """Of a loan of which FMS has not confirmed something nothing is undone, until that is settled."""
    loan = desk.plan()
    desk.do(service.change, loan, Change(1, end_day=FIRST_DAY + timedelta(days=9)))
    desk.sandbox.fault("create", "error_before")
    desk.do(requests.request, loan)
    assert "has not confirmed" in steps(desk)[0].why_not
    with pytest.raises(Refusal, match="has not confirmed"):
        claim(desk)
    desk.settle_everything()
    assert undo(desk).state == RowState.SUCCEEDED
    assert_promise(desk)


def test_fms_refuses_the_undoing(desk: Desk) -> None:
    """The loan stays as it is, with FMS's words, and it can be tried again."""
    (loan,) = desk.add_requested()
    desk.sandbox.fault("delete", "refuse", text="Locked by the garage")
    row = undo(desk)
    assert (row.state, desk.status(loan)) == (RowState.FAILED, Status.REQUESTED)
    assert "Locked by the garage" in row.text
    desk.sandbox.clear()
    assert undo(desk).state == RowState.SUCCEEDED
    assert_promise(desk)


def test_fms_refuses_the_second_half(desk: Desk) -> None:
    """A deleted loan is planned again, green, and says why FMS does not have it."""
    (loan,) = desk.add_requested()
    desk.do(requests.delete, loan)
    desk.sandbox.fault("create", "refuse", text="Too late")
    row = undo(desk)
    assert (row.state, desk.status(loan)) == (RowState.FAILED, Status.MANUAL)
    assert row.text == "It is planned again, and not requested. FMS refused it: Too late"
    assert_promise(desk)


def test_fms_is_silent_while_undoing(desk: Desk) -> None:
    """In doubt it is neither undone nor offered; what recovery finds out settles it, and the deed before it follows."""
    loan = desk.plan()
    desk.do(requests.request, loan)
    for _ in range(3):
        desk.sandbox.fault("delete", "error_before")
    batch_id = claim(desk)
    with desk.app.app_context():
        batches.run_alone(batch_id)
    assert [row.state for row in rows(desk, batch_id)] == [RowState.UNCERTAIN]
    desk.settle_everything()
    assert [row.state for row in rows(desk, batch_id)] == [RowState.SUCCEEDED]
    assert undo(desk, next(step.step_id for step in steps(desk) if not step.is_undo)).state == RowState.SUCCEEDED
    assert desk.status(loan) is None
    assert_promise(desk)


def test_accepted_without_a_number_at_first(desk: Desk) -> None:
    """Once FMS's number is found, the request can be undone, and the planning before it."""
    loan = desk.plan()
    desk.sandbox.fault("create", "no_id")
    desk.do(requests.request, loan)
    assert "has not confirmed" in steps(desk)[0].why_not
    desk.settle_everything()
    assert desk.status(loan) == Status.REQUESTED
    assert [undo(desk).state for _ in range(2)] == [RowState.SUCCEEDED, RowState.SUCCEEDED]
    assert desk.status(loan) is None
    assert_promise(desk)


def test_recovery_is_quicker_than_the_row(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """FMS is silent, and what recovery finds out is written before the row says that it is in doubt: it is settled
    all the same, and the deed before it follows."""
    loan = desk.plan()
    desk.do(requests.request, loan)
    for _ in range(3):
        desk.sandbox.fault("delete", "error_before")
    batch_id, finish = claim(desk), batches._finish_row

    def late(*arguments: Any) -> None:
        desk.settle_everything()
        finish(*arguments)

    monkeypatch.setattr(batches, "_finish_row", late)
    with desk.app.app_context():
        batches.run_alone(batch_id)
    monkeypatch.undo()
    assert [row.state for row in rows(desk, batch_id)] == [RowState.SUCCEEDED]
    assert undo(desk, next(step.step_id for step in steps(desk) if not step.is_undo)).state == RowState.SUCCEEDED
    assert desk.status(loan) is None
    assert_promise(desk)


def test_a_form_that_changed_nothing(desk: Desk) -> None:
    """There is nothing to bring back, and the deed before it can be undone next."""
    loan = desk.plan()
    desk.do(service.change, loan, Change(1))
    assert undo(desk).state == RowState.SUCCEEDED
    assert undo(desk).state == RowState.SUCCEEDED
    assert desk.status(loan) is None


def test_a_bulk_run_is_undone_by_a_run(desk: Desk) -> None:
    """Requested loans are taken back loan by loan; one that somebody else took back meanwhile is told, and left."""
    ids = desk.add_loans(4)
    batch_id = str(desk.do(batches.create, BatchKind.REQUEST, ids))
    with pytest.raises(NotFound):
        claim(desk, batch_id)
    with desk.app.app_context():
        batches.run(batch_id)
    assert steps(desk)[0].title == "Requested 4 loans"
    with desk.app.app_context():
        requests.unrequest(desk.people().actor, ids[1])
    reverse = claim(desk, batch_id)
    with desk.app.app_context():
        batches.run(reverse)
    states = {row.assignment_id: row.state for row in rows(desk, reverse)}
    assert states == {one: RowState.FAILED if one == ids[1] else RowState.SUCCEEDED for one in ids}
    assert held(desk) == []
    assert_promise(desk)


def test_a_list_costs_the_same_for_any_number_of_loans(desk: Desk) -> None:
    """Also where somebody has changed all of them since, and the list says who."""
    counts = []
    for many in (2, 6):
        ids = desk.add_loans(many)
        desk.do(moving_run, ids)
        with desk.app.app_context(), writing() as session:
            session.execute(update(Assignment).values(version=Assignment.version + 1))
        with desk.app.app_context(), queries_of() as statements:
            (newest, *_) = undoing.steps(desk.actor, 1)
        assert "has been changed since" in newest.why_not
        counts.append(len(statements))
    assert counts[0] == counts[1]


def moving_run(actor: Actor, ids: list[int]) -> None:
    """These loans moved by a year, by a run."""
    batches.run(moving.create(actor, ids, 364))


def test_a_chain_is_one_step(desk: Desk) -> None:
    """Loans that were planned together go together."""
    wishes = [
        LoanWish(vehicle.vin, desk.partner.person_id, FIRST_DAY + n * WEEK, FIRST_DAY + (n + 1) * WEEK)
        for n, vehicle in enumerate(desk.vehicles[:3])
    ]
    planned = desk.do(service.plan_all, office=OFFICE, wishes=wishes, chain_id="a chain")
    assert [step.title for step in steps(desk)] == ["Planned 3 loans"]
    batch_id = claim(desk)
    with desk.app.app_context():
        batches.run(batch_id)
    assert [desk.status(one.assignment_id) for one in planned] == [None] * 3


def test_whose_and_how_old(desk: Desk) -> None:
    """Others' deeds are not one's own to undo, auditors undo nothing, and after a day nothing is offered or kept."""
    desk.plan()
    (step,) = steps(desk)
    with desk.app.app_context(), pytest.raises(NotFound):
        undoing.claim(desk.people().actor, step.step_id)
    with desk.app.app_context(), pytest.raises(Forbidden):
        undoing.claim(desk.people(Role.AUDITOR).actor, step.step_id)
    age(desk, deeds.OFFERED)
    assert steps(desk) == ()
    with pytest.raises(Refusal, match="last 24 hours"):
        claim(desk, step.step_id)
    with desk.app.app_context():
        assert deeds.throw_away() == 0
    age(desk, deeds.OFFERED)
    with desk.app.app_context():
        assert deeds.throw_away() == 1


@pytest.mark.parametrize("seed", range(3))
def test_any_deeds_undone_are_the_beginning(desk: Desk, seed: int) -> None:
    """Whatever was done, in bulk or one by one: all of it undone, newest first, is how it was, here and in FMS."""
    dice = Random(seed)
    loans = [*desk.add_loans(3, Status.PLANNED), *desk.add_requested(2)]
    age(desk, deeds.KEPT)
    beginning = picture(desk)
    told: list[object] = []

    def end() -> Any:
        return FIRST_DAY + timedelta(days=dice.choice([2, 3, 4, 7, 8, 9, 10]), weeks=dice.randint(0, 2))

    def undo_newest(*, is_undo: bool = False) -> bool:
        with desk.reading():
            step = undoing.newest(desk.actor, is_undo=is_undo)
        if step is None:
            return False
        batch_id = claim(desk, step.step_id)
        with desk.app.app_context():
            batches.run(batch_id)
        told.append((step.title, [(row.state, row.text) for row in rows(desk, batch_id)]))
        return True

    def bulk() -> None:
        if dice.random() < 0.5:
            batch_id = desk.do(moving.create, loans, dice.choice([-7, 7, 14, 1]), replaces=dice.random() < 0.7)
        else:
            kind = dice.choice([BatchKind.REQUEST, BatchKind.UNREQUEST, BatchKind.DELETE])
            batch_id = desk.do(batches.create, kind, dice.sample(loans, 3))
        with desk.app.app_context():
            batches.run(batch_id)

    acts: dict[str, Callable[[int], object]] = {
        "plan": lambda loan: loans.append(desk.plan()),
        "change": lambda loan: desk.do(service.change, loan, Change(end_day=end())),
        "recolour": lambda loan: desk.do(service.recolour, loan, dice.choice([Status.PLANNED, Status.MANUAL])),
        "replace": lambda loan: desk.do(requests.replace_requested, loan, Change(end_day=end())),
        "request": lambda loan: desk.do(requests.request, loan),
        "unrequest": lambda loan: desk.do(requests.unrequest, loan),
        "delete": lambda loan: desk.do(requests.delete, loan),
        "bulk": lambda loan: bulk(),
        "redo": lambda loan: undo_newest(is_undo=True),
        "undo": lambda loan: undo_newest(),
    }
    for _ in range(18):
        name, loan = dice.choice(sorted(acts)), dice.choice(loans)
        try:
            acts[name](loan)
            told.append((name, loan))
        except (Refusal, IndexError) as refusal:
            told.append((name, loan, str(refusal)))
    while undo_newest():
        pass
    assert picture(desk) == beginning, told
    assert_promise(desk)
