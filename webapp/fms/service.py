"""Settling an uncertain operation by hand: check again, it is in FMS under a number, it is not in FMS."""

from enum import StrEnum

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.db import close_reading, db
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.fms.client import fms
from webapp.fms.exchange import Ended, finish
from webapp.fms.models import Kind, Operation, State
from webapp.fms.outcomes import Fate, Outcome
from webapp.fms.recovery import Report, recover
from webapp.fms.schemas import LARGEST_NUMBER


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
        checked = _number(number)
        _refuse_if_elsewhere(operation_id, checked)
        return finish(operation_id, Outcome(Fate.CONFIRMED, f"Requested in FMS (#{checked})", checked))
    by_hand = f"by {actor.name}, who looked in FMS."
    if verdict is Verdict.PRESENT:
        return finish(operation_id, Outcome(Fate.BY_HAND, f"FMS still holds this request, settled {by_hand}"))
    if kind is Kind.DELETE:
        return finish(operation_id, Outcome(Fate.CONFIRMED, "Removed from FMS"))
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


def _number(number: int | None) -> int:
    if number is None or not 0 < number < LARGEST_NUMBER:
        raise _wrong_number("Enter the number that FMS shows for this request.", "invalid")
    return number


def _refuse_if_elsewhere(operation_id: int, number: int) -> None:
    """Where FMS lets us look, a number is not taken on trust: it would colour a bar, and later be deleted."""
    reference = db.session.get_one(Operation, operation_id).reference
    close_reading()
    found = fms().look_up()
    if found is None:
        return
    request = next((one for one in found if one.request_id == number), None)
    if request is None or request.is_dead:
        raise _wrong_number(f"FMS shows no open request #{number}.", "no_such_request")
    if request.reference not in ("", reference):
        raise _wrong_number(f"Request #{number} is another loan's.", "number_taken")


def _wrong_number(sentence: str, code: str) -> InvalidInput:
    return InvalidInput(sentence, fields={"number": sentence}, code=code)
