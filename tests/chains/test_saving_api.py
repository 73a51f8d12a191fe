"""POST /api/chains: slots as suggested become green loans, all or none, and are requested where that is asked."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.chains.saved_desk import ChainDesk, week
from tests.chains.saved_desk import desk as desk
from tests.promise.promise import assert_promise
from tests.rows import OFFICE
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role
from webapp.fleet.models import Vehicle

# What differs between the engines is proved where it is read and written.
pytestmark = pytest.mark.usefixtures("sqlite_app")


class Program:
    """A program that posts chains in the name of the desk's scheduler."""

    def __init__(self, desk: ChainDesk, client: FlaskClient) -> None:
        self.desk, self.client = desk, client
        sign_in(client, desk.person)
        self.token = csrf_token(client)

    def slots(self, vehicles: Sequence[Vehicle]) -> list[dict[str, Any]]:
        """A slot for each, a week after the other, with all that a suggestion says of it."""
        return [
            {
                "index": place + 1,
                "start_day": week(place).start_day.isoformat(),
                "end_day": week(place).end_day.isoformat(),
                "vin": vehicle.vin,
                "vehicle_id": vehicle.vehicle_id,
                "make": vehicle.make,
                "model": vehicle.model,
                "person_id": self.desk.partner.person_id,
                "partner_name": self.desk.partner.name,
                "warnings": [{"code": "turn_in", "text": "Something."}],
            }
            for place, vehicle in enumerate(vehicles)
        ]

    def post(self, slots: object, **given: object) -> TestResponse:
        """Save a partner chain of Los Angeles, unless told otherwise."""
        body = {"kind": "partner", "office": OFFICE, "slots": slots, **given}
        return self.client.post("/api/chains", json=body, headers={"X-CSRFToken": self.token})


@pytest.fixture
def program(desk: ChainDesk, client: FlaskClient) -> Program:
    """See `Program`."""
    return Program(desk, client)


def test_slots_as_suggested_become_planned_loans(program: Program, desk: ChainDesk) -> None:
    """201 with the chain's id and its loans as JSON writes them; FMS hears nothing unless it is asked for."""
    vehicles = [desk.vehicles[0], desk.fleet.add_vehicle(make="Audi", model="Q6 e-tron")]
    answer = program.post(program.slots(vehicles))
    assert answer.status_code == 201
    body = answer.get_json()
    loans = desk.loans_of(body["chain_id"])
    assert body["assignments"] == [loan.as_json() for loan in loans]
    assert [(loan["vin"], loan["status"], loan["chain_id"]) for loan in body["assignments"]] == [
        (vehicle.vin, "planned", body["chain_id"]) for vehicle in vehicles
    ]
    assert "batch" not in body
    assert [(warning["assignment_id"], warning["code"]) for warning in body["warnings"]] == [(loans[1].id, "cooldown")]
    assert desk.sandbox.calls() == []


def test_with_request_it_answers_as_the_bulk_routes_do(program: Program, desk: ChainDesk) -> None:
    """Each loan is asked for once all are saved; one that FMS refuses stays saved and is a failed row."""
    desk.sandbox.fault("create", "refuse", text="Vehicle is reserved")
    body = program.post(program.slots(desk.vehicles[:3]), request=True).get_json()
    batch = body["batch"]
    assert (batch["total"], batch["succeeded"], batch["failed"], batch["uncertain"]) == (3, 2, 1, 0)
    assert [row["assignment_id"] for row in batch["results"]] == [one["assignment_id"] for one in body["assignments"]]
    (refused,) = [row for row in batch["results"] if not row["success"]]
    assert (refused["code"], refused["error"]) == ("fms_refused", "FMS refused it: Vehicle is reserved")
    assert {one["assignment_id"]: one["status"] for one in body["assignments"]} == {
        row["assignment_id"]: "requested" if row["success"] else "planned" for row in batch["results"]
    }
    assert_promise(desk)


def test_a_vehicle_chain_is_of_one_vehicle(program: Program, desk: ChainDesk) -> None:
    """One vehicle with two partners; what names two vehicles is 422 with the field."""
    other = desk.fleet.add_partner("Ring Report")
    slots = program.slots([desk.vehicles[0]] * 2)
    slots[1]["person_id"] = other.person_id
    body = program.post(slots, kind="vehicle").get_json()
    assert [one["partner_name"] for one in body["assignments"]] == [desk.partner.name, "Ring Report"]
    mixed = program.post(slots)
    assert (mixed.status_code, list(mixed.get_json()["fields"])) == (422, ["slots.person_id"])


def test_a_taken_vehicle_refuses_all_of_it(program: Program, desk: ChainDesk) -> None:
    """409 problem with every loan's reasons, the holder named; nothing is saved and nothing sent."""
    desk.fleet.add_loan(desk.vehicles[1], desk.fleet.add_partner("Ring Report"), start_day=week(1).start_day)
    before = desk.ids_of_everything()
    answer = program.post(program.slots(desk.vehicles[:3]), request=True)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    (reason,) = answer.get_json()["reasons"]
    assert (reason["loan"], reason["code"]) == (2, "held")
    assert "Ring Report" in answer.get_json()["detail"]
    assert desk.ids_of_everything() == before
    assert desk.sandbox.calls() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"slots": []}, "slots"),
        ({"slots": "all"}, "slots"),
        ({"slots": [{"vin": "X"}]}, "slots.0.person_id"),
        ({"kind": "both"}, "kind"),
        ({"office": ""}, "office"),
        ({"office": "Los\x00Angeles"}, "office"),
        ({"request": "yes"}, "request"),
        ({"chain_id": "mine"}, "chain_id"),
    ],
)
def test_bad_input_names_the_field(program: Program, desk: ChainDesk, given: dict[str, Any], field: str) -> None:
    """422, and nothing is saved."""
    answer = program.post(**{"slots": program.slots(desk.vehicles[:1]), **given})
    assert answer.status_code == 422
    assert field in answer.get_json()["fields"]
    assert desk.ids_of_everything() == []


@pytest.mark.parametrize(
    ("given", "status", "fields"),
    [
        ({"start_day": "2026-12-05"}, 422, {"slots.1.start_day": "Sat 12-05-26 is a weekend"}),
        ({"vin": "NOSUCHVIN"}, 422, {"slots.1.vin": "No vehicle NOSUCHVIN"}),
        ({"end_day": "2026-11-01"}, 422, {"slots.1.end_day": "The end must be after the start."}),
    ],
)
def test_broken_rules_name_the_fields_too(
    program: Program, desk: ChainDesk, given: dict[str, Any], status: int, fields: dict[str, str]
) -> None:
    """By the slot's place in what was sent, as other bad input is named."""
    slots = program.slots(desk.vehicles[:2])
    answer = program.post([slots[0], {**slots[1], **given}])
    assert answer.status_code == status
    told = answer.get_json()["fields"]
    assert told.keys() == fields.keys()
    assert all(text in told[name] for name, text in fields.items())
    assert desk.ids_of_everything() == []


def test_at_most_ten(program: Program, desk: ChainDesk) -> None:
    """Eleven loans are refused before anything is looked at."""
    answer = program.post(program.slots([desk.vehicles[0]] * 11))
    assert (answer.status_code, list(answer.get_json()["fields"])) == (422, ["slots"])


def test_who_may_not(desk: ChainDesk) -> None:
    """An auditor is refused; an office out of scope is not there."""
    for person, status in ((desk.people(Role.AUDITOR), 403), (desk.people(locations=["Miami"]), 404)):
        desk.person = person
        program = Program(desk, desk.app.test_client())
        assert program.post(program.slots(desk.vehicles[:1])).status_code == status
    assert desk.ids_of_everything() == []
