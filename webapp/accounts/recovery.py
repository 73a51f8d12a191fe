"""Codes that stand in once each for a lost second factor: told once, kept as their SHA-256."""

import secrets

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import tokens
from webapp.accounts.models import RecoveryCode

HOW_MANY = 10
# No letters and digits that look alike. 25 of them are 123 bits, more than a bare hash needs to be safe.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 5, 5


def renew(session: Session, user_id: int) -> list[str]:
    """Ten fresh codes of a person, inside `writing()`; the ones before open nothing any more."""
    forget(session, user_id)
    codes = [_code() for _ in range(HOW_MANY)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_fingerprint(code)) for code in codes)
    return codes


def forget(session: Session, user_id: int) -> None:
    """Delete a person's codes, inside `writing()`."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def take(session: Session, user_id: int, code: str) -> bool:
    """Use up one of a person's codes, inside `writing()`; False where it is none, or used already."""
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == _fingerprint(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    return used.scalar() is not None


def left(session: Session, user_id: int) -> int:
    """How many codes a person has not used."""
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def _code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def _fingerprint(code: str) -> str:
    # As typed from paper: capitals, blanks and dashes do not matter.
    return tokens.fingerprint("".join(sign for sign in code.lower() if sign in LETTERS))
