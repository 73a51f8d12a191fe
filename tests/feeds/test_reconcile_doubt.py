"""Reconciliation where something is amiss: never activated, changed hands, called off, uncertain, replaced runs."""

import time
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.feeds.reconciled import NOTHING, WEEK, entries, move, run, stored, take_away
from tests.feeds.reconciled import november as november
from tests.queries_counted import queries_of
from tests.rows import CREATED_AT, DAY, Fleet
from webapp.db import close_reading, db, writing
from webapp.feeds.reconcile import Reconciled, reconcile, reconcile_after
from webapp.feeds.service import ImportStopped, Outcome
from webapp.fleet.models import Activity
from webapp.fms.models import Kind, Operation, State
from webapp.fms.outcomes import Fate
from webapp.loans.models import Assignment
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("november", "context")


def add_operation(loan: Assignment, kind: Kind, state: State, **columns: Any) -> int:
    """Something asked of FMS for the loan."""
    with writing() as session:
        operation = Operation(
            **{
                "reference": f"MP-{loan.id:016x}",
                "company_id": loan.company_id,
                "office": loan.office,
                "kind": kind,
                "state": state,
                "subject": "loan",
                "assignment_id": loan.id,
                "label": "a loan",
                "purpose": str(loan.fleet_vehicle_id),
                "requested_by": "Person 1",
                "created_at": CREATED_AT,
                "sent_at": CREATED_AT,
                "deadline_at": CREATED_AT,
                **columns,
            }
        )
        session.add(operation)
        session.flush()
        return operation.id


def test_a_request_that_fms_never_activated_is_flagged_until_it_is(fleet: Fleet) -> None:
    """Its start has passed: flagged with an entry; its activity comes late: blue, and nothing stands out."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    start = date(2026, 11, 18)
    loan = fleet.add_loan(vehicle, partner, start_day=start, status=Status.REQUESTED)
    other = fleet.add_loan(fleet.add_vehicle(), partner, start_day=start + timedelta(1), status=Status.REQUESTED)
    after = run(loan)
    assert (after.status, after.flag) == (Status.REQUESTED, "never_activated")
    assert entries(loan) == [
        (
            "FMS",
            "FMS never activated this: it should have started on 11-18-26, and FMS's calendar does not have it.",
        )
    ]
    assert entries(other) == []
    fleet.add_activity(vehicle, partner, start_day=start + timedelta(2))
    after = run(loan)
    assert (after.status, after.flag) == (Status.ACTIVE, "")


def test_an_activity_with_another_vehicle_is_shown_not_guessed(fleet: Fleet) -> None:
    """The partner's days with another VIN: the request is flagged, and names the other vehicle."""
    vehicle, swapped, partner = fleet.add_vehicle(), fleet.add_vehicle("WAUZZZ8V0KB777777"), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status=Status.REQUESTED)
    activity = fleet.add_activity(swapped, partner)
    after = run(loan)
    assert (after.status, after.flag, after.activity_id) == (Status.REQUESTED, "vehicle_changed", None)
    assert "…KB777777" in entries(loan)[0][1]
    take_away(activity)
    assert run(loan).flag == ""


def test_a_linked_activity_that_changes_hands_is_flagged(fleet: Fleet) -> None:
    """FMS swapped the vehicle, then gave it to somebody else, then put it right."""
    vehicle, swapped, partner = fleet.add_vehicle(), fleet.add_vehicle(), fleet.add_partner()
    activity = fleet.add_activity(vehicle, partner)
    loan = fleet.add_loan(vehicle, partner, status=Status.ACTIVE, activity_id=activity.activity_id)
    move(activity, vin=swapped.vin)
    assert run(loan).flag == "vehicle_changed"
    move(activity, vin=vehicle.vin, person_id=None)
    assert run(loan).flag == "partner_changed"
    move(activity, person_id=partner.person_id)
    assert run(loan).flag == ""
    assert entries(loan)[-1] == ("FMS", "FMS's calendar agrees with this loan again.")


def test_an_approved_loan_that_leaves_the_calendar_was_called_off(fleet: Fleet) -> None:
    """Cancelled with the reason; back in the calendar it is blue again."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    activity = fleet.add_activity(vehicle, partner)
    loan = fleet.add_loan(vehicle, partner, status=Status.ACTIVE, activity_id=activity.activity_id)
    take_away(activity)
    assert reconcile(loan.company_id, is_history_known=False) == NOTHING
    after = run(loan)
    assert (after.status, after.reason) == (Status.CANCELLED, "FMS removed it from its calendar.")
    assert entries(loan) == [("FMS", "Cancelled. FMS removed it from its calendar.")]
    move(activity, gone_at=None)
    after = run(loan)
    assert (after.status, after.reason) == (Status.ACTIVE, "")


def test_a_loan_that_fms_wrote_anew_keeps_its_bar(fleet: Fleet) -> None:
    """Deleted and made again by FMS's staff: the same loan under a new number."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    activity = fleet.add_activity(vehicle, partner)
    loan = fleet.add_loan(vehicle, partner, status=Status.ACTIVE, activity_id=activity.activity_id)
    take_away(activity)
    anew = fleet.add_activity(vehicle, partner)
    after = run(loan)
    assert (after.status, after.activity_id) == (Status.ACTIVE, anew.activity_id)


def test_a_loan_that_leaves_the_calendar_on_its_last_day_is_over(fleet: Fleet) -> None:
    """FMS's day may be a little ahead of ours."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    end = date(2026, 11, 19)
    loan = fleet.add_loan(vehicle, partner, start_day=end - WEEK, end_day=end, status=Status.ACTIVE, activity_id=99)
    assert run(loan).status == Status.COMPLETED


@pytest.mark.parametrize("status", [Status.MANUAL, Status.REQUESTED])
def test_an_uncertain_request_is_settled_by_its_activity(fleet: Fleet, status: Status) -> None:
    """FMS never answered, or sent no number; the calendar proves it: one go, and ledger and loan agree."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status=status)
    operation_id = add_operation(loan, Kind.CREATE, State.UNCERTAIN)
    activity = fleet.add_activity(vehicle, partner)
    assert reconcile(loan.company_id) == Reconciled(changed=1, proven=1)
    operation = db.session.get_one(Operation, operation_id)
    assert (operation.state, operation.code, operation.fms_request_id) == (State.SUCCEEDED, Fate.APPROVED, None)
    after = stored(loan)
    assert (after.status, after.activity_id) == (Status.ACTIVE, activity.activity_id)
    assert [who for who, _ in entries(loan)] == ["Motorpool", "FMS"]
    assert reconcile(loan.company_id) == NOTHING


@pytest.mark.parametrize(
    ("kind", "state"), [(Kind.CREATE, State.SENDING), (Kind.DELETE, State.UNCERTAIN), (Kind.DELETE, State.SENDING)]
)
def test_a_loan_with_something_under_way_is_left_alone(fleet: Fleet, kind: Kind, state: State) -> None:
    """FMS's answer decides; nobody else takes its activity meanwhile."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status=Status.REQUESTED, fms_request_id=7)
    add_operation(loan, kind, state, fms_request_id=7)
    other = fleet.add_loan(vehicle, partner, start_day=DAY + WEEK, status=Status.REQUESTED)
    fleet.add_activity(vehicle, partner, end_day=DAY + WEEK + timedelta(1))
    assert run(loan, changed=0).version == 1
    assert stored(other).version == 1


@pytest.mark.parametrize(
    ("activity_feed", "history_feed", "status"),
    [
        ("refused", "applied", Status.ACTIVE),
        ("failed", "applied", Status.ACTIVE),
        ("applied", "failed", Status.ACTIVE),
        ("unchanged", "unchanged", Status.CANCELLED),
    ],
)
def test_only_good_feeds_say_anything(fleet: Fleet, activity_feed: Any, history_feed: Any, status: Status) -> None:
    """A loan that left the calendar is called off only if calendar and history are both of this run."""
    loan = fleet.add_loan(fleet.add_vehicle(), fleet.add_partner(), status=Status.ACTIVE, activity_id=99)
    close_reading()
    outcomes = [
        Outcome(name, how, CREATED_AT, CREATED_AT, 0)
        for name, how in (("current_activity", activity_feed), ("loan_history", history_feed))
    ]
    reconcile_after(loan.company_id, outcomes, lambda session: None)
    assert stored(loan).status == status


def test_a_runner_that_was_replaced_writes_nothing(fleet: Fleet) -> None:
    """Its lease is somebody else's now: what it decided is not written."""
    loan = fleet.add_loan(fleet.add_vehicle(), fleet.add_partner(), status=Status.ACTIVE, activity_id=99)

    def replaced(session: Session) -> None:
        raise ImportStopped

    with pytest.raises(ImportStopped):
        reconcile(loan.company_id, confirm=replaced)
    assert stored(loan).version == 1


def test_another_company_is_another_matter(fleet: Fleet) -> None:
    """Its activities are nobody's here."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status=Status.REQUESTED)
    assert reconcile(loan.company_id + 1) == NOTHING
    assert stored(loan).version == 1


def test_a_full_house_is_reconciled_in_a_moment(fleet: Fleet) -> None:
    """1,500 loans beside 1,122 activities: a handful of queries and, unchanged, well under half a second."""
    partner = fleet.add_partner()
    vehicles = fleet.add_vehicles(500)
    with writing() as session:
        for number, vehicle in enumerate(vehicles):
            for week in range(3):
                start = DAY + WEEK * week
                session.add(
                    Assignment(
                        company_id=vehicle.company_id,
                        fleet_vehicle_id=vehicle.id,
                        person_id=partner.person_id,
                        partner_name=partner.name,
                        office=vehicle.office,
                        start_day=start,
                        end_day=start + WEEK,
                        status=Status.REQUESTED,
                        green_status=Status.MANUAL,
                        created_at=CREATED_AT,
                        updated_at=CREATED_AT,
                    )
                )
                if number * 3 + week < 1122:
                    session.add(
                        Activity(
                            company_id=vehicle.company_id,
                            activity_id=1000 + number * 3 + week,
                            person_id=partner.person_id,
                            vin=vehicle.vin,
                            activity_type="Loan",
                            start_day=start,
                            end_day=start + WEEK,
                            to=partner.name,
                            partner_address="",
                            region="",
                        )
                    )
    company_id = vehicles[0].company_id
    assert reconcile(company_id).changed == 1122
    began = time.perf_counter()
    with queries_of() as queries:
        assert reconcile(company_id) == NOTHING
    # Ten times what it takes on an idle machine.
    assert time.perf_counter() - began < 1.5
    assert len(queries) < 10
