"""The ledger: every create and delete we asked of FMS, written before FMS is called."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Instant


class Kind(StrEnum):
    CREATE = "create"
    DELETE = "delete"


class State(StrEnum):
    """`SENDING` and `UNCERTAIN` are open: nothing else may be asked for that subject meanwhile."""

    SENDING = "sending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"


OPEN = frozenset({State.SENDING, State.UNCERTAIN})
KINDS = ", ".join(f"'{kind}'" for kind in Kind)
STATES = ", ".join(f"'{state}'" for state in State)
IS_OPEN = text("state IN ('sending', 'uncertain')")


class Operation(Base):
    """One intention towards FMS, who had it, and what became of it.

    `subject` and `assignment_id` say for what (a room registers what an outcome means for its subject);
    `purpose` is that room's own word, handed back with the outcome. `request` is the body of a create. `answer`
    is FMS's answer, trimmed and without secrets; `error` the sentence people read. `sent_at` is when the last
    call began, `deadline_at` when an unfinished one must be taken for interrupted.
    """

    __tablename__ = "fms_operations"
    __table_args__ = (
        CheckConstraint(f"kind IN ({KINDS})", name="kind"),
        CheckConstraint(f"state IN ({STATES})", name="state"),
        # At most one open operation per subject: a second click, thread or process cannot insert its own.
        Index(
            "uq_fms_operations_open",
            "subject",
            "assignment_id",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index(None, "subject", "assignment_id"),
        Index(None, "company_id", "created_at"),
        # Counts and names for the filter of the log, read without the long texts beside them.
        Index(None, "company_id", "state", "requested_by"),
        Index("ix_fms_operations_unfinished", "state", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    office: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(20))
    assignment_id: Mapped[int]
    label: Mapped[str] = mapped_column(String(400))
    purpose: Mapped[str] = mapped_column(String(40), default="")
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    fms_request_id: Mapped[int | None] = mapped_column(BigInteger)
    requestor_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_by: Mapped[str] = mapped_column(String(120))
    batch_id: Mapped[str | None] = mapped_column(String(36), index=True)
    http_status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
    code: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime] = mapped_column(Instant)
    deadline_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    milliseconds: Mapped[int | None]

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.state in OPEN
