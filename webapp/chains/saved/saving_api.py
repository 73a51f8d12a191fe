"""JSON of saving a chain (interface.md): slots as suggested become green loans, and are requested where asked."""

import uuid

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Kind
from webapp.chains.shapes import ChainRemark, SavedChainJson
from webapp.chains.solving.slots import MOST_LOANS
from webapp.declared import declares
from webapp.errors import InvalidInput
from webapp.jsonapi import Day, Input, RowId, read_body
from webapp.loans import queries, service
from webapp.loans.api import run_to_the_end
from webapp.loans.errors import BrokenChain
from webapp.loans.models import BatchKind
from webapp.loans.service import LoanWish

api = Blueprint("chains_saving_api", __name__, url_prefix="/api/chains")
# On whose chain each loan has which in common, and how it is called.
IN_COMMON = {Kind.PARTNER: ("person_id", "partner"), Kind.VEHICLE: ("vin", "vehicle")}


class WishedSlot(BaseModel):
    """A loan of the chain. What else the suggestion said of it is not looked at: the rules are asked again."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    vin: str = Field(min_length=1, max_length=17)
    person_id: RowId
    start_day: Day
    end_day: Day


class NewChain(Input):
    """A chain to save, with its slots as suggested. `request`: ask FMS for each loan once all are saved."""

    kind: Kind
    # A name holds no NUL, and PostgreSQL would not even compare it with one.
    office: str = Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")
    slots: list[WishedSlot] = Field(min_length=1, max_length=MOST_LOANS)
    request: bool = Field(False, strict=True)


@api.post("")
@requires(Permission.PLAN_LOANS)
@declares({201: SavedChainJson}, body=NewChain, refuses=(404, 409))
def save_chain() -> tuple[Response, int]:
    """Save all loans of the chain, or none; with `request`, answer when FMS has been asked for every one.

    The loans are saved whatever FMS says then: how each ended is in `batch`. What the rules say without forbidding
    it is in `warnings`.
    """
    actor, wanted = current_actor(), read_body(NewChain)
    _refuse_mixed(wanted)
    chain_id = str(uuid.uuid4())
    try:
        planned = service.plan_all(
            actor,
            office=wanted.office,
            wishes=[LoanWish(slot.vin, slot.person_id, slot.start_day, slot.end_day) for slot in wanted.slots],
            chain_id=chain_id,
        )
    except BrokenChain as broken:
        broken.details["fields"] = _fields(broken)
        raise
    ids = [one.assignment_id for one in planned]
    batch = run_to_the_end(actor, BatchKind.REQUEST, ids) if wanted.request else None
    loans = [loan.as_json() for loan in queries.loans_of_chain(actor, chain_id)]
    warnings = [
        ChainRemark(assignment_id=one.assignment_id, code=finding.code, text=finding.text)
        for one in planned
        for finding in one.warnings
    ]
    saved = SavedChainJson(chain_id=chain_id, assignments=loans, warnings=warnings)
    if batch is not None:
        saved["batch"] = batch
    return jsonify(saved), 201


def _fields(broken: BrokenChain) -> dict[str, str]:
    """What binds, by the member of the body that would have to be another: `slots.0.start_day`."""
    said: dict[str, list[str]] = {}
    for place, findings in broken.findings_by_loan.items():
        for one in findings:
            said.setdefault(f"slots.{place}.{one.field}".rstrip("."), []).append(one.text)
    return {name: " ".join(texts) for name, texts in said.items()}


def _refuse_mixed(wanted: NewChain) -> None:
    member, word = IN_COMMON[wanted.kind]
    values = {str(getattr(slot, member)).strip().upper() for slot in wanted.slots}
    if len(values) > 1:
        sentence = f"A chain of kind “{wanted.kind}” is of one {word}; these slots name {len(values)}."
        raise InvalidInput(sentence, fields={f"slots.{member}": sentence})
