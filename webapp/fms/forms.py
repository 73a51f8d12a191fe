"""What the ledger page is asked by its address: lenient, since people edit addresses by hand."""

from datetime import date

from werkzeug.datastructures import MultiDict

from webapp.db import LARGEST
from webapp.fms.models import State
from webapp.fms.queries import LedgerFilter


def filter_from(values: MultiDict[str, str]) -> LedgerFilter:
    """The filter in a query string; what cannot be read is left out."""
    state = values.get("state", "")
    return LedgerFilter(
        state=State(state) if state in set(State) else None,
        assignment_id=values.get("loan", type=_row_id),
        person=values.get("person", "").strip(),
        first_day=values.get("from", type=date.fromisoformat),
        last_day=values.get("to", type=date.fromisoformat),
    )


def page_number(values: MultiDict[str, str]) -> int:
    """The page asked for; the first where it makes no sense."""
    number = values.get("page", 1, type=int)
    return number if 1 <= number <= 1_000_000 else 1


def _row_id(value: str) -> int:
    number = int(value)
    if not 0 < number <= LARGEST:
        raise ValueError("no row has such a number")
    return number
