"""What production does not start with, told in one go; and the cookie that it starts to give."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from webapp.doubts import doubts
from webapp.settings import SettingsError, read_settings

KEY = secrets.token_urlsafe(32)
WRONG = {
    "secret_key": "short",
    "fms_staging_url": "http://fms.example.com",
    "fms_production_url": "http://10.0.0.5",
    "fms_vehicles_csv_url": "http://fms.example.com/vehicles.csv",
    "fms_budget_spending_csv_url": "http://localhost:8100/budgets.csv",
    "smartmoving_base_url": "http://api.example.com",
    "alert_webhook_url": "http://hooks.example.com/secret-in-the-path",
    "smtp_tls": "none",
    "frame_ancestors": "http://fms.example.com",
    "cors_origins": "http://desk.example.com",
    "embed_launch_secret": "short as well",
    "metrics_token": "short as well",
    "trusted_proxies": "9",
    "max_body_mb": "0",
}


def refusal_of(**values: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(_env_file=None, **values)
    return str(caught.value)


def test_production_names_all_that_it_does_not_start_with() -> None:
    """In one go, by the names that people write, and without a secret."""
    told = refusal_of(app_env="production", smtp_host="mail.example.com", smtp_from="a@example.com", **WRONG)
    assert {line.split(":")[0].strip() for line in told.splitlines()[1:]} == {name.upper() for name in WRONG}
    assert "secret-in-the-path" not in told


def test_development_starts_with_plain_addresses() -> None:
    """A stand-in on the same machine has no certificate."""
    plain = {name: value for name, value in WRONG.items() if str(value).startswith("http")}
    assert read_settings(_env_file=None, **plain).may_be_private("http://127.0.0.1:8100")


@pytest.mark.parametrize("named", ["fms.internal", "FMS.internal", "fms.internal:8080"])
def test_what_is_named_may_be_plain_and_private(named: str) -> None:
    """By its host, or by host and port."""
    address = "http://fms.internal:8080/api"
    settings = read_settings(
        _env_file=None, app_env="production", secret_key=KEY, fms_staging_url=address, outgoing_private_hosts=named
    )
    assert settings.may_be_private(address)
    assert not settings.may_be_private("http://other.internal:8080")
    assert settings.may_be_private("http://fms.internal:9090") == (":" not in named)


@pytest.mark.parametrize(
    ("one", "other"),
    [("secret_key", "embed_launch_secret"), ("secret_key", "metrics_token"), ("embed_launch_secret", "metrics_token")],
)
def test_no_secret_serves_twice(one: str, other: str) -> None:
    """Whoever is told one, as FMS and the monitoring are, must not hold another."""
    told = refusal_of(**{one: KEY, other: KEY})
    assert "must be a secret of its own" in told
    assert KEY not in told


@pytest.mark.parametrize(
    "origin",
    [
        "https://fms.example.com/",
        "https://fms.example.com;",
        "https://fms.example.com script-src *",
        "https://user@fms.example.com",
        "https://fms.example.com:port",
        "https://fms.example.com?",
        "https://*",
        "null",
        "'self'",
        "data:",
    ],
)
@pytest.mark.parametrize("name", ["frame_ancestors", "cors_origins"])
def test_an_origin_is_nothing_but_one(name: str, origin: str) -> None:
    """What is put into a header cannot continue it."""
    assert f"{name.upper()}: " in refusal_of(**{name: origin})


@pytest.mark.parametrize("embed_cookies", ["off", "partitioned"])
def test_the_cookie_of_production_belongs_to_one_host(
    sqlite_app: Flask, make_app: Callable[..., Flask], embed_cookies: str
) -> None:
    """`__Host-`: only over TLS, for no other host, for scripts of nobody."""
    app = make_app(app_env="production", secret_key=KEY, embed_cookies=embed_cookies)
    (cookie,) = app.test_client().get("/login", base_url="https://localhost").headers.getlist("Set-Cookie")
    name, *attributes = [part.strip() for part in cookie.split(";")]
    assert name.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert len(cookie) < 4096


SOUND = {
    "frame_ancestors": "https://fms.example.com",
    "embed_cookies": "partitioned",
    "embed_launch_secret": KEY[::-1],
    "trusted_proxies": 1,
    "database_url": "postgresql://host/name",
    "fms_staging_url": "https://fms.example.com",
    "fms_staging_token": "a token",
}


@pytest.mark.parametrize(
    ("changed", "doubted"),
    [
        ({}, []),
        ({"embed_cookies": "off"}, ["EMBED_COOKIES"]),
        ({"frame_ancestors": ""}, ["FRAME_ANCESTORS"]),
        ({"trusted_proxies": 0}, ["TRUSTED_PROXIES"]),
        ({"database_url": "sqlite:///a.db"}, ["DATABASE_URL"]),
        ({"fms_staging_token": ""}, ["FMS_STAGING_TOKEN"]),
        ({"fms_environment": "production"}, ["FMS_PRODUCTION_URL"]),
    ],
)
def test_what_makes_little_sense_together_is_doubted(changed: dict[str, Any], doubted: list[str]) -> None:
    """Each by the name of the setting to look at, without a value of it."""
    settings = read_settings(_env_file=None, app_env="production", secret_key=KEY, **SOUND | changed)
    told = dict(doubts(settings))
    assert list(told) == doubted
    assert not any(str(value) in told.values() for value in SOUND.values())


@pytest.mark.parametrize(("environment", "is_told"), [("production", True), ("development", False)])
def test_production_says_its_doubts_and_starts(
    sqlite_app: Flask,
    make_app: Callable[..., Flask],
    capsys: pytest.CaptureFixture[str],
    environment: str,
    is_told: bool,
) -> None:
    """On standard error, before anybody wonders; a development machine has no proxy and needs none."""
    make_app(app_env=environment, secret_key=KEY, log_level="WARNING")
    assert ('"doubtful setting"' in capsys.readouterr().err) is is_told
