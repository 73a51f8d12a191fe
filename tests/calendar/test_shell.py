"""What stands around every page: tabs by permission, files with a mark, and nothing for who is not signed in."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.rows import People
from tests.servers import sign_in
from webapp.accounts.permissions import Role

pytestmark = pytest.mark.usefixtures("sqlite_app")


@pytest.mark.parametrize(
    ("role", "sees", "sees_not"),
    [
        (Role.SCHEDULER, {"/calendar"}, {"/fms/operations", "/journeys"}),
        (Role.AUDITOR, {"/calendar", "/fms/operations"}, set()),
        (Role.DISPATCHER, set(), {"/calendar", "/fms/operations", "/chains"}),
    ],
)
def test_tabs_follow_the_permission_table(
    client: FlaskClient, people: People, role: Role, sees: set[str], sees_not: set[str]
) -> None:
    """Each role sees the pages it may open, the one it is on marked; a page that does not exist is not offered."""
    sign_in(client, people(role))
    page = client.get("/account").text
    tabs = set(re.findall(r'href="([^"]+)"', page.split('<nav aria-label="Pages">')[1].split("</nav>")[0]))
    assert sees <= tabs
    assert not sees_not & tabs
    for address in tabs:
        assert client.get(address).status_code == 200
        assert f'href="{address}" aria-current="page"' in client.get(address).text


def test_a_changed_file_has_another_address(app: Flask, client: FlaskClient) -> None:
    """Browsers keep our files for long, and still get the new one at once."""
    marked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/login").text))
    assert len(marked) >= 4
    for address in marked:
        assert re.search(r"\?v=[0-9a-f]+$", address), address
        assert client.get(address).status_code == 200


def test_a_page_that_is_not_there_says_so_in_the_same_dress(client: FlaskClient) -> None:
    """An error page is a page of ours: a title, a sentence, a way on; for HTMX only the message."""
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "<h1>Not Found</h1>" in page.text
    fragment = client.get("/nowhere", headers={"HX-Request": "true"})
    assert fragment.text.startswith('<div class="message failed" role="alert">')
