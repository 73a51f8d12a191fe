"""What is done on a job's page beside its form: ticks, jobs by hand, following what others do."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.journey_rows import Yard
from tests.journeys.job_desk import HTMX, form_of, stored
from tests.journeys.job_desk import desk as desk
from tests.rows import DAY, Person
from webapp.db import db, writing
from webapp.journeys import service
from webapp.journeys.models import JourneyEvent, JourneyTick, TruckJourney
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday", "sqlite_app")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_tick_sets_and_never_toggles(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard, headers: dict[str, str]
) -> None:
    """Sent twice it stays ticked, with who did it; unticked it is gone; both are told and in the history."""
    journey = yard.journey()
    form = form_of(client, item="papers_signed", is_done="yes")
    for _ in range(2):
        answer = client.post(f"/journeys/{journey.id}/tick", data=form, headers=headers)
        assert answer.status_code == (200 if headers else 303)
    page = answer.text if headers else client.get(f"/journeys/{journey.id}").text
    assert re.search(r'id="tick-papers_signed"[^>]*aria-checked="true"', page)
    assert re.search(r'class="message done"[^>]*><p>Ticked: Papers signed\.', page)
    with sqlite_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JourneyTick)) == 1
    client.post(f"/journeys/{journey.id}/tick", data={**form, "is_done": "no"}, headers=headers)
    with sqlite_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(JourneyTick)) == 0
        assert db.session.scalar(select(func.count()).select_from(JourneyEvent)) == 2
    unknown = client.post(f"/journeys/{journey.id}/tick", data=form_of(client, item="x"), headers=headers)
    assert unknown.status_code == 422
    assert 'class="message refused"' in unknown.text


def test_a_job_is_added_by_hand_at_once_or_not_at_all(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard
) -> None:
    """The form knows the day and the only branch; all that is missing is named together; then it is on the board."""
    form = client.get("/journeys/new?day=2026-11-24").text
    assert 'name="scheduled_date" type="date" value="2026-11-24"' in form
    assert f'<option value="{yard.denver.id}" selected>Denver' in form
    assert 'value="2026-11-23"' in client.get("/journeys/new?day=nonsense").text
    values = {"scheduled_date": "2026-11-24", "location_id": "", "customer_name": " ", "crew_needed": "many"}
    answer = client.post("/journeys/new", data=form_of(client, **values))
    assert answer.status_code == 422
    for sentence in ("Customer is missing.", "Location is missing.", "Crew needed is not a number."):
        assert f">{sentence}<" in answer.text
    typed = {
        "customer_name": "Rowan Pike",
        "location_id": str(yard.denver.id),
        "crew_needed": "2",
        "stops": "1 Oak\r\n2 Elm\r\n3 Ash",
        "arrival_start": "08:00",
        "notes": "Ring twice.",
    }
    answer = client.post("/journeys/new", data=form_of(client, **{**values, **typed}))
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Added by hand" in page
    assert "The job is on the board." in page
    found = stored(sqlite_app, int(answer.location.rpartition("/")[2]))
    assert (found.data_source, found.customer_name, found.notes) == ("MANUAL", "Rowan Pike", "Ring twice.")
    assert (found.origin_address, found.destination_address, found.crew_needed) == ("1 Oak", "3 Ash", 2)
    assert (found.scheduled_date, found.on_board) == (DAY.replace(day=24), True)
    assert client.get(f"{answer.location}/edit").text.count("SmartMoving") == 0


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_taken_off_with_a_reason_and_put_back(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard, headers: dict[str, str]
) -> None:
    """Without a reason it stays, and the form says so; only what was added by hand goes this way."""
    journey = yard.journey(data_source="MANUAL")
    path = f"/journeys/{journey.id}"
    refused = client.post(f"{path}/take-off", data=form_of(client, reason=" "), headers=headers)
    assert refused.status_code == 422
    assert 'id="off-fault">Say why it is taken off the board.<' in refused.text
    assert 'id="job-off" open' in refused.text
    client.post(f"{path}/take-off", data=form_of(client, reason="Called off."), headers=headers)
    assert not stored(sqlite_app, journey.id).on_board
    page = client.get(path).text
    assert "<strong>Off the board.</strong> Called off." in page
    assert "/take-off" not in page
    client.post(f"{path}/put-back", data=form_of(client), headers=headers)
    assert stored(sqlite_app, journey.id).on_board
    theirs = yard.journey()
    assert "take-off" not in client.get(f"/journeys/{theirs.id}").text
    answer = client.post(f"/journeys/{theirs.id}/take-off", data=form_of(client, reason="x"), headers=headers)
    assert answer.status_code == 409
    assert "This job comes from SmartMoving" in answer.text


def test_a_page_follows_what_others_do(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """Nothing while nothing happens, only a new mark while it looks the same, the job once it does not."""
    journey = yard.journey()

    def watched(page: str) -> str:
        return str(re.findall(r'hx-get="(/journeys/\d+/changes[^"]+)"', page)[0]).replace("&amp;", "&")

    address = watched(client.get(f"/journeys/{journey.id}").text)
    assert client.get(address, headers=HTMX).status_code == 204
    yard.journey()
    with sqlite_app.app_context():
        service.create(desk.actor, {"customer_name": "x", "scheduled_date": DAY, "location_id": yard.denver.id})
    same = client.get(address, headers=HTMX)
    assert (same.status_code, same.headers["HX-Retarget"]) == (200, "#watch")
    assert "<article" not in same.text
    address = watched(same.text)
    assert client.get(address, headers=HTMX).status_code == 204
    with sqlite_app.app_context():
        service.report_problem(yard.dispatcher("Gil Ames").actor, journey.id, "The lift is broken.")
    other = client.get(address, headers=HTMX)
    assert "HX-Retarget" not in other.headers
    assert "The lift is broken." in other.text


def test_it_says_what_stands_in_the_way(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """Nobody on it, an unread booking, a double booking with the way there; with a crew and a truck it moves on."""
    journey = yard.journey(sync_status="FAILED", sync_error="Its date cannot be read.", location=yard.denver)
    page = client.get(f"/journeys/{journey.id}").text
    assert "Still needed: 2 people and 1 truck." in page
    assert "Its date cannot be read." in page
    assert 'id="job-forward"' not in page
    kim, truck = yard.driver("Kim Diaz"), yard.truck("Truck 7")
    other = yard.journey(crew=[kim])
    yard.assign(journey, kim, truck)
    page = client.get(f"/journeys/{journey.id}").text
    assert f'href="/journeys/{other.id}"' in page
    form = form_of(client, to=Stage.EN_ROUTE, back=f"/journeys/{journey.id}")
    answer = client.post(f"/journeys/{journey.id}/move", data=form)
    assert (answer.status_code, answer.location) == (303, f"/journeys/{journey.id}")
    assert stored(sqlite_app, journey.id).stage == Stage.EN_ROUTE


def test_what_others_typed_stays_text(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """Names, notes and addresses with signs of HTML are shown, not run."""
    evil = '"><script>alert(1)</script>'
    journey = yard.journey(customer_name=evil, notes=evil, customer_email=evil, stops=[evil, evil], off_reason=evil)
    with sqlite_app.app_context(), writing() as session:
        session.get_one(TruckJourney, journey.id).problem = evil
    for address in ("", "/edit"):
        assert "<script>alert" not in client.get(f"/journeys/{journey.id}{address}").text
