"""The sandbox as a Flask application: one blueprint for each thing it stands in for."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from jinja2 import StrictUndefined

from webapp.sandbox.control import control
from webapp.sandbox.fms_api import fms_api
from webapp.sandbox.fms_pages import fms_pages
from webapp.sandbox.report_pages import report_pages
from webapp.sandbox.settings import SandboxSettings
from webapp.sandbox.smartmoving.api import smartmoving_api
from webapp.sandbox.smartmoving.control import smartmoving_control
from webapp.sandbox.smartmoving.pages import smartmoving_pages
from webapp.sandbox.state import open_sandbox

# Another system's stand-in is one more blueprint here.
BLUEPRINTS = (fms_api, report_pages, fms_pages, control, smartmoving_api, smartmoving_control, smartmoving_pages)


def create_sandbox(settings: SandboxSettings) -> Flask:
    """The application with its database opened, and filled if it was empty. Serve it with `SandboxServer`."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the contract's order reads better
    app.jinja_env.undefined = StrictUndefined
    app.extensions["sandbox"] = open_sandbox(settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(refuse_foreign_forms)
    app.after_request(lambda answer: allow_frame(answer, settings.app_url))
    return app


def refuse_foreign_forms() -> None:
    """A page of another site may not press our buttons."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
        abort(403)


def allow_frame(answer: Response, app_url: str) -> Response:
    """Everything comes from here, except the calendar in the frame."""
    answer.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src {app_url}; "
        "frame-ancestors 'none'; base-uri 'none'",
    )
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer
