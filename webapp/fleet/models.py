"""What FMS told us, under the identifiers FMS uses. Written by imports only; vanished rows are marked, not deleted.

In this room `vehicle_id`, `person_id` and `activity_id` are FMS's numbers; `id` is ours.
"""

from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, Numeric, String, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.accounts.models import Placed
from webapp.db import Base, Instant

Money = Numeric(12, 2)


class OfCompany:
    """A row of one company's data, marked with the moment it vanished from FMS (None: it is still there)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))


class FromFeed(OfCompany):
    """A row that a feed brings. `gone_at` is when it vanished from the feed; None: it is still there."""

    gone_at: Mapped[datetime | None] = mapped_column(Instant)


class Vehicle(FromFeed, Base):
    """A vehicle of the fleet. Without a `vehicle_id` it can be planned, but not requested."""

    __tablename__ = "vehicles"
    __table_args__ = (UniqueConstraint("company_id", "vin"), Index(None, "company_id", "office"))

    vehicle_id: Mapped[int | None] = mapped_column(index=True)
    year: Mapped[int | None]
    make: Mapped[str] = mapped_column(String(80))
    model: Mapped[str] = mapped_column(String(160))
    model_short_name: Mapped[str] = mapped_column(String(120))
    office: Mapped[str] = mapped_column(String(120))
    vin: Mapped[str] = mapped_column(String(17))
    fleet: Mapped[str] = mapped_column(String(120))
    registration_exp: Mapped[date | None] = mapped_column(Date)
    insurance_exp: Mapped[date | None] = mapped_column(Date)
    current_mileage: Mapped[int | None]
    in_service_date: Mapped[date | None] = mapped_column(Date)
    expected_turn_in_date: Mapped[date | None] = mapped_column(Date)
    notes: Mapped[str] = mapped_column(Text)
    color: Mapped[str] = mapped_column(String(120))


class Partner(FromFeed, Placed, Base):
    """A media partner at one office. The same person may be listed under two offices, as two rows."""

    __tablename__ = "partners"
    __table_args__ = (
        UniqueConstraint("company_id", "person_id", "office"),
        Index(None, "company_id", "office"),
    )

    person_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(String(120))
    default_loan_region: Mapped[str] = mapped_column(String(120))
    notes_instructions: Mapped[str] = mapped_column(Text)
    affiliation: Mapped[str] = mapped_column(String(200))
    activity_type_subcategory_id: Mapped[int | None]


class ApprovedMake(FromFeed, Base):
    """A make that a person may borrow, with the rank A+, A, B, C, D or Pending."""

    __tablename__ = "approved_makes"
    __table_args__ = (UniqueConstraint("company_id", "person_id", "make"),)

    person_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    make: Mapped[str] = mapped_column(String(80))
    rank: Mapped[str] = mapped_column(String(20))


class Activity(FromFeed, Base):
    """What FMS has in its own calendar for a VIN: loans, holds, services. `person_id` is None on the latter."""

    __tablename__ = "activities"
    __table_args__ = (
        UniqueConstraint("company_id", "activity_id"),
        Index(None, "company_id", "vin", "start_day"),
        Index(None, "company_id", "end_day", "start_day"),
        Index(None, "company_id", "person_id"),
    )

    activity_id: Mapped[int]
    person_id: Mapped[int | None]
    vin: Mapped[str] = mapped_column(String(17))
    activity_type: Mapped[str] = mapped_column(String(80))
    start_day: Mapped[date] = mapped_column(Date)
    end_day: Mapped[date] = mapped_column(Date)
    to: Mapped[str] = mapped_column(String(200))
    partner_address: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(120))


class LoanHistory(FromFeed, Base):
    """A loan that is over. `clips_received` None: not known; 0: nothing was published."""

    __tablename__ = "loan_history"
    __table_args__ = (
        UniqueConstraint("company_id", "activity_id"),
        Index(None, "company_id", "vin", "end_day"),
        Index(None, "company_id", "person_id", "end_day"),
    )

    activity_id: Mapped[int]
    vin: Mapped[str] = mapped_column(String(17))
    person_id: Mapped[int | None]
    make: Mapped[str] = mapped_column(String(80))
    model: Mapped[str] = mapped_column(String(160))
    year: Mapped[int | None]
    model_short_name: Mapped[str] = mapped_column(String(120))
    start_day: Mapped[date] = mapped_column(Date)
    end_day: Mapped[date] = mapped_column(Date)
    clips_received: Mapped[int | None]
    office: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    partner_address: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(120))


class Budget(FromFeed, Base):
    """US dollars of one fleet at one office in one quarter: allocated (from a spreadsheet), used (from the feed)."""

    __tablename__ = "budgets"
    __table_args__ = (UniqueConstraint("company_id", "office", "fleet", "year", "quarter"),)

    office: Mapped[str] = mapped_column(String(120))
    fleet: Mapped[str] = mapped_column(String(120))
    year: Mapped[int]
    quarter: Mapped[int]
    allocation: Mapped[Decimal | None] = mapped_column(Money)
    amount_used: Mapped[Decimal | None] = mapped_column(Money)


class Rule(OfCompany, Base):
    """What operations laid down for a make and rank: loans a year, days between loans of one model.

    `publication_rate` is a percentage, 0 to 100.
    """

    __tablename__ = "rules"
    __table_args__ = (UniqueConstraint("company_id", "make", "rank"),)

    make: Mapped[str] = mapped_column(String(80))
    rank: Mapped[str] = mapped_column(String(20))
    loan_cap_per_year: Mapped[int | None]
    publication_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    cooldown_days: Mapped[int | None]
    is_hard: Mapped[bool]
    description: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text)


class Holiday(OfCompany, Base):
    """A day on which an office neither hands out nor takes back vehicles, wholly or between two times."""

    __tablename__ = "holidays"
    __table_args__ = (UniqueConstraint("company_id", "office", "day"),)

    office: Mapped[str] = mapped_column(String(120))
    day: Mapped[date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(80))
    is_all_day: Mapped[bool]
    start_time: Mapped[time | None] = mapped_column(Time)
    end_time: Mapped[time | None] = mapped_column(Time)
    notes: Mapped[str] = mapped_column(Text)


class OfficeCapacity(OfCompany, Base):
    """How many drivers an office has a day; each makes two moves."""

    __tablename__ = "office_capacities"
    __table_args__ = (UniqueConstraint("company_id", "office"),)

    office: Mapped[str] = mapped_column(String(120))
    drivers_per_day: Mapped[int]
    notes: Mapped[str] = mapped_column(Text)


class LoanCost(OfCompany, Base):
    """US dollars that a loan of a make to a partner costs."""

    __tablename__ = "loan_costs"
    __table_args__ = (UniqueConstraint("company_id", "person_id", "make"),)

    person_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    make: Mapped[str] = mapped_column(String(80))
    cost: Mapped[Decimal] = mapped_column(Money)


class PreferredWeekday(OfCompany, Base):
    """The weekday (0 is Monday) on which a person's loans at an office mostly start; computed from loan history.

    `loans` is how many starts it rests on, `share` the weekday's part of their weight, 0 to 1.
    """

    __tablename__ = "preferred_weekdays"
    __table_args__ = (UniqueConstraint("company_id", "person_id", "office"),)

    person_id: Mapped[int]
    office: Mapped[str] = mapped_column(String(120))
    weekday: Mapped[int]
    loans: Mapped[int]
    share: Mapped[Decimal] = mapped_column(Numeric(4, 3))


class PublicationRate(OfCompany, Base):
    """Of loans of 24 months how many were `published`, among those of which that is `known`.

    One row per person (`make` empty), per person and make, and per make (`person_id` 0: everybody together).
    Makes are written as `makes.make_key` writes them.
    """

    __tablename__ = "publication_rates"
    __table_args__ = (UniqueConstraint("company_id", "person_id", "make"),)

    person_id: Mapped[int]
    make: Mapped[str] = mapped_column(String(80))
    known: Mapped[int]
    published: Mapped[int]


class VehicleUse(OfCompany, Base):
    """How much a vehicle was lent, as FMS tells: `loans` begun in twelve months, `usual` for its office (a median).

    `last_day` is the last on which it was out, held or serviced up to the import; None: FMS knows of no such day.
    """

    __tablename__ = "vehicle_uses"
    __table_args__ = (UniqueConstraint("company_id", "vin"),)

    vin: Mapped[str] = mapped_column(String(17))
    loans: Mapped[int]
    usual: Mapped[int]
    last_day: Mapped[date | None] = mapped_column(Date)
