"""Inside the FMS frame: an address with `?embedded=1` slims the pages for the rest of the session."""

from flask import Flask, request, session

KEY = "embedded"


def register(app: Flask) -> None:
    """Notice the wish on every request, also on one that is then sent to the login page."""
    app.before_request(_notice)


def is_embedded() -> bool:
    """Whether this browser's session shows us inside the frame."""
    return bool(session.get(KEY))


def remember() -> None:
    """Show the slim pages from now on."""
    session[KEY] = True


def _notice() -> None:
    wish = request.args.get("embedded")
    if wish in {"1", "true"}:
        remember()
    elif wish in {"0", "false"}:
        session.pop(KEY, None)
