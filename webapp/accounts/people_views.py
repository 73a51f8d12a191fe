"""The users page: who signs in here, and what an administrator can do for each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.accounts import people, queries
from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.browsers import browser_name
from webapp.accounts.people import Wish
from webapp.accounts.permissions import Permission, Role
from webapp.accounts.queries import Person
from webapp.errors import InvalidInput, NotFound, Refusal
from webapp.names import by_last_name, folded, last_first

PAGE = "/users"
STATES = {"active": "Active", "deactivated": "Deactivated", "no_fms_id": "Cannot send requests"}
blueprint = Blueprint("people", __name__, url_prefix=PAGE)


@dataclass(frozen=True)
class Form:
    """What stands in the form of a person, and what is wrong with it by field; `mark` is of whom it was drawn."""

    email: str
    name: str
    role: str
    locations: frozenset[str]
    fms_user_id: str
    mark: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("")
@requires(Permission.MANAGE_USERS)
def everybody() -> ResponseReturnValue:
    """Who signs in here, narrowed by words, role and state."""
    actor = current_actor()
    listed = queries.people(actor)
    words = folded(request.args.get("q", "")).split()
    role, state = request.args.get("role", ""), request.args.get("state", "")
    shown = [person for person in listed if _fits(person, words, role, state)]
    return render_template(
        "accounts/users.html",
        people=[(person, last_first(person.name)) for person in sorted(shown, key=_order)],
        total=len(listed),
        q=request.args.get("q", ""),
        role=role,
        state=state,
        roles=_named(Role),
        states=STATES,
        **_surroundings(actor),
    )


@blueprint.get("/new")
@requires(Permission.MANAGE_USERS)
def new() -> ResponseReturnValue:
    """The form that adds a person."""
    actor = current_actor()
    return _new_page(actor, Form("", "", Role.SCHEDULER.value, frozenset(), ""), _company(actor))


@blueprint.post("")
@requires(Permission.MANAGE_USERS)
def add() -> ResponseReturnValue:
    """Add the person of the form and tell their temporary password, once."""
    actor, email = current_actor(), request.form.get("email", "")
    company_id = _company(actor)
    try:
        user_id, password = people.add(actor, company_id, email, _wish())
    except Refusal as refusal:
        return _new_page(actor, _typed(email, refusal), company_id, refusal.status)
    return _person_page(actor, user_id, password=password, status=201)


@blueprint.get("/<int:user_id>")
@requires(Permission.MANAGE_USERS)
def one(user_id: int) -> ResponseReturnValue:
    """A person: what they may do and where, from where they are signed in, and the forms that change it."""
    return _person_page(current_actor(), user_id)


@blueprint.post("/<int:user_id>")
@requires(Permission.MANAGE_USERS)
def change(user_id: int) -> ResponseReturnValue:
    """Make the person what the form says."""
    actor = current_actor()
    try:
        has_other_role = people.change(actor, user_id, request.form.get("mark", ""), _wish())
    except people.PersonChanged as refusal:
        return _person_page(actor, user_id, refusal=refusal)
    except NotFound:
        raise
    except Refusal as refusal:
        return _person_page(actor, user_id, form=_typed(_known(actor, user_id).email, refusal), refusal=refusal)
    flash("Saved. They sign in again, as their role is another." if has_other_role else "Saved.", "done")
    return redirect(f"{PAGE}/{user_id}", 303)


@blueprint.post("/<int:user_id>/reset")
@requires(Permission.MANAGE_USERS)
def reset(user_id: int) -> ResponseReturnValue:
    """Give the person a temporary password and tell it, once."""
    return _with_password(user_id, people.reset_password)


@blueprint.post("/<int:user_id>/reactivate")
@requires(Permission.MANAGE_USERS)
def reactivate(user_id: int) -> ResponseReturnValue:
    """Let the person in again, with a temporary password."""
    return _with_password(user_id, people.reactivate)


@blueprint.post("/<int:user_id>/deactivate")
@requires(Permission.MANAGE_USERS)
def deactivate(user_id: int) -> ResponseReturnValue:
    """Shut the person out."""
    return _done(user_id, people.deactivate, "They are shut out, and their sign-ins have ended.")


@blueprint.post("/<int:user_id>/sign-out")
@requires(Permission.MANAGE_USERS)
def sign_out(user_id: int) -> ResponseReturnValue:
    """End the person's sign-ins."""
    return _done(user_id, people.sign_out, "Their sign-ins have ended.")


@blueprint.post("/<int:user_id>/sessions/<int:session_id>/end")
@requires(Permission.MANAGE_USERS)
def end_session(user_id: int, session_id: int) -> ResponseReturnValue:
    """End one of the person's sign-ins."""

    def end(actor: Actor, person_id: int) -> None:
        people.sign_out_of(actor, person_id, session_id)

    return _done(user_id, end, "That sign-in has ended.")


@blueprint.post("/<int:user_id>/reset-second-factor")
@requires(Permission.MANAGE_USERS)
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    """Take the person's second factor away."""
    said = "Their second factor is off, and their sign-ins have ended."
    return _done(user_id, people.reset_second_factor, said)


def _with_password(user_id: int, act: Callable[[Actor, int, str | None], str]) -> ResponseReturnValue:
    actor = current_actor()
    try:
        password = act(actor, user_id, request.form.get("mark"))
    except NotFound:
        raise
    except Refusal as refusal:
        return _person_page(actor, user_id, refusal=refusal)
    return _person_page(actor, user_id, password=password)


def _done(user_id: int, act: Callable[[Actor, int], None], said: str) -> ResponseReturnValue:
    actor = current_actor()
    try:
        act(actor, user_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return _person_page(actor, user_id, refusal=refusal)
    flash(said, "done")
    return redirect(f"{PAGE}/{user_id}", 303)


def _new_page(actor: Actor, form: Form, company_id: int, status: int = 200) -> Response:
    page = render_template(
        "accounts/user_new.html",
        form=form,
        company_id=company_id,
        locations=queries.location_names(company_id),
        **_surroundings(actor),
    )
    return make_response(page, status)


def _person_page(
    actor: Actor,
    user_id: int,
    *,
    form: Form | None = None,
    refusal: Refusal | None = None,
    password: str = "",
    status: int = 200,
) -> Response:
    person = _known(actor, user_id)
    zone = queries.zone_of(person.company_id, min(person.locations, default=""))
    page = render_template(
        "accounts/user.html",
        person=person,
        form=form or _form_of(person),
        refusal=refusal.sentence if refusal and not (form and form.faults) else "",
        password=password,
        is_oneself=user_id == actor.user_id,
        may_manage=person.role is not Role.SUPER_ADMIN or actor.role is Role.SUPER_ADMIN,
        # Theirs come first: the list is long.
        locations=sorted(queries.location_names(person.company_id), key=lambda name: name not in person.locations),
        sessions=[
            (each.id, browser_name(each.browser), each.address, *_times(each, zone), each.id == current_user.session_id)
            for each in queries.open_sessions(user_id)
        ],
        **_surroundings(actor),
    )
    response = make_response(page, refusal.status if refusal else status)
    # The password is on this page and nowhere else.
    response.headers["Cache-Control"] = "no-store"
    return response


def _times(session: queries.OpenSession, zone: tzinfo) -> tuple[str, str]:
    """When it began and when it was last used, as printed."""
    since, seen = (f"{at.astimezone(zone):%m-%d-%y %H:%M %Z}" for at in (session.started_at, session.last_seen_at))
    return since, seen


def _known(actor: Actor, user_id: int) -> Person:
    """The person, of whom the actor may know. Raises `NotFound`."""
    found = next((each for each in queries.people(actor) if each.id == user_id), None)
    if found is None:
        raise NotFound("There is no such person, or you may not manage them.")
    return found


def _company(actor: Actor) -> int:
    """The company that the address or the form names, if the actor manages it, else their own."""
    wanted = request.values.get("company", type=int)
    return next((number for number, _ in queries.companies(actor) if number == wanted), actor.company_id)


def _wish() -> Wish:
    """The person of the posted form. Raises `InvalidInput` naming what cannot be read."""
    faults, role = {}, Role.DRIVER
    try:
        role = Role(request.form.get("role", ""))
    except ValueError:
        faults["role"] = "Choose a role."
    number = request.form.get("fms_user_id", "").strip()
    if number and not (number.isascii() and number.isdigit() and len(number) <= 10):
        faults["fms_user_id"] = "An FMS user id is a number, of digits only."
    if faults:
        raise InvalidInput(" ".join(faults.values()), fields=faults)
    return Wish(
        name=request.form.get("name", "").replace("\x00", ""),
        role=role,
        locations=frozenset(name.replace("\x00", "") for name in request.form.getlist("location")),
        fms_user_id=int(number) if number else None,
    )


def _typed(email: str, refusal: Refusal) -> Form:
    """The form as it was posted, with the refusal at its fields."""
    faults = dict(refusal.fields or {}) if isinstance(refusal, InvalidInput) else {}
    if not faults:
        faults = {"email" if refusal.code == "email_taken" else "": refusal.sentence}
    return Form(
        email=email,
        name=request.form.get("name", ""),
        role=request.form.get("role", ""),
        locations=frozenset(request.form.getlist("location")),
        fms_user_id=request.form.get("fms_user_id", ""),
        mark=request.form.get("mark", ""),
        faults=faults,
    )


def _form_of(person: Person) -> Form:
    number = str(person.fms_user_id or "")
    return Form(person.email, person.name, person.role.value, frozenset(person.locations), number, person.mark)


def _surroundings(actor: Actor) -> dict[str, object]:
    companies = queries.companies(actor)
    return {
        "companies": companies if len(companies) > 1 else (),
        "given": _named(role for role in Role if role is not Role.SUPER_ADMIN or actor.role is Role.SUPER_ADMIN),
        "stand_in": current_app.extensions["settings"].fms_requestor_id,
    }


def _named(roles: Iterable[Role]) -> list[tuple[str, str]]:
    return [(role.value, role.value.replace("_", " ").capitalize()) for role in roles]


def _fits(person: Person, words: list[str], role: str, state: str) -> bool:
    text = f"{person.name} {person.email} {person.company} {' '.join(person.locations)} {person.fms_user_id or ''}"
    is_meant = {
        "active": person.is_active,
        "deactivated": not person.is_active,
        "no_fms_id": person.is_active and person.fms_user_id is None and person.may_plan,
    }.get(state, True)
    return is_meant and role in ("", person.role.value) and all(word in folded(text) for word in words)


def _order(person: Person) -> tuple[bool, tuple[str, str], str]:
    return not person.is_active, by_last_name(person.name), person.email
