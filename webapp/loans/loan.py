"""One loan at hand: found and locked, told by name, refused where it is stale or in the wrong state."""

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from webapp import clock
from webapp.accounts.actor import Actor, in_company
from webapp.dates import shown
from webapp.db import is_writing
from webapp.errors import NotFound
from webapp.fleet.models import Vehicle
from webapp.fms.ledger import is_open
from webapp.loans.errors import Stale, StateForbids
from webapp.loans.facts import full_name
from webapp.loans.history import told_since
from webapp.loans.models import Assignment
from webapp.loans.periods import Period
from webapp.loans.states import GREEN, LOAN, Status

WHY_NOT = {
    Status.REQUESTED: "FMS holds a request for this loan. Unrequest it first, then change it and request it again.",
    Status.ACTIVE: "FMS has approved this loan. It can only be changed in FMS.",
    Status.COMPLETED: "This loan is over.",
    Status.CANCELLED: "FMS has cancelled this loan.",
}


def loan_for(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """The loan; in a writing transaction, locked until that ends. Raises `NotFound` where it is out of scope."""
    statement = select(Assignment).where(Assignment.id == assignment_id, in_company(actor, Assignment.company_id))
    if is_writing(session):
        statement = statement.with_for_update().execution_options(populate_existing=True)
    loan = session.scalar(statement)
    if loan is None or not actor.reaches(loan.company_id, loan.office):
        raise NotFound("This loan does not exist any more, or you may not see it.")
    return loan


def refuse_stale(loan: Assignment, version: int | None) -> None:
    """Raise `Stale` where the person looked at an older picture of the loan."""
    if version is not None and version != loan.version:
        session = object_session(loan)
        assert session is not None
        raise Stale("This loan has been changed since you looked at it.", told_since(session, loan, version))


def refuse_unless_green(loan: Assignment) -> None:
    """Raise `StateForbids` for a loan that FMS knows of, or that is over: it is not ours to change."""
    if loan.status not in GREEN:
        raise StateForbids(WHY_NOT[Status(loan.status)], code=loan.status)


def is_under_way(session: Session, assignment_id: int) -> bool:
    """Whether something asked of FMS for this loan is still without an outcome."""
    return is_open(session, LOAN, assignment_id)


def touch(loan: Assignment) -> None:
    """Note that the loan changed, so that older pictures of it are noticed."""
    loan.version += 1
    loan.updated_at = clock.now()


def label_of(session: Session, loan: Assignment) -> str:
    """`Audi A3 …SA051916 for Coastline Auto, 11-26-26 to 12-03-26`."""
    vehicle = session.get_one(Vehicle, loan.fleet_vehicle_id)
    return label(vehicle, loan.partner_name, Period(loan.start_day, loan.end_day))


def label(vehicle: Vehicle, partner_name: str, period: Period) -> str:
    """The same, of a loan that is yet to be written."""
    return label_from(full_name(vehicle), partner_name, period)


def label_from(vehicle_name: str, partner_name: str, period: Period) -> str:
    """How a loan is called, wherever its parts were read; names of any length leave room for the days."""
    return f"{vehicle_name[:180]} for {partner_name[:180]}, {shown(period.start_day)} to {shown(period.end_day)}"
