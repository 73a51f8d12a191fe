"""What a run does once the reports are in: each step stands or falls alone, and what failed is said of the run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from webapp.db import count_rows, db, writing
from webapp.feeds.derive import derive
from webapp.feeds.reconcile import reconcile_after
from webapp.feeds.service import ImportStopped, Outcome

log = structlog.get_logger(__name__)

Confirm = Callable[[Session], None]


@dataclass(frozen=True)
class Step:
    """`work(company_id, outcomes, confirm)` calls `confirm` first in each transaction that writes."""

    name: str
    work: Callable[[int, Sequence[Outcome], Confirm], object]


STEPS: tuple[Step, ...] = (
    Step("reconciliation", reconcile_after),
    Step("derived data", lambda company_id, outcomes, confirm: derive(company_id, confirm)),
    Step("statistics", lambda company_id, outcomes, confirm: _count(confirm)),
)


def follow_up(company_id: int, outcomes: Sequence[Outcome], confirm: Confirm) -> list[str]:
    """Do every step; sentences for those that failed. Only `ImportStopped` is raised."""
    failed = []
    for step in STEPS:
        try:
            step.work(company_id, outcomes, confirm)
        except ImportStopped:
            raise
        except Exception as error:
            log.error("step failed", step=step.name, exc_info=error)
            db.session.rollback()
            failed.append(f"{step.name}: Something broke on our side. The log says why.")
    return failed


def _count(confirm: Confirm) -> None:
    with writing() as session:
        confirm(session)
        count_rows(session)
