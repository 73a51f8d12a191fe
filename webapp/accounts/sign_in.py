"""Signing in and out: proving a password, a throttle that holds across processes, sign-ins that can end."""

import math
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import passwords, throttle, tokens
from webapp.accounts.models import SignInFailure, User, UserSession
from webapp.accounts.signed_in import ABSOLUTE, SignedIn
from webapp.db import close_reading, db, is_sqlite, writing
from webapp.errors import InvalidInput, Refusal

API_CLIENT = "JSON interface"
log = structlog.get_logger(__name__)


class WrongCredentials(Refusal):
    """No active person has this e-mail and this password; which of them is wrong is not said."""

    status = 401
    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("This e-mail and password do not belong together.")


class TooManyTries(Refusal):
    """The account or the address has failed too often. `seconds` until it may try again."""

    status = 429
    code = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        minutes = math.ceil(seconds / 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many tries. Wait {wait}, then try again.", details={"retry_after": seconds})
        self.seconds = seconds


@dataclass(frozen=True)
class Proven:
    """A person who gave the right password."""

    user_id: int
    password_hash: str
    must_change_password: bool


def normal_email(email: str) -> str:
    """The e-mail as it is stored and counted: lower case, no blanks around, nothing a database refuses."""
    clean = email.encode("utf-8", "replace").decode().replace("\0", "")
    return clean.strip().lower()[:254]


def sign_in(email: str, password: str, *, address: str, browser: str) -> str:
    """Open a sign-in and return its token. Raises `WrongCredentials` or `TooManyTries`."""
    return _open(email, password, address, browser)[1]


def issue_bearer(email: str, password: str, *, address: str) -> str:
    """A JWT for the JSON interface, good for 15 minutes. Raises as `sign_in` does.

    It stands on a sign-in of its own, so that whatever ends sign-ins ends the token as well.
    """
    user_id, token = _open(email, password, address, API_CLIENT)
    return tokens.bearer(user_id, token)


def begin_session(session: Session, user_id: int, *, address: str, browser: str) -> str:
    """Open a sign-in of somebody who has proven who they are, inside `writing()`; its token."""
    token, now = tokens.new_session_token(), clock.now()
    session.add(
        UserSession(
            token_hash=tokens.fingerprint(token),
            user_id=user_id,
            started_at=now,
            last_seen_at=now,
            address=address[:45],
            browser=browser[:200],
        )
    )
    return token


def sign_out(session_id: int) -> None:
    """End one sign-in."""
    with writing() as session:
        _end(session, UserSession.id == session_id)


def end_all_sessions(user_id: int) -> None:
    """End every sign-in of a person, bearer tokens included."""
    with writing() as session:
        end_sessions(session, user_id)


def end_sessions(session: Session, user_id: int, *, but: int | None = None) -> None:
    """End the sign-ins of a person, except session `but`, inside somebody's writing transaction."""
    conditions = [UserSession.user_id == user_id]
    if but is not None:
        conditions.append(UserSession.id != but)
    _end(session, *conditions)


def change_password(who: SignedIn, present: str, new: str, *, address: str) -> None:
    """Replace one's own password and end one's other sign-ins.

    Raises `InvalidInput` (fields `present`, `new`) and `TooManyTries`: a desk left open is no place to guess.
    """
    passwords.check_new(new, field="new", unlike=(who.email, who.actor.name))
    try:
        proven = _prove(who.email, present, address)
    except WrongCredentials:
        fault = "This is not your present password."
        raise InvalidInput(fault, fields={"present": fault}) from None
    if new == present:
        fault = "Choose one that differs from the present one."
        raise InvalidInput(fault, fields={"new": fault})
    new_hash = passwords.hash_password(new)
    with writing() as session:
        session.execute(
            update(User).where(User.id == proven.user_id).values(password_hash=new_hash, must_change_password=False)
        )
        _forgive(session, who.email)
        end_sessions(session, proven.user_id, but=who.session_id)
    log.info("password_changed", user_id=proven.user_id)


def forget_old() -> None:
    """Delete failures and sign-ins that no rule looks at any more. Repeatable."""
    now = clock.now()
    with writing() as session:
        session.execute(delete(SignInFailure).where(SignInFailure.failed_at < now - throttle.MEMORY_OF_ACCOUNT))
        session.execute(delete(UserSession).where(UserSession.started_at < now - ABSOLUTE))


def _open(email: str, password: str, address: str, browser: str) -> tuple[int, str]:
    email = normal_email(email)
    proven = _prove(email, password, address)
    is_outdated = passwords.is_outdated(proven.password_hash)
    new_hash = passwords.hash_password(password) if is_outdated else proven.password_hash
    with writing() as session:
        # The password may have been changed, or the person shut out, while we were hashing.
        still = session.execute(
            update(User)
            .where(User.id == proven.user_id, User.is_active, User.password_hash == proven.password_hash)
            .values(password_hash=new_hash)
            .returning(User.id)
        ).scalar()
        if still is None:
            raise WrongCredentials
        _forgive(session, email)
        token = begin_session(session, proven.user_id, address=address, browser=browser)
    log.info("signed_in", user_id=proven.user_id)
    return proven.user_id, token


def _prove(email: str, password: str, address: str) -> Proven:
    _count_try(email, address[:45])
    found = db.session.execute(
        select(User.id, User.password_hash, User.must_change_password).where(User.email == email, User.is_active)
    ).one_or_none()
    close_reading()  # hashing is slow on purpose; no transaction waits for it
    is_right = passwords.is_right(found.password_hash if found else None, password)
    if found is None or not is_right:
        log.info("sign_in_refused")
        raise WrongCredentials
    return Proven(found.id, found.password_hash, found.must_change_password)


def _count_try(email: str, address: str) -> None:
    """Note a try before the password is looked at, so that a hundred at once do not all pass the throttle."""
    now = clock.now()
    with writing() as session:
        if not is_sqlite():
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(email))))
        times = [
            throttle.account_opens(_failures(session, SignInFailure.email == email, 20), now),
            throttle.address_opens(
                _failures(session, SignInFailure.address == address, throttle.TRIES_OF_ADDRESS), now
            ),
        ]
        opens = max((moment for moment in times if moment), default=None)
        if opens is None:
            session.add(SignInFailure(email=email, address=address, failed_at=now))
    if opens is not None:
        log.info("sign_in_throttled")
        raise TooManyTries(max(1, math.ceil((opens - now).total_seconds())))


def _failures(session: Session, condition: object, newest: int) -> list[datetime]:
    return list(
        session.scalars(
            select(SignInFailure.failed_at)
            .where(condition)  # type: ignore[arg-type]
            .order_by(SignInFailure.failed_at.desc())
            .limit(newest)
        )
    )


def _forgive(session: Session, email: str) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.email == email))


def _end(session: Session, *conditions: object) -> None:
    session.execute(
        update(UserSession)
        .where(UserSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
        .values(ended_at=clock.now())
    )
