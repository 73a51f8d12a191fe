"""Moving several loans: in an order in which they get out of each other's way, through FMS, over every crash."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from tests.promise.desk import FIRST_DAY, Desk
from tests.promise.promise import assert_promise
from tests.promise.troupe import KILLED, Troupe
from tests.rows import Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp.errors import InvalidInput
from webapp.loans import batches, deeds, moving, queries, requests, service, undoing
from webapp.loans.models import BatchRow, RowState
from webapp.loans.moving import Move
from webapp.loans.service import Change
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


@pytest.fixture(scope="module")
def troupe() -> Iterator[Troupe]:
    """Processes that work on runs and may be killed."""
    with Troupe() as running:
        yield running


def row_of_loans(desk: Desk, count: int, status: Status = Status.MANUAL, vehicle: int = 0) -> list[int]:
    """Loans of a week of one vehicle, each handed on to the next; requested ones through FMS."""
    first = FIRST_DAY + 4 * WEEK
    ids = [
        desk.fleet.add_loan(desk.vehicles[vehicle], desk.partner, start_day=first + n * WEEK).id for n in range(count)
    ]
    for one in ids if status == Status.REQUESTED else ():
        desk.do(requests.request, one)
    return ids


def run(desk: Desk, ids: list[int], days: int, *, replaces: bool = False) -> list[BatchRow]:
    """Move them, to the end; the rows by loan."""
    batch_id = str(desk.do(moving.create, ids, days, replaces=replaces))
    with desk.app.app_context():
        batches.run(batch_id)
    return rows(desk, batch_id)


def rows(desk: Desk, batch_id: str) -> list[BatchRow]:
    """The rows of a run, by loan."""
    with desk.reading():
        return sorted(queries.batch(desk.actor, batch_id).rows, key=lambda row: row.assignment_id)


def starts(desk: Desk, ids: list[int]) -> list[date]:
    """The first days of these loans."""
    return [desk.week_of(one) for one in ids]


def preview(desk: Desk, ids: list[int], days: int) -> list[Move]:
    """What would come of each, by loan."""
    with desk.reading():
        return sorted(moving.preview(desk.actor, ids, days), key=lambda move: move.assignment_id)


@pytest.mark.parametrize("days", [7, -7, 14])
def test_loans_that_follow_each_other_do_not_collide(desk: Desk, days: int) -> None:
    """Later ones first when moving later, earlier ones first when moving earlier; and back again in one undoing."""
    ids = [*row_of_loans(desk, 4), *row_of_loans(desk, 3, vehicle=1)]
    before = starts(desk, ids)
    assert [move.refusal for move in preview(desk, ids, days)] == [""] * 7
    found = run(desk, ids, days)
    assert [row.state for row in found] == [RowState.SUCCEEDED] * 7
    assert starts(desk, ids) == [day + timedelta(days=days) for day in before]
    with desk.reading():
        step = undoing.newest(desk.actor)
    assert step is not None
    assert step.title == f"Moved 7 loans {abs(days)} days {'later' if days > 0 else 'earlier'}"
    batch_id = desk.do(undoing.claim, step.step_id)
    with desk.app.app_context():
        batches.run(batch_id)
    assert starts(desk, ids) == before


def test_through_fms_only_where_that_was_said(desk: Desk) -> None:
    """Requested loans are taken back and requested again with `replaces`, and left out of the run without."""
    green, requested = row_of_loans(desk, 2), row_of_loans(desk, 3, Status.REQUESTED, vehicle=1)
    assert [row.assignment_id for row in run(desk, [*green, *requested], 7)] == green
    old = {request["id"] for request in desk.sandbox.requests()}
    found = run(desk, requested, 7, replaces=True)
    assert [(row.state, row.created_in_fms) for row in found] == [(RowState.SUCCEEDED, True)] * 3
    now = {request["id"] for request in desk.sandbox.requests() if request["status"] == "open"}
    assert now == {row.fms_request_id for row in found}
    assert now.isdisjoint(old)
    assert starts(desk, requested) == [FIRST_DAY + 5 * WEEK + n * WEEK for n in range(3)]
    assert_promise(desk)


def test_what_is_in_the_way_is_said_before_and_after(desk: Desk) -> None:
    """The loan that runs into a held vehicle stays, with the holder and where to see it; the others move."""
    ids, other = row_of_loans(desk, 2), desk.fleet.add_partner("Ana García")
    desk.fleet.add_loan(desk.vehicles[0], other, start_day=FIRST_DAY + 6 * WEEK)
    (free,) = row_of_loans(desk, 1, vehicle=1)
    before = starts(desk, [*ids, free])
    moves = preview(desk, [*ids, free], 7)
    assert ["Ana García" in move.refusal for move in moves] == [False, True, False]
    found = run(desk, [*ids, free], 7)
    assert [row.state for row in found] == [RowState.FAILED, RowState.FAILED, RowState.SUCCEEDED]
    assert "Ana García" in found[1].text
    assert [bool(move.refusal) for move in moves] == [row.state == RowState.FAILED for row in found]
    assert moves[1].link is not None
    assert starts(desk, [*ids, free]) == [before[0], before[1], before[2] + WEEK]


def test_weekends_are_those_of_every_loan(desk: Desk) -> None:
    """An end that falls on a weekend becomes Monday; a start on a weekend is refused."""
    (loan,) = row_of_loans(desk, 1)
    (moved,) = preview(desk, [loan], 4)
    assert moved.then is not None
    assert (moved.then.start_day.weekday(), moved.then.end_day.weekday()) == (4, 4)
    (refused,) = preview(desk, [loan], 5)
    assert "is a weekend" in refused.refusal
    desk.do(service.change, loan, Change(end_day=FIRST_DAY + 5 * WEEK - timedelta(days=3)))
    (longer,) = run(desk, [loan], 1)
    assert longer.state == RowState.SUCCEEDED
    now = desk.loan(loan)
    assert now is not None
    assert (now.start_day.weekday(), now.end_day.weekday()) == (1, 0)


def test_seen_in_an_older_picture(desk: Desk) -> None:
    """A loan that somebody changed after the preview is left, and who it was is said."""
    (loan,) = row_of_loans(desk, 1)
    (seen,) = preview(desk, [loan], 7)
    with desk.app.app_context():
        service.change(desk.people(name="Ben Ames").actor, loan, Change(end_day=FIRST_DAY + 5 * WEEK + timedelta(1)))
    batch_id = str(desk.do(moving.create, [loan], 7, versions={loan: seen.version}))
    with desk.app.app_context():
        batches.run(batch_id)
    (row,) = rows(desk, batch_id)
    assert (row.state, row.code) == (RowState.FAILED, "stale")
    assert "Ben Ames" in row.text


def test_what_cannot_be_moved(desk: Desk) -> None:
    """No days, too many days, nothing chosen, nothing left: refused as a whole; approved loans one by one."""
    loan = desk.add_loan(Status.ACTIVE)
    for ids, days in (([loan], 0), ([loan], 367), ([], 7), ([999_999], 7)):
        with pytest.raises(InvalidInput):
            desk.do(moving.create, ids, days)
    assert [move.refusal for move in preview(desk, [loan, 999_999], 7)] == [
        "FMS has approved this loan. It can only be changed in FMS.",
        "This loan does not exist any more, or you may not see it.",
    ]
    assert [row.code for row in run(desk, [loan], 7)] == [Status.ACTIVE]


@pytest.mark.parametrize(
    "step", ["third claimed", "third call", "third finished", "sent, unanswered", "answered", "taken back", "changed"]
)
def test_killed_in_the_middle(desk: Desk, troupe: Troupe, step: str) -> None:
    """Whenever it is killed, and whoever takes it up: every loan is moved once, and FMS has each request once."""
    ids = [*row_of_loans(desk, 3, Status.REQUESTED), *row_of_loans(desk, 3, vehicle=1)]
    before = starts(desk, ids)
    batch_id = str(desk.do(moving.create, ids, 7, replaces=True))
    assert troupe.perform(desk, [{"action": "bulk", "batch": batch_id, "step": step}]) == [KILLED]
    desk.wait_until_quiet()
    desk.pass_time()
    troupe.perform(desk, [{"action": "resume", "step": "first finished"}, {"action": "resume"}])
    for _ in range(3):
        desk.wait_until_quiet()
        desk.pass_time()
        desk.recover()
        with desk.app.app_context():
            batches.resume()
    desk.settle_everything()
    found = rows(desk, batch_id)
    with desk.reading() as session:
        assert queries.batch(desk.actor, batch_id).is_finished
        moved = [sum(deed.kind == "changed" for deed in deeds.of_step(session, batch_id, one)) for one in ids]
    shifts = [now - then for now, then in zip(starts(desk, ids), before, strict=True)]
    assert moved == [shift.days // 7 for shift in shifts]
    for row, shift in zip(found, shifts, strict=True):
        assert shift == WEEK or row.state == RowState.FAILED, (row.label, row.text)
    # What FMS was being asked when the process died is settled as not done, and is said; nothing else stays behind.
    assert sum(row.state == RowState.FAILED for row in found) <= 2
    assert {row.code for row in found if row.state == RowState.FAILED} <= {"absent", "held"}
    assert_promise(desk)
