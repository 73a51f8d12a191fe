"""What we keep about SmartMoving itself: every call we made, what each opportunity was, the names it uses."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Instant


class SmartMovingCall(Base):
    """One call, reserved before it is made and completed by its outcome; errors count against the quota too.

    `called_at` is when the pace lets it go; `kind` is `branches`, `service_types`, `customers`, `opportunity` or
    `probe`; `outcome` is empty until known (`ledger.Outcome`). `run_id` is the run it belongs to, if any.
    """

    __tablename__ = "smartmoving_calls"
    __table_args__ = (Index(None, "company_id", "called_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    run_id: Mapped[int | None] = mapped_column(index=True)
    called_at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20), default="")
    milliseconds: Mapped[int | None]


class SmartMovingOpportunity(Base):
    """What the last sweep said of an opportunity we follow, and when its detail was last read.

    `fingerprint` covers status, jobs, their dates and types; `last_day` is the latest day of its jobs.
    `problem` says why its detail could not be used; empty: it could.
    """

    __tablename__ = "smartmoving_opportunities"
    __table_args__ = (UniqueConstraint("company_id", "opportunity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    opportunity_id: Mapped[str] = mapped_column(String(60))
    status: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    last_day: Mapped[date | None] = mapped_column(index=True)
    detail_at: Mapped[datetime | None] = mapped_column(Instant)
    problem: Mapped[str] = mapped_column(Text, default="")


class ServiceType(Base):
    """A job type's name in the company's own words."""

    __tablename__ = "smartmoving_service_types"

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))


class SmartMovingState(Base):
    """Where a company stands with SmartMoving: when names were last read, why runs wait, the last health probe."""

    __tablename__ = "smartmoving_state"

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), primary_key=True)
    branches_at: Mapped[datetime | None] = mapped_column(Instant)
    service_types_at: Mapped[datetime | None] = mapped_column(Instant)
    # Scheduled runs wait until then: the key was refused, or the month's calls are used up.
    hold_until: Mapped[datetime | None] = mapped_column(Instant)
    hold_reason: Mapped[str] = mapped_column(Text, default="")
    probed_at: Mapped[datetime | None] = mapped_column(Instant)
    probe_is_good: Mapped[bool | None]
    probe_text: Mapped[str] = mapped_column(Text, default="")


class RegionZone(Base):
    """The time zone that a company gave a state or province, over the packaged table (`zones`)."""

    __tablename__ = "smartmoving_region_zones"

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), primary_key=True)
    region: Mapped[str] = mapped_column(String(10), primary_key=True)
    timezone: Mapped[str] = mapped_column(String(60))
