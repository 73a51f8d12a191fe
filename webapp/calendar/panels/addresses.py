"""Where the panels of a vehicle and of a partner are to be had. Pure."""

from datetime import date
from functools import lru_cache
from urllib.parse import quote, quote_plus


def vehicle_panel(vin: str, day: date | None = None) -> str:
    """What is known of the vehicle, also around that day."""
    address = f"/calendar/vehicles/{quote(vin, safe='')}"
    return f"{address}?day={day.isoformat()}" if day else address


def partner_panel(person_id: int, office: str) -> str:
    """What those at `office` are told of the partner."""
    return f"/calendar/partners/{person_id}?office={_quoted(office)}"


# The same few offices come up hundreds of times on a page.
_quoted = lru_cache(maxsize=256)(quote_plus)
