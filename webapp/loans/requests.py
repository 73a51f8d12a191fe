"""Requesting and removing loans in FMS: check and write the intention, call, write the outcome.

Three transactions at the most, and FMS is never called inside one. `Result` is what every door (page, JSON,
bulk, chain) answers from.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from flask import current_app
from sqlalchemy.orm import Session

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import close_reading, db, writing
from webapp.errors import Refusal
from webapp.fleet.models import Vehicle
from webapp.fleet.names import vehicle_name
from webapp.fms import ledger
from webapp.fms.exchange import Ended, carry_out
from webapp.fms.ledger import Subject
from webapp.fms.models import Kind, State
from webapp.fms.schemas import VehicleRequest
from webapp.loans import deeds, service
from webapp.loans.checks import Change, partner_for, require_reach_of, wished
from webapp.loans.errors import BrokenRule, Missing, StateForbids
from webapp.loans.facts import full_name
from webapp.loans.loan import label_of, loan_for, refuse_stale
from webapp.loans.models import Assignment
from webapp.loans.rules import Facts, Finding, Severity, assess
from webapp.loans.states import GREEN, LOAN, Status

NO_REQUESTOR = "No FMS user ID is set on your profile. Ask an administrator to add it under Users."
REMOVE = "remove"


class How(StrEnum):
    """How an action ended."""

    DONE = "done"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True)
class Result:
    """How an action on a loan ended: the sentence for the person, and what programs need."""

    assignment_id: int
    how: How
    message: str
    code: str = ""
    fms_request_id: int | None = None
    fms_action: Kind | None = None
    old_status: Status | None = None
    new_status: Status | None = None
    is_deleted: bool = False
    warnings: tuple[Finding, ...] = ()

    @property
    def http_status(self) -> int:
        """200 done, 202 FMS did not confirm, 502 FMS refused or failed."""
        return {How.DONE: 200, How.UNCERTAIN: 202, How.FAILED: 502}[self.how]


def request(actor: Actor, assignment_id: int, *, version: int | None = None, batch_id: str | None = None) -> Result:
    """Ask FMS for a green loan. Raises a `Refusal` where nothing may be sent (it is in the ledger too)."""

    def intend(session: Session, loan: Assignment) -> int:
        _refuse_unless_green(loan)
        refuse_stale(loan, version)
        wanted = _prepared(session, loan, actor)
        reference = ledger.new_reference()
        subject = _subject(session, loan)
        operation = ledger.open_create(
            session,
            subject,
            actor,
            requestor_id=wanted.requestor_id,
            body=wanted.body(reference),
            reference=reference,
            purpose=str(loan.fleet_vehicle_id),
            batch_id=batch_id,
        )
        return operation.id

    return _act(actor, assignment_id, Kind.CREATE, intend, batch_id)


def unrequest(
    actor: Actor,
    assignment_id: int,
    *,
    to: Status | None = None,
    version: int | None = None,
    batch_id: str | None = None,
) -> Result:
    """Take the request back in FMS; the loan becomes the green it was, or `to`. Raises a `Refusal`."""

    def intend(session: Session, loan: Assignment) -> int:
        refuse_stale(loan, version)
        return _open_removal(session, loan, actor, to or Status(loan.green_status), batch_id)

    return _act(actor, assignment_id, Kind.DELETE, intend, batch_id)


def delete(actor: Actor, assignment_id: int, *, version: int | None = None, batch_id: str | None = None) -> Result:
    """Delete a loan, and its request in FMS where there is one. Raises a `Refusal`."""
    if _status_of(actor, assignment_id) != Status.REQUESTED:
        return _delete_green(actor, assignment_id, version, batch_id)

    def intend(session: Session, loan: Assignment) -> int:
        refuse_stale(loan, version)
        return _open_removal(session, loan, actor, REMOVE, batch_id)

    return _act(actor, assignment_id, Kind.DELETE, intend, batch_id)


def replace_requested(actor: Actor, assignment_id: int, wish: Change, *, remark: str = "") -> Result:
    """Unrequest, change and request again, as one confirmed step.

    The change is checked before anything is taken back. Where FMS then refuses the new request, the loan stays
    green and changed, with the reason. Raises a `Refusal`.
    """
    actor.require(Permission.PLAN_LOANS)
    refuse_hopeless(actor, assignment_id, wish)
    step_id = deeds.new_step()
    removed = unrequest(actor, assignment_id, batch_id=step_id)
    if removed.how is not How.DONE:
        return removed
    wish = replace(wish, version=None)
    changed = service.change(actor, assignment_id, wish, remark=remark, step_id=step_id)
    result = request(actor, assignment_id, batch_id=step_id)
    return Result(**{**vars(result), "warnings": changed.warnings, "old_status": removed.old_status})


def refuse_hopeless(actor: Actor, assignment_id: int, wish: Change) -> None:
    """Raise the `Refusal` with which the loan, once changed, could not be requested; asked before FMS is."""
    loan = loan_for(db.session(), actor, assignment_id)
    refuse_stale(loan, wish.version)
    # Said first: whoever may not ask FMS at all need not read of rules.
    _requestor_of(actor)
    facts, vehicle, _name = wished(db.session(), loan, wish)
    require_reach_of(actor, loan, wish, vehicle)
    refuse_unaskable(actor, facts)


def refuse_unaskable(actor: Actor, facts: Facts) -> None:
    """Raise the `Refusal` for what FMS may not be asked: a rule that binds, a start in the past, a number missing."""
    _requestor_of(actor)
    _refuse_broken(facts)
    if facts.vehicle.vehicle_id is None:
        raise _without_id(facts.vehicle.name)


def set_status(actor: Actor, assignment_id: int, status: Status) -> Result:
    """Bring a loan to `requested`, `manual` or `planned` by whatever that takes. Raises a `Refusal`."""
    old = _status_of(actor, assignment_id)
    if status == Status.REQUESTED:
        return request(actor, assignment_id)
    if status not in GREEN:
        raise Missing("A loan can be set to requested, manual or planned.", code="invalid")
    if old == Status.REQUESTED:
        return unrequest(actor, assignment_id, to=status)
    service.recolour(actor, assignment_id, status)
    return Result(assignment_id, How.DONE, "Changed.", old_status=old, new_status=status)


def _act(
    actor: Actor,
    assignment_id: int,
    kind: Kind,
    intend: Callable[[Session, Assignment], int],
    batch_id: str | None,
) -> Result:
    """Write the intention, call FMS, read how the loan stands. A refused attempt is recorded and raised."""
    actor.require(Permission.PLAN_LOANS)
    refused: Refusal
    try:
        with writing() as session:
            loan = loan_for(session, actor, assignment_id)
            old_status = Status(loan.status)
            subject = _subject(session, loan)
            try:
                ledger.refuse_if_open(session, LOAN, loan.id)
                operation_id = intend(session, loan)
            except Refusal as refusal:
                refused = refusal
                raise _Refused from refusal
    except _Refused:
        requestor_id = actor.fms_user_id or current_app.extensions["settings"].fms_requestor_id
        ledger.record_refusal(subject, actor, kind, refused, requestor_id=requestor_id, batch_id=batch_id)
        raise refused from None
    return _told(assignment_id, old_status, carry_out(operation_id))


class _Refused(Exception):
    """Rolls the transaction back, so that the refusal can be recorded in one of its own."""


def _told(assignment_id: int, old_status: Status, ended: Ended) -> Result:
    loan = db.session.get(Assignment, assignment_id)
    new_status = Status(loan.status) if loan else None
    close_reading()
    how = {State.SUCCEEDED: How.DONE, State.FAILED: How.FAILED}.get(ended.state, How.UNCERTAIN)
    return Result(
        assignment_id,
        how,
        ended.sentence,
        code="" if how is How.DONE else "uncertain" if how is How.UNCERTAIN else ended.code,
        fms_request_id=ended.fms_request_id,
        fms_action=ended.kind,
        old_status=old_status,
        new_status=new_status,
        is_deleted=loan is None,
    )


def _delete_green(actor: Actor, assignment_id: int, version: int | None, batch_id: str | None) -> Result:
    old = _status_of(actor, assignment_id)
    service.remove_green(actor, assignment_id, version=version, step_id=batch_id)
    return Result(assignment_id, How.DONE, "Deleted.", old_status=old, is_deleted=True)


def _status_of(actor: Actor, assignment_id: int) -> Status:
    actor.require(Permission.PLAN_LOANS)
    status = Status(loan_for(db.session(), actor, assignment_id).status)
    close_reading()
    return status


def _refuse_unless_green(loan: Assignment) -> None:
    if loan.status == Status.REQUESTED:
        number = f" (#{loan.fms_request_id})" if loan.fms_request_id else ""
        raise StateForbids(f"This loan is already requested in FMS{number}.", code="requested")
    if loan.status not in GREEN:
        raise StateForbids(f"This loan is {loan.status}; it cannot be requested.", code=loan.status)


def _prepared(session: Session, loan: Assignment, actor: Actor) -> VehicleRequest:
    """The request for FMS, checked by every rule once more: a loan may have come in since it was planned."""
    facts, vehicle, partner_name = wished(session, loan, Change())
    _refuse_broken(facts)
    vehicle_id = _vehicle_id_of(vehicle)
    assert vehicle is not None
    partner = partner_for(session, loan)
    return VehicleRequest(
        requestor_id=_requestor_of(actor),
        vehicle_id=vehicle_id,
        vehicle_name=vehicle_name(vehicle.make, vehicle.model),
        vin=vehicle.vin,
        loanee_id=loan.person_id,
        partner_name=partner_name,
        affiliation=partner.affiliation,
        subcategory_id=partner.activity_type_subcategory_id,
        start_day=loan.start_day,
        end_day=loan.end_day,
    )


def _refuse_broken(facts: Facts) -> None:
    """Raise `BrokenRule` where a rule binds, or where the loan should have started already."""
    hard = assess(facts).hard
    if not hard and facts.wanted.start_day < facts.office.today:
        text = "This loan should have started already. Change its dates, then request it."
        hard = (Finding("past", text, Severity.HARD),)
    if hard:
        raise BrokenRule(hard)


def _vehicle_id_of(vehicle: Vehicle | None) -> int:
    assert vehicle is not None
    if vehicle.vehicle_id is None:
        raise _without_id(full_name(vehicle))
    return vehicle.vehicle_id


def _without_id(name: str) -> Missing:
    return Missing(f"FMS has not given {name} a vehicle id, so it cannot be requested yet.", code="no_vehicle_id")


def _requestor_of(actor: Actor) -> int:
    requestor_id = actor.fms_user_id or current_app.extensions["settings"].fms_requestor_id
    if requestor_id is None:
        raise Missing(NO_REQUESTOR, code="no_requestor")
    return int(requestor_id)


def _open_removal(session: Session, loan: Assignment, actor: Actor, purpose: str, batch_id: str | None) -> int:
    if loan.status != Status.REQUESTED:
        raise StateForbids(f"This loan is {loan.status}; FMS holds no open request for it.", code=loan.status)
    if loan.fms_request_id is None:
        raise Missing("We do not know this request's number in FMS.", code="no_fms_id")
    operation = ledger.open_delete(
        session,
        _subject(session, loan),
        actor,
        fms_request_id=loan.fms_request_id,
        purpose=purpose,
        batch_id=batch_id,
    )
    return operation.id


def _subject(session: Session, loan: Assignment) -> Subject:
    return Subject(LOAN, loan.id, loan.company_id, loan.office, label_of(session, loan))
