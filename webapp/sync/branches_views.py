"""The branches page: where each branch's day begins, set by hand or by its state's zone, which can be changed too."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput
from webapp.htmx import go_to, is_fragment
from webapp.smartmoving.zone_service import set_branch_zone, set_region_zone
from webapp.sync.branches import branches, regions, zone_choices
from webapp.sync.whose import company_of

PAGE = "/sync/branches"
pages = Blueprint("branches", __name__, url_prefix=PAGE)


@pages.get("")
@requires(Permission.ALL_LOCATIONS)
def page() -> Response:
    """Every branch, then every state and province."""
    return _drawn()


@pages.post("/<int:location_id>/zone")
@requires(Permission.RUN_SYNCS)
def set_branch(location_id: int) -> Response:
    """Give a branch the zone `timezone` by hand; empty, or with `back`: its region's."""
    wanted = "" if request.form.get("back") else request.form.get("timezone", "")
    try:
        set_branch_zone(current_actor(), location_id, wanted)
    except InvalidInput as refusal:
        return _refused(refusal, f"branch-{location_id}", wanted)
    sentence = "The branch's time zone is set." if wanted.strip() else "The branch follows its region again."
    return _done(sentence, f"branch-{location_id}")


@pages.post("/regions/<code>/zone")
@requires(Permission.RUN_SYNCS)
def set_region(code: str) -> Response:
    """Give a state or province the zone `timezone`; empty, or with `back`: the packaged one."""
    wanted = "" if request.form.get("back") else request.form.get("timezone", "")
    actor = current_actor()
    try:
        changed = set_region_zone(actor, code, wanted, company_id=company_of(actor))
    except InvalidInput as refusal:
        return _refused(refusal, f"region-{code}", wanted)
    sentence = f"Set. {changed} {'branch' if changed == 1 else 'branches'} changed with it."
    return _done(sentence, f"region-{code}")


def _done(sentence: str, form: str) -> Response:
    if is_fragment():
        return _drawn(message=("done", sentence), changed=form)
    flash(sentence, "done")
    return go_to(PAGE)


def _refused(refusal: InvalidInput, form: str, wanted: str) -> Response:
    response = _drawn(fault=refusal.sentence, faulty=form, wanted=wanted)
    response.status_code = refusal.status
    return response


def _drawn(
    *,
    message: tuple[str, str] | None = None,
    changed: str = "",
    fault: str = "",
    faulty: str = "",
    wanted: str = "",
) -> Response:
    """The page or what replaces it; `changed` or `faulty` names the form that gets the focus."""
    actor = current_actor()
    company_id = company_of(actor)
    found = branches(actor, company_id)
    listed = regions(company_id, found)
    others = [region for region in listed if not (region.branches or region.own)]
    values: dict[str, Any] = {
        "branches": found,
        "regions": [region for region in listed if region not in others],
        "other_regions": others,
        "is_fault_in_others": faulty in {f"region-{region.code}" for region in others},
        "choices": zone_choices(found, listed),
        "may_change": actor.may(Permission.RUN_SYNCS),
        "changed": changed,
        "fault": fault,
        "faulty": faulty,
        "wanted": wanted,
        "message": message,
        "is_fragment": is_fragment(),
        "address": PAGE,
    }
    return make_response(render_template("sync/_branches.html" if is_fragment() else "sync/branches.html", **values))
