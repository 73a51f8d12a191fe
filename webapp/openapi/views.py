"""`/openapi.json` for programs, `/docs` for people: the whole description, to everybody who is signed in."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template

from webapp.accounts.access import any_role
from webapp.declared import declares
from webapp.openapi.description import described
from webapp.openapi.page import read_page

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
@any_role
@declares({200: dict[str, Any]})
def openapi() -> Response:
    """This description: OpenAPI 3.1."""
    return jsonify(described(current_app))


@blueprint.get("/docs")
@any_role
def docs() -> str:
    """The description to read."""
    return render_template("openapi/docs.html", page=read_page(described(current_app)))
