"""Writing a bulk run before anything of it is done: a row for each loan, in the order in which they are begun."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.errors import InvalidInput
from webapp.loans.deeds import State
from webapp.loans.models import Batch, BatchKind, BatchRow, RowState

MOST = 100
# These write beforehand where each loan is to end; the others say it with their kind.
BRINGING = frozenset({BatchKind.MOVE, BatchKind.UNDO, BatchKind.REDO})


@dataclass(frozen=True)
class RowToBe:
    """A loan that a run is to be begun over; what `BatchRow` says of `wanted`, `version` and `queue`."""

    assignment_id: int
    label: str
    wanted: State | None = None
    version: int | None = None
    queue: str | None = None


def require_some(assignment_ids: Sequence[int]) -> list[int]:
    """The loans, each once. Raises `InvalidInput` for none or more than 100."""
    ids = list(dict.fromkeys(assignment_ids))
    if not ids:
        raise InvalidInput("Choose at least one loan.", fields={"assignment_ids": "none chosen"})
    if len(ids) > MOST:
        sentence = f"At most {MOST} loans go in one run; you chose {len(ids)}."
        raise InvalidInput(sentence, fields={"assignment_ids": sentence})
    return ids


def write(
    session: Session,
    actor: Actor,
    kind: BatchKind,
    rows: Sequence[RowToBe],
    *,
    days: int | None = None,
    undoes: str | None = None,
    dismissed_at: datetime | None = None,
) -> str:
    """Write a run, none of it started; its id. `dismissed_at`: its report is never shown."""
    assert actor.user_id is not None
    batch_id, now = str(uuid.uuid4()), clock.now()
    session.add(
        Batch(
            id=batch_id,
            company_id=actor.company_id,
            user_id=actor.user_id,
            kind=kind,
            days=days,
            undoes=undoes,
            created_at=now,
            beat_at=now,
            dismissed_at=dismissed_at,
        )
    )
    session.flush()
    session.add_all(
        BatchRow(
            batch_id=batch_id,
            position=position,
            assignment_id=row.assignment_id,
            label=row.label,
            wanted=row.wanted,
            version=row.version,
            queue=row.queue,
            state=RowState.WAITING,
        )
        for position, row in enumerate(rows)
    )
    return batch_id
