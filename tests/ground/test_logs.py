"""Logs: one JSON line per request, with its id and route, and without anybody's secrets."""

import json
import logging
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from webapp.accounts.access import public
from webapp.db import db


@pytest.fixture
def lines(sqlite_app: Flask, caplog: pytest.LogCaptureFixture) -> Any:
    """What has been logged since, as the objects that the JSON lines hold."""
    caplog.set_level(logging.INFO)
    return lambda: [json.loads(record.message) for record in caplog.records if record.message.startswith("{")]


@pytest.mark.settings(log_level="INFO")
def test_a_request_is_one_line(sqlite_app: Flask, lines: Any) -> None:
    """Method, route, status, milliseconds and the id that the answer carries; never what was searched for."""
    response = sqlite_app.test_client().get("/login?next=/calendar%3Fq%3Dsomebody")
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/login", 200)
    assert line["ms"] >= 0
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert "somebody" not in json.dumps(lines())


@pytest.mark.settings(log_level="INFO")
def test_secrets_are_hidden_by_their_names(lines: Any) -> None:
    """Tokens, passwords, cookies, phone numbers, e-mails and addresses never appear."""
    names = ("fms_token", "Authorization", "password", "email", "customer_phone", "address", "api_key", "cookie")
    structlog.get_logger("test").info("called", **dict.fromkeys(names, "for nobody"), office="Miami")
    (line,) = lines()
    assert "for nobody" not in json.dumps(line)
    assert line["office"] == "Miami"


@pytest.mark.settings(log_level="INFO")
def test_a_crash_is_logged_with_its_cause(sqlite_app: Flask, lines: Any) -> None:
    """What the person is not told, the log says, under the same id."""

    @public
    def crash() -> str:
        raise RuntimeError("the cause")

    sqlite_app.add_url_rule("/crash", "crash", crash)
    response = sqlite_app.test_client().get("/crash")
    (line,) = [line for line in lines() if line["event"] == "unhandled"]
    assert "RuntimeError: the cause" in line["exception"]
    assert line["request_id"] == response.headers["X-Request-ID"]


class Wordless(Exception):
    """It breaks when it is asked what was wrong."""

    def __str__(self) -> str:
        raise ValueError


def test_an_error_without_words_is_logged_and_answered(sqlite_app: Flask, lines: Any) -> None:
    """To say what went wrong goes wrong itself: the kind and the place are logged, and the person gets the page."""

    def crash() -> str:
        raise Wordless

    sqlite_app.add_url_rule("/wordless", view_func=public(crash))
    answer = sqlite_app.test_client().get("/wordless")
    assert (answer.status_code, "Something broke on our side" in answer.text) == (500, True)
    (line,) = [line for line in lines() if line["event"] == "unhandled"]
    assert line["exception"].endswith("Wordless: [hidden]")


@pytest.mark.settings(log_level="INFO")
def test_a_statement_that_fails_is_logged_without_what_it_carried(sqlite_app: Flask, lines: Any) -> None:
    """Names and addresses of an import or a sign-in do not come into the log with the database's complaint."""
    values = {"email": "somebody@example.com"}

    @public
    def fail() -> str:
        db.session.execute(text("SELECT :email FROM nowhere"), values)
        raise AssertionError("there is no such table")

    sqlite_app.add_url_rule("/fail", "fail", fail)
    sqlite_app.test_client().get("/fail")
    (line,) = [line for line in lines() if line["event"] == "unhandled"]
    assert "no such table: nowhere" in line["exception"]
    assert "somebody" not in json.dumps(lines())


@pytest.mark.parametrize(("given", "is_kept"), [("trace-0123456789", True), ("short", False), ('x" onload="y', False)])
def test_an_id_from_a_proxy_is_kept_if_it_is_one(sqlite_app: Flask, given: str, is_kept: bool) -> None:
    """A request can be followed across systems, and nothing else gets into our lines by that way."""
    response = sqlite_app.test_client().get("/login", headers={"X-Request-ID": given})
    assert (response.headers["X-Request-ID"] == given) == is_kept


@pytest.mark.settings(log_level="ERROR")
def test_the_level_is_the_one_of_the_settings(sqlite_app: Flask, lines: Any) -> None:
    """Below it nothing is written."""
    sqlite_app.test_client().get("/login")
    assert lines() == []
