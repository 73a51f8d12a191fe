"""Writing what FMS decided: refusals heard by look-up, races with people, and answers that come after the calendar."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.known_to_fms import add_loans
from tests.rows import Fleet, People, Person
from tests.sandbox_process import SandboxProcess
from webapp.db import close_reading, db, writing
from webapp.feeds.reconcile import reconcile
from webapp.fleet.models import Vehicle
from webapp.fms.client import FmsClient
from webapp.fms.exchange import finish
from webapp.fms.models import Operation, State
from webapp.fms.outcomes import Fate, Outcome
from webapp.fms.recovery import recover
from webapp.fms.schemas import Found
from webapp.loans import requests, service
from webapp.loans.models import Assignment, LoanEvent
from webapp.loans.periods import Period
from webapp.loans.reconciled import called_off
from webapp.loans.reconciling import hear_refusals, write
from webapp.loans.states import Status

pytestmark = [pytest.mark.usefixtures("november", "context"), pytest.mark.settings(fms_settle_seconds=0)]


# A Monday after everything that the stand-in FMS has planned by itself.
FREE_DAY = date(2028, 6, 5)


@pytest.fixture
def scheduler(people: People) -> Person:
    return people()


def stored(loan: Assignment) -> Assignment:
    """The loan as it is in the database now."""
    close_reading()
    found = db.session.get_one(Assignment, loan.id, populate_existing=True)
    db.session.expunge(found)
    close_reading()
    return found


def latest_entry(loan: Assignment) -> tuple[str, str]:
    row = db.session.execute(
        select(LoanEvent.actor_name, LoanEvent.text)
        .where(LoanEvent.assignment_id == loan.id)
        .order_by(LoanEvent.id.desc())
    ).first()
    close_reading()
    assert row is not None
    return row[0], row[1]


def operation_of(loan: Assignment) -> Operation:
    found = db.session.scalars(select(Operation).where(Operation.assignment_id == loan.id)).one()
    db.session.expunge(found)
    close_reading()
    return found


def gets(sandbox: SandboxProcess) -> int:
    """How often FMS was asked for its list."""
    return len(sandbox.calls("GET"))


@pytest.mark.parametrize("mode", ["on", "paged", "bare"])
def test_refused_and_cancelled_requests_free_their_vehicles(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess, mode: str
) -> None:
    """Both are cancelled with FMS's reason; the open one stays; hearing it again changes nothing."""
    sandbox.lookup(mode)
    refused, called, waiting = add_loans(sandbox, fleet, 3, start_day=FREE_DAY)
    numbers = {
        loan.id: requests.request(scheduler.actor, loan.id).fms_request_id for loan in (refused, called, waiting)
    }
    sandbox.refuse(numbers[refused.id] or 0, "Vehicle is reserved for an event")
    sandbox.cancel(numbers[called.id] or 0)
    assert hear_refusals() == 2
    reason = f"FMS refused request #{numbers[refused.id]}: Vehicle is reserved for an event."
    assert (stored(refused).status, stored(refused).reason) == (Status.CANCELLED, reason)
    assert latest_entry(refused) == ("FMS", f"Cancelled. {reason}")
    assert stored(called).reason == f"FMS cancelled request #{numbers[called.id]}."
    assert stored(waiting).status == Status.REQUESTED
    assert hear_refusals() == 0
    again = service.plan(
        scheduler.actor,
        vin=_vehicle(refused).vin,
        person_id=refused.person_id,
        office=refused.office,
        start_day=refused.start_day,
        end_day=refused.end_day,
    )
    assert again.assignment_id != refused.id


def _vehicle(loan: Assignment) -> Vehicle:
    found = db.session.get_one(Vehicle, loan.fleet_vehicle_id)
    db.session.expunge(found)
    close_reading()
    return found


@pytest.mark.parametrize("mode", ["off", "html"])
def test_where_the_look_up_does_not_work_nothing_is_concluded(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess, mode: str
) -> None:
    """The loan stays magenta."""
    sandbox.lookup(mode)
    (loan,) = add_loans(sandbox, fleet, 1, start_day=FREE_DAY)
    number = requests.request(scheduler.actor, loan.id).fms_request_id
    sandbox.refuse(number or 0, "No")
    assert hear_refusals() == 0
    assert stored(loan).status == Status.REQUESTED


def test_fms_is_not_asked_when_nothing_is_requested(fleet: Fleet, sandbox: SandboxProcess) -> None:
    """A calendar of green loans costs no call."""
    add_loans(sandbox, fleet, 1, start_day=FREE_DAY)
    assert hear_refusals() == 0
    assert gets(sandbox) == 0


def test_a_number_that_is_another_loan_s_cancels_nothing(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess
) -> None:
    """Somebody entered a wrong number by hand; FMS refused that request, whose reference is not ours."""
    first, second = add_loans(sandbox, fleet, 2, start_day=FREE_DAY)
    number = requests.request(scheduler.actor, first.id).fms_request_id
    sandbox.refuse(number or 0, "No")
    with writing() as session:
        wrong = session.get_one(Assignment, second.id)
        wrong.status, wrong.fms_request_id = Status.REQUESTED, number
    assert hear_refusals() == 1
    assert stored(second).status == Status.REQUESTED


def test_the_reason_of_a_loan_that_left_the_calendar_comes_from_the_look_up(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess
) -> None:
    """FMS cancels an approved loan: its words are kept, not only that the activity is gone."""
    (loan,) = add_loans(sandbox, fleet, 1, start_day=FREE_DAY)
    number = requests.request(scheduler.actor, loan.id).fms_request_id
    with writing() as session:
        row = session.get_one(Assignment, loan.id)
        row.status, row.activity_id = Status.ACTIVE, 990_001
    sandbox.cancel(number or 0, "Recalled by the maker")
    reconcile(loan.company_id)
    assert stored(loan).status == Status.CANCELLED
    assert stored(loan).reason == f"FMS cancelled request #{number}: Recalled by the maker."


def test_a_loan_that_changed_meanwhile_is_left_to_the_next_run(fleet: Fleet, scheduler: Person) -> None:
    """Decided from an older picture: not written, and no entry."""
    loan = fleet.add_loan(fleet.add_vehicle(), fleet.add_partner(), status=Status.REQUESTED)
    period = Period(loan.start_day, loan.end_day)
    assert write([called_off(loan.id, 0, period, None, "No.")]) == 0
    assert stored(loan).status == Status.REQUESTED
    assert write([called_off(loan.id, 1, period, None, "No.")]) == 1


def test_a_loan_requested_anew_while_fms_is_asked_is_not_cancelled(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FMS's list has the old request as refused; meanwhile somebody took it back and asked again: FMS holds that."""
    (loan,) = add_loans(sandbox, fleet, 1, start_day=FREE_DAY)
    old = requests.request(scheduler.actor, loan.id).fms_request_id
    sandbox.refuse(old or 0, "No")
    ask = FmsClient.look_up

    def ask_slowly(client: FmsClient) -> list[Found] | None:
        found = ask(client)
        requests.unrequest(scheduler.actor, loan.id)
        requests.request(scheduler.actor, loan.id)
        return found

    monkeypatch.setattr(FmsClient, "look_up", ask_slowly)
    assert hear_refusals() == 0
    assert stored(loan).status == Status.REQUESTED
    assert stored(loan).fms_request_id not in (None, old)


def test_a_loan_being_unrequested_right_now_is_left_alone(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess
) -> None:
    """FMS does not confirm the removal: what was decided before it is not written over it."""
    (loan,) = add_loans(sandbox, fleet, 1, start_day=FREE_DAY)
    requests.request(scheduler.actor, loan.id)
    version = stored(loan).version
    sandbox.fault("delete", "error_before", times=None)
    requests.unrequest(scheduler.actor, loan.id)
    step = called_off(loan.id, version, Period(loan.start_day, loan.end_day), None, "No.")
    assert write([step]) == 0


def test_an_answer_that_comes_after_the_calendar_only_tells_the_number(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess
) -> None:
    """The activity proved the request; its lost answer arrives: the loan stays blue, and nothing is removed in FMS."""
    loan = _approved_without_an_answer(fleet, scheduler, sandbox)
    operation = operation_of(loan)
    assert (operation.state, operation.code) == (State.SUCCEEDED, Fate.APPROVED)
    (request,) = sandbox.requests()
    ended = finish(operation.id, Outcome(Fate.ACCEPTED, "Requested in FMS", request["id"]))
    assert (ended.state, ended.fms_request_id) == (State.SUCCEEDED, request["id"])
    assert (stored(loan).status, stored(loan).fms_request_id) == (Status.ACTIVE, request["id"])
    recover()
    assert len(db.session.scalars(select(Operation)).all()) == 1
    assert sandbox.calls("DELETE") == []
    close_reading()


def test_a_failure_that_comes_after_the_calendar_changes_nothing(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess
) -> None:
    """FMS has the loan, whatever a late answer says."""
    loan = _approved_without_an_answer(fleet, scheduler, sandbox)
    finish(operation_of(loan).id, Outcome(Fate.REFUSED, "FMS refused it: too late"))
    assert stored(loan).status == Status.ACTIVE
    assert operation_of(loan).code == Fate.APPROVED


def test_a_request_open_for_a_month_can_still_be_settled(
    fleet: Fleet, scheduler: Person, sandbox: SandboxProcess
) -> None:
    """The time it took is longer than the column is wide; that is no reason to stay amber for ever."""
    sandbox.lookup("off")
    (loan,) = add_loans(sandbox, fleet, 1, start_day=FREE_DAY)
    sandbox.fault("create", "error_after")
    requests.request(scheduler.actor, loan.id)
    operation = operation_of(loan)
    with writing() as session:
        old = session.get_one(Operation, operation.id)
        old.created_at -= timedelta(days=40)
    assert finish(operation.id, Outcome(Fate.APPROVED, "FMS approved it")).state == State.SUCCEEDED


def _approved_without_an_answer(fleet: Fleet, scheduler: Person, sandbox: SandboxProcess) -> Assignment:
    """A loan whose request's answer was lost, and whose activity came with the feed."""
    sandbox.lookup("off")
    (loan,) = add_loans(sandbox, fleet, 1, start_day=FREE_DAY)
    sandbox.fault("create", "error_after")
    assert requests.request(scheduler.actor, loan.id).how is requests.How.UNCERTAIN
    fleet.add_activity(
        _vehicle(loan),
        None,
        person_id=loan.person_id,
        start_day=loan.start_day + timedelta(1),
        end_day=loan.end_day,
    )
    assert reconcile(loan.company_id).proven == 1
    assert stored(loan).status == Status.ACTIVE
    sandbox.lookup("on")
    return loan
