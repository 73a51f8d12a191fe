"""Moving a loan as a drag sends it: made at once, asked first, refused; the same as the form does."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.calendar.conftest import PAGE, Desk, FmsDesk
from tests.rows import DAY
from webapp.db import db
from webapp.loans.models import Assignment

pytestmark = pytest.mark.usefixtures("sqlite_app")


def hidden(answer: TestResponse) -> list[tuple[str, str]]:
    """The values that a form carries without showing them."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text)
    return [(name, html.unescape(value)) for name, value in found]


def stands(desk: Desk, loan_id: int) -> tuple[date, date, int, int, int]:
    """Where a loan stands: its days, its vehicle, its partner, its version."""
    with desk.client.application.app_context():
        loan = db.session.get_one(Assignment, loan_id)
        return loan.start_day, loan.end_day, loan.fleet_vehicle_id, loan.person_id, loan.version


def moved(desk: Desk, loan_id: int, **fields: Any) -> TestResponse:
    """What dropping the bar sends."""
    return desk.post(f"/calendar/loans/{loan_id}/move", **fields)


def test_nothing_in_the_way_is_made_at_once(desk: Desk) -> None:
    """A day later: the row is drawn again, the message names the days and undoes it."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    answer = moved(desk, loan.id, start_day="2026-11-24", end_day="2026-12-01", version=1)
    assert answer.status_code == 200
    assert "Moved to Tue 11-24-26 → Tue 12-01-26 · 7 days" in answer.text
    assert f'id="v{desk.vehicle.id}"' in answer.text
    undo = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text.split("data-undo")[1]))
    back = desk.post(re.findall(r'action="([^"]+)"[^>]*data-undo', answer.text)[0], **undo)
    assert back.status_code == 200
    assert stands(desk, loan.id)[:2] == (DAY, DAY + timedelta(days=7))


def test_another_row_is_another_vehicle(desk: Desk) -> None:
    """Dropped in another vehicle's row: both rows are drawn again, and the message names the new one."""
    other = desk.fleet.add_vehicle(model="Q8")
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    answer = moved(desk, loan.id, start_day=DAY, end_day="2026-11-30", vin=other.vin, version=1)
    assert set(re.findall(r'class="row" id="v(\d+)"', answer.text)) == {str(desk.vehicle.id), str(other.id)}
    assert "· Audi Q8 → Wendy Torque" in answer.text
    assert stands(desk, loan.id)[2] == other.id


def test_what_only_informs_is_asked_first(desk: Desk) -> None:
    """Another partner, who is not approved: nothing is done until the person has read it and goes on."""
    stranger = desk.fleet.add_partner("Tom Alba")
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    asked = moved(desk, loan.id, start_day=DAY, end_day="2026-12-01", person_id=stranger.person_id, version=1)
    assert asked.status_code == 409
    assert "Tom Alba is not approved for Audi." in asked.text
    assert "Mon 11-23-26 → Mon 11-30-26 · 7 days" in asked.text
    assert "Mon 11-23-26 → Tue 12-01-26 · 8 days · Tom Alba" in asked.text
    assert f"/chains/why-not?vin={desk.vehicle.vin}" in asked.text
    assert stands(desk, loan.id)[1] == date(2026, 11, 30)
    done = moved(desk, loan.id, **dict(hidden(asked)))
    assert done.status_code == 200
    assert "Noted: Tom Alba is not approved for Audi · " in done.text
    assert stands(desk, loan.id)[3] == stranger.person_id


def test_what_was_so_before_is_not_asked_again(desk: Desk) -> None:
    """A loan to somebody who is not approved is moved by a day at once; what its new days bring is asked about."""
    stranger = desk.fleet.add_partner("Tom Alba")
    loan = desk.fleet.add_loan(desk.vehicle, stranger)
    answer = moved(desk, loan.id, start_day="2026-11-24", end_day="2026-12-01", version=1)
    assert answer.status_code == 200
    assert "Noted: Tom Alba is not approved for Audi" in answer.text
    desk.fleet.add_loan(desk.fleet.add_vehicle(), stranger, start_day=date(2026, 12, 7), end_day=date(2026, 12, 14))
    asked = moved(desk, loan.id, start_day="2026-12-08", end_day="2026-12-15", version=2)
    assert asked.status_code == 409
    assert stands(desk, loan.id)[:2] == (date(2026, 11, 24), date(2026, 12, 1))


def test_the_form_leads_on_with_what_was_dropped(desk: Desk) -> None:
    """Open the form: filled as the bar was dropped, on the loan's present version."""
    stranger = desk.fleet.add_partner("Tom Alba")
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    asked = moved(desk, loan.id, end_day="2026-12-01", person_id=stranger.person_id, version=1)
    address = re.findall(r'href="(/calendar/loans/\d+/change\?[^"]+)"', asked.text)[0]
    form = desk.get(html.unescape(address), fragment=True).text
    assert 'name="end_day" value="2026-12-01"' in form
    assert f'value="{stranger.person_id}" selected' in form


def test_what_binds_is_refused_with_the_way_to_it(desk: Desk) -> None:
    """Onto somebody's days: the row as it stands, who holds it, where to see that, and every reason."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    other = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=date(2026, 12, 7))
    refused = moved(desk, loan.id, start_day="2026-12-02", end_day="2026-12-09", version=1)
    assert refused.status_code == 409
    assert "held by Wendy Torque 12-07-26 to 12-14-26" in refused.text
    assert f"loan={other.id}" in refused.text
    assert html.unescape(refused.text).count("/chains/why-not?vin=WAUZZZ8V0SA051916&person_id=") == 1
    assert f'id="v{desk.vehicle.id}"' in refused.text
    assert stands(desk, loan.id) == (DAY, DAY + timedelta(days=7), desk.vehicle.id, desk.partner.person_id, 1)


@pytest.mark.parametrize("status", ["active", "completed", "cancelled"])
def test_what_fms_alone_may_change_says_so(desk: Desk, status: str) -> None:
    """No question first: the state forbids it, in a sentence."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, status=status)
    refused = moved(desk, loan.id, start_day="2026-11-24", end_day="2026-12-01", version=1)
    assert refused.status_code == 409
    assert 'name="seen"' not in refused.text
    assert stands(desk, loan.id)[0] == DAY


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end_day": "2026-11-23"}, "The end must be after the start."),
        ({"start_day": "someday"}, "Give the day it goes out."),
        ({"vin": "NOBODYKNOWS"}, "is in FMS's list"),
        ({"version": "99999999999999"}, None),
    ],
)
def test_odd_drops_are_refused(desk: Desk, changes: dict[str, str], words: str | None) -> None:
    """Whatever is sent, the loan stays as it is or becomes what was asked."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    fields = {"start_day": "2026-11-23", "end_day": "2026-11-30", "version": "1", **changes}
    answer = moved(desk, loan.id, **fields)
    assert answer.status_code == (200 if words is None else answer.status_code)
    if words:
        assert answer.status_code in {409, 422}
        assert words in html.unescape(answer.text)
        assert stands(desk, loan.id)[4] == 1


def test_a_loan_that_others_moved_meanwhile_is_asked_about(desk: Desk) -> None:
    """Dropped from an older picture: who moved it where, and one click to move it all the same."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    moved(desk, loan.id, start_day="2026-12-01", end_day="2026-12-08", version=1)
    asked = moved(desk, loan.id, start_day="2026-11-24", end_day="2026-12-01", version=1)
    assert asked.status_code == 409
    assert re.search(r"Person 1, 10:\d\d PST: Changed to Audi [^<]* 12-01-26 to 12-08-26", asked.text)
    assert "Tue 12-01-26 → Tue 12-08-26" in asked.text
    assert f'id="v{desk.vehicle.id}"' in asked.text, "the row is drawn as it stands now"
    assert stands(desk, loan.id)[0] == date(2026, 12, 1)
    assert moved(desk, loan.id, **dict(hidden(asked))).status_code == 200
    assert stands(desk, loan.id)[0] == date(2026, 11, 24)


def test_a_requested_loan_asks_first_and_is_requested_anew(fms_desk: FmsDesk) -> None:
    """FMS cannot change a request: nothing is sent until the person says so, then there is one new request."""
    loan_id = fms_desk.requested()
    (old,) = fms_desk.sandbox.requests()
    fields = {"start_day": "2028-06-06", "end_day": "2028-06-14"}
    asked = moved(fms_desk, loan_id, **fields)
    assert asked.status_code == 409
    assert "FMS cannot change a request." in asked.text
    assert [one["id"] for one in fms_desk.sandbox.requests()] == [old["id"]]
    done = moved(fms_desk, loan_id, **dict(hidden(asked)))
    assert done.status_code == 200
    (new,) = fms_desk.sandbox.requests()
    assert new["id"] != old["id"]
    assert (new["startDate"], new["endDate"]) == ("06/06/28", "06/14/28")


def test_a_card_of_an_older_picture_requests_nothing(fms_desk: FmsDesk) -> None:
    """Somebody moved the loan since the card was opened: FMS is not asked, and the card says what changed."""
    loan_id = fms_desk.add_loan()
    moved(fms_desk, loan_id, start_day="2028-06-06", end_day="2028-06-13", version=1)
    refused = fms_desk.post(f"/calendar/loans/{loan_id}/request", version=1)
    assert refused.status_code == 409
    assert "06-06-28 to 06-13-28" in refused.text
    assert fms_desk.sandbox.requests() == []
    deleted = fms_desk.post(f"/calendar/loans/{loan_id}/delete", version=1)
    assert deleted.status_code == 409
    assert 'name="version" value="2"' in deleted.text
    assert fms_desk.post(f"/calendar/loans/{loan_id}/request", version=2).status_code == 200


def test_a_move_works_without_scripts(desk: Desk) -> None:
    """A plain form: back to the calendar when it is done, a page that asks when there is something to say."""
    stranger = desk.fleet.add_partner("Tom Alba")
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    path = f"/calendar/loans/{loan.id}/move"
    done = desk.send(path, start_day="2026-11-24", end_day="2026-12-01", version=1)
    assert (done.status_code, done.location) == (303, PAGE)
    asked = desk.send(path, person_id=stranger.person_id, version=2)
    assert asked.status_code == 409
    assert "<!doctype html>" in asked.text
    assert "Move anyway" in asked.text
    fields = {name: value for name, value in hidden(asked) if name not in {"csrf_token", "back"}}
    assert desk.send(path, **fields).status_code == 303


def test_a_copy_begins_on_the_next_free_days(desk: Desk) -> None:
    """The same vehicle and partner, as long, after all that stands in the way."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, end_day=date(2026, 11, 28))
    desk.fleet.add_activity(desk.vehicle, None, start_day=date(2026, 12, 1), end_day=date(2026, 12, 5))
    form = desk.get(f"/calendar/plan?copy={loan.id}", fragment=True).text
    assert f'value="{desk.vehicle.vin}" selected' in form
    assert f'value="{desk.partner.person_id}" selected' in form
    assert 'name="start_day" value="2026-12-07"' in form
    assert 'name="end_day" value="2026-12-12"' in form


def test_a_copy_of_a_past_loan_begins_today(desk: Desk) -> None:
    """What is long over is copied to days that can still be planned."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=date(2026, 3, 2), status="completed")
    form = desk.get(f"/calendar/plan?copy={loan.id}", fragment=True).text
    assert 'name="start_day" value="2026-11-19"' in form
    assert desk.get("/calendar/plan?copy=999", fragment=True).status_code == 404


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drops=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(0, 1)), min_size=1, max_size=3))
def test_drags_end_where_the_form_would(desk: Desk, drops: list[tuple[int, int, int]]) -> None:
    """Any drags in a row leave a loan just where the same changes by form leave its twin, refusals included."""
    vehicles = [desk.fleet.add_vehicles(2), desk.fleet.add_vehicles(2)]
    twins = [desk.fleet.add_loan(pair[0], desk.partner) for pair in vehicles]
    for number, (offset, days, row) in enumerate(drops):
        start = DAY + timedelta(days=offset)
        for twin, pair, verb in zip(twins, vehicles, ("move", "change"), strict=True):
            fields: dict[str, Any] = {
                "start_day": start,
                "end_day": start + timedelta(days=days),
                "vin": pair[row].vin,
                "person_id": desk.partner.person_id,
            }
            path = f"/calendar/loans/{twin.id}/{verb}"
            answer = desk.post(path, **fields)
            seen = [value for name, value in hidden(answer) if name == "seen"]
            if answer.status_code == 409 and seen:
                desk.client.post(
                    path,
                    data={**{name: str(value) for name, value in fields.items()}, "seen": seen},
                    headers={"HX-Request": "true", "X-CSRFToken": desk.token},
                )
        by_drag, by_form = (
            (start_day, end_day, [one.id for one in pair].index(vehicle_id), version)
            for pair, (start_day, end_day, vehicle_id, _, version) in zip(
                vehicles, (stands(desk, twin.id) for twin in twins), strict=True
            )
        )
        assert by_drag == by_form, number
    for twin in twins:
        desk.post(f"/calendar/loans/{twin.id}/delete")
