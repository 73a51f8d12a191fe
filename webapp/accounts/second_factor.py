"""The second factor: set up by oneself, confirmed with a code before it counts, taken away by who proves both.

A wrong code counts for the throttle as a wrong password does; no code is taken twice.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import proving, recovery, sealing, totp
from webapp.accounts.models import User
from webapp.accounts.sessions import end_sessions
from webapp.accounts.signed_in import SignedIn
from webapp.db import db, writing
from webapp.errors import InvalidInput, Refusal

PURPOSE = "second factor"
# Twenty steps: ten minutes. Who comes to a desk that was left open must not finish what its owner began.
STEPS_TO_CONFIRM = 20
WRONG = "This code is not right, or it was used before. Wait for the next one, and check the clock of your phone."
log = structlog.get_logger(__name__)


class AlreadyOn(Refusal):
    """There is a second factor; another begins with switching that one off."""

    code = "second_factor_on"

    def __init__(self) -> None:
        super().__init__("Your second factor is on already. Switch it off first to set up another.")


class NotBegun(Refusal):
    """There is nothing to confirm."""

    code = "second_factor_not_begun"

    def __init__(self) -> None:
        super().__init__("Nothing is being set up any more. Begin again on your account page.")


@dataclass(frozen=True)
class State:
    """How a person's second factor stands: `since` None, off. `codes_left` of the recovery codes are unused."""

    since: datetime | None
    codes_left: int


def state_of(user_id: int) -> State:
    """How the second factor of a person, who exists, stands."""
    since = db.session.scalar(select(User.second_factor_since).where(User.id == user_id))
    return State(since, recovery.left(db.session(), user_id) if since else 0)


def begin(who: SignedIn, password: str, *, address: str) -> None:
    """Make a secret, which counts for nothing until it is confirmed.

    Raises `InvalidInput` (field `present`), `TooManyTries`, `AlreadyOn`.
    """
    proven = proving.prove_again(who.email, password, address)
    with writing() as session:
        user = _locked(session, proven.user_id)
        if user.second_factor_since is not None:
            raise AlreadyOn
        user.second_factor_secret = sealing.seal(totp.new_secret(), PURPOSE)
        # Until a code is taken, the step in which it was begun.
        user.second_factor_step = totp.step_at(clock.now())
        proving.forgive(session, who.email)


def offered(user_id: int) -> str | None:
    """The secret that a person is setting up; None where there is none, or it is confirmed and told nobody."""
    user = db.session.get(User, user_id)
    return _begun(user) if user else None


def confirm(who: SignedIn, code: str) -> list[str]:
    """Switch the factor on with a code of it; the recovery codes, told once. Other sign-ins end.

    Raises `InvalidInput` (field `code`), `NotBegun`.
    """
    with writing() as session:
        user = _locked(session, _id(who))
        secret = _begun(user)
        if secret is None:
            raise NotBegun
        step = totp.step_of(secret, code, clock.now())
        if step is None:
            raise InvalidInput(WRONG, fields={"code": WRONG})
        user.second_factor_since, user.second_factor_step = clock.now(), step
        codes = recovery.renew(session, user.id)
        end_sessions(session, user.id, but=who.session_id)
    log.info("second_factor_on", user_id=who.actor.user_id)
    return codes


def renew_codes(who: SignedIn, password: str, code: str, *, address: str) -> list[str]:
    """Ten new recovery codes; the old ones end. Raises as `switch_off` does."""
    user_id = proving.prove_again(who.email, password, address).user_id
    with writing() as session:
        _take_or_refuse(session, user_id, code)
        codes = recovery.renew(session, user_id)
        proving.forgive(session, who.email)
    log.info("recovery_codes_renewed", user_id=user_id)
    return codes


def switch_off(who: SignedIn, password: str, code: str, *, address: str) -> None:
    """Sign in with the password alone from now on; other sign-ins end.

    Raises `InvalidInput` (fields `present`, `code`) and `TooManyTries`.
    """
    user_id = proving.prove_again(who.email, password, address).user_id
    with writing() as session:
        _take_or_refuse(session, user_id, code)
        remove(session, _locked(session, user_id))
        proving.forgive(session, who.email)
        end_sessions(session, user_id, but=who.session_id)
    log.info("second_factor_off", user_id=user_id)


def take(session: Session, user_id: int, code: str) -> bool:
    """Use up a code, of the authenticator or for recovery, inside `writing()`; False where it is not good."""
    row = session.execute(
        select(User.second_factor_secret).where(User.id == user_id, User.second_factor_since.is_not(None))
    ).one_or_none()
    if row is None:
        return False
    secret = sealing.unseal(row.second_factor_secret or "", PURPOSE)
    step = totp.step_of(secret, code, clock.now()) if secret else None
    return recovery.take(session, user_id, code) if step is None else _take_step(session, user_id, step)


def remove(session: Session, user: User) -> None:
    """Take the second factor of `user` away, inside `writing()`: secret, codes and all."""
    user.second_factor_secret = user.second_factor_since = user.second_factor_step = None
    recovery.forget(session, user.id)


def give_up(user: User) -> None:
    """Forget what `user` has begun and not confirmed, inside `writing()`: it was by another password."""
    if user.second_factor_since is None:
        user.second_factor_secret = user.second_factor_step = None


def _begun(user: User) -> str | None:
    begun = user.second_factor_step
    if user.second_factor_since is not None or begun is None or not user.second_factor_secret:
        return None
    is_late = totp.step_at(clock.now()) - begun > STEPS_TO_CONFIRM
    return None if is_late else sealing.unseal(user.second_factor_secret, PURPOSE)


def _take_step(session: Session, user_id: int, step: int) -> bool:
    # One statement decides: of two who come with the same code at once, one gets in.
    taken = session.execute(
        update(User)
        .where(User.id == user_id, or_(User.second_factor_step.is_(None), User.second_factor_step < step))
        .values(second_factor_step=step)
        .returning(User.id)
    )
    return taken.scalar() is not None


def _take_or_refuse(session: Session, user_id: int, code: str) -> None:
    if not take(session, user_id, code):
        raise InvalidInput(WRONG, fields={"code": WRONG})


def _locked(session: Session, user_id: int) -> User:
    return session.scalars(select(User).where(User.id == user_id).with_for_update()).one()


def _id(who: SignedIn) -> int:
    if who.actor.user_id is None:
        raise NotBegun
    return who.actor.user_id
