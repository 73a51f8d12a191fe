"""Runs of the syncs and what each feed of a run brought, and the leases that keep a job to one runner."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Instant


class RunStatus(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    ABANDONED = "abandoned"


class FeedStatus(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"


class SyncRun(Base):
    """One run of a sync, from any trigger."""

    __tablename__ = "sync_runs"
    __table_args__ = (Index(None, "company_id", "kind", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[str] = mapped_column(String(20))
    trigger: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(Text, default="")

    feeds: Mapped[list["FeedResult"]] = relationship(order_by="FeedResult.id", lazy="raise")


class FeedResult(Base):
    """What one feed of a run brought. `bad_rows` holds the first hundred as {line, reason, text}."""

    __tablename__ = "sync_feed_results"
    __table_args__ = (UniqueConstraint("run_id", "name"), Index(None, "name", "status", "finished_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("sync_runs.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    fetched: Mapped[int] = mapped_column(default=0)
    valid: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    inserted: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(Text, default="")
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    bad_rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    etag: Mapped[str] = mapped_column(String(200), default="")
    content_hash: Mapped[str] = mapped_column(String(64), default="")


class Lease(Base):
    """Who may run a job until when. `fence` grows with every new holder, so a holder that lost it can tell."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    fence: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Instant)
