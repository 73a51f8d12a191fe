"""What the audit log's page is asked by its address: lenient, since people edit addresses by hand."""

from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from webapp.audit.queries import ACTIONS, LogFilter, Place
from webapp.audit.watched import things
from webapp.dates import filtered_day
from webapp.db import LARGEST

LONGEST_WORDS = 100
NO_NUMBER = -1
# Entries are numbered beyond what other rows are.
LARGEST_ENTRY = 2**63 - 1


def filter_from(values: MultiDict[str, str]) -> LogFilter:
    """The filter in a query string; what cannot be read is left out, but a number that nothing has finds nothing."""
    thing, action = values.get("thing", ""), values.get("action", "")
    return LogFilter(
        thing=thing if thing in things() else "",
        number=values.get("number", type=_row_id, default=NO_NUMBER if values.get("number", "").strip() else None),
        user_id=values.get("person", type=_row_id),
        action=action if action in ACTIONS else "",
        # No name holds a NUL, and PostgreSQL would not even compare it with one.
        words=values.get("q", "").replace("\x00", "").strip()[:LONGEST_WORDS],
        first_day=values.get("from", type=filtered_day),
        last_day=values.get("to", type=filtered_day),
    )


def place_from(values: MultiDict[str, str]) -> Place:
    """The page asked for; the newest where it makes no sense."""
    return Place(before=values.get("before", type=_entry_id), after=values.get("after", type=_entry_id))


def query_of(asked: LogFilter, place: Place | None = None) -> str:
    """The query string that asks for this page of this filter: `?thing=loan&number=12`, or nothing at all."""
    place = place or Place()
    values = {
        "thing": asked.thing,
        "number": "" if asked.number is None else str(asked.number),
        "person": str(asked.user_id or ""),
        "action": asked.action,
        "q": asked.words,
        "from": asked.first_day.isoformat() if asked.first_day else "",
        "to": asked.last_day.isoformat() if asked.last_day else "",
        "before": str(place.before or ""),
        "after": "" if place.after is None else str(place.after),
    }
    query = urlencode({name: value for name, value in values.items() if value})
    return f"?{query}" if query else ""


def _row_id(text: str) -> int:
    return _number(text, LARGEST)


def _entry_id(text: str) -> int:
    return _number(text, LARGEST_ENTRY)


def _number(text: str, largest: int) -> int:
    number = int(text)
    if not 0 <= number <= largest:
        raise ValueError("no row has such a number")
    return number
