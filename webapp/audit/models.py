"""The audit log: a row for each change, which the database itself lets nobody alter or take away."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Instant


class AuditEntry(Base):
    """One change of one thing. It refers to rows by number without a foreign key: they may go, it stays.

    `origin` is where it came from: `page`, `api`, `job`, `command`. Nobody signed in (`user_id` None): `actor` names
    the job or the command. `before` and `after` hold the fields that changed alone; of a thing that began, `before`
    is None, of one that is gone, `after`.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "company_id", "id"),
        Index(None, "subject", "subject_id", "id"),
        Index(None, "user_id", "id"),
        Index(None, "changed_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    company_id: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45))
    request_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int | None]
    label: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
