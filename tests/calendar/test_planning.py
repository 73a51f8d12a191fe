"""The form of a loan: filled, checked before saving, faults at their fields, saved, undone."""

import html
import re
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.calendar.conftest import PAGE, Desk, FmsDesk
from tests.rows import DAY
from webapp.loans import requests
from webapp.loans.requests import Result

WEEK_LATER = "2026-11-30"

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")


def wanted(desk: Desk, **changes: object) -> dict[str, Any]:
    """A form of a loan that nothing forbids."""
    return {
        "vin": desk.vehicle.vin,
        "person_id": desk.partner.person_id,
        "office": "Los Angeles",
        "start_day": DAY.isoformat(),
        "end_day": WEEK_LATER,
        **changes,
    }


def undo(desk: Desk, answer: TestResponse) -> TestResponse:
    """What the Undo of the answer's message does."""
    (address,) = re.findall(r'action="([^"]+)"[^>]*data-undo', answer.text)
    return desk.post(address, **dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text.split("data-undo")[1])))


def faults(answer: TestResponse) -> dict[str, str]:
    """Field → fault, as the form prints them."""
    found = re.findall(r'<p class="fault" id="fault-(\w+)">([^<]+)</p>', answer.text)
    return {name: html.unescape(text) for name, text in found}


def test_the_form_opens_with_what_was_pointed_at(desk: Desk) -> None:
    """Vehicle and days of the row are filled in; otherwise the next weekday, for a week."""
    form = desk.get(
        f"/calendar/plan?vin={desk.vehicle.vin}&office=Los+Angeles&start_day=2026-12-01", fragment=True
    ).text
    assert f'<option value="{desk.vehicle.vin}" selected>' in form
    assert 'value="2026-12-01"' in form
    assert 'value="2026-12-08"' in form
    plain = desk.get("/calendar/plan", fragment=True).text
    assert 'name="start_day" value="2026-11-19"' in plain
    assert 'name="end_day" value="2026-11-26"' in plain


def test_the_form_of_a_calendar_paged_ahead_begins_there(desk: Desk) -> None:
    """Opened on weeks months away, by a row's button or the page's, it asks for those weeks, never for past ones."""
    board = desk.get("/calendar?office=Los+Angeles&start=2027-02-06").text
    addresses = {html.unescape(each) for each in re.findall(r'href="(/calendar/plan\?[^"]+)"', board)}
    assert len(addresses) == 2
    for address in addresses:
        form = desk.get(address, fragment=True).text
        assert 'name="start_day" value="2027-02-08"' in form
        assert 'name="end_day" value="2027-02-15"' in form
    assert 'value="2026-11-19"' in desk.get("/calendar/plan?start=2026-10-05", fragment=True).text


def test_the_choices_are_complete_and_by_last_name(desk: Desk) -> None:
    """Every vehicle of the office and every partner in scope, the office's first; never cut."""
    desk.fleet.add_vehicles(120)
    desk.fleet.add_vehicle("JH4ZZZ8V0MC004417", office="Miami")
    for name, office in (("Zoë Álvarez", "Los Angeles"), ("Tom Alba", "Miami"), ("Tom Chicago", "Chicago")):
        desk.fleet.add_partner(name, office=office, affiliation="")
    form = desk.get("/calendar/plan?office=Los+Angeles", fragment=True).text
    vehicles, partners = form.split('name="vin"')[1].split('name="person_id"')
    assert vehicles.count("<option") == 122
    assert "MC004417" not in vehicles
    names = re.findall(r"<option value=\"\d+\">([^<]+)<", partners)
    assert names == ["Álvarez, Zoë", "Torque, Wendy · Coastline Auto", "Alba, Tom · Miami"]


def test_a_loan_is_planned_and_undone(desk: Desk) -> None:
    """The row comes with its dashed bar; Undo takes it away."""
    answer = desk.post("/calendar/loans", **wanted(desk, note="Asked by phone"))
    assert answer.status_code == 200
    assert 'class="bar manual"' in answer.text
    (loan_id,) = re.findall(r'data-about="(\d+)"', answer.text)
    assert "Asked by phone" in desk.get(f"/calendar/loans/{loan_id}", fragment=True).text
    undone = undo(desk, answer)
    assert undone.status_code == 200
    assert 'class="bar ' not in undone.text
    assert desk.get(f"/calendar/loans/{loan_id}", fragment=True).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "field", "words"),
    [
        ({"vin": ""}, 422, "vin", "Choose a vehicle."),
        ({"person_id": ""}, 422, "person_id", "Choose a partner."),
        ({"person_id": "99999999999"}, 422, "person_id", "Choose a partner."),
        ({"start_day": ""}, 422, "start_day", "Give the day it goes out."),
        ({"end_day": "11-30-26"}, 422, "end_day", "Give the day it comes back."),
        ({"end_day": "2026-11-23"}, 422, "end_day", "The end must be after the start."),
        ({"start_day": "2026-11-22"}, 422, "start_day", "weekend"),
        ({"start_day": "2026-11-18"}, 422, "start_day", "past"),
    ],
)
def test_faults_stand_at_their_fields(
    desk: Desk, changes: dict[str, object], status: int, field: str, words: str
) -> None:
    """The form comes back with what was typed and the fault where it is mended."""
    answer = desk.post("/calendar/loans", **wanted(desk, **changes))
    assert answer.status_code == status
    assert words in faults(answer)[field]
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)


def test_a_held_vehicle_is_refused_with_the_holder_and_a_link(desk: Desk) -> None:
    """409 at the vehicle's field: who holds it and when, and where to see that."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    answer = desk.post("/calendar/loans", **wanted(desk, start_day="2026-11-25"))
    assert answer.status_code == 409
    assert "held by Wendy Torque 11-23-26 to 11-30-26" in faults(answer)["vin"]
    assert f"loan={loan.id}" in answer.text


def test_findings_are_shown_before_saving(desk: Desk) -> None:
    """What would be refused and what is only good to know, as soon as the form can say it; nothing is saved."""
    desk.fleet.add_activity(desk.vehicle, None, start_day=DAY, activity_type="Service")
    stranger = desk.fleet.add_partner("Tom Alba")
    query = "&".join(f"{name}={value}" for name, value in wanted(desk, person_id=stranger.person_id).items())
    said = html.unescape(desk.get(f"/calendar/check?{query}", fragment=True).text)
    assert "Mon 11-23-26 → Mon 11-30-26 · 7 days" in said
    assert "held in FMS (Service) 11-23-26 to 11-30-26" in said
    assert "Tom Alba is not approved for Audi." in said
    days_only = desk.get("/calendar/check?start_day=2026-11-23&end_day=2026-11-28", fragment=True).text
    assert "Mon 11-23-26 → Mon 11-30-26 · 7 days" in days_only, "an end on Saturday moves to Monday"
    assert "Nothing is in the way" not in days_only


def test_taken_days_are_said_before_a_partner_is_chosen(desk: Desk) -> None:
    """Days chosen in a row of a vehicle: who has it then stands in the form at once; free days say nothing yet."""
    desk.fleet.add_loan(desk.vehicle, desk.partner)
    query = f"vin={desk.vehicle.vin}&office=Los+Angeles&person_id=&start_day=2026-11-25&end_day="
    said = html.unescape(desk.get(f"/calendar/check?{query}2026-12-02", fragment=True).text)
    assert "held by Wendy Torque 11-23-26 to 11-30-26" in said
    assert "finding hard" in said
    free = desk.get(f"/calendar/check?{query.replace('11-25', '12-01')}2026-12-08", fragment=True).text
    assert "12-01-26" in free
    assert "finding" not in free
    outside = query.replace("Los+Angeles", "Chicago")
    assert "finding" not in desk.get(f"/calendar/check?{outside}2026-12-02", fragment=True).text


def test_the_day_from_which_it_would_work_is_said_once(desk: Desk) -> None:
    """Two holders and a cooldown: every reason, and one day at the end from which none of them stands."""
    desk.fleet.add_activity(desk.vehicle, None, start_day=DAY, activity_type="Service")
    desk.fleet.add_activity(desk.vehicle, None, start_day=date(2026, 12, 3), activity_type="Event")
    twin = desk.fleet.add_vehicle()
    desk.fleet.add_history(twin, desk.partner, start_day=date(2026, 11, 9))
    query = "&".join(f"{name}={value}" for name, value in wanted(desk).items())
    said = html.unescape(desk.get(f"/calendar/check?{query}", fragment=True).text)
    assert said.count("Possible from") == 1
    assert said.rstrip().endswith('<p class="reading">Possible from Wed 12-16-26.</p>')
    assert "Cooldown until 12-16-26" in said
    assert said.count('<p class="finding') == 2, "the Event begins after these days, and is no reason yet"
    stranger = desk.fleet.add_partner("Tom Alba")
    query = "&".join(f"{name}={value}" for name, value in wanted(desk, person_id=stranger.person_id).items())
    said = desk.get(f"/calendar/check?{query}", fragment=True).text
    assert "The days alone would work from Thu 12-10-26." in said


def test_a_person_may_overrule_what_only_informs(desk: Desk) -> None:
    """Asked once, with what there is to say; submitted anyway: planned, and the message says what was known."""
    stranger = desk.fleet.add_partner("Tom Alba")
    fields = wanted(desk, person_id=stranger.person_id)
    asked = desk.post("/calendar/loans", **fields)
    assert asked.status_code == 409
    assert "Nothing has been done yet." in asked.text
    seen = re.findall(r'name="seen" value="([^"]*)"', asked.text)
    assert seen == ["Tom Alba is not approved for Audi."]
    assert '<span class="anyway">Plan it anyway</span>' in asked.text
    answer = desk.post("/calendar/loans", **fields, seen=seen[0])
    assert answer.status_code == 200
    assert "Noted: Tom Alba is not approved for Audi." in answer.text


def test_what_comes_up_after_the_form_was_read_is_said_before_anything_is_made(desk: Desk) -> None:
    """The form had shown one thing; another has come since: asked again, with both."""
    stranger = desk.fleet.add_partner("Tom Alba")
    fields = wanted(desk, person_id=stranger.person_id, seen="Tom Alba is not approved for Audi.")
    other = desk.fleet.add_vehicle()
    desk.fleet.add_loan(other, stranger, start_day=DAY)
    asked = desk.post("/calendar/loans", **fields)
    assert asked.status_code == 409
    said = re.findall(r'name="seen" value="([^"]*)"', asked.text)
    assert said[0] == fields["seen"]
    assert said[-1].startswith("Tom Alba has Audi A3")


def test_a_change_draws_both_rows_and_can_be_undone(desk: Desk) -> None:
    """Another vehicle: the row it left and the row it came to; Undo brings it back."""
    other = desk.fleet.add_vehicle(model="Q8")
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    answer = desk.post(f"/calendar/loans/{loan.id}/change", **wanted(desk, vin=other.vin, version=1))
    assert answer.status_code == 200
    assert set(re.findall(r'class="row" id="v(\d+)"', answer.text)) == {str(desk.vehicle.id), str(other.id)}
    undone = undo(desk, answer)
    assert undone.status_code == 200
    assert desk.vehicle.vin in desk.get(f"/calendar/loans/{loan.id}", fragment=True).text


def hidden(answer: TestResponse) -> dict[str, str]:
    """The values that a form carries without showing them."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))


def test_somebody_elses_change_is_shown_not_overwritten(desk: Desk) -> None:
    """A form from an older picture: 409, who changed what and when, what was typed beside what stands there now."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    opened = hidden(desk.get(f"/calendar/loans/{loan.id}/change", fragment=True))
    other = desk.fleet.add_vehicle(model="Q8")
    desk.post(f"/calendar/loans/{loan.id}/change", **wanted(desk, vin=other.vin, end_day="2026-12-01", version=1))
    mine = {**opened, **wanted(desk, end_day="2026-12-02", note="They asked")}
    answer = desk.post(f"/calendar/loans/{loan.id}/change", **mine)
    assert answer.status_code == 409
    assert re.search(r"<li>Person 1, 10:\d\d PST: Changed to Audi Q8 [^<]* 11-23-26 to 12-01-26\. It was ", answer.text)
    assert answer.text.count("Changed to Audi Q8") == 1, "said once"
    assert 'name="end_day" value="2026-12-02"' in answer.text, "what was typed is kept"
    assert "Now: Tue 12-01-26" in answer.text, "beside what stands there now"
    assert f'value="{other.vin}" selected' in answer.text, "what was not touched is as the other left it"
    assert answer.text.count('class="now"') == 1
    assert "They asked" in answer.text
    assert f'href="/calendar/loans/{loan.id}/change" data-dialog>Take theirs' in answer.text
    again = {**mine, **hidden(answer), "vin": other.vin}
    assert again["version"] == "2"
    assert desk.post(f"/calendar/loans/{loan.id}/change", **again).status_code == 200
    assert "Audi Q8" in desk.get(f"/calendar/loans/{loan.id}", fragment=True).text


def test_an_undo_does_not_take_back_what_others_did_since(desk: Desk) -> None:
    """Changed, and changed again by somebody: the Undo of the first change is refused, the second stays."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    answer = desk.post(f"/calendar/loans/{loan.id}/change", **wanted(desk, end_day="2026-12-01", version=1))
    desk.post(f"/calendar/loans/{loan.id}/change", **wanted(desk, end_day="2026-12-02", version=2))
    undone = undo(desk, answer)
    assert undone.status_code == 409
    assert 'name="end_day" value="2026-12-02"' in desk.get(f"/calendar/loans/{loan.id}/change", fragment=True).text


def test_a_requested_loan_is_replaced_in_one_step(fms_desk: FmsDesk) -> None:
    """Unrequest, change, request again: the old request is gone, a new one is there."""
    loan_id = fms_desk.requested()
    form = fms_desk.get(f"/calendar/loans/{loan_id}/change", fragment=True).text
    assert "FMS cannot change a request." in form
    (old,) = fms_desk.sandbox.requests()
    fields = wanted(fms_desk, start_day="2028-06-06", end_day="2028-06-14")
    refused = fms_desk.post(f"/calendar/loans/{loan_id}/change", **fields)
    assert refused.status_code == 409
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/replace", **fields)
    assert answer.status_code == 200
    (new,) = fms_desk.sandbox.requests()
    assert new["id"] != old["id"]
    assert (new["startDate"], new["endDate"]) == ("06/06/28", "06/14/28")


def test_a_replacement_overtaken_after_its_request_was_taken_back_shows_the_loan_green(
    fms_desk: FmsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody takes the new days while FMS removes the old request: refused, and the row is drawn as it is now."""
    loan_id = fms_desk.requested()
    take_back = requests.unrequest

    def overtaken(*args: Any, **kwargs: Any) -> Result:
        result = take_back(*args, **kwargs)
        fms_desk.fleet.add_loan(fms_desk.vehicle, fms_desk.partner, start_day=date(2028, 6, 14))
        return result

    monkeypatch.setattr(requests, "unrequest", overtaken)
    fields = wanted(fms_desk, start_day="2028-06-12", end_day="2028-06-19")
    answer = fms_desk.post(f"/calendar/loans/{loan_id}/replace", page=f"{PAGE}&start=2028-06-05", **fields)
    assert answer.status_code == 409
    assert "is held by" in answer.text
    assert f'id="b{loan_id}"' in answer.text
    assert f'class="bar requested" id="b{loan_id}"' not in answer.text
    assert fms_desk.sandbox.requests() == []
