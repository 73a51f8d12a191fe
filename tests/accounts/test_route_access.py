"""Who sees no office at all still gets an answer from every page; who may call what stands in tests of access."""

from uuid import UUID

from flask import Flask
from werkzeug.routing import FloatConverter, IntegerConverter, Rule, UUIDConverter

from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.access import access_of
from webapp.accounts.permissions import TABLE, Role


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


def opened_to(app: Flask, role: Role) -> list[str]:
    """The addresses of all pages and answers that the role may ask for."""
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access, rule.rule
        is_open = not access.permissions or bool(access.permissions & TABLE[role])
        if is_open and not access.is_public and "GET" in (rule.methods or set()):
            found.append(address_of(rule))
    return found


def test_a_person_without_locations_breaks_no_page(app: Flask, people: People) -> None:
    """Who sees no office still gets an answer from every page the role opens."""
    broken = []
    for role in Role:
        client = app.test_client()
        sign_in(client, people(role, locations=[]))
        answers = ((address, client.get(address).status_code) for address in opened_to(app, role))
        # 503 is an answer: something that is not configured here.
        broken += [(role, address) for address, status in answers if status in (500, 502)]
    assert not broken
