"""Whether the audit log tells the whole story: what it says of a thing, put together, is how the thing stands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bench.soak.journal import Entry
from bench.soak.world import Row, World

LOAN, JOURNEY = "loan", "journey"


def audit_incomplete(world: World, entries: Sequence[Entry]) -> Iterator[str]:
    """What the audit log says of each loan and journey, put together, is how it stands."""
    for subject, rows in ((LOAN, world.loans), (JOURNEY, world.journeys)):
        told = [entry for entry in world.audit if entry["subject"] == subject]
        if told:
            yield from _differing(subject, rows, told)


def _differing(subject: str, rows: Mapping[int, Row], told: Sequence[Row]) -> Iterator[str]:
    folded: dict[int, dict[str, Any] | None] = {}
    for entry in told:
        number, after = entry["subject_id"], entry["after"]
        standing = folded.get(number)
        if entry["before"] is not None and standing is not None:
            for name, value in entry["before"].items():
                if name in standing and standing[name] != value:
                    yield f"{subject} {number}: entry {entry['id']} has {name} {value!r} before, not {standing[name]!r}"
        folded[number] = None if after is None else {**(standing or {}), **after}
    for number, standing in sorted(folded.items()):
        row = rows.get(number)
        if (standing is None) != (row is None):
            yield f"{subject} {number} is {'there' if row else 'gone'}, and the audit log says otherwise"
        elif standing is not None and row is not None:
            for name, value in standing.items():
                if name in row and _as_json(row[name]) != value:
                    yield f"{subject} {number}: {name} is {_as_json(row[name])!r}, and the audit log says {value!r}"


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
