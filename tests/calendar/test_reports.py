"""What schedulers reported about the system before (product.md), as far as the calendar mends it: by number."""

import re
from datetime import date, timedelta
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from tests.calendar.conftest import FREE_DAY, Desk, FmsDesk
from tests.chains.builder_site import words_of
from tests.queries_counted import queries_of
from tests.rows import DAY, OFFICE
from webapp.loans.states import Status
from webapp.sync.service import run_feeds

WEEK = timedelta(days=7)
NAMES = re.compile(r'class="title"[^>]*>([^<]+)<')
# As data writes them, with slashes, without a year, with the month's name.
OTHER_DATES = re.compile(r"\d{4}-\d\d-\d\d|\d/\d\d|\b\d\d-\d\d\b(?!-\d\d)(?<!-\d\d-\d\d)|\b(?:Dec|Jan)[a-z]* \d\d?\b")
pytestmark = pytest.mark.usefixtures("sqlite_app")


def read(desk: Desk, path: str = "/calendar", **query: Any) -> str:
    """The page at `path` of Los Angeles, as it is sent."""
    answer = desk.client.get(path, query_string={"office": OFFICE, **query})
    assert answer.status_code == 200, words_of(answer)
    return answer.text


def row(page: str, key: str) -> str:
    """One row of a board, with its bars."""
    found = re.search(rf'<div class="row[^>]* id="{key}".*?(?=<div class="row|<div id="days")', page, re.DOTALL)
    assert found, key
    return found[0]


def bars(of: str) -> list[str]:
    """What each bar says aloud, from left to right."""
    return re.findall(r'<div class="bar [^>]*><a [^>]*aria-label="([^"]+)"', of)


def test_report_1_the_thousandth_loan_is_on_the_board(desk: Desk) -> None:
    """1,101 loans of one office in one view: the last of them is there, and the form says that it holds the vehicle."""
    ring = desk.fleet.add_partner("Ring Report")
    desk.fleet.add_weeks(desk.fleet.add_vehicles(100), ring, weeks=11)
    desk.fleet.add_loan(desk.vehicle, ring, status=Status.REQUESTED, fms_request_id=4372)
    page = read(desk, end="2027-02-14", start="2026-11-16")
    assert page.count('class="bar requested') == 1101
    assert "#4372" in row(page, f"v{desk.vehicle.id}")
    days = {"start_day": "2026-11-23", "end_day": "2026-11-30"}
    said = read(desk, "/calendar/check", vin=desk.vehicle.vin, person_id=desk.partner.person_id, **days)
    assert "is held by Ring Report 11-23-26 to 11-30-26" in said


def test_report_2_the_form_tells_that_the_partner_has_the_vehicle_booked_later(desk: Desk) -> None:
    """Though the days asked for are free."""
    desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=date(2027, 1, 25))
    days = {"start_day": "2026-11-23", "end_day": "2026-11-30"}
    said = read(desk, "/calendar/check", vin=desk.vehicle.vin, person_id=desk.partner.person_id, **days)
    assert "is booked for Audi A3 Premium Plus …SA051916 01-25-27 to 02-01-27" in said


def test_report_3_a_vehicle_past_its_expected_turn_in_is_on_the_board_with_its_day(desk: Desk) -> None:
    """With a warning in its row, and planned with like any other."""
    late = desk.fleet.add_vehicle(expected_turn_in_date=date(2026, 8, 12))
    shown = row(read(desk), f"v{late.id}")
    assert re.search(r"<em>[^<]*08-12-26[^<]*</em>", shown)
    assert f"/calendar/plan?vin={late.vin}" in shown.replace("&amp;", "&")


def test_report_5_a_bar_is_magenta_only_where_fms_has_it_and_green_says_why(fms_desk: FmsDesk) -> None:
    """Two loans requested at once, one of them refused: FMS has one request, its words stand on the other's card."""
    fms_desk.sandbox.fault("create", "refuse", text="Vehicle is grounded")
    refused = fms_desk.add_loan()
    assert fms_desk.post(f"/calendar/loans/{refused}/request").status_code == 502
    second = fms_desk.fleet.add_loan(fms_desk.vehicle, fms_desk.partner, start_day=FREE_DAY + 2 * WEEK).id
    assert fms_desk.post(f"/calendar/loans/{second}/request").status_code == 200
    page = read(fms_desk, start=FREE_DAY.isoformat())
    looks = dict(re.findall(r'<div class="bar (\w+)[^"]*" id="b(\d+)"', page))
    assert looks == {"manual": str(refused), "requested": str(second)}
    assert len(fms_desk.sandbox.requests()) == 1
    assert "Vehicle is grounded" in fms_desk.get(f"/calendar/loans/{refused}").text


def test_report_6_fms_has_whoever_pressed_the_button_as_the_requestor(fms_desk: FmsDesk) -> None:
    """Not the number in the settings."""
    fms_desk.requested()
    (request,) = fms_desk.sandbox.requests()
    assert request["requestorId"] == fms_desk.person.fms_user_id


def test_report_7_two_loans_at_once_are_two_bars_with_the_vehicle_named(desk: Desk) -> None:
    """In the partner's row, each in a lane of its own, with its VIN for who hears it; a phone's list prints it."""
    vehicles = desk.fleet.add_vehicles(2)
    for vehicle in vehicles:
        desk.fleet.add_activity(vehicle, desk.partner)
    shown = row(read(desk, rows="partners"), f"p{desk.person.company_id}-{desk.partner.person_id}")
    said = bars(shown)
    named = [[each.vin[-8:] for each in vehicles if each.vin[-8:] in one] for one in said]
    assert sorted(named) == sorted([each.vin[-8:]] for each in vehicles)
    assert sorted(re.findall(r"grid-area:(\d+)/", shown)) == ["1", "2"]
    listed = read(desk, "/calendar/days")
    assert all(f"…{each.vin[-8:]}</span>" in listed for each in vehicles)


@pytest.mark.parametrize("kind", ["Hold", "Hold For Turn In"])
def test_report_8_rows_without_a_person_are_bars_with_their_kind(desk: Desk, kind: str) -> None:
    """On the board by vehicle, on the list by day, on their card, in the file; by partner nothing breaks over them."""
    held = desk.fleet.add_activity(desk.vehicle, None, activity_type=kind)
    (said,) = bars(row(read(desk), f"v{desk.vehicle.id}"))
    assert said.startswith(kind)
    assert "11-23-26 to 11-30-26" in said
    assert kind in read(desk, "/calendar/days")
    assert kind in read(desk, f"/calendar/activities/{held.activity_id}")
    assert kind in read(desk, "/calendar/export.csv")
    assert f"/calendar/activities/{held.activity_id}" not in read(desk, rows="partners")


def test_report_9_after_approval_a_loan_is_one_bar_that_is_blue(desk: Desk) -> None:
    """However often its rows are drawn: by vehicle, by partner and in the list."""
    number = desk.fleet.add_activity(desk.vehicle, desk.partner, activity_id=71_001).activity_id
    desk.fleet.add_loan(desk.vehicle, desk.partner, status=Status.ACTIVE, fms_request_id=9, activity_id=number)
    for rows, key in (
        ("vehicles", f"v{desk.vehicle.id}"),
        ("partners", f"p{desk.person.company_id}-{desk.partner.person_id}"),
    ):
        shown = row(read(desk, rows=rows), key)
        assert re.findall(r'<div class="bar (\w+)', shown) == ["active"]


def test_report_12_dates_are_as_fms_writes_them_with_the_year_across_new_year(desk: Desk) -> None:
    """On the board, its cards, the list by day and the form: `MM-DD-YY` wherever people read."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=date(2026, 12, 30), end_day=date(2027, 1, 6))
    desk.fleet.add_activity(desk.fleet.add_vehicle(), None, start_day=date(2026, 12, 28), end_day=date(2027, 1, 4))
    view = {"start": "2026-12-21", "end": "2027-01-17"}
    (said,) = bars(row(read(desk, **view), f"v{desk.vehicle.id}"))
    assert "12-30-26 to 01-06-27" in said
    answers = [
        desk.client.get(path, query_string={"office": OFFICE, **view})
        for path in ("/calendar", "/calendar/days", f"/calendar/loans/{loan.id}", f"/calendar/loans/{loan.id}/history")
    ]
    for answer in answers:
        spoken = " ".join(re.findall(r'aria-label="([^"]*)"', answer.text))
        for text in (words_of(answer), spoken):
            assert OTHER_DATES.findall(text) == [], text
    assert "01-06-27" in words_of(answers[1])
    assert "Wed 12-30-26" in words_of(answers[2])


def test_report_13_a_loan_that_came_in_between_stops_the_request_and_is_named(fms_desk: FmsDesk) -> None:
    """Planned in July, sent in September: FMS is not asked, the message says who has the vehicle and when."""
    loan = fms_desk.add_loan()
    ring = fms_desk.fleet.add_partner("Ring Report")
    fms_desk.fleet.add_activity(fms_desk.vehicle, ring, start_day=FREE_DAY + timedelta(days=3))
    refused = fms_desk.post(f"/calendar/loans/{loan}/request")
    assert refused.status_code == 409
    assert "is held by Ring Report 06-08-28 to 06-15-28" in words_of(refused)
    assert fms_desk.sandbox.requests() == []
    assert f'class="bar manual" id="b{loan}"' in read(fms_desk, start=FREE_DAY.isoformat())


def test_report_14_deleting_one_loan_leaves_every_other_of_that_partner(desk: Desk) -> None:
    """And to open pages, forms, cards and files deletes nothing."""
    loans = [desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=DAY + number * WEEK).id for number in range(3)]
    for path in ("", "/days", "/plan", "/export.csv", f"/loans/{loans[0]}", f"/loans/{loans[0]}/change", "/deeds"):
        read(desk, f"/calendar{path}", rows="partners")
    assert desk.post(f"/calendar/loans/{loans[1]}/delete").status_code == 200
    page = read(desk)
    assert re.findall(r'id="b(\d+)"', page) == [str(loans[0]), str(loans[2])]


def test_report_16_every_choice_is_there_by_last_name_and_the_office_is_evident(desk: Desk) -> None:
    """More than 500 partners and 60 vehicles in the form, none cut off; the title, the heading and the choice name the
    office; of another office nothing of the first is left.
    """
    for number in range(510):
        desk.fleet.add_partner(f"Zoe Abbott{number:03}", affiliation="")
    desk.fleet.add_partner("Adam Zimmer", affiliation="")
    for number in range(60):
        desk.fleet.add_vehicle(model=f"Model {number:02}")
    desk.fleet.add_vehicle(office="Miami", model="Alone in Miami")
    form = read(desk, "/calendar/plan")
    people = re.findall(r'<option value="\d+"[^>]*>([^<]+)</option>', form)
    assert [name.split(" ·")[0] for name in people] == [
        *(f"Abbott{number:03}, Zoe" for number in range(510)),
        "Torque, Wendy",
        "Zimmer, Adam",
    ]
    assert len(re.findall(r'<option value="WAU[^"]*"', form)) == 61 + ("Alone in Miami" in form)
    page = read(desk)
    assert re.search(rf"<option[^>]* selected[^>]*>{OFFICE}</option>", page)
    assert f"<title>Calendar · {OFFICE}" in page
    assert f'<h1 class="hidden-text">Calendar · {OFFICE}' in page
    miami = desk.client.get("/calendar?office=Miami").text
    assert "Model 07" not in miami
    assert [name.strip() for name in NAMES.findall(miami)] == ["Audi Alone in Miami"]
    named = [name.strip() for name in NAMES.findall(read(desk, rows="partners"))]
    assert (len(named), named[0], named[-1]) == (512, "Abbott000, Zoe", "Zimmer, Adam")
    assert all(one <= other for one, other in pairwise(named))


def test_report_17_a_hundred_times_the_loans_are_as_many_questions_to_the_database(
    desk: Desk, sqlite_app: Flask
) -> None:
    """For the page either way, its parts, a filter, a search, the list, the files, the news and a panel."""
    partner, views = desk.partner, ("", "rows=partners", "make=Audi", "q=torque", "activity=none")
    paths = [f"/calendar?office=Los+Angeles&start=2026-11-16&end=2027-01-31&{view}" for view in views]
    paths += [f"/calendar/{name}?office=Los+Angeles" for name in ("days", "export.csv", "search?q=torque", "changes")]
    paths += [f"/calendar/partners/{partner.person_id}?office=Los+Angeles", f"/calendar/vehicles/{desk.vehicle.vin}"]
    desk.fleet.add_weeks([desk.vehicle], partner, weeks=10)
    few = {path: asked(desk, sqlite_app, path) for path in paths}
    desk.fleet.add_weeks(desk.fleet.add_vehicles(99), partner, weeks=10)
    many = {path: asked(desk, sqlite_app, path) for path in paths}
    assert many == few


def asked(desk: Desk, app: Flask, path: str) -> int:
    """How many statements the answer took."""
    with app.app_context(), queries_of() as statements:
        assert desk.client.get(path).status_code in (200, 204)
        return len(statements)


def test_report_18_a_page_in_place_of_a_report_takes_no_row_off_the_board(fms_desk: FmsDesk, sqlite_app: Flask) -> None:
    """After a good import FMS answers an error page for its vehicles: every row stays."""
    with sqlite_app.app_context():
        run_feeds("test")
    before = NAMES.findall(read(fms_desk))
    fms_desk.sandbox.fault("report:vehicles", "html")
    with sqlite_app.app_context():
        run_feeds("test")
    assert NAMES.findall(read(fms_desk)) == before
    assert len(before) > 2


@pytest.mark.parametrize("start", ["2028-01-24", "2021-02-01", "2026-11-19"])
def test_report_19_any_range_is_shown_with_all_that_is_in_it(desk: Desk, start: str) -> None:
    """Fourteen months ahead and years ago as well as today, for as many days as asked; paging leads on from there."""
    first = date.fromisoformat(start)
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=first + WEEK)
    desk.fleet.add_activity(desk.fleet.add_vehicle(), desk.partner, start_day=first + 2 * WEEK)
    page = read(desk, start=start, end=(first + 8 * WEEK).isoformat())
    assert f'data-first="{start}"' in page
    assert 'data-days="57"' in page
    assert f'id="b{loan.id}"' in page
    assert len(re.findall(r'class="bar (?!\w+" aria-hidden)', row(page, f"v{desk.vehicle.id}"))) == 1
    onward = re.search(r'href="([^"]+)"[^>]* id="week-on"', page)
    assert onward
    later = desk.client.get(unescape(onward[1])).text
    assert f'data-first="{(first + WEEK).isoformat()}"' in later
    assert f'id="b{loan.id}"' in later


def test_report_20_what_fms_refuses_later_holds_no_vehicle_and_says_so(fms_desk: FmsDesk, sqlite_app: Flask) -> None:
    """FMS's people refuse a request: with the next report its bar is gone, its card says why, the days are free."""
    loan = fms_desk.requested()
    (request,) = fms_desk.sandbox.requests()
    fms_desk.sandbox.refuse(request["id"], "Needed for an event")
    with sqlite_app.app_context():
        run_feeds("test")
    assert f'id="b{loan}"' not in read(fms_desk, start=FREE_DAY.isoformat())
    assert "Needed for an event" in read(fms_desk, f"/calendar/loans/{loan}")
    days = {"start_day": FREE_DAY.isoformat(), "end_day": (FREE_DAY + WEEK).isoformat()}
    said = read(fms_desk, "/calendar/check", vin=fms_desk.vehicle.vin, person_id=fms_desk.partner.person_id, **days)
    assert "is held by" not in said
