"""Settings: what is accepted, what is refused and how it is said, and what is never shown."""

import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from webapp.settings import PROJECT, Settings, SettingsError, read_settings

EXAMPLE_FILE = PROJECT / ".env.example"
EXAMPLE = re.compile(r"^#?([A-Z_]+)=", re.MULTILINE)


def refusal_of(**values: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(_env_file=None, **values)
    return str(caught.value)


def test_a_fresh_machine_needs_no_setting() -> None:
    """Without any setting there is a development application with a SQLite file in the project's folder."""
    settings = read_settings(_env_file=None)
    assert settings.database_url == f"sqlite:///{PROJECT}/instance/webapp.db"
    assert settings.uses_sqlite
    assert (settings.fms_url, settings.fms_token.get_secret_value(), settings.fms_requestor_id) == ("", "", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("app_env", "live"),
        ("company_name", ""),
        ("company_name", "x" * 121),
        ("database_url", "mysql://host/name"),
        ("database_url", "postgresql://"),
        ("fms_environment", "test"),
        ("fms_staging_url", "fms.example.com"),
        ("fms_production_url", "ftp://fms.example.com"),
        ("fms_staging_requestor_id", "0"),
        ("fms_production_requestor_id", "Last, First"),
        ("fms_auth_scheme", "Token: x"),
        ("fms_connect_timeout", "0"),
        ("fms_read_timeout", "121"),
        ("fms_read_timeout", "nan"),
        ("fms_concurrency", "0"),
        ("fms_recovery_seconds", "-1"),
        ("fms_settle_seconds", "soon"),
        ("fms_vehicles_csv_url", "vehicles.csv"),
        ("sync_enabled", "perhaps"),
        ("sync_hour", "24"),
        ("sync_minute", "60"),
        ("sync_timezone", "Pacific"),
        ("sync_timezone", "../etc/passwd"),
        ("frame_ancestors", "*"),
        ("frame_ancestors", "https://*.example.com"),
        ("frame_ancestors", "https://fms.example.com/path"),
        ("frame_ancestors", "fms.example.com"),
        ("embed_cookies", "on"),
        ("embed_launch_secret", "short"),
        ("metrics_token", "short"),
        ("trusted_proxies", "-1"),
        ("max_body_mb", "0"),
        ("log_level", "LOUD"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_the_setting(name: str, value: str) -> None:
    """Each setting that cannot be used is named as people write it."""
    assert f"  {name.upper()}: " in refusal_of(**{name: value})


def test_every_fault_is_named_at_once() -> None:
    """Nobody has to start the application once per mistake, the missing key of production included."""
    text = refusal_of(app_env="production", sync_hour=99, log_level="LOUD", frame_ancestors="*")
    assert {line.split(":")[0].strip() for line in text.splitlines()[1:]} == {
        "SECRET_KEY",
        "SYNC_HOUR",
        "LOG_LEVEL",
        "FRAME_ANCESTORS",
    }


@pytest.mark.parametrize("key", [{}, {"secret_key": "short"}, {"secret_key": ""}])
def test_production_needs_a_key_of_its_own(key: dict[str, str]) -> None:
    """The development key is published with the source, and a short one can be guessed."""
    assert "SECRET_KEY" in refusal_of(app_env="production", **key)


def test_production_starts_with_a_long_key() -> None:
    """Thirty-two characters are enough."""
    assert read_settings(_env_file=None, app_env="production", secret_key=secrets.token_urlsafe(24))


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment wins over `.env`; an empty value is no value; lists are split at commas."""
    file = tmp_path / "env"
    file.write_text("COMPANY_NAME=From the file\nSYNC_HOUR=3\nUNKNOWN=1\n")
    monkeypatch.setenv("COMPANY_NAME", "From the environment")
    monkeypatch.setenv("SYNC_MINUTE", "")
    monkeypatch.setenv("FRAME_ANCESTORS", "https://fms.example.com, http://localhost:8100")
    settings = read_settings(_env_file=file)
    assert (settings.company_name, settings.sync_hour, settings.sync_minute) == ("From the environment", 3, 0)
    assert settings.frame_ancestors == ("https://fms.example.com", "http://localhost:8100")


@pytest.mark.parametrize(
    "given",
    ["postgres://user:pass@host/name", "postgresql://user:pass@host/name", "postgresql+psycopg://user:pass@host/name"],
)
def test_the_spellings_of_postgresql_are_one(given: str) -> None:
    """Whatever a vendor hands out leads to the driver we use."""
    settings = read_settings(_env_file=None, database_url=given)
    assert settings.database_url == "postgresql+psycopg://user:pass@host/name"
    assert not settings.uses_sqlite


def test_the_fms_in_use_is_the_one_of_its_environment() -> None:
    """Address, token and requestor of one environment are never mixed with the other's."""
    settings = read_settings(
        _env_file=None,
        fms_environment="production",
        fms_staging_url="https://staging.example.com",
        fms_staging_token="one",
        fms_production_url="https://fms.example.com/",
        fms_production_token="two",
        fms_production_requestor_id=7,
    )
    assert settings.fms_url == "https://fms.example.com"
    assert (settings.fms_token.get_secret_value(), settings.fms_requestor_id) == ("two", 7)


def test_secrets_are_never_printed() -> None:
    """Neither a printed Settings nor a refusal carries a key, a token or the database's password."""
    hidden = {
        "secret_key": "key-that-nobody-reads",
        "fms_staging_token": "token-that-nobody-reads",
        "fms_production_token": "other-that-nobody-reads",
        "database_url": "postgresql://us:word-that-nobody-reads@host/name",
    }
    settings = read_settings(_env_file=None, **hidden)
    shown = f"{settings!r} {settings} {refusal_of(app_env='production', sync_hour=99, **hidden)}"
    hidden["database_url"] = "oracle://us:word-that-nobody-reads@host/name"
    assert "that-nobody-reads" not in shown + refusal_of(**hidden)


def test_the_example_names_every_setting() -> None:
    """`.env.example` lists each setting once and knows no other."""
    assert sorted(EXAMPLE.findall(EXAMPLE_FILE.read_text())) == sorted(map(str.upper, Settings.model_fields))


def test_the_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    """Every line of `.env.example` may be uncommented, and its lists, numbers and addresses are accepted."""
    file = tmp_path / "env"
    file.write_text(EXAMPLE.sub(r"\1=", EXAMPLE_FILE.read_text()))
    assert read_settings(_env_file=file).fms_staging_url == "https://fms-staging.example.com"
