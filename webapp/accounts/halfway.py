"""Where a sign-in stands between its two steps: in our signed cookie, as there is no sign-in yet to keep it with."""

from datetime import UTC, datetime

from flask import session

from webapp.accounts.sign_in import Halfway

KEY = "halfway"


def hold(halfway: Halfway) -> None:
    """Have this browser be asked for a code."""
    session[KEY] = [halfway.user_id, halfway.email, halfway.mark, halfway.at.timestamp()]


def held() -> Halfway | None:
    """Whom this browser has proven the first step of, or None."""
    kept = session.get(KEY)
    if kept is None:
        return None
    user_id, email, mark, at = kept
    return Halfway(user_id, email, mark, datetime.fromtimestamp(at, UTC))


def drop() -> None:
    """Begin again from the password."""
    session.pop(KEY, None)
