"""A saved chain as the beginning of another: copied to another partner, vehicle or date, or gone on with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.calendar.forms import partner_choices, read_day, read_number, vehicle_choices
from webapp.calendar.reading import today_at
from webapp.chains.asking import Kind
from webapp.chains.drafting import copies as draft_copies
from webapp.chains.saved.answers import refused
from webapp.chains.saved.chain import SavedChain
from webapp.chains.saved.page import GONE
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.fleet.names import short_vin
from webapp.htmx import go_to, is_fragment
from webapp.loans import queries
from webapp.loans.periods import next_weekday

blueprint = Blueprint("chain_copies", __name__, url_prefix="/chains/<uuid:chain_id>")
Groups = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True)
class CopyForm:
    """What the form prints: for whom (`who` is its field's name), and when the first loan starts. Faults by field."""

    address: str
    back: str
    title: str
    who: str
    label: str
    groups: Groups
    values: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("/copy")
@requires(Permission.PLAN_LOANS)
def copy_form(chain_id: UUID) -> ResponseReturnValue:
    """The form that copies a chain, filled with its own partner or vehicle."""
    actor = current_actor()
    return _show(_form(actor, _chain(actor, chain_id), {}))


@blueprint.post("/copy")
@requires(Permission.PLAN_LOANS)
def copy(chain_id: UUID) -> Response:
    """Begin a draft like this chain, and open it in the builder. The chain itself stays as it is."""
    actor = current_actor()
    chain = _chain(actor, chain_id)
    try:
        (person_id, vin), start = _who(chain), read_day(request.form.get("start", ""))
        if start is None:
            sentence = "Give the day on which the first loan starts."
            raise InvalidInput(sentence, fields={"start": sentence})
        draft_id = draft_copies.copy(actor, chain.chain_id, person_id=person_id, vin=vin, start=start)
    except Refusal as refusal:
        return _show(_form(actor, chain, request.form, refusal), refusal.status)
    return go_to(f"/chains?draft={draft_id}")


@blueprint.post("/continue")
@requires(Permission.PLAN_LOANS)
def go_on(chain_id: UUID) -> Response:
    """Begin a draft that goes on after the chain's last loan; what is saved from it joins the chain."""
    actor = current_actor()
    try:
        draft_id = draft_copies.continue_chain(actor, str(chain_id))
    except Refusal as refusal:
        return refused(actor, str(chain_id), refusal)
    return go_to(f"/chains?draft={draft_id}")


def _who(chain: SavedChain) -> tuple[int | None, str | None]:
    """The partner, or on a vehicle chain the vehicle, that the form names. Raises `InvalidInput`."""
    if chain.kind is Kind.VEHICLE:
        vin = request.form.get("vin", "").strip()[:17].upper()
        if not vin:
            raise InvalidInput("Choose a vehicle.", fields={"vin": "Choose a vehicle."})
        return None, vin
    person_id = read_number(request.form.get("person_id", ""))
    if person_id is None:
        raise InvalidInput("Choose a partner.", fields={"person_id": "Choose a partner."})
    return person_id, None


def _chain(actor: Actor, chain_id: UUID) -> SavedChain:
    loans = queries.loans_of_chain(actor, str(chain_id))
    if not loans:
        raise NotFound(GONE)
    return SavedChain(str(chain_id), tuple(loans))


def _form(actor: Actor, chain: SavedChain, given: Mapping[str, str], refusal: Refusal | None = None) -> CopyForm:
    first = chain.loans[0]
    start = next_weekday(max(chain.start_day, today_at(actor, chain.office)))
    is_of_partner = chain.kind is Kind.PARTNER
    who, own_key = ("person_id", str(first.person_id)) if is_of_partner else ("vin", first.vin)
    if is_of_partner:
        groups: Groups = partner_choices(actor, chain.office)
    else:
        own = (first.vin, f"{first.vehicle_name} {short_vin(first.vin)}")
        groups = (("", vehicle_choices(actor, chain.office, also=own)),)
    return CopyForm(
        address=f"/chains/{chain.chain_id}/copy",
        back=f"/chains/{chain.chain_id}",
        title=f"Copy the chain: {chain.title}",
        who=who,
        label="Partner" if is_of_partner else "Vehicle",
        groups=groups,
        values={
            "who": given.get(who, own_key),
            "start": given.get("start", start.isoformat()),
        },
        faults=_faults(refusal),
    )


def _faults(refusal: Refusal | None) -> dict[str, str]:
    if refusal is None:
        return {}
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {}
    return dict(fields) if fields and fields.keys() <= {"person_id", "vin", "start"} else {"": refusal.sentence}


def _show(form: CopyForm, status: int = 200) -> Response:
    template = "chains/_saved_copy.html" if is_fragment() else "chains/saved_form.html"
    return make_response(render_template(template, form=form, what="copy"), status)
