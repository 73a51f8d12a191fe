"""Settling an uncertain operation by hand: check again, it is in FMS under a number, it is not in FMS."""

from enum import StrEnum

from sqlalchemy import select

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import close_reading, db
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.fms.exchange import Ended, finish
from webapp.fms.models import Kind, Operation, State
from webapp.fms.outcomes import Fate, Outcome
from webapp.fms.recovery import Report, recover


class Verdict(StrEnum):
    """What a person says of an uncertain operation after looking at FMS."""

    CHECK = "check"
    PRESENT = "present"
    ABSENT = "absent"


class AlreadySettled(Refusal):
    """There is nothing left to settle, or not yet."""

    code = "settled"


def settle(actor: Actor, operation_id: int, verdict: Verdict, number: int | None = None) -> Ended | Report:
    """Settle an uncertain operation. `number` is FMS's, needed for a create that is `PRESENT`.

    Whoever may plan loans of its office may do this. Raises `NotFound`, `AlreadySettled`, `InvalidInput`.
    """
    actor.require(Permission.PLAN_LOANS)
    kind = _uncertain(actor, operation_id)
    if verdict is Verdict.CHECK:
        return recover(only=operation_id)
    if verdict is Verdict.PRESENT and kind is Kind.CREATE:
        checked = _number(number, operation_id)
        return finish(operation_id, Outcome(Fate.ACCEPTED, f"Requested in FMS (#{checked})", checked))
    by_hand = f"by {actor.name}, who looked in FMS."
    if verdict is Verdict.PRESENT:
        return finish(operation_id, Outcome(Fate.BY_HAND, f"FMS still holds this request, settled {by_hand}"))
    if kind is Kind.DELETE:
        return finish(operation_id, Outcome(Fate.ACCEPTED, "Removed from FMS"))
    return finish(operation_id, Outcome(Fate.BY_HAND, f"FMS does not have this request, settled {by_hand}"))


def _uncertain(actor: Actor, operation_id: int) -> Kind:
    operation = db.session.get(Operation, operation_id)
    if operation is None or not actor.reaches(operation.company_id, operation.office):
        raise NotFound("There is no such operation, or you may not see it.")
    state, kind = State(operation.state), Kind(operation.kind)
    close_reading()
    if state is State.SENDING:
        raise AlreadySettled("This is being sent right now. Wait for FMS's answer.", code="sending")
    if state is not State.UNCERTAIN:
        raise AlreadySettled("This has been settled meanwhile.")
    return kind


def _number(number: int | None, operation_id: int) -> int:
    if number is None or not 0 < number < 10**12:
        sentence = "Enter the number that FMS shows for this request."
        raise InvalidInput(sentence, fields={"number": sentence})
    taken = db.session.scalar(
        select(Operation.label)
        .where(Operation.kind == Kind.CREATE, Operation.fms_request_id == number, Operation.id != operation_id)
        .limit(1)
    )
    close_reading()
    if taken is not None:
        sentence = f"Request #{number} already belongs to {taken}."
        raise InvalidInput(sentence, fields={"number": sentence}, code="number_taken")
    return number
