"""The running application keeps to its description, whatever it is sent: no crash, no status or shape of its own."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.hostile import bearer, cases, odd_requests, operations
from tests.rows import Fleet, People
from webapp.accounts.permissions import Role
from webapp.openapi.description import described

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance]
# What FMS or SmartMoving would have to do, which are not there; each is described.
ELSEWHERE = {502, 503}
FEW = settings(max_examples=6, phases=[Phase.explicit, Phase.generate], database=None)
MORE = settings(max_examples=150, phases=[Phase.explicit, Phase.generate], database=None)


def fill(fleet: Fleet) -> None:
    """A little of everything, so that some addresses lead somewhere."""
    vehicle, partner = fleet.add_vehicle(), fleet.add_partner()
    fleet.approve_make(partner, vehicle.make)
    fleet.add_loan(vehicle, partner)
    fleet.add_activity(fleet.add_vehicle(), partner)


def test_every_answer_is_as_described(app: Flask, client: FlaskClient, people: People, fleet: Fleet) -> None:
    """Requests made from the description and against it, of every operation, by schemathesis."""
    fill(fleet)
    assert send_everything(app, bearer(client, people(Role.SUPER_ADMIN))) > 150


def test_refusals_are_as_described_too(sqlite_app: Flask, people: People, fleet: Fleet) -> None:
    """The same for somebody to whom much of it is not open."""
    fill(fleet)
    assert send_everything(sqlite_app, bearer(sqlite_app.test_client(), people(Role.SCHEDULER))) > 150


def send_everything(app: Flask, headers: dict[str, str]) -> int:
    """Some requests of every operation, each answer checked; how many there were."""
    count = 0
    for operation in operations(app, headers):

        @FEW
        @given(case=cases(operation))
        def send(case: Any) -> None:
            nonlocal count
            count += 1
            response = case.call(headers={**headers, "Accept-Encoding": "identity"})
            checks = CHECKS if response.status_code in ELSEWHERE else [not_a_server_error, *CHECKS]
            case.validate_response(response, checks=checks, headers=headers)

        send()
    return count


def test_odd_values_are_refused_not_crashed_over(app: Flask, client: FlaskClient, people: People, fleet: Fleet) -> None:
    """NUL, half characters, endless numbers, other scripts' digits, no JSON at all, in bodies and in queries."""
    fill(fleet)
    headers = bearer(client, people(Role.SUPER_ADMIN))

    @MORE
    @given(request=odd_requests(described(app)))
    def send(request: dict[str, Any]) -> None:
        answer = client.open(**{**request, "headers": headers})
        assert answer.status_code < 500 or answer.status_code in ELSEWHERE

    send()
