"""What people did to loans, with how each was before: written in the transaction of the deed itself.

That is enough to undo it (`undoing`), and to know of a run that was interrupted what it has done to a loan already.
"""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.db import writing
from webapp.fleet.models import Vehicle
from webapp.loans.loan import label_of
from webapp.loans.models import Assignment, Batch, BatchKind, Deed, DeedKind

# A loan as it stood: what planning, changing and requesting it as it was takes, as JSON keeps it.
State = dict[str, Any]
# How long a deed is offered to be undone, and kept for runs that were interrupted.
OFFERED, KEPT = timedelta(hours=24), timedelta(hours=48)


def new_step() -> str:
    """The name of a step: deeds that share it are undone together."""
    return str(uuid.uuid4())


def state_of(session: Session, loan: Assignment) -> State:
    """The loan as it stands, with its version."""
    return {
        "company_id": loan.company_id,
        "vin": session.get_one(Vehicle, loan.fleet_vehicle_id).vin,
        "fleet_vehicle_id": loan.fleet_vehicle_id,
        "person_id": loan.person_id,
        "partner_name": loan.partner_name,
        "office": loan.office,
        "start_day": loan.start_day.isoformat(),
        "end_day": loan.end_day.isoformat(),
        "status": str(loan.status),
        "green_status": str(loan.green_status),
        "chain_id": loan.chain_id,
        "fms_request_id": loan.fms_request_id,
        "version": loan.version,
    }


def write(
    session: Session,
    kind: DeedKind,
    loan: Assignment,
    before: State | None,
    *,
    user_id: int | None,
    step_id: str | None = None,
    is_of_run: bool = True,
) -> None:
    """Keep what somebody has just done; after `touch`, and before the loan is deleted. Nobody's deed is not kept.

    `is_of_run`: the step, if one is named, may be a bulk run, and so one that undoes.
    """
    if user_id is None:
        return
    session.add(
        Deed(
            company_id=loan.company_id,
            user_id=user_id,
            step_id=step_id or new_step(),
            assignment_id=loan.id,
            kind=kind,
            before=before,
            version=None if kind is DeedKind.DELETED else loan.version,
            label=label_of(session, loan),
            is_undo=is_of_run and step_id is not None and _is_undo(session, step_id),
            done_at=clock.now(),
        )
    )


def of_step(session: Session, step_id: str, assignment_id: int) -> list[Deed]:
    """What was done to one loan in one step, oldest first."""
    return list(
        session.scalars(
            select(Deed).where(Deed.step_id == step_id, Deed.assignment_id == assignment_id).order_by(Deed.id)
        )
    )


def newest_step(session: Session, user_id: int | None, assignment_id: int) -> str | None:
    """The step in which this person last did something to the loan that has not been undone."""
    mine = (Deed.user_id == user_id, Deed.assignment_id == assignment_id, Deed.undone_at.is_(None))
    return session.scalar(select(Deed.step_id).where(*mine).order_by(Deed.id.desc()).limit(1))


def throw_away() -> int:
    """Delete the deeds that nobody needs any more; how many. Bears being run by several at once."""
    with writing() as session:
        old = session.scalars(delete(Deed).where(Deed.done_at < clock.now() - KEPT).returning(Deed.id))
        return len(old.all())


def _is_undo(session: Session, step_id: str) -> bool:
    return session.scalar(select(Batch.kind).where(Batch.id == step_id)) == BatchKind.UNDO
