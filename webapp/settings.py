"""Every setting of the application: read once from the environment or `.env`, checked, typed, frozen."""

import re
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent
# A scheme, a host, a port: nothing that a header or a policy could be continued with.
EXACT_ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
REPORTS = ("vehicles", "partners", "loan_history", "current_activity", "approved_makes", "budget_spending")
DEVELOPMENT_KEY = "development-only-key-that-signs-nothing-of-value"


class SettingsError(Exception):
    """The environment holds values we cannot start with; the message names every one of them."""


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class FmsEnvironment(StrEnum):
    STAGING = "staging"
    PRODUCTION = "production"


class SmtpTls(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class EmbedCookies(StrEnum):
    """Which cookies sign-ins live in: those of a first-party page, or such as also arrive in another site's frame."""

    OFF = "off"
    PARTITIONED = "partitioned"


class SecondFactor(StrEnum):
    """Who has to sign in with a second factor: whoever set one up alone, or administrators in any case."""

    OPTIONAL = "optional"
    ADMINISTRATORS = "administrators"


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _web_address(value: object) -> object:
    if isinstance(value, str) and value:
        parts = urlsplit(value)
        # Reading a port that is none raises ValueError by itself.
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise ValueError("must be an address such as https://fms.example.com")
        return value.rstrip("/")
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
WebAddress = Annotated[str, BeforeValidator(_web_address)]


class Settings(BaseSettings):
    """All settings. Names are those of `.env.example`, in lower case; seconds, miles and US dollars."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    app_env: Environment = Environment.DEVELOPMENT
    # As host or host:port: in production only these may lie in our own network, or be called without encryption.
    # Declared before the addresses, which are checked against it.
    outgoing_private_hosts: Names = ()
    secret_key: SecretStr = SecretStr(DEVELOPMENT_KEY)
    # It may hold a password.
    database_url: str = Field("sqlite:///instance/webapp.db", repr=False)
    company_name: str = Field("Motorpool", min_length=1, max_length=120)

    fms_environment: FmsEnvironment = FmsEnvironment.STAGING
    fms_staging_url: WebAddress = ""
    fms_staging_token: SecretStr = SecretStr("")
    fms_staging_requestor_id: int | None = Field(None, gt=0)
    fms_production_url: WebAddress = ""
    fms_production_token: SecretStr = SecretStr("")
    fms_production_requestor_id: int | None = Field(None, gt=0)
    fms_auth_scheme: str = Field("Token", pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    fms_connect_timeout: float = Field(5, gt=0, le=60)
    fms_read_timeout: float = Field(30, gt=0, le=120)
    fms_concurrency: int = Field(4, ge=1, le=16)
    fms_recovery_seconds: float = Field(60, gt=0, le=3600)
    fms_settle_seconds: float = Field(60, ge=0, le=3600)

    fms_vehicles_csv_url: WebAddress = ""
    fms_partners_csv_url: WebAddress = ""
    fms_loan_history_csv_url: WebAddress = ""
    fms_current_activity_csv_url: WebAddress = ""
    fms_approved_makes_csv_url: WebAddress = ""
    fms_budget_spending_csv_url: WebAddress = ""
    feed_allowed_hosts: Names = ()

    sync_enabled: bool = True
    sync_hour: int = Field(2, ge=0, le=23)
    sync_minute: int = Field(0, ge=0, le=59)
    sync_timezone: str = "America/Los_Angeles"

    smartmoving_base_url: WebAddress = "https://api-public.smartmoving.com/v1"
    # Only ever in the environment: neither the database nor a page nor a log may hold it.
    smartmoving_api_key: SecretStr = SecretStr("")
    smartmoving_monthly_calls: int = Field(20_000, ge=1, le=10_000_000)
    smartmoving_calls_per_minute: int = Field(100, ge=1, le=100_000)
    smartmoving_sync_minutes: int = Field(15, ge=1, le=1440)

    default_loan_cost: int = Field(400, ge=0, le=1_000_000)
    max_hop_miles: int = Field(50, ge=1, le=5000)

    # It may hold a secret in its path.
    alert_webhook_url: SecretStr = SecretStr("")
    smtp_host: str = ""
    smtp_port: int = Field(587, gt=0, le=65_535)
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = Field("", validate_default=True)
    smtp_tls: SmtpTls = SmtpTls.STARTTLS

    second_factor: SecondFactor = SecondFactor.OPTIONAL
    frame_ancestors: Names = ()
    # Whose scripts may use the JSON interface, by bearer token.
    cors_origins: Names = ()
    embed_cookies: EmbedCookies = EmbedCookies.OFF
    # What FMS signs its tokens of `/embed/launch` with; empty: it signs nobody in.
    embed_launch_secret: SecretStr = SecretStr("")
    # Whoever brings it may read /metrics; empty: only this machine may.
    metrics_token: SecretStr = SecretStr("")
    trusted_proxies: int = Field(0, ge=0, le=5)
    max_body_mb: int = Field(32, ge=1, le=512)
    log_level: str = Field("INFO", pattern=r"(?i)^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")

    @field_validator("sync_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is not a time zone name such as America/Los_Angeles") from error
        return value

    @field_validator("alert_webhook_url")
    @classmethod
    def _web_address_or_none(cls, value: SecretStr) -> SecretStr:
        _web_address(value.get_secret_value())
        return value

    @field_validator("smtp_from")
    @classmethod
    def _sender_of_mail(cls, value: str, others: ValidationInfo) -> str:
        is_address = "@" in value and value.isprintable() and " " not in value
        if (value or others.data.get("smtp_host")) and not is_address:
            raise ValueError("must be the e-mail address that alerts come from, as SMTP_HOST is set")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        """SQLite paths are taken from the project's folder; the vendors' two spellings of PostgreSQL are one."""
        if value.startswith("sqlite:///"):
            path = PROJECT / value.removeprefix("sqlite:///")
            return f"sqlite:///{path}"
        scheme, _, rest = value.partition("://")
        if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and rest:
            return f"postgresql+psycopg://{rest}"
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")

    @field_validator("frame_ancestors", "cors_origins")
    @classmethod
    def _exact_origins(cls, value: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        for origin in value:
            if not EXACT_ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin} is not an exact origin such as https://fms.example.com")
            if _is_production(others) and not origin.startswith("https:"):
                raise ValueError(f"{origin} must begin with https: in production")
        return value

    @field_validator(
        *(f"fms_{place}_url" for place in ("staging", "production")),
        *(f"fms_{report}_csv_url" for report in REPORTS),
        "smartmoving_base_url",
        "alert_webhook_url",
    )
    @classmethod
    def _encrypted(cls, value: str | SecretStr, others: ValidationInfo) -> str | SecretStr:
        address = value.get_secret_value() if isinstance(value, SecretStr) else value
        if (
            address
            and _is_production(others)
            and urlsplit(address).scheme != "https"
            and not _is_named(address, others)
        ):
            raise ValueError("must begin with https: in production, or its host be in OUTGOING_PRIVATE_HOSTS")
        return value

    @field_validator("smtp_tls")
    @classmethod
    def _encrypted_mail(cls, value: SmtpTls, others: ValidationInfo) -> SmtpTls:
        host, port = others.data.get("smtp_host"), others.data.get("smtp_port")
        if value is SmtpTls.NONE and host and _is_production(others) and not _is_named(f"smtp://{host}:{port}", others):
            raise ValueError("must be starttls or tls in production, or SMTP_HOST be in OUTGOING_PRIVATE_HOSTS")
        return value

    @field_validator("embed_launch_secret", "metrics_token")
    @classmethod
    def _not_to_be_guessed(cls, value: SecretStr, others: ValidationInfo) -> SecretStr:
        secret = value.get_secret_value()
        if secret and len(secret) < 32:
            raise ValueError("must have at least 32 random characters, or be left out")
        # Whoever holds one of them would hold another as well.
        if secret and value in [others.data.get(name) for name in ("secret_key", "embed_launch_secret")]:
            raise ValueError("must be a secret of its own")
        return value

    @field_validator("secret_key")
    @classmethod
    def _fit_for_production(cls, value: SecretStr, others: ValidationInfo) -> SecretStr:
        key = value.get_secret_value()
        if _is_production(others) and (key == DEVELOPMENT_KEY or len(key) < 32):
            raise ValueError("must be set to at least 32 random characters in production")
        return value

    @property
    def fms_url(self) -> str:
        """Base address of the FMS in use, without a closing slash; empty when none is configured."""
        return str(self._of_environment("url"))

    @property
    def fms_token(self) -> SecretStr:
        """The token for the FMS in use. Shown nowhere."""
        token: SecretStr = self._of_environment("token")
        return token

    @property
    def fms_requestor_id(self) -> int | None:
        """FMS user that asks for people without an FMS id of their own."""
        requestor_id: int | None = self._of_environment("requestor_id")
        return requestor_id

    @property
    def zone(self) -> tzinfo:
        """The zone in which a day begins for offices that have none of their own."""
        return ZoneInfo(self.sync_timezone)

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def may_be_private(self, address: str) -> bool:
        """Whether the host of `address`, which is configured, may be of this machine or its network."""
        return self.app_env is Environment.DEVELOPMENT or _names(self.outgoing_private_hosts, address)

    def _of_environment(self, name: str) -> Any:
        return getattr(self, f"fms_{self.fms_environment.value}_{name}")


def read_settings(**overrides: Any) -> Settings:
    """Read the environment (and `.env`); `overrides` win. Raises `SettingsError` naming every fault at once."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = [_sentence(fault) for fault in error.errors(include_input=False, include_url=False)]
        raise SettingsError("These settings are wrong:\n" + "\n".join(faults)) from None


def _is_production(others: ValidationInfo) -> bool:
    return others.data.get("app_env") is Environment.PRODUCTION


def _is_named(address: str, others: ValidationInfo) -> bool:
    return _names(others.data.get("outgoing_private_hosts", ()), address)


def _names(hosts: tuple[str, ...], address: str) -> bool:
    parts = urlsplit(address)
    named = {host.lower() for host in hosts}
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.hostname in named or f"{parts.hostname}:{port}" in named


def _sentence(fault: Any) -> str:
    name = "_".join(str(part) for part in fault["loc"][:1]).upper()
    words = fault["msg"].removeprefix("Value error, ")
    return f"  {name}: {words}" if name else f"  {words}"
