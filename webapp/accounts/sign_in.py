"""Signing in: the password, then the second factor of who has one; and changing one's password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import passwords, proving, second_factor, throttle, tokens
from webapp.accounts.models import Company, SignInFailure, User, UserSession
from webapp.accounts.proving import Proven, WrongCredentials
from webapp.accounts.sessions import begin_session, end_sessions
from webapp.accounts.signed_in import ABSOLUTE, SignedIn
from webapp.db import db, writing
from webapp.errors import InvalidInput, Refusal

API_CLIENT = "JSON interface"
# How long the second step may take.
HALFWAY = timedelta(minutes=5)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Halfway:
    """Somebody who has proven the first step, a password or FMS's word, and has yet to give a code.

    `mark` is of the password that they had then: with another one they begin again.
    """

    user_id: int
    email: str
    mark: str
    at: datetime


class CodeNeeded(Refusal):
    """The password is right, and a code of the second factor has to follow."""

    status = 401
    code = "second_factor"

    def __init__(self, halfway: Halfway) -> None:
        super().__init__("A code of the second factor is needed as well.")
        self.halfway = halfway


class WrongCode(Refusal):
    """The code is of neither the authenticator nor the recovery codes, or was taken before."""

    status = 401
    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__(second_factor.WRONG)


class BeginAgain(Refusal):
    """The first step no longer holds: too long ago, or the account has changed since."""

    status = 401
    code = "begin_again"

    def __init__(self) -> None:
        super().__init__("That took longer than five minutes, or your account has changed meanwhile. Sign in again.")


def sign_in(email: str, password: str, *, address: str, browser: str, code: str = "") -> str:
    """Open a sign-in and return its token.

    Raises `WrongCredentials`, `TooManyTries`, and of who has a second factor `CodeNeeded` or `WrongCode`.
    """
    return _open(email, password, code, address, browser)[1]


def issue_bearer(email: str, password: str, *, address: str, code: str = "") -> str:
    """A JWT for the JSON interface, good for 15 minutes. Raises as `sign_in` does.

    It stands on a sign-in of its own, so that whatever ends sign-ins ends the token as well.
    """
    user_id, token = _open(email, password, code, address, API_CLIENT)
    return tokens.bearer(user_id, token)


def halfway_of(user: User) -> Halfway:
    """The first step of `user`, done just now."""
    return Halfway(user.id, user.email, _mark(user.password_hash), clock.now())


def finish(halfway: Halfway, code: str, *, address: str, browser: str) -> str:
    """The second step: open the sign-in of who gives a right code. Raises `BeginAgain`, `WrongCode`, `TooManyTries`."""
    if not halfway.at <= clock.now() < halfway.at + HALFWAY:
        raise BeginAgain
    proving.count_try(halfway.email, address)
    with writing() as session:
        # Held: or a sign-in could begin beside the reset of a password that ends them all.
        user = session.get(User, halfway.user_id, with_for_update={"key_share": True})
        if user is None or not user.is_active or _mark(user.password_hash) != halfway.mark:
            raise BeginAgain
        _take_code(session, user.id, code)
        proving.forgive(session, halfway.email)
        token = begin_session(session, halfway.user_id, address=address, browser=browser)
    log.info("signed_in", user_id=halfway.user_id, second_factor=True)
    return token


def change_password(who: SignedIn, present: str, new: str, *, address: str) -> None:
    """Replace one's own password and end one's other sign-ins.

    Raises `InvalidInput` (fields `present`, `new`) and `TooManyTries`: a desk left open is no place to guess; and
    `WrongCredentials` where the account was changed meanwhile.
    """
    company = db.session.scalar(select(Company.name).where(Company.id == who.actor.company_id)) or ""
    passwords.check_new(new, field="new", unlike=(who.email, who.actor.name, company))
    proven = proving.prove_again(who.email, present, address)
    if new == present:
        fault = "Choose one that differs from the present one."
        raise InvalidInput(fault, fields={"new": fault})
    new_hash = passwords.hash_password(new)
    with writing() as session:
        _replace_hash(session, proven, new_hash, must_change_password=False)
        second_factor.give_up(session.get_one(User, proven.user_id))
        if proven.has_second_factor:
            # Not forgiven: or who knows the password could guess, by switching the factor off, codes for ever.
            proving.take_back(session, proven.try_id)
        else:
            proving.forgive(session, who.email)
        end_sessions(session, proven.user_id, but=who.session_id)
    log.info("password_changed", user_id=proven.user_id)


def forget_old() -> None:
    """Delete failures and sign-ins that no rule looks at any more. Repeatable."""
    now = clock.now()
    with writing() as session:
        session.execute(delete(SignInFailure).where(SignInFailure.failed_at < now - throttle.MEMORY_OF_ACCOUNT))
        session.execute(delete(UserSession).where(UserSession.started_at < now - ABSOLUTE))


def _open(email: str, password: str, code: str, address: str, browser: str) -> tuple[int, str]:
    proven = proving.prove(proving.normal_email(email), password, address)
    if proven.has_second_factor and not code:
        # Not forgiven: or who knows the password could guess codes for ever.
        with writing() as session:
            proving.take_back(session, proven.try_id)
        raise CodeNeeded(Halfway(proven.user_id, proven.email, _mark(proven.password_hash), clock.now()))
    is_outdated = passwords.is_outdated(proven.password_hash)
    new_hash = passwords.hash_password(password) if is_outdated else proven.password_hash
    with writing() as session:
        _replace_hash(session, proven, new_hash)
        if proven.has_second_factor:
            _take_code(session, proven.user_id, code)
        proving.forgive(session, proven.email)
        token = begin_session(session, proven.user_id, address=address, browser=browser)
    log.info("signed_in", user_id=proven.user_id, second_factor=proven.has_second_factor)
    return proven.user_id, token


def _replace_hash(session: Session, proven: Proven, new_hash: str, **more: bool) -> None:
    # The password may have been changed, a factor set up, or the person shut out, while we were hashing.
    has_factor = User.second_factor_since.is_not(None)
    still = session.execute(
        update(User)
        .where(User.id == proven.user_id, User.is_active, User.password_hash == proven.password_hash)
        .where(has_factor if proven.has_second_factor else ~has_factor)
        .values(password_hash=new_hash, **more)
        .returning(User.id)
    ).scalar()
    if still is None:
        raise WrongCredentials


def _take_code(session: Session, user_id: int, code: str) -> None:
    if not second_factor.take(session, user_id, code):
        log.info("second_factor_refused", user_id=user_id)
        raise WrongCode


def _mark(password_hash: str) -> str:
    return tokens.fingerprint(password_hash)[:16]
