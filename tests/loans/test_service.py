"""Changing, recolouring and deleting loans, on both engines."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.loans.planner import WEEK, Desk
from tests.rows import DAY, OFFICE
from webapp.accounts.actor import Actor
from webapp.db import writing
from webapp.errors import InvalidInput, NotFound
from webapp.fms.ledger import InProgress
from webapp.fms.models import Kind, Operation, State
from webapp.loans import queries, service
from webapp.loans.errors import BrokenRule, Stale, StateForbids
from webapp.loans.queries import Loan
from webapp.loans.service import Change
from webapp.loans.states import LOAN, Status

pytestmark = pytest.mark.usefixtures("november", "context")


def test_a_change_moves_stretches_and_swaps(desk: Desk) -> None:
    """Only what is wished changes; the version grows, so that older pictures are noticed."""
    loan = desk.planned()
    vehicle, partner = desk.fleet.add_vehicle(), desk.fleet.add_partner("Ring Report")
    desk.fleet.approve_make(partner, "Audi")
    service.change(desk.actor, loan.id, Change(1, end_day=date(2026, 12, 5)))
    service.change(desk.actor, loan.id, Change(2, vin=vehicle.vin.lower(), person_id=partner.person_id))
    changed = queries.loan(desk.actor, loan.id)
    assert (changed.start_day, changed.end_day) == (DAY, date(2026, 12, 7))
    assert (changed.vin, changed.partner_name, changed.version) == (vehicle.vin, "Ring Report", 3)
    assert [text.split(" ")[0] for text in desk.history(loan)] == ["Changed", "Changed", "Planned"]
    assert desk.plan().warnings == ()


def test_a_loan_that_should_have_started_can_still_be_stretched(desk: Desk) -> None:
    """Its start stays; moving the start itself into the past is refused."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=date(2026, 11, 16))
    service.change(desk.actor, loan.id, Change(1, end_day=date(2026, 11, 25)))
    with pytest.raises(BrokenRule, match="Tue 11-17-26 is in the past"):
        service.change(desk.actor, loan.id, Change(2, start_day=date(2026, 11, 17)))


def test_a_stale_picture_changes_nothing(desk: Desk) -> None:
    """409 `stale` for a change and for a deletion; without a version nobody asks."""
    loan = desk.planned()
    service.change(desk.actor, loan.id, Change(loan.version, end_day=DAY + 2 * WEEK))
    for act in (
        lambda: service.change(desk.actor, loan.id, Change(loan.version, end_day=DAY + 3 * WEEK)),
        lambda: service.remove_green(desk.actor, loan.id, version=loan.version),
    ):
        with pytest.raises(Stale) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (409, "stale")
        (told,) = refused.value.changes
        assert told.startswith(f"{desk.actor.name}, ")
        assert "It was " in told
    assert queries.loan(desk.actor, loan.id).end_day == DAY + 2 * WEEK


def test_a_refused_change_leaves_the_loan_as_it_was(desk: Desk) -> None:
    """Dates, version and history."""
    loan = desk.planned()
    desk.plan(DAY + WEEK)
    with pytest.raises(BrokenRule, match="held by Coastline Auto 11-30-26 to 12-07-26"):
        service.change(desk.actor, loan.id, Change(end_day=DAY + WEEK + timedelta(days=1)))
    assert queries.loan(desk.actor, loan.id) == loan
    assert len(desk.history(loan)) == 1


def test_a_loan_is_recoloured_between_the_greens_and_deleted(desk: Desk) -> None:
    """The history tells both, and outlives the loan."""
    loan = desk.planned()
    service.recolour(desk.actor, loan.id, Status.PLANNED)
    service.recolour(desk.actor, loan.id, Status.PLANNED)
    planned = queries.loan(desk.actor, loan.id)
    assert (planned.status, planned.green_status, planned.version) == (Status.PLANNED, Status.PLANNED, 2)
    assert desk.history(loan)[0] == "Marked as planned."
    service.remove_green(desk.actor, loan.id, version=2)
    with pytest.raises(NotFound):
        queries.loan(desk.actor, loan.id)
    assert desk.planned().id > loan.id


def test_nobody_plans_or_paints_a_loan_in_fmss_colours(desk: Desk) -> None:
    """Never pre-mark: only FMS's answer makes a bar magenta."""
    loan = desk.planned()
    for status in set(Status) - {Status.PLANNED, Status.MANUAL}:
        with pytest.raises(InvalidInput):
            desk.plan(DAY + WEEK, status=status)
        with pytest.raises(InvalidInput):
            service.recolour(desk.actor, loan.id, status)


FORBIDDEN = {
    Status.REQUESTED: "FMS holds a request for this loan. Unrequest it first, then change it and request it again.",
    Status.ACTIVE: "FMS has approved this loan. It can only be changed in FMS.",
    Status.COMPLETED: "This loan is over.",
    Status.CANCELLED: "FMS has cancelled this loan.",
}


def test_only_green_loans_are_changed_here(desk: Desk) -> None:
    """Changing, recolouring and deleting any other is 409, with the state as code and a sentence."""
    for status, sentence in FORBIDDEN.items():
        loan = desk.fleet.add_loan(desk.fleet.add_vehicle(), desk.partner, status=status)
        for act in acts_on(desk.actor, loan.id):
            with pytest.raises(StateForbids) as refused:
                act()
            assert (refused.value.status, refused.value.code) == (409, status)
            assert refused.value.sentence == sentence
        assert desk.history(queries.loan(desk.actor, loan.id)) == []


@pytest.mark.parametrize("state", [State.SENDING, State.UNCERTAIN])
def test_while_fms_is_asked_nothing_else_happens_to_the_loan(desk: Desk, state: State) -> None:
    """Sending or not confirmed: 409, and it holds its vehicle."""
    loan = desk.planned()
    add_operation(desk, loan, state)
    for act in acts_on(desk.actor, loan.id):
        with pytest.raises(InProgress) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (409, state)
    with pytest.raises(BrokenRule, match="held by Coastline Auto"):
        desk.plan()
    assert queries.loan(desk.actor, loan.id).fms_state.value == state.value


def acts_on(actor: Actor, loan_id: int) -> list[Callable[[], object]]:
    """Everything that this room does to a loan."""
    return [
        lambda: service.change(actor, loan_id, Change(end_day=DAY + 2 * WEEK)),
        lambda: service.recolour(actor, loan_id, Status.PLANNED),
        lambda: service.remove_green(actor, loan_id),
    ]


def add_operation(desk: Desk, loan: Loan, state: State) -> None:
    """What the ledger holds while FMS is asked for `loan`."""
    with writing() as session:
        now = datetime(2026, 11, 19, 18, 0, tzinfo=ZoneInfo("UTC"))
        session.add(
            Operation(
                reference="MP-0000000000000001",
                company_id=desk.actor.company_id,
                office=OFFICE,
                kind=Kind.CREATE,
                state=state,
                subject=LOAN,
                assignment_id=loan.id,
                label="Audi A3",
                requested_by=desk.actor.name,
                created_at=now,
                sent_at=now,
                deadline_at=now,
            )
        )
