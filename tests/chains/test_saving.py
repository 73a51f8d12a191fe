"""Saving a chain: all loans or none, with the end of its draft; and a chain as JSON, saved and requested."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from tests.chains.saved_desk import ChainDesk, week
from tests.chains.saved_desk import desk as desk
from tests.chains.saved_desk import finished as finished
from tests.promise.promise import assert_promise
from tests.rows import OFFICE
from webapp.accounts.permissions import Role
from webapp.chains.asking import Ask, Kind
from webapp.chains.drafting import drafts
from webapp.chains.models import Draft
from webapp.chains.saved import saving
from webapp.db import writing
from webapp.errors import Forbidden, InvalidInput, NotFound
from webapp.loans import service
from webapp.loans.errors import BrokenChain, Stale
from webapp.loans.states import Status


def test_a_draft_becomes_green_loans_with_one_chain_id(desk: ChainDesk) -> None:
    """Picked by a person: `manual`; suggested: `planned`. Draft and soft holds are gone, and FMS heard nothing."""
    draft_id = desk.draft(desk.vehicles[:3], pinned=[2])
    saved = desk.do(saving.save, draft_id, 1)
    loans = desk.loans_of(saved.chain_id)
    assert [(loan.id, loan.vin, loan.start_day, loan.status) for loan in loans] == [
        (saved.assignment_ids[0], desk.vehicles[0].vin, week(0).start_day, Status.PLANNED),
        (saved.assignment_ids[1], desk.vehicles[1].vin, week(1).start_day, Status.MANUAL),
        (saved.assignment_ids[2], desk.vehicles[2].vin, week(2).start_day, Status.PLANNED),
    ]
    assert {loan.person_id for loan in loans} == {desk.partner.person_id}
    assert (desk.drafts(), desk.held()) == ([], [])
    assert desk.sandbox.calls() == []


def test_empty_slots_stay_behind(desk: ChainDesk) -> None:
    """Six of eight placed is six loans; nothing placed is refused with what to do."""
    saved = desk.do(saving.save, desk.draft([None, desk.vehicles[0], None]), 1)
    (loan,) = desk.loans_of(saved.chain_id)
    assert loan.start_day == week(1).start_day
    empty = desk.draft([None, None])
    with pytest.raises(InvalidInput, match="choose a vehicle"):
        desk.do(saving.save, empty, 1)
    assert desk.drafts() == [empty]


def test_a_vehicle_chain(desk: ChainDesk) -> None:
    """One vehicle with a partner for each slot, built by the real drafts: what was picked by hand is `manual`."""
    people = [desk.fleet.add_partner(name, latitude=34.05, longitude=-118.24) for name in ("Ana Alder", "Ben Birch")]
    for person in people:
        desk.fleet.approve_make(person, "Audi")
    vin = desk.vehicles[0].vin
    ask = Ask(Kind.VEHICLE, OFFICE, week(0).start_day, vin=vin, count=2)
    draft_id = desk.do(drafts.create, ask, suggest=False)
    desk.do(drafts.pick, draft_id, 1, 1, people[1].person_id)
    desk.do(drafts.suggest, draft_id, 2)
    saved = desk.do(saving.save, draft_id, 3)
    assert [(loan.vin, loan.partner_name, loan.status) for loan in desk.loans_of(saved.chain_id)] == [
        (vin, "Ben Birch", Status.MANUAL),
        (vin, "Ana Alder", Status.PLANNED),
    ]
    assert (desk.drafts(), desk.held()) == ([], [])


def test_a_vehicle_taken_meanwhile_refuses_the_whole_chain(desk: ChainDesk) -> None:
    """409 with the findings of every loan, by its place in the draft; nothing is saved, and the draft is as it was."""
    draft_id = desk.draft([None, *desk.vehicles[:3]])
    other = desk.fleet.add_partner("Ring Report")
    before = desk.held()
    for number in (1, 3):
        desk.fleet.add_loan(desk.vehicles[number - 1], other, start_day=week(number).start_day)
    with pytest.raises(BrokenChain) as refused:
        desk.do(saving.save, draft_id, 1)
    assert refused.value.status == 409
    assert {place: [one.code for one in found] for place, found in refused.value.findings_by_loan.items()} == {
        1: ["held"],
        3: ["held"],
    }
    assert "Loan 2: " in refused.value.sentence
    assert "Loan 4: " in refused.value.sentence
    assert "held by Ring Report" in refused.value.sentence
    assert desk.loans_of(draft_id) == []
    assert (desk.drafts(), desk.held()) == ([draft_id], before)


def test_an_older_picture_is_noticed(desk: ChainDesk) -> None:
    """Saving what somebody else's tab has changed meanwhile is refused, and nothing is lost."""
    draft_id = desk.draft(desk.vehicles[:1])
    with desk.app.app_context(), writing() as session:
        session.execute(update(Draft).values(version=2))
    with pytest.raises(Stale):
        desk.do(saving.save, draft_id, 1)
    assert desk.drafts() == [draft_id]
    assert desk.do(saving.save, draft_id, 2).assignment_ids


def test_changed_between_reading_and_writing(desk: ChainDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another request changes at the very moment of saving is found under the lock, and nothing is saved."""
    draft_id = desk.draft(desk.vehicles[:1])
    plan_all = service.plan_all

    def overtaken(*arguments: Any, **named: Any) -> Any:
        with writing() as session:
            session.execute(update(Draft).values(version=2))
        return plan_all(*arguments, **named)

    monkeypatch.setattr(service, "plan_all", overtaken)
    with pytest.raises(Stale):
        desk.do(saving.save, draft_id, 1)
    assert desk.ids_of_everything() == []
    assert desk.drafts() == [draft_id]


def test_saving_twice_is_saving_once(desk: ChainDesk) -> None:
    """A request that is sent again leads to the same chain, and begins no second run."""
    draft_id = desk.draft(desk.vehicles[:2])
    first = desk.do(saving.save, draft_id, 1)
    assert desk.do(saving.save, draft_id, 1) == first
    assert desk.do(saving.save_and_request, draft_id, 1) == first
    assert desk.ids_of_everything() == list(first.assignment_ids)
    assert desk.sandbox.calls() == []


def test_two_clicks_at_once_save_once(desk: ChainDesk) -> None:
    """However the two are interleaved, both get the one chain."""
    draft_id = desk.draft(desk.vehicles)
    answers: list[object] = []
    gate = threading.Barrier(2)

    def click() -> None:
        gate.wait()
        answers.append(desk.do(saving.save, draft_id, 1))

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert len(desk.ids_of_everything()) == 4


def test_a_chain_that_continues_another_joins_it(desk: ChainDesk) -> None:
    """The new loans get the chain's id; a second click then finds nothing to save."""
    chain_id, ids = desk.chain(1)
    draft_id = desk.draft([None, desk.vehicles[1]], chain_id=chain_id)
    saved = desk.do(saving.save, draft_id, 1)
    assert saved.chain_id == chain_id
    assert [loan.id for loan in desk.loans_of(chain_id)] == [*ids, *saved.assignment_ids]
    with pytest.raises(NotFound, match="saved, discarded"):
        desk.do(saving.save, draft_id, 1)


def test_only_ones_own_drafts(desk: ChainDesk) -> None:
    """Somebody else's draft is not there; who may not plan is told so."""
    theirs = desk.draft(desk.vehicles[:1], person=desk.people(name="Somebody Else"))
    with pytest.raises(NotFound):
        desk.do(saving.save, theirs, 1)
    desk.person = desk.people(Role.AUDITOR)
    with pytest.raises(Forbidden):
        desk.do(saving.save, theirs, 1)
    assert desk.drafts() == [theirs]


def test_save_and_request_saves_first(desk: ChainDesk, finished: Callable[[str], Any]) -> None:
    """The loans are there when FMS is asked; one refusal by FMS leaves that loan green and the others magenta."""
    desk.sandbox.fault("create", "refuse", text="Vehicle is reserved")
    saved = desk.do(saving.save_and_request, desk.draft(desk.vehicles[:3]), 1)
    assert saved.batch_id
    rows = finished(saved.batch_id).rows
    assert sorted(row.state for row in rows) == ["failed", "succeeded", "succeeded"]
    assert sorted(loan.status for loan in desk.loans_of(saved.chain_id)) == ["planned", "requested", "requested"]
    assert_promise(desk)


def test_nothing_is_sent_where_saving_is_refused(desk: ChainDesk) -> None:
    """Save and request of a chain whose vehicle was taken sends nothing, not even for the loans that would fit."""
    draft_id = desk.draft(desk.vehicles[:2])
    desk.fleet.add_loan(desk.vehicles[1], desk.fleet.add_partner("Ring Report"), start_day=week(1).start_day)
    with pytest.raises(BrokenChain):
        desk.do(saving.save_and_request, draft_id, 1)
    assert desk.sandbox.calls() == []
