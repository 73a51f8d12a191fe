"""GET /api/chains/partner and /vehicle: the shape that others parse, refusals by field, scope, the same twice."""

import json
import os
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.calendar.conftest import november as november
from tests.chains.builder import START, WEEK, Builder
from tests.queries_counted import queries_of
from tests.rows import OFFICE, Fleet, People
from tests.servers import sign_in
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.chains.looking import suggesting
from webapp.db import close_reading
from webapp.settings import PROJECT

pytestmark = pytest.mark.usefixtures("november")
ANSWER = {
    "status",
    "requested_start",
    "actual_start",
    "objective",
    "slots",
    "conflicts",
    "excluded",
    "unplaced",
    "seconds",
}
SLOT = {
    "index",
    "start_day",
    "end_day",
    "vin",
    "vehicle_id",
    "make",
    "model",
    "person_id",
    "partner_name",
    "warnings",
}
REFUSED: tuple[tuple[dict[str, object], str], ...] = (
    ({"office": None}, "office"),
    ({"start": None}, "start"),
    ({"start": "11-30-26"}, "start"),
    ({"start": "2026-11-18"}, "start"),
    ({"start": "2026-11-28"}, "start"),
    ({"days": "0"}, "days"),
    ({"days": "15"}, "days"),
    ({"days": "week"}, "days"),
    ({"count": "0"}, "count"),
    ({"count": "11"}, "count"),
    ({"respect_budgets": "yes"}, "respect_budgets"),
    ({"allow_double_booking": "1"}, "allow_double_booking"),
    ({"strict": "True"}, "strict"),
    ({"models": "Audi"}, "models"),
    ({"makes": "A" * 301}, "makes"),
    ({"tiers": ["A", "E"]}, "tiers"),
    ({"pinned": "[1]"}, "pinned"),
    ({"pinned": "{"}, "pinned"),
    ({"pinned": "[" * 100_000}, "pinned"),
    ({"pinned": '{"11": "X"}'}, "pinned"),
    ({"pinned": '{"1": true}'}, "pinned"),
    ({"pinned": '{"1": 3001}'}, "pinned"),
    ({"pinned": '{"1": "NOSUCHVIN"}'}, "pinned"),
    ({"person_id": "somebody"}, "person_id"),
    ({"colour": "red"}, "colour"),
)
# Says what the service says, in a process of its own that hashes differently.
ELSEWHERE = """
import json, sys
import time_machine
from tests.chains.worlds import NOW
from tests.databases import plain_settings
from webapp import create_app
from webapp.accounts.queries import actor_of
from webapp.chains.looking import suggesting
from webapp.chains.asking import Ask, Kind
from datetime import date
url, user_id, person_id, vin = sys.argv[1:]
app = create_app(plain_settings(database_url=url))
with app.app_context(), time_machine.travel(NOW):
    actor = actor_of(int(user_id))
    start = date(2026, 11, 30)
    for ask in (
        Ask(Kind.PARTNER, "Los Angeles", start, person_id=int(person_id)),
        Ask(Kind.VEHICLE, "Los Angeles", start, vin=vin),
    ):
        print(json.dumps({**suggesting.suggest(actor, ask).as_json(), "seconds": 0}, sort_keys=True))
"""


@pytest.fixture
def builder(app: Flask, client: FlaskClient, people: People, fleet: Fleet) -> Builder:
    """See `Builder`; signed in."""
    person = people()
    sign_in(client, person)
    return Builder(person, fleet, client)


def told(answer: Any) -> dict[str, Any]:
    """The body of a good answer."""
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_chain_of_vehicles(builder: Builder) -> None:
    """Every member, its type, the moved start, the conflicts."""
    vehicles = builder.audis(2, expected_turn_in_date=date(2026, 12, 1))
    partner = builder.partner("Audi")
    lexus = builder.fleet.add_vehicle(make="Lexus", model="ES 350")
    builder.fleet.add_activity(lexus, partner, start_day=START - WEEK, end_day=START + WEEK)
    body = told(builder.get(partner, count=3))
    assert body.keys() == ANSWER
    assert (body["status"], body["requested_start"], body["actual_start"]) == ("partial", "2026-11-30", "2026-12-07")
    assert body["objective"] == 2 * 700 + 2 * 100 - 150
    assert (body["excluded"], body["unplaced"], body["conflicts"]) == ({"not_approved": 1}, [], [])
    assert isinstance(body["seconds"], float)
    first, second = body["slots"]
    assert first.keys() == second.keys() == SLOT
    assert (first["index"], first["start_day"], first["end_day"]) == (1, "2026-12-07", "2026-12-14")
    assert {first["vin"], second["vin"]} == {vehicle.vin for vehicle in vehicles}
    assert (first["make"], first["person_id"], first["partner_name"]) == ("Audi", partner.person_id, "Wendy Torque")
    text = "Expected turn-in 12-01-26 falls before the end of this loan. FMS still books past it."
    assert first["warnings"] == [{"code": "turn_in", "text": text}]
    twice = told(builder.get(partner, count=3, allow_double_booking="true"))
    name = f"Lexus ES 350 …{lexus.vin[-8:]}"
    assert twice["conflicts"] == [{"text": f"{name} 11-23-26 to 12-07-26 overlaps loan 1", "slots": [1]}]


def test_a_chain_of_partners(builder: Builder, app: Flask) -> None:
    """The objective in points, hops and quality reckoned up; those whom nobody can place apart."""
    vehicle = builder.audis(1)[0]
    with app.app_context():
        builder.place_office()
    near = builder.partner("Audi", rank="A")
    lost = builder.partner("Audi", name="Ring Report", latitude=None, longitude=None)
    body = told(builder.get(vehicle, count=2))
    assert body.keys() == ANSWER
    assert (body["status"], body["objective"]) == ("partial", 0.3 * 700)
    assert [(slot["person_id"], slot["vin"]) for slot in body["slots"]] == [(near.person_id, vehicle.vin)]
    assert body["unplaced"] == [{"person_id": lost.person_id, "partner_name": "Ring Report"}]


def test_parameters_are_what_they_say(builder: Builder) -> None:
    """Repeated makes, models as Make|Model, strict, tiers, budgets, pins as JSON, empty ones left alone."""
    a3, a4 = builder.audis(2)
    golf = builder.fleet.add_vehicle(make="Volkswagen", model="Golf R")
    partner = builder.partner("Audi")
    builder.fleet.approve_make(partner, "Volkswagen", "B")

    def vins(**given: object) -> list[str]:
        return [slot["vin"] for slot in told(builder.get(partner, **given))["slots"]]

    every = sorted([a3.vin, a4.vin, golf.vin])
    assert sorted(vins(makes=["VW", "Audi"])) == sorted(vins(makes="", tiers="", pinned="")) == every
    assert vins(makes="VW") == vins(tiers=["B", "C"]) == [golf.vin]
    assert vins(models="Volkswagen|Golf R", strict="true") == [golf.vin]
    assert vins(models="Volkswagen|Golf R", count=1) == [golf.vin]
    assert vins(pinned=json.dumps({"2": golf.vin}))[1] == golf.vin
    assert len(vins(days=14, count=2)) == 2


def test_what_cannot_be_used_is_named(builder: Builder) -> None:
    """422 with the field, for each of `REFUSED`."""
    partner = builder.partner("Audi")
    for given, field in REFUSED:
        answer = builder.get(partner, **given)
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), given
        assert list(answer.get_json()["fields"]) == [field]


@pytest.mark.parametrize(
    "given", [{"office": "Miami"}, {"office": "a\x00b"}, {"person_id": 999_999}, {"person_id": -1}]
)
def test_what_is_out_of_reach_is_not_found(builder: Builder, given: dict[str, object]) -> None:
    """An office of others, one that is none, somebody whom nobody knows."""
    builder.fleet.add_vehicle(office="Miami")
    assert builder.get(builder.partner("Audi"), **given).status_code == 404


def test_a_vehicle_that_nobody_knows_is_not_found(builder: Builder) -> None:
    """Nor is one that stands elsewhere; a VIN may be typed in lower case."""
    vehicle, there = builder.audis(1)[0], builder.fleet.add_vehicle(office="Miami")
    assert builder.get(vehicle, vin="NOSUCHVIN").status_code == 404
    assert builder.get(there).status_code == 404
    assert builder.get(vehicle, vin=vehicle.vin.lower()).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_whoever_may_look_at_loans_may_ask(sqlite_app: Flask, fleet: Fleet, people: People, role: Role) -> None:
    """By the permission table, which everybody else is told."""
    builder = Builder(people(role), fleet, sqlite_app.test_client())
    partner, vehicle = builder.partner("Audi"), builder.audis(1)[0]
    assert builder.get(partner).status_code == 401
    sign_in(builder.client, builder.person)
    expected = 200 if Permission.VIEW_LOANS in TABLE[role] else 403
    assert {builder.get(partner).status_code, builder.get(vehicle).status_code} == {expected}


def test_another_companys_rows_are_in_no_chain(builder: Builder, app: Flask, people: People) -> None:
    """Neither its vehicles nor its partners, also where offices have the same name."""
    builder.audis(2)
    partner = builder.partner("Audi")
    stranger = app.test_client()
    sign_in(stranger, people(Role.ADMIN, company="Elsewhere", locations=[OFFICE]))
    builder.client = stranger
    assert builder.get(partner).status_code == 404


def test_as_many_statements_for_many_rows_as_for_few(builder: Builder, app: Flask) -> None:
    """Of either chain, its candidates, its cards and who was left out."""

    def statements() -> list[int]:
        counts = []
        with app.app_context():
            for whose in (partner, vehicles[0]):
                ask = builder.ask(whose)
                slots = suggesting.threaded(builder.actor, ask).slots
                picks = {
                    one.slot.index: one.vin if whose is partner else one.person_id
                    for one in suggesting.suggest(builder.actor, ask).placed
                }
                for work in (
                    lambda ask=ask: suggesting.suggest(builder.actor, ask),
                    lambda ask=ask, slots=slots: suggesting.candidates(builder.actor, ask, slots, {}, 1),
                    lambda ask=ask, slots=slots, picks=picks: suggesting.placed(builder.actor, ask, slots, picks),
                    lambda ask=ask: suggesting.left_out(builder.actor, ask),
                ):
                    close_reading()
                    with queries_of() as asked:
                        work()
                    counts.append(len(asked))
        return counts

    vehicles, partner = builder.audis(4), builder.partner("Audi")
    builder.partner("Audi", name="Coastline Auto")
    with app.app_context():
        builder.allocate(90_000)
    builder.fleet.add_loan(builder.fleet.add_vehicle(), builder.fleet.add_partner(), start_day=START)
    few = statements()
    for vehicle in builder.fleet.add_vehicles(40, make="Audi"):
        builder.fleet.add_loan(vehicle, builder.partner("Audi", name=f"Partner {vehicle.vin}"), start_day=START)
    assert statements() == few
    assert max(few) <= 26


def test_two_processes_give_one_answer(builder: Builder, sqlite_app: Flask) -> None:
    """Among many equals, whatever order sets and dictionaries have there."""
    vehicles = [*builder.audis(6), *builder.audis(6)]
    partners = [builder.partner("Audi", name=f"Partner {number}") for number in range(6)]
    url = sqlite_app.extensions["settings"].database_url
    arguments = [url, str(builder.person.user_id), str(partners[0].person_id), vehicles[0].vin]
    answers = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT)}
        command = [sys.executable, "-c", ELSEWHERE, *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, cwd=PROJECT, timeout=120
        )
        answers.add(done.stdout)
    here = [told(builder.get(whose)) for whose in (partners[0], vehicles[0])]
    answers.add("".join(json.dumps({**one, "seconds": 0}, sort_keys=True) + "\n" for one in here))
    assert len(answers) == 1
    assert len(here[0]["slots"]) == len(here[1]["slots"]) == 4
