"""Chains that are being built: a draft per sitting, with its slots; saved chains are loans with one `chain_id`."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.chains.asking import Kind
from webapp.db import Base, Instant

KINDS = ", ".join(f"'{kind}'" for kind in Kind)


class Draft(Base):
    """A chain as somebody is building it: what was asked (`asking.Ask`), and how far it has come.

    A partner chain has `person_id`, a vehicle chain `fleet_vehicle_id`. `models` are pairs of make and model as
    FMS spells them. `outcome` is what the last suggestion said of the whole, None: built by hand so far.
    `chain_id` is the saved chain that this one continues. `version` grows with every change, so that a page
    drawn from an older picture is noticed.
    """

    __tablename__ = "chain_drafts"
    __table_args__ = (
        CheckConstraint(f"kind IN ({KINDS})", name="kind"),
        Index(None, "user_id", "touched_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    office: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int | None]
    fleet_vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id"))
    start_day: Mapped[date] = mapped_column(Date)
    days: Mapped[int]
    count: Mapped[int]
    respect_budgets: Mapped[bool]
    allow_double_booking: Mapped[bool]
    is_strict: Mapped[bool]
    makes: Mapped[list[str]] = mapped_column(JSON)
    models: Mapped[list[list[str]]] = mapped_column(JSON)
    tiers: Mapped[list[str]] = mapped_column(JSON)
    outcome: Mapped[dict[str, object] | None] = mapped_column(JSON)
    chain_id: Mapped[str | None] = mapped_column(String(36))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    touched_at: Mapped[datetime] = mapped_column(Instant)

    slots: Mapped[list["DraftSlot"]] = relationship(
        order_by="DraftSlot.position", lazy="raise", cascade="all, delete-orphan", passive_deletes=True
    )


class DraftSlot(Base):
    """One loan of a draft: its place (from 1), its days, and what fills it; both None: still empty.

    `has_chosen_days` and `is_pinned`: a person chose the days, or what fills it, and asking again keeps that.
    """

    __tablename__ = "chain_draft_slots"
    __table_args__ = (
        UniqueConstraint("draft_id", "position"),
        CheckConstraint("start_day < end_day", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("chain_drafts.id", ondelete="CASCADE"))
    position: Mapped[int]
    start_day: Mapped[date] = mapped_column(Date)
    end_day: Mapped[date] = mapped_column(Date)
    has_chosen_days: Mapped[bool]
    fleet_vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicles.id"))
    person_id: Mapped[int | None]
    is_pinned: Mapped[bool]
