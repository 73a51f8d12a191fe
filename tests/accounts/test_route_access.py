"""Every route, method and role, generated from the routes themselves and what they declare.

Writing methods are called without a forgery token: who is let in by role is then stopped by that check, so
this proves both guards on every route, and changes nothing.
"""

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import FloatConverter, IntegerConverter, Rule, UUIDConverter

from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.access import Access, access_of
from webapp.accounts.permissions import TABLE, Role

SAFE = frozenset({"GET"})
JSON_PREFIXES = ("/api/", "/smartmoving/")
# Whoever opens a further route to strangers says so here.
PUBLIC = frozenset(
    {
        "/static/<path:filename>",
        "/login",
        "/login/code",
        "/api/auth/token",
        "/embed/launch",
        # Its address is the secret.
        "/calendar/ics/<token>.ics",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs",
    }
)


def address_of(rule: Rule) -> str:
    """The rule's address with something in place of every parameter."""
    values: dict[str, object] = {}
    for name, converter in rule._converters.items():
        if isinstance(converter, IntegerConverter):
            values[name] = 1
        elif isinstance(converter, FloatConverter):
            values[name] = 1.0
        elif isinstance(converter, UUIDConverter):
            values[name] = UUID(int=1)
        else:
            values[name] = "1"
    built = rule.build(values, append_unknown=False)
    assert built, rule.rule
    return built[1]


def guarded(app: Flask) -> Iterator[tuple[str, str, Access]]:
    """Method, address and declaration of everything that is not public."""
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access, rule.rule
        if not access.is_public:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, address_of(rule), access


def call(client: FlaskClient, method: str, address: str, **headers: str) -> tuple[int, str, str]:
    """Status, code of the problem if it is one, and where the answer leads."""
    answer = client.open(address, method=method, headers=headers)
    code = (answer.json or {}).get("code", "") if answer.mimetype == "application/problem+json" else ""
    leads_to = answer.headers.get("HX-Redirect") or answer.headers.get("Location") or ""
    return answer.status_code, code, leads_to


def test_only_the_listed_routes_are_public(app: Flask) -> None:
    """No route is open to strangers by oversight."""
    declared = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if (access := access_of(app.view_functions[rule.endpoint])) and access.is_public
    }
    assert declared <= PUBLIC


def test_strangers_are_sent_to_the_login_page(app: Flask) -> None:
    """Pages redirect, fragments move the window, JSON answers 401: on every route and method."""
    client = app.test_client()
    wrong = []
    for method, address, _ in guarded(app):
        if address.startswith(JSON_PREFIXES):
            status, code, _ = call(client, method, address)
            is_right = (status, code) == (401, "unauthenticated")
        else:
            status, _, location = call(client, method, address)
            fragment_status, _, window = call(client, method, address, **{"HX-Request": "true"})
            is_right = status in (302, 303) and location.startswith("/login?next=/")
            is_right = is_right and fragment_status == 200 and window.startswith("/login?next=/")
        if not is_right:
            wrong.append((method, address, status))
    assert not wrong


@pytest.mark.parametrize("role", list(Role))
def test_the_declared_permission_decides(app: Flask, people: People, role: Role) -> None:
    """A role without it gets 403 everywhere; a role with it gets in, or on to the forgery check."""
    client = app.test_client()
    sign_in(client, people(role))
    wrong = []
    for method, address, access in guarded(app):
        status, _, location = call(client, method, address)
        if access.permissions and not access.permissions & TABLE[role]:
            is_right = status == 403
        elif method in SAFE:
            is_right = status not in (401, 403, 500) and not location.startswith("/login")
        else:
            is_right = status == 400
        if not is_right:
            wrong.append((method, address, status))
    assert not wrong


@pytest.mark.parametrize("role", list(Role))
def test_a_person_without_locations_breaks_no_page(app: Flask, people: People, role: Role) -> None:
    """Who sees no office still gets an answer from every page the role opens."""
    client = app.test_client()
    sign_in(client, people(role, locations=[]))
    broken = [
        address
        for method, address, access in guarded(app)
        if method in SAFE and (not access.permissions or access.permissions & TABLE[role])
        # 503 is an answer: something that is not configured here.
        if call(client, method, address)[0] in (500, 502)
    ]
    assert not broken
