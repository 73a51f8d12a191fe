"""Writing a loan that the rules allow, and what becomes of it where somebody else was quicker."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.actor import Actor
from webapp.db import writing
from webapp.errors import InvalidInput, Refusal
from webapp.fleet.models import Vehicle
from webapp.loans import deeds
from webapp.loans.history import note
from webapp.loans.loan import label
from webapp.loans.models import Assignment, DeedKind
from webapp.loans.periods import Period
from webapp.loans.rules import Finding, Severity, noted
from webapp.loans.states import GREEN, Status

OUTRUN = Finding("held", "Somebody else has just planned this vehicle for these days.", Severity.HARD, field="vin")
T = TypeVar("T")


@dataclass(frozen=True)
class Planned:
    """A loan that was written, and what the rules had to say about it without forbidding it."""

    assignment_id: int
    warnings: tuple[Finding, ...]


@dataclass(frozen=True)
class Again:
    """A deleted loan that comes back as itself: its id, with its history and notes, and a version nobody has seen."""

    assignment_id: int
    version: int


def store(
    session: Session,
    actor: Actor,
    vehicle: Vehicle,
    *,
    person_id: int,
    partner_name: str,
    office: str,
    booked: Period,
    status: Status,
    chain_id: str | None,
    warnings: tuple[Finding, ...],
    remark: str,
    step_id: str | None = None,
    is_of_run: bool = True,
    again: Again | None = None,
) -> Planned:
    """Write a loan that the rules were just asked about, its history, and the deed in its step; or one `again`.

    `is_of_run` as for `deeds.write`.
    """
    now = clock.now()
    loan = Assignment(
        id=again.assignment_id if again else None,
        version=again.version if again else 1,
        # The vehicle's own, which is not that of a SUPER_ADMIN who plans again what they deleted elsewhere.
        company_id=vehicle.company_id,
        fleet_vehicle_id=vehicle.id,
        person_id=person_id,
        partner_name=partner_name,
        office=office,
        start_day=booked.start_day,
        end_day=booked.end_day,
        status=status,
        green_status=status,
        chain_id=chain_id,
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(loan)
    session.flush()
    verb = "Planned again" if again else "Planned"
    note(session, loan.id, actor, f"{verb} {label(vehicle, partner_name, booked)}.{overruled(warnings, remark)}")
    deeds.write(session, DeedKind.PLANNED, loan, None, user_id=actor.user_id, step_id=step_id, is_of_run=is_of_run)
    return Planned(loan.id, warnings)


def overruled(warnings: tuple[Finding, ...], remark: str) -> str:
    """What the history keeps beside the deed: what the person was told, and the note they made."""
    return noted(warnings, after=" ") + (f" Note: {remark}" if remark else "")


def require_a_green(status: Status) -> None:
    """Raise `InvalidInput` for any other: nobody but FMS's own answer makes a loan magenta or blue."""
    if status not in GREEN:
        sentence = "A loan can be planned, or picked by hand."
        raise InvalidInput(sentence, fields={"status": sentence})


def guarded(write: Callable[[Session], T], explain: Callable[[], Refusal]) -> T:
    """Run `write` in its transaction; where the database's own guard was quicker than our check, raise `explain()`."""
    try:
        with writing() as session:
            return write(session)
    except DBAPIError as error:
        if "vehicle_double_booked" not in str(error.orig):
            raise
    raise explain()
