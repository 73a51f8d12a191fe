"""Pages of a person's own: sign in, sign out, the account."""

from datetime import tzinfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from webapp.accounts import (
    embedding,
    halfway,
    launch,
    passwords,
    proving,
    queries,
    second_factor,
    sessions,
    sign_in,
    signed_in,
)
from webapp.accounts.access import SELF_SERVICE, any_role, current_actor, public
from webapp.accounts.actor import Actor
from webapp.accounts.browsers import browser_name
from webapp.accounts.landing import landing
from webapp.accounts.permissions import Permission
from webapp.errors import InvalidInput, Refusal, Unauthenticated
from webapp.htmx import is_own_address

door = Blueprint("door", __name__)
account = Blueprint(SELF_SERVICE, __name__)


@door.get("/")
@any_role
def home() -> ResponseReturnValue:
    """Send each role to where it works."""
    return redirect(_home())


@door.get("/login")
@public
def login() -> ResponseReturnValue:
    """The form, or on with it for who is signed in already."""
    if current_user.is_authenticated:
        return redirect(_onward(request.args.get("next", "")))
    return render_template("accounts/login.html", email="", next=request.args.get("next", ""), refusal=None)


@door.post("/login")
@public
def log_in() -> ResponseReturnValue:
    """Sign in and go on to `next`, if it is ours."""
    email, onward = request.form.get("email", ""), request.form.get("next", "")
    try:
        token = sign_in.sign_in(
            email,
            request.form.get("password", ""),
            address=request.remote_addr or "",
            browser=request.user_agent.string,
        )
    except sign_in.CodeNeeded as first_step:
        return _ask_code(first_step.halfway, onward)
    except (proving.WrongCredentials, proving.TooManyTries) as refusal:
        return _login_again(email, onward, refusal)
    _begin_session(token)
    return redirect(_onward(onward), 303)


@door.get("/login/code")
@public
def code() -> ResponseReturnValue:
    """The second step's form; without the first, the login page."""
    onward = request.args.get("next", "")
    if current_user.is_authenticated:
        return redirect(_onward(onward))
    if halfway.held() is None:
        return redirect(url_for("door.login", next=onward or None))
    return render_template("accounts/login_code.html", next=onward, refusal=None, with_recovery=False)


@door.post("/login/code")
@public
def give_code() -> ResponseReturnValue:
    """Sign in with a code of the second factor, or one for recovery, and go on to `next`, if it is ours."""
    onward, first_step = request.form.get("next", ""), halfway.held()
    try:
        if first_step is None:
            raise sign_in.BeginAgain
        token = sign_in.finish(
            first_step,
            request.form.get("code", "") or request.form.get("recovery", ""),
            address=request.remote_addr or "",
            browser=request.user_agent.string,
        )
    except sign_in.BeginAgain as refusal:
        halfway.drop()
        return _login_again(first_step.email if first_step else "", onward, refusal)
    except (sign_in.WrongCode, proving.TooManyTries) as refusal:
        return _code_again(onward, refusal)
    _begin_session(token)
    _say_codes_left()
    return redirect(_onward(onward), 303)


@door.get("/embed/launch")
@public
def launched() -> ResponseReturnValue:
    """Sign in whom FMS names and show where they work, in the frame; else the login page with the reason."""
    embedding.remember()
    try:
        opened = launch.launch(
            request.args.get("token", ""), address=request.remote_addr or "", browser=request.user_agent.string
        )
    except launch.LaunchRefused as refusal:
        if refusal.email and current_user.is_authenticated and current_user.email == refusal.email:
            # The frame was loaded again with the same address: they are in already.
            return redirect(_home(), 303)
        first_step = halfway.held()
        if first_step is not None and first_step.email == refusal.email:
            return redirect(url_for("door.code"), 303)
        page = render_template("accounts/login.html", email=refusal.email, next="", refusal=refusal.sentence)
        return page, refusal.status
    if isinstance(opened, sign_in.Halfway):
        return _ask_code(opened, "")
    _begin_session(opened)
    return redirect(_home(), 303)


@account.post("/logout")
@any_role
def log_out() -> ResponseReturnValue:
    """End this sign-in."""
    sessions.sign_out(current_user.session_id)
    _forget_session()
    return redirect(url_for("door.login"), 303)


@account.get("/account")
@any_role
def show() -> ResponseReturnValue:
    """Who one is here, and from where one is signed in."""
    return account_page({})


@account.post("/account/password")
@any_role
def change_password() -> ResponseReturnValue:
    """Replace one's own password; other sign-ins end."""
    new = request.form.get("new", "")
    was_forced = current_user.must_change_password
    try:
        if new != request.form.get("again", ""):
            fault = "The two new passwords differ."
            raise InvalidInput(fault, fields={"again": fault})
        sign_in.change_password(
            current_user._get_current_object(),
            request.form.get("present", ""),
            new,
            address=request.remote_addr or "",
        )
    except InvalidInput as refusal:
        return account_page(refusal.fields), 422
    except proving.TooManyTries as refusal:
        page = account_page({"present": refusal.sentence})
        return page, 429, {"Retry-After": str(refusal.seconds)}
    flash("Your password is changed. Your other sign-ins have ended.", "done")
    return redirect(_home() if was_forced else url_for("account.show"), 303)


@account.post("/account/sign-out-everywhere")
@any_role
def sign_out_everywhere() -> ResponseReturnValue:
    """End every sign-in of one's own, this one included."""
    user_id = current_actor().user_id
    if user_id is not None:
        sessions.end_all_sessions(user_id)
    _forget_session()
    flash("You are signed out everywhere.", "done")
    return redirect(url_for("door.login"), 303)


@account.post("/account/sessions/<int:session_id>/end")
@any_role
def end_session(session_id: int) -> ResponseReturnValue:
    """End one sign-in of one's own."""
    user_id = current_actor().user_id
    if session_id == current_user.session_id or user_id is None:
        return log_out()
    sessions.end_own_session(user_id, session_id)
    flash("That sign-in has ended.", "done")
    return redirect(url_for("account.show"), 303)


def _begin_session(token: str) -> None:
    # A cookie planted before the sign-in must not become the signed-in one.
    _forget_session()
    found = signed_in.load(token)
    if found:
        login_user(found)
        session.permanent = True


def _forget_session() -> None:
    logout_user()
    kept = embedding.is_embedded()
    session.clear()
    if kept:
        embedding.remember()


def _ask_code(first_step: sign_in.Halfway, onward: str) -> ResponseReturnValue:
    _forget_session()
    halfway.hold(first_step)
    return redirect(url_for("door.code", next=onward or None), 303)


def _code_again(onward: str, refusal: Refusal) -> ResponseReturnValue:
    page = render_template(
        "accounts/login_code.html",
        next=onward,
        refusal=refusal.sentence,
        with_recovery="recovery" in request.form,
    )
    if isinstance(refusal, proving.TooManyTries):
        return page, 429, {"Retry-After": str(refusal.seconds)}
    return page, 422


def _say_codes_left() -> None:
    """Tell who came with a recovery code how many are left."""
    user_id = current_actor().user_id
    if "recovery" in request.form and user_id is not None:
        left = second_factor.state_of(user_id).codes_left
        flash(f"That recovery code is used up; {left} are left. Your account page makes new ones.", "warning")


def _login_again(email: str, onward: str, refusal: Refusal) -> ResponseReturnValue:
    page = render_template("accounts/login.html", email=email, next=onward, refusal=refusal.sentence)
    if isinstance(refusal, proving.TooManyTries):
        return page, 429, {"Retry-After": str(refusal.seconds)}
    return page, 422


def _onward(address: str) -> str:
    """Where to go after signing in: the page that was asked for, if it is ours, else where the role works."""
    return address if is_own_address(address) and address != "/login" else _home()


def _home() -> str:
    pages = {rule.rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return landing(current_actor().role, pages)


def account_page(faults: dict[str, str]) -> str:
    """The account page; `faults` by the id of a field."""
    actor = current_actor()
    if actor.user_id is None:
        raise Unauthenticated
    return render_template(
        "accounts/account.html",
        person=queries.person(actor.user_id),
        stand_in=current_app.extensions["settings"].fms_requestor_id,
        may_plan=actor.may(Permission.PLAN_LOANS),
        sees_all_offices=actor.may(Permission.ALL_LOCATIONS),
        sees_all_companies=actor.may(Permission.ALL_COMPANIES),
        sessions=[_line(line, _zone(actor)) for line in queries.open_sessions(actor.user_id)],
        second_factor=_factor(actor.user_id, actor),
        must_set_second_factor=current_user.must_set_second_factor,
        faults=faults,
        shortest=passwords.SHORTEST,
    )


def _factor(user_id: int, actor: Actor) -> dict[str, object]:
    state = second_factor.state_of(user_id)
    since = f"{state.since.astimezone(_zone(actor)):%m-%d-%y %H:%M %Z}" if state.since else ""
    return {"since": since, "codes_left": state.codes_left}


def _line(line: queries.OpenSession, zone: tzinfo) -> dict[str, object]:
    return {
        "id": line.id,
        "browser": browser_name(line.browser),
        "address": line.address,
        "started": f"{line.started_at.astimezone(zone):%m-%d-%y %H:%M %Z}",
        "seen": f"{line.last_seen_at.astimezone(zone):%m-%d-%y %H:%M %Z}",
        "is_this": line.id == current_user.session_id,
    }


def _zone(actor: Actor) -> tzinfo:
    return queries.zone_of(actor.company_id, min(actor.locations, default=""))
