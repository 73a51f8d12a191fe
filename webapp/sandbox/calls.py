"""The journal of REST calls, so that a test can count what really reached FMS and what FMS did with it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from webapp.sandbox.faults import Fault
from webapp.sandbox.store import Store


class CallJournal:
    """Each call is written when it arrives and completed when it is answered (or broken)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, method: str, path: str, body: object, fault: Fault | None) -> int:
        """Note an arrival; `reference` and `requestor_id` are taken from a create body."""
        fields = body.get("request") if isinstance(body, Mapping) else None
        fields = fields if isinstance(fields, Mapping) else {}
        reference, requestor = fields.get("requestor_notes"), fields.get("requestor_id")
        with self._store.writing(is_journal=True) as db:
            return int(
                db.execute(
                    "INSERT INTO calls (at, method, path, reference, requestor_id, fault) VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        datetime.now(UTC).isoformat(),
                        method,
                        path,
                        str(reference) if reference else None,
                        requestor if isinstance(requestor, int) else None,
                        fault.fault if fault else None,
                    ),
                ).lastrowid
                or 0
            )

    def note(self, call: int, *, applied: bool) -> None:
        """Whether FMS carried the call out."""
        with self._store.writing(is_journal=True) as db:
            db.execute("UPDATE calls SET applied = ? WHERE id = ?", (applied, call))

    def finish(self, call: int, status: int, ending: str) -> None:
        """What was answered; a call that is reset or left hanging has no status."""
        with self._store.writing(is_journal=True) as db:
            db.execute(
                "UPDATE calls SET status = ?, ending = ? WHERE id = ?",
                (None if ending in ("reset", "hang") else status, ending, call),
            )

    def all(self) -> list[dict[str, object]]:
        """Every call since the data were filled, oldest first."""
        with self._store.reading() as db:
            rows = db.execute("SELECT * FROM calls ORDER BY id").fetchall()
        return [dict(row) | {"applied": bool(row["applied"])} for row in rows]
