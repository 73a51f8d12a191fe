"""What the ledger page is asked by its address: lenient, since people edit addresses by hand."""

from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from webapp.dates import filtered_day
from webapp.db import LARGEST
from webapp.fms.models import State
from webapp.fms.queries import LedgerFilter


def filter_from(values: MultiDict[str, str]) -> LedgerFilter:
    """The filter in a query string; what cannot be read is left out."""
    state = values.get("state", "")
    return LedgerFilter(
        state=State(state) if state in set(State) else None,
        assignment_id=values.get("loan", type=_row_id),
        # A name holds no NUL, and PostgreSQL would not even compare it with one.
        person=values.get("person", "").replace("\x00", "").strip(),
        first_day=values.get("from", type=filtered_day),
        last_day=values.get("to", type=filtered_day),
    )


def page_number(values: MultiDict[str, str]) -> int:
    """The page asked for; the first where it makes no sense."""
    number = values.get("page", 1, type=int)
    return number if 1 <= number <= 1_000_000 else 1


def query_of(asked: LedgerFilter, number: int = 1) -> str:
    """The query string that asks for this page of this filter: `?state=failed&page=2`, or nothing at all."""
    values = {
        "state": asked.state.value if asked.state else "",
        "person": asked.person,
        "from": asked.first_day.isoformat() if asked.first_day else "",
        "to": asked.last_day.isoformat() if asked.last_day else "",
        "loan": str(asked.assignment_id or ""),
        "page": str(number) if number > 1 else "",
    }
    query = urlencode({name: value for name, value in values.items() if value})
    return f"?{query}" if query else ""


def _row_id(value: str) -> int:
    number = int(value)
    if not 0 < number <= LARGEST:
        raise ValueError("no row has such a number")
    return number
