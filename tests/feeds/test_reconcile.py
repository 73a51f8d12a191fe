"""Reconciliation over the database: what FMS's calendar makes of loans, on both engines, once and for all."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from tests.feeds.reconciled import WEEK, entries, move, run, take_away
from tests.feeds.reconciled import november as november
from tests.rows import DAY, Fleet
from webapp.accounts.models import Location
from webapp.db import writing
from webapp.fleet.models import LoanHistory
from webapp.loans.models import Assignment
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("november", "context")


def add_history(loan: Assignment, vin: str, activity_id: int, start_day: date, end_day: date) -> None:
    """A loan that FMS counts as over."""
    with writing() as session:
        session.add(
            LoanHistory(
                company_id=loan.company_id,
                activity_id=activity_id,
                vin=vin,
                person_id=loan.person_id,
                make="Audi",
                model="A3",
                model_short_name="A3",
                start_day=start_day,
                end_day=end_day,
                office=loan.office,
                name=loan.partner_name,
                partner_address="",
                region="",
            )
        )


def test_an_approved_request_is_blue_under_fms_dates(fleet: Fleet) -> None:
    """Linked, with FMS's dates, and an entry by FMS that says what changed."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status=Status.REQUESTED, fms_request_id=4372)
    activity = fleet.add_activity(vehicle, partner, start_day=DAY + timedelta(1), end_day=DAY + timedelta(9))
    after = run(loan)
    assert (after.status, after.activity_id) == (Status.ACTIVE, activity.activity_id)
    assert (after.start_day, after.end_day) == (activity.start_day, activity.end_day)
    assert (after.fms_request_id, after.version) == (4372, 2)
    number = activity.activity_id
    assert entries(loan) == [
        (
            "FMS",
            f"FMS approved this loan (activity {number}). "
            "FMS changed the dates: 11-23-26 to 11-30-26 became 11-24-26 to 12-02-26.",
        )
    ]


def test_a_green_loan_is_never_coloured_by_a_feed(fleet: Fleet) -> None:
    """The same vehicle, person and days: a plan of ours stays a plan."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status=Status.PLANNED)
    fleet.add_activity(vehicle, partner)
    assert run(loan, changed=0).version == 1
    assert entries(loan) == []


def test_one_activity_of_one_day_occupies_that_day(fleet: Fleet) -> None:
    """FMS writes the same day twice; the loan takes that day."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    loan = fleet.add_loan(vehicle, partner, status=Status.REQUESTED)
    fleet.add_activity(vehicle, partner, start_day=DAY + timedelta(2), end_day=DAY + timedelta(2))
    after = run(loan)
    assert (after.start_day, after.end_day) == (DAY + timedelta(2), DAY + timedelta(3))


def test_what_another_loan_stands_for_is_not_taken_again(fleet: Fleet) -> None:
    """One activity, two loans: it stays with the one it is linked with, be that one active or over."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    for status in (Status.ACTIVE, Status.COMPLETED):
        activity = fleet.add_activity(vehicle, partner, start_day=DAY + WEEK * 4)
        fleet.add_loan(vehicle, partner, start_day=activity.start_day, status=status, activity_id=activity.activity_id)
    loan = fleet.add_loan(vehicle, partner, start_day=DAY + WEEK * 4, status=Status.REQUESTED)
    assert run(loan, changed=0).status == Status.REQUESTED


def test_dates_of_an_active_loan_follow_fms_even_over_a_plan_of_ours(fleet: Fleet) -> None:
    """Moved, and lying over a green loan of the same vehicle: shown as it is, with an entry."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    activity = fleet.add_activity(vehicle, partner)
    loan = fleet.add_loan(vehicle, partner, status=Status.ACTIVE, activity_id=activity.activity_id)
    fleet.add_loan(vehicle, partner, start_day=DAY + WEEK)
    move(activity, end_day=DAY + timedelta(10))
    assert run(loan).end_day == DAY + timedelta(10)
    assert entries(loan) == [("FMS", "FMS changed the dates: 11-23-26 to 11-30-26 became 11-23-26 to 12-03-26.")]


@pytest.mark.parametrize(("days_ago", "status"), [(1, Status.COMPLETED), (0, Status.ACTIVE)])
def test_a_loan_is_over_the_day_after_its_end(fleet: Fleet, days_ago: int, status: Status) -> None:
    """On its last day the vehicle is still out; today is the office's day."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    end = date(2026, 11, 19) - timedelta(days_ago)
    activity = fleet.add_activity(vehicle, partner, start_day=end - WEEK, end_day=end)
    loan = fleet.add_loan(
        vehicle,
        partner,
        start_day=end - WEEK,
        end_day=end,
        status=Status.ACTIVE,
        activity_id=activity.activity_id,
    )
    assert run(loan, changed=int(status == Status.COMPLETED)).status == status


def test_the_day_is_the_office_s(fleet: Fleet) -> None:
    """It is the 19th in Los Angeles and already the 20th in Auckland."""
    vehicle, partner = fleet.add_vehicle(office="Auckland"), fleet.add_partner()
    end = date(2026, 11, 19)
    loan = fleet.add_loan(vehicle, partner, start_day=end, end_day=end + WEEK, status=Status.REQUESTED)
    assert run(loan, changed=0).flag == ""
    with writing() as session:
        session.execute(update(Location).where(Location.name == "Auckland").values(timezone="Pacific/Auckland"))
    assert run(loan).flag == "never_activated"


def test_what_went_into_history_is_over(fleet: Fleet) -> None:
    """With the dates of the history: it came back early."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    start = date(2026, 11, 12)
    activity = fleet.add_activity(vehicle, partner, start_day=start, end_day=start + WEEK * 2)
    loan = fleet.add_loan(
        vehicle,
        partner,
        start_day=start,
        end_day=start + WEEK * 2,
        status=Status.ACTIVE,
        activity_id=activity.activity_id,
    )
    take_away(activity)
    add_history(loan, vehicle.vin, activity.activity_id, start, date(2026, 11, 18))
    after = run(loan)
    assert (after.status, after.end_day) == (Status.COMPLETED, date(2026, 11, 18))
    assert entries(loan) == [
        ("FMS", "The loan is over. FMS changed the dates: 11-12-26 to 11-26-26 became 11-12-26 to 11-18-26.")
    ]


def test_a_request_that_was_approved_and_over_while_nobody_looked(fleet: Fleet) -> None:
    """Found in the history alone, it is over, and not called never activated."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    start = date(2026, 11, 2)
    loan = fleet.add_loan(vehicle, partner, start_day=start, status=Status.REQUESTED)
    add_history(loan, vehicle.vin, 81, start, start + WEEK)
    after = run(loan)
    assert (after.status, after.activity_id, after.flag) == (Status.COMPLETED, 81, "")
