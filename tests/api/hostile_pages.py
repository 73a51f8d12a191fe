"""What anybody can send to pages, forms and uploads: every route, filled with odd values under real names."""

import re
import uuid
import zipfile
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies as st
from werkzeug.routing import IntegerConverter, Rule, UUIDConverter
from werkzeug.test import TestResponse

from tests.api.hostile import ENDLESS, GOOD, ODD_DAYS, ODD_TEXT
from webapp.declared import declared_of
from webapp.settings import PROJECT

Route = tuple[Rule, str, str]
# These end the sign-in that asks, or are no pages of ours.
LEFT_OUT = {"static", "account.log_out", "account.sign_out_everywhere", "account.change_password"}
IN_TEMPLATES = re.compile(r'name="([a-z_]+)"')
IN_CODE = re.compile(r'(?:args|form|values)\.(?:get|getlist)\("([a-z_]+)"')
UUIDS = [str(uuid.UUID(int=1)), str(uuid.UUID(int=2**128 - 1))]
FRAGMENT = {"HX-Request": "true", "HX-Target": "board", "HX-Current-URL": "http://localhost/calendar?office=%00"}

texts = st.one_of(
    st.sampled_from([*(str(value) for value in GOOD), *ODD_TEXT, *ODD_DAYS, "0", "-1", "1e9", "2147483648", ENDLESS]),
    st.text(max_size=20),
).map(lambda text: text.encode("utf-8", "replace").decode())
numbers = st.sampled_from(
    ["1", "2", "3", "1", "2", "3", "1", "2", "3", "0", "2147483647", "2147483648", "999999999999", "-1", "x"]
)
names_of_files = st.sampled_from(["budgets.csv", "budgets.xlsx", "a.xls", "", "..", "\x00.csv", "x.zip"])


def routes(app: Flask) -> list[Route]:
    """Every page, fragment and form of `app` with each of its methods and its room; what describes itself is JSON."""
    return [
        (rule, method, app.view_functions[rule.endpoint].__module__.split(".")[1])
        for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, each.endpoint))
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if rule.endpoint not in LEFT_OUT and declared_of(app.view_functions[rule.endpoint]) is None
    ]


@lru_cache
def names(room: str) -> tuple[str, ...]:
    """Every name under which some form or address of a room sends something."""
    found = {"version", "office"}
    for folder, ending, pattern in (("templates", "html", IN_TEMPLATES), ("webapp", "py", IN_CODE)):
        for path in sorted((PROJECT / folder / room).rglob(f"*.{ending}")):
            found.update(pattern.findall(path.read_text()))
    return tuple(sorted(found - {"csrf_token"}))


@st.composite
def requests(draw: Callable[[Any], Any], choices: list[Route]) -> dict[str, Any]:
    """One request: the arguments of a test client."""
    rule, method, room = draw(st.sampled_from(choices))
    known = st.sampled_from(names(room))
    fields = st.lists(st.tuples(known, texts), max_size=10)
    sent: dict[str, Any] = {
        "path": _path(draw, rule),
        "method": method,
        "query_string": draw(fields),
        "headers": FRAGMENT if draw(st.booleans()) else {},
    }
    if method == "POST":
        form: dict[str, list[Any]] = {}
        for name, text in draw(fields):
            form.setdefault(name, []).append(text)
        if "imports" in rule.endpoint or draw(st.integers(0, 20)) == 0:
            form["file"] = [(BytesIO(draw(uploads)), draw(names_of_files))]
        sent["data"] = form
    return sent


def send(client: FlaskClient, headers: dict[str, str], request: dict[str, Any]) -> TestResponse:
    """Send it as somebody who is signed in by a token, so that no forgery token is needed."""
    return client.open(**{**request, "headers": {**request["headers"], **headers}})


def _path(draw: Callable[[Any], Any], rule: Rule) -> str:
    path = rule.rule
    for name, converter in rule._converters.items():
        if isinstance(converter, IntegerConverter):
            value = draw(numbers)
        elif isinstance(converter, UUIDConverter):
            value = draw(st.sampled_from(UUIDS))
        else:
            value = draw(texts).replace("/", "")[:50] or "x"
        path = re.sub(rf"<(?:[^<>:]*:)?{name}>", quote(value, safe=""), path)
    return path


def workbook(rows: str) -> bytes:
    """A workbook that is none: the parts are named right and hold `rows`."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", rows)
        archive.writestr("xl/workbook.xml", rows)
    return file.getvalue()


uploads = st.one_of(
    st.sampled_from(
        [
            b"",
            b"PK\x03\x04",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"\x00" * 1000,
            b"a,b\n" * 1000,
            b"name,amount\n" + b"9" * 200_000,
            b'"' * 5001,
            workbook("<" * 100),
            workbook("<a/>"),
            workbook(" " * 5_000_000),
        ]
    ),
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
)
