"""What people type, bring and are stays out of the log: sent through every route, and through every way to fail."""

import json
import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from pydantic import BaseModel
from sqlalchemy import text
from werkzeug.routing import Rule

from tests.ground.wire import WireServer, answer, say
from tests.hardening.canaries import CANARIES, JWT, everything_logged, traces_in
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.access import public
from webapp.accounts.permissions import Role
from webapp.db import db, writing
from webapp.feeds.fetch import FetchFailed, Hosts, Limits, fetch
from webapp.fms.client import FmsClient
from webapp.redaction import failure

# They end the sign-in with which the others are called.
ENDINGS = ("/logout", "/sign-out", "/sign-out-everywhere", "/account")
QUIET = pytest.mark.settings(log_level="DEBUG", embed_launch_secret="a secret of thirty-two letters or more")


def path_of(rule: Rule) -> str:
    """An address of the route: numbers where it takes numbers, a canary where it takes text."""
    values: dict[str, Any] = {
        name: 1 if type(rule._converters[name]).__name__ == "RowNumber" else CANARIES["token"]
        for name in rule.arguments
    }
    adapter = rule.map.bind("localhost") if rule.map else None
    assert adapter
    return adapter.build(rule.endpoint, values, force_external=False)


def calls_of(app: Flask) -> list[tuple[str, str]]:
    """Every route with every method that it takes."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(ENDINGS)]
    return sorted({(method, path_of(rule)) for rule in rules for method in rule.methods or ()})


def send_all_ways(client: FlaskClient, method: str, path: str, token: str) -> None:
    """The canaries in the query, a form, a file, JSON, cookies and headers to one address."""
    headers = {
        "X-API-Key": CANARIES["api_key"],
        "User-Agent": CANARIES["token"],
        "Referer": f"http://localhost/{CANARIES['email']}",
        "HX-Current-URL": f"http://localhost/{CANARIES['email']}",
        "Cookie": f"{client_cookie(client)}; stolen={CANARIES['cookie']}",
    }
    query = CANARIES | {"next": CANARIES["email"], "q": CANARIES["phone"], "id": CANARIES["address"]}
    if method == "GET":
        client.open(path, method=method, query_string=query, headers=headers).close()
        return
    file = {"file": (BytesIO(CANARIES["address"].encode()), f"{CANARIES['email']}.xlsx")}
    form = CANARIES | {"name": CANARIES["address"], "note": CANARIES["phone"], "csrf_token": token}
    given = headers | {"HX-Request": "true"}
    client.open(path, method=method, query_string=query, data=form | file, headers=given).close()
    given = headers | {"X-CSRFToken": token}
    client.open(path, method=method, query_string=query, json=form, headers=given).close()


def client_cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    return f"session={cookie.value}" if cookie else ""


@QUIET
def test_no_route_and_no_method_logs_what_it_is_sent(sqlite_app: Flask, people: People) -> None:
    """In the address, the query, a form, a file, JSON, cookies or headers; signed in and not."""
    person = people(Role.SUPER_ADMIN, email=CANARIES["email"], name="Canary Person")
    signed_in, stranger = sqlite_app.test_client(), sqlite_app.test_client()
    with everything_logged() as log:
        sign_in(signed_in, person)
        token = csrf_token(signed_in)
        calls = calls_of(sqlite_app)
        for method, path in calls:
            if method not in {"HEAD", "OPTIONS"}:
                send_all_ways(signed_in, method, path, token)
            given = {"Authorization": f"Bearer {JWT}"} if method == "GET" else {}
            stranger.open(path, method=method, query_string=CANARIES, data=CANARIES, headers=given).close()
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len(lines) > len(calls) > 300
    told = [line for line in lines if traces_in(json.dumps(line))]
    assert told == []


def duplicate() -> str:
    """The database repeats the key that is there already."""
    insert = text(
        "INSERT INTO users (company_id, email, name, role, password_hash, is_active, must_change_password, created_at)"
        " SELECT company_id, email, name, role, password_hash, is_active, must_change_password, created_at FROM users"
    )
    with writing() as session:
        session.execute(insert)
    return ""


def incomplete() -> str:
    """The database repeats the row that lacks something."""
    with writing() as session:
        session.execute(text("UPDATE users SET role = NULL"))
    return ""


def no_number() -> str:
    """The database repeats what is no number."""
    db.session.execute(text("SELECT CAST(:given AS integer) + 1/0"), {"given": CANARIES["address"]}).all()
    return str(int(CANARIES["address"]))


class Shape(BaseModel):
    """Something that nothing fits."""

    number: int


FAILURES: dict[str, Callable[[], Any]] = {
    "duplicate": duplicate,
    "incomplete": incomplete,
    "no_number": no_number,
    "validated": lambda: Shape.model_validate({"number": CANARIES["address"]}),
    "key": lambda: dict[str, int]()[CANARIES["address"]],
    "python": lambda: int(request.args["address"]),
    "json": lambda: json.loads(CANARIES["email"]),
    "told": lambda: shout(f"cannot use {CANARIES['email']} at {CANARIES['address']} with {CANARIES['jwt']}"),
    "from the request": lambda: shout(f"cannot use {request.form['password']} and {request.args['token']}"),
    "chained": lambda: chained(),
}


def shout(words: str) -> str:
    raise RuntimeError(words)


def chained() -> str:
    try:
        int(CANARIES["phone"])
    except ValueError as error:
        raise RuntimeError("the cause") from error
    return ""


@QUIET
@pytest.mark.parametrize("prefix", ["/api", ""])
def test_no_crash_says_whose_data_it_met(app: Flask, people: People, prefix: str) -> None:
    """Neither to the log, which keeps the kind and the place, nor to who asked, who gets the request's id."""
    people(Role.SCHEDULER, email=CANARIES["email"], name=CANARIES["address"])

    @public
    def crash(name: str) -> str:
        FAILURES[name]()
        return ""

    app.add_url_rule(f"{prefix}/crash/<name>", "crash", crash)
    for name in FAILURES:
        with everything_logged() as log:
            page = app.test_client().get(f"{prefix}/crash/{name}", query_string=CANARIES, data=CANARIES)
        assert page.status_code == 500, name
        (line,) = [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "unhandled"]
        assert "in crash\n" in line["exception"]
        assert "Error" in line["exception"]
        assert traces_in(log.getvalue()) == set(), name
        assert traces_in(page.text) == set()
        assert "Traceback" not in page.text
        assert line["request_id"] in page.text


@QUIET
@pytest.mark.parametrize("body", [b'{"error": "%s"}', b"<h1>%s</h1>", b"%s"])
@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "422 Unprocessable", "500 Error"])
def test_what_fms_repeats_is_not_logged(sqlite_app: Flask, status: str, body: bytes) -> None:
    """A careless server puts our token into its error pages."""
    token = CANARIES["token"]
    with WireServer(say(answer(status, body.replace(b"%s", token.encode())))) as server:
        values = {"fms_staging_url": server.url, "fms_staging_token": token}
        settings = sqlite_app.extensions["settings"].model_copy(update={"fms_staging_url": server.url})
        client = FmsClient(type(settings)(_env_file=None, database_url=settings.database_url, **values))
        with sqlite_app.app_context(), everything_logged() as log:
            outcome, _ = client.create({"person": CANARIES["email"]})
            client.delete(1, most_tries=1)
    assert token not in outcome.sentence + outcome.answer
    assert traces_in(log.getvalue()) == set()


@QUIET
def test_a_report_that_fails_does_not_name_its_address(sqlite_app: Flask) -> None:
    """The path and the query may hold a key."""
    with WireServer(say(answer("500 Error", CANARIES["email"].encode()))) as server, everything_logged() as log:
        url = f"{server.url}/{CANARIES['token']}?key={CANARIES['api_key']}"
        with pytest.raises(FetchFailed) as caught:
            fetch(url, Hosts.of([url], ()), limits=Limits(pauses=()))
    assert traces_in(log.getvalue() + caught.value.sentence) == set()


@pytest.mark.parametrize("logger", ["gunicorn.error", "gunicorn.access", "werkzeug", "waitress"])
def test_the_servers_own_lines_keep_no_address(logger: str) -> None:
    """An access log that somebody switches on, and the server's words about a request that it could not read."""
    line = f'"GET /calendar?q={CANARIES["email"]}&t={CANARIES["token"]} HTTP/1.1" 200 "{CANARIES["cookie"]}"'
    with everything_logged() as log:
        logging.getLogger(logger).warning("Invalid request from ip=127.0.0.1: %s", line)
    told = [json.loads(one) for one in log.getvalue().splitlines()]
    assert {one["logger"] for one in told} == {logger}
    assert [traces_in(one["event"]) for one in told] == [set()] * len(told)


def test_a_failure_keeps_what_finds_it() -> None:
    """The kinds, the places in the code, names of tables, and words of ours."""
    try:
        chained()
    except RuntimeError as error:
        told = failure(error)
    assert "RuntimeError: the cause" in told
    assert "ValueError: invalid literal for int() with base 10: [hidden]" in told
    assert "in chained\n" in told
