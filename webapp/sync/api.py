"""JSON: which runs there were, and one more now."""

from flask import Blueprint, Response, jsonify, request

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.declared import declares
from webapp.jsonapi import Input, read_body, read_query
from webapp.sync import service, smartmoving_runs
from webapp.sync.models import RunKind
from webapp.sync.queries import run_as_json, runs
from webapp.sync.shapes import BegunJson, RunsJson

blueprint = Blueprint("sync_api", __name__, url_prefix="/api/sync")


class RunsQuery(Input):
    """Which runs: of both kinds, or of one, as looks at SmartMoving come so much more often."""

    kind: RunKind | None = None


class Wish(Input):
    """How a run is wanted. `override_guard`: accept reports with far fewer rows than last time, once."""

    override_guard: bool = False


@blueprint.get("/runs")
@requires(Permission.RUN_SYNCS)
@declares({200: RunsJson}, query=RunsQuery)
def list_runs() -> Response:
    """`{runs: [...]}`, newest first."""
    return jsonify(RunsJson(runs=runs(kind=read_query(RunsQuery).kind)))


@blueprint.post("/feeds")
@requires(Permission.RUN_SYNCS)
@declares({202: BegunJson}, body=Wish, is_body_needed=False, refuses=(409, 503))
def start_feeds() -> tuple[Response, int]:
    """Start a run in the background, or join the one that is going on: 202 `{run, is_joined}`."""
    # A body of unknown length comes in chunks; an empty one is no wish at all.
    wish = read_body(Wish) if request.get_data(cache=True) else Wish()
    begun = service.start("button", current_actor(), override_guard=wish.override_guard)
    return jsonify(BegunJson(run=run_as_json(begun.run_id), is_joined=begun.lease is None)), 202


@blueprint.post("/smartmoving")
@requires(Permission.RUN_SYNCS)
@declares({202: BegunJson}, refuses=(409, 503))
def start_smartmoving() -> tuple[Response, int]:
    """Bring the jobs in the background, or join the run that is going on: 202 `{run, is_joined}`; 503 without a key."""
    begun = smartmoving_runs.start("button", current_actor())
    return jsonify(BegunJson(run=run_as_json(begun.run_id), is_joined=begun.lease is None)), 202
