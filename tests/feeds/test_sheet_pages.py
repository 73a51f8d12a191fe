"""The page for spreadsheets: without scripts, by keyboard, on a phone, and for nobody who may not."""

import io
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import func, select

from tests.browsers import assert_accessible, assert_fits
from tests.feeds.workbooks import USUAL, operations
from tests.rows import People
from tests.servers import csrf_token, sign_in
from webapp.accounts.permissions import Role
from webapp.db import db
from webapp.fleet.models import Rule

PAGE = "/sync/imports"


@pytest.fixture
def admin(client: FlaskClient, people: People) -> FlaskClient:
    """Somebody who may run syncs, signed in."""
    sign_in(client, people(Role.SUPER_ADMIN, locations=["Los Angeles", "Dallas"]))
    return client


def send(client: FlaskClient, content: bytes, filename: str = "a.xlsx", **options: Any) -> Any:
    data = {"file": (io.BytesIO(content), filename), "csrf_token": csrf_token(client)}
    return client.post(PAGE, data=data, content_type="multipart/form-data", **options)


def rules(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Rule)) or 0


def test_upload_preview_import(app: Flask, admin: FlaskClient) -> None:
    """Three ordinary forms; nothing is written before the last."""
    answer = send(admin, operations())
    assert answer.status_code == 303
    seen = unescape(admin.get(answer.location).text)
    assert "2 added, 0 changed, 0 removed, 0 unchanged" in seen
    assert "VOLKSWAGEN · A+" in seen
    assert rules(app) == 0
    digest = seen.split('name="digest" value="')[1].split('"')[0]
    stale = {"digest": "0", "csrf_token": csrf_token(admin)}
    refused = admin.post(f"{answer.location}/apply", data=stale)
    assert (refused.status_code, rules(app)) == (409, 0)
    assert "The data changed since you looked" in refused.text
    confirmed = admin.post(f"{answer.location}/apply", data={**stale, "digest": digest}, follow_redirects=True)
    assert "Imported. Capacity of the offices: 2 added; Holidays" in confirmed.text
    assert rules(app) == 2
    assert admin.get(answer.location).status_code == 404


def test_faults_are_listed_by_cell(app: Flask, admin: FlaskClient) -> None:
    """All of them, below the form that takes the corrected file."""
    answer = send(admin, operations(rules=[("VW", "A", "many", 1, "abc", "Hard")]))
    assert answer.status_code == 422
    assert "rules!C2" in answer.text
    assert "Cooldown Period is not a number of days: “abc”" in answer.text
    assert rules(app) == 0


@pytest.mark.parametrize(
    ("content", "filename", "words"),
    [(b"", "", "Choose a file first"), (b"PK\x03\x04x", "<b>.xlsx", "damaged"), (b"hello", "a.csv", "One cell")],
)
def test_what_is_no_spreadsheet_gets_a_sentence(admin: FlaskClient, content: bytes, filename: str, words: str) -> None:
    """On the same page; names are text there, whatever they hold."""
    answer = send(admin, content, filename)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<b>.xlsx" not in answer.text


def test_a_file_can_be_discarded(app: Flask, admin: FlaskClient) -> None:
    """It is gone, and nothing was written."""
    location = send(admin, operations()).location
    answer = admin.post(f"{location}/discard", data={"csrf_token": csrf_token(admin)}, follow_redirects=True)
    assert "Discarded. Nothing was changed." in answer.text
    assert admin.get(location).status_code == 404
    assert rules(app) == 0


def test_without_the_permission_there_is_no_page(client: FlaskClient, people: People) -> None:
    """An ADMIN may not run syncs, and imports nothing."""
    sign_in(client, people(Role.ADMIN))
    assert client.get(PAGE).status_code == 403
    assert send(client, operations()).status_code == 403


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", ["page", "phone"])
def test_every_state_is_accessible(
    sqlite_app: Flask, people: People, live_server: Any, request: pytest.FixtureRequest, scheme: Any, viewport: str
) -> None:
    """Empty, faults, preview with all kinds of changes, done: in light and dark, on a desk and in a hand."""
    page: Page = request.getfixturevalue(viewport)
    person = people(Role.SUPER_ADMIN, locations=["Los Angeles", "Dallas"])
    page.emulate_media(color_scheme=scheme)
    url = live_server(sqlite_app).url
    page.goto(f"{url}/login")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    for content in (
        operations(),
        operations(rules=[("BMW", "A", 3, 1, 1, "Soft"), ("VW", "A+", 9, 0.5, 45, "Soft")]),
    ):
        page.goto(url + PAGE)
        assert_good(page)
        choose(page, operations(rules=[("VW", "Q", "many", 1, "abc", "Hard")], ops_capacity=[("Los Angles", 2)]))
        page.get_by_text("nothing was imported").wait_for()
        assert_good(page)
        choose(page, content)
        page.get_by_role("button", name="Import", exact=True).wait_for()
        assert_good(page)
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("Imported. Capacity").wait_for()
    assert_good(page)
    assert len(USUAL["rules"]) == rules(sqlite_app) == 2


def choose(page: Page, content: bytes) -> None:
    page.get_by_label("File").set_input_files({"name": "Operations 2026.xlsx", "mimeType": "", "buffer": content})
    page.get_by_role("button", name="Show what would change").click()


def assert_good(page: Page) -> None:
    """Axe finds nothing, and the page does not scroll sideways."""
    assert_accessible(page)
    assert_fits(page)
