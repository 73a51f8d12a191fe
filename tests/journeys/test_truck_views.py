"""The page of trucks: by location, with today's jobs; faults said where they were made; only in one's own scope."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.journey_rows import Yard
from tests.rows import DAY, Person
from tests.servers import csrf_token, sign_in
from webapp.db import db
from webapp.journeys.models import Truck

pytestmark = pytest.mark.usefixtures("monday", "sqlite_app")
HTMX = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("headers", [{}, HTMX])


@pytest.fixture
def desk(monday: None, yard: Yard, client: FlaskClient) -> Person:
    """A dispatcher of Denver, signed in with `client`."""
    person = yard.dispatcher()
    sign_in(client, person)
    return person


def form_of(client: FlaskClient, **values: str) -> dict[str, str]:
    return {"csrf_token": csrf_token(client, "/account"), **values}


def trucks(app: Flask) -> dict[str, bool]:
    with app.app_context():
        return {row.name: row.is_active for row in db.session.execute(select(Truck.name, Truck.is_active))}


@pytest.mark.usefixtures("desk")
def test_trucks_with_their_jobs_of_today(client: FlaskClient, yard: Yard) -> None:
    """Its jobs of today are counted, those of tomorrow are not; other branches' trucks are not shown."""
    seven = yard.truck("Truck 7")
    yard.truck("Truck 8", is_active=False)
    yard.truck("Truck 99", yard.location("Boise"))
    yard.journeys(2, trucks=[seven])
    yard.journey(day=DAY.replace(day=24), trucks=[seven])
    page = client.get("/journeys/trucks").text
    row = page.partition(f'<tr id="truck-{seven.id}"')[2].partition("</tr>")[0]
    assert '<td class="number">2</td>' in row
    assert "Out of use" in page
    assert "Truck 99" not in page
    assert "Boise" not in page


@BOTH
@pytest.mark.usefixtures("desk")
def test_a_truck_is_added_and_told(sqlite_app: Flask, client: FlaskClient, yard: Yard, headers: dict[str, str]) -> None:
    """With HTMX the list is drawn again where it is, otherwise the page is; both say what was done."""
    form = form_of(client, location="Denver", name="  Truck  7 ")
    answer = client.post("/journeys/trucks", data=form, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    page = answer.text if headers else client.get(answer.location).text
    assert ("<html" in page) is not bool(headers)
    assert "is at Denver now." in page
    assert trucks(sqlite_app) == {"Truck 7": True}


@BOTH
@pytest.mark.usefixtures("desk")
def test_faults_are_said_in_place(sqlite_app: Flask, client: FlaskClient, yard: Yard, headers: dict[str, str]) -> None:
    """A name that is taken or too long: beside the field it was typed into, with what was typed."""
    yard.truck("Truck 7")
    eight = yard.truck("Truck 8")
    taken = client.post("/journeys/trucks", data=form_of(client, location="Denver", name="truck 7"), headers=headers)
    assert taken.status_code == 409
    assert 'role="alert">There is a truck truck 7 at Denver already.<' in taken.text
    assert 'value="truck 7"' in taken.text
    assert "<option selected>Denver" in taken.text
    empty = client.post("/journeys/trucks", data=form_of(client, location="Denver", name=" "), headers=headers)
    assert empty.status_code == 422
    assert "The name needs 1 to 60 characters." in empty.text
    renamed = client.post(f"/journeys/trucks/{eight.id}/name", data=form_of(client, name="Truck 7"), headers=headers)
    assert renamed.status_code == 409
    row = renamed.text.partition(f'<tr id="truck-{eight.id}"')[2].partition("</tr>")[0]
    assert "There is a truck Truck 7" in row
    assert f'id="rename-{eight.id}" open' in row
    assert renamed.text.count('id="truck-fault"') == 1
    assert set(trucks(sqlite_app)) == {"Truck 7", "Truck 8"}


@BOTH
@pytest.mark.usefixtures("desk")
def test_renamed_out_of_use_and_back(
    sqlite_app: Flask, client: FlaskClient, yard: Yard, headers: dict[str, str]
) -> None:
    """What it is on stays, and whoever looks at it sees that it is out of use."""
    truck = yard.truck("Truck 7")
    journey = yard.journey(trucks=[truck])
    for action, values in (("name", {"name": "Big Blue"}), ("use", {"is_active": "no"})):
        answer = client.post(f"/journeys/trucks/{truck.id}/{action}", data=form_of(client, **values), headers=headers)
        assert answer.status_code == (200 if headers else 303)
    assert trucks(sqlite_app) == {"Big Blue": False}
    assert "Use Big Blue again" in client.get("/journeys/trucks").text
    assert "Big Blue" in client.get(f"/journeys/{journey.id}").text
    client.post(f"/journeys/trucks/{truck.id}/use", data=form_of(client, is_active="yes"), headers=headers)
    assert trucks(sqlite_app) == {"Big Blue": True}


@BOTH
@pytest.mark.usefixtures("desk")
def test_out_of_scope_is_not_there(sqlite_app: Flask, client: FlaskClient, yard: Yard, headers: dict[str, str]) -> None:
    """Neither another branch's trucks nor a truck for another branch."""
    truck = yard.truck("Truck 7", yard.location("Boise"))
    for path, values in (
        (f"/journeys/trucks/{truck.id}/name", {"name": "Mine"}),
        (f"/journeys/trucks/{truck.id}/use", {"is_active": "no"}),
        ("/journeys/trucks/987654/use", {"is_active": "no"}),
        ("/journeys/trucks", {"location": "Boise", "name": "Mine"}),
        ("/journeys/trucks", {"location": "Nowhere", "name": "Mine"}),
    ):
        assert client.post(path, data=form_of(client, **values), headers=headers).status_code == 404
    assert trucks(sqlite_app) == {"Truck 7": True}


@pytest.mark.usefixtures("sqlite_app")
def test_first_use_explains_itself(client: FlaskClient, yard: Yard) -> None:
    """No truck yet, and no location yet."""
    sign_in(client, yard.dispatcher())
    assert "No truck has been added yet. A job needs one" in client.get("/journeys/trucks").text
    client.post("/logout", data=form_of(client))
    sign_in(client, yard.dispatcher(locations=[]))
    page = client.get("/journeys/trucks").text
    assert "You have no location yet" in page
    assert 'id="truck-name"' not in page
