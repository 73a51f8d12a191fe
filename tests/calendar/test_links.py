"""Private addresses of calendars: made, read, revoked, and closed with whoever made them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, vText
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from tests.calendar.conftest import THURSDAY_MORNING, Desk
from tests.calendar.test_exports import HOSTILE
from tests.queries_counted import queries_of
from tests.rows import CREATED_AT, People
from tests.servers import csrf_token, sign_in
from webapp.accounts.models import Location, User, user_locations
from webapp.accounts.permissions import Role
from webapp.calendar import ics_views, links
from webapp.calendar.ics import Entry, calendar_of, mark_of
from webapp.calendar.models import CalendarLink
from webapp.db import db, writing
from webapp.exports import clean
from webapp.loans.models import Assignment
from webapp.loans.states import Status

ADDRESS = re.compile(r'id="address"[^>]*value="http://localhost(/calendar/ics/[A-Za-z0-9_-]{43}\.ics)"')
START = date(2026, 11, 23)


@dataclass
class Subscriber:
    """Somebody's calendar program: no cookies, only the address."""

    client: FlaskClient
    path: str

    def get(self, **headers: str) -> TestResponse:
        """What the address answers."""
        return self.client.get(self.path, headers=headers)

    def events(self) -> dict[str, Any]:
        """The events by their uid."""
        answer = self.get()
        assert answer.status_code == 200, answer.text
        return {str(event["uid"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")}


@pytest.fixture
def subscribe(desk: Desk, app: Flask) -> Callable[..., Subscriber]:
    """`subscribe(kind, subject)`: make a link on the page, and read it as a stranger would."""

    def make(kind: str = "office", subject: object = "Los Angeles") -> Subscriber:
        page = desk.send("/calendar/links", kind=kind, subject=subject)
        assert page.status_code == 200, page.text
        return Subscriber(app.test_client(), ADDRESS.findall(page.text)[0])

    return make


def assert_closed(answer: TestResponse) -> None:
    """The one answer of every address that opens nothing."""
    assert (answer.status_code, answer.text) == (404, "There is no calendar at this address.\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_loan_is_an_event_of_whole_days(desk: Desk, sqlite_app: Flask, subscribe: Callable[..., Subscriber]) -> None:
    """From the day it goes out up to, and without, the day it comes back; with all that its card says, no money."""
    columns = {"status": Status.REQUESTED, "fms_request_id": 4372, "version": 3}
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=START, **columns)  # type: ignore[arg-type]
    answer = subscribe().get()
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    calendar = Calendar.from_ical(answer.data)
    assert calendar["X-WR-CALNAME"] == "Los Angeles · Motorpool"
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in answer.data
    (event,) = calendar.walk("VEVENT")
    assert event["uid"] == f"loan-{loan.id}@motorpool"
    assert event["summary"] == "Audi A3 Premium Plus → Wendy Torque (requested #4372)"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (START, START + timedelta(days=7))
    assert b"\r\nDTSTART;VALUE=DATE:20261123\r\nDTEND;VALUE=DATE:20261130\r\n" in answer.data
    assert (event["location"], event["status"], event["sequence"]) == ("Los Angeles", "TENTATIVE", 3)
    assert event.decoded("last-modified") == CREATED_AT
    assert event["url"] == f"http://localhost/calendar?loan={loan.id}"
    assert str(event["description"]).splitlines() == [
        "Goes out Mon 11-23-26, comes back Mon 11-30-26.",
        "Requested in FMS #4372",
        "Vehicle: Audi A3 Premium Plus …SA051916, VIN WAUZZZ8V0SA051916",
        "Partner: Wendy Torque",
    ]


def test_each_kind_gives_its_own_loans(desk: Desk, subscribe: Callable[..., Subscriber]) -> None:
    """An office all of it, a vehicle and a partner theirs; FMS's own rows too; from a month ago to a year ahead."""
    fleet = desk.fleet
    other_vehicle, other_partner = fleet.add_vehicle(), fleet.add_partner("Otto Other")
    elsewhere = fleet.add_vehicle(office="Miami")
    mine = fleet.add_loan(desk.vehicle, desk.partner, start_day=START)
    of_vehicle = fleet.add_loan(desk.vehicle, other_partner, start_day=START + timedelta(days=30))
    of_partner = fleet.add_loan(elsewhere, desk.partner, start_day=START + timedelta(days=60))
    shop: dict[str, Any] = {"to": "Body shop", "activity_type": "Service", "region": "Reno"}
    hold = fleet.add_activity(other_vehicle, start_day=START, end_day=START, **shop)
    for day in (date(2026, 10, 1), date(2027, 12, 1)):
        fleet.add_loan(desk.vehicle, desk.partner, start_day=day)
    recent = fleet.add_loan(other_vehicle, other_partner, start_day=date(2026, 10, 16), status=Status.COMPLETED)
    hold_uid = f"activity-{hold.company_id}-{hold.activity_id}@motorpool"
    names = {loan.id: f"loan-{loan.id}@motorpool" for loan in (mine, of_vehicle, of_partner, recent)}
    office = subscribe().events()
    assert office.keys() == {names[mine.id], names[of_vehicle.id], names[recent.id], hold_uid}
    assert office[hold_uid]["summary"] == "Audi A3 Premium Plus → Body shop (Service)"
    assert office[hold_uid].decoded("dtend") == START + timedelta(days=1)
    assert str(office[hold_uid]["description"]).startswith("From Mon 11-23-26 to Mon 11-23-26.\n")
    # Where the vehicle is, whatever region FMS booked it in; and nobody knows when FMS changed it.
    assert (office[hold_uid]["location"], "last-modified" in office[hold_uid]) == ("Los Angeles", False)
    assert office[names[recent.id]]["status"] == office[hold_uid]["status"] == "CONFIRMED"
    assert subscribe("vehicle", desk.vehicle.vin).events().keys() == {names[mine.id], names[of_vehicle.id]}
    assert subscribe("partner", desk.partner.person_id).events().keys() == {names[mine.id], names[of_partner.id]}


def test_a_linked_activity_is_one_event_and_a_cancelled_loan_says_so(
    desk: Desk, sqlite_app: Flask, subscribe: Callable[..., Subscriber]
) -> None:
    """A loan that FMS has in its calendar is not there twice; one called off is told as cancelled."""
    activity = desk.fleet.add_activity(desk.vehicle, desk.partner, start_day=START)
    columns: dict[str, Any] = {"activity_id": activity.activity_id, "status": Status.ACTIVE}
    active = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=START, **columns)
    off = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=START + timedelta(days=30), status=Status.CANCELLED)
    events = subscribe().events()
    assert {uid: event["status"] for uid, event in events.items()} == {
        f"loan-{active.id}@motorpool": "CONFIRMED",
        f"loan-{off.id}@motorpool": "CANCELLED",
    }


def test_while_nothing_changes_nothing_is_sent(
    desk: Desk, sqlite_app: Flask, subscribe: Callable[..., Subscriber]
) -> None:
    """The same loans give the same bytes and 304; a changed or deleted loan gives a new calendar."""
    loan = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=START)
    calendar = subscribe()
    first = calendar.get()
    assert calendar.get().data == first.data
    mark = first.headers["ETag"]
    assert first.last_modified == CREATED_AT
    unchanged = calendar.get(**{"If-None-Match": mark})
    assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", mark)
    with sqlite_app.app_context(), writing() as session:
        session.execute(delete(Assignment).where(Assignment.id == loan.id))
    # A calendar that knows only the date asks with that, and is told of the deletion all the same.
    said = first.headers["Last-Modified"]
    changed = calendar.get(**{"If-None-Match": mark, "If-Modified-Since": said})
    assert changed.status_code == calendar.get(**{"If-Modified-Since": said}).status_code == 200
    assert changed.headers["ETag"] != mark
    assert b"VEVENT" not in changed.data


@pytest.mark.settings(log_level="INFO")
def test_the_token_is_nowhere_but_in_the_address(
    desk: Desk, sqlite_app: Flask, subscribe: Callable[..., Subscriber], caplog: pytest.LogCaptureFixture
) -> None:
    """The database keeps its hash; neither the log nor any later page nor another address holds it."""
    calendar = subscribe()
    token = calendar.path.split("/")[-1].removesuffix(".ics")
    with sqlite_app.app_context():
        row = db.session.scalars(select(CalendarLink)).one()
        assert all(token not in str(value) for value in vars(row).values())
    assert token not in desk.get("/calendar/links").text
    caplog.clear()
    caplog.set_level("INFO")
    calendar.get()
    calendar.client.get(f"{calendar.path}?x=1")
    calendar.client.get(calendar.path.removesuffix(".ics"))
    assert caplog.records
    assert token not in caplog.text


def closed_by_revoking(desk: Desk, app: Flask) -> None:
    page = desk.get("/calendar/links").text
    (path,) = re.findall(r'action="(/calendar/links/\d+/revoke)"', page)
    assert desk.send(path).status_code == 303
    assert desk.send(path).status_code == 404


def closed_by_revoking_all(desk: Desk, app: Flask) -> None:
    assert desk.send("/calendar/links/revoke-all").status_code == 303


def closed_by_deactivation(desk: Desk, app: Flask) -> None:
    change_owner(desk, app, is_active=False)


def closed_by_a_reset_password(desk: Desk, app: Flask) -> None:
    change_owner(desk, app, must_change_password=True)


def closed_by_another_role(desk: Desk, app: Flask) -> None:
    change_owner(desk, app, role=Role.DISPATCHER)


def closed_by_a_second_factor_that_is_missing(desk: Desk, app: Flask) -> None:
    change_owner(desk, app, role=Role.ADMIN)


def closed_by_losing_the_office(desk: Desk, app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(delete(user_locations).where(user_locations.c.user_id == desk.person.user_id))


def change_owner(desk: Desk, app: Flask, **columns: object) -> None:
    """Change the desk's person behind their back."""
    with app.app_context(), writing() as session:
        session.execute(update(User).where(User.id == desk.person.user_id).values(**columns))


@pytest.mark.settings(second_factor="administrators")
@pytest.mark.parametrize(
    "close",
    [
        closed_by_revoking,
        closed_by_revoking_all,
        closed_by_deactivation,
        closed_by_a_reset_password,
        closed_by_another_role,
        closed_by_a_second_factor_that_is_missing,
        closed_by_losing_the_office,
    ],
)
def test_an_address_closes_with_what_it_hangs_on(
    desk: Desk,
    sqlite_app: Flask,
    subscribe: Callable[..., Subscriber],
    close: Callable[[Desk, Flask], None],
) -> None:
    """Revoked, owner shut out, reset, with another role or without the office: as if it had never been."""
    calendars = [
        subscribe(),
        *([] if close is closed_by_revoking else [subscribe("vehicle", desk.vehicle.vin)]),
        *([] if close is closed_by_revoking else [subscribe("partner", desk.partner.person_id)]),
    ]
    for calendar in calendars:
        assert calendar.get().status_code == 200
    close(desk, sqlite_app)
    for calendar in calendars:
        assert_closed(calendar.get())


def test_an_unknown_address_says_no_more_than_a_closed_one(desk: Desk, sqlite_app: Flask) -> None:
    """Guessed, cut short, endless, hostile: the same words, whoever asks."""
    for token in ("x", "A" * 43, "A" * 5000, "%00", "%ff%fe", "..", "=cmd|", "é", "a b", "%0d%0aSet-Cookie:x"):
        for client in (sqlite_app.test_client(), desk.client):
            assert_closed(client.get(f"/calendar/ics/{token}.ics"))


def test_what_is_read_is_what_the_owner_may_see_then(
    desk: Desk, app: Flask, people: People, subscribe: Callable[..., Subscriber]
) -> None:
    """A partner's loans at an office that the owner loses vanish from the partner's calendar."""
    elsewhere = desk.fleet.add_vehicle(office="Miami")
    here = desk.fleet.add_loan(desk.vehicle, desk.partner, start_day=START)
    there = desk.fleet.add_loan(elsewhere, desk.partner, start_day=START + timedelta(days=20))
    calendar = subscribe("partner", desk.partner.person_id)
    assert calendar.events().keys() == {f"loan-{here.id}@motorpool", f"loan-{there.id}@motorpool"}
    with app.app_context(), writing() as session:
        miami = select(Location.id).where(Location.name == "Miami").scalar_subquery()
        session.execute(delete(user_locations).where(user_locations.c.location_id == miami))
    assert calendar.events().keys() == {f"loan-{here.id}@motorpool"}


def test_reading_is_noted_at_most_every_ten_minutes(
    desk: Desk, app: Flask, subscribe: Callable[..., Subscriber]
) -> None:
    """The list says when a link was last read; a busy calendar does not make a write of every read."""

    def noted() -> datetime | None:
        with app.app_context():
            return db.session.scalars(select(CalendarLink.last_read_at)).one()

    calendar = subscribe()
    assert noted() is None
    assert "Not yet" in desk.get("/calendar/links").text
    with time_machine.travel(THURSDAY_MORNING, tick=False):
        calendar.get()
        assert noted() == THURSDAY_MORNING
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=9), tick=False):
        calendar.get()
        assert noted() == THURSDAY_MORNING
    later = THURSDAY_MORNING + timedelta(minutes=11)
    with time_machine.travel(later, tick=False):
        calendar.get()
        assert noted() == later
    assert "11-19-26 10:11 PST" in desk.get("/calendar/links").text


def test_who_asks_too_often_is_told_when_to_ask_again(
    desk: Desk, sqlite_app: Flask, subscribe: Callable[..., Subscriber], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond so many reads in ten minutes an address answers 429; another address, and it itself later, do not."""
    monkeypatch.setattr(ics_views, "MOST_READS", 2)
    calendar, other = subscribe(), subscribe("vehicle", desk.vehicle.vin)
    with time_machine.travel(THURSDAY_MORNING, tick=False):
        assert [calendar.get().status_code for _ in range(3)] == [200, 200, 429]
        assert calendar.get().headers["Retry-After"] == "601"
        assert other.get().status_code == 200
    with time_machine.travel(THURSDAY_MORNING + timedelta(minutes=11), tick=False):
        assert calendar.get().status_code == 200


def test_only_what_one_sees_can_be_linked(desk: Desk, sqlite_app: Flask) -> None:
    """An office, a vehicle or a partner out of reach, and what is none of these, is refused with a sentence."""
    strange = desk.fleet.add_vehicle(office="Dallas")
    stranger = desk.fleet.add_partner("Dan Dallas", office="Dallas")
    wanted: list[tuple[str, object, int]] = [
        ("office", "Dallas", 404),
        ("office", "", 404),
        ("office", "Los Angeles\x00x", 404),
        ("vehicle", strange.vin, 404),
        ("vehicle", "\x00", 404),
        ("partner", stranger.person_id, 404),
        ("partner", "9" * 50, 404),
        ("partner", "-1", 404),
        ("partner", "٣", 404),
        ("planet", "Los Angeles", 422),
    ]
    for kind, subject, status in wanted:
        page = desk.send("/calendar/links", kind=kind, subject=subject)
        assert (page.status_code, 'class="banner refused"' in page.text) == (status, True), (kind, subject)
        asked = desk.client.get("/calendar/links", query_string={"kind": kind, "subject": str(subject)})
        assert asked.status_code == status
    assert "You have none." in desk.get("/calendar/links").text


def test_nobody_sees_or_revokes_the_links_of_others(desk: Desk, sqlite_app: Flask, people: People) -> None:
    """Not even an administrator: who shuts somebody out closes their links with that."""
    assert desk.send("/calendar/links", kind="office", subject="Los Angeles").status_code == 200
    (path,) = re.findall(r'action="(/calendar/links/\d+/revoke)"', desk.get("/calendar/links").text)
    other = sqlite_app.test_client()
    sign_in(other, people(Role.ADMIN))
    assert "You have none." in other.get("/calendar/links").text
    token = csrf_token(other)
    assert other.post(path, data={"csrf_token": token}).status_code == 404
    assert other.post("/calendar/links/revoke-all", data={"csrf_token": token}).status_code == 303
    assert path in desk.get("/calendar/links").text


def test_a_person_has_so_many_links_and_no_more(desk: Desk, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the page says which way out there is; a revoked one makes room."""
    monkeypatch.setattr(links, "MOST_LINKS", 2)
    for _ in range(2):
        assert desk.send("/calendar/links", kind="office", subject="Miami").status_code == 200
    refused = desk.send("/calendar/links", kind="office", subject="Miami")
    assert refused.status_code == 409
    assert "Revoke one first" in refused.text
    assert not ADDRESS.search(refused.text)
    desk.send(re.findall(r'action="(/calendar/links/\d+/revoke)"', refused.text)[0])
    assert desk.send("/calendar/links", kind="office", subject="Miami").status_code == 200


def test_the_list_takes_as_many_statements_for_many_links_as_for_few(desk: Desk, sqlite_app: Flask) -> None:
    """Whether each is still within reach is asked for all of them at once."""
    for kind, subject in (("office", "Miami"), ("vehicle", desk.vehicle.vin), ("partner", desk.partner.person_id)):
        desk.send("/calendar/links", kind=kind, subject=subject)
    with sqlite_app.app_context(), queries_of() as few:
        desk.get("/calendar/links")
    for _ in range(6):
        desk.send("/calendar/links", kind="vehicle", subject=desk.vehicle.vin)
    with sqlite_app.app_context(), queries_of() as many:
        assert desk.get("/calendar/links").text.count("badge planned") == 9
    assert len(many) == len(few)


def test_a_link_out_of_reach_is_told_and_a_vehicle_that_fms_dropped_stays(
    desk: Desk, sqlite_app: Flask, subscribe: Callable[..., Subscriber]
) -> None:
    """The list says why a calendar stopped; what vanished from FMS's list still has its loans."""
    gone = desk.fleet.add_vehicle(gone_at=CREATED_AT)
    desk.fleet.add_loan(gone, desk.partner, start_day=START)
    assert len(subscribe("vehicle", gone.vin).events()) == 1
    closed_by_losing_the_office(desk, sqlite_app)
    assert "It is out of your reach now." in desk.get("/calendar/links").text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
@example(list(HOSTILE))
@example(["BEGIN:VEVENT\r\nUID:forged", "\\n\\,\\;", "\u2028", "a\x85b"])
def test_whatever_text_a_name_holds_the_calendar_is_read_back(texts: list[str]) -> None:
    """Every event comes back with its text, and nobody's name becomes a line of its own."""
    entries = [
        Entry(f"loan-{n}@motorpool", text, START, START, text, text, "TENTATIVE", "http://x/", CREATED_AT, 1)
        for n, text in enumerate(texts)
    ]
    content = calendar_of(texts[0], entries)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    calendar = Calendar.from_ical(content)
    assert str(calendar["NAME"]) == vText(clean(texts[0]).replace("\n", " ")).to_ical().decode()
    events = calendar.walk("VEVENT")
    assert [str(event["uid"]) for event in events] == [entry.uid for entry in entries]
    for name in ("summary", "description", "location"):
        assert [str(event[name]) for event in events] == [clean(text) for text in texts]
    assert mark_of("a", entries) == mark_of("a", entries) != mark_of("b", entries)
