"""Where a company stands with SmartMoving: what it waits for, when names were last read, which zones its day has."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import Location
from webapp.db import db
from webapp.journeys.models import DataSource
from webapp.smartmoving.ledger import lock_state
from webapp.smartmoving.models import SmartMovingState


@dataclass(frozen=True)
class State:
    """A company's row of `SmartMovingState`, or what holds before there is one."""

    branches_at: datetime | None = None
    service_types_at: datetime | None = None
    hold_until: datetime | None = None
    hold_reason: str = ""
    probed_at: datetime | None = None
    probe_is_good: bool | None = None
    probe_text: str = ""

    def is_held(self, moment: datetime) -> bool:
        """Whether scheduled runs wait."""
        return self.hold_until is not None and moment < self.hold_until


def state_of(company_id: int) -> State:
    """Where the company stands now."""
    table = SmartMovingState
    row = db.session.execute(
        select(
            table.branches_at,
            table.service_types_at,
            table.hold_until,
            table.hold_reason,
            table.probed_at,
            table.probe_is_good,
            table.probe_text,
        ).where(table.company_id == company_id)
    ).one_or_none()
    return State(*row) if row else State()


def note(session: Session, company_id: int, **values: Any) -> None:
    """Write columns of the company's row, which is made when missing."""
    lock_state(session, company_id)
    session.execute(update(SmartMovingState).where(SmartMovingState.company_id == company_id).values(**values))


def zones_of(company_id: int, default: tzinfo) -> list[tzinfo]:
    """The zones of the company's branches; `default` for those that have none, and where there is no branch."""
    names = db.session.scalars(
        select(Location.timezone)
        .where(Location.company_id == company_id, Location.data_source == DataSource.SMARTMOVING)
        .distinct()
    )
    return [ZoneInfo(name) if name else default for name in names] or [default]
