"""HTMX plumbing: page or fragment, redirects of the whole window, and addresses that are ours."""

import pytest
from flask import Flask

from webapp.htmx import go_to, is_fragment, is_own_address

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        (HTMX, True),
        ({**HTMX, "HX-Boosted": "true"}, False),
        ({**HTMX, "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_only_a_swap_gets_a_fragment(sqlite_app: Flask, headers: dict[str, str], expected: bool) -> None:
    """A boosted link and the back button want the whole page."""
    with sqlite_app.test_request_context(headers=headers):
        assert is_fragment() == expected


def test_a_redirect_moves_the_whole_window(sqlite_app: Flask) -> None:
    """A fragment's redirect would be swapped into the page; HX-Redirect is followed by the window."""
    with sqlite_app.test_request_context(headers=HTMX):
        assert (go_to("/login").status_code, go_to("/login").headers["HX-Redirect"]) == (200, "/login")
    with sqlite_app.test_request_context():
        assert (go_to("/login").status_code, go_to("/login").headers["Location"]) == (303, "/login")


@pytest.mark.parametrize("address", ["/", "/calendar", "/calendar?office=New+York&next=//x", "/a#b", "/a//b"])
def test_paths_are_ours(address: str) -> None:
    """Whatever stays on this host may be returned to."""
    assert is_own_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "calendar",
        "//example.com",
        "///example.com",
        "/\\example.com",
        "\\\\example.com",
        "/a\\b",
        "https://example.com",
        "https:example.com",
        "javascript:alert(1)",
        "/\t/example.com",
        "/\n/example.com",
        "\t//example.com",
        " //example.com",
        "/\r\nLocation: https://example.com",
    ],
)
def test_everything_else_leads_elsewhere(address: str) -> None:
    """Browsers read backslashes as slashes and drop tabs and line breaks: none of it may follow a sign-in."""
    assert not is_own_address(address)


def test_caches_are_told_that_answers_differ(sqlite_app: Flask) -> None:
    """A fragment must not be shown from a cache where the page belongs, nor one person's page to another."""
    assert {"HX-Request", "Cookie"} <= set(sqlite_app.test_client().get("/login").vary)
