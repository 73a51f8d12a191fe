"""The journal of SmartMoving's calls and the month's count, so that a test can hold a sync to its budget."""

import sqlite3
from datetime import UTC, date, datetime

from webapp.sandbox.faults import Fault
from webapp.sandbox.store import Store


class SmartMovingCalls:
    """Each call is written when it arrives and completed when it is answered (or broken); never the key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, target: str, path: str, today: date | None) -> tuple[int, int]:
        """Note an arrival and count it against the month of `today` (None: nobody's): (its number, the count)."""
        with self._store.writing(is_journal=True) as db:
            call = db.execute(
                "INSERT INTO smartmoving_calls (at, target, path) VALUES (?, ?, ?)",
                (datetime.now(UTC).isoformat(), target, path),
            ).lastrowid
            return int(call or 0), _count(db, today) if today else 0

    def finish(self, call: int, fault: Fault | None, status: int, ending: str) -> None:
        """What was answered; a call that is reset or left hanging has no status."""
        with self._store.writing(is_journal=True) as db:
            db.execute(
                "UPDATE smartmoving_calls SET fault = ?, status = ?, ending = ? WHERE id = ?",
                (fault.fault if fault else None, None if ending in ("reset", "hang") else status, ending, call),
            )

    def in_month(self, today: date) -> int:
        """The calls counted in the month of this day."""
        with self._store.reading() as db:
            found = db.execute("SELECT calls FROM smartmoving_months WHERE month = ?", (f"{today:%Y-%m}",)).fetchone()
        return int(found[0]) if found else 0

    def all(self) -> list[dict[str, object]]:
        """Every call since the data were filled, oldest first."""
        with self._store.reading() as db:
            return [dict(row) for row in db.execute("SELECT * FROM smartmoving_calls ORDER BY id")]

    def by_target(self) -> dict[str, dict[str, int]]:
        """How many calls each target had, by status (`none` for one that was never answered)."""
        counts: dict[str, dict[str, int]] = {}
        with self._store.reading() as db:
            for target, status, count in db.execute(
                "SELECT target, coalesce(status, 'none'), count(*) FROM smartmoving_calls GROUP BY 1, 2 ORDER BY 1, 2"
            ):
                counts.setdefault(target, {})[str(status)] = count
        return counts

    def forget(self) -> None:
        """An empty journal; the month's count stays."""
        with self._store.writing(is_journal=True) as db:
            db.execute("DELETE FROM smartmoving_calls")


def _count(db: sqlite3.Connection, today: date) -> int:
    counted = db.execute(
        "INSERT INTO smartmoving_months VALUES (?, 1) ON CONFLICT (month) DO UPDATE SET calls = calls + 1 "
        "RETURNING calls",
        (f"{today:%Y-%m}",),
    ).fetchall()
    return int(counted[0][0])
