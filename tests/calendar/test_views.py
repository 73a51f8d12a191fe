"""The page, its parts, the list by day and the cards, as a browser without scripts sees them."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from tests.calendar.conftest import THURSDAY_MORNING, Desk
from tests.rows import DAY, Fleet, People
from tests.servers import sign_in
from webapp.accounts.permissions import Role

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")


def test_the_page_carries_every_row_and_bar(desk: Desk) -> None:
    """Idle vehicles, loans and FMS's own rows of the office and range are all in it."""
    idle = desk.fleet.add_vehicle(model="Q8 idle")
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    activity = desk.fleet.add_activity(idle, None, start_day=DAY)
    page = desk.get("/calendar?office=Los+Angeles").text
    assert page.startswith("<!doctype html>")
    assert f'href="/calendar/loans/{loan.id}"' in page
    assert f'href="/calendar/activities/{activity.activity_id}"' in page
    assert page.count('class="row"') == 2
    assert "2 vehicles · 0 idle in these days" in page
    assert "11-16-26 \N{EN DASH} 12-13-26" in page


def test_a_fragment_is_the_calendar_alone_and_names_its_address(desk: Desk) -> None:
    """A filter swaps the calendar, not the page; its address is the short one that can be shared."""
    answer = desk.get("/calendar?office=Los+Angeles&rows=vehicles&make=&start=2026-11-16&end=2026-12-13", fragment=True)
    assert answer.text.lstrip().startswith('<div id="calendar"')
    assert answer.headers["HX-Push-Url"] == "/calendar?office=Los+Angeles"


def test_an_office_out_of_scope_is_not_there(desk: Desk) -> None:
    """The scope is 404, for the page, its list and the JSON alike."""
    for path in ("/calendar", "/calendar/days", "/api/calendar"):
        assert desk.get(f"{path}?office=Chicago").status_code == 404


def test_what_others_wrote_is_printed_as_text(desk: Desk) -> None:
    """Names with markup in them are shown, not run: in rows, bars, tooltips, cards, forms and lists."""
    evil = '"><script>alert(1)</script>'
    vehicle = desk.fleet.add_vehicle(make=evil, model="", color=evil)
    partner = desk.fleet.add_partner(evil, affiliation=evil)
    loan = desk.fleet.add_loan(vehicle, partner)
    activity = desk.fleet.add_activity(desk.vehicle, partner, start_day=DAY, activity_type=evil, to=evil)
    for path in (
        "/calendar",
        "/calendar?rows=partners",
        f"/calendar?q={evil}",
        f"/calendar?make={evil}",
        "/calendar/days",
        f"/calendar/loans/{loan.id}",
        f"/calendar/loans/{loan.id}/change",
        f"/calendar/activities/{activity.activity_id}",
        "/calendar/plan",
    ):
        page = desk.get(path).text
        assert str(escape(evil)) in page, path
        assert evil not in page, path


def test_the_list_by_day_says_what_goes_out_and_comes_back(desk: Desk) -> None:
    """What a phone shows: today first, what went before folded away."""
    desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=date(2026, 11, 17), end_day=date(2026, 11, 24))
    desk.fleet.add_activity(desk.fleet.add_vehicle(), desk.partner, start_day=DAY - timedelta(days=30), end_day=DAY)
    text = re.sub(r"<[^>]+>|\s+", " ", desk.get("/calendar/days", fragment=True).text)
    order = ["Mon 11-16-26 to Tue 11-17-26", "goes out", "Thu 11-19-26 · today", "Mon 11-23-26", "Tue 11-24-26"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "1 out since before" in text
    assert text.count("comes back") == 3, "one a day, and today nothing"


def test_a_card_offers_what_the_state_allows(desk: Desk) -> None:
    """Green: request, change, delete. Magenta: unrequest, change and request again, delete. A note: always."""
    offered = {
        "manual": {"request", "delete", "change", "notes"},
        "requested": {"unrequest", "delete", "change", "notes"},
        "active": {"notes"},
        "completed": {"notes"},
        "cancelled": {"notes"},
    }
    for number, (status, actions) in enumerate(offered.items()):
        loan = desk.fleet.add_loan(
            desk.vehicle,
            desk.partner,
            start_day=DAY + timedelta(weeks=number),
            status=status,
            fms_request_id=4372 if status == "requested" else None,
        )
        card = desk.get(f"/calendar/loans/{loan.id}", fragment=True).text
        assert set(re.findall(rf'(?:action|href)="/calendar/loans/{loan.id}/(\w+)"', card)) == actions


@pytest.mark.settings(fms_staging_url="https://fms.example.com")
def test_a_card_says_what_matters_and_leads_to_fms(desk: Desk) -> None:
    """Vehicle, state, partner, days with weekdays and their number, links to FMS, the turn-in as a warning."""
    vehicle = desk.fleet.add_vehicle("WAUZZZ8V0SA000001", vehicle_id=89943, expected_turn_in_date=DAY + timedelta(2))
    loan = desk.fleet.add_loan(vehicle, desk.partner, activity_id=77)
    card = desk.get(f"/calendar/loans/{loan.id}", fragment=True).text
    for words in (
        "Audi A3 Premium Plus",
        "Picked by hand",
        "Wendy Torque",
        "Mon 11-23-26 → Mon 11-30-26 · 7 days",
        "WAUZZZ8V0SA000001",
        "Expected turn-in 11-25-26 falls inside this loan.",
        "https://fms.example.com/vehicles/list_activities/89943",
        f"https://fms.example.com/people/list_activities/{desk.partner.person_id}",
        "https://fms.example.com/activities/edit/77",
    ):
        assert words in card


def test_who_may_only_look_is_offered_nothing_to_do(
    november: None, client: FlaskClient, people: People, fleet: Fleet
) -> None:
    """An auditor sees the board and the cards, without plan, boxes or actions."""
    loan = fleet.add_loan(fleet.add_vehicle(), fleet.add_partner())
    sign_in(client, people(Role.AUDITOR))
    page = client.get("/calendar").text
    assert f'href="/calendar/loans/{loan.id}"' in page
    assert 'type="checkbox"' not in page
    assert "/calendar/plan" not in page
    assert "<form" not in client.get(f"/calendar/loans/{loan.id}", headers={"HX-Request": "true"}).text


def test_without_an_office_the_page_says_so(november: None, client: FlaskClient, people: People) -> None:
    """No office in scope is a sentence with the way out of it, not an empty board."""
    sign_in(client, people(locations=[]))
    assert "No office is yours yet" in client.get("/calendar").text


def test_a_row_that_left_fms_s_calendar_has_no_card(desk: Desk) -> None:
    """404 says so, instead of a card of something that is no more."""
    gone = desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=DAY, gone_at=THURSDAY_MORNING)
    assert desk.get(f"/calendar/activities/{gone.activity_id}").status_code == 404


def test_what_is_in_the_way_can_be_shown(desk: Desk) -> None:
    """The link of a refusal leads to the page that opens the bar it speaks of."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner)
    assert f'data-opens="/calendar/loans/{loan.id}"' in desk.get(f"/calendar?start=2026-11-23&loan={loan.id}").text
    assert 'data-opens="/calendar/activities/7"' in desk.get("/calendar?activity_id=7").text
    assert "data-opens" not in desk.get("/calendar?loan=javascript:alert(1)").text
