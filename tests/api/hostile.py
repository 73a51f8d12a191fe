"""What nobody means to send but anybody can: requests made from the description, and against it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from tests.rows import Person

Operation = APIOperation[Any, Any, Any, Any]
PLACE = re.compile(r"\{[a-z_]+\}")
CONTENT_TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded", "", "a/b; charset=x"]
# More digits than Python reads as a number; deeper than it reads JSON.
ENDLESS, DEEP = "9" * 5000, "[" * 100_000
ODD_TEXT = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e",
    "٣",
    "\uff11\uff12",
    "²",
    "=1+1",
    "' OR 1=1 --",
    "%00",
    "..",
    "x" * 5000,
]
ODD_NUMBERS = [0, -1, 1, 1.5, -0.0, 1e308, 2**31, 2**63, 2**64, -(2**63), 10**400, float("inf"), float("nan")]
ODD_DAYS = ["0000-00-00", "2026-02-30", "2026-11-26T00:00:00Z", "20261126", "2026-W48-4", "9999-12-31", "-2026-01-01"]
ODD_NAMES = ["__proto__", "self", "\x00", "\ud800", "a.b", ""]
GOOD = [
    "Los Angeles",
    "2026-11-30",
    "2026-12-07",
    "today",
    "manual",
    "planned",
    "vehicles",
    "partner",
    "true",
    "WAUZZZ8V0KA000002",
    1,
    3001,
]

odd_values = st.one_of(
    st.sampled_from([*ODD_TEXT, *ODD_NUMBERS, *ODD_DAYS, *GOOD, None, True, [], {}, [[]], [{}], {"": None}]),
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.lists(st.sampled_from([*ODD_TEXT, *ODD_NUMBERS]), max_size=3),
)


def bearer(client: FlaskClient, person: Person) -> dict[str, str]:
    """The headers of a program that `person` has signed in, from an address of its own."""
    given = {"email": person.email, "password": person.password}
    answer = client.post("/api/auth/token", json=given, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def operations(app: Flask, headers: Mapping[str, str]) -> Iterator[Operation]:
    """Every operation as schemathesis reads it from the running application."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, headers=dict(headers))
    for found in schema.get_all_operations():
        if isinstance(found, Ok):
            yield found.ok()
        else:
            raise found.err()


def cases(operation: Operation) -> st.SearchStrategy[Any]:
    """Requests that fit the description, and where there is something to break, such as do not."""
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    if not (operation.query or operation.path_parameters or operation.body):
        return fitting
    return st.one_of(fitting, operation.as_strategy(GenerationMode.NEGATIVE))


@st.composite
def odd_requests(draw: Callable[[Any], Any], description: Mapping[str, Any], tag: str = "") -> dict[str, Any]:
    """One request with odd values, as the arguments of a test client, to any operation (of `tag`)."""
    path, method, operation = draw(st.sampled_from(_places(description, tag)))
    asked = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
    return {
        "path": PLACE.sub("1", path),
        "method": method.upper(),
        "headers": {},
        "query_string": draw(queries(asked)) if asked else "",
        "data": draw(bodies(names_in(description, operation))),
        "content_type": draw(st.sampled_from(CONTENT_TYPES)),
    }


def _places(description: Mapping[str, Any], tag: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if tag in ("", *operation["tags"])
    ]


def names_in(description: Mapping[str, Any], operation: Mapping[str, Any]) -> list[str]:
    """The members of an operation's body; none where it takes no body."""
    if "requestBody" not in operation:
        return []
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return list(description["components"]["schemas"][name]["properties"])


def bodies(names: list[str]) -> st.SearchStrategy[bytes]:
    """Bodies of odd values under the right names, under odd ones, and such as are no JSON at all."""
    members = st.dictionaries(st.sampled_from([*names, *names, *names, *ODD_NAMES]), odd_values, max_size=8)
    broken = st.sampled_from(
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            b"{}" * 2,
            DEEP.encode(),
            f'{{"a":{ENDLESS}}}'.encode(),
            b'{"a":1,"a":2}',
        ]
    )
    deep = st.sampled_from(names or ["a"]).map(lambda name: f'{{"{name}": {DEEP}'.encode())
    return st.one_of(members.map(_written), members.map(_written), broken, deep, st.binary(max_size=40))


def queries(names: list[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Query strings of odd values, some parameters twice."""
    texts = st.one_of(
        st.sampled_from([*(str(value) for value in (*ODD_NUMBERS[:10], *ODD_DAYS, *GOOD)), *ODD_TEXT, ENDLESS]),
        st.text(max_size=20),
    ).map(lambda text: text.encode("utf-8", "replace").decode())
    return st.lists(st.tuples(st.sampled_from([*names, *names, "zzz", "\x00", "page"]), texts), max_size=8)


def _written(members: Mapping[str, Any]) -> bytes:
    # 10**400 would be refused by Python's own limit of digits on the way back; that is its point.
    return json.dumps(members).encode()
