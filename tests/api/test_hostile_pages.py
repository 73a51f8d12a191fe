"""No page, fragment, form or upload crashes, whatever it is sent: on both engines, as PostgreSQL refuses more."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import Phase, given, settings

from tests.api.hostile import bearer
from tests.api.hostile_pages import requests, routes, send
from tests.journey_rows import Yard
from tests.rows import Fleet, People
from webapp.accounts.permissions import Role

# FMS and SmartMoving, which are not there.
ELSEWHERE = {502, 503}
SOME = settings(max_examples=120, phases=[Phase.explicit, Phase.generate], database=None)


def test_nothing_crashes(app: Flask, client: FlaskClient, people: People, fleet: Fleet) -> None:
    """Odd values under the right names, by somebody who may do everything."""
    for vehicle in fleet.add_vehicles(2):
        fleet.add_loan(vehicle, fleet.add_partner())
    yard = Yard(app, people)
    yard.journey()
    headers = bearer(client, people(Role.SUPER_ADMIN))

    @SOME
    @given(request=requests(routes(app)))
    def one(request: dict[str, Any]) -> None:
        answer = send(client, headers, request)
        assert answer.status_code < 500 or answer.status_code in ELSEWHERE

    one()
