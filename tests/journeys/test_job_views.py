"""The page of a job and the page of trucks: who sees them, what they say, and what a form may do."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.journey_rows import Yard
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.journeys.models import TruckJourney

pytestmark = pytest.mark.usefixtures("monday")


def form_of(client: FlaskClient, **values: str) -> dict[str, str]:
    return {"csrf_token": csrf_token(client, "/account"), **values}


def test_the_page_shows_the_job_and_hides_its_worth_from_a_dispatcher(
    sqlite_app: Flask, client: FlaskClient, yard: Yard, people: People
) -> None:
    """A manager reads the estimate; in a dispatcher's answer it does not occur."""
    journey = yard.journey(estimated_value=1234)
    sign_in(client, yard.dispatcher())
    page = client.get(f"/journeys/{journey.id}").text
    assert journey.customer_name in page
    assert journey.origin_address in page
    assert "1,234" not in page
    manager = sqlite_app.test_client()
    sign_in(manager, people(Role.MANAGER, locations=["Denver"]))
    assert "$1,234.00" in manager.get(f"/journeys/{journey.id}").text


def test_a_form_enters_only_what_was_changed(sqlite_app: Flask, client: FlaskClient, yard: Yard) -> None:
    """Fields that were not touched follow SmartMoving as before."""
    journey = yard.journey()
    sign_in(client, yard.dispatcher())
    page = client.get(f"/journeys/{journey.id}/edit").text
    assert 'value="08:00"' in page
    seen = {
        "seen-arrival_start": "08:00",
        "arrival_start": "09:30",
        "seen-arrival_end": "10:00",
        "arrival_end": "11:00",
        "seen-customer_name": "As it was",
        "customer_name": "As it was",
        "version": "1",
    }
    assert client.post(f"/journeys/{journey.id}/edit", data=form_of(client, **seen)).status_code == 303
    with sqlite_app.app_context():
        found = db.session.get_one(TruckJourney, journey.id)
        assert (found.arrival_start, found.arrival_end, found.customer_name) == (570, 660, journey.customer_name)
        assert set(found.overrides) == {"arrival_start", "arrival_end"}
    page = client.get(f"/journeys/{journey.id}").text
    assert "08:00" in page
    assert "Use SmartMoving" in page
