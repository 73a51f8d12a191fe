"""A job as its source tells it, ready to become a journey or to change one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal


@dataclass(frozen=True)
class SourceJob:
    """One job of SmartMoving. `fields` maps names of `fields.FIELDS` to the values that their columns hold.

    `is_partial`: only the sweep told of it, so what it does not say (fields, value, data) is left as it is. A new
    journey needs at least `scheduled_date` and `location_id`. `estimated_value` None is unknown, not 0.
    """

    job_id: str
    opportunity_id: str
    job_number: str
    quote_number: str
    source_status: int
    fields: Mapping[str, Any]
    estimated_value: Decimal | None = None
    external_data: Mapping[str, Any] = field(default_factory=dict)
    sync_status: Literal["SYNCED", "PENDING", "FAILED"] = "SYNCED"
    sync_error: str = ""
    is_partial: bool = False
