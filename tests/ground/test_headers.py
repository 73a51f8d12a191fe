"""Headers on every answer: who may frame us, what may be loaded, how long it may be kept."""

import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient

PAGES = ["/login", "/no-such-page", "/api/no-such-page", "/static/css/base.css"]


@pytest.fixture
def client(sqlite_app: Flask) -> FlaskClient:
    """A client of the application on one engine; headers do not depend on it."""
    return sqlite_app.test_client()


def policy(client: FlaskClient, path: str = "/login") -> dict[str, list[str]]:
    parts = client.get(path).headers["Content-Security-Policy"].split(";")
    return {part.split()[0]: part.split()[1:] for part in parts}


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_them(client: FlaskClient, path: str) -> None:
    """Pages, refusals, JSON and files alike."""
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "X-Frame-Options" not in headers


def test_scripts_and_styles_come_from_files_of_ours(client: FlaskClient) -> None:
    """Nothing inline is run, and nothing from elsewhere is loaded."""
    allowed = policy(client)
    assert allowed["default-src"] == ["'self'"]
    assert allowed["style-src"] == ["'self'"]
    assert "script-src" not in allowed
    assert (allowed["object-src"], allowed["base-uri"]) == (["'none'"], ["'none'"])


def test_nobody_frames_us_unless_named(client: FlaskClient) -> None:
    """Without a setting only we ourselves may."""
    assert policy(client)["frame-ancestors"] == ["'self'"]


@pytest.mark.settings(frame_ancestors=("https://fms.example.com", "http://localhost:8100"))
def test_named_origins_may_frame_us(client: FlaskClient) -> None:
    """Exactly those, and also where a page is refused."""
    for path in PAGES:
        named = ["'self'", "https://fms.example.com", "http://localhost:8100"]
        assert policy(client, path)["frame-ancestors"] == named


def test_pages_are_not_kept_and_files_are(client: FlaskClient) -> None:
    """The back button after signing out shows nothing; style sheets are not fetched again and again."""
    assert client.get("/login").headers["Cache-Control"] == "no-store"
    assert "no-store" not in client.get("/static/css/base.css").headers["Cache-Control"]


def test_development_may_be_plain_http(client: FlaskClient) -> None:
    """A browser that was told to insist on HTTPS could not open localhost any more."""
    assert "Strict-Transport-Security" not in client.get("/login").headers


@pytest.mark.settings(app_env="production", secret_key=secrets.token_urlsafe(32))
def test_production_insists_on_https(client: FlaskClient) -> None:
    """And its cookies travel over nothing else."""
    assert "max-age=" in client.get("/login").headers["Strict-Transport-Security"]
    assert client.application.config["SESSION_COOKIE_SECURE"]
