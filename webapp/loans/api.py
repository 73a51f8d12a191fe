"""JSON of requesting, unrequesting and deleting: the same services as the pages, answered for programs."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import Field

from webapp.accounts.access import current_actor, requires
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.declared import declares
from webapp.errors import problem
from webapp.jsonapi import Input, RowId, read_body
from webapp.loans import batches, requests
from webapp.loans.models import BatchKind, BatchRow, RowState
from webapp.loans.queries import batch
from webapp.loans.requests import How, Result
from webapp.loans.shapes import BatchJson, BatchRowJson, DeletedJson, RequestedJson, UnfinishedJson

api = Blueprint("loans_api", __name__, url_prefix="/api/fms")


class BulkBody(Input):
    """The loans of a bulk run, at most 100."""

    assignment_ids: list[RowId] = Field(max_length=batches.MOST)


def answer(result: Result, **members: Any) -> Response:
    """`result` as JSON: 200 done, 202 `uncertain`, 502 where FMS refused or failed."""
    members = {"message": result.message, "assignment_id": result.assignment_id, **members}
    if result.how is How.DONE:
        return jsonify(success=True, **members)
    return problem(result.http_status, result.code, result.message, success=False, **members)


@api.post("/create-vehicle-request/<int:assignment_id>")
@requires(Permission.PLAN_LOANS)
@declares({200: RequestedJson, 202: UnfinishedJson, 502: UnfinishedJson}, refuses=(409, 422))
def create_vehicle_request(assignment_id: int) -> Response:
    """Ask FMS for this loan."""
    result = requests.request(current_actor(), assignment_id)
    return answer(result, fms_request_id=result.fms_request_id)


@api.delete("/delete-vehicle-request/<int:assignment_id>")
@requires(Permission.PLAN_LOANS)
@declares({200: DeletedJson, 202: UnfinishedJson, 502: UnfinishedJson}, refuses=(409, 422))
def delete_vehicle_request(assignment_id: int) -> Response:
    """Delete this loan, and its request in FMS where there is one."""
    result = requests.delete(current_actor(), assignment_id)
    return answer(result, deleted_from_fms=result.how is How.DONE and result.fms_action is not None)


@api.post("/bulk-create-vehicle-requests")
@requires(Permission.PLAN_LOANS)
@declares({200: BatchJson}, body=BulkBody)
def bulk_create() -> Response:
    """Ask FMS for many loans; answers when all are done."""
    return _bulk(BatchKind.REQUEST)


@api.post("/bulk-unrequest-vehicle-requests")
@requires(Permission.PLAN_LOANS)
@declares({200: BatchJson}, body=BulkBody)
def bulk_unrequest() -> Response:
    """Take many requests back."""
    return _bulk(BatchKind.UNREQUEST)


@api.post("/bulk-delete-vehicle-requests")
@requires(Permission.PLAN_LOANS)
@declares({200: BatchJson}, body=BulkBody)
def bulk_delete() -> Response:
    """Delete many loans, with their requests."""
    return _bulk(BatchKind.DELETE)


def _bulk(kind: BatchKind) -> Response:
    actor = current_actor()
    return jsonify(run_to_the_end(actor, kind, read_body(BulkBody).assignment_ids))


def run_to_the_end(actor: Actor, kind: BatchKind, assignment_ids: Sequence[int]) -> BatchJson:
    """A bulk run and, when all of it is done, how each loan ended, as JSON tells it. Raises `InvalidInput`."""
    batch_id = batches.create(actor, kind, assignment_ids)
    batches.run(batch_id)
    progress = batch(actor, batch_id)
    counts = progress.counts
    return {
        "total": progress.total,
        "succeeded": counts[RowState.SUCCEEDED],
        "failed": counts[RowState.FAILED],
        "uncertain": counts[RowState.UNCERTAIN],
        "batch_id": batch_id,
        "results": [_row(row) for row in progress.rows],
    }


def _row(row: BatchRow) -> BatchRowJson:
    return {
        "assignment_id": row.assignment_id,
        "success": row.state == RowState.SUCCEEDED,
        "error": row.text or None,
        "fms_request_id": row.fms_request_id,
        "created_in_fms": row.created_in_fms,
        "deleted_from_fms": row.deleted_from_fms,
        "code": row.code or None,
    }
