"""The description is complete, valid, and made from the routes; people and programs who are signed in may read it."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conformity import NotAsDescribed
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.access import any_role
from webapp.accounts.permissions import Role
from webapp.declared import declared_of, declares
from webapp.errors import is_json_address
from webapp.jsonapi import Input, read_body, read_query
from webapp.openapi.description import check_routes, described
from webapp.settings import Environment


class Small(Input):
    """A body of one number."""

    count: int


class Other(Input):
    """Something else."""

    name: str


def test_every_json_route_is_described(sqlite_app: Flask) -> None:
    """Address by address and method by method, with a summary, an answer, and who may call it."""
    paths = described(sqlite_app)["paths"]
    methods: dict[str, set[str]] = {}
    for rule in sqlite_app.url_map.iter_rules():
        if is_json_address(rule.rule):
            path = rule.rule.replace("<int:", "{").replace(">", "}")
            methods.setdefault(path, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    assert methods == {path: {method.upper() for method in paths[path]} for path in paths}
    for operation in (one for path in paths.values() for one in path.values()):
        assert operation["summary"].endswith(".")
        assert any(status < "300" for status in operation["responses"])
        assert operation["security"] or "Open to everybody" in operation["description"]


def test_a_route_that_says_nothing_of_itself_stops_the_start(sqlite_app: Flask) -> None:
    """The error names it, so that no address is left out by oversight."""
    silent = Flask("silent")
    silent.add_url_rule("/api/silent", view_func=lambda: "")
    with pytest.raises(RuntimeError, match="/api/silent"):
        check_routes(silent)


def test_the_description_is_openapi(sqlite_app: Flask) -> None:
    """Every schema is a JSON schema, every reference leads somewhere, every operation has a name of its own."""
    description = described(sqlite_app)
    assert description["openapi"].startswith("3.1")
    for schema in description["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
    names = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert references(description) <= names
    ids = [one["operationId"] for methods in description["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.usefixtures("sqlite_app")
@pytest.mark.parametrize("environment", list(Environment))
def test_the_cookie_of_a_browser_is_named_as_it_is_set(
    make_app: Callable[..., Flask], environment: Environment
) -> None:
    """In production it has another name than in development."""
    app = make_app(app_env=environment, secret_key="a key of thirty-two letters or more")
    sent = app.test_client().get("/login").headers["Set-Cookie"]
    assert sent.startswith(described(app)["components"]["securitySchemes"]["browser"]["name"] + "=")


def test_an_address_tells_its_permission_and_its_refusals(sqlite_app: Flask) -> None:
    """What the decorators say is what is described; no table is kept beside them."""
    paths = described(sqlite_app)["paths"]
    planning = paths["/api/calendar/assignments"]["post"]
    assert planning["x-permissions"] == ["plan_loans"]
    assert {"201", "400", "401", "403", "409", "413", "422"} <= set(planning["responses"])
    assert paths["/api/auth/token"]["post"]["security"] == []
    assert "429" in paths["/api/auth/token"]["post"]["responses"]
    [number] = paths["/api/journeys/{journey_id}"]["patch"]["parameters"]
    assert (number["in"], number["schema"]["type"], number["schema"]["maximum"]) == ("path", "integer", 2**31 - 1)


def test_what_a_route_reads_is_what_it_declares(sqlite_app: Flask) -> None:
    """A view that reads another schema than it says fails in the first request, whoever sends it."""

    @any_role
    @declares({200: dict[str, Any]}, body=Small, query=Small)
    def odd() -> dict[str, Any]:
        return {}

    sqlite_app.add_url_rule("/api/odd", view_func=odd, methods=["POST"])
    with sqlite_app.test_request_context("/api/odd?count=1", method="POST", json={"count": 2}):
        assert (read_query(Small), read_body(Small)) == (Small(count=1), Small(count=2))
        with pytest.raises(RuntimeError, match="odd reads Other as its body"):
            read_body(Other)
        with pytest.raises(RuntimeError, match="odd reads Other as its query"):
            read_query(Other)


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_what_is_declared_is_read(sqlite_app: Flask, people: People, method: str) -> None:
    """A body or query with a member that nobody knows is refused everywhere, and by its name: it was looked at."""
    client = sqlite_app.test_client()
    sign_in(client, people(Role.SUPER_ADMIN))
    token = csrf_token(client)
    for rule in sqlite_app.url_map.iter_rules():
        declared = declared_of(sqlite_app.view_functions[rule.endpoint])
        if declared is None or method.upper() not in (rule.methods or ()) or rule.arguments:
            continue
        if rule.endpoint == "smartmoving_api.sync_jobs" and method == "get":
            continue  # refused to browsers before anything is read
        for schema, sent in ((declared.body, {"json": {"zzz": 1}}), (declared.query, {"query_string": "zzz=1"})):
            if schema is not None:
                answer = client.open(rule.rule, method=method, headers={"X-CSRFToken": token}, **sent)
                assert answer.status_code == 422, rule.rule
                assert "zzz" in answer.get_json()["fields"], rule.rule


def test_the_description_is_read_by_whoever_is_signed_in(sqlite_app: Flask, people: People) -> None:
    """Of any role; strangers get 401, or the login page."""
    client = sqlite_app.test_client()
    assert client.get("/openapi.json").status_code == 401
    assert "/login" in client.get("/docs").headers["Location"]
    sign_in(client, people(Role.MOVER))
    assert client.get("/openapi.json").json == described(sqlite_app)
    page = client.get("/docs")
    assert page.status_code == 200
    assert "/api/calendar/assignments/{assignment_id}" in page.text
    assert "<code>POST /api/auth/token</code>" in page.text
    assert "`" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_an_answer_that_is_not_described_is_found(sqlite_app: Flask, people: People, client: FlaskClient) -> None:
    """The watch over all tests' answers sees a member too many; else it would prove nothing."""
    sign_in(client, people(Role.SCHEDULER))

    def spoil() -> dict[str, Any]:
        return {"assignments": [], "activities": [], "more": 1}

    view = sqlite_app.view_functions["calendar_api.calendar"]
    spoil.__dict__.update(view.__dict__)
    sqlite_app.view_functions["calendar_api.calendar"] = spoil
    with pytest.raises(NotAsDescribed, match="more"):
        client.get("/api/calendar")


def references(part: object) -> set[str]:
    """Every `$ref` in a description."""
    if isinstance(part, list):
        return set().union(*(references(one) for one in part))
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(one) for one in part.values()))
    return set()
