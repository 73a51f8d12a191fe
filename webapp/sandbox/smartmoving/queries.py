"""What SmartMoving holds, read for its answers: customers of a range of days, and single opportunities."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from webapp.sandbox.smartmoving.paging import Page

ANY_JOB = """id IN (SELECT o.customer_id FROM smartmoving_opportunities o
    JOIN smartmoving_jobs j ON j.opportunity_id = o.id
    WHERE NOT o.is_gone AND NOT j.is_gone AND j.day BETWEEN ? AND ?)"""


def customers(
    db: sqlite3.Connection, first: date | None, last: date | None, page: Page
) -> tuple[int, list[sqlite3.Row]]:
    """How many customers have any job from `first` to `last`, and a page of them ordered by name.

    Without either day: all customers.
    """
    condition, values = "1", []
    if first or last:
        condition, values = ANY_JOB, [(first or date.min).isoformat(), (last or date.max).isoformat()]
    total = db.execute(f"SELECT count(*) FROM smartmoving_customers WHERE {condition}", values).fetchone()[0]
    rows = db.execute(
        f"SELECT * FROM smartmoving_customers WHERE {condition} ORDER BY name COLLATE NOCASE, id LIMIT ? OFFSET ?",
        [*values, page.size, page.offset],
    ).fetchall()
    return int(total), rows


def opportunities(db: sqlite3.Connection, customer_ids: Sequence[str]) -> dict[str, list[sqlite3.Row]]:
    """All that these customers ever asked for, oldest first, by customer."""
    found = db.execute(
        f"SELECT * FROM smartmoving_opportunities WHERE customer_id IN ({_marks(customer_ids)}) AND NOT is_gone "
        "ORDER BY quote",
        customer_ids,
    )
    return _grouped(found, "customer_id")


def jobs(db: sqlite3.Connection, opportunity_ids: Sequence[str]) -> dict[str, list[sqlite3.Row]]:
    """Their jobs in order, by opportunity."""
    found = db.execute(
        f"SELECT * FROM smartmoving_jobs WHERE opportunity_id IN ({_marks(opportunity_ids)}) AND NOT is_gone "
        "ORDER BY opportunity_id, place",
        opportunity_ids,
    )
    return _grouped(found, "opportunity_id")


def by_id(db: sqlite3.Connection, table: str, number: str | None) -> sqlite3.Row | None:
    """A row of smartmoving_customers, _branches, _opportunities or _jobs."""
    found: sqlite3.Row | None = db.execute(f"SELECT * FROM smartmoving_{table} WHERE id = ?", (number,)).fetchone()
    return found


def _grouped(rows: Iterable[sqlite3.Row], column: str) -> dict[str, list[sqlite3.Row]]:
    found: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
