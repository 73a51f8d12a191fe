"""Pages of one's own second factor: set it up, confirm it, new recovery codes, switch it off."""

from collections.abc import Callable
from urllib.parse import quote

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.accounts import proving, second_factor, totp
from webapp.accounts.access import any_role, current_actor
from webapp.accounts.signed_in import SignedIn
from webapp.accounts.views import account as account
from webapp.accounts.views import account_page
from webapp.errors import InvalidInput

PAGE = "/account/second-factor"


@account.get(PAGE)
@any_role
def show_second_factor() -> ResponseReturnValue:
    """The secret that is being set up, as a picture and as text; nothing of one that is confirmed."""
    return _setting_up({})


@account.post(PAGE)
@any_role
def begin_second_factor() -> ResponseReturnValue:
    """Make a secret, after the password."""

    def begin() -> ResponseReturnValue:
        second_factor.begin(_who(), request.form.get("present", ""), address=request.remote_addr or "")
        return redirect(PAGE, 303)

    return _or_faults("begin", begin)


@account.post(f"{PAGE}/confirm")
@any_role
def confirm_second_factor() -> ResponseReturnValue:
    """Switch the factor on, and tell the recovery codes, once."""
    try:
        codes = second_factor.confirm(_who(), request.form.get("code", ""))
    except InvalidInput as refusal:
        return _setting_up(refusal.fields)
    return _codes_page(codes, is_new=True)


@account.post(f"{PAGE}/codes")
@any_role
def renew_recovery_codes() -> ResponseReturnValue:
    """Replace the recovery codes and tell the new ones, once."""

    def renew() -> ResponseReturnValue:
        codes = second_factor.renew_codes(_who(), *_both(), address=request.remote_addr or "")
        return _codes_page(codes, is_new=False)

    return _or_faults("codes", renew)


@account.post(f"{PAGE}/off")
@any_role
def switch_off_second_factor() -> ResponseReturnValue:
    """Take the factor away, after the password and a code."""

    def switch_off() -> ResponseReturnValue:
        second_factor.switch_off(_who(), *_both(), address=request.remote_addr or "")
        flash("Your second factor is off. Your other sign-ins have ended.", "done")
        return redirect(url_for("account.show"), 303)

    return _or_faults("off", switch_off)


def _or_faults(form: str, act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """What `act` answers, or the account page with what is wrong at the fields of `form`."""
    try:
        return act()
    except InvalidInput as refusal:
        return account_page({f"{form}-{name}": fault for name, fault in refusal.fields.items()}), 422
    except proving.TooManyTries as refusal:
        page = account_page({f"{form}-present": refusal.sentence})
        return page, 429, {"Retry-After": str(refusal.seconds)}


def _setting_up(faults: dict[str, str]) -> ResponseReturnValue:
    secret = second_factor.offered(current_actor().user_id or 0)
    if secret is None:
        return redirect(url_for("account.show"), 303)
    page = render_template(
        "accounts/second_factor.html",
        picture=totp.picture(secret, current_user.email),
        secret=totp.grouped(secret),
        email=current_user.email,
        faults=faults,
    )
    return page, 422 if faults else 200


def _codes_page(codes: list[str], *, is_new: bool) -> str:
    text = f"Motorpool, recovery codes of {current_user.email}. Each opens one sign-in.\r\n\r\n" + "\r\n".join(codes)
    return render_template(
        "accounts/recovery_codes.html",
        codes=codes,
        # Told nowhere else, so there is no address to fetch them from.
        file=f"data:text/plain;charset=utf-8,{quote(text)}",
        email=current_user.email,
        is_new=is_new,
    )


def _who() -> SignedIn:
    found: SignedIn = current_user._get_current_object()
    return found


def _both() -> tuple[str, str]:
    return request.form.get("present", ""), request.form.get("code", "")
