"""My jobs over HTTP: who sees which journeys, what the page never shows, and taps that come late, twice or at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.journey_rows import Yard
from tests.rows import DAY, People, Person
from tests.servers import LiveServer, csrf_token, sign_in, signed_in_session
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.journeys.models import JourneyEvent, JourneyTap, JourneyTick, TruckJourney
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday")


def tap(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """What the phone's script sends."""
    return send(client, address, {"HX-Request": "true", "X-Tap": "a-mark"}, fields)


def send(client: FlaskClient, address: str, headers: dict[str, str], fields: dict[str, str]) -> TestResponse:
    """The form, as a browser without script sends it, with further headers."""
    form = {"csrf_token": csrf_token(client), "tap_id": str(uuid4()), **fields}
    return client.post(address, data=form, headers=headers)


def text_of(client: FlaskClient, address: str = "/my-jobs") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_crew_sees_its_own_jobs_in_arrival_order(client: FlaskClient, yard: Yard) -> None:
    """Today and tomorrow, in the order of arrival; nobody else's, nothing of later, nothing done yesterday."""
    driver, other = yard.driver(), yard.driver()
    for name, columns in (
        ("Late", {"arrival_start": 14 * 60}),
        ("Early", {"arrival_start": 7 * 60}),
        ("Next day", {"day": DAY + timedelta(days=1)}),
        ("Unfinished", {"day": DAY - timedelta(days=1), "stage": Stage.ONSITE}),
    ):
        yard.journey(customer_name=name, crew=[driver], **columns)
    yard.journey(customer_name="A colleague's", crew=[other])
    yard.journey(customer_name="Nobody's")
    yard.journey(customer_name="Next week", day=DAY + timedelta(days=7), crew=[driver])
    yard.journey(customer_name="Finished", day=DAY - timedelta(days=1), stage=Stage.COMPLETED, crew=[driver])
    yard.journey(customer_name="Cancelled", on_board=False, crew=[driver])
    sign_in(client, driver)
    page = text_of(client)
    places = [page.index(name) for name in ("Unfinished", "Early", "Late", "Next day")]
    assert places == sorted(places)
    for name in ("A colleague", "Nobody&#39;s", "Next week", "Finished", "Cancelled"):
        assert name not in page


def test_today_is_the_day_of_the_branch(client: FlaskClient, yard: Yard) -> None:
    """At ten in Denver it is Tuesday already in Auckland: each job is under the day it has there."""
    driver = yard.driver(locations=["Denver", "Auckland"])
    auckland = yard.location("Auckland", "Pacific/Auckland")
    yard.journey(auckland, customer_name="Tuesday there", day=DAY + timedelta(days=1), crew=[driver])
    yard.journey(auckland, customer_name="Wednesday there", day=DAY + timedelta(days=2), crew=[driver])
    yard.journey(customer_name="Tuesday here", day=DAY + timedelta(days=1), crew=[driver])
    sign_in(client, driver)
    page = text_of(client)
    today, tomorrow = page.index(">Today<"), page.index(">Tomorrow<")
    assert today < page.index("Tuesday there") < tomorrow
    assert tomorrow < page.index("Wednesday there")
    assert tomorrow < page.index("Tuesday here")


def test_there_is_no_money_on_it(app: Flask, yard: Yard, people: People) -> None:
    """No value, no charge and nothing raw, not even for a manager who happens to be on the crew."""
    driver, manager = yard.driver(), people(Role.MANAGER, locations=["Denver"])
    job = yard.journey(
        crew=[driver, manager], estimated_value=Decimal("4321.99"), external_data={"text": "2h @ $349.00/hr"}
    )
    for person in (driver, manager):
        client = app.test_client()
        sign_in(client, person)
        for address in ("/my-jobs", f"/my-jobs/{job.id}"):
            page = text_of(client, address)
            assert [said for said in ("$", "4321.99", "4,32", "349.00") if said in page] == []


@pytest.mark.parametrize("role", list(Role))
def test_only_the_crew_opens_a_job(client: FlaskClient, yard: Yard, people: People, role: Role) -> None:
    """Every role: on its crew the page opens, not on it there is nothing; without the permission, 403."""
    person = people(role, locations=["Denver"])
    own, other = yard.journey(crew=[person]), yard.journey(crew=[yard.driver()])
    sign_in(client, person)
    may, works = role is not Role.SCHEDULER, role not in (Role.SCHEDULER, Role.AUDITOR)
    assert client.get("/my-jobs").status_code == (200 if may else 403)
    assert client.get(f"/my-jobs/{own.id}").status_code == (200 if may else 403)
    for address in (f"/my-jobs/{other.id}", "/my-jobs/999999"):
        assert client.get(address).status_code == (404 if may else 403)
        for what in ("stage", "tick", "problem"):
            assert tap(client, f"{address}/{what}").status_code == (404 if works else 403)


def test_a_dispatcher_without_jobs_reads_that(client: FlaskClient, yard: Yard) -> None:
    """An empty page says so."""
    sign_in(client, yard.dispatcher())
    assert "No job is assigned to you today." in text_of(client)


def test_an_auditor_on_a_crew_changes_nothing(client: FlaskClient, yard: Yard, people: People) -> None:
    """Who only looks gets no buttons, and a refusal all the same."""
    auditor = people(Role.AUDITOR)
    job = yard.journey(crew=[auditor], trucks=[yard.truck()])
    sign_in(client, auditor)
    assert "Start driving" not in text_of(client, f"/my-jobs/{job.id}")
    assert tap(client, f"/my-jobs/{job.id}/stage", to="EN_ROUTE").status_code == 403


def test_what_a_crew_has_to_know(client: FlaskClient, yard: Yard) -> None:
    """Window, customer, a number to touch, each stop and the whole way on a map, notes, mates, trucks."""
    driver, mover = yard.driver("Kim Diaz"), yard.mover("Ola Berg")
    job = yard.journey(
        crew=[driver, mover],
        trucks=[yard.truck("Truck 7")],
        customer_phone="+1 (303) 555-0100 x12",
        stops=["1 Larch St", "2 Fir St & Yard", "3 Aspen Ct"],
        notes="Ring <twice>.",
    )
    sign_in(client, driver)
    page = text_of(client, f"/my-jobs/{job.id}")
    assert "08:00 to 10:00" in page
    assert 'href="tel:+13035550100,12"' in page
    assert "query=2+Fir+St+%26+Yard" in page
    assert "destination=3+Aspen+Ct" in page
    assert "waypoints=1+Larch+St%7C2+Fir+St+%26+Yard" in page
    assert "Ring &lt;twice&gt;." in page
    assert "Ola Berg" in page
    assert "Truck 7" in page
    assert page.count('<details id="phase-') == 5
    assert 'id="phase-morning_prep" data-stages="MORNING_PREP" open' in page


def test_the_page_bears_a_job_of_which_little_is_known(client: FlaskClient, yard: Yard) -> None:
    """No phone, no address, no name, no time: said, not broken."""
    driver = yard.driver()
    job = yard.journey(
        crew=[driver],
        customer_name="",
        customer_phone="ask at the desk",
        stops=[],
        origin_address="",
        destination_address="",
        arrival_start=None,
        arrival_end=None,
        confirmed=None,
        minutes_needed=None,
    )
    sign_in(client, driver)
    page = text_of(client, f"/my-jobs/{job.id}")
    for words in ("time open", "Customer not named", "No phone number is known.", "No address is known.", "No truck"):
        assert words in page
    assert "Customer not named" in text_of(client)


def test_the_phone_asks_cheaply_whether_anything_changed(client: FlaskClient, yard: Yard) -> None:
    """With the mark it has, the phone gets 204; after a change, the page."""
    driver = yard.driver()
    job = yard.journey(crew=[driver])
    sign_in(client, driver)
    fragment = {"HX-Request": "true"}
    for address in ("/my-jobs", f"/my-jobs/{job.id}"):
        first = client.get(address, headers=fragment).get_data(as_text=True)
        mark = first.partition('data-mark="')[2].partition('"')[0]
        assert client.get(f"{address}?known={mark}", headers=fragment).status_code == 204
        tap(client, f"/my-jobs/{job.id}/problem", text=f"Lift {address}")
        after = client.get(f"{address}?known={mark}", headers=fragment)
        assert after.status_code == 200
        assert after.get_data(as_text=True) != first


def test_a_job_taken_away_is_told_to_the_page(client: FlaskClient, yard: Yard) -> None:
    """The page that is open still gets something to show, with the status that says why."""
    sign_in(client, yard.driver())
    answer = client.get(f"/my-jobs/{yard.journey().id}", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert 'id="live"' in answer.get_data(as_text=True)


def test_every_answer_to_a_phone_names_its_tap(client: FlaskClient, yard: Yard) -> None:
    """Done, refused, forged or signed out: a phone tells our answers from those of a hotel's network by it."""
    driver = yard.driver()
    job = yard.journey(crew=[driver])
    sign_in(client, driver)
    address = f"/my-jobs/{job.id}/tick"
    done = tap(client, address, item="paperwork_on_board", is_done="yes")
    refused = tap(client, address, item="no such item", is_done="yes")
    forged = client.post(address, headers={"HX-Request": "true", "X-Tap": "a-mark"})
    client.delete_cookie("session")
    out = client.post(address, headers={"HX-Request": "true", "X-Tap": "a-mark"})
    assert [each.status_code for each in (done, refused, forged)] == [200, 422, 400]
    assert out.headers["HX-Redirect"].startswith("/login")
    assert {each.headers["X-Tap"] for each in (done, refused, forged, out)} == {"a-mark"}


def test_a_refusal_is_a_bare_sentence_for_a_phone_and_a_page_for_a_form(client: FlaskClient, yard: Yard) -> None:
    """Without a truck nobody starts driving, and both kinds of page say why."""
    driver = yard.driver()
    job = yard.journey(crew=[driver])
    sign_in(client, driver)
    told = tap(client, f"/my-jobs/{job.id}/stage", to="EN_ROUTE", is_forward="yes")
    assert (told.status_code, told.mimetype) == (409, "text/plain")
    assert "There is no truck on it yet" in told.get_data(as_text=True)
    page = send(client, f"/my-jobs/{job.id}/stage", {}, {"to": "EN_ROUTE"})
    assert page.status_code == 409
    assert "There is no truck on it yet" in page.get_data(as_text=True)
    assert "Start driving" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("stage", {"to": "NOWHERE"}),
        ("stage", {}),
        ("stage", {"to": "AUDITED"}),
        ("tick", {"item": "nothing", "is_done": "yes"}),
        ("tick", {"item": "paperwork_on_board", "is_done": "toggle"}),
        ("tick", {"item": "paperwork_on_board"}),
        ("problem", {"wants_text": "1", "text": "  "}),
        ("problem", {"text": "x", "tap_id": "not one"}),
        ("tick", {"item": "customer_called", "is_done": "yes"}),
    ],
)
def test_odd_taps_are_refused_and_change_nothing(
    app: Flask, client: FlaskClient, yard: Yard, what: str, fields: dict[str, str]
) -> None:
    """A stage that does not exist or is the desk's, an item of nobody or of the desk, a toggle, no id: 4xx."""
    driver = yard.driver()
    job = yard.journey(crew=[driver], trucks=[yard.truck()])
    sign_in(client, driver)
    assert 400 < tap(client, f"/my-jobs/{job.id}/{what}", **fields).status_code < 500
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JourneyEvent)) == 0
        assert db.session.scalar(select(func.count()).select_from(JourneyTap)) == 0


def test_taps_of_somebody_else_wait(client: FlaskClient, yard: Yard) -> None:
    """A tap says who made it; signed in as another, it is not done in that name."""
    driver, other = yard.driver(), yard.driver()
    job = yard.journey(crew=[driver, other])
    sign_in(client, other)
    fields = {"item": "paperwork_on_board", "is_done": "yes", "by": str(driver.user_id)}
    assert tap(client, f"/my-jobs/{job.id}/tick", **fields).status_code == 401


def test_a_late_tap_after_others_were_faster(client: FlaskClient, yard: Yard) -> None:
    """Somebody has moved the job on: nothing happens, and the reason asked for is not one for going back."""
    driver = yard.driver()
    job = yard.journey(crew=[driver], trucks=[yard.truck()], stage=Stage.ONSITE)
    sign_in(client, driver)
    told = tap(client, f"/my-jobs/{job.id}/stage", to="EN_ROUTE", is_forward="yes")
    assert (told.status_code, told.get_data(as_text=True)) == (409, "It is on site already.")
    back = tap(client, f"/my-jobs/{job.id}/stage", to="EN_ROUTE")
    assert (back.status_code, back.get_data(as_text=True)) == (422, "Say why it goes back to en route.")


def test_a_tap_that_comes_again_is_answered_not_repeated(app: Flask, client: FlaskClient, yard: Yard) -> None:
    """Tick, untick, and the first tick again as the line had broken: it stays unticked, and the phone hears yes."""
    driver = yard.driver()
    job = yard.journey(crew=[driver])
    sign_in(client, driver)
    address, first = f"/my-jobs/{job.id}/tick", str(uuid4())
    for tap_id, is_done in ((first, "yes"), (str(uuid4()), "no"), (first, "yes")):
        done = tap(client, address, item="paperwork_on_board", is_done=is_done, tap_id=tap_id)
        assert done.status_code == 200
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JourneyTick)) == 0
        assert db.session.scalar(select(func.count()).select_from(JourneyEvent)) == 2


def test_doubled_taps_at_once_count_once(app: Flask, yard: Yard, live_server: Callable[[Flask], LiveServer]) -> None:
    """Eight connections send the same two taps at the same instant: each is done once, and every one hears yes."""
    driver = yard.driver()
    job = yard.journey(crew=[driver], trucks=[yard.truck()])
    url = live_server(app).url
    taps = [
        (f"{url}/my-jobs/{job.id}/stage", {"to": "EN_ROUTE", "tap_id": str(uuid4())}),
        (f"{url}/my-jobs/{job.id}/tick", {"item": "paperwork_on_board", "is_done": "yes", "tap_id": str(uuid4())}),
    ]
    statuses = all_at_once(url, driver, taps * 4)
    assert statuses == [200] * 8
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JourneyEvent)) == 2
        assert db.session.scalar(select(func.count()).select_from(JourneyTap)) == 2
        assert db.session.scalar(select(TruckJourney.stage)) == Stage.EN_ROUTE


def all_at_once(url: str, person: Person, taps: list[tuple[str, dict[str, str]]]) -> list[int]:
    """Send each tap from a thread of its own, all released together; the statuses."""
    session = signed_in_session(url, person)
    cookies, token = session.cookies.get_dict(), session.headers["X-CSRFToken"]
    gate, statuses = threading.Barrier(len(taps)), [0] * len(taps)

    def send(number: int) -> None:
        address, fields = taps[number]
        headers = {"X-CSRFToken": token, "HX-Request": "true"}
        gate.wait()
        answer = requests.post(address, data=fields, headers=headers, cookies=cookies, timeout=60)
        statuses[number] = answer.status_code

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(taps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
