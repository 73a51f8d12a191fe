"""What people are told while the database cannot be asked: to come back soon, and to look before trying again."""

import structlog
from flask import Flask, Response, g, render_template, request
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree

from webapp.db import db
from webapp.errors import answer_crash, problem, wants_json

SECONDS = 5
SENTENCE = "The database could not be reached just now. Look whether it was done before you try again."
log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Answer failures of the database with 503 where it was away, like any other crash where it was not."""
    app.register_error_handler(SQLAlchemyError, _answer)


def is_outage(error: SQLAlchemyError) -> bool:
    """Whether nothing is wrong with what was asked: a connection was lost, none could be had, or others held it."""
    if isinstance(error, NoneFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    is_busy = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
    # Without a statement it was connecting that failed.
    return error.connection_invalidated or error.statement is None or is_busy


def _answer(error: SQLAlchemyError) -> Response:
    # What draws the answer may look something up, which a failed transaction does not let it.
    db.session.rollback()
    # Where it was the person that could not be looked up, nobody is looked for again: it would take as long again.
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()
    if not is_outage(error):
        return answer_crash(error)
    log.error("database_away", exc_info=error)
    request_id = g.get("request_id", "")
    if wants_json():
        response = problem(503, "unavailable", SENTENCE, request_id=request_id)
    else:
        # Not the usual page: that says who is signed in, for which it would ask the database.
        template = "errors/_fragment.html" if request.headers.get("HX-Request") else "errors/away.html"
        body = render_template(template, sentence=SENTENCE, link=None, request_id=request_id)
        response = Response(body, status=503, mimetype="text/html")
    response.headers["Retry-After"] = str(SECONDS)
    return response
