"""The calendar's JSON, as interface.md names it."""

from datetime import date, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.calendar.conftest import Desk, FmsDesk
from tests.rows import DAY


def send(desk: Desk, method: str, path: str, body: object = None) -> TestResponse:
    """A program that uses the browser's session."""
    return desk.client.open(f"/api/calendar{path}", method=method, json=body, headers={"X-CSRFToken": desk.token})


def body_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    return dict(answer.json)


def new_loan(desk: Desk, **changes: object) -> dict[str, object]:
    return {
        "vin": desk.vehicle.vin,
        "person_id": desk.partner.person_id,
        "office": "Los Angeles",
        "start_day": "2026-11-23",
        "end_day": "2026-11-30",
        **changes,
    }


def test_the_view_lists_what_the_page_draws(desk: Desk) -> None:
    """Loans and FMS's own rows, with every member others parse."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, status="requested", fms_request_id=4372)
    desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=DAY - timedelta(days=7), activity_id=700)
    found = body_of(send(desk, "GET", "?office=Los+Angeles"))
    assert found["assignments"] == [
        {
            "assignment_id": loan.id,
            "vin": "WAUZZZ8V0SA051916",
            "person_id": desk.partner.person_id,
            "office": "Los Angeles",
            "start_day": "2026-11-23",
            "end_day": "2026-11-30",
            "make": "Audi",
            "model": "A3 Premium Plus",
            "partner_name": "Wendy Torque",
            "status": "requested",
            "fms_request_id": 4372,
            "fms_state": "accepted",
            "activity_id": None,
            "chain_id": None,
            "version": 1,
        }
    ]
    assert found["activities"] == [
        {
            "activity_id": 700,
            "vin": "WAUZZZ8V0SA051916",
            "vehicle_name": "Audi A3 Premium Plus",
            "person_id": desk.partner.person_id,
            "partner_name": "Wendy Torque",
            "activity_type": "Loan",
            "start_day": "2026-11-16",
            "end_day": "2026-11-23",
            "to": "Wendy Torque",
            "region": "Los Angeles",
            "assignment_id": None,
        }
    ]


def test_a_linked_activity_is_left_out_and_strange_vins_come_without_an_office(desk: Desk) -> None:
    """One loan is one entry; a VIN outside the fleet is named by its end, in the view of all."""
    activity = desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=DAY)
    desk.fleet.add_loan(desk.vehicle, desk.partner, status="active", activity_id=activity.activity_id)
    desk.fleet.add_activity("ZZZ00000012345678", None, start_day=DAY)
    every, office = (body_of(send(desk, "GET", query)) for query in ("", "?office=Los+Angeles"))
    assert [each["vehicle_name"] for each in every["activities"]] == ["…12345678"]
    assert every["activities"][0]["partner_name"] is None
    assert office["activities"] == []
    assert len(office["assignments"]) == len(every["assignments"]) == 1


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("", "2026-11-16", "2026-12-13"),
        ("?start=2027-06-01&end=2027-06-02", "2027-06-01", "2027-06-02"),
        ("?start=2027-06-01", "2027-06-01", "2027-06-28"),
        ("?start=2027-06-01&rows=partners", "2027-06-01", "2027-06-28"),
    ],
)
def test_any_range_both_days_included(desk: Desk, query: str, first: str, last: str) -> None:
    """What touches the first or the last day is in; what lies beyond is not."""
    starts = [date.fromisoformat(day) for day in (first, last)]
    inside = [desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=day, end_day=day) for day in starts]
    for day in (starts[0] - timedelta(days=1), starts[1] + timedelta(days=1)):
        desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=day, end_day=day)
    found = body_of(send(desk, "GET", query))["activities"]
    assert [each["activity_id"] for each in found] == [each.activity_id for each in inside]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?start=yesterday", "start"),
        ("?start=20261116", "start"),
        ("?start=2026-11-16&end=2026-11-01", "end"),
        ("?start=2026-01-01&end=2028-01-01", "end"),
        ("?rows=bicycles", "rows"),
        ("?color=red", "color"),
    ],
)
def test_what_cannot_be_read_is_named(desk: Desk, query: str, field: str) -> None:
    """422 problem JSON with the field."""
    answer = send(desk, "GET", query)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert field in body_of(answer)["fields"]


def test_a_loan_is_planned_changed_and_deleted(desk: Desk) -> None:
    """201 with the assignment and warnings; a stale version is 409; deleting says what went from FMS."""
    stranger = desk.fleet.add_partner("Tom Alba")
    made = send(desk, "POST", "/assignments", new_loan(desk, person_id=stranger.person_id, status="planned"))
    assert made.status_code == 201
    assignment = body_of(made)["assignment"]
    assert (assignment["status"], assignment["fms_state"], assignment["version"]) == ("planned", "none", 1)
    assert [warning["code"] for warning in body_of(made)["warnings"]] == ["not_approved"]
    path = f"/assignments/{assignment['assignment_id']}"
    changed = send(desk, "PATCH", path, {"end_day": "2026-12-01", "version": 1})
    assert body_of(changed)["assignment"]["end_day"] == "2026-12-01"
    stale = send(desk, "PATCH", path, {"end_day": "2026-12-02", "version": 1})
    assert (stale.status_code, body_of(stale)["code"]) == (409, "stale")
    gone = body_of(send(desk, "DELETE", path))
    assert (gone["success"], gone["deleted_from_fms"]) == (True, False)
    assert send(desk, "DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"start_day": "2026-11-22"}, 422, "weekend"),
        ({"start_day": "2026-11-18"}, 422, "past"),
        ({"end_day": "2026-11-23"}, 422, "period"),
        ({"vin": "WAUNOTHERE0000000"}, 422, "unknown"),
        ({"office": "Chicago"}, 404, "not_found"),
        ({"status": "requested"}, 422, "invalid"),
        ({"start_day": 1795392000}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
    ],
)
def test_what_cannot_be_planned_is_a_problem(desk: Desk, changes: dict[str, object], status: int, code: str) -> None:
    """Bad input is 422 by its rule, an office out of scope 404; nothing is written."""
    answer = send(desk, "POST", "/assignments", new_loan(desk, **changes))
    assert (answer.status_code, body_of(answer)["code"]) == (status, code)
    assert body_of(send(desk, "GET", ""))["assignments"] == []


def test_a_held_vehicle_is_a_conflict(desk: Desk) -> None:
    """409 naming the holder and the days."""
    desk.fleet.add_loan(desk.vehicle, desk.partner)
    answer = send(desk, "POST", "/assignments", new_loan(desk, start_day="2026-11-25"))
    assert (answer.status_code, body_of(answer)["code"]) == (409, "held")
    assert "Wendy Torque 11-23-26 to 11-30-26" in body_of(answer)["detail"]


def test_the_status_is_changed_through_fms(fms_desk: FmsDesk) -> None:
    """Requested by a create, back to the green named by a delete, between greens without FMS."""
    loan_id = fms_desk.add_loan()
    path = f"/change-assignment-status/{loan_id}?new_status="
    seen = []
    for status in ("requested", "planned", "manual"):
        answer = body_of(send(fms_desk, "PATCH", path + status))
        seen.append((answer["success"], answer["old_status"], answer["new_status"], answer["fms_action"]))
        assert answer["assignment_id"] == loan_id
        assert len(fms_desk.sandbox.requests()) == (status == "requested")
    assert seen == [
        (True, "manual", "requested", "create"),
        (True, "requested", "planned", "delete"),
        (True, "planned", "manual", None),
    ]
    assert send(fms_desk, "PATCH", path + "active").status_code == 422
    assert send(fms_desk, "PATCH", path + "blue").status_code == 422


def test_a_requested_loan_cannot_be_moved(fms_desk: FmsDesk) -> None:
    """FMS cannot change a request: 409, code `requested`."""
    answer = send(fms_desk, "PATCH", f"/assignments/{fms_desk.requested()}", {"end_day": "2028-06-20"})
    assert (answer.status_code, body_of(answer)["code"]) == (409, "requested")
