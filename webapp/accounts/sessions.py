"""Sign-ins as rows: begun with a token, ended one by one or all at once."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts import tokens
from webapp.accounts.models import UserSession
from webapp.db import writing
from webapp.errors import NotFound


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


def end_own_session(user_id: int, session_id: int) -> None:
    """End one sign-in of a person's own. Raises `NotFound` for anybody else's."""
    with writing() as session:
        end_session(session, user_id, session_id)


def end_all_sessions(user_id: int) -> None:
    """End every sign-in of a person, bearer tokens included."""
    with writing() as session:
        end_sessions(session, user_id)


def end_session(session: Session, user_id: int, session_id: int) -> None:
    """End one sign-in of a person, inside somebody's writing transaction. Raises `NotFound` where they have no such."""
    found = session.get(UserSession, session_id)
    if found is None or found.user_id != user_id:
        raise NotFound
    _end(session, UserSession.id == session_id)


def end_sessions(session: Session, user_id: int, *, but: int | None = None) -> None:
    """End the sign-ins of a person, except session `but`, inside somebody's writing transaction."""
    conditions = [UserSession.user_id == user_id]
    if but is not None:
        conditions.append(UserSession.id != but)
    _end(session, *conditions)


def _end(session: Session, *conditions: object) -> None:
    session.execute(
        update(UserSession)
        .where(UserSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
        .values(ended_at=clock.now())
    )
