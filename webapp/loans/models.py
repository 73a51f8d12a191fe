"""Loans as schedulers plan them, what happened to each, what is said of them, and the bulk runs over them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Instant
from webapp.fleet.models import Vehicle
from webapp.loans.states import BLOCKING, GREEN, Status

STATUSES = ", ".join(f"'{status}'" for status in Status)
GREENS = ", ".join(f"'{status}'" for status in sorted(GREEN))


class Assignment(Base):
    """A loan of ours: one vehicle, one partner, the half-open period [start_day, end_day).

    `green_status` is the green it was before it was requested, restored when it is unrequested. `version` grows
    with every change, so that a form filled from an older picture is noticed. `person_id`, `fms_request_id` and
    `activity_id` are FMS's numbers. `flag` is what FMS's calendar makes somebody look into (`reconciled.Flag`),
    `reason` why FMS does not have the loan: what it said when it refused the request, at once or later.
    """

    __tablename__ = "scheduled_assignments"
    __table_args__ = (
        CheckConstraint(f"status IN ({STATUSES})", name="status"),
        CheckConstraint(f"green_status IN ({GREENS})", name="green_status"),
        CheckConstraint("start_day < end_day", name="period"),
        Index(None, "company_id", "end_day", "start_day"),
        Index(None, "company_id", "office", "end_day"),
        Index(None, "company_id", "person_id", "start_day"),
        Index(None, "fleet_vehicle_id", "start_day"),
        # An id is never used twice: the ledger and the history of a deleted loan keep pointing at it alone.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    # With their history: calendars draw the row that a loan has left again as well.
    fleet_vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), active_history=True)
    person_id: Mapped[int] = mapped_column(active_history=True)
    partner_name: Mapped[str] = mapped_column(String(200))
    office: Mapped[str] = mapped_column(String(120))
    start_day: Mapped[date] = mapped_column(Date)
    end_day: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(20))
    green_status: Mapped[str] = mapped_column(String(20))
    fms_request_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    activity_id: Mapped[int | None] = mapped_column(index=True)
    chain_id: Mapped[str | None] = mapped_column(String(36), index=True)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(Text, default="")
    flag: Mapped[str] = mapped_column(String(40), default="", server_default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)

    vehicle: Mapped[Vehicle] = relationship(lazy="raise")

    @property
    def is_blocking(self) -> bool:
        """Whether it holds its vehicle (an operation in flight never changes a loan out of these statuses)."""
        return self.status in BLOCKING


class SoftHold(Base):
    """A vehicle that somebody is planning with on these days. It binds nobody: others are told, until it runs out.

    `plan_id` is the draft or the open form that it belongs to, `person_id` the partner, where that is chosen already.
    """

    __tablename__ = "soft_holds"
    __table_args__ = (Index(None, "fleet_vehicle_id", "until"), Index(None, "company_id", "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    fleet_vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"))
    start_day: Mapped[date] = mapped_column(Date)
    end_day: Mapped[date] = mapped_column(Date)
    person_id: Mapped[int | None]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    plan_id: Mapped[str] = mapped_column(String(36), index=True)
    until: Mapped[datetime] = mapped_column(Instant)


class LoanEvent(Base):
    """What happened to a loan, in a sentence; never changed, and kept when the loan is deleted.

    `version` is the loan's from then on: what came after an older picture of it can be told. Of a deletion, company
    and office say who may still read the history.
    """

    __tablename__ = "loan_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(index=True)
    happened_at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int | None]
    company_id: Mapped[int | None]
    office: Mapped[str | None] = mapped_column(String(120))


class LoanNote(Base):
    """What a person wants everybody to know of a loan. Taken back by whoever wrote it, never changed."""

    __tablename__ = "loan_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    assignment_id: Mapped[int] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class LoanChange(Base):
    """That something of the calendar changed, for pages that are open: which rows to draw again.

    Written in the transaction of the change itself and thrown away after an hour; ids are in the order of commits.
    `assignment_id` is the loan, if it was one; without vehicle and partner anything may have changed, as after an
    import.
    """

    __tablename__ = "loan_changes"
    __table_args__ = (
        Index(None, "company_id", "id"),
        # A page asks for what came after an id: one may never be used twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # No foreign key: who writes these has everybody else's turn, and must not wait for a lock of anybody.
    company_id: Mapped[int]
    assignment_id: Mapped[int | None]
    fleet_vehicle_id: Mapped[int | None]
    person_id: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(Instant, index=True)


class DeedKind(StrEnum):
    PLANNED = "planned"
    CHANGED = "changed"
    REQUESTED = "requested"
    UNREQUESTED = "unrequested"
    DELETED = "deleted"


class Deed(Base):
    """What a person did to a loan, with how the loan was before, so that they can undo it.

    `before` is the loan as it was (`deeds.state_of`; None: there was none), `version` the loan's after the deed, None
    where it is gone: one that changed since is not undone. Deeds of one step (a bulk run, whose id it then is; a
    chain; a replacement) share its `step_id` and are undone together. `undone_at` is when undoing began, in the run
    `undone_by`. `is_undo`: the deed itself undid something.
    """

    __tablename__ = "loan_deeds"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "step_id", "assignment_id"),
        Index(None, "assignment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    step_id: Mapped[str] = mapped_column(String(36))
    assignment_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int | None]
    label: Mapped[str] = mapped_column(String(400))
    is_undo: Mapped[bool] = mapped_column(default=False)
    done_at: Mapped[datetime] = mapped_column(Instant, index=True)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[str | None] = mapped_column(String(36))


class BatchKind(StrEnum):
    REQUEST = "request"
    UNREQUEST = "unrequest"
    DELETE = "delete"
    MOVE = "move"
    UNDO = "undo"
    REDO = "redo"


class RowState(StrEnum):
    """How far one loan of a bulk run is. `WAITING` rows are still to be started, by whoever resumes the run."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class Batch(Base):
    """A bulk run over up to 100 loans. `beat_at` grows while a process works on it; a stale one is resumed.

    `days` is by how many a run that moves loans moves them; negative: earlier. `undoes` is the step that a run undoes.
    """

    __tablename__ = "loan_batches"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    days: Mapped[int | None]
    undoes: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(Instant)
    beat_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    # When the person put its report away; until then the page shows it again.
    dismissed_at: Mapped[datetime | None] = mapped_column(Instant)

    rows: Mapped[list["BatchRow"]] = relationship(order_by="BatchRow.position", lazy="raise")


class BatchRow(Base):
    """One loan of a bulk run, and how it ended.

    `version` is the loan's as the person was shown it, None where they were not asked. Runs that bring loans to a
    state of their own (moving, undoing) say it beforehand: `wanted` as `deeds.state_of` writes it, None for no loan,
    from the loan's `version`, None where there is none. Rows of one `queue` wait for
    those before them: what leaves a vehicle makes room for the next.
    """

    __tablename__ = "loan_batch_rows"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("loan_batches.id", ondelete="CASCADE"))
    position: Mapped[int]
    assignment_id: Mapped[int]
    label: Mapped[str] = mapped_column(String(400), default="")
    wanted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int | None]
    queue: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    fms_request_id: Mapped[int | None] = mapped_column(BigInteger)
    created_in_fms: Mapped[bool] = mapped_column(default=False)
    deleted_from_fms: Mapped[bool] = mapped_column(default=False)
