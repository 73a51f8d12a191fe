"""Proving a password, and the throttle that holds across processes for whatever can be guessed."""

import math
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import passwords, throttle
from webapp.accounts.models import SignInFailure, User
from webapp.db import close_reading, db, is_sqlite, writing
from webapp.errors import InvalidInput, Refusal

log = structlog.get_logger(__name__)
LONGEST_EMAIL = 254
# Whose turn it is among processes, on PostgreSQL: numbers that nothing else of ours is locked by.
TRIES_OF_ACCOUNT, TRIES_OF_ADDRESS = 4, 5


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
    """A person who gave the right password. `try_id` is the try that the throttle counts until it is forgiven."""

    user_id: int
    email: str
    password_hash: str
    has_second_factor: bool
    try_id: int


def normal_email(email: str) -> str:
    """The e-mail as it is stored and counted: lower case, no blanks around, nothing a database refuses."""
    clean = email.encode("utf-8", "replace").decode().replace("\0", "")
    return clean.strip().lower()[:LONGEST_EMAIL]


def prove(email: str, password: str, address: str) -> Proven:
    """Who has this e-mail and this password. Raises `WrongCredentials` or `TooManyTries`."""
    try_id = count_try(email, address)
    found = db.session.execute(
        select(User.id, User.password_hash, User.second_factor_since).where(User.email == email, User.is_active)
    ).one_or_none()
    close_reading()  # hashing is slow on purpose; no transaction waits for it
    is_right = passwords.is_right(found.password_hash if found else None, password)
    if found is None or not is_right:
        log.info("sign_in_refused")
        raise WrongCredentials
    return Proven(found.id, email, found.password_hash, found.second_factor_since is not None, try_id)


def prove_again(email: str, password: str, address: str, *, field: str = "present") -> Proven:
    """Who is signed in proves that it is still them. Raises `InvalidInput` naming `field`, `TooManyTries`."""
    try:
        return prove(email, password, address)
    except WrongCredentials:
        fault = "This is not your present password."
        raise InvalidInput(fault, fields={field: fault}) from None


def count_try(email: str, address: str) -> int:
    """Note a try before it is looked at, so that a hundred at once do not all pass the throttle; its id.

    Raises `TooManyTries`.
    """
    now, address = clock.now(), throttle.counted_as(address)
    with writing() as session:
        if not is_sqlite():
            # One after the other: of an account first, then of an address.
            session.execute(select(func.pg_advisory_xact_lock(TRIES_OF_ACCOUNT, func.hashtext(email))))
            session.execute(select(func.pg_advisory_xact_lock(TRIES_OF_ADDRESS, func.hashtext(address))))
        opens = max((moment for moment in _openings(session, email, address, now) if moment), default=None)
        if opens is None:
            failure = SignInFailure(email=email, address=address, failed_at=now)
            session.add(failure)
            session.flush()
            try_id = failure.id
    if opens is not None:
        log.info("sign_in_throttled")
        raise TooManyTries(max(1, math.ceil((opens - now).total_seconds())))
    return try_id


def take_back(session: Session, try_id: int) -> None:
    """The try was no failure, inside `writing()`; those before it still count, as a factor is yet to be proven."""
    session.execute(delete(SignInFailure).where(SignInFailure.id == try_id))


def forgive(session: Session, email: str) -> None:
    """Forget the failures of an account, inside `writing()`: somebody has proven all there is to prove."""
    session.execute(delete(SignInFailure).where(SignInFailure.email == email))


def _openings(session: Session, email: str, address: str, now: datetime) -> list[datetime | None]:
    return [
        throttle.account_opens(_failures(session, SignInFailure.email == email, 20), now),
        throttle.address_opens(_failures(session, SignInFailure.address == address, throttle.TRIES_OF_ADDRESS), now),
    ]


def _failures(session: Session, condition: object, newest: int) -> list[datetime]:
    return list(
        session.scalars(
            select(SignInFailure.failed_at)
            .where(condition)  # type: ignore[arg-type]
            .order_by(SignInFailure.failed_at.desc())
            .limit(newest)
        )
    )
