"""Runs of the syncs, what each feed of a run brought, the leases that keep a job to one runner, and the incidents."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Instant


class RunKind(StrEnum):
    FEEDS = "feeds"
    SMARTMOVING = "smartmoving"


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
    """One run of a sync, from any trigger. `user_id` is who started it; None: the system itself.

    `report` is what a run of SmartMoving tells (`smartmoving.report.Report`), nothing for a run of the feeds.
    """

    __tablename__ = "sync_runs"
    __table_args__ = (Index(None, "company_id", "kind", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    trigger: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)

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


class Incident(Base):
    """Something that is wrong with a company's data until `ended_at`; `sentence` says it to a person.

    `subject` is `feed:<name>`, `stale`, `run:<id>`, `smartmoving:hold` or `smartmoving:stale`; of each at most one
    incident of a company is open.
    """

    __tablename__ = "sync_incidents"
    __table_args__ = (
        Index(
            "uq_sync_incidents_open",
            "company_id",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    subject: Mapped[str] = mapped_column(String(60))
    sentence: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class NoticeKind(StrEnum):
    BEGAN = "began"
    ENDED = "ended"


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


class Notice(Base):
    """One message about an incident to one address. `due_at`: when to try (again); None: sent, or given up.

    A webhook's address is not kept here: it may be a secret.
    """

    __tablename__ = "sync_notices"
    __table_args__ = (UniqueConstraint("incident_id", "kind", "channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("sync_incidents.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(254))
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
