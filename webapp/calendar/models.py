"""Views that people keep, and the private addresses under which other calendars read ours."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Instant


class SavedView(Base):
    """A view of the calendar under a name. `query` is that of its address; a shared one is seen by the company."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"), Index(None, "company_id", "is_shared"))

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(Text)
    is_shared: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class LinkKind(StrEnum):
    OFFICE = "office"
    VEHICLE = "vehicle"
    PARTNER = "partner"


KINDS = ", ".join(f"'{kind}'" for kind in LinkKind)


class CalendarLink(Base):
    """A private address under which another calendar reads loans, as its owner may see them when it is read.

    `subject` is the office's name, the VIN or FMS's person id. The token itself is only in the address.
    """

    __tablename__ = "calendar_links"
    __table_args__ = (CheckConstraint(f"kind IN ({KINDS})", name="kind"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_read_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
