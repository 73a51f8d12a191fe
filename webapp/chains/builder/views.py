"""The builder's page, the part of its form that depends on who is chosen, and the drop-down of a slot."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Kind
from webapp.chains.builder.cards import days_of, options_of
from webapp.chains.builder.reading import Page, read_page
from webapp.chains.builder.values import PAGE, values_in
from webapp.chains.drafting import rows as draft_rows
from webapp.chains.drafting import slots as draft_slots
from webapp.chains.looking import suggesting
from webapp.chains.saved import saving
from webapp.chains.saved.views import saved_list
from webapp.errors import NotFound
from webapp.htmx import go_to, is_fragment

blueprint = Blueprint("chains", __name__, url_prefix=PAGE)


@blueprint.get("")
@requires(Permission.VIEW_LOANS)
def page() -> ResponseReturnValue:
    """The builder: empty, with office and partner or vehicle filled in, or with a draft (`draft`) open."""
    actor = current_actor()
    draft_id = request.args.get("draft", "")
    if not draft_id:
        return show(read_page(actor, values_in(request.args.to_dict(flat=False))))
    try:
        return show(read_page(actor, draft_id=draft_id))
    except NotFound as refusal:
        if saving.is_saved(actor, draft_id):
            # One goes back from the chain, or follows an old link.
            return go_to(f"{PAGE}/{draft_id}")
        flash(refusal.sentence, "refused")
        return show(read_page(actor), refusal.status)


@blueprint.route("/form", methods=["GET", "POST"])
@requires(Permission.PLAN_LOANS)
def form() -> ResponseReturnValue:
    """The form as it has to be for the office, and the partner or vehicle, now chosen; and the facts about them.

    Without script it is posted, as the form has a token that belongs in no address.
    """
    actor = current_actor()
    values, draft_id = values_in(request.values.to_dict(flat=False)), request.values.get("draft")
    try:
        read = read_page(actor, values, draft_id)
    except NotFound:
        # Saved or discarded meanwhile: whoever acts on it is told then.
        read, draft_id = read_page(actor, values), None
    if not is_fragment():
        return show(read)
    response = make_response(render_template("chains/_form_answer.html", page=read, said=" ".join(read.form.notices)))
    if not draft_id:
        response.headers["HX-Replace-Url"] = read.form.values.address()
    return response


@blueprint.get("/drafts/<uuid:draft_id>/slots/<int:index>")
@requires(Permission.PLAN_LOANS)
def candidates(draft_id: UUID, index: int) -> ResponseReturnValue:
    """Everybody who could fill a slot: best first, then who could not, with the reason."""
    actor, of = current_actor(), str(draft_id)
    draft = draft_rows.read(actor, of)
    ask, slots, picks = draft.ask, draft_slots.slots_of(draft.places), draft_slots.picks_of(draft.places)
    slot = next((slot for slot in slots if slot.index == index), None)
    if slot is None:
        raise NotFound(f"There is no loan {index} in this chain any more.")
    return render_template(
        "chains/_candidates.html" if is_fragment() else "chains/candidates.html",
        draft_id=of,
        version=draft.version,
        address=f"{PAGE}/drafts/{of}/slots/{index}",
        index=index,
        is_filled=index in picks,
        title=f"Loan {index} · {days_of(slot)}",
        things="vehicles" if ask.kind is Kind.PARTNER else "partners",
        options=options_of(
            ask, slot, suggesting.candidates(actor, ask, slots, picks, index), picks.get(index), draft.id
        ),
    )


def show(read: Page, status: int = 200) -> Response:
    """The whole page, the list of saved chains at its end."""
    body = render_template("chains/builder.html", page=read, saved_list=saved_list(current_actor()))
    return make_response(body, status)
