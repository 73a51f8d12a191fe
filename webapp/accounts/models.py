"""Companies, locations, people, and the sessions they are signed in with."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.permissions import Role
from webapp.db import Base, Instant

ROLES = ", ".join(f"'{role}'" for role in Role)


class Company(Base):
    """Who owns users, locations and data."""

    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Placed:
    """A row with a place on the map, in degrees; both None: nowhere yet.

    `located_by` says how it was found: `zip`, `city`, `hand`, or nothing where it was not. `located_from` is the
    text it was found from, so that only what has changed is looked up again; what was entered by hand stays.
    """

    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    located_by: Mapped[str] = mapped_column(String(10), server_default="", default="")
    located_from: Mapped[str] = mapped_column(Text, server_default="", default="")


class Location(Placed, Base):
    """An office of the press fleet or a branch of a moving company; of one name they are one place.

    `timezone` is a zone name, or None: the default; `timezone_by` says who set it: `hand`, `region`, or nobody.
    `region` is the code of its state or province. A branch has `external_id`, its id in the system it comes from
    (`data_source`), whose row is kept in `external_data`.
    """

    __tablename__ = "locations"
    __table_args__ = (
        UniqueConstraint("company_id", "name"),
        Index("uq_locations_external_id", "company_id", "data_source", "external_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str | None] = mapped_column(String(60))
    # Offices come from the vehicles feed and fill the calendar's choices; branches come from SmartMoving.
    is_office: Mapped[bool] = mapped_column(server_default=false())
    timezone_by: Mapped[str] = mapped_column(String(10), server_default="", default="")
    region: Mapped[str] = mapped_column(String(10), server_default="", default="")
    data_source: Mapped[str] = mapped_column(String(20), server_default="", default="")
    external_id: Mapped[str | None] = mapped_column(String(60))
    external_data: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    last_sync_at: Mapped[datetime | None] = mapped_column(Instant)


user_locations = Table(
    "user_locations",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("location_id", ForeignKey("locations.id", ondelete="CASCADE"), primary_key=True),
)


class User(Base):
    """A person who signs in. `email` is kept in lower case; `fms_user_id` is what FMS shows as requestor."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(f"role IN ({ROLES})", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    fms_user_id: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(server_default=true(), default=True)
    must_change_password: Mapped[bool] = mapped_column(server_default=false(), default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    # Encrypted; given but not yet confirmed while `second_factor_since` is None.
    second_factor_secret: Mapped[str | None] = mapped_column(String(255))
    second_factor_since: Mapped[datetime | None] = mapped_column(Instant)
    # The last step of 30 s whose code was taken: none is taken twice.
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)

    company: Mapped[Company] = relationship(lazy="raise")
    locations: Mapped[list[Location]] = relationship(secondary=user_locations, lazy="raise")


class UserSession(Base):
    """One sign-in. The browser holds a token; only its SHA-256 is kept here, which opens nothing."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))


class RecoveryCode(Base):
    """A code that stands in once for a person's second factor; only its SHA-256 is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index(None, "user_id", "code_hash", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInFailure(Base):
    """A failed try to sign in: what the throttle counts, whether such an account exists or not."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "email", "failed_at"), Index(None, "address", "failed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    failed_at: Mapped[datetime] = mapped_column(Instant)


class UsedLaunch(Base):
    """A token of FMS's that has opened its one sign-in, by the SHA-256 of its `jti`, until it would have run out."""

    __tablename__ = "used_launches"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
