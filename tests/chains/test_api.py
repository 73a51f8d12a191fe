"""Why not: every reason and warning as JSON, by role and scope; what nobody knows is a reason, not a crash."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.calendar.conftest import november as november
from tests.rows import DAY, OFFICE, Fleet, People
from tests.servers import sign_in
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.db import writing
from webapp.fleet.models import Budget, Partner, Vehicle

pytestmark = pytest.mark.usefixtures("november")


class Asker:
    """Somebody signed in, with a vehicle and an approved partner that stand where everybody sees them."""

    def __init__(self, client: FlaskClient, fleet: Fleet) -> None:
        self.client, self.fleet = client, fleet
        self.vehicle: Vehicle = fleet.add_vehicle("WAUZZZ8V0SA051916")
        self.partner: Partner = fleet.add_partner("Coastline Auto", latitude=34.1, longitude=-118.3)
        fleet.approve_make(self.partner, "Audi")

    def ask(self, **given: object) -> TestResponse:
        """The answer about a week from `DAY`, unless told otherwise."""
        query = {
            "vin": self.vehicle.vin,
            "person_id": self.partner.person_id,
            "start": "2026-11-23",
            "end": "2026-11-30",
            **given,
        }
        return self.client.get("/api/chains/why-not", query_string={k: v for k, v in query.items() if v is not None})

    def told(self, **given: object) -> dict[str, Any]:
        """The body of a good answer."""
        answer = self.ask(**given)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def codes(self, **given: object) -> list[str]:
        """The codes of its reasons."""
        return [reason["code"] for reason in self.told(**given)["reasons"]]


@pytest.fixture
def asker(client: FlaskClient, fleet: Fleet, people: People) -> Asker:
    """See `Asker`; a scheduler of Los Angeles."""
    found = Asker(client, fleet)
    sign_in(client, people())
    return found


def test_nothing_in_the_way(asker: Asker) -> None:
    """Possible, and nothing to say; a VIN may be typed in lower case."""
    assert asker.told() == {"possible": True, "reasons": []}
    assert asker.told(vin=asker.vehicle.vin.lower()) == {"possible": True, "reasons": []}


def test_all_reasons_come_at_once_with_the_day_from_which_it_would_work(asker: Asker, app: Flask) -> None:
    """What binds everybody first; each dated one with its own day, and the first on which none of them stands."""
    fleet = asker.fleet
    fleet.add_activity(asker.vehicle, None, start_day=DAY, activity_type="Service")
    fleet.add_history(fleet.add_vehicle(), asker.partner, start_day=date(2026, 10, 26))
    with app.app_context(), writing() as session:
        amounts = {"allocation": Decimal(1000), "amount_used": Decimal(950)}
        money = Budget(company_id=1, office=OFFICE, fleet="AUDI", year=2026, quarter=4, **amounts)
        session.add(money)
    assert asker.told() == {
        "possible": False,
        "possible_from": "2027-01-01",
        "reasons": [
            {
                "code": "held",
                "text": "Audi A3 Premium Plus …SA051916 is held in FMS (Service) 11-23-26 to 11-30-26.",
                "until": "2026-11-30",
            },
            {
                "code": "cooldown",
                "text": "Cooldown until 12-02-26: Coastline Auto had Audi A3 Premium Plus …KA000004 "
                "10-26-26 to 11-02-26 (30 days between loans of one model).",
                "until": "2026-12-02",
            },
            {
                "code": "over_budget",
                "text": "Over budget by $350: Los Angeles has $50 left for AUDI in Q4 2026, "
                "and this loan costs about $400.",
                "until": "2027-01-01",
            },
        ],
    }


def test_warnings_are_told_and_leave_it_possible(asker: Asker) -> None:
    """A partner whom the map does not know, and a busy one."""
    nowhere = asker.fleet.add_partner("Ring Report")
    asker.fleet.approve_make(nowhere, "Audi")
    asker.fleet.add_activity(asker.fleet.add_vehicle(model="Q8"), nowhere)
    found = asker.told(person_id=nowhere.person_id)
    assert found["possible"] is True
    assert [reason["code"] for reason in found["reasons"]] == ["partner_busy", "no_coordinates"]
    assert "possible_from" not in found


def test_who_and_what_nobody_knows_is_a_reason(asker: Asker) -> None:
    """A VIN, a person, both, and things that are neither."""
    assert asker.codes(vin="NOSUCHVIN") == ["unknown"]
    assert asker.codes(person_id=999_999) == ["unknown"]
    assert asker.codes(vin="NOSUCHVIN", person_id=-1) == ["unknown", "unknown"]
    assert asker.codes(vin="WAU\x00ZZZ", end="2026-11-20") == ["unknown", "period"]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"end": "2026-11-23"}, ["period"]),
        ({"end": "2200-12-31"}, ["period"]),
        ({"start": "1990-01-01"}, ["past"]),
        ({"start": "2026-11-21"}, ["weekend"]),
    ],
)
def test_days_that_make_no_loan_are_reasons(asker: Asker, given: dict[str, str], codes: list[str]) -> None:
    """Too short, too far, past, on a weekend."""
    assert asker.codes(**given) == codes


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"vin": None}, "vin"),
        ({"vin": "X" * 41}, "vin"),
        ({"person_id": "somebody"}, "person_id"),
        ({"person_id": 10**12}, "person_id"),
        ({"start": "11-23-26"}, "start"),
        ({"end": None}, "end"),
        ({"office": "Miami"}, "office"),
    ],
)
def test_what_cannot_be_read_is_named(asker: Asker, given: dict[str, object], field: str) -> None:
    """422 with the field."""
    answer = asker.ask(**given)
    assert answer.status_code == 422
    assert field in answer.get_json()["fields"]


def test_a_vehicle_of_an_office_out_of_scope_is_not_found(asker: Asker) -> None:
    """Neither what it is nor who has it is told; a partner of another office may be asked about."""
    theirs = asker.fleet.add_vehicle(office="Miami")
    answer = asker.ask(vin=theirs.vin)
    assert answer.status_code == 404
    assert theirs.model not in answer.text
    visitor = asker.fleet.add_partner("Beach Wheels", office="Miami", latitude=25.8, longitude=-80.2)
    assert asker.codes(person_id=visitor.person_id) == ["not_approved"]


@pytest.mark.parametrize("role", list(Role))
def test_whoever_may_look_at_loans_may_ask(sqlite_app: Flask, fleet: Fleet, people: People, role: Role) -> None:
    """By the permission table, which everybody else is told."""
    asker = Asker(sqlite_app.test_client(), fleet)
    assert asker.ask().status_code == 401
    sign_in(asker.client, people(role))
    assert asker.ask().status_code == (200 if Permission.VIEW_LOANS in TABLE[role] else 403)


def test_what_another_company_owns_is_unknown(asker: Asker, app: Flask, people: People) -> None:
    """Its vehicles and its partners, also to who may see every office of their own."""
    stranger = app.test_client()
    sign_in(stranger, people(Role.ADMIN, company="Elsewhere", locations=["Lisbon"]))
    asker.client = stranger
    assert asker.codes() == ["unknown", "unknown"]
