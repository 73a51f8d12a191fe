"""The way in from FMS: a signed token, good for a minute and for one use, that opens a sign-in in its frame.

FMS signs with `EMBED_LAUNCH_SECRET` (HS256): `sub` the e-mail, `fms_user_id`, `iat`, `exp` at most a minute on, and
`jti`, which is used once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
import structlog
from flask import current_app
from jwt.types import Options
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import tokens
from webapp.accounts.models import UsedLaunch, User
from webapp.accounts.proving import normal_email
from webapp.accounts.sessions import begin_session
from webapp.accounts.sign_in import Halfway, halfway_of
from webapp.db import writing
from webapp.errors import Refusal

LONGEST = timedelta(seconds=60)
# FMS's clock and ours never agree wholly.
LEEWAY = timedelta(seconds=10)
# Times are checked by us, against our own clock and with a sentence for each.
OPTIONS: Options = {
    "require": ["sub", "iat", "exp", "jti"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
}
log = structlog.get_logger(__name__)


class LaunchRefused(Refusal):
    """FMS's token does not open anything; the person can still sign in by hand.

    `email` is whom the token is for where FMS did sign it, else empty.
    """

    status = 401
    code = "launch_refused"

    def __init__(self, sentence: str, email: str = "") -> None:
        super().__init__(f"{sentence} You can sign in here.")
        self.email = email


@dataclass(frozen=True)
class Ticket:
    """What a token of FMS's says, once its signature and its times are found right."""

    email: str
    fms_user_id: int | None
    token_id: str
    expires_at: datetime


def launch(token: str, *, address: str, browser: str) -> str | Halfway:
    """Open a sign-in for whom `token` names and return its token. Raises `LaunchRefused`; nothing is written then.

    FMS vouches for a person as a password does, and no further: who has a second factor still gives a code.
    """
    ticket = _read(token)
    with writing() as session:
        # Held: or a sign-in could begin beside the setting up of a second factor, which ends them all.
        user = session.scalar(select(User).where(User.email == ticket.email).with_for_update(key_share=True))
        if user is None or not user.is_active:
            log.info("launch_refused", reason="unknown" if user is None else "deactivated")
            raise LaunchRefused("FMS knows you, but you have no active account here. Ask an administrator for one.")
        if None not in (ticket.fms_user_id, user.fms_user_id) and ticket.fms_user_id != user.fms_user_id:
            log.info("launch_refused", reason="fms_user_id")
            raise LaunchRefused("FMS names another FMS user than your account here does. Ask an administrator.")
        _use_up(session, ticket)
        if user.second_factor_since is not None:
            return halfway_of(user)
        opened = begin_session(session, user.id, address=address, browser=browser)
    log.info("launched", user_id=user.id)
    return opened


def forget_used() -> None:
    """Delete the numbers of tokens that have run out anyway. Repeatable."""
    with writing() as session:
        session.execute(delete(UsedLaunch).where(UsedLaunch.expires_at < clock.now() - LEEWAY))


def _read(token: str) -> Ticket:
    secret = current_app.extensions["settings"].embed_launch_secret.get_secret_value()
    if not secret:
        raise LaunchRefused("Signing in by FMS is not set up here.")
    if not token:
        raise LaunchRefused("FMS sent nothing to sign you in with.")
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], options=OPTIONS)
        number = claims.get("fms_user_id")
        ticket = Ticket(
            email=normal_email(str(claims["sub"])),
            fms_user_id=None if number is None else int(number),
            token_id=str(claims["jti"]),
            expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
        )
        issued_at = datetime.fromtimestamp(int(claims["iat"]), UTC)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError):
        log.info("launch_refused", reason="not_signed")
        raise LaunchRefused("What FMS sent to sign you in is not valid.") from None
    _check_times(ticket, issued_at)
    return ticket


def _check_times(ticket: Ticket, issued_at: datetime) -> None:
    now = clock.now()
    if not ticket.token_id or ticket.expires_at - issued_at > LONGEST or issued_at > now + LEEWAY:
        log.info("launch_refused", reason="times")
        raise LaunchRefused("What FMS sent to sign you in is not valid.", ticket.email)
    if now > ticket.expires_at + LEEWAY:
        log.info("launch_refused", reason="expired")
        raise LaunchRefused(
            "This way in from FMS has run out: it is good for a minute. Open it from FMS again.", ticket.email
        )


def _use_up(session: Session, ticket: Ticket) -> None:
    session.add(UsedLaunch(token_hash=tokens.fingerprint(ticket.token_id), expires_at=ticket.expires_at))
    try:
        session.flush()
    except IntegrityError:
        log.info("launch_refused", reason="replayed")
        raise LaunchRefused(
            "This way in from FMS has been used already. Open it from FMS again.", ticket.email
        ) from None
