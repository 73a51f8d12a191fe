"""Spreadsheets that people uploaded: kept from the preview to its confirmation, then as a record of who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Instant


class SheetImport(Base):
    """One uploaded spreadsheet. `content` goes when it is applied, discarded or forgotten.

    `summary` says how many rows of which sheet it changed.
    """

    __tablename__ = "sheet_imports"
    __table_args__ = (Index(None, "company_id", "applied_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    summary: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
