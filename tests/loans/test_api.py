"""JSON under /api/fms: statuses, shapes and problems as published, and no answer 500 to any garbage."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.known_to_fms import add_loans
from tests.queries_counted import queries_of
from tests.rows import DAY, Fleet, People
from tests.sandbox_process import SandboxProcess
from webapp.accounts.permissions import Role
from webapp.db import LARGEST, db
from webapp.fleet.models import Vehicle
from webapp.loans.models import Assignment
from webapp.loans.states import Status

pytestmark = pytest.mark.usefixtures("november")
PROBLEM = {"title", "status", "detail", "code"}
BULK = [f"/api/fms/bulk-{what}-vehicle-requests" for what in ("create", "unrequest", "delete")]


class Program:
    """A program that calls the JSON interface with somebody's token."""

    def __init__(self, client: FlaskClient, email: str, password: str) -> None:
        self._client = client
        answer = client.post("/api/auth/token", json={"email": email, "password": password})
        assert answer.json
        self._headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        return self._client.open(path, method=method, headers=self._headers, **options)

    def problem(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """An answer that must be problem JSON, with the status it has by HTTP."""
        answer = self(method, path, **options)
        assert answer.mimetype == "application/problem+json", answer.text
        body = dict(answer.json or {})
        assert set(body) >= PROBLEM
        assert body["status"] == answer.status_code
        return body

    def done(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The body of an answer that must be 200."""
        answer = self(method, path, **options)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})


@pytest.fixture
def as_program(client: FlaskClient, people: People) -> Callable[..., Program]:
    """`as_program(role)` calls as somebody new of that role."""

    def make(role: Role = Role.SCHEDULER, **values: Any) -> Program:
        person = people(role, **values)
        return Program(client, person.email, person.password)

    return make


@pytest.fixture
def program(as_program: Callable[..., Program]) -> Program:
    """A scheduler's program."""
    return as_program()


@pytest.fixture
def loans(sandbox: SandboxProcess, fleet: Fleet) -> list[Assignment]:
    """Four green loans, of vehicles and a partner that FMS knows."""
    return add_loans(sandbox, fleet, 4)


def test_a_loan_is_requested_and_deleted_with_its_request(
    sandbox: SandboxProcess, program: Program, loans: list[Assignment]
) -> None:
    """200 with FMS's number, then gone from both sides; a green loan just goes."""
    loan, green, *_ = loans
    answer = program.done("POST", f"/api/fms/create-vehicle-request/{loan.id}")
    number = sandbox.requests()[0]["id"]
    assert answer == {
        "success": True,
        "message": f"Requested in FMS (#{number})",
        "assignment_id": loan.id,
        "fms_request_id": number,
    }
    again = program.problem("POST", f"/api/fms/create-vehicle-request/{loan.id}")
    assert (again["status"], again["code"]) == (409, "requested")
    answer = program.done("DELETE", f"/api/fms/delete-vehicle-request/{loan.id}")
    assert answer == {
        "success": True,
        "message": "Removed from FMS",
        "assignment_id": loan.id,
        "deleted_from_fms": True,
    }
    answer = program.done("DELETE", f"/api/fms/delete-vehicle-request/{green.id}")
    assert (answer["success"], answer["deleted_from_fms"]) == (True, False)
    assert program.problem("DELETE", f"/api/fms/delete-vehicle-request/{green.id}")["status"] == 404
    assert sandbox.requests() == []


def test_each_status_of_the_interface_once(
    app: Flask, sandbox: SandboxProcess, program: Program, fleet: Fleet, loans: list[Assignment]
) -> None:
    """202 not confirmed, 409 while it is open and where a vehicle is held, 422 what is missing, 502 refused."""
    path = "/api/fms/create-vehicle-request/{}"
    sandbox.fault("create", "reset_before")
    silent, taken, refused, _ = loans
    answer = program.problem("POST", path.format(silent.id))
    assert (answer["status"], answer["code"], answer["success"]) == (202, "uncertain", False)
    assert answer["assignment_id"] == silent.id
    answer = program.problem("POST", path.format(silent.id))
    assert (answer["status"], answer["code"]) == (409, "uncertain")

    fleet.add_activity(vin_of(app, taken), start_day=DAY, activity_type="Service")
    answer = program.problem("POST", path.format(taken.id))
    assert (answer["status"], answer["code"]) == (409, "held")
    assert "held in FMS (Service) 11-23-26 to 11-30-26" in answer["detail"]
    assert [reason["code"] for reason in answer["reasons"]] == ["held"]

    nameless = fleet.add_loan(fleet.add_vehicle(vehicle_id=None), fleet.add_partner())
    answer = program.problem("POST", path.format(nameless.id))
    assert (answer["status"], answer["code"]) == (422, "no_vehicle_id")

    sandbox.fault("create", "refuse", text="Vehicle is grounded")
    answer = program.problem("POST", path.format(refused.id))
    assert (answer["status"], answer["code"], answer["success"]) == (502, "fms_refused", False)
    assert "Vehicle is grounded" in answer["detail"]


def test_a_bulk_run_reports_every_row(
    sandbox: SandboxProcess, program: Program, fleet: Fleet, loans: list[Assignment]
) -> None:
    """Counts, and per row what was done; an unknown id fails its row, an uncertain one counts as neither."""
    green = loans
    requested = fleet.add_loan(fleet.add_vehicle(), fleet.add_partner(), status=Status.REQUESTED, fms_request_id=1)
    ids = [green[0].id, requested.id, 987_654]
    answer = program.done("POST", BULK[0], json={"assignment_ids": ids})
    assert {name: answer[name] for name in ("total", "succeeded", "failed", "uncertain")} == {
        "total": 3,
        "succeeded": 1,
        "failed": 2,
        "uncertain": 0,
    }
    rows = {row["assignment_id"]: row for row in answer["results"]}
    assert list(rows) == ids
    number = sandbox.requests()[0]["id"]
    assert rows[green[0].id] == {
        "assignment_id": green[0].id,
        "success": True,
        "error": None,
        "fms_request_id": number,
        "created_in_fms": True,
        "deleted_from_fms": False,
        "code": None,
    }
    assert (rows[requested.id]["success"], rows[requested.id]["code"]) == (False, "requested")
    assert (rows[987_654]["success"], rows[987_654]["code"]) == (False, "not_found")
    sandbox.fault("create", "error_after")
    answer = program.done("POST", BULK[0], json={"assignment_ids": [green[1].id]})
    assert (answer["succeeded"], answer["failed"], answer["uncertain"]) == (0, 0, 1)
    answer = program.done("POST", BULK[1], json={"assignment_ids": [green[0].id]})
    assert answer["results"][0]["deleted_from_fms"] is True
    answer = program.done("POST", BULK[2], json={"assignment_ids": [green[0].id, green[2].id]})
    assert [row["deleted_from_fms"] for row in answer["results"]] == [False, False]
    assert answer["succeeded"] == 2


@pytest.mark.parametrize("path", BULK)
def test_bulk_bodies_are_checked(sqlite_app: Flask, program: Program, path: str) -> None:
    """422 naming the field: too many, none, no integers, a name that is not known."""
    for body, field in [
        ({"assignment_ids": list(range(101))}, "assignment_ids"),
        ({"assignment_ids": []}, "assignment_ids"),
        ({}, "assignment_ids"),
        ({"assignment_ids": "1"}, "assignment_ids"),
        ({"assignment_ids": [1, "2"]}, "assignment_ids.1"),
        ({"assignment_ids": [True]}, "assignment_ids.0"),
        ({"assignment_ids": [1.0]}, "assignment_ids.0"),
        ({"assignment_ids": [LARGEST + 1]}, "assignment_ids.0"),
        ({"assignment_ids": [10**30]}, "assignment_ids.0"),
        ({"assignment_ids": [1], "force": True}, "force"),
    ]:
        answer = program.problem("POST", path, json=body)
        assert (answer["status"], answer["code"]) == (422, "invalid"), body
        assert list(answer["fields"]) == [field], body


def test_the_ledger_is_listed_newest_first(
    sandbox: SandboxProcess,
    program: Program,
    as_program: Callable[..., Program],
    loans: list[Assignment],
    app: Flask,
) -> None:
    """Filtered and paged, in as many queries as it takes for one row; schedulers may not."""
    auditor = as_program(Role.AUDITOR, locations=[])
    mine = loans
    for loan in mine:
        program("POST", f"/api/fms/create-vehicle-request/{loan.id}")
    program("POST", f"/api/fms/create-vehicle-request/{mine[0].id}")
    answer = auditor.done("GET", "/api/fms/operations?per_page=2")
    assert (answer["page"], answer["per_page"], answer["total"]) == (1, 2, 5)
    first, second = answer["operations"]
    assert (first["state"], first["kind"], first["assignment_id"]) == ("refused", "create", mine[0].id)
    number = sandbox.requests()[-1]["id"]
    assert second == {
        "id": second["id"],
        "kind": "create",
        "state": "succeeded",
        "assignment_id": mine[3].id,
        "fms_request_id": number,
        "reference": sandbox.requests()[-1]["requestorNotes"],
        "requested_by": second["requested_by"],
        "requestor_id": 1949,
        "error": None,
        "created_at": second["created_at"],
        "finished_at": second["finished_at"],
        "batch_id": None,
    }
    listed = [auditor.done("GET", f"/api/fms/operations?per_page=2&page={page}")["operations"] for page in (1, 2, 3, 4)]
    assert [len(page) for page in listed] == [2, 2, 1, 0]
    ids = [operation["id"] for page in listed for operation in page]
    assert ids == sorted(ids, reverse=True)
    found = auditor.done("GET", f"/api/fms/operations?state=succeeded&assignment_id={mine[0].id}")
    assert [operation["assignment_id"] for operation in found["operations"]] == [mine[0].id]
    assert auditor.done("GET", "/api/fms/operations?per_page=5000")["per_page"] == 200
    with app.app_context(), queries_of() as few:
        auditor.done("GET", "/api/fms/operations?per_page=1")
    with app.app_context(), queries_of() as many:
        auditor.done("GET", "/api/fms/operations")
    assert len(few) == len(many) <= 5
    assert program.problem("GET", "/api/fms/operations")["status"] == 403
    assert as_program(Role.ADMIN, company="Elsewhere").done("GET", "/api/fms/operations")["total"] == 0


def test_queries_of_the_ledger_are_checked(sqlite_app: Flask, as_program: Callable[..., Program]) -> None:
    """422 naming the parameter."""
    auditor = as_program(Role.AUDITOR)
    for query, field in [
        ("state=lost", "state"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("per_page=-1", "per_page"),
        ("assignment_id=99999999999999999999", "assignment_id"),
        ("assignment_id=1%00", "assignment_id"),
        ("sort=id", "sort"),
    ]:
        answer = auditor.problem("GET", f"/api/fms/operations?{query}")
        assert (answer["status"], list(answer["fields"])) == (422, [field]), query
    huge = "9" * 4000
    assert auditor("GET", f"/api/fms/operations?page={huge}").status_code == 422
    assert auditor("GET", f"/api/fms/operations?per_page={huge}").status_code in (200, 422)
    assert auditor("GET", "/api/fms/operations?page=1000000&per_page=200").status_code == 200


def test_the_configuration_tells_the_token_by_its_length_only(
    sandbox: SandboxProcess, as_program: Callable[..., Program], program: Program
) -> None:
    """To who may run syncs."""
    answer = as_program(Role.SUPER_ADMIN)("GET", "/api/fms/config")
    assert answer.json == {
        "environment": "staging",
        "base_url": sandbox.url,
        "requestor_id": None,
        "token_configured": True,
        "token_length": len(sandbox.token),
    }
    assert sandbox.token not in answer.text
    assert program.problem("GET", "/api/fms/config")["status"] == 403


def test_addresses_of_nothing_are_not_found(program: Program) -> None:
    """Numbers that no row can have, and what is no number: 404 as problem JSON, on either engine."""
    for number in ("2147483648", "9223372036854775808", "9" * 30, "9" * 5000, "-1", "1.0", "0x1", "%D9%A1", "1%00"):
        assert program.problem("POST", f"/api/fms/create-vehicle-request/{number}")["status"] == 404, number
        assert program.problem("DELETE", f"/api/fms/delete-vehicle-request/{number}")["status"] == 404, number


def test_the_largest_number_is_looked_for(program: Program) -> None:
    """Nothing has it, and the database bears the question."""
    for number in (0, LARGEST):
        assert program.problem("POST", f"/api/fms/create-vehicle-request/{number}")["code"] == "not_found"


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(10**9, 10**40) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
bodies = st.one_of(
    st.binary(max_size=40),
    anything.map(lambda value: json.dumps(value).encode()),
    anything.map(lambda value: json.dumps({"assignment_ids": value}).encode()),
    st.lists(anything, max_size=5).map(lambda value: json.dumps({"assignment_ids": value}).encode()),
)


@given(path=st.sampled_from(BULK), body=bodies, kind=st.sampled_from(["application/json", "text/plain", ""]))
@example(path=BULK[0], body=b"[" * 100_000, kind="application/json")
@example(path=BULK[0], body=b'{"a":' * 100_000, kind="application/json")
@example(path=BULK[0], body=b'{"assignment_ids": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", kind="application/json")
@example(path=BULK[0], body=b'{"assignment_ids": [' + b"9" * 5000 + b"]}", kind="application/json")
@example(path=BULK[0], body=b'{"assignment_ids": ["\\u0000", "\\ud800"], "\\ud800": 1}', kind="application/json")
@example(path=BULK[0], body=b'{"assignment_ids": [NaN, Infinity]}', kind="application/json")
@example(path=BULK[2], body=b"\xff\xfe\x00", kind="application/json")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_garbage_breaks_it(program: Program, path: str, body: bytes, kind: str) -> None:
    """Whatever is sent, the answer is 200 for a run, or 422 as problem JSON."""
    answer = program("POST", path, data=body, content_type=kind)
    assert answer.status_code in (200, 422), answer.text[:500]
    if answer.status_code == 422:
        assert set(answer.json or {}) >= PROBLEM


def vin_of(app: Flask, loan: Assignment) -> str:
    """The VIN of a loan's vehicle."""
    with app.app_context():
        return db.session.get_one(Vehicle, loan.fleet_vehicle_id).vin
