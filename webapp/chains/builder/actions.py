"""What can be done on the builder's page, as forms: each answers with the regions that changed, or goes back to it."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.chains.asking import Ask, Kind
from webapp.chains.builder.answers import answer, form_refused, gone, refused
from webapp.chains.builder.reading import held_until, read_page
from webapp.chains.builder.values import PAGE, Values, ask_of, day_in, number_in, values_in, values_of
from webapp.chains.drafting import drafts
from webapp.chains.drafting import queries as draft_queries
from webapp.chains.drafting import rows as draft_rows
from webapp.chains.saved import saving
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.htmx import go_to, is_by_htmx

blueprint = Blueprint("chains_drafts", __name__, url_prefix=f"{PAGE}/drafts")


@blueprint.post("")
@requires(Permission.PLAN_LOANS)
def ask() -> ResponseReturnValue:
    """What the form asks for: a suggestion, in the open draft (`draft`, `version`) where it is its chain; or slots
    to fill by hand, which are always a new draft.
    """
    actor, values = current_actor(), values_in(request.form.to_dict(flat=False))
    open_id = _open_draft()
    try:
        wanted = ask_of(values)
        if request.form.get("how") == "hand":
            draft_id = drafts.create(actor, wanted, suggest=False)
        elif open_id and draft_rows.read(actor, open_id).ask.office == wanted.office:
            draft_id = drafts.suggest(actor, open_id, _version(), wanted)
        else:
            draft_id = drafts.create(actor, wanted, suggest=True)
    except Refusal as refusal:
        return form_refused(actor, values, open_id, refusal)
    return answer(actor, draft_id, form_too=True, is_new=draft_id != open_id)


@blueprint.post("/<uuid:draft_id>/ask")
@requires(Permission.PLAN_LOANS)
def switch(draft_id: UUID) -> ResponseReturnValue:
    """Ask again with one wish changed: what a banner or a reason offers."""

    def act(actor: Actor, of: str, version: int) -> str:
        return drafts.suggest(actor, of, version, _switched(draft_queries.opened(actor, of).ask))

    return on_draft(draft_id, act, form_too=True)


@blueprint.post("/<uuid:draft_id>/suggest")
@requires(Permission.PLAN_LOANS)
def suggest_rest(draft_id: UUID) -> ResponseReturnValue:
    """Fill the empty loans; what is in the others stays."""
    return on_draft(draft_id, lambda actor, of, version: drafts.suggest(actor, of, version, only_empty=True))


@blueprint.post("/<uuid:draft_id>/add")
@requires(Permission.PLAN_LOANS)
def add(draft_id: UUID) -> ResponseReturnValue:
    """One more loan, empty, after the last."""
    return on_draft(draft_id, drafts.add, form_too=True)


@blueprint.post("/<uuid:draft_id>/slots/<int:index>/pick")
@requires(Permission.PLAN_LOANS)
def pick(draft_id: UUID, index: int) -> ResponseReturnValue:
    """Put what was chosen (`key`: a VIN, or a partner's number) into the loan."""

    def act(actor: Actor, of: str, version: int) -> None:
        drafts.pick(actor, of, version, index, _key(draft_queries.opened(actor, of).ask))

    return on_draft(draft_id, act, slot=index)


@blueprint.post("/<uuid:draft_id>/slots/<int:index>/days")
@requires(Permission.PLAN_LOANS)
def days(draft_id: UUID, index: int) -> ResponseReturnValue:
    """Give the loan other days; those after it follow."""

    def act(actor: Actor, of: str, version: int) -> None:
        start, end = day_in(request.form.get("start_day", "")), day_in(request.form.get("end_day", ""))
        if start is None or end is None:
            raise InvalidInput("Give the day it goes out and the day it comes back.")
        drafts.set_days(actor, of, version, index, start, end)

    return on_draft(draft_id, act, slot=index)


@blueprint.post("/<uuid:draft_id>/slots/<int:index>/clear")
@requires(Permission.PLAN_LOANS)
def clear(draft_id: UUID, index: int) -> ResponseReturnValue:
    """Empty the loan."""
    return on_draft(draft_id, lambda actor, of, version: drafts.clear(actor, of, version, index), slot=index)


@blueprint.post("/<uuid:draft_id>/slots/<int:index>/pin")
@requires(Permission.PLAN_LOANS)
def pin(draft_id: UUID, index: int) -> ResponseReturnValue:
    """Keep what is in the loan when asking again."""
    return on_draft(draft_id, lambda actor, of, version: drafts.pin(actor, of, version, index), slot=index)


@blueprint.post("/<uuid:draft_id>/slots/<int:index>/unpin")
@requires(Permission.PLAN_LOANS)
def unpin(draft_id: UUID, index: int) -> ResponseReturnValue:
    """Let asking again put something better there."""
    return on_draft(draft_id, lambda actor, of, version: drafts.unpin(actor, of, version, index), slot=index)


@blueprint.post("/<uuid:draft_id>/slots/<int:index>/remove")
@requires(Permission.PLAN_LOANS)
def remove(draft_id: UUID, index: int) -> ResponseReturnValue:
    """Take the loan out of the chain."""
    return on_draft(draft_id, lambda actor, of, version: drafts.remove(actor, of, version, index), form_too=True)


@blueprint.post("/<uuid:draft_id>/save")
@requires(Permission.PLAN_LOANS)
def save(draft_id: UUID) -> ResponseReturnValue:
    """Make loans of it, all or none; `then=request` requests them in FMS as well, in the background."""
    actor, act = current_actor(), saving.save_and_request if request.form.get("then") == "request" else saving.save
    try:
        saved = act(actor, str(draft_id), _version(), remark=request.form.get("remark", "").strip()[:500])
    except Refusal as refusal:
        return refused(actor, str(draft_id), refusal)
    return go_to(f"{PAGE}/{saved.chain_id}")


@blueprint.post("/<uuid:draft_id>/discard")
@requires(Permission.PLAN_LOANS)
def discard(draft_id: UUID) -> ResponseReturnValue:
    """Throw the draft away; from the list, the page with another one open (`open`) stays."""
    actor, open_id = current_actor(), request.form.get("open")
    try:
        whose = values_of(draft_queries.opened(actor, str(draft_id)).ask)
        drafts.discard(actor, str(draft_id))
    except NotFound:
        # Gone already, which is what was wanted.
        whose = Values()
    if open_id is None or not is_by_htmx():
        return go_to(f"{PAGE}?draft={open_id}" if open_id else whose.address())
    return make_response(render_template("chains/_drafts.html", page=read_page(actor, draft_id=open_id or None)))


@blueprint.post("/<uuid:draft_id>/touch")
@requires(Permission.PLAN_LOANS)
def touch(draft_id: UUID) -> ResponseReturnValue:
    """The page is still open: the draft's vehicles are held for as long again."""
    actor, of = current_actor(), str(draft_id)
    try:
        drafts.touch(actor, of)
        held = held_until(actor, of)
    except NotFound as refusal:
        raise gone(actor, of, refusal) from None
    return render_template("chains/_held.html", held=held)


def on_draft(
    draft_id: UUID, act: Callable[[Actor, str, int], str | None], *, slot: int | None = None, form_too: bool = False
) -> Response:
    """Do something to a draft, then show it as it stands; after a refusal (409, 422) too, with the sentence."""
    actor, before = current_actor(), str(draft_id)
    try:
        now = act(actor, before, _version()) or before
    except Refusal as refusal:
        return refused(actor, before, refusal)
    return answer(actor, now, slot=slot, form_too=form_too, is_new=now != before)


def _open_draft() -> str | None:
    """The draft beside the form, where there is one."""
    text = request.form.get("draft", "")
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        return None


def _version() -> int:
    """The version of the picture that the person acted on. Raises `InvalidInput` where the form has none."""
    version = number_in(request.form.get("version", ""))
    if version is None:
        raise InvalidInput("This page is out of date. Look again.")
    return version


def _key(ask: Ask) -> str | int:
    """What was chosen. Raises `InvalidInput` for what is neither a VIN nor a partner's number."""
    text = request.form.get("key", "").strip()[:40]
    key = text if ask.kind is Kind.PARTNER else number_in(text)
    if not key:
        raise InvalidInput("Choose one of the list.")
    return key


def _switched(ask: Ask) -> Ask:
    """The ask with the one wish of the form changed."""
    values = request.form
    is_on = {name: values.get(name) == "true" for name in ("respect_budgets", "allow_double_booking", "strict")}
    if "respect_budgets" in values:
        ask = replace(ask, respect_budgets=is_on["respect_budgets"])
    if "allow_double_booking" in values:
        ask = replace(ask, allow_double_booking=is_on["allow_double_booking"])
    if "strict" in values:
        ask = replace(ask, is_strict=is_on["strict"])
    if "makes" in values:
        ask = replace(ask, makes=())
    if "tiers" in values:
        ask = replace(ask, tiers=())
    return ask
