"""Planning loans, on both engines: what is refused, what informs, and that no day is given twice."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.loans.planner import WEEK, Desk, count_of_loans
from tests.rows import DAY, OFFICE
from webapp.dates import shown
from webapp.db import writing
from webapp.fleet.models import Holiday
from webapp.loans import queries, service
from webapp.loans.errors import BrokenRule
from webapp.loans.service import Change
from webapp.loans.states import BLOCKING, Status

pytestmark = pytest.mark.usefixtures("november", "context")


def test_a_planned_loan_is_written_with_its_history(desk: Desk) -> None:
    """Green, at the office it was planned for, by whom, and nothing of FMS."""
    planned = desk.plan(remark="He asked for this \x00colour \ud83d")
    loan = queries.loan(desk.actor, planned.assignment_id)
    assert planned.warnings == ()
    assert loan.as_json() == {
        "assignment_id": loan.id,
        "vin": "WAUZZZ8V0SA051916",
        "person_id": desk.partner.person_id,
        "office": OFFICE,
        "start_day": "2026-11-23",
        "end_day": "2026-11-30",
        "make": "Audi",
        "model": "A3 Premium Plus",
        "partner_name": "Coastline Auto",
        "status": "manual",
        "fms_request_id": None,
        "fms_state": "none",
        "activity_id": None,
        "chain_id": None,
        "version": 1,
    }
    assert desk.history(loan) == [
        "Planned Audi A3 Premium Plus …SA051916 for Coastline Auto, 11-23-26 to 11-30-26. "
        "Note: He asked for this colour ?"
    ]
    assert [entry.actor_name for entry in queries.history(desk.actor, loan.id)] == [desk.actor.name]


def test_an_end_on_a_weekend_is_booked_to_monday(desk: Desk) -> None:
    """Saturday and Sunday; the days until Monday are held too."""
    loan = desk.planned(end_day=date(2026, 11, 28))
    assert loan.end_day == date(2026, 11, 30)
    with pytest.raises(BrokenRule, match="11-23-26 to 11-30-26"):
        desk.plan(date(2026, 11, 27))


@pytest.mark.parametrize("status", sorted(BLOCKING))
def test_a_vehicle_is_not_given_twice(desk: Desk, status: Status) -> None:
    """Whatever colour the loan has that holds it; the holder and the dates are named, with a link."""
    other = desk.fleet.add_partner("Ring Report")
    held = desk.fleet.add_loan(desk.vehicle, other, status=status, activity_id=None)
    with pytest.raises(BrokenRule) as refused:
        desk.plan(DAY + timedelta(days=2))
    assert (refused.value.status, refused.value.code) == (409, "held")
    sentence = "Audi A3 Premium Plus …SA051916 is held by Ring Report 11-23-26 to 11-30-26."
    assert refused.value.sentence == sentence
    assert refused.value.link == ("Show it", f"/calendar?start=2026-11-23&loan={held.id}")
    assert count_of_loans() == 1


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
def test_a_loan_that_is_over_holds_nothing(desk: Desk, status: Status) -> None:
    """Neither a completed nor a cancelled one."""
    desk.fleet.add_loan(desk.vehicle, desk.fleet.add_partner("Ring Report"), status=status)
    assert desk.plan().warnings == ()


def test_fms_activities_of_every_kind_hold_the_vehicle(desk: Desk) -> None:
    """With or without a person; one of a single day holds that day and no other."""
    for number, kind in enumerate(["Loan", "Hold", "Hold For Turn In", "Service", "Event"]):
        day = DAY + number * WEEK
        desk.fleet.add_activity(desk.vehicle, start_day=day, end_day=day, activity_type=kind)
        with pytest.raises(BrokenRule, match=rf"held in FMS \({kind}\) on {shown(day)}"):
            desk.plan(day)
        other = desk.fleet.add_partner()
        desk.fleet.approve_make(other, "Audi")
        planned = desk.plan(day + timedelta(days=1), day + timedelta(days=4), person_id=other.person_id)
        assert planned.warnings == ()


def test_what_fms_does_not_list_any_more_holds_nothing(desk: Desk) -> None:
    """An activity that vanished from the feed."""
    desk.fleet.add_activity(desk.vehicle, gone_at=datetime(2026, 11, 18, tzinfo=ZoneInfo("UTC")))
    assert desk.plan().warnings == ()


def test_a_vehicle_goes_out_on_the_day_it_comes_back(desk: Desk) -> None:
    """Before and after a loan of ours and an activity of FMS's."""
    desk.fleet.add_activity(desk.vehicle, start_day=DAY + WEEK, end_day=DAY + 2 * WEEK)
    desk.plan(DAY)
    desk.plan(DAY + 2 * WEEK)
    assert count_of_loans() == 2


def test_a_loan_and_the_activity_fms_made_of_it_are_one(desk: Desk) -> None:
    """They are in the way once; and neither is in the way of the loan itself."""
    activity = desk.fleet.add_activity(desk.vehicle, desk.partner)
    loan = desk.fleet.add_loan(
        desk.vehicle, desk.partner, status=Status.ACTIVE, activity_id=activity.activity_id, fms_request_id=4372
    )
    found = service.check(
        desk.actor,
        vin=desk.vehicle.vin,
        person_id=desk.partner.person_id,
        office=OFFICE,
        start_day=DAY,
        end_day=DAY + WEEK,
    )
    assert [one.code for one in found.findings] == ["held", "partner_has", "cooldown"]
    assert service.check_change(desk.actor, loan.id, Change()).findings == ()


def test_days_by_which_fms_has_extended_a_loan_are_held(desk: Desk) -> None:
    """Also until the next reconciliation has given the loan FMS's days; the loan itself is not in its own way."""
    activity = desk.fleet.add_activity(desk.vehicle, desk.partner, end_day=DAY + 2 * WEEK)
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, status=Status.ACTIVE, activity_id=activity.activity_id)
    with pytest.raises(BrokenRule, match="is held by Coastline Auto 11-23-26 to 12-07-26"):
        desk.plan(DAY + WEEK)
    assert service.check_change(desk.actor, loan.id, Change()).findings == ()
    desk.plan(DAY + 2 * WEEK)


def test_warnings_are_shown_and_what_was_overruled_stays_in_the_history(desk: Desk) -> None:
    """Not approved, past its turn-in, on a holiday, a busy partner, no id in FMS: a person may decide."""
    fleet = desk.fleet
    with writing() as session:
        values = {"kind": "Public", "is_all_day": True, "notes": ""}
        day = DAY + WEEK
        session.add(Holiday(company_id=desk.actor.company_id, office=OFFICE, day=day, name="Founders' Day", **values))
    other = fleet.add_vehicle(
        "WBAZZZ8V0NF288104",
        make="BMW",
        model="M3 Competition",
        vehicle_id=None,
        expected_turn_in_date=date(2026, 11, 25),
    )
    first = desk.planned(start_day=DAY - timedelta(days=3), end_day=DAY + timedelta(days=1))
    planned = desk.plan(vin=other.vin, remark="Agreed by phone")
    codes = ["not_approved", "no_vehicle_id", "holiday", "turn_in", "partner_busy"]
    assert [one.code for one in planned.warnings] == codes
    (said,) = [entry.text for entry in queries.history(desk.actor, planned.assignment_id)]
    assert all(one.text in said for one in planned.warnings)
    assert said.endswith("Note: Agreed by phone")
    changed = service.change(desk.actor, first.id, Change(first.version, vin=other.vin, end_day=DAY), remark="Swapped")
    assert "Coastline Auto is not approved for BMW." in desk.history(first)[0]
    assert "Note: Swapped" in desk.history(first)[0]
    codes = ["not_approved", "partner_has", "no_vehicle_id", "cooldown"]
    assert [one.code for one in changed.warnings] == codes
    assert all(one.text in desk.history(first)[0] for one in changed.warnings)


SPELLINGS: list[tuple[list[tuple[str, str]], list[str]]] = [
    ([("VW", "B")], []),
    ([("volkswagen", "A+")], []),
    ([("VW", "Pending"), ("Volkswagen", "C")], []),
    ([("VW", "Pending")], ["not_approved"]),
    ([("Audi", "A")], ["not_approved"]),
]


def test_approvals_count_under_every_spelling_of_a_make(desk: Desk) -> None:
    """FMS's reports write VW and Volkswagen; a pending approval is none."""
    for ranks, codes in SPELLINGS:
        vehicle, partner = desk.fleet.add_vehicle(make="Volkswagen", model="Golf"), desk.fleet.add_partner()
        for make, rank in ranks:
            desk.fleet.approve_make(partner, make, rank)
        planned = desk.plan(vin=vehicle.vin, person_id=partner.person_id)
        assert [one.code for one in planned.warnings] == codes, ranks


BINDING: list[tuple[dict[str, Any], str, str]] = [
    ({"start_day": date(2026, 11, 18)}, "past", "start_day"),
    ({"start_day": date(2026, 11, 21)}, "weekend", "start_day"),
    ({"end_day": DAY}, "period", "end_day"),
    ({"end_day": date(2126, 11, 30)}, "period", "end_day"),
    ({"end_day": date.max}, "period", "end_day"),
    ({"vin": "NOSUCHVIN"}, "unknown", "vin"),
    ({"vin": "WAU\x00ZZZ"}, "unknown", "vin"),
    ({"vin": ""}, "unknown", "vin"),
    ({"vin": "X" * 5000}, "unknown", "vin"),
    ({"person_id": 999_999}, "unknown", "person_id"),
]


def test_what_binds_everybody_is_refused(desk: Desk) -> None:
    """422 with the field; nothing is written."""
    for values, code, field in BINDING:
        with pytest.raises(BrokenRule) as refused:
            desk.plan(**values)
        assert (refused.value.status, refused.value.code) == (422, code), values
        assert list(refused.value.details["fields"]) == [field]
    assert count_of_loans() == 0


def test_a_vehicle_is_found_however_its_vin_is_typed(desk: Desk) -> None:
    """Lower case and blanks around it."""
    assert desk.planned(vin=" wauzzz8v0sa051916 ").vin == desk.vehicle.vin


def test_vehicles_and_partners_that_fms_dropped_are_unknown(desk: Desk) -> None:
    """Their loans stay, but are neither made nor changed."""
    gone = datetime(2026, 11, 18, tzinfo=ZoneInfo("UTC"))
    vehicle, partner = desk.fleet.add_vehicle(gone_at=gone), desk.fleet.add_partner(gone_at=gone)
    loan = desk.fleet.add_loan(vehicle, desk.partner)
    with pytest.raises(BrokenRule, match="in FMS's list"):
        desk.plan(vin=vehicle.vin)
    with pytest.raises(BrokenRule, match="in FMS's list"):
        desk.plan(person_id=partner.person_id)
    with pytest.raises(BrokenRule, match=f"No vehicle {vehicle.vin} is in FMS's list"):
        service.change(desk.actor, loan.id, Change(end_day=DAY + 2 * WEEK))


def test_a_partner_under_two_offices_is_the_one_of_the_office(desk: Desk) -> None:
    """The name is taken from the office that plans; where it has no row, from another."""
    desk.fleet.add_partner("Coastline Auto (Miami)", person_id=desk.partner.person_id, office="Miami")
    miami = desk.fleet.add_partner("Beach Wheels", office="Miami")
    desk.fleet.approve_make(miami, "Audi")
    assert desk.planned().partner_name == "Coastline Auto"
    assert desk.planned(start_day=DAY + WEEK, person_id=miami.person_id).partner_name == "Beach Wheels"


def test_the_past_begins_at_the_offices_own_midnight(desk: Desk) -> None:
    """At 11 in the evening in Los Angeles it is tomorrow in UTC, and today is still a day to start on."""
    with time_machine.travel(datetime(2026, 11, 19, 23, 0, tzinfo=ZoneInfo("America/Los_Angeles"))):
        assert desk.plan(date(2026, 11, 19)).warnings == ()
    with (
        time_machine.travel(datetime(2026, 11, 20, 0, 1, tzinfo=ZoneInfo("America/Los_Angeles"))),
        pytest.raises(BrokenRule, match="Thu 11-19-26 is in the past"),
    ):
        desk.plan(date(2026, 11, 19), date(2026, 11, 20))
