"""JSON of journeys: shapes and statuses as published, by role and scope, and no answer 500 to any garbage."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.journey_rows import DENVER, Yard
from tests.rows import DAY, People, Person
from webapp.accounts.permissions import TABLE, Permission, Role
from webapp.journeys.stages import Stage

pytestmark = pytest.mark.usefixtures("monday")
# interface.md, without `estimated_value`, which not everybody gets.
MEMBERS = {
    "id",
    "external_id",
    "job_number",
    "quote_number",
    "customer_name",
    "customer_phone",
    "customer_email",
    "scheduled_date",
    "arrival_window",
    "origin_address",
    "destination_address",
    "stops",
    "service_type",
    "move_size",
    "confirmed",
    "source_status",
    "stage",
    "location",
    "data_source",
    "sync_status",
    "last_sync_at",
    "on_board",
    "changed",
    "crew",
    "trucks",
    "version",
}
TAP = "0b5bd6f5-8f5c-4be1-9c5f-0d1f5a7f2c11"


class Program:
    """A program that calls the JSON interface with somebody's token."""

    def __init__(self, client: FlaskClient, person: Person) -> None:
        self._client = client
        answer = client.post("/api/auth/token", json={"email": person.email, "password": person.password})
        assert answer.json
        self._headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        return self._client.open(path, method=method, headers=self._headers, **options)

    def done(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The body of an answer that must be a success."""
        answer = self(method, path, json=body) if body is not None else self(method, path)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json or {})

    def problem(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """An answer that must be problem JSON, with the status it has by HTTP."""
        answer = self(method, path, json=body) if body is not None else self(method, path)
        assert answer.mimetype == "application/problem+json", answer.text
        assert answer.json
        assert set(answer.json) >= {"title", "status", "detail", "code"}
        assert answer.json["status"] == answer.status_code
        return dict(answer.json)

    def numbers(self, query: str = "") -> list[str]:
        return [row["job_number"] for row in self.done("GET", f"/api/journeys{query}")["journeys"]]


@pytest.fixture
def program(client: FlaskClient) -> Callable[[Person], Program]:
    """`program(person)` calls as that person."""
    return lambda person: Program(client, person)


@pytest.fixture
def dispatcher(yard: Yard, program: Callable[[Person], Program]) -> Program:
    """A dispatcher's program, of Denver."""
    return program(yard.dispatcher())


def test_a_journey_has_the_published_members(yard: Yard, people: People, program: Callable[[Person], Program]) -> None:
    """Nothing more or less, in words where people read them; an unknown value is null and not 0."""
    kim, truck = yard.driver("Kim"), yard.truck("Truck 7")
    journey = yard.journey(crew=[kim], trucks=[truck], estimated_value=Decimal("2400.50"), arrival_start=510)
    open_time = yard.journey(arrival_start=None, arrival_end=None, source_status=None)
    [first, second] = program(people(Role.MANAGER, locations=[DENVER])).done("GET", "/api/journeys")["journeys"]
    assert set(first) == MEMBERS | {"estimated_value"}
    assert first | {"crew": 0, "last_sync_at": 0} == {
        "id": journey.id,
        "external_id": journey.external_id,
        "job_number": journey.job_number,
        "quote_number": journey.quote_number,
        "customer_name": journey.customer_name,
        "customer_phone": journey.customer_phone,
        "customer_email": journey.customer_email,
        "estimated_value": 2400.5,
        "scheduled_date": "2026-11-23",
        "arrival_window": {"start": "08:30", "end": "10:00"},
        "origin_address": journey.origin_address,
        "destination_address": journey.destination_address,
        "stops": journey.stops,
        "service_type": "Moving",
        "move_size": "2 bedrooms",
        "confirmed": True,
        "source_status": "Booked",
        "stage": "MORNING_PREP",
        "location": "Denver",
        "data_source": "SMARTMOVING",
        "sync_status": "SYNCED",
        "last_sync_at": 0,
        "on_board": True,
        "changed": False,
        "crew": 0,
        "trucks": [{"id": truck.id, "name": "Truck 7"}],
        "version": 1,
    }
    assert first["crew"] == [{"id": kim.user_id, "name": "Kim", "role": "DRIVER"}]
    assert first["last_sync_at"] == "2026-01-05T17:00:00+00:00"
    assert second["id"] == open_time.id
    assert (second["arrival_window"], second["source_status"], second["estimated_value"]) == (None, None, None)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_what_is_its(
    yard: Yard, people: People, program: Callable[[Person], Program], role: Role
) -> None:
    """The list, and whether `estimated_value` is in it at all; 403 where the role has no jobs."""
    boulder = yard.location("Boulder")
    me = people(role, locations=[DENVER])
    mine = yard.journey(crew=[me], estimated_value=Decimal(10))
    here, there = yard.journey(estimated_value=Decimal(10)), yard.journey(boulder, estimated_value=Decimal(10))
    ask = program(me)
    if role is Role.SCHEDULER:
        assert ask.problem("GET", "/api/journeys")["code"] == "forbidden"
        return
    rows = ask.done("GET", "/api/journeys")["journeys"]
    expected = [mine] if role in (Role.DRIVER, Role.MOVER) else [mine, here]
    expected += [there] if Permission.ALL_LOCATIONS in TABLE[role] else []
    assert {row["id"] for row in rows} == {row.id for row in expected}
    assert {"estimated_value" in row for row in rows} == {Permission.SEE_MONEY in TABLE[role]}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_changes_what_is_its(
    yard: Yard, people: People, program: Callable[[Person], Program], role: Role
) -> None:
    """Role first: 403 in and out of scope; then scope: 404; then it is done."""
    boulder, truck = yard.location("Boulder"), yard.truck()
    me = people(role, locations=[DENVER])
    mine = yard.journey(crew=[me], trucks=[truck])
    there = yard.journey(boulder, crew=[yard.mover()], trucks=[truck])
    ask = program(me)
    may_edit, sees_all = Permission.EDIT_JOBS in TABLE[role], Permission.ALL_LOCATIONS in TABLE[role]
    may_work = may_edit or role in (Role.DRIVER, Role.MOVER)
    cases: list[tuple[str, str, dict[str, Any], bool]] = [
        ("PATCH", "", {"move_size": "Studio"}, may_edit),
        ("POST", "/trucks", {"truck_ids": [truck.id]}, may_edit),
        ("POST", "/stage", {"stage": "EN_ROUTE"}, may_work),
        ("POST", "/stage", {"stage": "MORNING_PREP", "reason": "Too early"}, may_work),
        ("POST", "/crew", {"user_ids": []}, may_edit),
    ]
    for method, path, body, may in cases:
        codes = [
            ask(method, f"/api/journeys/{row}{path}", json=body).status_code for row in (there.id, mine.id, 99_999)
        ]
        assert codes == ([200 if sees_all else 404, 200, 404] if may else [403] * 3), (method, path)
    reading = [ask("GET", path).status_code for path in ("/api/users", "/api/trucks")]
    assert reading == [200 if may_edit else 403, 200 if Permission.VIEW_JOBS in TABLE[role] else 403]
    adding = ask("POST", "/api/trucks", json={"name": "New", "location": "Boulder"}).status_code
    assert adding == ((201 if sees_all else 404) if may_edit else 403)


def test_days_locations_and_stages_are_asked_for(yard: Yard, dispatcher: Program) -> None:
    """By ISO date or word; a location out of scope is not found; anything odd is named."""
    today = yard.journey().job_number
    tomorrow = yard.journey(day=DAY.replace(day=24), stage=Stage.ONSITE).job_number
    yard.location("Boulder")
    assert (
        dispatcher.numbers() == dispatcher.numbers("?date=today") == dispatcher.numbers("?date=2026-11-23") == [today]
    )
    assert dispatcher.numbers("?date=tomorrow") == dispatcher.numbers("?date=tomorrow&location=Denver") == [tomorrow]
    assert dispatcher.numbers("?date=tomorrow&stage=ONSITE") == [tomorrow]
    assert dispatcher.numbers("?date=tomorrow&stage=EN_ROUTE") == []
    for name in ("Boulder", "Nowhere"):
        assert dispatcher.problem("GET", f"/api/journeys?location={name}")["code"] == "not_found"
    for query in ("date=yesterday", "date=20261123", "date=0", "stage=LOADING", "location=%00", "day=today"):
        problem = dispatcher.problem("GET", f"/api/journeys?{query}")
        assert (problem["status"], len(problem["fields"])) == (422, 1)


def test_a_program_enters_values_and_gives_them_up(yard: Yard, dispatcher: Program) -> None:
    """By the names of the answer; every answer is the journey as it is now."""
    kim = yard.mover("Kim")
    journey = yard.journey(crew=[kim])
    path = f"/api/journeys/{journey.id}"
    body = {
        "scheduled_date": "2026-11-24",
        "arrival_window": {"start": "09:30", "end": "24:00"},
        "location": "Denver",
        "stops": ["1 Oak Way", "2 Fir Lane"],
        "confirmed": False,
        "crew_needed": 3,
        "notes": "Mind the cat",
        "version": 1,
    }
    changed = dispatcher.done("PATCH", path, body)["journey"]
    assert (changed["scheduled_date"], changed["arrival_window"]) == ("2026-11-24", {"start": "09:30", "end": "24:00"})
    assert (changed["origin_address"], changed["confirmed"], changed["version"]) == ("1 Oak Way", False, 2)
    stale = dispatcher.problem("PATCH", path, {"notes": "", "version": 1})
    assert (stale["status"], stale["code"]) == (409, "stale")
    followed = dispatcher.done("PATCH", path, {"use_source": ["arrival_window", "scheduled_date"]})["journey"]
    assert (followed["scheduled_date"], followed["arrival_window"]) == (
        "2026-11-23",
        {"start": "08:00", "end": "10:00"},
    )
    exact = dispatcher.done("PATCH", path, {"arrival_window": {"start": "09:00"}})["journey"]
    assert exact["arrival_window"] == {"start": "09:00", "end": None}
    assert dispatcher.done("PATCH", path, {"arrival_window": None})["journey"]["arrival_window"] is None


UNUSABLE: list[tuple[dict[str, Any], list[str]]] = [
    ({"estimated_value": 1}, ["estimated_value"]),
    ({"stage": "AUDITED"}, ["stage"]),
    ({"arrival_window": {"start": "10:00", "end": "09:00"}}, ["arrival_window"]),
    ({"arrival_window": {"start": "25:00"}}, ["arrival_window.start"]),
    ({"arrival_window": {"end": "09:00"}}, ["arrival_window.start"]),
    ({"location": "Boulder"}, ["location"]),
    ({"scheduled_date": 20261124}, ["scheduled_date"]),
    ({"crew_needed": 10**30}, ["crew_needed"]),
    ({"crew_needed": "3"}, ["crew_needed"]),
    ({"use_source": ["colour"]}, ["colour"]),
    ({"use_source": ["location"], "location": "Denver"}, ["location"]),
    ({"version": "1"}, ["version"]),
]


def test_unusable_bodies_are_named_field_by_field(yard: Yard, dispatcher: Program) -> None:
    """422 by the names of the JSON, and nothing is written."""
    yard.location("Boulder")
    journey = yard.journey()
    for body, fields in UNUSABLE:
        problem = dispatcher.problem("PATCH", f"/api/journeys/{journey.id}", body)
        assert (problem["status"], list(problem["fields"])) == (422, fields)
    assert dispatcher.done("GET", "/api/journeys")["journeys"][0]["version"] == 1


def test_a_program_moves_stages(yard: Yard, program: Callable[[Person], Program]) -> None:
    """409 with every reason, 422 without one, and a repeated tap changes nothing."""
    kim = yard.driver()
    journey, bare = yard.journey(crew=[kim], trucks=[yard.truck()]), yard.journey()
    ask, crew = program(yard.dispatcher()), program(kim)
    refused = ask.problem("POST", f"/api/journeys/{bare.id}/stage", {"stage": "EN_ROUTE"})
    assert (refused["status"], refused["code"]) == (409, "needs_crew")
    assert [reason["code"] for reason in refused["reasons"]] == ["needs_crew", "needs_truck"]
    path = f"/api/journeys/{journey.id}/stage"
    for _ in range(2):
        moved = crew.done("POST", path, {"stage": "EN_ROUTE", "tap_id": TAP})["journey"]
        assert (moved["stage"], moved["version"]) == ("EN_ROUTE", 2)
    skipped = ask.problem("POST", path, {"stage": "AUDITED"})
    assert (skipped["status"], skipped["code"]) == (409, "not_next")
    assert list(ask.problem("POST", path, {"stage": "MORNING_PREP"})["fields"]) == ["reason"]
    assert list(ask.problem("POST", path, {"stage": "LUNCH"})["fields"]) == ["stage"]
    back = crew.done("POST", path, {"stage": "MORNING_PREP", "reason": "Forgot the dolly"})
    assert back["journey"]["stage"] == "MORNING_PREP"


def test_a_program_assigns_crews_and_trucks(yard: Yard, dispatcher: Program) -> None:
    """From the lists that tell who can be assigned; double bookings are warnings."""
    kim, lee = yard.driver("Kim"), yard.mover("Lee")
    yard.mover(is_active=False)
    yard.location("Boulder")
    yard.mover(locations=["Boulder"])
    users = dispatcher.done("GET", "/api/users?location=Denver")["users"]
    assert users == [
        {"id": kim.user_id, "name": "Kim", "role": "DRIVER"},
        {"id": lee.user_id, "name": "Lee", "role": "MOVER"},
    ]
    assert [one["name"] for one in dispatcher.done("GET", "/api/users?role=MOVER")["users"]] == ["Lee"]
    truck = dispatcher.done("POST", "/api/trucks", {"name": "Truck 7", "location": "Denver"})["truck"]
    assert dispatcher.done("GET", "/api/trucks")["trucks"] == [truck]
    assert dispatcher.problem("POST", "/api/trucks", {"name": "truck 7", "location": "Denver"})["code"] == "name_taken"
    first, second = yard.journey(customer_name="Rowan"), yard.journey()
    for journey, warnings in ((first, []), (second, ["Kim"])):
        crew = dispatcher.done("POST", f"/api/journeys/{journey.id}/crew", {"user_ids": [kim.user_id]})
        assert [one["text"].split()[0] for one in crew["warnings"]] == warnings
        assert crew["journey"]["crew"] == [users[0]]
    body = {"truck_ids": [truck["id"]], "version": 2}
    assert (
        dispatcher.done("POST", f"/api/journeys/{first.id}/trucks", body)["journey"]["trucks"][0]["name"] == "Truck 7"
    )
    assert dispatcher.problem("POST", f"/api/journeys/{first.id}/trucks", body)["code"] == "stale"
    odd = dispatcher.problem("POST", f"/api/journeys/{first.id}/crew", {"user_ids": [999]})
    assert (odd["status"], list(odd["fields"])) == (422, ["user_ids"])
    for query in ("/api/users?role=DISPATCHER", "/api/trucks?where=Denver"):
        assert dispatcher.problem("GET", query)["status"] == 422
    for query in ("/api/users?location=Boulder", "/api/trucks?location=Boulder"):
        assert dispatcher.problem("GET", query)["status"] == 404


def test_a_person_without_locations_gets_empty_lists(yard: Yard, program: Callable[[Person], Program]) -> None:
    """And no refusal."""
    yard.journey(trucks=[yard.truck()], crew=[yard.mover()])
    ask = program(yard.dispatcher(locations=[]))
    assert ask.done("GET", "/api/journeys") == {"journeys": []}
    assert ask.done("GET", "/api/users") == {"users": []}
    assert ask.done("GET", "/api/trucks") == {"trucks": []}


WORDS = st.sampled_from(
    [
        "stage", "reason", "tap_id", "user_ids", "truck_ids", "version", "name", "location", "notes", "stops",
        "arrival_window", "start", "end", "use_source", "EN_ROUTE", "Denver", "08:00", "\x00", "confirmed",
    ]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


def test_garbage_is_refused_and_never_breaks(
    sqlite_app: Flask, yard: Yard, program: Callable[[Person], Program]
) -> None:
    """Whatever a program sends, wherever: an answer below 500."""
    ask, journey = program(yard.dispatcher()), yard.journey()
    paths = [("PATCH", "")] + [("POST", f"/{what}") for what in ("stage", "crew", "trucks")]
    targets = [(method, f"/api/journeys/{journey.id}{path}") for method, path in paths] + [("POST", "/api/trucks")]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=ANYTHING)
    @example(body={"user_ids": [10**40]})
    @example(body={"stops": ["\ud800"], "notes": "\ud800"})
    def send(body: Any) -> None:
        for method, path in targets:
            answer = ask(method, path, data=json.dumps(body), content_type="application/json")
            assert answer.status_code < 500, (path, body)

    send()
