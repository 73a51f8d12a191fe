"""The six reports: their columns in order, how each is read, and which of them name a row."""

from dataclasses import dataclass
from functools import cached_property

from webapp.feeds.parse_values import (
    Convert,
    day,
    fleet_name,
    identifier,
    money,
    optional_count,
    optional_day,
    optional_identifier,
    optional_mileage,
    optional_year,
    person_name,
    quarter,
    rank,
    text_up_to,
    vin,
    year,
)


@dataclass(frozen=True)
class Column:
    """One column of a report. `name` is FMS's word for it, `field` ours where that differs."""

    name: str
    convert: Convert
    our_name: str = ""

    @property
    def field(self) -> str:
        """The column of our table that takes its values."""
        return self.our_name or self.name


@dataclass(frozen=True)
class Feed:
    """One report: `key` are the fields that name a row, `setting` holds its address.

    `is_summed`: rows that come to one key are parts of one sum (spend of fleets that share a budget).
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    is_summed: bool = False

    @property
    def setting(self) -> str:
        """The name of the setting that holds this report's address."""
        return f"fms_{self.name}_csv_url"

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Our names of the columns, in the report's order."""
        return tuple(column.field for column in self.columns)

    @cached_property
    def period_places(self) -> tuple[int, int] | None:
        """Where the first and last day stand, in reports of what happens from one day to another."""
        if "start_day" not in self.fields:
            return None
        return self.fields.index("start_day"), self.fields.index("end_day")

    @cached_property
    def key_places(self) -> tuple[int, ...]:
        """Where in a row the key's fields stand."""
        return tuple(self.fields.index(name) for name in self.key)


text = text_up_to()
name_200 = text_up_to(200)
name_120 = text_up_to(120)
office = text_up_to(120, is_required=True)
make = text_up_to(80, is_required=True)
model = text_up_to(160)

VEHICLES = Feed(
    "vehicles",
    "vehicles",
    (
        Column("vehicle_id", optional_identifier),
        Column("year", optional_year),
        Column("make", make),
        Column("model", model),
        Column("model_short_name", name_120),
        Column("office", office),
        Column("vin", vin),
        Column("fleet", name_120),
        Column("registration_exp", optional_day),
        Column("insurance_exp", optional_day),
        Column("current_mileage", optional_mileage),
        Column("in_service_date", optional_day),
        Column("expected_turn_in_date", optional_day),
        Column("notes", text),
        Column("color", name_120),
    ),
    key=("vin",),
)
PARTNERS = Feed(
    "partners",
    "partners",
    (
        Column("person_id", identifier),
        Column("name", person_name),
        Column("address", text),
        Column("office", office),
        Column("default_loan_region", name_120),
        Column("notes_instructions", text),
        Column("affiliation", name_200),
        Column("activity_type_subcategory_id", optional_identifier),
    ),
    key=("person_id", "office"),
)
APPROVED_MAKES = Feed(
    "approved_makes",
    "approved makes",
    (
        Column("person_id", identifier),
        Column("name", name_200),
        Column("make", make),
        Column("rank", rank),
    ),
    key=("person_id", "make"),
)
LOAN_HISTORY = Feed(
    "loan_history",
    "loan history",
    (
        Column("activity_id", identifier),
        Column("vin", vin),
        Column("person_id", optional_identifier),
        Column("make", text_up_to(80)),
        Column("model", model),
        Column("year", optional_year),
        Column("model_short_name", name_120),
        Column("start_date", day, "start_day"),
        Column("end_date", day, "end_day"),
        Column("clips_received", optional_count),
        Column("office", name_120),
        Column("name", name_200),
        Column("partner_address", text),
        Column("region", name_120),
    ),
    key=("activity_id",),
)
CURRENT_ACTIVITY = Feed(
    "current_activity",
    "current activity",
    (
        Column("activity_id", identifier),
        Column("person_id", optional_identifier),
        Column("vehicle_vin", vin, "vin"),
        Column("activity_type", text_up_to(80)),
        Column("start_date", day, "start_day"),
        Column("end_date", day, "end_day"),
        Column("to", name_200),
        Column("partner_address", text),
        Column("region", name_120),
    ),
    key=("activity_id",),
)
BUDGET_SPENDING = Feed(
    "budget_spending",
    "spend",
    (
        Column("fleet", fleet_name),
        Column("office", office),
        Column("year", year),
        Column("quarter", quarter),
        Column("amount_used", money),
    ),
    key=("office", "fleet", "year", "quarter"),
    is_summed=True,
)

# In the order of an import: who and what there is before what happened to them.
FEEDS = (VEHICLES, PARTNERS, APPROVED_MAKES, LOAN_HISTORY, CURRENT_ACTIVITY, BUDGET_SPENDING)
