"""What a dispatcher does from a card: with and without script, refused, stale, out of scope, by the wrong role."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.journey_rows import MONDAY_MORNING, Yard
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role
from webapp.db import db, writing
from webapp.journeys.models import JourneyCrew, JourneyTruck, TruckJourney
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday")
BOARD = {"HX-Request": "true", "HX-Current-URL": "http://localhost/journeys?by=stage"}
KINDS = ("move", "crew", "trucks", "problem")
Sent = dict[str, str | list[str]]


@pytest.fixture
def desk(client: FlaskClient, yard: Yard) -> FlaskClient:
    """A dispatcher of Denver, signed in."""
    sign_in(client, yard.dispatcher())
    return client


def send(
    client: FlaskClient, journey_id: int, kind: str, fields: Sent, headers: dict[str, str] | None = None
) -> TestResponse:
    """The form as a browser sends it: from the board's script, unless other `headers` are given."""
    form: Sent = {"csrf_token": csrf_token(client), "back": "/journeys?by=location", **fields}
    return client.post(f"/journeys/{journey_id}/{kind}", data=form, headers=BOARD if headers is None else headers)


def words(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def kept(app: Flask, journey_id: int) -> TruckJourney:
    with app.app_context():
        found = db.session.get_one(TruckJourney, journey_id)
        db.session.expunge(found)
        return found


def crew_of(app: Flask, journey_id: int) -> set[int]:
    with app.app_context():
        return set(db.session.scalars(select(JourneyCrew.user_id).where(JourneyCrew.journey_id == journey_id)))


def test_the_next_stage_answers_with_the_board(desk: FlaskClient, yard: Yard, app: Flask) -> None:
    """Drawn again as the person had it, with a message about the job by its number."""
    job = yard.journey(crew=[yard.driver()], trucks=[yard.truck()])
    answer = send(desk, job.id, "move", {"to": "EN_ROUTE"})
    assert answer.status_code == 200
    assert f'id="open-{job.id}"' in words(answer)
    assert f"{job.job_number} {job.customer_name}: en route" in words(answer)
    assert kept(app, job.id).stage == Stage.EN_ROUTE


def test_without_script_it_leads_back_to_the_same_view(desk: FlaskClient, yard: Yard, app: Flask) -> None:
    """See other, to the view of the form, where the message is shown."""
    job = yard.journey(crew=[yard.driver()], trucks=[yard.truck()])
    answer = send(desk, job.id, "move", {"to": "EN_ROUTE"}, headers={})
    assert (answer.status_code, answer.location) == (303, "/journeys?by=location")
    assert ": en route" in desk.get(answer.location).get_data(as_text=True)
    assert kept(app, job.id).stage == Stage.EN_ROUTE


def test_it_leads_nowhere_else(desk: FlaskClient, yard: Yard) -> None:
    """A form cannot be made to send the window to another site."""
    job = yard.journey()
    answer = send(desk, job.id, "problem", {"text": "Snow", "back": "https://elsewhere.example/journeys"}, headers={})
    assert answer.location == "/journeys"


def test_setting_out_without_crew_is_refused_in_the_dialog(desk: FlaskClient, yard: Yard, app: Flask) -> None:
    """409 with the sentence, and where to assign somebody; nothing happened."""
    job = yard.journey()
    answer = send(desk, job.id, "move", {"to": "EN_ROUTE"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#dialog-body"
    assert "Nobody is on the crew yet" in words(answer)
    assert "There is no truck on it yet" in words(answer)
    assert f'href="/journeys/{job.id}/crew"' in words(answer)
    assert kept(app, job.id).stage == Stage.MORNING_PREP


def test_going_back_asks_for_a_reason(desk: FlaskClient, yard: Yard, app: Flask) -> None:
    """422 with the field marked; with a reason it goes."""
    job = yard.journey(stage=Stage.ONSITE)
    answer = send(desk, job.id, "move", {"to": "EN_ROUTE"})
    assert answer.status_code == 422
    assert 'id="reason"' in words(answer)
    assert 'aria-invalid="true"' in words(answer)
    assert re.search(r'value="EN_ROUTE"[^>]* checked', words(answer))
    answer = send(desk, job.id, "move", {"to": "EN_ROUTE", "reason": "Wrong house"})
    assert "back to en route" in words(answer)
    assert kept(app, job.id).stage == Stage.EN_ROUTE


@pytest.mark.parametrize("to", ["ONSITE", "AUDITED", "LUNCH", ""])
def test_no_stage_is_skipped_or_made_up(desk: FlaskClient, yard: Yard, app: Flask, to: str) -> None:
    """Refused in the dialog, in a sentence."""
    job = yard.journey(crew=[yard.driver()], trucks=[yard.truck()])
    answer = send(desk, job.id, "move", {"to": to})
    assert answer.status_code in (409, 422)
    assert 'role="alert"' in words(answer)
    assert kept(app, job.id).stage == Stage.MORNING_PREP


def test_crew_and_trucks_are_saved(desk: FlaskClient, yard: Yard, app: Flask) -> None:
    """What is ticked is what is on it; the card says so."""
    job, driver, mover, truck = yard.journey(), yard.driver("Kim Diaz"), yard.mover("Ola Berg"), yard.truck("Truck 7")
    ids = [str(driver.user_id), str(mover.user_id)]
    answer = send(desk, job.id, "crew", {"user_ids": ids, "version": "1"})
    assert "crew of 2 saved" in words(answer)
    assert "Kim Diaz, Ola Berg" in words(answer)
    answer = send(desk, job.id, "trucks", {"truck_ids": [str(truck.id)], "version": "2"})
    assert "1 truck saved" in words(answer)
    assert crew_of(app, job.id) == {driver.user_id, mover.user_id}
    with app.app_context():
        assert list(db.session.scalars(select(JourneyTruck.truck_id))) == [truck.id]
    answer = send(desk, job.id, "crew", {"version": "3"})
    assert "no crew now" in words(answer)
    assert not crew_of(app, job.id)


def test_the_form_says_who_is_busy_with_what(desk: FlaskClient, yard: Yard) -> None:
    """Before saving; it can be chosen all the same, and saving says it again as a warning that stays."""
    driver = yard.driver("Kim Diaz")
    yard.journey(customer_name="Rowan Pike", job_number="41777-1", crew=[driver])
    job = yard.journey()
    form = words(desk.get(f"/journeys/{job.id}/crew", headers=BOARD))
    assert "also on 41777-1 Rowan Pike, 08:00 to 12:00" in form
    answer = send(desk, job.id, "crew", {"user_ids": [str(driver.user_id)], "version": "1"})
    assert answer.status_code == 200
    assert 'class="message warning"' in words(answer)
    assert "Kim Diaz is also on 41777-1 Rowan Pike, 08:00 to 12:00." in words(answer)


def test_a_stale_form_is_refused_kindly(desk: FlaskClient, yard: Yard, app: Flask) -> None:
    """409; what was ticked stays ticked, the job is shown as it stands now, and saving again goes through."""
    job, driver, other = yard.journey(), yard.driver("Kim Diaz"), yard.driver("Lee Moss")
    with app.app_context(), writing() as session:
        session.get_one(TruckJourney, job.id).version = 5
    fields: Sent = {"user_ids": [str(other.user_id)], "version": "1"}
    answer = send(desk, job.id, "crew", fields)
    assert answer.status_code == 409
    assert "Somebody has changed this job meanwhile" in words(answer)
    assert re.search(rf'value="{other.user_id}" checked', words(answer))
    assert re.search(rf'value="{driver.user_id}">', words(answer))
    assert 'name="version" value="5"' in words(answer)
    assert not crew_of(app, job.id)
    assert send(desk, job.id, "crew", {**fields, "version": "5"}).status_code == 200
    assert crew_of(app, job.id) == {other.user_id}


def test_a_problem_is_reported_and_solved(desk: FlaskClient, yard: Yard, app: Flask) -> None:
    """Empty words are asked for; solved means gone."""
    job = yard.journey()
    assert send(desk, job.id, "problem", {"text": "  "}).status_code == 422
    assert "problem noted" in words(send(desk, job.id, "problem", {"text": "The lift is broken"}))
    assert kept(app, job.id).problem == "The lift is broken"
    assert "It is solved" in words(desk.get(f"/journeys/{job.id}/problem", headers=BOARD))
    assert "the problem is solved" in words(send(desk, job.id, "problem", {"clear": "1", "text": "The lift is broken"}))
    assert kept(app, job.id).problem == ""


def test_seen_takes_the_mark_off_for_this_person(desk: FlaskClient, yard: Yard) -> None:
    """As far as it was on their page: what changed after it was drawn stays marked."""
    job = yard.journey(changed_at=MONDAY_MORNING, change_note="SmartMoving moved it.")
    assert "SmartMoving moved it." in words(desk.get("/journeys"))
    before = (MONDAY_MORNING - timedelta(minutes=1)).isoformat()
    assert "SmartMoving moved it." in words(send(desk, job.id, "seen", {"drawn_at": before}))
    assert "SmartMoving moved it." not in words(send(desk, job.id, "seen", {"drawn_at": MONDAY_MORNING.isoformat()}))


@pytest.mark.parametrize("drawn_at", ["", "yesterday", "2026-11-23T10:00:00"])
def test_seen_without_a_time_is_as_of_now(desk: FlaskClient, yard: Yard, drawn_at: str) -> None:
    """A form that does not say when it was drawn is believed."""
    job = yard.journey(changed_at=MONDAY_MORNING, change_note="SmartMoving moved it.")
    assert "SmartMoving moved it." not in words(send(desk, job.id, "seen", {"drawn_at": drawn_at}))


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_is_a_page_too(desk: FlaskClient, yard: Yard, kind: str) -> None:
    """Opened in a new tab, or without script, it is whole, and a refusal keeps it so."""
    job = yard.journey(stage=Stage.EN_ROUTE, crew=[yard.driver()], trucks=[yard.truck()])
    page = words(desk.get(f"/journeys/{job.id}/{kind}"))
    assert "<html" in page
    assert f'action="/journeys/{job.id}/{kind}"' in page
    wrong: Sent = {"to": "LUNCH", "user_ids": "999999", "truck_ids": "999999", "text": ""}
    answer = send(desk, job.id, kind, wrong, headers={})
    assert answer.status_code == 422
    assert "<html" in words(answer)
    assert 'role="alert"' in words(answer)


def test_a_location_without_people_or_trucks_says_so(desk: FlaskClient, yard: Yard) -> None:
    """With what to do about it."""
    job = yard.journey()
    assert "Denver has no drivers or movers yet" in words(desk.get(f"/journeys/{job.id}/crew", headers=BOARD))
    assert "Denver has no trucks in use yet" in words(desk.get(f"/journeys/{job.id}/trucks", headers=BOARD))


@pytest.mark.parametrize("kind", [*KINDS, "seen"])
def test_jobs_out_of_scope_do_not_exist(desk: FlaskClient, yard: Yard, app: Flask, kind: str) -> None:
    """404 for another branch's job, and nothing happens."""
    job = yard.journey(yard.location("Boise"))
    if kind != "seen":
        assert desk.get(f"/journeys/{job.id}/{kind}").status_code == 404
    assert send(desk, job.id, kind, {"to": "EN_ROUTE", "text": "Snow"}).status_code == 404
    assert kept(app, job.id).version == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DRIVER, Role.SCHEDULER])
def test_only_the_desk_acts(client: FlaskClient, yard: Yard, people: People, role: Role) -> None:
    """403 for who only looks, and for who has jobs of their own elsewhere."""
    job = yard.journey()
    sign_in(client, people(role, locations=["Denver"]))
    for kind in KINDS:
        assert client.get(f"/journeys/{job.id}/{kind}").status_code == 403
        assert send(client, job.id, kind, {}).status_code == 403


def test_from_another_page_it_leads_back_there(desk: FlaskClient, yard: Yard) -> None:
    """The forms serve the job's own page as well: the window goes back to it."""
    job = yard.journey()
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/journeys/{job.id}"}
    answer = send(desk, job.id, "problem", {"text": "Snow"}, headers=headers)
    assert answer.headers["HX-Redirect"] == f"/journeys/{job.id}"
