"""Tokens: the secret of a sign-in, and the signed form of it that programs carry as a bearer."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from flask import current_app

from webapp import clock

AUDIENCE = ISSUER = "motorpool"
ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class Named:
    """Whom a bearer token names. `session_token` leads to the sign-in, so that ending it ends the token."""

    user_id: int
    session_token: str


def new_session_token() -> str:
    """A secret of 256 bits for a cookie or a bearer token."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What the database keeps of a token: its SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def bearer(user_id: int, session_token: str) -> str:
    """A JWT for `user_id`, good for `LIFETIME` while the sign-in of `session_token` lives."""
    issued: datetime = clock.now()
    claims = {
        "sub": str(user_id),
        "iat": issued,
        "exp": issued + LIFETIME,
        "jti": session_token,
        "aud": AUDIENCE,
        "iss": ISSUER,
    }
    return jwt.encode(claims, _key(), algorithm=ALGORITHM)


def read(bearer_token: str) -> Named | None:
    """Whom `bearer_token` names; None when it is forged, expired or meant for somebody else."""
    try:
        claims = jwt.decode(
            bearer_token,
            _key(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["sub", "iat", "exp", "jti", "aud", "iss"]},
        )
        return Named(int(claims["sub"]), str(claims["jti"]))
    except (jwt.InvalidTokenError, ValueError):
        return None


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
