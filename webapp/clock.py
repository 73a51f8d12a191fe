"""What time it is: aware instants in UTC, and the day it is somewhere."""

from datetime import UTC, date, datetime, tzinfo


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: tzinfo) -> date:
    """The calendar day it is now in `zone`."""
    return datetime.now(zone).date()
