"""JSON of the ledger and of how FMS is configured; secrets are told by their length only."""

from flask import Blueprint, Response, current_app, jsonify
from pydantic import Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.db import LARGEST
from webapp.declared import declares
from webapp.fms.models import State
from webapp.fms.queries import MOST_PER_PAGE, PER_PAGE, LedgerFilter, as_json, ledger_page
from webapp.fms.shapes import ConfigJson, OperationsJson
from webapp.jsonapi import Input, read_query

api = Blueprint("fms_api", __name__, url_prefix="/api/fms")


class OperationsQuery(Input):
    """Which operations to list; `per_page` above 200 is taken as 200."""

    state: State | None = None
    assignment_id: int | None = Field(None, ge=-LARGEST, le=LARGEST)
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(PER_PAGE, ge=1)


@api.get("/config")
@requires(Permission.RUN_SYNCS)
@declares({200: ConfigJson})
def config() -> Response:
    """Which FMS is in use, and whether a token is set."""
    settings = current_app.extensions["settings"]
    token = settings.fms_token.get_secret_value()
    found = ConfigJson(
        environment=settings.fms_environment,
        base_url=settings.fms_url,
        requestor_id=settings.fms_requestor_id,
        token_configured=bool(token),
        token_length=len(token),
    )
    return jsonify(found)


@api.get("/operations")
@requires(Permission.READ_AUDIT)
@declares({200: OperationsJson}, query=OperationsQuery)
def operations() -> Response:
    """The ledger, newest first."""
    query = read_query(OperationsQuery)
    wanted = LedgerFilter(state=query.state, assignment_id=query.assignment_id)
    page = ledger_page(current_actor(), wanted, query.page, min(query.per_page, MOST_PER_PAGE))
    found = OperationsJson(
        operations=[as_json(operation) for operation in page.operations],
        page=page.number,
        per_page=page.per_page,
        total=page.total,
    )
    return jsonify(found)
