"""A dispatcher at the page of one job, over HTTP."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.journey_rows import Yard
from tests.rows import Person
from tests.servers import csrf_token, sign_in
from webapp.db import db
from webapp.journeys.models import TruckJourney

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(monday: None, yard: Yard, client: FlaskClient) -> Person:
    """A dispatcher of Denver, signed in with `client`."""
    person = yard.dispatcher("Odette Farnham")
    sign_in(client, person)
    return person


def form_of(client: FlaskClient, **values: str) -> dict[str, str]:
    return {"csrf_token": csrf_token(client, "/account"), **values}


def stored(app: Flask, journey_id: int) -> TruckJourney:
    with app.app_context():
        found = db.session.get_one(TruckJourney, journey_id)
        db.session.refresh(found)
        db.session.expunge(found)
        return found
