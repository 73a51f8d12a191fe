"""What schedulers reported about the system before (product.md), as far as the rules of one loan mend it: by number."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.loans.planner import WEEK, Desk
from tests.rows import DAY, OFFICE
from webapp.db import close_reading, db
from webapp.fleet.models import Budget
from webapp.fms.models import Operation, State
from webapp.loans import queries, requests, service
from webapp.loans.errors import BrokenRule
from webapp.loans.rules import Assessment
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("november", "context")


def why_not(desk: Desk, start_day: date = DAY, **given: object) -> Assessment:
    """Why the desk's vehicle is not suggested to the desk's partner for a week from `start_day`."""
    close_reading()
    vin, person_id = given.get("vin", desk.vehicle.vin), given.get("person_id", desk.partner.person_id)
    assert isinstance(vin, str)
    assert isinstance(person_id, int)
    return service.why_not(desk.actor, vin=vin, person_id=person_id, start_day=start_day, end_day=start_day + WEEK)


def codes(assessment: Assessment) -> list[str]:
    """What stands in the way, without the warning that nobody knows where a partner of these tests is."""
    return [one.code for one in assessment.findings if one.code != "no_coordinates"]


def test_report_1_a_requested_vehicle_is_not_offered_to_the_next(desk: Desk) -> None:
    """However many loans and activities there are: the one in the way is the last of 1,100 each."""
    ring = desk.fleet.add_partner("Ring Report")
    desk.fleet.approve_make(ring, "Audi")
    others = desk.fleet.add_vehicles(11)
    desk.fleet.add_weeks(others, ring, weeks=100)
    desk.fleet.add_loan(desk.vehicle, ring, status=Status.REQUESTED, fms_request_id=4372)
    found = why_not(desk)
    assert codes(found) == ["held"]
    assert found.findings[0].text == "Audi A3 Premium Plus …SA051916 is held by Ring Report 11-23-26 to 11-30-26."


def test_report_2_a_vehicle_booked_for_the_partner_later_that_month_is_not_offered_to_them(desk: Desk) -> None:
    """Whether FMS's calendar has it or a plan of ours; the days in between are free, and that is no excuse."""
    desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=date(2027, 1, 25))
    found = why_not(desk)
    assert codes(found) == ["partner_has"]
    assert "is booked for Audi A3 Premium Plus …SA051916 01-25-27 to 02-01-27" in found.findings[0].text
    other = desk.fleet.add_vehicle(model="Q8")
    desk.fleet.add_loan(other, desk.partner, start_day=DAY + 2 * WEEK)
    assert codes(why_not(desk, vin=other.vin)) == ["partner_has", "cooldown"]


def test_report_3_a_vehicle_past_its_expected_turn_in_is_offered_with_a_warning(desk: Desk) -> None:
    """FMS still books it."""
    late = desk.fleet.add_vehicle(expected_turn_in_date=date(2026, 8, 12))
    found = why_not(desk, vin=late.vin)
    assert (found.is_possible, codes(found)) == (True, ["turn_in"])
    assert "Expected turn-in 08-12-26" in found.findings[0].text
    assert [one.code for one in desk.plan(vin=late.vin).warnings] == ["turn_in"]


@pytest.mark.parametrize("kind", ["Hold", "Hold For Turn In"])
def test_report_8_rows_without_a_person_hold_the_vehicle(desk: Desk, kind: str) -> None:
    """They are named by their kind."""
    desk.fleet.add_activity(desk.vehicle, None, activity_type=kind)
    found = why_not(desk)
    assert codes(found) == ["held"]
    assert f"is held in FMS ({kind}) 11-23-26 to 11-30-26" in found.findings[0].text
    assert found.possible_from == date(2026, 11, 30)


def test_report_10_a_make_over_its_budget_is_not_suggested(desk: Desk) -> None:
    """Toyota and Lexus are one budget, another make has money, and the next quarter's budget decides a later week."""
    lexus = desk.fleet.add_vehicle(make="Lexus", model="RX 500h", fleet="Lexus PR - Press")
    toyota = desk.fleet.add_vehicle(make="Toyota", model="Crown", fleet="Toyota PR - Press")
    for make in ("Lexus", "Toyota"):
        desk.fleet.approve_make(desk.partner, make)
    amounts = [("TOYOTA/LEXUS", 2026, 4, 1000, 200), ("TOYOTA/LEXUS", 2027, 1, 1000, 0), ("AUDI", 2026, 4, 1000, 200)]
    desk.put(
        *(
            Budget(
                office=OFFICE, fleet=fleet, year=year, quarter=quarter, allocation=Decimal(a), amount_used=Decimal(u)
            )
            for fleet, year, quarter, a, u in amounts
        )
    )
    ring = desk.fleet.add_partner("Ring Report")
    assert codes(why_not(desk, vin=lexus.vin)) == []
    desk.fleet.add_loan(toyota, ring)
    assert codes(why_not(desk, vin=lexus.vin)) == []
    desk.fleet.add_loan(toyota, ring, start_day=DAY + WEEK)
    found = why_not(desk, vin=lexus.vin)
    assert codes(found) == ["over_budget"]
    assert "Over budget by $400" in found.findings[0].text
    assert found.possible_from == date(2027, 1, 1)
    assert codes(why_not(desk, date(2027, 1, 4), vin=lexus.vin)) == []
    assert codes(why_not(desk)) == []


def test_report_13_a_loan_that_has_come_in_between_stops_the_request_and_is_named(desk: Desk) -> None:
    """Planned in time, in the way by the time it is sent: refused with who holds the vehicle, nothing goes to FMS, and
    the ledger keeps that it was tried."""
    loan = desk.planned(start_day=DAY + 8 * WEEK)
    start = loan.start_day + timedelta(days=3)
    activity = desk.fleet.add_activity(desk.vehicle, desk.fleet.add_partner("Ring Report"), start_day=start)
    with pytest.raises(BrokenRule) as refused:
        requests.request(desk.actor, loan.id)
    assert (refused.value.status, refused.value.code) == (409, "held")
    assert "held by Ring Report 01-21-27 to 01-28-27" in refused.value.sentence
    assert refused.value.link == ("Show it", f"/calendar?start=2027-01-21&activity_id={activity.activity_id}")
    assert queries.loan(desk.actor, loan.id).status == Status.MANUAL
    assert list(db.session.scalars(select(Operation.state))) == [State.REFUSED]


def test_what_a_person_overrules_stays_on_the_loan_with_their_name_and_note(desk: Desk) -> None:
    """Had before, cooldown, cap and budget bind what we suggest; by hand they are said first, and then kept."""
    desk.fleet.add_history(desk.vehicle, desk.partner, start_day=date(2026, 11, 2))
    desk.put(
        Budget(office=OFFICE, fleet="AUDI", year=2026, quarter=4, allocation=Decimal(100), amount_used=Decimal(100))
    )
    before = desk.check().findings
    assert [one.code for one in before] == ["had_before", "cooldown", "over_budget"]
    planned = desk.plan(remark="Agreed with Audi")
    assert planned.warnings == before
    (entry,) = queries.history(desk.actor, planned.assignment_id)
    assert all(finding.text in entry.text for finding in before)
    assert entry.text.endswith("Note: Agreed with Audi")
    assert entry.actor_name == desk.actor.name
