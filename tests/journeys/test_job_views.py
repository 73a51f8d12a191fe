"""The page of a job and its forms: who sees them, what they say, what they may do, and what is refused in place."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.journey_rows import Yard
from tests.journeys.job_desk import HTMX, form_of, stored
from tests.journeys.job_desk import desk as desk
from tests.rows import People, Person
from tests.servers import sign_in
from webapp.accounts.permissions import Role
from webapp.journeys import job_forms, queries, service

pytestmark = pytest.mark.usefixtures("monday", "sqlite_app")


def drawn(app: Flask, person: Person, journey_id: int) -> dict[str, str]:
    """What the inputs of the form hold, as the person's browser would send them without touching any."""
    with app.app_context():
        texts = job_forms.texts_of(queries.journey(person.actor, journey_id).card)
    return {**texts, **{f"seen-{name}": text for name, text in texts.items()}}


def overridden(app: Flask, journey_id: int) -> dict[str, Any]:
    return {name: entry["value"] for name, entry in stored(app, journey_id).overrides.items()}


def test_the_page_shows_the_job_and_hides_its_worth_from_a_dispatcher(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard, people: People
) -> None:
    """A manager reads the estimate; in no answer to a dispatcher does it occur."""
    journey = yard.journey(estimated_value=1234)
    for address in ("", "/edit", "/changes", "/move", "/crew"):
        page = client.get(f"/journeys/{journey.id}{address}").text
        assert journey.customer_name in page
        assert not re.search(r"1,?234|Estimate", page)
    page = client.get(f"/journeys/{journey.id}").text
    assert journey.origin_address in page
    assert 'href="tel:3035550100"' in page
    assert f'href="mailto:{journey.customer_email}"' in page
    manager = sqlite_app.test_client()
    sign_in(manager, people(Role.MANAGER, locations=["Denver"]))
    assert "$1,234.00" in manager.get(f"/journeys/{journey.id}").text


def test_an_auditor_looks_and_touches_nothing(
    sqlite_app: Flask, client: FlaskClient, yard: Yard, people: People
) -> None:
    """No form but signing out, no button of ours, no way to the forms; posting all the same is refused."""
    journey = yard.journey(
        data_source="MANUAL", overrides={"move_size": {"value": "4 rooms"}}, problem="Flat tyre.", estimated_value=999
    )
    yard.truck("Truck 7")
    sign_in(client, people(Role.AUDITOR))
    for address in (f"/journeys/{journey.id}", "/journeys/trucks"):
        main = client.get(address).text.partition("<main")[2].partition("</main>")[0]
        assert "<form" not in main
        assert "<button" not in main
        assert "/edit" not in main
    assert client.get("/journeys/new").status_code == 403
    for action in ("edit", "tick", "use-source", "take-off", "put-back"):
        answer = client.post(f"/journeys/{journey.id}/{action}", data=form_of(client, item="papers_signed"))
        assert answer.status_code == 403
    assert stored(sqlite_app, journey.id).version == journey.version


def test_out_of_scope_is_not_there(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """A job of a branch that is not theirs answers 404 to everything, and stays as it was."""
    journey = yard.journey(yard.location("Boise"), data_source="MANUAL")
    for address in ("", "/edit", "/move"):
        assert client.get(f"/journeys/{journey.id}{address}").status_code == 404
    posts = {
        "edit": {"move_size": "x"},
        "tick": {"item": "papers_signed", "is_done": "yes"},
        "use-source": {"field": "move_size"},
        "take-off": {"reason": ""},
        "put-back": {},
    }
    for headers in ({}, HTMX):
        for action, values in posts.items():
            form = form_of(client, **values)
            assert client.post(f"/journeys/{journey.id}/{action}", data=form, headers=headers).status_code == 404
    form = form_of(client, item="no such item")
    assert client.post(f"/journeys/{journey.id}/tick", data=form).status_code == 404
    assert stored(sqlite_app, journey.id).version == journey.version
    # A page that was open when the job went elsewhere: told once, then it asks no more.
    gone = client.get(f"/journeys/{journey.id}/changes", headers=HTMX)
    assert gone.status_code == 286
    assert "may not see it" in gone.text


def test_looking_confirms_nothing(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """A change stays marked however often the page is opened, until "Seen" is pressed; what came later stays."""
    journey = yard.journey()
    with sqlite_app.app_context():
        service.change(yard.dispatcher("Gil Ames").actor, journey.id, {"move_size": "4 rooms"})
    for _ in range(2):
        page = client.get(f"/journeys/{journey.id}").text
        assert "4 rooms instead of 2 bedrooms" in page
        assert f'action="/journeys/{journey.id}/seen"' in page
    drawn_at = re.findall(r'name="drawn_at" value="([^"]+)"', page)[0]
    form = form_of(client, drawn_at=drawn_at, back=f"/journeys/{journey.id}")
    answer = client.post(f"/journeys/{journey.id}/seen", data=form)
    assert (answer.status_code, answer.location) == (303, f"/journeys/{journey.id}")
    assert "/seen" not in client.get(f"/journeys/{journey.id}").text


def test_a_form_enters_only_what_was_changed(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """Fields that were not touched follow SmartMoving as before; both values are shown side by side."""
    journey = yard.journey()
    assert 'value="08:00"' in client.get(f"/journeys/{journey.id}/edit").text
    values = {**drawn(sqlite_app, desk, journey.id), "arrival_start": "09:30", "arrival_end": "11:00"}
    assert client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **values)).status_code == 303
    assert overridden(sqlite_app, journey.id) == {"arrival_start": 570, "arrival_end": 660}
    page = client.get(f"/journeys/{journey.id}").text
    both = page.partition('id="both-arrival_start"')[2].partition("</div>")[0]
    assert "09:30" in both
    assert "08:00" in both
    assert "Odette Farnham, 11-23-26 10:00 MST" in both
    assert 'id="theirs-arrival_start">SmartMoving: 08:00<' in client.get(f"/journeys/{journey.id}/edit").text


def test_what_equals_smartmovings_is_no_override(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard
) -> None:
    """Typing SmartMoving's value lets the field follow it again."""
    journey = yard.journey(
        arrival_start=570, overrides={"arrival_start": {"value": 570}}, source={"arrival_start": 480}
    )
    values = {**drawn(sqlite_app, desk, journey.id), "arrival_start": "08:00"}
    client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **values))
    assert overridden(sqlite_app, journey.id) == {}


def test_nothing_touched_is_nothing_changed(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """Saving an untouched form writes nothing, midnight and odd white space included."""
    journey = yard.journey(arrival_end=1440, customer_name="Rowan  Pike", notes="Ring twice.\nPiano.", stops=["1 Oak"])
    page = client.get(f"/journeys/{journey.id}/edit").text
    assert 'name="arrival_end" type="text" value="24:00"' in page
    form = form_of(client, **{**drawn(sqlite_app, desk, journey.id), "notes": "Ring twice.\r\nPiano."})
    assert client.post(f"/journeys/{journey.id}/edit", data=form).status_code == 303
    assert "Nothing was changed." in client.get(f"/journeys/{journey.id}").text
    assert stored(sqlite_app, journey.id).version == journey.version


def test_addresses_typed_count_before_ends_entered_elsewhere(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard
) -> None:
    """The list is what the form shows: its first and last line are where the job begins and ends."""
    journey = yard.journey()
    with sqlite_app.app_context():
        service.change(desk.actor, journey.id, {"origin_address": "1 Oak"})
    values = {**drawn(sqlite_app, desk, journey.id), "stops": "2 Elm\n3 Ash"}
    assert client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **values)).status_code == 303
    found = stored(sqlite_app, journey.id)
    assert (found.origin_address, found.destination_address, found.stops) == ("2 Elm", "3 Ash", ["2 Elm", "3 Ash"])


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_faults_are_said_in_place(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard, headers: dict[str, str]
) -> None:
    """422, every fault beside its field, what was typed kept, the first fault in focus; nothing is entered."""
    journey = yard.journey()
    typed = {"crew_needed": "many", "scheduled_date": "", "move_size": "5 rooms", "arrival_end": "07:00"}
    form = form_of(client, **{**drawn(sqlite_app, desk, journey.id), **typed})
    answer = client.post(f"/journeys/{journey.id}/edit", data=form, headers=headers)
    assert answer.status_code == 422
    assert ("<html" in answer.text) is not bool(headers)
    assert 'id="fault-crew_needed">Crew needed is not a number.<' in answer.text
    assert 'id="fault-scheduled_date">Date is missing.<' in answer.text
    assert re.search(r'name="scheduled_date"[^>]* autofocus', answer.text)
    assert answer.text.count(" autofocus") == 1
    assert 'value="many"' in answer.text
    assert 'value="5 rooms"' in answer.text
    assert stored(sqlite_app, journey.id).version == journey.version
    form = form_of(client, **{**drawn(sqlite_app, desk, journey.id), "arrival_end": "07:00"})
    answer = client.post(f"/journeys/{journey.id}/edit", data=form, headers=headers)
    assert 'id="fault-arrival_end">Arrival to is before the beginning.<' in answer.text


def test_a_location_out_of_scope_is_none(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """It is not among the choices, and choosing it all the same is a fault of the field."""
    boise, journey = yard.location("Boise"), yard.journey()
    assert "Boise" not in client.get(f"/journeys/{journey.id}/edit").text
    form = form_of(client, **{**drawn(sqlite_app, desk, journey.id), "location_id": str(boise.id)})
    answer = client.post(f"/journeys/{journey.id}/edit", data=form)
    assert answer.status_code == 422
    assert "Location is no location of yours." in answer.text


def test_a_stale_form_names_what_others_changed_and_keeps_what_was_typed(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard
) -> None:
    """409; a field only they changed is brought in, one that both changed keeps mine; saving again enters mine."""
    journey, boulder = yard.journey(), yard.location("Boulder")
    values = {**drawn(sqlite_app, desk, journey.id), "arrival_start": "09:30", "notes": "Ring twice."}
    other = yard.dispatcher("Gil Ames", locations=["Denver", "Boulder"]).actor
    with sqlite_app.app_context():
        service.change(other, journey.id, {"arrival_start": 540, "move_size": "4 rooms", "confirmed": False})
    answer = client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **values))
    assert answer.status_code == 409
    told = re.findall(r"<li>(.*?)</li>", answer.text)
    assert told == ["Arrival from: 09:00 (you typed 09:30)", "Size: 4 rooms", "Confirmed: No"]
    assert 'value="09:30"' in answer.text
    assert 'value="4 rooms"' in answer.text
    assert overridden(sqlite_app, journey.id)["arrival_start"] == 540
    again = {**drawn(sqlite_app, desk, journey.id), "arrival_start": "09:30", "notes": "Ring twice."}
    assert 'name="seen-arrival_start" value="09:00"' in answer.text
    assert client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **again)).status_code == 303
    assert overridden(sqlite_app, journey.id) == {"arrival_start": 570, "move_size": "4 rooms", "confirmed": False}
    assert stored(sqlite_app, journey.id).notes == "Ring twice."
    # Gone out of reach while the form was open.
    with sqlite_app.app_context():
        service.change(other, journey.id, {"location_id": boulder.id})
    assert client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **again)).status_code == 404


def test_a_tick_meanwhile_is_in_nobodys_way(sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard) -> None:
    """What does not touch the form's fields makes no form stale."""
    journey = yard.journey()
    values = {**drawn(sqlite_app, desk, journey.id), "move_size": "4 rooms"}
    with sqlite_app.app_context():
        service.tick(yard.dispatcher("Gil Ames").actor, journey.id, "papers_signed", True)
    assert client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **values)).status_code == 303
    assert overridden(sqlite_app, journey.id) == {"move_size": "4 rooms"}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_use_smartmovings_follows_again_unless_a_colleague_was_quicker(
    sqlite_app: Flask, client: FlaskClient, desk: Person, yard: Yard, headers: dict[str, str]
) -> None:
    """The override goes, and the page reads on at the heading; a value the person has not seen is not thrown away."""
    journey = yard.journey()
    with sqlite_app.app_context():
        service.change(desk.actor, journey.id, {"move_size": "4 rooms"})
        service.change(desk.actor, journey.id, {"move_size": "5 rooms"})
    path = f"/journeys/{journey.id}/use-source"
    stale = client.post(path, data=form_of(client, field="move_size", here="4 rooms"), headers=headers)
    assert stale.status_code == 409
    assert "Somebody has changed this job meanwhile." in stale.text
    assert "5 rooms" in stale.text
    assert overridden(sqlite_app, journey.id) == {"move_size": "5 rooms"}
    done = client.post(path, data=form_of(client, field="move_size", here="5 rooms"), headers=headers)
    assert done.status_code == (200 if headers else 303)
    assert overridden(sqlite_app, journey.id) == {}
    page = done.text if headers else client.get(f"/journeys/{journey.id}").text
    assert "Size: as in SmartMoving from now on." in page
    assert ('id="both-head" tabindex="-1" autofocus' in page) is bool(headers)
    assert client.post(path, data=form_of(client, field="stage"), headers=headers).status_code == 422
