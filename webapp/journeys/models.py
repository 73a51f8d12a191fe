"""Journeys: the jobs of a moving company as the desk works on them, with crews, trucks, ticks and history.

What SmartMoving says and what a dispatcher entered are kept side by side. The columns that lists read hold the
value that counts (`overrides` before `source`), so that filtering by day or location is a plain query; they are
computed at the two places that write, by `fields.effective`.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Location, User
from webapp.db import Base, Instant


class DataSource(StrEnum):
    """Where a journey comes from."""

    SMARTMOVING = "SMARTMOVING"
    MANUAL = "MANUAL"


class SyncStatus(StrEnum):
    """How the last look at a journey's source went. `PENDING`: known from the sweep, its detail not read yet."""

    SYNCED = "SYNCED"
    PENDING = "PENDING"
    FAILED = "FAILED"


class TruckJourney(Base):
    """One job on one day. Never deleted: what SmartMoving took back is off the board, with the reason.

    `source` maps each field of `fields.FIELDS` to SmartMoving's value as JSON; `overrides` maps a field that
    was changed here to `{value, by, user_id, at}`. `arrival_start` and `arrival_end` are minutes after midnight
    of the location's day, `minutes_needed` is a hint from the charges' text, as are crew and trucks needed.
    `estimated_value` is US or Canadian dollars of the whole opportunity; None is unknown, not 0.
    `changed_at` is when SmartMoving, or a colleague, last changed what a card shows, `change_note` says what.
    """

    __tablename__ = "truck_journeys"
    __table_args__ = (
        UniqueConstraint("company_id", "job_id"),
        Index(None, "company_id", "scheduled_date"),
        Index(None, "company_id", "opportunity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), index=True)
    data_source: Mapped[str] = mapped_column(String(20))

    # SmartMoving's ids; `external_id` is for people: sm_job_ and the job number.
    job_id: Mapped[str | None] = mapped_column(String(60))
    opportunity_id: Mapped[str | None] = mapped_column(String(60))
    external_id: Mapped[str | None] = mapped_column(String(80))
    job_number: Mapped[str] = mapped_column(String(40), default="")
    quote_number: Mapped[str] = mapped_column(String(40), default="")
    external_data: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    source_status: Mapped[int | None]
    sync_status: Mapped[str] = mapped_column(String(20), default=SyncStatus.SYNCED)
    sync_error: Mapped[str] = mapped_column(Text, default="")
    last_sync_at: Mapped[datetime | None] = mapped_column(Instant)

    source: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    customer_name: Mapped[str] = mapped_column(String(200), default="")
    customer_phone: Mapped[str] = mapped_column(String(40), default="")
    customer_email: Mapped[str] = mapped_column(String(254), default="")
    estimated_value: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    scheduled_date: Mapped[date]
    arrival_start: Mapped[int | None]
    arrival_end: Mapped[int | None]
    origin_address: Mapped[str] = mapped_column(Text, default="")
    destination_address: Mapped[str] = mapped_column(Text, default="")
    stops: Mapped[list[str]] = mapped_column(JSON, default=list)
    service_type: Mapped[str] = mapped_column(String(80), default="")
    move_size: Mapped[str] = mapped_column(String(80), default="")
    confirmed: Mapped[bool | None]
    crew_needed: Mapped[int | None]
    trucks_needed: Mapped[int | None]
    minutes_needed: Mapped[int | None]
    notes: Mapped[str] = mapped_column(Text, default="")

    stage: Mapped[str] = mapped_column(String(20))
    on_board: Mapped[bool] = mapped_column(server_default=true(), default=True)
    off_reason: Mapped[str] = mapped_column(Text, default="")
    # A problem that a dispatcher or the crew reported; empty: none.
    problem: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    change_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)

    location: Mapped[Location] = relationship(lazy="raise")


class JourneyEvent(Base):
    """What happened to a journey, in a sentence without money; never changed.

    `kind` is `created`, `source` (SmartMoving changed it), `edit`, `stage`, `crew`, `truck`, `tick` or `problem`;
    `details` holds before and after, as JSON.
    """

    __tablename__ = "journey_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    journey_id: Mapped[int] = mapped_column(ForeignKey("truck_journeys.id"), index=True)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class JourneyTick(Base):
    """A ticked item of a journey's checklist (`checklists.ITEMS`)."""

    __tablename__ = "journey_ticks"

    journey_id: Mapped[int] = mapped_column(ForeignKey("truck_journeys.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(40), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(Instant)
    done_by: Mapped[int] = mapped_column(ForeignKey("users.id"))


class JourneyCrew(Base):
    """A person on a journey's crew."""

    __tablename__ = "journey_crew"

    journey_id: Mapped[int] = mapped_column(ForeignKey("truck_journeys.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    assigned_at: Mapped[datetime] = mapped_column(Instant)

    user: Mapped[User] = relationship(lazy="raise")


class Truck(Base):
    """A truck of a location, which SmartMoving knows nothing of."""

    __tablename__ = "trucks"
    __table_args__ = (UniqueConstraint("company_id", "location_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    is_active: Mapped[bool] = mapped_column(server_default=true(), default=True)

    location: Mapped[Location] = relationship(lazy="raise")


class JourneyTruck(Base):
    """A truck on a journey."""

    __tablename__ = "journey_trucks"

    journey_id: Mapped[int] = mapped_column(ForeignKey("truck_journeys.id"), primary_key=True)
    truck_id: Mapped[int] = mapped_column(ForeignKey("trucks.id"), primary_key=True, index=True)
    assigned_at: Mapped[datetime] = mapped_column(Instant)

    truck: Mapped[Truck] = relationship(lazy="raise")


class JourneyTap(Base):
    """A tap that a phone sent and that was carried out: sent again over a bad line, it is answered, not repeated."""

    __tablename__ = "journey_taps"

    tap_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    journey_id: Mapped[int] = mapped_column(ForeignKey("truck_journeys.id"))
    tapped_at: Mapped[datetime] = mapped_column(Instant, index=True)


class JourneyLook(Base):
    """When a person last looked at a journey: what changed since is marked for them."""

    __tablename__ = "journey_looks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    journey_id: Mapped[int] = mapped_column(ForeignKey("truck_journeys.id"), primary_key=True)
    looked_at: Mapped[datetime] = mapped_column(Instant)


class BoardMark(Base):
    """A number that grows with every change a company's boards show: one look tells that nothing has changed."""

    __tablename__ = "journey_board_marks"

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), primary_key=True)
    number: Mapped[int]
